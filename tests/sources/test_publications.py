"""Each publication on its real extract in samples/inbox: exact counts, checked rows, every row's fate."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from sources.feeds import FEEDS
from sources.inbox import describe, scan
from sources.outcome import REFUSED_SCHEMA, SET_ASIDE_SCHEMA, Reading
from sources.reading import read_file

PROJECT = Path(__file__).resolve().parents[2]
INBOX = PROJECT / "samples" / "inbox"
CASES = PROJECT / "tests" / "data" / "sources"


@cache
def read(name: str) -> Reading:
    return next(read_file(file) for file in scan(INBOX, {}).files if f"{file.feed}/{file.name}" == name)


def asides(reading: Reading) -> dict[str, int]:
    return dict(reading.set_aside.group_by("reason").len().iter_rows())


def one(reading: Reading, **where: object) -> dict[str, object]:
    """The single record with these values."""
    found = reading.records.filter(**where)
    assert found.height == 1, found
    return found.row(0, named=True)


NAMES = [f"{file.feed}/{file.name}" for file in scan(INBOX, {}).files]


@pytest.mark.parametrize("name", NAMES)
def test_every_row_of_every_bundled_file_has_its_fate_and_its_type(name: str) -> None:
    reading = read(name)
    feed = FEEDS[reading.file.feed]
    assert reading.rows_read == reading.records.height + reading.refused.height + reading.set_aside.height
    assert reading.refused.height == 0
    assert {column.name: reading.records.schema[column.name] for column in feed.columns} == {
        column.name: column.polars_type for column in feed.columns
    }
    assert dict(reading.refused.schema) == REFUSED_SCHEMA and dict(reading.set_aside.schema) == SET_ASIDE_SCHEMA
    seen = pl.concat([frame.select("source_sheet", "source_row") for frame in (reading.records, reading.set_aside)])
    rows = [(sheet, row) for sheet, frame in reading.sheets.items() for row in frame["source_row"]]
    assert set(seen.iter_rows()) == set(rows)
    key = reading.records.select("source_sheet", "source_row", "record_no")
    assert key.is_unique().all() and (key["record_no"] >= 1).all()
    assert not reading.records.join(reading.set_aside, on=["source_sheet", "source_row"], how="semi").height


def test_the_inbox_holds_no_strays_and_stays_small() -> None:
    assert scan(INBOX, {}).strays == ()
    assert sum(file.size for file in scan(INBOX, {}).files) < 2 * 1024 * 1024
    assert all((INBOX / feed / "_README.md").is_file() for feed in {name.split("/")[0] for name in NAMES})


def test_national_sampling_table_adds_up() -> None:
    reading = read("pass_rates/samr_2019h2_by_category.txt")
    records = reading.records
    assert (reading.series, records.height) == ("samr_category_table", 36)
    categories = records.filter(pl.col("category") != "all")
    assert categories.select("inspected", "passed", "failed").sum().row(0) == (3_673_579, 3_591_644, 81_935)
    total = one(reading, category="all")
    assert (total["inspected"], total["passed"], total["published_fail_rate"]) == (
        3_673_579,
        3_591_644,
        Decimal("2.2"),
    )
    assert records.select("period_start", "period_end", "region_code", "programme", "counted").unique().row(0) == (
        date(2019, 7, 1), date(2019, 12, 31), "000000", "food_sampling", "batch",
    )  # fmt: skip


def test_spot_checks_are_counted_and_their_quirks_mended() -> None:
    reading = read("spot_checks/cn_2021_h2_additives_20230718.csv")
    records = reading.records
    assert records.group_by("verdict").len().sort("verdict").rows() == [("fail", 28), ("pass", 272)]
    assert (reading.published_at, reading.published_at_from) == (datetime(2023, 7, 18), "file name")
    first = records.row(0, named=True)
    assert (first["product_name"], first["category"], first["subcategory"]) == (
        "百肉香(膏体状)",
        "食品添加剂",
        "食品添加剂",
    )
    assert (first["publisher"], first["producer_name"]) == ("山东市场监管局", "青岛金百合调味香料有限公司")
    assert first["production_date"] is None, "the collector repeats the day of publication"
    assert first["published_on"] == date(2021, 6, 15)
    assert records["programme"].unique().to_list() == ["food_sampling"]
    assert records["sample_id"].null_count() == records.height


def test_repeated_rows_are_samples_of_their_own() -> None:
    """Whole rows that stand again in the file, counted on the raw text."""
    reading = read("spot_checks/cn_2021_h2_additives_20230718.csv")
    raw = reading.sheets[""].slice(1).drop("source_row")
    assert reading.records.filter(pl.col("repeat_no") > 1).height == raw.height - raw.unique().height
    assert reading.records["_identity"].n_unique() == reading.records.height


def test_spot_checks_without_a_source_column_and_in_gb18030() -> None:
    plain = read_file(describe(CASES / "spot_checks_16col.csv", "spot_checks"))
    assert (plain.records.height, plain.records["publisher"][0]) == (5, "黑龙江市场监管局")
    chinese = read_file(describe(CASES / "spot_checks_gb18030.csv", "spot_checks"))
    assert chinese.records.select("item_name", "item_unit", "result_text", "limit_text").row(0) == (
        "镉", "mg/kg", "0.13", "≤0.1mg/kg",
    )  # fmt: skip


def test_water_snapshot_gives_unrounded_and_displayed_values() -> None:
    reading = read("water_samples/2020-07-15.json")
    assert reading.records["source_row"].n_unique() + reading.set_aside.height - 1 == 98
    assert asides(reading) == {"header": 1, "no value reported": 33}
    record = one(reading, station_code="沿河城", determinand="water_temperature")
    assert (record["value"], record["value_shown"], record["value_text"]) == (
        Decimal("24.28271"), Decimal("24.3"), "24.28271",
    )  # fmt: skip
    assert (record["river_name"], record["published_class"], record["unit"]) == ("永定河", "4", "degC")
    assert record["sampled_at"] == datetime(2020, 7, 15, 8)
    filtered = reading.records.filter(station_code="大伙房水库")["determinand"].to_list()
    assert "chlorophyll_a" not in filtered and "total_nitrogen" in filtered


def test_water_section_file_gives_a_record_per_determinand() -> None:
    reading = read("water_samples/兰山嘴_2021-04.csv")
    assert reading.records.height == 28 * 11
    where = {"sampled_at": datetime(2021, 4, 1, 8), "determinand": "total_phosphorus"}
    record = one(reading, **where)
    assert (record["value"], record["unit"], record["published_class"]) == (Decimal("0.108"), "mg/L", "5")
    assert record["value_text"] == "0.108"
    numbers = reading.records.filter(source_row=2)["record_no"].to_list()
    assert numbers == list(range(1, 12))


def test_air_snapshot_holds_all_stations_and_the_right_ozone() -> None:
    reading = read("air_readings/201707071644_data.xml.gz")
    assert reading.records.height + asides(reading)["no value reported"] == 1495
    assert reading.records["published_aqi"].count() == 1462
    assert (reading.published_at, reading.published_at_from) == (datetime(2017, 7, 7, 16), "content")
    yixing = reading.records.filter(area_name="宜兴市").sort("station_code")
    assert yixing.select("station_code", "station_name", "pm25", "o3").rows() == [
        ("2002A", "宜兴市环保局", Decimal(14), Decimal(63)),
        ("2003A", "宜园", Decimal(12), Decimal(60)),
    ]
    # Dingling prints O3 = 179 (the running maximum) and O3_24h = 160 (the hour): IAQI 50, as published.
    dingling = one(reading, station_code="1002A")
    assert (dingling["o3"], dingling["published_aqi"], dingling["published_primary"]) == (
        Decimal(160),
        50,
        None,
    )


def test_primary_pollutants_become_codes() -> None:
    reading = read("air_readings/201707071644_data.xml.gz")
    words = set(",".join(reading.records["published_primary"].drop_nulls()).split(","))
    assert words <= {"so2", "no2", "pm10", "pm25", "co", "o3"}
    assert reading.records["published_primary"].str.contains(",").any()


def test_beijing_days_end_at_midnight_and_zero_pm10_is_missing() -> None:
    records = read("air_readings/air_train&test.csv").records
    assert (records.height, records["pm10"].null_count()) == (1787, 35)
    assert records["period_end"].min() == datetime(2013, 12, 3) and records["period_end"].max() == datetime(2018, 11, 1)
    year = records.filter((pl.col("period_end") - pl.duration(days=1)).dt.year() == 2017)
    assert year.filter(pl.col("published_aqi") <= 100).height == 226


def test_energy_inventory_sectors_sum_to_the_printed_total() -> None:
    reading = read("energy_use/province_energy_inventory_2012.xlsx")
    final = reading.records.filter(flow="final")
    sectors = final.filter(pl.col("consumer") != "all")
    assert sectors.group_by("region_code").agg(pl.col("consumer").n_unique())["consumer"].unique().to_list() == [47]
    keys = ["region_code", "fuel"]
    sums = (
        sectors.group_by(keys)
        .agg(pl.col("quantity").sum())
        .join(final.filter(consumer="all").select(*keys, total="quantity"), on=keys)
    )
    assert sums.height == 30 * 20
    assert sums.filter((pl.col("quantity") - pl.col("total")).abs() > Decimal("0.000001")).height == 0
    feed_key = ["region_code", "period", "consumer", "fuel", "flow"]
    assert reading.records.select(feed_key).is_unique().all()


def test_energy_inventory_flows_units_and_provinces() -> None:
    reading = read("energy_use/province_energy_inventory_2012.xlsx")
    jiangsu = {"region_code": "320000", "period": "2012", "fuel": "raw_coal", "consumer": "all"}
    assert one(reading, **jiangsu, flow="final")["quantity"] == Decimal("4963.2")
    assert one(reading, **jiangsu, flow="total")["quantity"] == Decimal("25402.2")
    assert one(reading, **jiangsu, flow="non_energy")["quantity"] == Decimal("470.45")
    assert one(reading, **jiangsu, flow="transformation")["quantity"] == Decimal(20439)
    power = one(reading, **(jiangsu | {"consumer": "Thermal Power"}), flow="transformation")
    assert (power["quantity"], power["unit"]) == (Decimal("15723.65"), "10^4 t")
    assert one(reading, **(jiangsu | {"fuel": "heat"}), flow="final")["unit"] == "10^10 kJ"
    assert asides(reading)["derived share"] == 30


def test_accounts_of_both_layouts_agree_on_jiangsu() -> None:
    line = read("economic_accounts/gdp_province_2006_2024_gb18030.csv")
    name = read("economic_accounts/gdp_province_2011_2022.csv")
    assert (line.series, line.records.height) == ("nbs_province_20y", 31 * 19)
    assert (name.series, name.records.height) == ("nbs_province_2011_2022", 31 * 12)
    for reading in (line, name):
        record = one(reading, region_code="320000", period="2012")
        assert (record["value"], record["unit"], record["account"]) == (
            Decimal("54658.4"),
            "10^8 yuan",
            "gdp_current",
        )
    assert asides(line) == {"preface": 3, "header": 1, "footer": 2}


@pytest.mark.parametrize(
    ("name", "account", "unit", "jiangsu_2012"),
    [
        ("gdp_index_province_2011_2022", "gdp_index_previous_year", "index", "110.2"),
        ("population_province_2011_2022", "population_year_end", "10^4 persons", "8120"),
        ("secondary_industry_province_2011_2022", "secondary_industry_value_added", "10^8 yuan", "27150.8"),
    ],
)
def test_the_indicator_is_taken_from_the_file_name_as_a_last_resort(
    name: str, account: str, unit: str, jiangsu_2012: str
) -> None:
    reading = read(f"economic_accounts/{name}.csv")
    assert reading.records.height == 31 * 12 and reading.records["region_code"].n_unique() == 31
    record = one(reading, region_code="320000", period="2012")
    assert (record["account"], record["unit"], record["value"]) == (account, unit, Decimal(jiangsu_2012))


def test_published_figures_keep_both_vintages_and_mark_bounds() -> None:
    reading = read("statistical_returns/published_figures.csv")
    assert reading.records.height == 211
    gdp = reading.records.filter(indicator_code="gdp_current", region_code="320282", period="2016")
    assert sorted(gdp["value"]) == [Decimal("1377.74"), Decimal("1379.4")]
    key = ["indicator_code", "region_code", "period", "stratum"]
    assert reading.records.select(key).is_unique().all()
    bounds = reading.records.filter("lower_bound")
    assert bounds.height == reading.records["remark"].str.starts_with("MORE THAN").sum() > 0
    assert (
        reading.records.filter(indicator_code="gdp_current", region_code="320282", period="2014")["stratum"].item()
        == "all"
    )


def test_regions_are_valid_from_the_end_of_the_year_of_their_first_list() -> None:
    reading = read("regions/regions.csv")
    assert reading.records.height == 51
    old = one(reading, code="329011")
    assert (old["valid_from"], old["valid_to"]) == (date(1988, 12, 31), date(1990, 12, 31))
    assert one(reading, code="320282100")["valid_from"] == date(1, 1, 1)
    assert one(reading, code="320282003")["valid_from"] == date(2007, 4, 30)
    assert one(reading, code="320282111")["valid_to"] == date(2015, 9, 30)
    assert one(reading, code="000000")["level"] == "country"
    assert reading.records.filter(level="town").height + reading.records.filter(level="subdistrict").height == 19


def test_stations_say_where_their_type_comes_from() -> None:
    records = read("stations/stations_lake_tai_and_wuxi.csv").records
    water = records.filter(medium="water")
    assert water.filter(pl.col("type_origin").str.starts_with("inferred")).height == water.height == 24
    assert set(records.filter(region_code="320282")["code"]) == {"2002A", "2003A"}
