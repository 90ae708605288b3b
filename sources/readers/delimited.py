"""Tables as text with a delimiter: CSV, TSV, pipes, semicolons.

Belongs here: finding the delimiter, cutting lines into cells, numbering lines, cutting a large text
into stretches of whole records. Does not belong here: encodings (`sources.readers.text`), what a cell
means (`sources.conform`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
from polars.exceptions import PolarsError

from sources import bounds
from sources.readers.content import Content, refuse, refuse_empty
from sources.readers.grid import Opened, Sheets, sheet_of_frame
from sources.readers.text import Text, text_of

#: In this order when two occur equally often: a tab before each comma is padding.
_DELIMITERS = (",", "\t", "|", ";")

_SAMPLE_LINES = 50

_ONE_COLUMN = "\x1f"
_QUOTED = re.compile(rb'"[^"]*"')


@dataclass(frozen=True)
class _Layout:
    """How the whole of a text is cut: its delimiter, and whether quotation marks are honoured."""

    text: Text
    delimiter: str
    quoted: bool


def open_delimited(content: Content) -> Opened:
    """A delimited text as a sheet without a name; `source_row` is the line on which a record begins.

    Lines may be ragged; a quoted cell may hold delimiters and line breaks. Quotation marks that do not
    pair up anywhere in the file are kept as characters everywhere. Raises `Refusal` when a cell runs
    on over very many lines.
    """
    text = text_of(content)
    layout = _laid_out(text)

    def stretches(size: int) -> Iterator[Sheets]:
        for line, part in _records(text.blocks(size), layout.quoted):
            sheet = _sheet(part, line, layout, content.name)
            assert sheet is not None  # the layout was tried on the whole text
            yield {"": sheet}

    head = next(stretches(bounds.HEAD_BYTES), None)
    if head is None:
        refuse_empty(content.name)
    return Opened(head, stretches, notes=text.notes, encoding=text.encoding, trimmed=text.trimmed)


def _laid_out(text: Text) -> _Layout:
    first = next(text.blocks(bounds.HEAD_BYTES), "")
    delimiter = _delimiter(_lines(first))
    unquoted = _Layout(text, delimiter, quoted=False)
    if text.quotes == 0 or text.quotes % 2:
        return unquoted
    quoted = _Layout(text, delimiter, quoted=True)
    sound = all(
        _sheet(part, line, quoted, text.content.name) is not None
        for line, part in _records(text.blocks(bounds.STRETCH_BYTES), quoted=True)
    )
    return quoted if sound else unquoted


def _records(blocks: Iterator[str], quoted: bool) -> Iterator[tuple[int, str]]:
    """Stretches of whole records, each with the number of its first line; empty lines at the end go."""
    rest, line = "", 1
    for block in blocks:
        rest += block
        part = rest[: _end(rest, quoted)].rstrip("\n")
        if part:
            yield line, part
            line += part.count("\n") + 1
            rest = rest[len(part) + 1 :]
    if part := rest.rstrip("\n"):
        yield line, part


def _end(text: str, quoted: bool) -> int:
    """Where the last line ends that is not inside a quoted cell."""
    end = text.rfind("\n") + 1
    if not quoted:
        return end
    marks = text.count('"', 0, end)
    for _ in range(bounds.MAX_LINES_IN_CELL + 1):
        if marks % 2 == 0:
            return end
        before = text.rfind("\n", 0, end - 1) + 1
        marks -= text.count('"', before, end)
        end = before
    return 0


def _sheet(text: str, line: int, layout: _Layout, name: str) -> pl.DataFrame | None:
    """A stretch as a sheet; None when its quotation marks do not pair up."""
    data = text.encode()
    if layout.quoted and b'"' in data:
        return _quoted(data, _lines(data), line, layout.delimiter, name)
    first = text[: text.find("\n")] if "\n" in text else text
    try:
        frame = _cut(data, layout.delimiter, first.count(layout.delimiter) + 1, quote=None)
    except PolarsError:  # some line is longer than the first
        frame = _cut(data, layout.delimiter, _width(_lines(data), layout.delimiter), quote=None)
    return sheet_of_frame(frame, pl.int_range(line, line + frame.height, eager=True), name)


def _lines(text: str | bytes) -> pl.Series:
    return _cut(text.encode() if isinstance(text, str) else text, _ONE_COLUMN, 1, quote=None)["c0"]


def _width(lines: pl.Series, delimiter: str) -> int:
    """Cells of the longest line."""
    longest = lines.str.count_matches(delimiter, literal=True).fill_null(0).max()
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


def _quoted(data: bytes, lines: pl.Series, line: int, delimiter: str, name: str) -> pl.DataFrame | None:
    """The sheet with quotation marks honoured; None when they do not pair up."""
    try:
        bare = _QUOTED.sub(b"", data)
        width = _width(_lines(bare), delimiter) if bare.strip(b"\n") else 1
        frame = _cut(data, delimiter, width, quote='"')
    except PolarsError:
        return None
    breaks = frame.select(pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True).fill_null(0))).to_series()
    starts = (breaks + 1).cum_sum().shift(1, fill_value=0) + line
    if int(breaks.sum()) + frame.height != lines.len():
        return None
    longest = breaks.arg_max()
    if longest is not None and breaks[longest] > bounds.MAX_LINES_IN_CELL:
        refuse(
            name,
            f"a quoted cell of {breaks[longest]} lines",
            f"cells of up to {bounds.MAX_LINES_IN_CELL} lines",
            "close the quotation mark that opens in this row" + bounds.or_raise("lines_in_cell"),
            row=int(starts[longest]),
        )
    return sheet_of_frame(frame, starts, name)


def _delimiter(lines: pl.Series) -> str:
    """The delimiter that stands most often in the first lines, outside quotation marks."""
    sample = lines.head(_SAMPLE_LINES).str.replace_all('"[^"]*"', "")
    counts = {mark: int(sample.str.count_matches(mark, literal=True).sum()) for mark in _DELIMITERS}
    return max(_DELIMITERS, key=lambda mark: counts[mark])
