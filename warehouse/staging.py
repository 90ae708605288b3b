"""Staging: a batch of files, read and typed, waiting for judgement.

Belongs here: putting stretches of files into `staging.<feed>` and `staging.refused`. Does not belong here:
rules (`checks`), merging (`warehouse.merge`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

import duckdb
import polars as pl

from sources.outcome import SourceFile, Stretch
from sources.reading import raw_rows
from sources.registry import Feed
from warehouse import meta, schema
from warehouse.names import ident
from warehouse.store import Warehouse

_FILE_ID_DIGITS = 16


def file_id(file: SourceFile) -> str:
    """The id of a file: the same bytes in the same feed are the same file, wherever and whenever."""
    return hashlib.sha256(f"{file.feed}\n{file.sha256}".encode()).hexdigest()[:_FILE_ID_DIGITS]


def open_staging(warehouse: Warehouse, feed: Feed) -> None:
    """Make the feed's staging tables, empty."""
    warehouse.drop_staging()
    for table in (meta.staging_table(feed), meta.REFUSED):
        schema.create_table(warehouse.con, table, commented=False)  # a statement a column, for a table of minutes


def cursor_on_staging(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A cursor that finds staged tables by their bare names, as rules are written, and the warehouse's by schema.

    The warehouse stands first, because a name with a schema is looked for there only; its `main` holds no table.
    """
    cursor = con.cursor()
    ((database,),) = cursor.execute("SELECT current_database()").fetchall()
    cursor.execute(f"SET search_path = '{database}.main,staging.main'")
    return cursor


class Waiting:
    """Stretches of one file after another that wait to be staged together: DuckDB takes many records at one time.

    DuckDB takes 300,000 records three times as fast as the same by 40,000, and a file of some thousand takes its
    time for the statement. Staged are some `records` at a time, each time committed by itself, because a transaction
    over a large file holds it in memory.
    """

    def __init__(self, warehouse: Warehouse, feed: Feed, records: int) -> None:
        self._warehouse, self._feed, self._records = warehouse, feed, records
        self._stretches: list[Stretch] = []

    def add(self, stretch: Stretch) -> None:
        """Let the records of a stretch wait, and its refusals; stage what waits where it is enough."""
        self._stretches.append(replace(stretch, sheets={}, set_aside=stretch.set_aside.clear()))
        if sum(waiting.records.height + waiting.refused.height for waiting in self._stretches) >= self._records:
            self.stage()

    def stage(self) -> None:
        """Stage what waits."""
        if self._stretches:
            stage(self._warehouse, self._feed, *self._stretches)
        self._stretches = []

    def discard(self, file: SourceFile) -> None:
        """Take a file that turned out to be no good out again."""
        self._stretches = [stretch for stretch in self._stretches if stretch.file != file]
        for table in (meta.staging_table(self._feed), meta.REFUSED):
            self._warehouse.con.execute(f"DELETE FROM {ident(table.name)} WHERE source_file_id = ?", [file_id(file)])


def stage(warehouse: Warehouse, feed: Feed, *stretches: Stretch) -> None:
    """Add the records and refusals of stretches, of one file or of several, to staging.

    A record without a number of its own gets one here: the md5 of its identifying cells.
    """
    con = warehouse.con
    # Few files of many records: as an enumeration, whose words are handed over once.
    files = pl.Enum(sorted({file_id(stretch.file) for stretch in stretches}))
    records = pl.concat([_of_its_file(stretch.records, stretch, files) for stretch in stretches], how="diagonal")
    filled = {column.name for column in records.get_columns() if column.null_count() < records.height}
    columns = {name: ident(name) for name in meta.staging_table(feed).names if name in filled}
    if feed.identity and "_identity" in records.columns:
        given = ident(feed.identity)
        columns[feed.identity] = f"coalesce({given}, md5(_identity))"
    if columns:
        con.register("_records", records.to_arrow())
        con.execute(
            f"INSERT INTO {ident(meta.staging_table(feed).name)} ({', '.join(map(ident, columns))}) "
            f"SELECT {', '.join(columns.values())} FROM _records"
        )
        con.unregister("_records")
    refused = pl.concat([_of_its_file(stretch.refused, stretch, files) for stretch in stretches])
    if refused.is_empty():
        return
    con.register("_refused", refused.to_arrow())
    con.execute(
        "INSERT INTO staging.refused BY NAME SELECT ? AS feed, source_file_id, source_sheet, source_row, "
        "record_no, rule, reason, raw FROM _refused",
        [feed.name],
    )
    con.unregister("_refused")


def _of_its_file(rows: pl.DataFrame, stretch: Stretch, files: pl.Enum) -> pl.DataFrame:
    return rows.with_columns(source_file_id=pl.lit(file_id(stretch.file), files))


def fill_raw(warehouse: Warehouse, files: Iterable[SourceFile]) -> None:
    """Give every refusal of the gate the raw text of its source row: the file is read once more for it."""
    con = warehouse.con
    for file in files:
        wanted = con.sql(
            "SELECT DISTINCT source_sheet, source_row FROM staging.refused WHERE source_file_id = ? AND raw IS NULL",
            params=[file_id(file)],
        ).pl()
        for raw in raw_rows(file, wanted) if wanted.height else ():
            con.register("_raw", raw.to_arrow())
            con.execute(
                "UPDATE staging.refused SET raw = _raw.raw FROM _raw WHERE staging.refused.source_file_id = ? "
                "AND staging.refused.raw IS NULL AND staging.refused.source_sheet = _raw.source_sheet "
                "AND staging.refused.source_row = _raw.source_row",
                [file_id(file)],
            )
            con.unregister("_raw")


def refuse(warehouse: Warehouse, feed: Feed, rule: str, reason: str, query: str) -> int:
    """Refuse the staged records that `query` selects (it gives source_file_id and the record key).

    `query` runs with staging in front, as the rule's author wrote it. `reason` is SQL
    over the staged record. Returns how many records were refused.
    """
    cursor = cursor_on_staging(warehouse.con)
    keys = "source_file_id, source_sheet, source_row, record_no"
    inserted = cursor.execute(
        f"INSERT INTO staging.refused (feed, {keys}, rule, reason) "
        f"SELECT ?, {keys}, ?, {reason} FROM staging.{ident(feed.name)} SEMI JOIN "
        f"({query.rstrip().rstrip(';')}) AS bad USING ({keys})",
        [feed.name, rule],
    ).fetchone()
    cursor.close()
    return int(inserted[0]) if inserted else 0
