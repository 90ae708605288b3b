"""The version of a working file, and bringing an older one forward.

Belongs here: the number, the way forward, the backup. Does not belong here: what the tables are (`warehouse.meta`,
`sources.feeds`). Tables that are computed need no step: one whose declaration changed is made anew.

Raise `VERSION` when a table of facts, of the ledger or another guarded one gets columns: they are empty for what was
loaded before. No column was ever renamed or taken away; the first that is will need a step of its own here.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from sources.errors import UnpublishedError
from sources.registry import Table
from warehouse import schema
from warehouse.home import Home
from warehouse.meta import LAYOUT, SOURCE_FILE
from warehouse.names import ident

#: Version 1: files without a number. Version 2: the number, and columns that came since.
VERSION = 2


class SchemaError(UnpublishedError):
    """The working file cannot be used by this program; the message says what to do."""


@dataclass(frozen=True)
class Upgrade:
    """A file that was brought forward, and where it lies as it was before."""

    before: int
    after: int
    backup: Path

    def __str__(self) -> str:
        return (
            f"brought the working file from version {self.before} to {self.after}; as it was it lies in {self.backup}, "
            "delete that when the night is good"
        )


def bring_forward(con: duckdb.DuckDBPyConnection, home: Home, guarded: Sequence[Table]) -> Upgrade | None:
    """Bring the open working file to `VERSION`; None when it is new, or there already.

    `guarded`: tables of which nothing may be lost. Raises `SchemaError` for a file of a newer version, and where
    a column of the file is not declared. All or nothing: killed at any moment, it is done again.
    """
    stored = schema.existing_columns(con)
    found = _version(con, stored)
    if found == VERSION:
        return None
    if found > VERSION:
        raise SchemaError(
            f"{home.database} has version {found}, this program knows {VERSION}: it was written by a newer Quality "
            "City. Install that one, or restore a backup of the time before with `quality-city restore`"
        )
    backup = _back_up(con, home, found) if found else None
    con.execute("BEGIN TRANSACTION")
    try:
        if found:
            for table in guarded:
                _widen(con, home, table, stored.get(table.name))
            # Everything that is computed is made again, because what it rests on may have changed.
            con.execute("DELETE FROM meta.fingerprint")
        if LAYOUT.name not in stored:
            schema.create_schemas(con)
            schema.create_table(con, LAYOUT)
        con.execute(f"DELETE FROM {LAYOUT.name}")
        con.execute(f"INSERT INTO {LAYOUT.name} VALUES (?)", [VERSION])
    except BaseException:
        con.execute("ROLLBACK")
        raise
    con.execute("COMMIT")
    return Upgrade(found, VERSION, backup) if backup else None


def _version(con: duckdb.DuckDBPyConnection, stored: dict[str, list[tuple[str, str]]]) -> int:
    """The file's version; 0 when it is new."""
    if LAYOUT.name in stored:
        return int(con.execute(f"SELECT max(version) FROM {LAYOUT.name}").fetchall()[0][0])
    return 1 if SOURCE_FILE.name in stored else 0


def _back_up(con: duckdb.DuckDBPyConnection, home: Home, version: int) -> Path:
    """A copy of the file as it is, made whole before it gets its name."""
    con.execute("CHECKPOINT")
    backup = home.work / f"pipeline.version-{version}.duckdb"
    unfinished = backup.with_suffix(".tmp")
    shutil.copyfile(home.database, unfinished)
    unfinished.replace(backup)
    return backup


def _widen(con: duckdb.DuckDBPyConnection, home: Home, table: Table, columns: list[tuple[str, str]] | None) -> None:
    """Give a table the columns that were added to its declaration; every row keeps what it has."""
    declared = schema.declared_columns(table)
    if columns is None or columns == declared:
        return
    if not set(columns) <= set(declared):
        raise SchemaError(
            f"{home.database}: {table.name} has the columns {sorted(set(columns) - set(declared))}, which version "
            f"{VERSION} does not know; run the version that made the file, or restore a backup"
        )
    con.execute(f"CREATE OR REPLACE TEMP TABLE widened AS FROM {ident(table.name)}")
    con.execute(f"DROP TABLE {ident(table.name)}")
    schema.create_table(con, table)
    con.execute(f"INSERT INTO {ident(table.name)} BY NAME FROM widened")
    con.execute("DROP TABLE widened")
