"""`quarantine replay`: load what a person mended, or read refused records again with mended readers.

Belongs here: the verb's two forms, and what they tell. Does not belong here: reading and merging
(`assets.ingest`, `assets.reread`), the workbook (`sources.mends`).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assets.catalog import load_catalog
from assets.ingest import FileOutcome, UnjudgedError, ingest
from assets.reread import read_again
from pipelines.night import look, plans_of
from pipelines.settings import Settings, SettingsError, local_now
from pipelines.shell import who
from pipelines.writing import loaded_home, opened
from sources.feeds import FEEDS
from sources.fingerprint import reader_fingerprint
from sources.inbox import describe
from sources.mends import mended_file
from sources.outcome import Refusal, SourceFile
from warehouse.home import Home
from warehouse.ledger import LedgerFile, NightStamp, files_named, only
from warehouse.mends import first_refused, open_records
from warehouse.names import quote
from warehouse.staging import file_id
from warehouse.store import Warehouse

Say = Callable[[str], None]


@dataclass(frozen=True)
class Replayed:
    """One file of a replay. `before` and `after`: open refused records of the file that is mended."""

    name: str
    before: int
    after: int
    accepted: int = 0
    duplicate: int = 0
    set_aside: dict[str, int] = field(default_factory=dict)
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        return dict(vars(self))

    def __str__(self) -> str:
        aside = "".join(f", {rows:,} × {reason}" for reason, rows in self.set_aside.items())
        counts = f"{self.before:,} refused → {self.after:,}; {self.accepted:,} accepted, {self.duplicate:,} duplicate"
        return f"{self.name}: {counts}{aside}" + (f"\n  {self.note}" if self.note else "")


def replay_mend(settings: Settings, workbook: Path, say: Say) -> list[Replayed]:
    """Load a mended workbook as a file of its own; one account per mended file.

    In a live home the workbook is kept in the inbox, so that the inbox still says everything. Raises
    `SettingsError` when it is no mend, `Refusal` when it cannot be read.
    """
    if not workbook.is_file():
        raise SettingsError(f"{workbook}: no such file; accepted: a workbook of `quality-city quarantine export`")
    feed, mended = mended_file(workbook)
    if feed not in FEEDS:
        raise SettingsError(
            f"{workbook}: not a workbook of `quality-city quarantine export`; a new file goes into the inbox"
        )
    home = loaded_home(settings)
    with opened(settings, home, load_catalog(settings.judged_on, plans_of(settings)), "a replay", say) as warehouse:
        known = warehouse.rows(
            "SELECT name, state FROM meta.source_file WHERE source_file_id = ?", [file_id(describe(workbook, feed))]
        )
        if known and known[0][1] in ("loaded", "withdrawn"):
            return [Replayed(known[0][0], 0, 0, note=f"this workbook is {known[0][1]} already: nothing was changed")]
        file = _kept(settings, home, workbook, feed)
        now = local_now()
        stamp = NightStamp(now.strftime("%Y%m%d-%H%M%S-%f"), now, reader_fingerprint())
        first = first_refused(warehouse, mended)
        before = _open_count(warehouse, feed, first)
        outcome = ingest(warehouse, FEEDS[feed], [file], stamp, say).files[0]
        return [_mended(warehouse, outcome, before, _open_count(warehouse, feed, first))]


def _mended(warehouse: Warehouse, outcome: FileOutcome, before: int, after: int) -> Replayed:
    feed, name = outcome.file.feed, f"{outcome.file.feed}/{outcome.file.name}"
    if outcome.fates is None:
        return Replayed(name, before, after, note=outcome.problem)
    aside = dict(
        warehouse.rows(
            "SELECT reason, sum(rows)::BIGINT FROM meta.set_aside WHERE source_file_id = ? "
            "AND reason NOT IN ('header', 'preface') GROUP BY reason ORDER BY reason",
            [file_id(outcome.file)],
        )
    )
    still = warehouse.rows(
        f"SELECT first_row, reason FROM ({open_records(feed)}) WHERE source_file_id = ? ORDER BY first_row LIMIT 5",
        [file_id(outcome.file)],
    )
    note = "\n  ".join(f"still refused, row {row}: {reason}" for row, reason in still)
    return Replayed(name, before, after, outcome.fates.accepted, outcome.fates.duplicate, aside, note)


def _kept(settings: Settings, home: Home, workbook: Path, feed: str) -> SourceFile:
    """The workbook where nights find it: under `mends/` of its feed, in the inbox of a live home.

    It is complete before it has its name, so that a night never sees half of it.
    """
    inbox = (settings.inbox or home.inbox).resolve()
    folder = inbox / feed
    if home.kind != "live":
        return describe(workbook, feed)
    if not workbook.resolve().is_relative_to(folder):
        there = folder / "mends"
        there.mkdir(parents=True, exist_ok=True)
        kept = there / workbook.name
        number = 1
        while kept.exists() and kept.read_bytes() != workbook.read_bytes():
            number += 1
            kept = there / f"{workbook.stem}-{number}{workbook.suffix}"
        half = kept.with_name(kept.name + ".tmp")
        shutil.copy2(workbook, half)
        half.replace(kept)
        workbook = kept
    file = describe(workbook, feed)
    return SourceFile(
        file.path,
        feed,
        workbook.resolve().relative_to(folder).as_posix(),
        file.sha256,
        file.size,
        file.modified_at,
    )


def replay_refused(settings: Settings, wanted: str | None, say: Say) -> list[Replayed]:
    """Read refused records and refused files of the inbox again with the readers of today; one account per file.

    `wanted`: one file (id, name or feed/name); None: every one. Raises `UnknownFileError`.
    """
    home = loaded_home(settings)
    with opened(settings, home, load_catalog(settings.judged_on, plans_of(settings)), "a replay", say) as warehouse:
        only_id = only(wanted, _waiting(warehouse, wanted)).source_file_id if wanted else None
        lying = {file_id(file): file for file in look(settings, warehouse).files}
        now = local_now()
        stamp = NightStamp(now.strftime("%Y%m%d-%H%M%S-%f"), now, reader_fingerprint())
        return [
            _again(warehouse, entry, lying.get(entry.source_file_id), stamp, say)
            for entry in _waiting(warehouse, None)
            if only_id in (None, entry.source_file_id)
        ]


def _waiting(warehouse: Warehouse, wanted: str | None) -> list[LedgerFile]:
    """Files with open refused records, and files refused whole or held; all, or those that `wanted` may mean."""
    union = " UNION ".join(f"SELECT source_file_id FROM ({open_records(feed)})" for feed in warehouse.feeds)
    feeds = ", ".join(map(quote, warehouse.feeds))
    files = [
        LedgerFile(*row)
        for row in warehouse.rows(
            f"SELECT source_file_id, feed, name, state, loaded_at FROM meta.source_file WHERE feed IN ({feeds}) "
            f"AND (state IN ('refused', 'held') OR source_file_id IN ({union})) ORDER BY feed, name, source_file_id"
        )
    ]
    if wanted is None:
        return files
    named = {file.source_file_id for file in files_named(warehouse.con, wanted)}
    found = [file for file in files if file.source_file_id in named]
    if not found:
        raise SettingsError(f"{wanted}: no record of it is refused; see `quality-city quarantine list`")
    return found


def _again(warehouse: Warehouse, entry: LedgerFile, file: SourceFile | None, stamp: NightStamp, say: Say) -> Replayed:
    """One file, read again: whole if it was refused whole, else its refused records."""
    name, feed = f"{entry.feed}/{entry.name}", FEEDS[entry.feed]
    before = _open_count(warehouse, entry.feed, first_refused(warehouse, entry.source_file_id))
    if file is None:
        return Replayed(name, before, before, note="not in the inbox any more: put it back to read it again")
    if entry.state != "loaded":
        outcome = ingest(warehouse, feed, [file], stamp, say).files[0]
        if outcome.fates is None:
            return Replayed(name, before, before, note=f"still not loaded: {outcome.problem}")
        fates = outcome.fates
        return Replayed(name, before, fates.quarantined, fates.accepted, fates.duplicate, note="loaded now")
    try:
        (done,) = read_again(warehouse, feed, [file], stamp, who(), say)
    except (Refusal, UnjudgedError) as error:
        warehouse.drop_staging()
        return Replayed(name, before, before, note=f"nothing was changed: {error}")
    aside = {"set aside now": done.set_aside} if done.set_aside else {}
    return Replayed(name, done.before, done.after, done.accepted, done.duplicate, aside)


def _open_count(warehouse: Warehouse, feed: str, first: str) -> int:
    """Open records of a file, those that its mends left open included."""
    return int(warehouse.value(f"SELECT count(*) FROM ({open_records(feed)}) WHERE first_file = ?", [first]))
