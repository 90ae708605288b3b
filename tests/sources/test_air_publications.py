"""Publications of air: each known by its content, its quirks undone, every row with a fate."""

from __future__ import annotations

import gzip
import shutil
from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from checks.conservation import lost_rows
from sources.inbox import describe
from sources.outcome import Reading, Refusal
from sources.reading import read_file

DATA = Path(__file__).resolve().parents[1] / "data" / "air" / "publications"
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "air"
JOINED = "values stand in the record of the hour's first row"
RUNNING = "running value of 24 hours, which follows from the hours"


def read(path: Path) -> Reading:
    reading = read_file(describe(path, "air_readings"))
    assert not lost_rows(reading)
    return reading


def asides(reading: Reading) -> dict[str, int]:
    return dict(reading.set_aside.group_by("reason").len().iter_rows())


def one(reading: Reading, **where: Any) -> dict[str, Any]:
    (row,) = reading.records.filter(**where).rows(named=True)
    return row


@pytest.mark.parametrize(
    ("name", "series", "records", "aside"),
    [
        ("cnemc.geojson", "cnemc_air_geojson", 8, {"header": 1, "no value reported": 1}),
        ("cnemc_mixed_hours.xml", "cnemc_air_snapshot", 8, {"header": 1}),
        ("pm25in_dump.json", "pm25in_dump", 14, {"header": 1, "no value reported": 4}),
        ("无锡.csv", "pm25in_hourly", 21, {"header": 1}),
        ("sansha.csv", "pm25in_hourly", 12, {"header": 1}),
        ("pm25in_ranked.csv", "pm25in_ranked_hour", 5, {"header": 1, "no value reported": 2}),
        ("aqistudy_daily_yixing.csv", "aqistudy_daily", 17, {"no value reported": 1}),
        ("aqistudy_monthly_yixing.csv", "aqistudy_monthly", 5, {}),
        ("beijing_all.csv", "beijing_hourly_all", 64, {"header": 1, JOINED: 8}),
        ("beijing_extra.csv", "beijing_hourly_extra", 62, {"header": 1, JOINED: 6, RUNNING: 8}),
    ],
)
def test_a_publication_is_known_by_its_content(
    tmp_path: Path, name: str, series: str, records: int, aside: dict[str, int]
) -> None:
    for told in (name, "a.dat"):  # the name says nothing
        shutil.copy(DATA / name, tmp_path / told)
        reading = read(tmp_path / told)
        assert (reading.series, reading.records.height, reading.refused.height) == (series, records, 0)
        assert asides(reading) == aside
        assert reading.published_at_from == "content"
        assert reading.published_at == reading.records["period_end"].max()


def test_geojson_is_a_series_of_its_own_with_the_same_hour() -> None:
    row = one(read(DATA / "cnemc.geojson"), station_code="1001A")
    assert (row["o3"], row["o3_8h"], row["published_aqi"], row["published_primary"]) == (164, 132, 55, "o3")
    assert row["period_end"] == datetime(2017, 7, 7, 16)


def test_one_snapshot_may_hold_two_hours() -> None:
    hours = read(DATA / "cnemc_mixed_hours.xml").records["period_end"]
    assert Counter(hours.dt.hour()) == {13: 5, 14: 3}


def test_the_dump_reads_zero_as_missing_the_z_as_nothing_and_flags_what_is_stale() -> None:
    reading = read(DATA / "pm25in_dump.json")
    values = reading.records.select("pm25", "pm10", "so2", "no2", "co", "o3", "published_aqi")
    assert all((values[name] > 0).fill_null(True).all() for name in values.columns)
    assert one(reading, station_code="1001A")["pm10"] is None
    stale = reading.records.filter(flags="stale")
    assert stale["period_end"].max() == datetime(2016, 1, 8, 8)
    assert set(reading.records.filter(pl.col("flags").is_null())["period_end"]) == {datetime(2016, 1, 9, 7)}


def test_tied_pollutants_stand_in_cells_with_line_breaks() -> None:
    reading = read(DATA / "无锡.csv")
    tied = reading.records.filter(pl.col("published_primary").str.contains(","))
    assert tied["published_primary"].unique().to_list() == ["pm10,pm25"]
    assert tied["source_row"].to_list() == sorted(tied["source_row"].to_list()) and tied.height == 3
    assert reading.records["area_name"].unique().to_list() == ["无锡"]
    row = reading.records.row(0, named=True)
    assert (row["period_end"], row["station_code"], row["o3"]) == (datetime(2020, 4, 2, 20), "曹张", 69)


def test_an_hour_that_every_crawl_repeats_is_flagged_and_others_are_not() -> None:
    assert read(DATA / "sansha.csv").records["flags"].to_list() == ["stale"] * 12
    assert read(DATA / "无锡.csv").records["flags"].null_count() == 21


def test_stations_of_the_same_name_stay_apart() -> None:
    records = read(DATA / "pm25in_ranked.csv").records
    assert records.filter(station_name="监测站").height == 3 and records["station_code"].n_unique() == 5


def test_aqistudy_has_no_header_and_its_ozone_is_of_one_hour() -> None:
    reading = read(DATA / "aqistudy_daily_yixing.csv")
    row = one(reading, source_row=1)
    assert (row["station_code"], row["site_kind"], row["averaging"]) == ("320282", "city", "24h")
    assert (row["period_end"], row["o3"], row["o3_8h"]) == (datetime(2014, 1, 1), 102, None)
    assert row["co"] == Decimal("1.789") and reading.records["o3"].null_count() == 3
    month = read(DATA / "aqistudy_monthly_yixing.csv").records.row(1, named=True)
    assert (month["averaging"], month["period_end"]) == ("month", datetime(2014, 2, 1))


def test_a_city_that_is_not_listed_is_refused_by_record(tmp_path: Path) -> None:
    text = (DATA / "aqistudy_daily_yixing.csv").read_text("utf-8-sig").replace("宜兴", "无名", 1)
    (tmp_path / "a.csv").write_text(text, "utf-8")
    reading = read(tmp_path / "a.csv")
    assert reading.refused["rule"].to_list() == ["required:station_code"]
    assert reading.records.height == 16 and "无名" in reading.refused["raw"].item()


def test_beijing_hours_become_one_record_a_station_and_hour() -> None:
    particles, gases = read(DATA / "beijing_all.csv"), read(DATA / "beijing_extra.csv")
    row = one(particles, station_code="东四", period_end=datetime(2014, 6, 1, 1))
    assert (row["pm25"], row["pm25_24h"], row["pm10"]) == (Decimal("71.4"), Decimal("108.7"), None)
    assert (row["published_aqi"], row["source_row"]) == (143, 2)
    # Hour 23 of a date ends with it; its record is placed at its own first row.
    last = one(particles, station_code="东四", period_end=datetime(2014, 6, 2))
    assert last["source_row"] == 7
    gas = one(gases, station_code="东四", period_end=datetime(2014, 6, 1, 1))
    assert (gas["so2"], gas["o3"], gas["pm25"]) == (Decimal("3.4"), Decimal("116.2"), None)
    assert particles.records.group_by("source_row").agg(pl.col("record_no").n_unique() == pl.len())["record_no"].all()


def test_a_type_that_is_not_known_is_refused_and_the_rest_stays(tmp_path: Path) -> None:
    text = (DATA / "beijing_all.csv").read_text("utf-8")
    (tmp_path / "a.csv").write_text(text.replace(",PM10,", ",PM1,", 1), "utf-8")
    reading = read(tmp_path / "a.csv")
    assert reading.refused["rule"].to_list() == ["code:averaging"]
    assert '"PM1"' in reading.refused["reason"].item() and reading.records.height == 64


def test_two_kinds_of_hours_in_one_file_are_refused(tmp_path: Path) -> None:
    gases = (DATA / "beijing_extra.csv").read_text("utf-8").splitlines(keepends=True)[1:]
    (tmp_path / "a.csv").write_text((DATA / "beijing_all.csv").read_text("utf-8") + "".join(gases), "utf-8")
    with pytest.raises(Refusal, match="particles and gases in one file"):
        read(tmp_path / "a.csv")


def test_gzip_html_and_nothing_under_the_name_of_a_table(tmp_path: Path) -> None:
    packed = tmp_path / "beijing_all_20141231.csv"
    packed.write_bytes(gzip.compress((DATA / "beijing_all.csv").read_bytes()))
    assert read(packed).records.height == 64
    page = "<html><h1>Not Found</h1><p>The resource could not be found.</p></html>"
    for name, text, told in (("a.csv", page, 'a web page titled "Not Found"'), ("b.csv", "", "an empty file")):
        (tmp_path / name).write_text(text)
        with pytest.raises(Refusal, match=told):
            read(tmp_path / name)


def test_a_header_that_lies_is_refused_and_the_rule_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="rule labels_fit_values"):
        read(DATA / "shifted_header.csv")
    rows = ["日期,质量等级,AQI,PM2.5,PM10,SO2,NO2,CO,O3,城市", "2025-01-01,良,76,55,101,8,46,0.70,60,南京"]
    (tmp_path / "a.csv").write_text("\n".join(rows) + "\n", "utf-8")
    row = read(tmp_path / "a.csv").records.row(0, named=True)
    assert (row["station_code"], row["pm25"], row["co"]) == ("320100", 55, Decimal("0.7"))


def test_a_negative_value_is_taken_out_and_named_and_the_others_stay(tmp_path: Path) -> None:
    text = "station_code,period_end,averaging,site_kind,so2,pm25\nA,2020-01-01 01:00,1h,station,-3.5,40\n"
    (tmp_path / "a.csv").write_text(text)
    for path, item in ((tmp_path / "a.csv", "so2=-3.5"), (tmp_path / "b.csv", "pm25=-71.4")):
        if not path.exists():
            path.write_text((DATA / "beijing_all.csv").read_text("utf-8").replace("PM2.5,71.4", "PM2.5,-71.4", 1))
        row = read(path).records.row(0, named=True)
        assert row["flags"] == f"negative:{item}" and row[item.partition("=")[0]] is None
        assert row["pm25"] == 40 or row["pm25_24h"] == Decimal("108.7")


#: series → files, records, rows set aside, flagged records; of the whole shared folder.
WHOLE = {
    "aqistudy_daily": (34, 37_340, 282, 0),
    "aqistudy_monthly": (34, 1_278, 9, 0),
    "beijing_daily": (1, 1_787, 1, 0),
    "beijing_hourly_all": (363, 293_519, 34_772, 0),
    "beijing_hourly_extra": (270, 214_723, 44_471, 0),
    "cnemc_air_geojson": (1, 1_463, 33, 0),
    "cnemc_air_snapshot": (2, 2_911, 62, 0),
    "pm25in_dump": (1, 1_450, 80, 4),
    "pm25in_hourly": (9, 5_854, 1_404, 12 + 1_078 + 576),  # stale; dead stations of 天津 and of 常州
    "pm25in_ranked_hour": (1, 305, 55, 0),
}
REFUSED = {
    "beijing_all_20161230.csv": "an empty file",
    "beijing_extra_20161230.csv": "an empty file",
    "beijing_all_20170530.csv": "a web page",
    "beijing_all_20170704.csv": "a web page",
    "南京.csv": "labels_fit_values",
}


@pytest.mark.skipif(not SHARED.is_dir(), reason="no whole publications: the shared data folder is not present")
def test_every_file_of_the_shared_folder_is_read_or_refused_by_name() -> None:
    counts: dict[str, list[int]] = {}
    refused: dict[str, str] = {}
    files = [path for path in sorted(SHARED.rglob("*")) if path.suffix in (".csv", ".json", ".xml")]
    for path in files:
        try:
            reading = read(path)
        except Refusal as refusal:
            refused[path.name] = str(refusal.problem)
            continue
        assert reading.refused.height == 0
        flagged = reading.records["flags"].count()
        rows = (1, reading.records.height, reading.set_aside.height, flagged)
        total = counts.setdefault(reading.series, [0, 0, 0, 0])
        counts[reading.series] = [have + new for have, new in zip(total, rows, strict=True)]
    assert {series: tuple(found) for series, found in counts.items()} == WHOLE
    assert refused.keys() == REFUSED.keys() and all(told in refused[name] for name, told in REFUSED.items())
    assert len(files) == 721 == sum(found[0] for found in counts.values()) + len(refused)
