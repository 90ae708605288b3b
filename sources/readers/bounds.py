"""How much of a file is read: the limits that hold for every format, in one place.

Belongs here: those numbers and why. Does not belong here: what happens at a limit (a refusal that
names it, `sources.readers.content`).
"""

from __future__ import annotations

#: One file unpacked. A year of hourly air of a country is below 4 GB; what is larger is a mistake or
#: an archive made to fill the disk.
MAX_UNPACKED_BYTES = 4 * 1024**3

#: What must be held in memory as a whole: workbooks, XML, JSON that is no lines, and publications
#: whose rows can only be understood together. CSV, JSON lines and Parquet are read in stretches.
MAX_WHOLE_BYTES = 256 * 1024**2

#: Text that is read and typed at one time. Memory is a small multiple of it, whatever the file's size.
STRETCH_BYTES = 3 * 1024**2

#: What is read of a file to recognise it: far more than the rows in which a header stands.
HEAD_CHARACTERS = 256 * 1024

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
