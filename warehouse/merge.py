"""Merging one staged file: versions, fates, ledger and dirty keys in one transaction.

Belongs here: what becomes current, what becomes history, what is a duplicate. Does not belong here:
judging records (`checks`), reading them (`sources`).

Versions of a fact are ordered by what they say of themselves (origin, stage, publication time, then
file, sheet, row), never by arrival, so any order and any split of the same files gives the same core.
Only keys that meet another version are resolved; everything else is one plain insert.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sources.outcome import Reading, SourceFile
from sources.registry import LINEAGE, Feed, Part
from warehouse import dirty, meta
from warehouse.marts import Mart
from warehouse.names import ident, quote
from warehouse.staging import file_id
from warehouse.store import Warehouse

#: Highest first; the single place where the version order of the contracts is written.
RANK = (
    "origin = 'real' DESC, stage = 'validated' DESC, published_at DESC, "
    "source_file_id DESC, source_sheet DESC, source_row DESC, record_no DESC"
)


@dataclass(frozen=True)
class Fates:
    """What became of one file's records; read = accepted + quarantined + duplicate + set_aside."""

    read: int
    accepted: int
    quarantined: int
    duplicate: int
    set_aside: int
    undated_conflicts: int


@dataclass(frozen=True)
class NightStamp:
    """What a ledger row needs to know of the night: its id, the time, the readers' fingerprint."""

    night_id: str
    now: datetime
    reader: str


def merge(warehouse: Warehouse, feed: Feed, reading: Reading, marts: Sequence[Mart], stamp: NightStamp) -> Fates:
    """Merge one staged file; wholly in or wholly out."""
    with warehouse.transaction():
        _judge(warehouse, feed, file_id(reading.file))
        undated = sum(_merge_part(warehouse, feed, part, reading, marts) for part in feed.parts)
        fates = _fates(warehouse, reading, undated)
        _quarantine(warehouse, feed, file_id(reading.file))
        _set_aside(warehouse, reading)
        _enter(warehouse, reading, fates, stamp)
        warehouse.note_change()
    return fates


def _judge(warehouse: Warehouse, feed: Feed, key: str) -> None:
    """Temporary tables: `candidate` (records that passed) and `row_fate` (empty until parts fill it)."""
    warehouse.con.execute(
        f"CREATE OR REPLACE TEMP TABLE candidate AS SELECT * FROM staging.{ident(feed.name)} "
        f"WHERE source_file_id = {quote(key)} AND (source_sheet, source_row, record_no) NOT IN "
        f"(SELECT (source_sheet, source_row, record_no) FROM staging.refused WHERE source_file_id = {quote(key)})"
    )
    warehouse.con.execute(
        "CREATE OR REPLACE TEMP TABLE accepted_row (source_sheet VARCHAR, source_row BIGINT, record_no BIGINT)"
    )


def _merge_part(warehouse: Warehouse, feed: Feed, part: Part, reading: Reading, marts: Sequence[Mart]) -> int:
    """Merge one kind of fact; returns how many conflicts only the file time decided."""
    con = warehouse.con
    core, history = meta.core_table(part), meta.history_table(part)
    key = ", ".join(ident(name) for name in core.key)
    content = ", ".join(ident(column.name) for column in part.columns)
    present = f"WHERE {ident(part.present)} IS NOT NULL" if part.present else ""
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE incoming AS SELECT {content}, {quote(reading.origin)} AS origin, "
        f"{quote(reading.stage)} AS stage, TIMESTAMP {quote(str(reading.published_at))} AS published_at, "
        f"source_file_id, source_sheet, source_row, record_no FROM candidate {present}"
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE met AS "
        f"SELECT {key} FROM incoming GROUP BY ALL HAVING count(*) > 1 "
        f"UNION SELECT {key} FROM incoming SEMI JOIN {core.name} USING ({key})"
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE plain AS SELECT * FROM incoming ANTI JOIN met USING ({key})")
    con.execute(f"INSERT INTO {core.name} BY NAME SELECT * FROM plain")
    con.execute("INSERT INTO accepted_row SELECT source_sheet, source_row, record_no FROM plain")
    dirty.mark(con, marts, core.name, "plain")
    if not warehouse.rows("SELECT 1 FROM met LIMIT 1"):
        return 0
    _resolve(warehouse, core.name, history.name, key, content, marts)
    return _undated(warehouse, key, reading)


def _resolve(warehouse: Warehouse, core: str, history: str, key: str, content: str, marts: Sequence[Mart]) -> None:
    """Order all versions of the keys that met another version, and write them back."""
    con = warehouse.con
    lineage = ", ".join(column.name for column in LINEAGE)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE pool AS "
        f"SELECT {content}, {lineage}, false AS is_new FROM {core} SEMI JOIN met USING ({key}) UNION ALL "
        f"SELECT {content}, {lineage}, false FROM {history} SEMI JOIN met USING ({key}) UNION ALL "
        f"SELECT {content}, {lineage}, true FROM incoming SEMI JOIN met USING ({key})"
    )
    # One version per key and content: it stands at its highest rank, and is new if nothing old says the same.
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE version AS SELECT *, "
        f"row_number() OVER (PARTITION BY {key} ORDER BY {RANK}) AS place, "
        f"first_value(source_file_id) OVER (PARTITION BY {key} ORDER BY {RANK}) AS superseded_by FROM ("
        f"SELECT *, bool_and(is_new) OVER (PARTITION BY {content}) AS all_new FROM pool "
        f"QUALIFY row_number() OVER (PARTITION BY {content} ORDER BY {RANK}) = 1)"
    )
    con.execute("INSERT INTO accepted_row SELECT source_sheet, source_row, record_no FROM version WHERE all_new")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE changed AS "
        f"WITH old AS (SELECT {content}, {lineage} FROM {core} SEMI JOIN met USING ({key})), "
        f"new AS (SELECT {content}, {lineage} FROM version WHERE place = 1) "
        f"(FROM old EXCEPT FROM new) UNION ALL (FROM new EXCEPT FROM old)"
    )
    con.execute(f"DELETE FROM {history} WHERE ({key}) IN (SELECT ({key}) FROM met)")
    con.execute(f"DELETE FROM {core} WHERE ({key}) IN (SELECT ({key}) FROM met)")
    con.execute(f"INSERT INTO {core} BY NAME SELECT {content}, {lineage} FROM version WHERE place = 1")
    con.execute(
        f"INSERT INTO {history} BY NAME SELECT {content}, {lineage}, superseded_by FROM version WHERE place > 1"
    )
    dirty.mark(con, marts, core, "changed")


def _undated(warehouse: Warehouse, key: str, reading: Reading) -> int:
    """Keys whose first two versions differ in nothing but a publication time that is only a file time."""
    return int(
        warehouse.value(
            f"WITH top AS (SELECT {key}, min_by(origin, place) AS o1, max_by(origin, place) AS o2, "
            f"min_by(stage, place) AS s1, max_by(stage, place) AS s2, list(source_file_id) AS files "
            f"FROM version WHERE place <= 2 GROUP BY ALL HAVING count(*) = 2) "
            f"SELECT count(*) FROM top WHERE o1 = o2 AND s1 = s2 AND list_unique(files) = 2 AND EXISTS ("
            f"SELECT 1 FROM (SELECT source_file_id, published_at_from FROM meta.source_file UNION ALL "
            f"SELECT ?, ?) f WHERE list_contains(top.files, f.source_file_id) "
            f"AND f.published_at_from = 'modification time')",
            [file_id(reading.file), reading.published_at_from],
        )
    )


def _fates(warehouse: Warehouse, reading: Reading, undated: int) -> Fates:
    accepted, passed, quarantined = warehouse.rows(
        "SELECT (SELECT count(DISTINCT (source_sheet, source_row, record_no)) FROM accepted_row), "
        "(SELECT count(*) FROM candidate), (SELECT count(DISTINCT (source_sheet, source_row, record_no)) "
        "FROM staging.refused WHERE source_file_id = ?)",
        [file_id(reading.file)],
    )[0]
    return Fates(
        read=reading.rows_read,
        accepted=accepted,
        quarantined=quarantined,
        duplicate=passed - accepted,
        set_aside=reading.set_aside.height,
        undated_conflicts=undated,
    )


def _quarantine(warehouse: Warehouse, feed: Feed, key: str) -> None:
    warehouse.con.execute(
        f"INSERT INTO quarantine.{ident(feed.name)} BY NAME SELECT source_file_id, source_sheet, source_row, "
        "record_no, string_agg(rule, ', ' ORDER BY rule) AS rule, string_agg(reason, '; ' ORDER BY rule) AS reason, "
        "coalesce(any_value(raw), '{}') AS raw FROM staging.refused WHERE source_file_id = ? GROUP BY ALL",
        [key],
    )


def _set_aside(warehouse: Warehouse, reading: Reading) -> None:
    warehouse.con.register("_aside", reading.set_aside.to_arrow())
    warehouse.con.execute(
        "INSERT INTO meta.set_aside BY NAME SELECT ? AS source_file_id, source_sheet, reason, count(*) AS rows, "
        "min(source_row) AS first_row, max(source_row) AS last_row FROM _aside GROUP BY source_sheet, reason "
        "ORDER BY source_sheet, first_row",
        [file_id(reading.file)],
    )
    warehouse.con.unregister("_aside")


def _enter(warehouse: Warehouse, reading: Reading, fates: Fates, stamp: NightStamp) -> None:
    """Write the file into the ledger, in place of an earlier refusal of the same bytes."""
    entry = _entry(reading.file, stamp) | {
        "series": reading.series,
        "adapter": reading.adapter,
        "origin": reading.origin,
        "state": "loaded",
        "rows_read": fates.read,
        "rows_accepted": fates.accepted,
        "rows_quarantined": fates.quarantined,
        "rows_duplicate": fates.duplicate,
        "rows_set_aside": fates.set_aside,
        "undated_conflicts": fates.undated_conflicts,
        "stage": reading.stage,
        "published_at": reading.published_at,
        "published_at_from": reading.published_at_from,
    }
    _write_entry(warehouse, entry)


def enter_refused(warehouse: Warehouse, file: SourceFile, state: str, reason: str, stamp: NightStamp) -> None:
    """Write a file that was refused whole (or held) into the ledger, with the reason in words."""
    zeros = {f"rows_{fate}": 0 for fate in ("read", "accepted", "quarantined", "duplicate", "set_aside")}
    with warehouse.transaction():
        entry = _entry(file, stamp) | zeros | {"undated_conflicts": 0, "state": state, "reason": reason}
        _write_entry(warehouse, entry)
        warehouse.note_change()


def _entry(file: SourceFile, stamp: NightStamp) -> dict[str, object]:
    return {
        "source_file_id": file_id(file),
        "feed": file.feed,
        "name": file.name,
        "sha256": file.sha256,
        "bytes": file.size,
        "modified_at": file.modified_at,
        "loaded_at": stamp.now,
        "night_id": stamp.night_id,
        "reader": stamp.reader,
    }


def _write_entry(warehouse: Warehouse, entry: dict[str, object]) -> None:
    warehouse.con.execute("DELETE FROM meta.source_file WHERE source_file_id = ?", [entry["source_file_id"]])
    names, marks = ", ".join(entry), ", ".join("?" for _ in entry)
    warehouse.con.execute(f"INSERT INTO meta.source_file ({names}) VALUES ({marks})", list(entry.values()))
