"""Versions of a fact: which record is current, which are history, which only repeat another.

Belongs here: the order of versions, and writing a set of keys back in that order. Does not belong
here: where the records come from (`warehouse.merge`, `warehouse.withdraw`).

Every record that was accepted or found a duplicate stands in exactly one of three tables:
`core.<part>` (the current version), `history.<part>` (other versions, and records of withdrawn
files), `repeat.<part>` (records that say again what a version says). So nothing has to be read again
when a file is taken back. Versions are ordered by what they say of themselves, never by arrival, so
any order and any split of the same files gives the same core.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sources.registry import LINEAGE, Part
from warehouse import dirty, meta
from warehouse.marts import Mart
from warehouse.names import ident

if TYPE_CHECKING:
    from warehouse.store import Warehouse

#: Highest first; the single place where the version order of the contracts is written. `modified_at` is
#: that of the file: an agency that mends a month and sends it under the same name means the later one.
RANK = (
    "origin = 'real' DESC, stage = 'validated' DESC, published_at DESC, modified_at DESC, "
    "source_file_id DESC, source_sheet DESC, source_row DESC, record_no DESC"
)

LINEAGE_NAMES = ", ".join(column.name for column in LINEAGE)


@dataclass(frozen=True)
class Shelves:
    """The tables of one kind of fact, and its key and content as lists of quoted columns.

    `family`: the columns whose facts are numbered together (`warehouse.numbering`); else the key.
    """

    core: str
    history: str
    repeat: str
    key: str
    content: str
    family: str

    @property
    def record(self) -> str:
        """Every column that core, history and repeat share."""
        return f"{self.content}, {LINEAGE_NAMES}"


def shelves(part: Part) -> Shelves:
    """Where the records of a part stand."""
    core = meta.core_table(part)
    family = core.key[:-1] if part.named_by else core.key
    return Shelves(
        core.name,
        meta.history_table(part).name,
        meta.repeat_table(part).name,
        ", ".join(ident(name) for name in core.key),
        ", ".join(ident(column.name) for column in part.columns),
        ", ".join(ident(name) for name in family),
    )


def records(on: Shelves, where: str, *, repeats: bool = True) -> str:
    """SQL for the records, on whichever shelf, of files that are not withdrawn."""
    tables = [(on.core, where), (on.history, f"withdrawn_at IS NULL AND {where}")]
    if repeats:
        tables.append((on.repeat, where))
    return " UNION ALL ".join(f"SELECT {on.record} FROM {table} WHERE {condition}" for table, condition in tables)


def order(warehouse: Warehouse, on: Shelves) -> None:
    """Order the records of the temporary table `pool` (record columns and `is_new`), whose files are in the ledger.

    Makes `ranked`: the pool with `echo` (1: this record stands for its content), and `version`: one
    record per key and content with its `place` among the versions of the key (1: current),
    `superseded_by` (the file of the current version) and `all_new` (no older record says the same).
    """
    warehouse.con.execute(
        f"CREATE OR REPLACE TEMP TABLE ranked AS SELECT *, "
        f"row_number() OVER (PARTITION BY {on.content} ORDER BY {RANK}) AS echo, "
        f"bool_and(is_new) OVER (PARTITION BY {on.content}) AS all_new "
        f"FROM pool JOIN (SELECT source_file_id, modified_at FROM meta.source_file) AS file USING (source_file_id)"
    )
    warehouse.con.execute(
        f"CREATE OR REPLACE TEMP TABLE version AS SELECT *, "
        f"row_number() OVER (PARTITION BY {on.key} ORDER BY {RANK}) AS place, "
        f"first_value(source_file_id) OVER (PARTITION BY {on.key} ORDER BY {RANK}) AS superseded_by "
        f"FROM ranked WHERE echo = 1"
    )


def write(warehouse: Warehouse, on: Shelves, marts: Sequence[Mart]) -> None:
    """Write `version` back for the keys in the temporary table `touched`, and mark what rests on the change.

    Records of `ranked` that stand for nothing go to the repeats; whoever put repeats into the pool
    has taken them off their shelf.
    """
    con = warehouse.con
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE changed AS "
        f"WITH old AS (SELECT {on.record} FROM {on.core} SEMI JOIN touched USING ({on.key})), "
        f"new AS (SELECT {on.record} FROM version SEMI JOIN touched USING ({on.key}) WHERE place = 1) "
        f"(FROM old EXCEPT FROM new) UNION ALL (FROM new EXCEPT FROM old)"
    )
    is_touched = f"({on.key}) IN (SELECT ({on.key}) FROM touched)"
    con.execute(f"DELETE FROM {on.history} WHERE withdrawn_at IS NULL AND {is_touched}")
    con.execute(f"DELETE FROM {on.core} WHERE {is_touched}")
    con.execute(
        f"INSERT INTO {on.core} BY NAME SELECT {on.record} FROM version SEMI JOIN touched USING ({on.key}) "
        f"WHERE place = 1"
    )
    con.execute(
        f"INSERT INTO {on.history} BY NAME SELECT {on.record}, superseded_by FROM version "
        f"SEMI JOIN touched USING ({on.key}) WHERE place > 1"
    )
    con.execute(f"INSERT INTO {on.repeat} BY NAME SELECT {on.record} FROM ranked WHERE echo > 1")
    dirty.mark(con, marts, on.core, "changed")
