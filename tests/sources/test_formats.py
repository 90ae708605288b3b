"""Formats and layouts that agencies use beyond plain tables: archives, Parquet, HTML, headers of several rows."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from sources import bounds
from sources.adapter import Adapter, Melt
from sources.adapters import also_reading
from sources.feeds import FEEDS
from sources.inbox import describe
from sources.outcome import Refusal, WholeReading
from sources.readers import open_file, read_sheets
from sources.reading import read_file

ACCOUNTS = "region_code,period,account,value,unit\n320282,2012,gdp_current,1080.5,亿元\n"


def read(folder: Path, name: str, data: bytes, feed: str = "economic_accounts") -> WholeReading:
    path = folder / name
    path.write_bytes(data)
    return read_file(describe(path, feed))


def refusal(folder: Path, name: str, data: bytes, feed: str = "economic_accounts") -> str:
    with pytest.raises(Refusal) as caught:
        read(folder, name, data, feed)
    return str(caught.value.problem)


def packed(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def workbook(rows: list[list[object]], hidden: list[list[object]] | None = None) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for name, content in (("数据", rows), ("旧数据", hidden)):
            if content is None:
                continue
            sheet = book.add_worksheet(name)
            for place, row in enumerate(content):
                for across, cell in enumerate(row):
                    if cell is not None:
                        sheet.write(place, across, cell)
            if content is hidden:
                sheet.hide()
    return out.getvalue()


def test_a_zip_of_one_and_of_many_files(tmp_path: Path) -> None:
    later = ACCOUNTS.replace("2012", "2013").encode("gb18030")
    one = read(tmp_path, "a.zip", packed({"gdp.csv": ACCOUNTS.encode()}))
    assert one.records.select("source_sheet", "source_row").rows() == [("gdp.csv", 2)]
    many = read(tmp_path, "b.zip", packed({"2012/gdp.csv": ACCOUNTS.encode(), "2013/gdp.csv": later, "_note": b"x"}))
    assert many.records.select("source_sheet", "period").rows() == [("2012/gdp.csv", "2012"), ("2013/gdp.csv", "2013")]


def test_a_workbook_in_a_zip_keeps_the_names_of_its_sheets(tmp_path: Path) -> None:
    book = workbook([line.split(",") for line in ACCOUNTS.splitlines()])
    assert read(tmp_path, "a.zip", packed({"gdp.xlsx": book})).records["source_sheet"].to_list() == ["数据"]


def test_the_days_of_a_file_in_an_archive_stand_in_its_own_name(tmp_path: Path) -> None:
    text = "\n".join(
        (Path(__file__).parents[2] / "samples/inbox/water_samples/兰山嘴_2021-04.csv").read_text().split("\n")[:3]
    )
    reading = read(tmp_path, "a.zip", packed({"兰山嘴_2021-04.csv": text.encode()}), "water_samples")
    assert set(reading.records["sampled_at"].dt.year()) == {2021}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (packed({"a.zip": packed({"b.csv": b"1"})}), "an archive inside an archive"),
        (packed({"a.csv.gz": gzip.compress(b"a,b\n", mtime=0)}), "an archive inside an archive"),
        (packed({}), "an empty file"),
        (packed({"a.csv": ACCOUNTS.encode()})[:60] + b"x" * 40, "damaged"),
    ],
    ids=["zip in zip", "gzip in zip", "nothing", "cut"],
)
def test_archives_that_are_refused(tmp_path: Path, data: bytes, says: str) -> None:
    assert says in refusal(tmp_path, "a.zip", data)


def test_limits_refuse_with_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_MEMBERS", 1)
    assert "up to 1 files" in refusal(tmp_path, "a.zip", packed({"a.csv": b"1", "b.csv": b"2"}))
    monkeypatch.setattr(bounds, "MAX_COLUMNS", 3)
    assert "5 columns" in refusal(tmp_path, "a.csv", ACCOUNTS.encode())
    monkeypatch.setattr(bounds, "MAX_COLUMNS", 300)
    monkeypatch.setattr(bounds, "MAX_CELL_CHARACTERS", 50)
    long = refusal(tmp_path, "a.csv", (ACCOUNTS + "x" * 51 + "\n").encode())
    assert "row 3" in long and "a cell of 51 characters in column 1" in long
    monkeypatch.setattr(bounds, "MAX_WHOLE_BYTES", 100)
    assert "read as a whole" in refusal(tmp_path, "a.json", json.dumps([{"a": "x" * 200}]).encode())


def test_json_in_utf_16(tmp_path: Path) -> None:
    record = {"region_code": "320282", "period": "2012", "account": "gdp_current", "value": 1.50, "unit": "亿元"}
    for encoding in ("utf-16", "utf-16-le"):
        reading = read(tmp_path, "a.json", json.dumps([record], ensure_ascii=False).encode(encoding))
        assert reading.records["value"].to_list() == [Decimal("1.5")]


def test_parquet_keeps_digits_times_and_codes(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame(
        {
            "text": ["0061", None],
            "float": [0.1, 320282.0],
            "day": [date(2012, 1, 2), None],
            "at": [datetime(2012, 1, 2, 8), None],
            "yes": [True, False],
        }
    ).with_columns(
        exact=pl.Series(["1.50", "2.25"]).cast(pl.Decimal(9, 2)),
        zoned=pl.col("at").dt.replace_time_zone("UTC"),
    ).write_parquet(path)
    (sheet,) = read_sheets(path, "a").values()
    assert sheet.rows()[0] == (0, "text", "float", "day", "at", "yes", "exact", "zoned")
    assert sheet.rows()[1:] == [
        (1, "0061", "0.1", "2012-01-02", "2012-01-02 08:00:00", "true", "1.50", "2012-01-02 16:00:00"),
        (2, None, "320282", None, None, "false", "2.25", None),
    ]
    assert "a Parquet file that cannot be read" in refusal(tmp_path, "b", path.read_bytes()[:-40])
    pl.DataFrame({"list": [[1]]}).write_parquet(path)
    with pytest.raises(Refusal, match="nested or binary columns list"):
        open_file(path, "a")


def test_tables_in_html_are_read_and_the_rest_of_the_page_is_counted(tmp_path: Path) -> None:
    rows = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in line.split(",")) + "</tr>" for line in ACCOUNTS.splitlines()
    )
    page = f"<html><body><table><tr><td>首页<td>关于</tr><tr><td>x<td>y</table><p>GDP<table>{rows}</table>"
    reading = read(tmp_path, "a.xls", page.encode("gb18030"))
    assert reading.records.select("source_sheet", "source_row").rows() == [("table 2", 2)]
    assert ("table 1", "other table of the page", 2) in reading.aside.select("source_sheet", "reason", "rows").rows()


def test_cells_of_an_html_table_that_span_others(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        "<table><tr><th rowspan=2>a<th colspan=2>b</tr><tr><td>c<td>d &mdash; e</tr><tr><td>1<td>2<td>3</table>"
    )
    (sheet,) = read_sheets(tmp_path / "a.html", "a").values()
    assert sheet.rows() == [(1, "a", "b", None), (2, None, "c", "d — e"), (3, "1", "2", "3")]


def test_xml_that_is_not_well_formed(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<r><s><A>Smith & Sons</A><B>&mdash;</B></s><s><A>&#x1;x</A><B>1</B></s></r>")
    (sheet,) = read_sheets(tmp_path / "a.xml", "a").values()
    assert sheet.rows()[1:] == [(1, "Smith & Sons", "—"), (2, "x", "1")]


@pytest.mark.parametrize("wrong", ["latin-1", "cp1252", "gbk"])
def test_text_encoded_twice_is_mended_and_said(tmp_path: Path, wrong: str) -> None:
    # Twelve characters of three bytes: an even number, so that GBK loses none.
    remark = "宜兴市统计局年度核算数据" if wrong == "gbk" else "太湖"
    plain = f"region_code,period,account,value,unit,remark\n320282,2012,gdp_current,1,10^8 yuan,{remark}\n"
    once = plain.encode()
    twice = (once.decode(wrong, "strict") if wrong != "cp1252" else _windows(once)).encode()
    reading = read(tmp_path, "a.csv", twice)
    assert reading.records["remark"].to_list() == [remark]
    assert len(reading.notes) == 1 and "encoded twice" in reading.notes[0]
    assert read(tmp_path, "b.csv", once).notes == ()


def _windows(data: bytes) -> str:
    """How Windows shows bytes as Latin-1."""
    return "".join(bytes([b]).decode("cp1252") if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(b) for b in data)


def test_letters_of_other_languages_are_left_alone(tmp_path: Path) -> None:
    text = ACCOUNTS.replace("unit\n", "unit,remark\n").replace("亿元\n", "亿元,Café Müller £5 Ångström\n")
    reading = read(tmp_path, "a.csv", text.encode())
    assert reading.records["remark"].to_list() == ["Café Müller £5 Ångström"] and reading.notes == ()


def test_a_hidden_sheet_is_not_read_and_said(tmp_path: Path) -> None:
    lines = [line.split(",") for line in ACCOUNTS.splitlines()]
    old = [lines[0], ["320282", "1999", "gdp_current", "1", "亿元"]]
    reading = read(tmp_path, "a.xlsx", workbook(lines, hidden=old))
    assert reading.records["period"].to_list() == ["2012"]
    assert reading.aside.filter(reason="hidden sheet")["rows"].to_list() == [2]
    assert "旧数据" in reading.notes[0]
    assert reading.rows_read == 4


AIR = ["station_code", "period_end", "averaging", "site_kind"]
SITE = ["2002A", "2012-01-02 08:00", "1h", "station"]


def test_a_unit_in_a_heading_is_converted_exactly(tmp_path: Path) -> None:
    text = ",".join([*AIR, "二氧化硫（mg/m³）", "一氧化碳(ug/m3)"]) + "\n" + ",".join([*SITE, "0.0215", "900"]) + "\n"
    records = read(tmp_path, "a.csv", text.encode(), "air_readings").records
    assert records.select("so2", "co").rows() == [(Decimal("21.5"), Decimal("0.9"))]


def test_a_unit_that_nobody_knows_quarantines_its_records_and_the_load_goes_on(tmp_path: Path) -> None:
    text = ",".join([*AIR, "SO2 (furlong)", "no2"]).replace("SO2", "二氧化硫") + "\n"
    text += ",".join([*SITE, "0.0215", "9"]) + "\n" + ",".join([*SITE, "", "9"]) + "\n"
    reading = read(tmp_path, "a.csv", text.encode(), "air_readings")
    assert reading.refused.select("source_row", "rule").rows() == [(2, "unit:so2")]
    assert '"furlong"' in reading.refused["reason"].item() and "µg/m³" in reading.refused["reason"].item()
    assert reading.records["source_row"].to_list() == [3]


RETURNS = Adapter(
    series="test_two_rows",
    feed="air_readings",
    zh="测试",
    en="a layout with merged headings",
    publisher="test",
    terms="",
    address="",
    required=("area_name", "station_name", "so2", "no2"),
    columns={
        "area_name": ("地区",),
        "station_name": ("站点",),
        "period_end": ("日期",),
        "so2": ("浓度|二氧化硫",),
        "no2": ("浓度|二氧化氮",),
        "published_aqi": ("指数|AQI",),
    },
    constants={"averaging": "24h", "site_kind": "station", "station_code": "T1"},
    set_aside=(("footer", pl.col("area_name").str.starts_with("注")),),
    header_rows=2,
    units={"so2": "mg/m3"},
    zero_is_missing=frozenset({"no2"}),
    fill_down=("area_name",),
    date_order="dmy",
)


def test_merged_headings_cells_footers_units_zeros_and_orders_are_declared(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["2012年空气质量"],
        [],
        ["地区", "站点", "日期", "浓度", None, "指数"],
        [None, None, None, "二氧化硫", "二氧化氮", "AQI"],
        ["宜兴市", "宜园", "06-01-2012", "0.021", "0", 50],
        [None, "环保局", "07-01-2012", "0.03", "40", 60],
        ["注：均值"],
    ]
    with also_reading(RETURNS):
        reading = read(tmp_path, "a.xlsx", workbook(rows), "air_readings")
    assert reading.records.select("area_name", "period_end", "so2", "no2", "published_aqi").rows() == [
        ("宜兴市", datetime(2012, 1, 6), Decimal("21"), None, 50),
        ("宜兴市", datetime(2012, 1, 7), Decimal("30"), Decimal("40"), 60),
    ]
    counted = dict(reading.aside.select("reason", "rows").rows())
    assert counted == {"preface": 1, "blank row": 1, "header": 2, "footer": 1}


def test_zeros_that_mean_missing_are_no_values_of_a_melted_layout(tmp_path: Path) -> None:
    adapter = Adapter(
        series="test_zeros",
        feed="economic_accounts",
        zh="测试",
        en="wide",
        publisher="",
        terms="",
        address="",
        required=("region_code",),
        columns={"region_code": ("code",)},
        constants={"account": "gdp_current", "unit": "10^8 yuan"},
        melt=Melt(r"(?P<period>\d{4})年", ("value",)),
        zero_is_missing=frozenset({"value"}),
    )
    with also_reading(adapter):
        reading = read(tmp_path, "a.csv", "code,2011年,2012年\n320282,0,5\n".encode())
    assert reading.records.select("period", "value").rows() == [("2012", Decimal(5))]
    assert FEEDS["economic_accounts"].column("value").scale == 6
