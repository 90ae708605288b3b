"""Writing the workbook in which a person mends refused records.

Belongs here: how it looks. Does not belong here: what stands where (`sources.mends`), which records
are refused (`warehouse.mends`).

Every cell is written as text, so that a cell that begins with `=` is never a formula.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from sources.mends import CONTROL_SHEET, HELP_SHEET, OWN_COLUMNS, OWN_ROWS, REASON, RECORDS, ROW, Control

_UNFIT = re.compile(r"[\[\]:*?/\\']")
_TAB_NAME = 31

#: Characters that a cell of a workbook holds.
MAX_CELL = 32_767

_REASON_WIDTH, _CELL_WIDTH = 60, 16
_TITLES = ("行 row", "记录 records", "原因（请改右侧单元格） · reason (mend the cells to the right)")

_HOW = (
    (
        "每一行是一条被拒绝的记录；左边写明原因，右边是收到时的单元格。请只改右边白色的单元格。",
        "Each row is a refused record: the reason on the left, its cells as received on the right. "
        "Change only the white cells.",
    ),
    (
        "灰色的行是原文件的表头，不要改动；不要删除或移动列，不要给工作表改名。",
        "Grey rows are the header of the file; leave them. Do not delete or move columns, nor rename a sheet.",
    ),
    (
        "不修改的行继续留在隔离区；新加的行不会被读取。",
        "A row that you do not mend stays refused. Rows that you add are not read.",
    ),
    (
        "合并单元格只在第一行有内容：空着的单元格请补上。",
        "A merged cell has its content in its first row only: fill it in where it is empty.",
    ),
    (
        "改好后保存，交给运行人员执行，或放回收件箱的同一文件夹：",
        "Save it and let the operator run this, or put it into the same folder of the inbox:",
    ),
    ("quality-city quarantine replay FILE.xlsx", ""),
    (
        "仍有问题的记录继续隔离，并写明新的原因；已经修好的再交一次不会有任何变化。",
        "A record that is still wrong stays refused, with its new reason; a mended one sent again changes nothing.",
    ),
)


@dataclass(frozen=True)
class RefusedRow:
    """One source row with refused records: their numbers, reasons, and the row as read (JSON)."""

    sheet: str
    row: int
    records: tuple[int, ...]
    reason: str
    raw: str

    @property
    def longest(self) -> int:
        """Characters of the longest cell."""
        return max((len(cell) for cell in json.loads(self.raw).values() if cell), default=0)


def write_mend(path: Path, control: Control, heads: Mapping[str, Sequence[str]], refused: Sequence[RefusedRow]) -> None:
    """Write the workbook of one file's refused rows to `path`.

    `heads`: sheet of the file → its rows down to the header, as read (JSON).
    """
    tabs = _tab_names(dict.fromkeys(row.sheet for row in refused))
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        _help(book, control)
        for sheet, tab in tabs.items():
            _data(book, tab, heads.get(sheet, ()), [row for row in refused if row.sheet == sheet])
        hidden = book.add_worksheet(CONTROL_SHEET)
        lines = replace(control, sheets={tab: sheet for sheet, tab in tabs.items()}).lines()
        for place, line in enumerate(lines):
            for across, cell in enumerate(line):
                hidden.write_string(place, across, cell)
        hidden.protect()
        hidden.very_hidden()
        book.worksheets()[1].activate()


def _tab_names(sheets: Mapping[str, None]) -> dict[str, str]:
    """Sheet of the file → a name that Excel takes, each once."""
    tabs: dict[str, str] = {}
    for number, sheet in enumerate(sheets, start=1):
        name = _UNFIT.sub(" ", sheet)[:_TAB_NAME].strip() or "记录 records"
        taken = {tab.lower() for tab in (*tabs.values(), CONTROL_SHEET, HELP_SHEET)}
        tabs[sheet] = name if name.lower() not in taken else f"{number} {name}"[:_TAB_NAME]
    return tabs


def _data(book: Workbook, tab: str, head: Sequence[str], rows: Sequence[RefusedRow]) -> None:
    sheet = book.add_worksheet(tab)
    grey = book.add_format({"bg_color": "#E6E6E6", "num_format": "@", "text_wrap": True, "valign": "top"})
    told = book.add_format({"font_color": "#9C0006", "text_wrap": True, "valign": "top"})
    free = book.add_format({"locked": False, "num_format": "@", "text_wrap": True, "valign": "top", "border": 4})
    cells = [list(json.loads(raw).values()) for raw in (*head, *(row.raw for row in rows))]
    width = max(map(len, cells), default=0)
    for place, title in enumerate(_TITLES):
        sheet.write_string(0, place, title, grey)
    for place, line in enumerate(cells, start=OWN_ROWS):
        _line(sheet, place, line, width, grey if place < OWN_ROWS + len(head) else free)
    for place, row in enumerate(rows, start=OWN_ROWS + len(head)):
        sheet.write_string(place, ROW, str(row.row), grey)
        sheet.write_string(place, RECORDS, ",".join(map(str, row.records)), grey)
        sheet.write_string(place, REASON, row.reason, told)
    sheet.set_column(ROW, ROW, None, None, {"hidden": True})
    sheet.set_column(RECORDS, RECORDS, None, None, {"hidden": True})
    sheet.set_column(REASON, REASON, _REASON_WIDTH)
    sheet.set_column(OWN_COLUMNS, OWN_COLUMNS + max(width - 1, 0), _CELL_WIDTH)
    sheet.freeze_panes(OWN_ROWS + len(head), OWN_COLUMNS)
    allowed = ("format_cells", "format_columns", "format_rows")
    sheet.protect(options=dict.fromkeys(allowed, True))


def _line(sheet: Worksheet, place: int, cells: Sequence[str | None], width: int, form: Format) -> None:
    for across in range(width):
        cell = cells[across] if across < len(cells) else None
        if cell is None:
            sheet.write_blank(place, OWN_COLUMNS + across, None, form)
        else:
            sheet.write_string(place, OWN_COLUMNS + across, cell, form)


def _help(book: Workbook, control: Control) -> None:
    sheet = book.add_worksheet(HELP_SHEET)
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    bold = book.add_format({"bold": True})
    sheet.write_string(0, 0, f"待修改的记录 · records to mend: {control.feed}/{control.name}", bold)
    for place, (zh, en) in enumerate(_HOW, start=1):
        sheet.write_string(place, 0, "\n".join(filter(None, (zh, en))), wrap)
    sheet.set_column(0, 0, 2 * _REASON_WIDTH)
    sheet.protect()
