"""The ledger: what is written down of every file, loaded, refused or held.

Belongs here: rows of `meta.source_file`. Does not belong here: deciding a record's fate
(`warehouse.merge`).
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import datetime

from sources.outcome import Reading, SourceFile
from warehouse.staging import file_id
from warehouse.store import Warehouse


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


_COUNTS = ("rows_read", "rows_accepted", "rows_quarantined", "rows_duplicate", "rows_set_aside", "undated_conflicts")
_NO_RECORDS = dict.fromkeys(_COUNTS, 0)


def enter(warehouse: Warehouse, reading: Reading, stamp: NightStamp) -> None:
    """Write a loaded file into the ledger, in place of an earlier refusal of the same bytes; its fates follow."""
    _write_entry(
        warehouse,
        _entry(reading.file, stamp)
        | _NO_RECORDS
        | {
            "series": reading.series,
            "adapter": reading.adapter,
            "origin": reading.origin,
            "state": "loaded",
            "stage": reading.stage,
            "published_at": reading.published_at,
            "published_at_from": reading.published_at_from,
            "notes": "; ".join(reading.notes) or None,
        },
    )


def enter_fates(warehouse: Warehouse, key: str, fates: Fates) -> None:
    """Write what became of a file's records beside its entry."""
    warehouse.con.execute(
        f"UPDATE meta.source_file SET {', '.join(f'{name} = ?' for name in _COUNTS)} WHERE source_file_id = ?",
        [*astuple(fates), key],
    )


def enter_refused(warehouse: Warehouse, file: SourceFile, state: str, reason: str, stamp: NightStamp) -> None:
    """Write a file that was refused whole (or held) into the ledger, with the reason in words."""
    with warehouse.transaction():
        _write_entry(warehouse, _entry(file, stamp) | _NO_RECORDS | {"state": state, "reason": reason})
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
