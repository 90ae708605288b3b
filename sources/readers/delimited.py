"""Tables as text with a delimiter: CSV, TSV, pipes, semicolons.

Belongs here: finding the delimiter, cutting lines into cells, numbering lines. Does not belong
here: encodings (`sources.readers.content`), what a cell means (`sources.conform`).
"""

from __future__ import annotations

import polars as pl
from polars.exceptions import PolarsError

from sources.readers.content import refuse
from sources.readers.grid import sheet_of_frame

#: In this order when two occur equally often: a tab before each comma is padding.
_DELIMITERS = (",", "\t", "|", ";")

_SAMPLE_LINES = 50

#: A quoted cell with more lines than this is a quotation mark that was never closed.
_MAX_LINES_IN_CELL = 200

_ONE_COLUMN = "\x1f"


def read_delimited(text: str, name: str) -> pl.DataFrame:
    """A delimited text as a sheet; `source_row` is the line on which a record begins.

    Lines may be ragged; a quoted cell may hold delimiters and line breaks. Quotation marks that do
    not pair up are kept as characters. Raises `Refusal` when a cell runs on over very many lines.
    """
    body = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    data = body.encode()
    lines = _cut(data, _ONE_COLUMN, 1, quote=None)["c0"]
    delimiter = _delimiter(lines)
    unquoted = lines.str.replace_all('"[^"]*"', "") if '"' in body else lines
    width = _width(unquoted, delimiter)
    if '"' in body:
        records = _quoted(data, delimiter, width, lines.len(), name)
        if records is not None:
            return records
        width = _width(lines, delimiter)
    frame = _cut(data, delimiter, width, quote=None)
    return sheet_of_frame(frame, pl.int_range(1, frame.height + 1, eager=True), name)


def _width(lines: pl.Series, delimiter: str) -> int:
    """Cells of the longest line."""
    longest = lines.str.count_matches(delimiter, literal=True).fill_null(0).sort().last()
    assert isinstance(longest, int)
    return longest + 1


def _cut(data: bytes, delimiter: str, width: int, quote: str | None) -> pl.DataFrame:
    return pl.read_csv(
        data,
        has_header=False,
        separator=delimiter,
        quote_char=quote,
        infer_schema=False,
        schema={f"c{place}": pl.String for place in range(width)},
        missing_columns="insert",
    )


def _quoted(data: bytes, delimiter: str, width: int, lines: int, name: str) -> pl.DataFrame | None:
    """The sheet with quotation marks honoured; None when they do not pair up."""
    try:
        frame = _cut(data, delimiter, width, quote='"')
    except PolarsError:
        return None
    breaks = frame.select(pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True).fill_null(0))).to_series()
    starts = (breaks + 1).cum_sum().shift(1, fill_value=0) + 1
    if int(breaks.sum()) + frame.height != lines:
        return None
    longest = breaks.arg_max()
    if longest is not None and breaks[longest] > _MAX_LINES_IN_CELL:
        refuse(
            name,
            f"a quoted cell of {breaks[longest]} lines",
            f"cells of up to {_MAX_LINES_IN_CELL} lines",
            "close the quotation mark that opens in this row",
            row=int(starts[longest]),
        )
    return sheet_of_frame(frame, starts, name)


def _delimiter(lines: pl.Series) -> str:
    """The delimiter that stands most often in the first lines, outside quotation marks."""
    sample = lines.head(_SAMPLE_LINES).str.replace_all('"[^"]*"', "")
    counts = {mark: int(sample.str.count_matches(mark, literal=True).sum()) for mark in _DELIMITERS}
    return max(_DELIMITERS, key=lambda mark: counts[mark])
