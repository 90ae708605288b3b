"""A SQLAlchemy dialect for DuckDB that fetches each result as soon as it is there.

Belongs here: only that. Imported by `checks.gx` through SQLAlchemy's registry, when GX runs.
"""

from __future__ import annotations

from duckdb_engine import Dialect
from sqlalchemy.engine import default
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy


class _BufferedContext(default.DefaultExecutionContext):
    """Buffers rows after execution, because GX returns its connection before it fetches."""

    def post_exec(self) -> None:
        if self.cursor.description is not None:
            self.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(
                self.cursor, initial_buffer=self.cursor.fetchall()
            )


class BufferedDuckDB(Dialect):
    """`duckdb+buffered://`."""

    driver = "buffered"
    execution_ctx_cls = _BufferedContext
    supports_statement_cache = False
