"""DDL from the registry: schemas, tables, comments.

Belongs here: turning a `Table` into DuckDB tables and comments, and noticing when an existing table
differs from its declaration. Does not belong here: any table's declaration.

No PRIMARY KEY, UNIQUE or index anywhere: on 40 million rows a unique index costs more time, memory
and file size than finding duplicate keys by query (measured, see the design). No NOT NULL either:
what must be present is a rule (`checks`), so that a bad record is quarantined instead of failing a load.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from sources.registry import Table
from warehouse.names import ident, quote

#: Schema → what it holds. DuckDB has no comments on schemas, so the dictionary prints these.
SCHEMAS = {
    "core": "现行事实 · the current version of each fact",
    "history": "历史版本 · versions that are not current",
    "repeat": "重复记录 · records that say again what a version says",
    "quarantine": "隔离记录 · refused records with rule, reason and raw text",
    "standard": "标准与参数 · limits, breakpoints, factors as dated data",
    "mart": "指标与分析表 · what is computed from core",
    "meta": "台账与说明 · ledger, checks, nights, dictionary",
    "work": "待重算键（私有） · dirty keys, private to the pipeline, empty in a published night",
}

#: Nobody but the pipeline reads these: `staging` is a database in memory, and no schema of the file.
PRIVATE_SCHEMAS = ("staging", "work")


def create_schemas(con: duckdb.DuckDBPyConnection) -> None:
    """Make every schema of the warehouse that is missing, and drop the staging that older versions kept in the file."""
    con.execute("DROP SCHEMA IF EXISTS staging CASCADE")
    for name in SCHEMAS:
        con.execute(f"CREATE SCHEMA IF NOT EXISTS {name}")


def declared_columns(table: Table) -> list[tuple[str, str]]:
    """(name, DuckDB type) of every column, in order."""
    return [(column.name, column.duckdb_type) for column in table.columns]


def existing_columns(con: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, str]]]:
    """Every table of the file → (name, DuckDB type) of its columns, in order; one look at the catalog."""
    stored: dict[str, list[tuple[str, str]]] = {}
    for table, name, kind in con.execute(
        "SELECT schema_name || '.' || table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE database_name = current_database() ORDER BY table_oid, column_index"
    ).fetchall():
        stored.setdefault(table, []).append((name, kind))
    return stored


def create_table(con: duckdb.DuckDBPyConnection, table: Table, commented: bool = True) -> None:
    """Create a table, with its comments unless nobody will read them. Raises duckdb.CatalogException when it exists."""
    columns = ", ".join(f"{ident(name)} {kind}" for name, kind in declared_columns(table))
    con.execute(f"CREATE TABLE {ident(table.name)} ({columns})")
    if commented:
        comment(con, table)


def comment(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Write the registry's descriptions as comments of table and columns."""
    name = ident(table.name)
    notes = "".join(f" ! {warning}" for warning in table.warnings)
    con.execute(f"COMMENT ON TABLE {name} IS {quote(table.description + notes)}")
    for column in table.columns:
        con.execute(f"COMMENT ON COLUMN {name}.{ident(column.name)} IS {quote(column.description)}")


def ensure_tables(con: duckdb.DuckDBPyConnection, tables: Iterable[Table]) -> list[Table]:
    """Create what is missing; returns the tables whose stored columns differ from the declaration."""
    stored = existing_columns(con)
    differing = []
    for table in tables:
        if table.name not in stored:
            create_table(con, table)
        elif stored[table.name] != declared_columns(table):
            differing.append(table)
    return differing
