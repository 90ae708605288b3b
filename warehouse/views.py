"""Views and macros of the published file.

Belongs here: what they are, making them with their comments. Does not belong here: any of them (`assets.views`).

They are made in the transaction that enters a night: the pipeline itself reads none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from sources.registry import Table
from warehouse.names import ident, quote


@dataclass(frozen=True)
class View:
    """An answer that is computed when it is asked for. `sql` gives the columns of `table`, in any type."""

    table: Table
    sql: str


@dataclass(frozen=True)
class Macro:
    """A function for analysts' own queries: schema-qualified name, parameters with their defaults, body, names.

    `rows`: it gives a table and not a value.
    """

    name: str
    parameters: str
    body: str
    zh: str
    en: str
    rows: bool = False

    @property
    def table(self) -> Table:
        """How the dictionary lists it."""
        return Table(self.name, self.zh, f"{self.en}: {self.name}({self.parameters})", ())


def ensure(con: duckdb.DuckDBPyConnection, views: Iterable[View], macros: Iterable[Macro]) -> None:
    """Make or replace every view and macro, with comments."""
    for macro in macros:
        name = ident(macro.name)
        kind, body = ("MACRO TABLE", f"TABLE {macro.body}") if macro.rows else ("MACRO", f"({macro.body})")
        con.execute(f"CREATE OR REPLACE MACRO {name}({macro.parameters}) AS {body}")
        con.execute(f"COMMENT ON {kind} {name} IS {quote(macro.table.description)}")
    for view in views:
        name = ident(view.table.name)
        columns = ", ".join(f"CAST({ident(c.name)} AS {c.duckdb_type}) AS {ident(c.name)}" for c in view.table.columns)
        con.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT {columns} FROM ({view.sql})")
        con.execute(f"COMMENT ON VIEW {name} IS {quote(view.table.description)}")
        for column in view.table.columns:
            con.execute(f"COMMENT ON COLUMN {name}.{ident(column.name)} IS {quote(column.description)}")
