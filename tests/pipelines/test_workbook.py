"""The scorecard as a workbook, opened by two readers: numbers to the last digit, nothing that runs."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import polars as pl
import pytest

from pipelines.queries import scorecard
from pipelines.workbook import _Book, write_scorecard
from support.nights import published

_NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@pytest.fixture(scope="module")
def con(sample_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with published(sample_home) as opened:
        yield opened


@pytest.fixture(scope="module")
def book(con: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "scorecard.xlsx"
    write_scorecard(con, path)
    return path


def _by_xml(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Sheet → rows by column letter, read with nothing but the standard library; numbers as their text says."""
    with zipfile.ZipFile(path) as archive:
        strings = [
            "".join(text.text or "" for text in item.iter(f"{{{_NS['m']}}}t"))
            for item in ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
        ]
        links = {
            link.get("Id"): link.get("Target")
            for link in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        }
        found = {}
        for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iterfind("m:sheets/m:sheet", _NS):
            tree = ElementTree.fromstring(archive.read(f"xl/{links[sheet.get(_RELATION)]}"))
            assert tree.findall(".//m:f", _NS) == [], "a formula"
            rows = []
            for row in tree.iterfind("m:sheetData/m:row", _NS):
                cells: dict[str, Any] = {}
                for cell in row.iterfind("m:c", _NS):
                    value = cell.findtext("m:v", namespaces=_NS)
                    if value is not None:
                        kind, letters = cell.get("t"), re.sub(r"\d", "", cell.get("r") or "")
                        cells[letters] = strings[int(value)] if kind == "s" else float(value)
                rows.append(cells)
            found[sheet.get("name") or ""] = rows
    return found


def test_both_readers_find_the_numbers_of_the_database(con: duckdb.DuckDBPyConnection, book: Path) -> None:
    card = scorecard(con)
    by_xml = _by_xml(book)
    seen = 0
    for chapter in dict.fromkeys(row["chapter_zh"] for row in card.rows):
        own = [row for row in card.rows if row["chapter_zh"] == chapter]
        plain = by_xml[chapter][3:]
        frame = pl.read_excel(book, sheet_name=chapter, engine="calamine", read_options={"header_row": 2})
        assert frame.height == len(plain) == len(own)
        for row, cells, told in zip(own, plain, frame.iter_rows(named=True), strict=True):
            for letter, heading, name in (
                ("E", "数值 value", "value"), ("G", "下限 95 % low", "ci_low"), ("I", "当年要求 required", "required"),
                ("J", "目标 target", "target"), ("L", "差距 gap", "gap"),
            ):  # fmt: skip
                assert cells.get(letter) == row[name], (row["indicator"], name)
                assert (None if told.get(heading) is None else float(told[heading])) == row[name]
                seen += row[name] is not None
            assert cells["B"] == told["指标 indicator"] == row["zh"]
            assert cells["N"] == told["status"] == row["status"]
    assert seen > 200


def test_every_chapter_the_towns_and_the_quality_have_a_sheet(con: duckdb.DuckDBPyConnection, book: Path) -> None:
    card = scorecard(con)
    sheets = _by_xml(book)
    chapters = list(dict.fromkeys(row["chapter_zh"] for row in card.rows))
    assert list(sheets) == ["总览 overview", *chapters, "乡镇 towns", "数据质量 data quality"]
    assert sheets["总览 overview"][0]["A"] == card.heading and card.is_example
    assert sheets["总览 overview"][1]["A"].startswith("示例数据")
    assert sum(row["C"] for row in sheets["总览 overview"][3:]) == len(card.rows)
    towns = con.execute(
        "SELECT count(*) FROM mart.indicator_value v JOIN mart.region r ON r.code = v.region_code "
        "WHERE r.parent_code = ? AND v.year = ? AND v.headline AND v.plan = ?",
        [card.region_code, card.year, card.plan],
    ).fetchall()[0][0]
    assert len(sheets["乡镇 towns"]) - 3 == towns > 0
    read = con.execute("SELECT sum(rows_read) FROM meta.source_file").fetchall()[0][0]
    head = sheets["数据质量 data quality"][2]
    letter = next(place for place, text in head.items() if text == "rows_read")
    assert sum(row[letter] for row in sheets["数据质量 data quality"][3:]) == read


def test_headings_are_frozen_numbers_formatted_and_statuses_coloured(book: Path) -> None:
    with zipfile.ZipFile(book) as archive:
        sheet = archive.read("xl/worksheets/sheet2.xml").decode()
        styles = archive.read("xl/styles.xml").decode()
    assert '<pane xSplit="3" ySplit="3"' in sheet and 'state="frozen"' in sheet
    assert sheet.count("<cfRule") == 10 and '"missed"' in sheet
    assert "#,##0.00##" in styles and "FFFFC7CE" in styles


def test_texts_stay_texts_and_doubles_keep_seventeen_digits(tmp_path: Path) -> None:
    path, hostile = tmp_path / "book.xlsx", ["=1+1", "+1", "-1", "@x", "\t=1", "=cmd|' /C calc'!A0", "http://x", "12"]
    rows = [{"text": text, "number": 0.1 + 0.2 * place} for place, text in enumerate(hostile, 1)]
    book = _Book(path)
    book.table("[a]:*?/\\" + "长" * 40, "title", (("text", "text", 10), ("number", "number", 10)), rows)
    book.table("[a]:*?/\\" + "长" * 40, "same name", (("text", "text", 10), ("number", "number", 10)), [])
    book.book.close()
    first, second = _by_xml(path).items()
    assert [row["A"] for row in first[1][3:]] == hostile  # `_by_xml` fails on any formula
    assert [row["B"] for row in first[1][3:]] == [row["number"] for row in rows]
    assert len(first[0]) <= 31 and len(second[0]) <= 31 and first[0] != second[0]
    with zipfile.ZipFile(path) as archive:
        assert not any(
            "hyperlink" in archive.read(name).decode("utf-8", "ignore")
            for name in archive.namelist()
            if "sheet1" in name
        )
