"""The shape that every reader returns: sheets of text.

Belongs here: making those frames from columns or rows, and what an opened file offers. Does not
belong here: any format.

A sheet is a frame with `source_row` (Int64: line or row as a person counts, from 1; 0 for a header
that is no row of the file, as in JSON and XML) and text columns c0 … cN, null for an empty cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from sources import bounds
from sources.readers.content import refuse

Sheets = dict[str, pl.DataFrame]

#: Why rows of a sheet that people cannot see are set aside.
HIDDEN = "hidden sheet"


@dataclass(frozen=True)
class Opened:
    """A file whose format and encoding are known.

    `heads`: the first rows of every sheet, enough to recognise it. `stretches`: the sheets in pieces
    of about so many bytes of text, anew at each call. `loose`: sheets that need not hold records →
    why they are set aside when they do not. `members`: sheet → file in an archive that it comes from.
    `notes`: what a person should know of the file. `form`, `encoding`: its format and, for text, how its
    characters are written, in words. `trimmed`: surely no cell has blanks at its ends.
    """

    heads: Sheets
    stretches: Callable[[int], Iterator[Sheets]]
    loose: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    form: str = ""
    encoding: str = ""
    trimmed: bool = False


def held(
    sheets: Sheets, loose: Mapping[str, str] | None = None, notes: tuple[str, ...] = (), encoding: str = ""
) -> Opened:
    """Sheets that are in memory as a whole, as an opened file of one piece; sheets without text are left out."""
    filled = {name: rows for name, rows in sheets.items() if rows.width > 1}
    return Opened(filled, lambda _: iter([filled]), loose or {}, notes=notes, encoding=encoding)


def sheet_of_frame(frame: pl.DataFrame, source_row: pl.Series, name: str, sheet: str = "") -> pl.DataFrame:
    """Text columns and row numbers as a sheet; columns at the right without any text are dropped.

    Raises `Refusal` for more columns, or a longer cell, than a table has.
    """
    filled = [column.null_count() < frame.height for column in frame.get_columns()]
    width = max((place + 1 for place, used in enumerate(filled) if used), default=0)
    if width > bounds.MAX_COLUMNS:
        refuse(
            name,
            f"{width} columns",
            f"up to {bounds.MAX_COLUMNS} columns",
            "check the delimiter of the file" + bounds.or_raise("columns"),
            sheet=sheet,
        )
    cells = [column.alias(f"c{place}") for place, column in enumerate(frame.get_columns()[:width])]
    long = pl.DataFrame(cells).select(pl.all().str.len_bytes().max() > bounds.MAX_CELL_CHARACTERS)
    for place, column in enumerate(cells, start=1):
        if not long[column.name].item():
            continue
        lengths = column.str.len_chars()
        longest = lengths.arg_max()
        if longest is not None and lengths[longest] > bounds.MAX_CELL_CHARACTERS:
            refuse(
                name,
                f"a cell of {lengths[longest]} characters in column {place}",
                f"cells of up to {bounds.MAX_CELL_CHARACTERS} characters",
                "check that the file is a table" + bounds.or_raise("cell_characters"),
                sheet=sheet,
                row=int(source_row[longest]),
            )
    return pl.DataFrame([source_row.alias("source_row").cast(pl.Int64), *cells])


def sheet_of_rows(rows: Sequence[Sequence[str | None]], first_row: int, name: str) -> pl.DataFrame:
    """Rows of text as a sheet, numbered on from `first_row`; short rows are filled with null."""
    width = max(map(len, rows), default=0)
    columns = {f"c{place}": [row[place] if place < len(row) else None for row in rows] for place in range(width)}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    return sheet_of_frame(frame, pl.int_range(first_row, first_row + len(rows), eager=True), name)
