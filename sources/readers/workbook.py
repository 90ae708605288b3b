"""Excel workbooks, XLSX and XLS: every cell as text, no digit lost.

Belongs here: opening workbooks. Does not belong here: which sheet holds what (`sources.recognise`).
"""

from __future__ import annotations

import io
import zipfile

import fastexcel
import polars as pl

from sources import bounds
from sources.readers.content import Content, refuse
from sources.readers.grid import HIDDEN, Opened, held, sheet_of_frame

#: Text of a number as the engine prints it: at most nine decimals, no padding.
_PRINTED = r"^-?(?:0|[1-9]\d*)(?:\.\d{0,8}[1-9])?$"
_DECIMALS = 9


def open_workbook(content: Content) -> Opened:
    """Every sheet as text; rows keep their numbers, also above and between empty rows.

    Numbers are written with the digits that identify them (0.1 as `0.1`), dates as
    `2012-01-02 00:00:00`, booleans as `true`. What people cannot see they did not mean to send: rows of
    hidden sheets are set aside, and a note names the sheets. Raises `Refusal` for a workbook that
    cannot be opened.
    """
    data = content.whole()
    _check_size(data, content.name)
    try:
        workbook = fastexcel.read_excel(data)
        loaded = {name: workbook.load_sheet(name, header_row=None, skip_rows=0) for name in workbook.sheet_names}
        sheets = {name: _sheet(workbook, name, content.name) for name in workbook.sheet_names}
    except fastexcel.FastExcelError as error:
        reason = str(error).splitlines()[0]
        refuse(
            content.name,
            f"a workbook that cannot be opened ({reason})",
            "an undamaged XLSX or XLS workbook without password",
            "open it in Excel, save it again, and send it",
        )
    hidden = [name for name in sheets if loaded[name].visible != "visible" and sheets[name].width > 1]
    notes = (f"hidden sheets, not read: {', '.join(hidden)}; show them in Excel if their rows count",)
    return held(sheets, dict.fromkeys(hidden, HIDDEN), notes if hidden else ())


def _sheet(workbook: fastexcel.ExcelReader, sheet: str, name: str) -> pl.DataFrame:
    printed = workbook.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string").to_polars()
    exact = workbook.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="float").to_polars()
    cells = [
        _exact(text, number) if number.dtype == pl.Float64 else text
        for text, number in zip(printed.get_columns(), exact.get_columns(), strict=True)
    ]
    frame = pl.DataFrame([cell.alias(f"c{place}") for place, cell in enumerate(cells)])
    return sheet_of_frame(frame, pl.int_range(1, printed.height + 1, eager=True), name, sheet)


def _exact(text: pl.Series, number: pl.Series) -> pl.Series:
    """The cells' text, with the exact digits where the engine printed a rounded number."""
    pair = pl.DataFrame({"text": text.cast(pl.String), "number": number})
    rounded = pl.col("number").round(_DECIMALS) == pl.col("text").cast(pl.Float64, strict=False)
    fraction = pl.col("number") != pl.col("number").floor()
    printed = pl.col("text").str.contains(_PRINTED) & fraction & rounded
    return pair.select(
        pl.when(printed).then(pl.col("number").cast(pl.String)).otherwise(pl.col("text")).alias("text")
    ).to_series()


def _check_size(data: bytes, name: str) -> None:
    if not data.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile:
        refuse(name, "a damaged workbook or archive", "an undamaged XLSX workbook", "send the file again")
    if size > bounds.MAX_WHOLE_BYTES:
        limit = bounds.MAX_WHOLE_BYTES // 1024**2
        refuse(
            name,
            f"{size // 1024**2} MiB unpacked",
            f"workbooks of up to {limit} MiB unpacked",
            "split the workbook" + bounds.or_raise("whole_bytes"),
        )
