"""From a file to sheets of text, whatever its format and whatever its name says.

Belongs here: the list of formats and how one is told from its bytes. Each format stands in a module
of its own. Does not belong here: what a sheet means (`sources.recognise`, `sources.adapters`).

To add a format: a module with a function from bytes to sheets, and a line in FORMATS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sources.readers.content import decoded, refuse, refuse_empty, unpacked
from sources.readers.delimited import read_delimited
from sources.readers.grid import Sheets
from sources.readers.json_table import read_json
from sources.readers.workbook import read_workbook
from sources.readers.xml_records import read_xml

__all__ = ["FORMATS", "Format", "Sheets", "read_sheets"]

_SNIFFED = 64


@dataclass(frozen=True)
class Format:
    """A format: its name, how its first bytes look, and its reader (bytes, file name → sheets)."""

    name: str
    begins: Callable[[bytes], bool]
    read: Callable[[bytes, str], Sheets]


def _first(data: bytes) -> bytes:
    """The first characters of a text, without byte-order mark and blanks."""
    return data[:_SNIFFED].removeprefix(b"\xef\xbb\xbf").lstrip()


def _one_sheet(read: Callable[[str, str], pl.DataFrame]) -> Callable[[bytes, str], Sheets]:
    """A reader of text as a reader of bytes; its one sheet has no name."""
    return lambda data, name: {"": read(decoded(data, name), name)}


#: In this order: the last one takes whatever is text.
FORMATS = (
    Format("XLSX", lambda data: data.startswith(b"PK\x03\x04"), read_workbook),
    Format("XLS", lambda data: data.startswith(b"\xd0\xcf\x11\xe0"), read_workbook),
    Format("XML", lambda data: _first(data).startswith(b"<"), _one_sheet(read_xml)),
    Format("JSON", lambda data: _first(data)[:1] in (b"{", b"["), _one_sheet(read_json)),
    Format("delimited text", lambda data: True, _one_sheet(read_delimited)),
)


def read_sheets(path: Path, name: str) -> Sheets:
    """The sheets of a file by name (`""` for formats without sheets).

    Each sheet has `source_row` (Int64) and text columns c0 … cN; sheets without any text are left
    out. Raises `Refusal` when the file is empty, unreadable, too large, or not what it claims to be.
    """
    try:
        data = unpacked(path, name)
    except OSError as error:
        refuse(name, f"a file that cannot be read ({error.strerror})", "a readable file", "grant read permission")
    form = next(form for form in FORMATS if form.begins(data))
    sheets = {sheet: rows for sheet, rows in form.read(data, name).items() if rows.width > 1}
    if not sheets:
        refuse_empty(name)
    return sheets
