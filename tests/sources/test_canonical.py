"""The canonical layout: templates, round trips, and messages about what is wrong with a file."""

from __future__ import annotations

import csv
import tempfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sources.adapters.canonical import UNLESS_GIVEN, needed
from sources.feeds import FEEDS
from sources.inbox import describe
from sources.outcome import Reading, Refusal
from sources.reading import read_file
from sources.registry import Column, Feed
from sources.templates import write_template


def read(folder: Path, feed: str, text: str, name: str = "f.csv") -> Reading:
    path = folder / name
    path.write_text(text, "utf-8")
    return read_file(describe(path, feed))


def problem(folder: Path, feed: str, text: str) -> str:
    with pytest.raises(Refusal) as caught:
        read(folder, feed, text)
    return str(caught.value.problem)


INTAKES = "source_code,month,region_code,intake_10k_t"


@pytest.mark.parametrize("name", FEEDS)
def test_a_template_is_read_back_without_refusal(tmp_path: Path, name: str) -> None:
    feed, path = FEEDS[name], tmp_path / "template.xlsx"
    write_template(feed, path)
    reading = read_file(describe(path, name))
    assert (reading.series, reading.adapter, reading.origin) == ("canonical", "canonical", "synthetic")
    assert reading.refused.height == 0 and reading.records.height == 1
    given_columns = [column for column in feed.columns if column.example and column.name != "series"]
    assert all(reading.records[column.name].null_count() == 0 for column in given_columns)
    assert reading.set_aside["reason"].value_counts().sort("reason").rows()[0] == ("header", 2)


@pytest.mark.parametrize("name", FEEDS)
def test_a_template_explains_every_column(tmp_path: Path, name: str) -> None:
    feed, path = FEEDS[name], tmp_path / "template.xlsx"
    write_template(feed, path)
    workbook = fastexcel.read_excel(path)
    lines = workbook.load_sheet("说明 instructions", header_row=None, dtypes="string").to_polars()
    explained = dict(zip(*lines.get_columns()[:2], strict=True))
    assert {column.name: column.zh for column in feed.sent}.items() <= explained.items()
    codes = workbook.load_sheet("代码 codes", header_row=0, dtypes="string").to_polars()
    for column in feed.columns:
        if column.codes:
            assert codes[column.name].drop_nulls().to_list() == [code.zh for code in column.codes.codes]


@pytest.mark.parametrize("name", FEEDS)
def test_headings_of_a_feed_are_distinct(name: str) -> None:
    headings = [column.zh for column in FEEDS[name].columns]
    assert len(set(headings)) == len(headings)


@pytest.mark.parametrize(
    "header",
    [
        INTAKES,
        INTAKES.upper(),
        "水源地编码,月份,行政区划代码,取水量",
        "水源地编码,月份,行政区划代码,取水量 (10⁴ t)",
        f"水源地编码,月份,行政区划代码,取水量（10⁴ t）\n{INTAKES}",
        f"横山水库二〇一二年\n\n{INTAKES}",
    ],
)
def test_a_header_may_be_codes_or_names_or_both(tmp_path: Path, header: str) -> None:
    reading = read(tmp_path, "source_intakes", f"{header}\nhengshan,2012年1月,320282,702\n")
    assert reading.records.select("source_code", "month", "intake_10k_t").rows() == [
        ("hengshan", date(2012, 1, 1), Decimal(702))
    ]
    assert reading.set_aside.height == header.count("\n") + 1


def test_a_missing_required_column_is_named(tmp_path: Path) -> None:
    told = problem(tmp_path, "source_intakes", "source_code,month,region_code\nhengshan,2012-01,320282\n")
    assert "intake_10k_t" in told and "canonical" in told and "row 1" in told


def test_unknown_columns_are_named_with_the_accepted_ones(tmp_path: Path) -> None:
    told = problem(tmp_path, "source_intakes", f"{INTAKES},depth,\nhengshan,2012-01,320282,702,3,4\n")
    assert "unknown columns depth, number 6 (no name)" in told and "station_code" in told


def test_a_column_given_twice_is_refused(tmp_path: Path) -> None:
    told = problem(tmp_path, "source_intakes", f"{INTAKES},取水量\nhengshan,2012-01,320282,702,703\n")
    assert "取水量" in told and "each column once" in told


def test_an_unknown_layout_says_what_was_looked_for(tmp_path: Path) -> None:
    told = problem(tmp_path, "air_readings", "foo,bar\n1,2\n")
    assert "foo, bar" in told and "template" in told


def test_a_header_without_rows_is_an_empty_file(tmp_path: Path) -> None:
    assert "an empty file" in problem(tmp_path, "source_intakes", f"{INTAKES}\n\n")


def test_a_second_sheet_without_a_header_is_not_dropped_silently(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, header in (("甲", INTAKES.split(",")), ("乙", ["source", "when", "where", "how much"])):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, header)
            sheet.write_row(1, 0, ["hengshan", "2012-01", "320282", 702])
    with pytest.raises(Refusal) as caught:
        read_file(describe(path, "source_intakes"))
    assert caught.value.problem.sheet == "乙"


def test_empty_sheets_of_a_workbook_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("数据")
        sheet.write_row(0, 0, INTAKES.split(","))
        sheet.write_row(1, 0, ["hengshan", "2012-01", "320282", "much"])
        book.add_worksheet("Sheet2")
    reading = read_file(describe(path, "source_intakes"))
    assert reading.refused["rule"].to_list() == ["type:intake_10k_t"]
    assert '"c3":"much"' in reading.refused["raw"].item()


def test_what_does_not_type_is_refused_with_rule_found_and_accepted(tmp_path: Path) -> None:
    header = "region_code,period,account,value,unit"
    text = f"{header}\n320282,2012,GDP?,many,亿元\n,2012,gdp_current,1,亿元\n320282,2012,gdp_current,1,亿元\n"
    reading = read(tmp_path, "economic_accounts", text)
    assert reading.records["source_row"].to_list() == [4]
    refused = reading.refused.select("source_row", "rule", "reason", "raw").rows()
    assert [row[:2] for row in refused] == [(2, "code:account, type:value"), (3, "required:region_code")]
    assert 'found "GDP?"; accepted: one of gdp_current (' in refused[0][2] and 'found "many"' in refused[0][2]
    assert refused[0][3] == '{"c0":"320282","c1":"2012","c2":"GDP?","c3":"many","c4":"亿元"}'
    assert "found nothing" in refused[1][2]
    assert reading.rows_read == 4


@pytest.mark.parametrize(
    ("cells", "origin"),
    [(("示例", "synthetic"), "synthetic"), (("", ""), "real"), (("真实", "真实"), "real")],
)
def test_a_file_says_its_origin_itself(tmp_path: Path, cells: tuple[str, str], origin: str) -> None:
    rows = "".join(f"s{place},2012-0{place},320282,7,{cell}\n" for place, cell in enumerate(cells, start=1))
    if len(set(cells)) > 1:
        rows = rows.replace("示例", "synthetic")
    assert read(tmp_path, "source_intakes", f"{INTAKES},origin\n{rows}").origin == origin


@pytest.mark.parametrize("name", ["origin", "series", "stage", "published_at"])
def test_a_file_that_contradicts_itself_is_refused(tmp_path: Path, name: str) -> None:
    text = f"{INTAKES},{name}\na,2012-01,320282,7,synthetic\nb,2012-01,320282,7,\n"
    assert f"rows that differ in {name}" in problem(tmp_path, "source_intakes", text)


def test_series_stage_and_publication_time_come_from_the_content(tmp_path: Path) -> None:
    header = f"{INTAKES},series,stage,published_at"
    reading = read(tmp_path, "source_intakes", f"{header}\na,2012-01,320282,7,bureau,审定,2012-02-03 10:00\n")
    assert (reading.series, reading.stage) == ("bureau", "validated")
    assert (reading.published_at, reading.published_at_from) == (datetime(2012, 2, 3, 10), "content")
    assert reading.records["series"].to_list() == ["bureau"]
    assert '"later"' in problem(tmp_path, "source_intakes", f"{header}\na,2012-01,320282,7,b,later,2012-02-03\n")
    assert '"soon"' in problem(tmp_path, "source_intakes", f"{header}\na,2012-01,320282,7,b,,soon\n")


def test_without_a_stated_time_the_modification_time_counts(tmp_path: Path) -> None:
    reading = read(tmp_path, "source_intakes", f"{INTAKES}\na,2012-01,320282,7\n")
    assert (reading.published_at, reading.published_at_from) == (
        reading.file.modified_at,
        "modification time",
    )


def test_censored_water_values_are_split(tmp_path: Path) -> None:
    header = "station_code,sampled_at,determinand,fraction,value,unit"
    values = ["<0.01", "0.004L", "＞24000", "0.5"]
    rows = "".join(f"a,2012-01-0{day},total_phosphorus,total,{value},mg/L\n" for day, value in enumerate(values, 1))
    records = read(tmp_path, "water_samples", f"{header}\n{rows}").records
    assert records.select("value", "qualifier", "detection_limit", "value_text").rows() == [
        (None, "<", Decimal("0.01"), "<0.01"),
        (None, "<", Decimal("0.004"), "0.004L"),
        (None, ">", Decimal(24000), "＞24000"),
        (Decimal("0.5"), None, None, None),
    ]


SPOT = "sample_id,programme,product_name,verdict,published_on,item_name,result_text"


def test_repeats_of_a_row_are_samples_and_its_items_belong_to_one(tmp_path: Path) -> None:
    rows = [
        ",city,面粉,不合格,2012-06-15,镉,0.2",
        ",city,面粉,不合格,2012-06-15,铅,0.3",
        ",city,面粉,不合格,2012-06-15,镉,0.2",
        ",city,大米,合格,2012-06-15,,",
        ",city,大米,合格,2012-06-15,,",
        "S1,city,茶叶,不合格,2012-06-15,铅,9",
        "S1,city,茶叶,不合格,2012-06-15,铜,9",
        "S1,city,茶叶,不合格,2012-06-15,铜,9",
    ]
    records = read(tmp_path, "spot_checks", "\n".join([SPOT, *rows, ""])).records
    assert records["repeat_no"].to_list() == [1, 1, 2, 1, 2, 1, 1, 1]
    assert records["item_no"].null_count() == 8, "items are numbered where they meet other files"
    identities = records["_identity"].to_list()
    assert identities[0] == identities[1] != identities[2]
    assert identities[3] != identities[4]
    batch = ["canonical", "city", "面粉", *[""] * 11, "fail", "", "2012-06-15", "", ""]
    assert identities[:3] == ["\x1f".join([*batch, repeat]) for repeat in ("1", "1", "2")]


def text_cells() -> st.SearchStrategy[str]:
    """Text that a cell can carry: no outer blanks, no missing marker, nothing that looks encoded twice."""
    letters = st.characters(
        codec="utf-8",
        exclude_categories=("Cc", "Cs", "Cf", "Zs", "Zl", "Zp", "Co", "Cn"),
        exclude_characters="".join(map(chr, range(0xC2, 0xF5))),
    )
    return st.text(letters, min_size=1, max_size=6).filter(lambda text: text not in {"-", "--", "—", "/"})


def values(column: Column) -> st.SearchStrategy[Any]:
    if column.codes:
        return st.sampled_from(column.codes.values)
    match column.type:
        case "text":
            return text_cells()
        case "integer":
            return st.integers(0, 10**12)
        case "boolean":
            return st.booleans()
        case "date":
            return st.dates(date(1949, 1, 1), date(2100, 1, 1))
        case "timestamp":
            return st.datetimes(datetime(1949, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0))
    top = 10 ** (column.width - column.scale) - 1
    return st.decimals(0, top, places=column.scale, allow_nan=False, allow_infinity=False)


@st.composite
def canonical_rows(draw: st.DrawFn) -> tuple[Feed, list[dict[str, Any]]]:
    feed = FEEDS[draw(st.sampled_from([name for name in FEEDS if name != "spot_checks"]))]
    required = set(needed(feed))
    cells = {
        column.name: values(column) if column.name in required else st.none() | values(column)
        for column in feed.columns
        if column.name not in ("series", "qualifier", "detection_limit")
    }
    rows = draw(st.lists(st.fixed_dictionaries(cells), min_size=1, max_size=4))
    return feed, rows


def written(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case Decimal():
            return format(value, "f")
        case _:
            return str(value)


@given(canonical_rows())
@settings(max_examples=60, deadline=timedelta(seconds=5), suppress_health_check=[HealthCheck.too_slow])
def test_a_canonical_file_reads_back_equal(case: tuple[Feed, list[dict[str, Any]]]) -> None:
    feed, rows = case
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "f.csv"
        with path.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow(rows[0])
            writer.writerows([written(row[name]) for name in rows[0]] for row in rows)
        reading = read_file(describe(path, feed.name))
    assert reading.refused.height == 0, reading.refused.rows()
    filled = UNLESS_GIVEN.get(feed.name, {})
    rows = [{name: filled.get(name) if cell is None else cell for name, cell in row.items()} for row in rows]
    expected = pl.DataFrame(rows, schema={name: feed.column(name).polars_type for name in rows[0]}, orient="row")
    assert reading.records.select(expected.columns).rows() == expected.rows()
    assert reading.records["source_row"].to_list() == list(range(2, len(rows) + 2))


def test_totals_and_notes_below_a_table_are_no_records(tmp_path: Path) -> None:
    rows = ["hengshan,2012-01,320282,702", "合计,,,702", "注：横山水库,,,", "填表人：张三,,,", "注射器,2012-02,320282,"]
    text = "\n".join([INTAKES, *rows]) + "\n"
    reading = read(tmp_path, "source_intakes", text)
    assert reading.records["source_row"].to_list() == [2]
    assert reading.set_aside.filter(reason="note or total")["source_row"].to_list() == [3, 4, 5]
    (refused,) = reading.refused.select("source_row", "rule").rows()
    assert refused == (6, "required:intake_10k_t")
