"""The ledger: what is written down of every file, loaded, refused or held.

Belongs here: rows of `meta.source_file`, and finding the one that a person means. Does not belong
here: deciding a record's fate (`warehouse.merge`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime

import duckdb

from sources.errors import MendableError
from sources.outcome import Reading, SourceFile
from warehouse.staging import file_id
from warehouse.store import Warehouse


class UnknownFileError(MendableError):
    """Not exactly one file of the ledger is meant; the message lists what could be."""

    def __init__(self, message: str, files: Sequence[LedgerFile] = ()) -> None:
        super().__init__("\n  ".join([message, *map(str, files)]))


@dataclass(frozen=True)
class LedgerFile:
    """One file of the ledger, as far as a person needs it to tell files apart."""

    source_file_id: str
    feed: str
    name: str
    state: str
    loaded_at: datetime

    def __str__(self) -> str:
        return f"{self.source_file_id}  {self.feed}/{self.name}  ({self.state}, {self.loaded_at:%Y-%m-%d %H:%M})"


def files_named(con: duckdb.DuckDBPyConnection, wanted: str) -> list[LedgerFile]:
    """The files of the ledger that `wanted` may mean: an id, `feed/name`, or a name.

    Raises `UnknownFileError` when there is none.
    """
    rows = con.execute(
        "SELECT source_file_id, feed, name, state, loaded_at FROM meta.source_file "
        "WHERE ? IN (source_file_id, name, feed || '/' || name) ORDER BY loaded_at, source_file_id",
        [wanted],
    ).fetchall()
    if not rows:
        raise UnknownFileError(f"{wanted!r} is not in the ledger; accepted: a source_file_id, a name, or feed/name")
    return [LedgerFile(*row) for row in rows]


def only(wanted: str, files: Sequence[LedgerFile]) -> LedgerFile:
    """The one file of a list. Raises `UnknownFileError` when there are several."""
    if len(files) > 1:
        raise UnknownFileError(f"{wanted!r} means {len(files)} files; give the id of one:", files)
    return files[0]


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
