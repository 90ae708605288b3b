"""The workbook that an agency fills in for a feed: data sheet, instructions, code lists.

Belongs here: writing that workbook from the registry. Does not belong here: reading it back
(`sources.adapters.canonical` knows its layout).
"""

from __future__ import annotations

from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook

from sources.adapters.canonical import CODES_SHEET, FILE_COLUMNS, INSTRUCTIONS_SHEET, heading, needed
from sources.conform import accepted
from sources.registry import Code, Codes, Column, Feed

_YES_NO = Codes((Code("是", "是", "yes"), Code("否", "否", "no")))

#: Rows for which cells are formatted and drop-downs offered; more may be filled in below.
_ROWS = 2000
_HEADER_ROWS = 2
_WIDEST, _NARROWEST = 40, 12

#: How long a sheet's name may be in a workbook.
_SHEET_NAME = 31

_NUMBER_FORMATS = {"date": "yyyy-mm-dd", "timestamp": "yyyy-mm-dd hh:mm"}

_HOW = (
    (
        "一行一条记录，从第三行开始填写；不要改动前两行。",
        "One record a row, from row 3 on; leave the first two rows as they are.",
    ),
    (
        "第三行是示例（数据性质＝示例），填写前请删除；留着它，整个文件会被退回。",
        "Row 3 is an example (origin = synthetic): delete it; left in, the whole file is refused.",
    ),
    (
        "必填列不能为空；没有数据的单元格留空。",
        "Required columns must not be empty; leave a cell empty when there is nothing to say.",
    ),
    ("不要添加列；不认识的列会使整个文件被退回。", "Add no columns: a file with unknown ones is refused."),
)
_TITLES = (
    ("列代码", "column"),
    ("中文名", "name in Chinese"),
    ("说明", "meaning"),
    ("单位", "unit"),
    ("必填", "required"),
    ("可填内容", "accepted"),
)


def write_template(feed: Feed, path: Path) -> None:
    """Write the XLSX template of a feed to `path`.

    Sheet 1: row 1 Chinese headings with units, row 2 column codes, row 3 an example marked as
    synthetic; drop-downs where a column has codes. Then instructions in two languages, and the codes.
    """
    columns = (*feed.sent, *FILE_COLUMNS)
    with xlsxwriter.Workbook(path) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        lists = _code_lists(columns)
        _data_sheet(book, feed, columns, lists, bold)
        _instructions(book, feed, columns, bold)
        _codes(book, lists, bold)


def example(column: Column) -> str:
    """What the example row shows in a column."""
    return "示例" if column.name == "origin" else column.example


def _code_lists(columns: tuple[Column, ...]) -> dict[str, Codes]:
    """Column → what its drop-down offers."""
    offered = {column.name: column.codes for column in columns if column.codes}
    return offered | {column.name: _YES_NO for column in columns if column.type == "boolean"}


def _data_sheet(book: Workbook, feed: Feed, columns: tuple[Column, ...], lists: dict[str, Codes], bold: Format) -> None:
    sheet = book.add_worksheet(feed.zh[:_SHEET_NAME])
    grey = book.add_format({"italic": True, "font_color": "#666666"})
    formats = {kind: book.add_format({"num_format": shown}) for kind, shown in _NUMBER_FORMATS.items()}
    # Text format keeps leading zeros of codes; a plain format lets numbers be numbers.
    text, plain = book.add_format({"num_format": "@"}), book.add_format()
    for place, column in enumerate(columns):
        form = formats.get(column.type, plain if column.is_number else text)
        width = min(max(len(heading(column)) * 2, _NARROWEST), _WIDEST)
        sheet.set_column(place, place, width, form)
        sheet.write_string(0, place, heading(column), bold)
        sheet.write_string(1, place, column.name, grey)
        if example(column):
            sheet.write_string(_HEADER_ROWS, place, example(column), text)
        if column.name in lists:
            cells = (_HEADER_ROWS, place, _ROWS, place)
            sheet.data_validation(*cells, {"validate": "list", "source": _range(lists, column.name)})
    sheet.freeze_panes(_HEADER_ROWS, 0)


def _range(lists: dict[str, Codes], name: str) -> str:
    """Where a column's drop-down finds its words on the sheet of codes."""
    letter = xl_col_to_name(list(lists).index(name))
    return f"='{CODES_SHEET}'!${letter}$2:${letter}${1 + len(lists[name].codes)}"


def _instructions(book: Workbook, feed: Feed, columns: tuple[Column, ...], bold: Format) -> None:
    sheet = book.add_worksheet(INSTRUCTIONS_SHEET)
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    rows: list[tuple[tuple[str, ...], Format]] = [
        ((f"{feed.zh} · {feed.en}",), bold),
        *(((f"{zh} {en}",), wrap) for zh, en in _HOW),
        (tuple(f"{zh} {en}" for zh, en in _TITLES), bold),
        *((_line(feed, column), wrap) for column in columns),
    ]
    for place, (row, form) in enumerate(rows):
        if len(row) == 1:
            sheet.merge_range(place, 0, place, len(_TITLES) - 1, row[0], form)
        else:
            for across, cell in enumerate(row):
                sheet.write_string(place, across, cell, form)
    sheet.set_column(0, len(_TITLES) - 1, _WIDEST)


def _line(feed: Feed, column: Column) -> tuple[str, ...]:
    required = "是 yes" if column.name in needed(feed) else ""
    return column.name, column.zh, column.en, column.unit, required, accepted(column)


def _codes(book: Workbook, lists: dict[str, Codes], bold: Format) -> None:
    """One column of Chinese words per drop-down; the reader turns them into codes."""
    sheet = book.add_worksheet(CODES_SHEET)
    for place, (name, codes) in enumerate(lists.items()):
        sheet.write_string(0, place, name, bold)
        for row, code in enumerate(codes.codes, start=1):
            sheet.write_string(row, place, code.zh)
