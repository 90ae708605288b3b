"""Refused records of loaded files, read again: what is accepted now, and the file's counts.

Belongs here: which rows are read again, and the one transaction that merges them. Does not belong
here: reading and judging them (`assets.reread`).

The records are the file's own: they enter core under its id and rows, and its counts in the ledger
become those that a first load with the mended readers would have given. `meta.reread` keeps before and
after.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from sources.outcome import Reading, SourceFile
from sources.registry import Feed
from warehouse.ledger import NightStamp
from warehouse.mends import open_records
from warehouse.merge import merge_more
from warehouse.names import ident
from warehouse.staging import file_id
from warehouse.store import Warehouse
from warehouse.versions import shelves


@dataclass(frozen=True)
class Reread:
    """One file, before and after its refused records were read again."""

    file: SourceFile
    before: int
    accepted: int
    duplicate: int
    set_aside: int
    after: int


def refused_rows(warehouse: Warehouse, feed: Feed, file: SourceFile) -> pl.DataFrame:
    """Source rows of a file with open refused records: source_sheet, source_row."""
    found: pl.DataFrame = warehouse.con.sql(
        f"SELECT DISTINCT source_sheet, source_row FROM ({open_records(feed.name)}) WHERE source_file_id = ?",
        params=[file_id(file)],
    ).pl()
    return found


def stored_records(warehouse: Warehouse, feed: Feed, file: SourceFile) -> pl.DataFrame:
    """Records of a file that stand in core, history or repeat, or are closed: source_sheet, source_row, record_no."""
    on = shelves(feed.parts[0])
    tables = [f"SELECT * FROM {table}" for table in (on.core, on.history, on.repeat)]
    tables.append(f"SELECT * FROM quarantine.{ident(feed.name)} WHERE replayed_by IS NOT NULL")
    union = " UNION ".join(
        f"SELECT source_sheet, source_row, record_no FROM ({table}) WHERE source_file_id = $key" for table in tables
    )
    found: pl.DataFrame = warehouse.con.sql(union, params={"key": file_id(file)}).pl()
    return found


def merge_again(warehouse: Warehouse, feed: Feed, reading: Reading, stamp: NightStamp, who: str) -> Reread:
    """Merge the staged records of a file that was loaded before; wholly or not at all."""
    key = file_id(reading.file)
    count = f"SELECT count(*) FROM ({open_records(feed.name)}) WHERE source_file_id = ?"
    with warehouse.transaction():
        before = warehouse.value(count, [key])
        warehouse.con.execute(
            f"DELETE FROM quarantine.{ident(feed.name)} WHERE source_file_id = ? AND replayed_by IS NULL", [key]
        )
        (fates,) = merge_more(warehouse, feed, [reading], list(warehouse.marts.values()))
        warehouse.con.execute(
            "UPDATE meta.source_file SET rows_read = rows_read - $before + $read, "
            "rows_accepted = rows_accepted + $accepted, rows_duplicate = rows_duplicate + $duplicate, "
            "rows_set_aside = rows_set_aside + $aside, rows_quarantined = rows_quarantined - $before + $quarantined, "
            "reader = $reader WHERE source_file_id = $key",
            {
                "before": before,
                "read": fates.read,
                "accepted": fates.accepted,
                "duplicate": fates.duplicate,
                "aside": fates.set_aside,
                "quarantined": fates.quarantined,
                "reader": stamp.reader,
                "key": key,
            },
        )
        done = Reread(reading.file, before, fates.accepted, fates.duplicate, fates.set_aside, fates.quarantined)
        warehouse.con.execute(
            "INSERT INTO meta.reread VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [key, stamp.now, who, stamp.reader, before, done.accepted, done.duplicate, done.set_aside, done.after],
        )
        warehouse.note_change()
    return done
