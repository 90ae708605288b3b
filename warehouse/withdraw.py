"""Taking a file back: its records go to history, and what they hid is current again.

Belongs here: finding the file in the ledger, and that one transaction. Does not belong here: the
lock, or what is told of it (`pipelines.withdraw`).

Afterwards core holds what it would hold had the file never come; the ledger says that it came and
who took it back. Nothing is read again: records that only repeated a version were kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sources.registry import Part
from warehouse import mends
from warehouse.ledger import LedgerFile, UnknownFileError, files_named, only
from warehouse.marts import Mart
from warehouse.names import quote
from warehouse.numbering import number
from warehouse.store import Warehouse
from warehouse.versions import order, records, shelves, write


@dataclass(frozen=True)
class Withdrawn:
    """What a withdrawal did: facts that are gone, facts that another file's record gives again."""

    file: LedgerFile
    facts_removed: int
    facts_restored: int


def find_file(warehouse: Warehouse, wanted: str) -> LedgerFile:
    """The one loaded file that `wanted` means. Raises `UnknownFileError` with what the ledger knows of it."""
    found = files_named(warehouse.con, wanted)
    loaded = [file for file in found if file.state == "loaded"]
    if not loaded:
        raise UnknownFileError(f"{wanted!r} has no record in core to take back; the ledger knows:", found)
    return only(wanted, loaded)


def withdraw(
    warehouse: Warehouse, file: LedgerFile, marts: Sequence[Mart], reason: str, who: str, now: datetime
) -> Withdrawn:
    """Take one loaded file back, wholly or not at all."""
    with warehouse.transaction():
        counts = [
            _withdraw_part(warehouse, part, file.source_file_id, marts, now)
            for part in warehouse.feeds[file.feed].parts
        ]
        removed, restored = (sum(numbers) for numbers in zip(*counts, strict=True))
        mends.reopen(warehouse, file.feed, file.source_file_id)
        warehouse.con.execute(
            "UPDATE meta.source_file SET state = 'withdrawn', reason = ? WHERE source_file_id = ?",
            [f"withdrawn by {who} at {now:%Y-%m-%d %H:%M}: {reason}", file.source_file_id],
        )
        warehouse.con.execute(
            "INSERT INTO meta.withdrawal VALUES (?, ?, ?, ?, ?, ?)",
            [file.source_file_id, now, who, reason, removed, restored],
        )
        warehouse.note_change()
    return Withdrawn(file, removed, restored)


def _withdraw_part(warehouse: Warehouse, part: Part, key: str, marts: Sequence[Mart], now: datetime) -> tuple[int, int]:
    """Withdraw one kind of fact; returns how many facts are gone, and how many have another record now."""
    con, on = warehouse.con, shelves(part)
    own = f"source_file_id = {quote(key)}"
    con.execute(f"CREATE OR REPLACE TEMP TABLE own AS {records(on, own)}")
    # Facts of which the file has only repeats keep their versions.
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE families AS SELECT DISTINCT {on.family} FROM ({records(on, own, repeats=False)})"
    )
    ((held,),) = warehouse.rows(f"SELECT count(*) FROM {on.core} WHERE {own}")
    among = f"({on.family}) IN (SELECT ({on.family}) FROM families)"
    con.execute(f"CREATE OR REPLACE TEMP TABLE touched AS SELECT {on.key} FROM ({records(on, among, repeats=False)})")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE pool AS SELECT *, false AS is_new FROM ({records(on, f'NOT {own} AND {among}')})"
    )
    con.execute(f"DELETE FROM {on.repeat} WHERE {own} OR {among}")
    number(con, part, on, "pool")
    order(warehouse, on)
    con.execute(f"INSERT INTO touched SELECT {on.key} FROM version")
    write(warehouse, on, marts)
    con.execute(
        f"INSERT INTO {on.history} BY NAME SELECT {on.record}, TIMESTAMP {quote(str(now))} AS withdrawn_at FROM own"
    )
    ((removed,),) = warehouse.rows(
        f"SELECT count(*) FROM (SELECT DISTINCT * FROM touched) ANTI JOIN {on.core} USING ({on.key})"
    )
    return int(removed), int(held) - int(removed)
