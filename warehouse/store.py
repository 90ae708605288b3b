"""The private working file: opening it, its tables, its transactions.

Belongs here: the connection and what every other module of this room needs of it. Does not belong
here: merging (`warehouse.merge`), rebuilding (`warehouse.rebuild`), publishing (`warehouse.publish`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from sources.errors import UnpublishedError
from sources.feeds import FEEDS
from sources.registry import Feed, Table
from warehouse import dictionary, meta, schema
from warehouse.dirty import dirty_table
from warehouse.home import Home
from warehouse.known_at import ensure_known_at
from warehouse.marts import Engine, Mart, ReferenceTable
from warehouse.names import ident
from warehouse.upgrade import SchemaError, bring_forward
from warehouse.views import Macro, View

if TYPE_CHECKING:
    import ibis.backends.duckdb

#: The oldest storage that clients of 1.4 read; a file made without it opens in 2.x only.
STORAGE_VERSION = "v1.4.0"

#: Bytes that loading holds where nobody set a memory limit, else half of that limit. Measured so that a file of 1 GB
#: takes less than 1 GB in all, Python and its libraries included (`make bench`); more is faster.
LOAD_MEMORY = 250 * 1000**2


class UnusableFileError(UnpublishedError):
    """DuckDB cannot open the working file; the message says why."""


class Warehouse:
    """The working file of one home, open for writing by this process alone.

    Use as a context manager. `feeds`, `marts` and `references` say which tables there are;
    `kept` are tables that no file can make again, and are guarded as facts are; `views` and `macros` are made
    when a night is entered. `engine` may compute heavy marts in place of DuckDB.
    """

    def __init__(
        self,
        home: Home,
        *,
        feeds: Iterable[Feed] = FEEDS.values(),
        marts: Sequence[Mart] = (),
        references: Sequence[ReferenceTable] = (),
        kept: Sequence[Table] = (),
        views: Sequence[View] = (),
        macros: Sequence[Macro] = (),
        memory_limit: str = "",
        threads: int = 0,
        compiled: Path | None = None,
        engine: Engine | None = None,
    ) -> None:
        self.home = home
        self.engine = engine
        self.compiled = compiled or home.work / "compiled"
        self.feeds = {feed.name: feed for feed in feeds}
        self.marts = {mart.name: mart for mart in marts}
        self.references = {reference.table.name: reference for reference in references}
        self.kept = tuple(kept)
        self.views, self.macros = tuple(views), tuple(macros)
        config: dict[str, str | bool | int | float | list[str]] = {"storage_compatibility_version": STORAGE_VERSION}
        if memory_limit:
            config["memory_limit"] = memory_limit
        if threads:
            config["threads"] = str(threads)
        spill = home.work / "spill"
        spill.mkdir(parents=True, exist_ok=True)
        config["temp_directory"] = str(spill)
        try:
            self.con = duckdb.connect(str(home.database), config=config)
        except duckdb.Error as error:
            raise UnusableFileError(
                f"{home.database} cannot be opened: {str(error).splitlines()[0]}; if it is damaged, restore a backup "
                "with `quality-city restore`"
            ) from error
        # DuckDB locks the file, so whatever lies in the folder is of a process that was killed, and nobody's now.
        for left in spill.iterdir():
            left.unlink()
        facts = [table for feed in self.feeds.values() for table in fact_tables(feed)]
        self._guarded = [*meta.META_TABLES, *self.kept, *facts]
        self.upgraded = bring_forward(self.con, home, self._guarded)
        # In bytes: DuckDB tells its limit rounded, and set to what it tells it would be lower each time.
        self._allowed = self._bytes(memory_limit) if memory_limit else None
        self._limit = self._allowed
        self.load_memory = self._allowed // 2 if self._allowed else LOAD_MEMORY
        with self.transaction():  # one commit for some thousand small statements
            self._ensure()

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; DuckDB writes its checkpoint."""
        self.con.close()

    def _ensure(self) -> None:
        schema.create_schemas(self.con)
        self.drop_staging()
        for table in schema.ensure_tables(self.con, self._guarded):
            raise SchemaError(
                f"{self.home.database}: {table.name} has the columns "
                f"{schema.existing_columns(self.con)[table.name]}, this version expects "
                f"{schema.declared_columns(table)}; run the version that made the file, or move the file "
                "away and load the inbox again"
            )
        for feed in self.feeds.values():
            for part in feed.parts:
                ensure_known_at(self.con, part)
        derived = list(dictionary.TABLES)
        derived += [reference.table for reference in self.references.values()]
        derived += [mart.table for mart in self.marts.values()]
        derived += [dirty_table(mart) for mart in self.marts.values()]
        for table in schema.ensure_tables(self.con, derived):
            self._remake(table)

    def _remake(self, table: Table) -> None:
        """A derived table whose declaration changed is made anew; its fingerprint goes, so it is refilled."""
        self.con.execute(f"DROP TABLE {ident(table.name)}")
        schema.create_table(self.con, table)
        self.con.execute("DELETE FROM meta.fingerprint WHERE name = ?", [table.name])

    def drop_staging(self) -> None:
        """Make an empty staging, in memory: what a killed night had read goes with it, and its files are still new.

        It is a database beside the working file, which spills like every table in memory: compressing records for a
        file in which they lie for seconds takes longer than typing them.
        """
        self.con.execute("DETACH DATABASE IF EXISTS staging")
        self.con.execute("ATTACH ':memory:' AS staging")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; an exception rolls back and goes on."""
        self.con.execute("BEGIN TRANSACTION")
        try:
            yield
        except BaseException:
            self.con.execute("ROLLBACK")
            raise
        self.con.execute("COMMIT")

    @contextmanager
    def memory(self, limit: int | None) -> Iterator[None]:
        """Within the block DuckDB holds no more than `limit` bytes in memory and spills the rest to disk.

        Never more than the settings allow; None is what the settings allow.
        """
        before = self._limit
        self._hold(self._allowed if limit is None else min(limit, self._allowed or limit))
        try:
            yield
        finally:
            self._hold(before)

    def _hold(self, limit: int | None) -> None:
        self.con.execute("RESET memory_limit" if limit is None else f"SET memory_limit = '{limit} bytes'")
        self._limit = limit

    def _bytes(self, limit: str) -> int:
        return int(self.value("SELECT parse_formatted_bytes(?)", [limit]))

    def note_change(self) -> None:
        """Remember, within the current transaction, that analysts do not see everything yet."""
        self.con.execute("INSERT INTO work.unpublished VALUES (true)")

    @property
    def unpublished(self) -> bool:
        """Whether something changed since the last publication, in this night or a killed one."""
        return bool(self.value("SELECT count(*) FROM work.unpublished"))

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self.con.execute(query, list(parameters)).fetchall()

    def value(self, query: str, parameters: Sequence[Any] = ()) -> Any:
        """The first value of the first row; None when there is no row."""
        # Fetched to the end: DuckDB 2 refuses other work on a connection with an unfinished result.
        rows = self.rows(query, parameters)
        return rows[0][0] if rows else None

    @cached_property
    def ibis(self) -> ibis.backends.duckdb.Backend:
        """Ibis on the same connection; imported where a mart is rebuilt, not before."""
        import ibis

        return ibis.duckdb.from_connection(self.con)


def fact_tables(feed: Feed) -> list[Table]:
    """Core, history, repeat and quarantine tables of a feed."""
    tables = [meta.quarantine_table(feed)]
    for part in feed.parts:
        tables += [meta.core_table(part), meta.history_table(part), meta.repeat_table(part)]
    return tables
