"""How much of a file is read: the limits that hold for every format, in one place.

Belongs here: those numbers and why, and setting them for a process. Does not belong here: what happens at a limit
(a refusal that names it, `sources.readers.content`), where settings come from (`pipelines.settings`).

They hold for the process: a night, a check and a replay read the same files the same way.
"""

from __future__ import annotations

from collections.abc import Mapping

#: One file unpacked. A year of hourly air of a country is below 4 GB; what is larger is a mistake or
#: an archive made to fill the disk.
MAX_UNPACKED_BYTES = 4 * 1024**3

#: What must be held in memory as a whole: workbooks, XML, JSON that is no lines, and publications
#: whose rows can only be understood together. CSV, JSON lines and Parquet are read in stretches.
MAX_WHOLE_BYTES = 256 * 1024**2

#: Text that is read and typed at one time. Memory is a small multiple of it, whatever the file's size.
STRETCH_BYTES = 3 * 1024**2

#: Stretches that are typed side by side, where there are so many threads.
STRETCHES_AT_ONCE = 2

#: What is read of a file to recognise it: far more than the rows in which a header stands.
HEAD_BYTES = 256 * 1024

#: Columns of one sheet. The widest real publication has 64; far more means a wrong delimiter.
MAX_COLUMNS = 2000

#: Characters of one cell. A cell of a workbook holds 32,767; far more is no table.
MAX_CELL_CHARACTERS = 200_000

#: Characters of one line, so that a file without line ends does not fill the memory.
MAX_LINE_CHARACTERS = 16 * 1024**2

#: A quoted cell with more lines than this is a quotation mark that was never closed.
MAX_LINES_IN_CELL = 200

#: Files in one archive.
MAX_MEMBERS = 2000

#: gzip within gzip; more nesting is no publication.
MAX_LAYERS = 2

#: Name of the setting (`limits.<name>`) → the limit that it sets.
SETTINGS = {
    "unpacked_bytes": "MAX_UNPACKED_BYTES",
    "whole_bytes": "MAX_WHOLE_BYTES",
    "columns": "MAX_COLUMNS",
    "cell_characters": "MAX_CELL_CHARACTERS",
    "line_characters": "MAX_LINE_CHARACTERS",
    "lines_in_cell": "MAX_LINES_IN_CELL",
    "members": "MAX_MEMBERS",
    "layers": "MAX_LAYERS",
}


def set_limits(limits: Mapping[str, int]) -> None:
    """Set the limits of this process by the names of their settings."""
    globals().update({SETTINGS[name]: number for name, number in limits.items()})


def or_raise(name: str) -> str:
    """What may be done besides mending the file, for messages."""
    return f", or raise the setting limits.{name} if the file is right"
