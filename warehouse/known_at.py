"""What was known at a moment: one table macro per kind of fact, in the working and the published file.

Belongs here: `core.<part>_as_known_at(moment)`. Does not belong here: how versions are kept
(`warehouse.versions`), what was computed from them at that time (the published nights).

A record was known from the moment its file was loaded until its file was withdrawn, if it was; of
the records known at a moment, the version order of today says which one was current.
"""

from __future__ import annotations

import duckdb

from sources.registry import Part, Table
from warehouse.names import ident, quote
from warehouse.versions import RANK, shelves


def macro_name(part: Part) -> str:
    """The qualified name of a part's macro, quoted."""
    return f"core.{ident(f'{part.name}_as_known_at')}"


def known_at_table(part: Part) -> Table:
    """How the dictionary lists the macro: its answer has the columns of `core.<part>`."""
    return Table(f"core.{part.name}_as_known_at", f"某时刻所知：{part.zh}", f"{part.en}, as known at a moment", ())


def ensure_known_at(con: duckdb.DuckDBPyConnection, part: Part) -> None:
    """Make or replace the macro of a part. It gives the columns of `core.<part>`."""
    on = shelves(part)
    con.execute(
        f"CREATE OR REPLACE MACRO {macro_name(part)}(moment) AS TABLE "
        f"SELECT {on.record} FROM (SELECT {on.record} FROM {on.core} UNION ALL SELECT {on.record} FROM {on.history} "
        f"UNION ALL SELECT {on.record} FROM {on.repeat}) AS record "
        f"JOIN (SELECT source_file_id, modified_at FROM meta.source_file LEFT JOIN meta.withdrawal "
        f"USING (source_file_id) WHERE loaded_at <= moment "
        f"AND (withdrawn_at IS NULL OR withdrawn_at > moment)) AS known "
        f"USING (source_file_id) QUALIFY row_number() OVER (PARTITION BY {on.key} ORDER BY {RANK}) = 1"
    )
    con.execute(f"COMMENT ON MACRO TABLE {macro_name(part)} IS {quote(known_at_table(part).description)}")
