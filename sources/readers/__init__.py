"""From a file to sheets of text, whatever its format and whatever its name says.

Belongs here: the list of formats and how one is told from its bytes. Each format stands in a module
of its own. Does not belong here: what a sheet means (`sources.recognise`, `sources.adapters`).

To add a format: a module with a function from content to an opened file, and a line in FORMATS.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from sources import bounds
from sources.readers.archive import is_workbook, open_archive
from sources.readers.content import Content, content_of, refuse, refuse_empty
from sources.readers.delimited import open_delimited
from sources.readers.grid import HIDDEN, Opened, Sheets
from sources.readers.json_table import open_json
from sources.readers.markup import open_html
from sources.readers.parquet import open_parquet
from sources.readers.text import head_text
from sources.readers.workbook import open_workbook
from sources.readers.xml_records import open_xml

__all__ = ["FORMATS", "HIDDEN", "Format", "Opened", "Sheets", "bounds", "open_file", "opens_lightly", "read_sheets"]

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # the second: an archive of nothing
_HTML = re.compile(
    r"(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|table|meta|style)\b", re.I | re.S
)


@dataclass(frozen=True)
class Format:
    """A format: its name, how its content looks, and its reader. `light`: opening it holds no more than its head."""

    name: str
    fits: Callable[[Content], bool]
    open: Callable[[Content], Opened]
    light: bool = False


def _text_begins(*beginnings: str) -> Callable[[Content], bool]:
    return lambda content: head_text(content.head).startswith(beginnings)


#: In this order: the last one takes whatever is text.
FORMATS = (
    Format("XLSX", lambda content: content.head.startswith(_ZIP) and is_workbook(content), open_workbook),
    Format("zip", lambda content: content.head.startswith(_ZIP), lambda content: open_archive(content, _open)),
    Format("XLS", lambda content: content.head.startswith(b"\xd0\xcf\x11\xe0"), open_workbook),
    Format("Parquet", lambda content: content.head.startswith(b"PAR1"), open_parquet),
    Format("HTML", lambda content: bool(_HTML.match(head_text(content.head))), open_html),
    Format("XML", _text_begins("<"), open_xml),
    Format("JSON", _text_begins("{", "["), open_json),
    Format("delimited text", lambda content: True, open_delimited, light=True),
)


def open_file(path: Path, name: str) -> Opened:
    """Open a file in whatever format it is.

    Each sheet has `source_row` (Int64) and text columns c0 … cN; sheets without any text are left out.
    Raises `Refusal` when the file is empty, unreadable, too large, or not what it claims to be.
    """
    try:
        opened = _open(content_of(path, name))
    except OSError as error:
        refuse(name, f"a file that cannot be read ({error.strerror})", "a readable file", "grant read permission")
    except (zipfile.BadZipFile, EOFError) as error:
        refuse(name, f"a damaged archive ({error})", "an undamaged archive", "send the file again")
    if not any(rows.width > 1 for rows in opened.heads.values()):
        refuse_empty(name)
    return opened


def opens_lightly(path: Path, name: str) -> bool:
    """Whether an opened file holds little memory, so that it may wait its turn; not of one that cannot be opened."""
    try:
        return _form(content_of(path, name)).light
    except Exception:  # of any kind: whoever opens the file in its turn finds it again, and says what it is
        return False


def read_sheets(path: Path, name: str) -> Sheets:
    """The sheets of a file by name (`""` for formats without sheets), as a whole. Raises as `open_file`."""
    parts: dict[str, list[pl.DataFrame]] = {}
    for sheets in open_file(path, name).stretches(bounds.MAX_UNPACKED_BYTES):
        for sheet, rows in sheets.items():
            parts.setdefault(sheet, []).append(rows)
    return {sheet: pl.concat(rows, how="diagonal") for sheet, rows in parts.items()}


def _open(content: Content) -> Opened:
    if not content.head.strip(b"\x00 \t\r\n\xff\xfe\xef\xbb\xbf"):
        refuse_empty(content.name)
    form = _form(content)
    packed = " in gzip" if content.layers else ""
    return replace(form.open(content), form=f"{form.name}{packed}")


def _form(content: Content) -> Format:
    return next(form for form in FORMATS if form.fits(content))
