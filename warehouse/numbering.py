"""Numbers of items that their publication does not number.

Belongs here: the number by which such an item is the same fact in every file. Does not belong here:
samples (`sources.identity`), versions (`warehouse.versions`).

A given number is kept. An item without one takes the number under which another file gives an item of
the same name in the same sample; else a number made from its name. So a correction may name one item and
leave the number out, whichever file comes first. Several items of one name in one sample of one file
(a second test) are told apart by their order in that file.
"""

from __future__ import annotations

import duckdb

from sources.registry import Part
from warehouse.names import ident
from warehouse.versions import Shelves

#: Numbers made from names are above every number that a publication may give.
FIRST_MADE = 1_000_000_000
_HEX_DIGITS = 12

#: Spellings of one name: full-width signs, case and blanks make no difference.
_WIDE, _NARROW = "（），：；％［］／", "(),:;%[]/"


def number(con: duckdb.DuckDBPyConnection, part: Part, on: Shelves, table: str) -> None:
    """Number the items of the temporary table `table` (record columns and `is_new`); numbers made before are made anew.

    A part whose facts need no such number is left alone.
    """
    if not part.named_by:
        return
    key, given = ident(part.key[-1]), ident(given_flag(part))
    said = ", ".join(ident(column.name) for column in part.columns if ident(column.name) not in (key, given))
    name = f"regexp_replace(lower(translate({ident(part.named_by)}, '{_WIDE}', '{_NARROW}')), '\\s', '', 'g')"
    # The name alone for the first of it in a file, with its number for the others.
    text = "_name || CASE WHEN _nth > 1 THEN chr(31) || _nth ELSE '' END"
    made = f"{FIRST_MADE} + CAST('0x' || md5({text})[:{_HEX_DIGITS}] AS BIGINT)"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE numbered AS WITH "
        f"named AS (SELECT *, {name} AS _name FROM {table}), "
        f"placed AS (SELECT *, min((source_sheet, source_row, record_no)) OVER "
        f"(PARTITION BY source_file_id, {given}, {said}) AS _first FROM named), "
        f"counted AS (SELECT *, dense_rank() OVER (PARTITION BY {on.family}, source_file_id, {given}, _name "
        f"ORDER BY _first) AS _nth FROM placed), "
        f"known AS (SELECT *, row_number() OVER (PARTITION BY {on.family}, _name ORDER BY _number) AS _nth FROM "
        f"(SELECT DISTINCT {on.family}, _name, {key} AS _number FROM named WHERE {given})) "
        f"SELECT * REPLACE (CASE WHEN {given} THEN {key} ELSE coalesce(_number, {made}) END AS {key}) "
        f"FROM counted LEFT JOIN known USING ({on.family}, _name, _nth)"
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {on.record}, is_new FROM numbered")


def given_flag(part: Part) -> str:
    """The column that says whether the publication gave the number of a fact."""
    return f"{part.key[-1]}_given"
