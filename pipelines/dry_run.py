"""`check FILE`: what would become of one file, without storing anything.

Belongs here: running the real steps of ingestion in a throw-away home. Does not belong here: the
steps (`assets.ingest`), printing (`pipelines.present`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.ingest import FeedOutcome, ingest
from pipelines.queries import quarantine_show, records
from pipelines.settings import SettingsError, local_now
from sources.feeds import FEEDS
from sources.fingerprint import reader_fingerprint
from sources.inbox import describe
from sources.outcome import Refusal
from sources.reading import FileReader
from warehouse.home import create_home
from warehouse.ledger import NightStamp
from warehouse.store import Warehouse

SHOWN = 20


@dataclass(frozen=True)
class DryRun:
    """What one file would become: adapter, fates, first refusals, rows set aside, warnings."""

    file: str
    feed: str
    entry: dict[str, Any]
    refused: list[dict[str, Any]]
    set_aside: list[dict[str, Any]]
    warnings: list[str]

    def as_json(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "feed": self.feed,
            "ledger": self.entry,
            "refused": self.refused,
            "set_aside": self.set_aside,
            "warnings": self.warnings,
        }


def dry_run(path: Path, feed: str | None, say: Callable[[str], None]) -> DryRun:
    """Read, judge and merge one file in a throw-away home.

    Raises `SettingsError` when there is no such file or feed, `Refusal` when no feed recognises it.
    """
    if not path.is_file():
        raise SettingsError(f"{path}: no such file")
    if feed is not None and feed not in FEEDS:
        raise SettingsError(f"--feed {feed}: unknown; accepted: {', '.join(FEEDS)}")
    name = feed or _recognise(path)
    with (
        tempfile.TemporaryDirectory(prefix="quality-city-check-") as folder,
        Warehouse(create_home(Path(folder) / "home", "sample")) as warehouse,
    ):
        stamp = NightStamp("check", local_now(), reader_fingerprint())
        outcome = ingest(warehouse, FEEDS[name], [describe(path, name)], stamp, say)
        (entry,) = records(warehouse.con, "FROM meta.source_file")
        aside = records(warehouse.con, "SELECT * EXCLUDE (source_file_id) FROM meta.set_aside ORDER BY first_row")
        refused = quarantine_show(warehouse.con, entry["source_file_id"], SHOWN)
    return DryRun(str(path), name, entry, refused, aside, _warnings(outcome))


def _recognise(path: Path) -> str:
    """The feed whose adapters recognise the file: its folder's name first, then every feed in turn."""
    order = [path.parent.name] if path.parent.name in FEEDS else list(FEEDS)
    first: Refusal | None = None
    for name in order:
        try:
            FileReader(describe(path, name))
        except Refusal as refusal:
            first = first or refusal
        else:
            return name
    assert first is not None
    raise first


def _warnings(outcome: FeedOutcome) -> list[str]:
    failed = [r for r in outcome.results if r.success is False and r.rule.severity == "warning"]
    unable = [r for r in outcome.results if r.success is None]
    return [
        *(
            f"{r.rule.name}: {r.rule.statement} ({r.unexpected} records, first: row {r.samples[0]['source_row']}, "
            f"{r.samples[0]['found']})"
            for r in failed
        ),
        *(f"{r.rule.name} could not run: {r.error}" for r in unable),
    ]
