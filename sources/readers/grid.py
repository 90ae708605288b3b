"""The shape that every reader returns: a sheet of text.

Belongs here: making that frame from columns or rows. Does not belong here: any format.

A sheet is a frame with `source_row` (Int64: line or row as a person counts, from 1; 0 for a header
that is no row of the file, as in JSON and XML) and text columns c0 … cN, null for an empty cell.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sources.readers.content import MAX_COLUMNS, refuse

Sheets = dict[str, pl.DataFrame]


def sheet_of_frame(frame: pl.DataFrame, source_row: pl.Series, name: str, sheet: str = "") -> pl.DataFrame:
    """Text columns and row numbers as a sheet; columns at the right without any text are dropped."""
    filled = [column.null_count() < frame.height for column in frame.get_columns()]
    width = max((place + 1 for place, used in enumerate(filled) if used), default=0)
    if width > MAX_COLUMNS:
        refuse(
            name,
            f"{width} columns",
            f"up to {MAX_COLUMNS} columns",
            "check the delimiter of the file",
            sheet=sheet,
        )
    cells = [column.alias(f"c{place}") for place, column in enumerate(frame.get_columns()[:width])]
    return pl.DataFrame([source_row.alias("source_row").cast(pl.Int64), *cells])


def sheet_of_rows(rows: Sequence[Sequence[str | None]], first_row: int, name: str) -> pl.DataFrame:
    """Rows of text as a sheet, numbered on from `first_row`; short rows are filled with null."""
    width = max(map(len, rows), default=0)
    columns = {f"c{place}": [row[place] if place < len(row) else None for row in rows] for place in range(width)}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    return sheet_of_frame(frame, pl.int_range(first_row, first_row + len(rows), eager=True), name)
