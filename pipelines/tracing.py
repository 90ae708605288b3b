"""Following links between rows of the published night, down to the facts or up to the verdicts.

Belongs here: the walk. Does not belong here: the links (`assets.lineage`), what is told of the rows
(`pipelines.explain`). Reads only; what is found stands in temporary tables of the connection.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

import duckdb

from assets.lineage import LINKS, Link
from warehouse.names import ident

if TYPE_CHECKING:
    import ibis.expr.types as ir


#: Names of temporary tables, each used once.
_NAMES = (f"trace_{number}" for number in count())


class _Published:
    """The `Inputs` of the functions that name chosen rows: Ibis tables on the published night."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        import ibis

        self.backend = ibis.duckdb.from_connection(con)

    @property
    def dirty(self) -> ir.Table:
        raise LookupError("a published night has no dirty keys")

    @property
    def only(self) -> ir.Table | None:
        return self.dirty

    def table(self, name: str) -> ir.Table:
        schema, table = name.split(".")
        return self.backend.table(table, database=schema)


class Trace:
    """Rows reached from some rows, by table, in the order in which tables were reached first.

    `found`: table → name of the temporary table of its row ids. `crossed`: the links that led to rows.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, links: Sequence[Link] = LINKS) -> None:
        self._con = con
        self._links = links
        self.found: dict[str, str] = {}
        self.crossed: list[Link] = []

    def down(self, table: str, where: str, parameters: Sequence[Any] = ()) -> None:
        """Follow the rows of `table` for which `where` holds to everything that they rest on."""
        self._walk(table, where, parameters, down=True)

    def up(self, table: str, where: str, parameters: Sequence[Any] = ()) -> None:
        """Follow them to everything that rests on them."""
        self._walk(table, where, parameters, down=False)

    def count(self, table: str) -> int:
        """How many rows of a table were reached."""
        ((rows,),) = self._con.execute(f"SELECT count(*) FROM {self.found[table]}").fetchall()
        return int(rows)

    def source(self, table: str) -> str:
        """SQL for the rows of a table that were reached."""
        return f"(SELECT * FROM {ident(table)} WHERE rowid IN (SELECT id FROM {self.found[table]}))"

    def _walk(self, table: str, where: str, parameters: Sequence[Any], *, down: bool) -> None:
        start = f"SELECT rowid AS id FROM {ident(table)} WHERE {where}"
        waiting = deque(self._add(table, start, parameters))
        while waiting:
            here, fresh = waiting.popleft()
            for link in self._links:
                mine, other = (link.table, link.upstream) if down else (link.upstream, link.table)
                if mine == here:
                    reached = list(self._add(other, self._across(link, fresh, down=down)))
                    self.crossed += [link] if reached else []
                    waiting.extend(reached)

    def _add(self, table: str, query: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[str, str]]:
        """Keep the row ids that `query` gives and that were not reached before; yields them, if there are any."""
        fresh = next(_NAMES)
        if table not in self.found:
            known = self.found[table] = next(_NAMES)
            self._con.execute(f"CREATE TEMP TABLE {known} (id BIGINT)")
        known = self.found[table]
        self._con.execute(f"CREATE TEMP TABLE {fresh} AS {query} EXCEPT SELECT id FROM {known}", list(parameters))
        self._con.execute(f"INSERT INTO {known} SELECT id FROM {fresh}")
        if self._con.execute(f"SELECT 1 FROM {fresh} LIMIT 1").fetchall():
            yield table, fresh
        elif not self.count(table):
            del self.found[table]

    def _across(self, link: Link, fresh: str, *, down: bool) -> str:
        """SQL for the row ids on the other side of a link."""
        here = f"WHERE rowid IN (SELECT id FROM {fresh})"
        mine, theirs = (here, "") if down else ("", here)
        chosen, also = self._choice(link)
        return (
            f"SELECT DISTINCT {'u' if down else 'm'}.id "
            f"FROM (SELECT rowid AS id, * FROM {ident(link.table)} {mine}) AS m {link.beside}, "
            f"(SELECT rowid AS id, * FROM {ident(link.upstream)} {theirs}) AS u{chosen} "
            f"WHERE ({link.on}){also}"
        )

    def _choice(self, link: Link) -> tuple[str, str]:
        """The table of chosen rows of a link and the condition that takes them; both empty where none is chosen."""
        if link.chosen is None:
            return "", ""
        table = f"rows_{link.chosen.__name__}"  # the same for every walk of this connection
        if not self._con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = ?", [table]).fetchall():
            inputs = _Published(self._con)
            self._con.execute(f"CREATE TEMP TABLE {table} AS {inputs.backend.compile(link.chosen(inputs))}")
        columns = [name for name, *_ in self._con.execute(f"DESCRIBE {table}").fetchall()]
        # u_code: the column `code` of u.
        equal = [f"p.{ident(name)} IS NOT DISTINCT FROM {name[0]}.{ident(name[2:])}" for name in columns]
        return f", {table} AS p", " AND " + " AND ".join(equal)
