"""Quirks of publications that the bundled extracts do not show, in small made-up files of their layout."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from sources.adapters import ADAPTERS, also_reading
from sources.adapters.canonical import CANONICAL
from sources.feeds import FEEDS
from sources.inbox import scan
from sources.outcome import Reading, Refusal
from sources.reading import read_file

WATER = (
    "省份,流域,断面名称,监测时间,水质类别,水温(℃),pH(无量纲),溶解氧(mg/L),电导率(μS/cm),浊度(NTU),"
    "高锰酸盐指数(mg/L),氨氮(mg/L),总磷(mg/L),总氮(mg/L),叶绿素α(mg/L),藻密度(cells/L),站点情况"
)
VALUES = "17.3,7.74,8.56,483.0,86.9,3.74,0.109,0.108,2.95,0.007,5161140,正常"
NOTHING = "--,--,--,--,--,--,--,--,--,*,*,维护"


def read(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Reading:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return read_file(scan(folder, {}).files[0])


def water(folder: Path, name: str, *times: str) -> Reading:
    rows = [f"江苏省,太湖流域,兰山嘴,{time},Ⅳ,{VALUES}" for time in times]
    return read(folder, f"water_samples/{name}", "\n".join([WATER, *rows, ""]))


def test_the_year_comes_from_the_folder_and_other_months_are_stale(tmp_path: Path) -> None:
    reading = water(tmp_path, "2021-04/兰山嘴.csv", "04-01 08:00", "03-31 20:00", "05-01 00:00", "04-30 20:00")
    sampled = reading.records["sampled_at"].unique().sort().to_list()
    assert sampled == [datetime(2021, 4, 1, 8), datetime(2021, 4, 30, 20)]
    stale = reading.set_aside.filter(reading.set_aside["reason"].str.starts_with("stale"))
    assert stale["source_row"].to_list() == [3, 4]


def test_sections_of_one_name_in_two_provinces_do_not_become_one(tmp_path: Path) -> None:
    rows = [f"{province},流域,{name},04-01 08:00,Ⅳ,{VALUES}" for province, name in (
        ("辽宁省", "江桥"), ("江苏省", "同名"), ("安徽省", "同名"), ("江苏省", "兰山嘴")
    )]  # fmt: skip
    found = read(tmp_path, "water_samples/2021-04.csv", "\n".join([WATER, *rows, ""])).records
    assert found["station_code"].unique(maintain_order=True).to_list() == [
        "江桥（辽宁省）", "同名（江苏省）", "同名（安徽省）", "兰山嘴",
    ]  # fmt: skip
    assert found["station_name"].unique(maintain_order=True).to_list() == ["江桥", "同名", "兰山嘴"]


def test_water_times_without_any_date_are_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="put the date of the data into the name"):
        water(tmp_path, "兰山嘴.csv", "04-01 08:00")


def test_rows_without_values_are_set_aside_and_values_without_time_refused(tmp_path: Path) -> None:
    rows = [f"江苏省,太湖流域,百渎港桥,*,*,{NOTHING}", f"江苏省,长江流域,夏仕港大桥,--,Ⅱ,{VALUES}"]
    reading = read(tmp_path, "water_samples/a_2021-04.csv", "\n".join([WATER, *rows, ""]))
    assert reading.set_aside["reason"].to_list() == ["header", "no value reported"]
    assert reading.refused["rule"].unique().to_list() == ["required:sampled_at"]
    assert (reading.refused.height, reading.rows_read) == (11, 13)


@pytest.mark.parametrize("heading", ["*", "^.*$"])
def test_a_heading_that_looks_like_a_pattern_is_a_heading(tmp_path: Path, heading: str) -> None:
    text = "\n".join([WATER.replace("氨氮(mg/L)", heading), f"江苏省,太湖流域,兰山嘴,04-01 04:00,Ⅳ,{VALUES}", ""])
    determinands = read(tmp_path, "water_samples/兰山嘴_2021-04.csv", text).records["determinand"]
    assert determinands.len() == determinands.n_unique() == 10


def test_a_reading_that_a_later_row_leaves_out_is_withdrawn_and_counted(tmp_path: Path) -> None:
    reviewed = VALUES.replace("3.74,0.109", "--,0.109")
    rows = [
        f"江苏省,太湖流域,兰山嘴,{time},{rest}"
        for time, rest in (
            ("04-01 04:00", f"Ⅳ,{VALUES}"),
            ("04-01 08:00", f"Ⅳ,{VALUES}"),
            ("04-01 04:00", f"*,{reviewed}"),
            ("--", f"Ⅳ,{VALUES}"),
            ("--", f"*,{reviewed}"),
        )
    ]
    reading = read(tmp_path, "water_samples/兰山嘴_2021-04.csv", "\n".join([WATER, *rows, ""]))
    index = reading.records.filter(determinand="permanganate_index")
    assert index["source_row"].to_list() == [3]
    assert reading.records.filter(determinand="ph")["source_row"].sort().to_list() == [2, 3, 4]
    # Rows without a time are no rows of one sample: nothing of them is withdrawn, all of it is refused.
    assert reading.refused.group_by("source_row").len().sort("source_row").rows() == [(5, 11), (6, 10)]
    (withdrawn,) = reading.set_aside.filter(pl.col("reason").str.contains("withdrawn")).iter_rows(named=True)
    assert withdrawn["source_row"] == 2


def test_repeated_headers_of_joined_files_are_set_aside(tmp_path: Path) -> None:
    row = f"江苏省,太湖流域,兰山嘴,04-01 08:00,Ⅳ,{VALUES}"
    reading = read(tmp_path, "water_samples/a_2021-04.csv", "\n".join([WATER, row, WATER, row, ""]))
    assert reading.set_aside.select("source_row", "reason").rows() == [(1, "header"), (3, "header")]
    assert reading.records["source_row"].unique().sort().to_list() == [2, 4]


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("01-01 08:00", datetime(2021, 1, 1, 8)),
        ("12-31 20:00", datetime(2020, 12, 31, 20)),
        ("12-30 00:00", datetime(2020, 12, 30)),
        ("12-29 23:00", None),
        ("01-02 00:00", None),
    ],
)
def test_a_snapshot_takes_the_year_of_the_latest_day_that_fits(
    tmp_path: Path, time: str, expected: datetime | None
) -> None:
    head = [
        label if "(" not in label else label.replace("(", "<br/><span class='unit'>(") + "</span>"
        for label in WATER.split(",")
    ]
    cells = ["江苏省", "太湖流域", "兰山嘴", time, "Ⅳ", "<span title='原始值：1.131772E+01'>11.3</span>"]
    content = {"thead": head, "tbody": [[*cells, *["--"] * 9, "*", "正常"]]}
    reading = read(tmp_path, "water_samples/2021-01-01.json", json.dumps(content))
    assert reading.series == "cnemc_water_json"
    if expected is None:
        assert reading.set_aside["reason"].to_list()[1].startswith("stale")
    else:
        record = reading.records.row(0, named=True)
        assert (record["sampled_at"], record["value"]) == (expected, Decimal("11.31772"))
        assert (record["value_shown"], record["value_text"]) == (Decimal("11.3"), "1.131772E+01")


def test_tied_primary_pollutants_become_codes(tmp_path: Path) -> None:
    text = (
        "<r><s><StationCode>1A</StationCode><TimePoint>2017-07-07T16:00:00</TimePoint><PositionName>甲</PositionName>"
        "<O3>9</O3><O3_24h>5</O3_24h><O3_8h>8</O3_8h><O3_8h_24h>4</O3_8h_24h><PM2_5>&mdash;</PM2_5><AQI>60</AQI>"
        "<PrimaryPollutant>颗粒物(PM10),细颗粒物(PM2.5)</PrimaryPollutant></s></r>"
    )
    record = read(tmp_path, "air_readings/a.xml", text).records.row(0, named=True)
    assert (record["published_primary"], record["pm25"]) == ("pm10,pm25", None)
    assert (record["o3"], record["o3_8h"]) == (Decimal(5), Decimal(4))


NBS = (
    "数据库：分省年度数据\n{line}时间：最近20年\n地区,2013年,2012年\n北京市,{a},{b}\n"
    "注：1.说明\n　　　2.更多\n数据来源：国家统计局\n"
)


def nbs(folder: Path, name: str, a: str, b: str, line: str = "") -> Reading:
    return read(folder, f"economic_accounts/{name}.csv", NBS.format(line=line, a=a, b=b), "gb18030")


def test_an_empty_cell_of_an_export_is_no_fact(tmp_path: Path) -> None:
    reading = nbs(tmp_path, "a", "", "19568.3", "指标：地区生产总值(亿元)\n")
    assert reading.records.select("region_code", "period", "value").rows() == [("110000", "2012", Decimal("19568.3"))]
    assert reading.set_aside["reason"].to_list() == ["preface"] * 3 + ["header"] + ["footer"] * 3


@pytest.mark.parametrize(
    ("name", "a", "line", "told"),
    [
        ("a", "1", "指标：城镇登记失业率(%)\n", "城镇登记失业率"),
        ("a", "1", "", "names its indicator nowhere"),
        ("gdp", "107.6", "", "look like an index under the name of a level"),
        ("gdp_index", "21746.0", "", "no index under the name of an index"),
    ],
)
def test_an_export_that_is_not_what_it_should_be_is_refused(
    tmp_path: Path, name: str, a: str, line: str, told: str
) -> None:
    with pytest.raises(Refusal, match=told):
        nbs(tmp_path, name, a, "107.8", line)


def test_an_inventory_sheet_of_no_province_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "energy_use" / "a.xlsx"
    path.parent.mkdir()
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Atlantis2012")
        sheet.write_row(0, 0, ["Energy_inventory", "Raw_Coal", "Electricity"])
        sheet.write_row(1, 0, ["unit", "10^4 ton", "10^8 kwh"])
        sheet.write_row(2, 0, ["Total Final Consumption", 1, 2])
    with pytest.raises(Refusal, match="not named after a province"):
        read_file(scan(tmp_path, {}).files[0])


def test_a_sampling_table_without_its_title_is_refused(tmp_path: Path) -> None:
    header = "序号|食品种类|样品抽检数量/批次|合格样品数量/批次|不合格样品数量/批次|样品不合格率"
    with pytest.raises(Refusal, match="without the lines that stand above it"):
        read(tmp_path, "pass_rates/a.txt", f"{header}\n1|茶叶|3|3|0|0.0%\n")


def test_every_feed_has_its_canonical_layout_and_series_are_told_apart() -> None:
    assert [adapter.feed for adapter in CANONICAL] == list(FEEDS)
    series = [adapter.series for adapter in ADAPTERS if adapter not in CANONICAL]
    assert len(set(series)) == len(series)
    for adapter in ADAPTERS:
        columns = {column.name for column in FEEDS[adapter.feed].columns} | {
            "stage",
            "published_at",
            "origin",
        }
        assert set(adapter.columns) | set(adapter.constants) | set(adapter.recode) <= columns
        assert adapter.publisher and adapter.terms and adapter.zh and adapter.en


def test_collections_of_failures_are_marked_as_no_sampling_frame() -> None:
    frames = {adapter.series: adapter.sampling_frame for adapter in ADAPTERS if adapter not in CANONICAL}
    assert frames["foodmate_spot_checks"] is False and frames["samr_category_table"] is True


def test_a_further_publication_is_read_within_its_block_only(tmp_path: Path) -> None:
    county = dataclasses.replace(
        CANONICAL[list(FEEDS).index("source_intakes")],
        series="county",
        closed=False,
        required=("month", "source_code"),
        columns={"month": ("月",), "source_code": ("源",), "region_code": ("区",), "intake_10k_t": ("量",)},
    )
    text = "月,源,区,量\n2012-01-01,横山水库,320282,7\n"
    with also_reading(county):
        assert read(tmp_path, "source_intakes/a.csv", text).adapter == "county"
        with pytest.raises(ValueError, match="county"), also_reading(county):
            pass
    with pytest.raises(Refusal, match="no adapter of this feed reads"):
        read(tmp_path, "source_intakes/a.csv", text)
