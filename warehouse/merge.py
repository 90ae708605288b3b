"""Merging one staged file: versions, fates, ledger and dirty keys in one transaction.

Belongs here: what a file's records meet, and what became of each. Does not belong here: the order of
versions (`warehouse.versions`), judging records (`checks`), reading them (`sources`).

Only keys that meet another version are resolved; everything else is one plain insert.
"""

from __future__ import annotations

from collections.abc import Sequence

from sources.outcome import Reading
from sources.registry import Feed, Part
from warehouse import dirty, mends
from warehouse.ledger import Fates, NightStamp, enter, enter_fates
from warehouse.marts import Mart
from warehouse.names import ident, quote
from warehouse.numbering import given_flag, number
from warehouse.profile import write_profile
from warehouse.staging import file_id
from warehouse.store import Warehouse
from warehouse.versions import Shelves, order, records, shelves, write


def merge(warehouse: Warehouse, feed: Feed, reading: Reading, marts: Sequence[Mart], stamp: NightStamp) -> Fates:
    """Merge one staged file; wholly in or wholly out."""
    with warehouse.transaction():
        return merge_one(warehouse, feed, reading, marts, stamp)


def merge_one(warehouse: Warehouse, feed: Feed, reading: Reading, marts: Sequence[Mart], stamp: NightStamp) -> Fates:
    """Within a transaction: merge one staged file and enter it into the ledger."""
    key = file_id(reading.file)
    enter(warehouse, reading, stamp)
    fates = merge_more(warehouse, feed, reading, marts)
    write_profile(warehouse.con, feed, key)
    _head(warehouse, reading, fates)
    mends.close(warehouse, feed, reading)
    enter_fates(warehouse, key, fates)
    warehouse.note_change()
    return fates


def merge_more(warehouse: Warehouse, feed: Feed, reading: Reading, marts: Sequence[Mart]) -> Fates:
    """Within a transaction: merge the staged records of a file that is in the ledger; the fates of these records."""
    key = file_id(reading.file)
    _judge(warehouse, feed, key)
    undated = sum(_merge_part(warehouse, part, reading, marts) for part in feed.parts)
    _quarantine(warehouse, feed, key)
    _set_aside(warehouse, reading)
    return _fates(warehouse, reading, undated)


def _judge(warehouse: Warehouse, feed: Feed, key: str) -> None:
    """The view `candidate` (records that passed) and the table `accepted_row` (empty until parts fill it).

    Views and not copies: a large file would otherwise be written several times over.
    """
    warehouse.con.execute(
        f"CREATE OR REPLACE TEMP VIEW candidate AS SELECT * FROM staging.{ident(feed.name)} "
        f"WHERE source_file_id = {quote(key)} AND (source_sheet, source_row, record_no) NOT IN "
        f"(SELECT (source_sheet, source_row, record_no) FROM staging.refused WHERE source_file_id = {quote(key)})"
    )
    warehouse.con.execute(
        "CREATE OR REPLACE TEMP TABLE accepted_row (source_sheet VARCHAR, source_row BIGINT, record_no BIGINT)"
    )


def _merge_part(warehouse: Warehouse, part: Part, reading: Reading, marts: Sequence[Mart]) -> int:
    """Merge one kind of fact; returns how many conflicts only the file time decided."""
    con, on = warehouse.con, shelves(part)
    _incoming(warehouse, part, on, reading)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE met AS "
        f"SELECT {on.family} FROM incoming GROUP BY {on.key} HAVING count(*) > 1 "
        f"UNION SELECT {on.family} FROM incoming SEMI JOIN {on.core} USING ({on.family})"
    )
    con.execute(f"CREATE OR REPLACE TEMP VIEW plain AS SELECT * FROM incoming ANTI JOIN met USING ({on.family})")
    con.execute(f"INSERT INTO {on.core} BY NAME SELECT * FROM plain")
    con.execute("INSERT INTO accepted_row SELECT source_sheet, source_row, record_no FROM plain")
    dirty.mark(con, marts, on.core, "plain")
    if not warehouse.rows("SELECT 1 FROM met LIMIT 1"):
        return 0
    _meet(warehouse, part, on, marts)
    return _undated(warehouse, on)


def _incoming(warehouse: Warehouse, part: Part, on: Shelves, reading: Reading) -> None:
    """The view `incoming`: the file's candidates as records of a part, with what the file says of them all."""
    columns = {column.name: ident(column.name) for column in part.columns}
    if part.named_by:
        columns[given_flag(part)] = f"{ident(part.key[-1])} IS NOT NULL"
    columns |= {
        "origin": quote(reading.origin),
        "stage": quote(reading.stage),
        "published_at": f"TIMESTAMP {quote(str(reading.published_at))}",
        **{name: name for name in ("source_file_id", "source_sheet", "source_row", "record_no")},
    }
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
    con.execute("INSERT INTO accepted_row SELECT source_sheet, source_row, record_no FROM version WHERE all_new")
    con.execute(f"INSERT INTO touched SELECT {on.key} FROM version" + ("" if together else " WHERE is_new"))
    if together:
        con.execute(f"DELETE FROM {on.repeat} WHERE ({on.family}) IN (SELECT ({on.family}) FROM met)")
    write(warehouse, on, marts)


def _undated(warehouse: Warehouse, on: Shelves) -> int:
    """Keys that got a version, and whose first two are told apart by the time or the bytes of their files alone."""
    return int(
        warehouse.value(
            f"SELECT count(*) FROM (SELECT {on.key} FROM version JOIN "
            f"(SELECT source_file_id, published_at_from FROM meta.source_file) AS file USING (source_file_id) "
            f"WHERE place <= 2 GROUP BY ALL HAVING count(*) = 2 AND bool_or(is_new) "
            f"AND count(DISTINCT origin) = 1 AND count(DISTINCT stage) = 1 AND count(DISTINCT source_file_id) = 2 "
            f"AND (count(DISTINCT published_at) = 1 OR bool_or(published_at_from = 'modification time')))"
        )
    )


def _fates(warehouse: Warehouse, reading: Reading, undated: int) -> Fates:
    accepted, passed, quarantined = warehouse.rows(
        "SELECT (SELECT count(*) FROM (SELECT DISTINCT * FROM accepted_row)), "
        "(SELECT count(*) FROM candidate), (SELECT count(DISTINCT (source_sheet, source_row, record_no)) "
        "FROM staging.refused WHERE source_file_id = ?)",
        [file_id(reading.file)],
    )[0]
    return Fates(
        read=reading.rows_read,
        accepted=accepted,
        quarantined=quarantined,
        duplicate=passed - accepted,
        set_aside=reading.rows_set_aside,
        undated_conflicts=undated,
    )


def _quarantine(warehouse: Warehouse, feed: Feed, key: str) -> None:
    warehouse.con.execute(
        f"INSERT INTO quarantine.{ident(feed.name)} BY NAME SELECT source_file_id, source_sheet, source_row, "
        "record_no, string_agg(rule, ', ' ORDER BY rule) AS rule, string_agg(reason, '; ' ORDER BY rule) AS reason, "
        "coalesce(any_value(raw), '{}') AS raw FROM staging.refused WHERE source_file_id = ? GROUP BY ALL",
        [key],
    )


def _head(warehouse: Warehouse, reading: Reading, fates: Fates) -> None:
    """Keep the rows down to the header of a file with refused records: a mend is read under them."""
    if not fates.quarantined:
        return
    warehouse.con.register("_head", reading.head.to_arrow())
    warehouse.con.execute(
        "INSERT INTO meta.file_head BY NAME SELECT ? AS source_file_id, * FROM _head", [file_id(reading.file)]
    )
    warehouse.con.unregister("_head")


def _set_aside(warehouse: Warehouse, reading: Reading) -> None:
    """Count the rows set aside by sheet and reason, with those that an earlier reading of the file set aside."""
    con, key = warehouse.con, file_id(reading.file)
    con.register("_aside", reading.aside.to_arrow())
    con.execute(
        "CREATE OR REPLACE TEMP TABLE counted_aside AS SELECT source_sheet, reason, sum(rows)::BIGINT AS rows, "
        "min(first_row) AS first_row, max(last_row) AS last_row FROM (SELECT * FROM _aside UNION ALL "
        "SELECT * EXCLUDE (source_file_id) FROM meta.set_aside WHERE source_file_id = ?) GROUP BY source_sheet, reason",
        [key],
    )
    con.unregister("_aside")
    con.execute("DELETE FROM meta.set_aside WHERE source_file_id = ?", [key])
    con.execute(
        "INSERT INTO meta.set_aside BY NAME SELECT ? AS source_file_id, * FROM counted_aside "
        "ORDER BY source_sheet, first_row",
        [key],
    )
