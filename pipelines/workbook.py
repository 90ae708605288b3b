"""The scorecard as a workbook: an overview, a sheet per chapter, the towns, the quality of the data.

Belongs here: sheets, formats, colours. Does not belong here: what they show (`pipelines.queries`).

Every text is written as a text: nothing in it can run. Every number has all its digits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from pipelines.queries import Scorecard, data_quality, records, scorecard, towns

#: Column of a chapter's sheet: heading, field of the scorecard's row, width.
_CHAPTER = (
    ("序号 No.", "number", 8), ("指标 indicator", "zh", 34), ("indicator", "en", 34), ("条款 clause", "clause", 14),
    ("数值 value", "value", 14), ("单位 unit", "unit", 10), ("下限 95 % low", "ci_low", 13),
    ("上限 95 % high", "ci_high", 13), ("当年要求 required", "required", 14), ("目标 target", "target", 12),
    ("目标年 target year", "target_year", 11), ("差距 gap", "gap", 12), ("状态 status", "status_zh", 12),
    ("status", "status", 16), ("性质 origin", "origin", 10), ("理由 reason", "reason_zh", 60), ("reason", "reason", 60),
    ("依据 basis", "basis", 60),
)  # fmt: skip

#: Status → fill of its cell (the word stands in the cell: colour is never alone).
_COLOURS = {
    "met": "#C6EFCE", "on_track": "#E2F0D9", "behind": "#FFEB9C", "missed": "#FFC7CE", "slipped": "#F8CBAD",
    "insufficient_data": "#EDEDED", "no_data": "#EDEDED", "not_due": "#DDEBF7", "reported": "#DDEBF7",
    "not_assessable": "#EDEDED",
}  # fmt: skip

#: Characters that a sheet's name may not have, and its length.
_FORBIDDEN, _LONGEST = re.compile(r"[\[\]:*?/\\]"), 31


class _Exact(Worksheet):  # type: ignore[misc]
    """A sheet whose numbers have every digit: the library writes sixteen, a double may need seventeen."""

    def _xml_number_element(self, number: float, attributes: Sequence[tuple[str, Any]] = ()) -> None:
        cell = "".join(f' {key}="{value}"' for key, value in attributes)
        self.fh.write(f"<c{cell}><v>{number!r}</v></c>")


class _Book:
    """The workbook being written."""

    def __init__(self, path: Path) -> None:
        never = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self.book = xlsxwriter.Workbook(str(path), never)
        self.head = self.book.add_format(
            {"bold": True, "bg_color": "#1F3864", "font_color": "#FFFFFF", "text_wrap": True}
        )
        self.title = self.book.add_format({"bold": True, "font_size": 14})
        self.warning = self.book.add_format({"bold": True, "font_color": "#C00000"})
        self.formats = {
            "number": self.book.add_format({"num_format": "#,##0.00##"}),
            "whole": self.book.add_format({"num_format": "#,##0"}),
            "year": self.book.add_format({"num_format": "0"}),
            "date": self.book.add_format({"num_format": "yyyy-mm-dd"}),
            "time": self.book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }
        self.fills = {status: self.book.add_format({"bg_color": colour}) for status, colour in _COLOURS.items()}
        self._names: set[str] = set()

    def table(
        self,
        name: str,
        title: str,
        columns: Sequence[tuple[str, str, int]],
        rows: Sequence[dict[str, Any]],
        note: str = "",
    ) -> None:
        """A sheet: title, note, frozen heading, rows; a column `status` is coloured by its word."""
        sheet = self.book.add_worksheet(self._named(name), worksheet_class=_Exact)
        sheet.write_string(0, 0, title, self.title)
        sheet.write_string(1, 0, note, self.warning)
        for place, (heading, field, width) in enumerate(columns):
            sheet.set_column(place, place, width)
            sheet.write_string(2, place, heading, self.head)
            for line, row in enumerate(rows, 3):
                self._cell(sheet, line, place, field, row[field])
        sheet.freeze_panes(3, 3 if columns == _CHAPTER else 1)
        last = 2 + max(len(rows), 1)
        sheet.autofilter(2, 0, last, len(columns) - 1)
        sheet.set_landscape()
        sheet.repeat_rows(2)
        sheet.fit_to_pages(1, 0)
        for place, (_, field, _) in enumerate(columns):
            if field == "status":
                for status, fill in self.fills.items():
                    rule = {"type": "cell", "criteria": "==", "value": f'"{status}"', "format": fill}
                    sheet.conditional_format(3, place, last, place, rule)

    def _cell(self, sheet: Worksheet, line: int, place: int, field: str, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            sheet.write_boolean(line, place, value)
        elif isinstance(value, datetime):
            sheet.write_datetime(line, place, value, self.formats["time"])
        elif isinstance(value, date):
            sheet.write_datetime(line, place, value, self.formats["date"])
        elif isinstance(value, int):
            sheet.write_number(line, place, value, self.formats["year" if "year" in field else "whole"])
        elif isinstance(value, float):
            sheet.write_number(line, place, value, self.formats["number"])
        else:
            sheet.write_string(line, place, str(value))

    def _named(self, name: str) -> str:
        base = short = _FORBIDDEN.sub(" ", name)[:_LONGEST].strip("' ") or "sheet"
        number = 2
        while short.casefold() in self._names:
            short = f"{base[: _LONGEST - 3]} {number}"
            number += 1
        self._names.add(short.casefold())
        return short


def write_scorecard(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write the first scorecard of a published night as a workbook. Raises `QueryError` when there is none."""
    card = scorecard(con)
    book = _Book(path)
    note = "示例数据，不是实际结果 · EXAMPLE DATA, not real results" if card.is_example else ""
    _overview(book, con, card, note)
    chapters = dict.fromkeys((row["chapter_zh"], row["chapter_en"]) for row in card.rows)
    for zh, en in chapters:
        own = [row for row in card.rows if row["chapter_zh"] == zh]
        book.table(zh, f"{zh} · {en}  {card.year}", _CHAPTER, own, note)
    columns = (
        ("乡镇 town", "name_zh", 20), ("代码 code", "region_code", 14), ("指标 indicator", "zh", 34),
        ("indicator", "en", 34),
        ("年份 year", "year", 8), ("数值 value", "value", 14), ("单位 unit", "unit", 10), ("样本数 n", "n", 10),
        ("性质 origin", "origin", 10), ("依据 basis", "basis", 60),
    )  # fmt: skip
    book.table("乡镇 towns", f"乡镇贡献 · Contributions of towns  {card.year}", columns, towns(con, card), note)
    quality = data_quality(con)
    widths = {"feed": 24, "series": 30, "name_zh": 20}
    fields = tuple((name, name, widths.get(name, 14)) for name in (quality[0] if quality else {"feed": ""}))
    book.table("数据质量 data quality", "每个数据流的记录归宿 · What became of every record", fields, quality)
    book.book.close()


def _overview(book: _Book, con: duckdb.DuckDBPyConnection, card: Scorecard, note: str) -> None:
    rows = records(
        con,
        "SELECT m.zh, m.code AS status, m.meaning_zh, m.meaning_en, count(s.indicator) AS "
        "indicators FROM meta.status m "
        "LEFT JOIN mart.indicator_status s ON s.status = m.code AND s.plan = ? AND s.region_code = ? AND s.year = ? "
        "AND s.headline GROUP BY ALL ORDER BY min(m.position)",
        [card.plan, card.region_code, card.year],
    )
    columns = (
        ("状态 status", "zh", 18), ("status", "status", 18), ("指标数 indicators", "indicators", 12),
        ("含义 meaning", "meaning_zh", 50), ("meaning", "meaning_en", 60),
    )  # fmt: skip
    book.table("总览 overview", card.heading, columns, rows, note)
