"""Merging staged files: versions, fates, ledger and dirty keys in one transaction.

Belongs here: what files' records meet, and what became of each. Does not belong here: the order of
versions (`warehouse.versions`), judging records (`checks`), reading them (`sources`).

Files are merged together: their records are ordered by what they say and not by arrival, and forty
statements cost a small file more than its rows do. Only keys that meet another version are resolved;
everything else is one plain insert.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from sources.outcome import Reading, SourceFile
from sources.registry import LINEAGE, Feed, Part
from warehouse import dirty, mends
from warehouse.ledger import Fates, NightStamp, enter, enter_fates
from warehouse.marts import Mart
from warehouse.names import ident
from warehouse.numbering import given_flag, number
from warehouse.profile import sample_step, write_profile
from warehouse.staging import file_id
from warehouse.store import Warehouse
from warehouse.versions import Shelves, order, records, shelves, write

#: A record of any file.
_PLACE = "source_file_id, source_sheet, source_row, record_no"


def merge(
    warehouse: Warehouse, feed: Feed, readings: Sequence[Reading], marts: Sequence[Mart], stamp: NightStamp
) -> list[Fates]:
    """Within a transaction: merge staged files and enter them into the ledger; the fates of each, in the given order.

    A mend is merged by itself: it closes records of other files.
    """
    for reading in readings:
        enter(warehouse, reading, stamp)
    fates = merge_more(warehouse, feed, readings, marts)
    write_profile(warehouse.con, feed)
    _head(warehouse, [reading for reading, found in zip(readings, fates, strict=True) if found.quarantined])
    for reading, found in zip(readings, fates, strict=True):
        mends.close(warehouse, feed, reading)
        enter_fates(warehouse, file_id(reading.file), found)
    warehouse.note_change()
    return fates


def merge_more(warehouse: Warehouse, feed: Feed, readings: Sequence[Reading], marts: Sequence[Mart]) -> list[Fates]:
    """Within a transaction: merge the staged records of files that are in the ledger; the fates of these records."""
    _judge(warehouse, feed, readings)
    undated: Counter[str] = Counter()
    for part in feed.parts:
        undated.update(_merge_part(warehouse, feed, part, marts))
    _quarantine(warehouse, feed)
    _set_aside(warehouse, readings)
    return _fates(warehouse, feed, readings, undated)


def _judge(warehouse: Warehouse, feed: Feed, readings: Sequence[Reading]) -> None:
    """The tables `merging` (the files, and what each says of all its records) and `accepted` (empty until parts
    fill it), and the view `candidate` (records that passed).

    A view and not a copy: a large file would otherwise be written several times over.
    """
    con = warehouse.con
    con.execute(
        "CREATE OR REPLACE TEMP TABLE merging "
        "(source_file_id VARCHAR, origin VARCHAR, stage VARCHAR, published_at TIMESTAMP, sample_step BIGINT)"
    )
    con.executemany(
        "INSERT INTO merging VALUES (?, ?, ?, ?, ?)",
        [
            (file_id(file), reading.origin, reading.stage, reading.published_at, sample_step(reading.rows_read))
            for reading in readings
            for file in (reading.file,)
        ],
    )
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW candidate AS SELECT * FROM staging.{ident(feed.name)} "
        f"JOIN merging USING (source_file_id) ANTI JOIN staging.refused USING ({_PLACE})"
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE accepted AS SELECT {_PLACE}, 0::BIGINT AS records FROM candidate LIMIT 0"
    )


def _merge_part(warehouse: Warehouse, feed: Feed, part: Part, marts: Sequence[Mart]) -> dict[str, int]:
    """Merge one kind of fact; returns how many conflicts of each file only the file time decided."""
    con, on = warehouse.con, shelves(part)
    _incoming(warehouse, part, on)
    # Two statements: of one that reads the records twice, DuckDB would keep a copy between.
    met = f"SELECT {on.family} FROM incoming GROUP BY {on.key} HAVING count(*) > 1"
    con.execute(f"CREATE OR REPLACE TEMP TABLE met AS {met}")
    con.execute(f"INSERT INTO met SELECT {on.family} FROM incoming SEMI JOIN {on.core} USING ({on.family})")
    some_met = bool(warehouse.rows("SELECT 1 FROM met LIMIT 1"))
    plain = f"SELECT * FROM incoming{f' ANTI JOIN met USING ({on.family})' if some_met else ''}"
    con.execute(f"CREATE OR REPLACE TEMP VIEW plain AS {plain}")
    con.execute(f"INSERT INTO {on.core} BY NAME SELECT * FROM plain")
    _accept(warehouse, feed, "plain")
    dirty.mark(con, marts, on.core, "plain")
    if not some_met:
        return {}
    _meet(warehouse, part, on, marts)
    _accept(warehouse, feed, "version WHERE all_new")
    return _undated(warehouse, on)


def _accept(warehouse: Warehouse, feed: Feed, records: str) -> None:
    """Note records as accepted: how many of each file; by record where one may be several kinds of facts."""
    by_record, by_file = f"SELECT {_PLACE}, 1 AS records", "SELECT source_file_id, count(*) AS records"
    noted = f"{by_record} FROM {records}" if len(feed.parts) > 1 else f"{by_file} FROM {records} GROUP BY ALL"
    warehouse.con.execute(f"INSERT INTO accepted BY NAME {noted}")


def _incoming(warehouse: Warehouse, part: Part, on: Shelves) -> None:
    """The view `incoming`: the files' candidates as records of a part, with what a file says of them all."""
    columns = {column.name: ident(column.name) for column in part.columns}
    if part.named_by:
        columns[given_flag(part)] = f"{ident(part.key[-1])} IS NOT NULL"
    columns |= {column.name: ident(column.name) for column in LINEAGE}
    query = f"SELECT {', '.join(f'{said} AS {ident(name)}' for name, said in columns.items())} FROM candidate"
    if part.present:
        query += f" WHERE {ident(part.present)} IS NOT NULL"
    if part.named_by:
        warehouse.con.execute(f"CREATE OR REPLACE TEMP TABLE unnumbered AS SELECT *, true AS is_new FROM ({query})")
        number(warehouse.con, part, on, "unnumbered")
        query = f"SELECT {on.record} FROM unnumbered"
    warehouse.con.execute(f"CREATE OR REPLACE TEMP VIEW incoming AS {query}")


def _meet(warehouse: Warehouse, part: Part, on: Shelves, marts: Sequence[Mart]) -> None:
    """Order the incoming records that meet others among the versions that exist, and write them.

    A record that says what a higher version says changes no version: it is only added to the repeats.
    Facts that are numbered together are written together, because a new one may change their numbers.
    """
    con, together = warehouse.con, bool(part.named_by)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE pool AS SELECT *, false AS is_new FROM "
        f"({records(on, f'({on.family}) IN (SELECT ({on.family}) FROM met)', repeats=together)}) "
        f"UNION ALL SELECT *, true FROM incoming SEMI JOIN met USING ({on.family})"
    )
    old_keys = f"SELECT {on.key} FROM pool WHERE NOT is_new" if together else f"SELECT {on.key} FROM pool LIMIT 0"
    con.execute(f"CREATE OR REPLACE TEMP TABLE touched AS {old_keys}")
    number(con, part, on, "pool")
    order(warehouse, on)
    con.execute(f"INSERT INTO touched SELECT {on.key} FROM version" + ("" if together else " WHERE is_new"))
    if together:
        con.execute(f"DELETE FROM {on.repeat} WHERE ({on.family}) IN (SELECT ({on.family}) FROM met)")
    write(warehouse, on, marts)


def _undated(warehouse: Warehouse, on: Shelves) -> dict[str, int]:
    """File → keys that got a version from it, and whose first two only the time or the bytes of their files order."""
    return dict(
        warehouse.rows(
            f"SELECT newer, count(*) FROM (SELECT {on.key}, arg_min(source_file_id, place) FILTER (is_new) AS newer "
            f"FROM version JOIN (SELECT source_file_id, published_at_from FROM meta.source_file) AS file "
            f"USING (source_file_id) WHERE place <= 2 GROUP BY {on.key} HAVING count(*) = 2 AND bool_or(is_new) "
            f"AND count(DISTINCT origin) = 1 AND count(DISTINCT stage) = 1 AND count(DISTINCT source_file_id) = 2 "
            f"AND (count(DISTINCT published_at) = 1 OR bool_or(published_at_from = 'modification time'))) "
            f"GROUP BY newer"
        )
    )


def _fates(warehouse: Warehouse, feed: Feed, readings: Sequence[Reading], undated: Mapping[str, int]) -> list[Fates]:
    def by_file(records: str, number: str = "count(*)") -> dict[str, int]:
        return dict(warehouse.rows(f"SELECT source_file_id, {number} FROM ({records}) GROUP BY source_file_id"))

    # A record of a feed with several kinds of facts may have been accepted as each of them.
    once = f"SELECT DISTINCT {_PLACE}, 1 AS records FROM accepted"
    accepted = by_file(once if len(feed.parts) > 1 else "FROM accepted", "sum(records)")
    passed = by_file("SELECT source_file_id FROM candidate")
    quarantined = by_file(f"SELECT DISTINCT {_PLACE} FROM staging.refused SEMI JOIN merging USING (source_file_id)")
    return [
        Fates(
            read=reading.rows_read,
            accepted=accepted.get(key, 0),
            quarantined=quarantined.get(key, 0),
            duplicate=passed.get(key, 0) - accepted.get(key, 0),
            set_aside=reading.rows_set_aside,
            undated_conflicts=undated.get(key, 0),
        )
        for reading, key in ((reading, file_id(reading.file)) for reading in readings)
    ]


def _quarantine(warehouse: Warehouse, feed: Feed) -> None:
    warehouse.con.execute(
        f"INSERT INTO quarantine.{ident(feed.name)} BY NAME SELECT {_PLACE}, "
        "string_agg(rule, ', ' ORDER BY rule) AS rule, string_agg(reason, '; ' ORDER BY rule) AS reason, "
        "coalesce(any_value(raw), '{}') AS raw FROM staging.refused SEMI JOIN merging USING (source_file_id) "
        "GROUP BY ALL"
    )


def _head(warehouse: Warehouse, readings: Sequence[Reading]) -> None:
    """Keep the rows down to the header of files with refused records: a mend is read under them."""
    if not readings:
        return
    warehouse.con.register("_head", _of_files((reading.file, reading.head) for reading in readings).to_arrow())
    warehouse.con.execute("INSERT INTO meta.file_head BY NAME SELECT * FROM _head")
    warehouse.con.unregister("_head")


def _set_aside(warehouse: Warehouse, readings: Sequence[Reading]) -> None:
    """Count the rows set aside by sheet and reason, with those that an earlier reading of the file set aside."""
    con = warehouse.con
    con.register("_aside", _of_files((reading.file, reading.aside) for reading in readings).to_arrow())
    con.execute(
        "CREATE OR REPLACE TEMP TABLE counted_aside AS SELECT source_file_id, source_sheet, reason, "
        "sum(rows)::BIGINT AS rows, min(first_row) AS first_row, max(last_row) AS last_row FROM "
        "(FROM _aside UNION ALL BY NAME FROM meta.set_aside SEMI JOIN merging USING (source_file_id)) "
        "GROUP BY source_file_id, source_sheet, reason"
    )
    con.unregister("_aside")
    con.execute("DELETE FROM meta.set_aside WHERE source_file_id IN (SELECT source_file_id FROM merging)")
    con.execute(
        "INSERT INTO meta.set_aside BY NAME FROM counted_aside ORDER BY source_file_id, source_sheet, first_row"
    )


def _of_files(frames: Iterable[tuple[SourceFile, pl.DataFrame]]) -> pl.DataFrame:
    """What was kept of several files as one frame, with the file of each row."""
    return pl.concat(frame.with_columns(source_file_id=pl.lit(file_id(file))) for file, frame in frames)
