"""DuckDB for SQLAlchemy, as Great Expectations needs it.

Belongs here: a dialect that fetches each result as soon as it is there, and the lending of cursors
of our own connection. Imported when GX runs, never before.
"""

from __future__ import annotations

import duckdb
from duckdb_engine import ConnectionWrapper, Dialect
from sqlalchemy.engine import default
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy

from warehouse.staging import cursor_on_staging


class _BufferedContext(default.DefaultExecutionContext):
    """Buffers rows after execution, because GX returns its connection before it fetches."""

    def post_exec(self) -> None:
        if self.cursor.description is not None:
            self.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(
                self.cursor, initial_buffer=self.cursor.fetchall()
            )


class Lender:
    """Lends cursors of one connection to SQLAlchemy, and takes every one of them back.

    GX never closes its engine, and a cursor that a pool still held would keep the file open.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._lent: list[ConnectionWrapper] = []

    def lend(self) -> ConnectionWrapper:
        """A cursor with staging in front, because GX drops the schema from some of its queries."""
        cursor = cursor_on_staging(self._con)
        self._lent.append(ConnectionWrapper(cursor))
        return self._lent[-1]

    def take_back(self) -> None:
        """Close what was lent and let go of it."""
        for wrapper in self._lent:
            wrapper.close()
        self._lent.clear()


class BufferedDuckDB(Dialect):
    """`duckdb+buffered://`."""

    driver = "buffered"
    execution_ctx_cls = _BufferedContext
    supports_statement_cache = False
