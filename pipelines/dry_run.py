"""`check FILE`: what would become of one file, without storing anything.

Belongs here: running the real steps of ingestion in a throw-away home. Does not belong here: the
steps (`assets.ingest`), printing (`pipelines.present`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from assets.ingest import FeedOutcome, ingest
from pipelines.quarantine import shown
from pipelines.queries import records
from pipelines.settings import SettingsError, local_now
from sources.extract import NOTE_SHEET
from sources.feeds import FEEDS
from sources.fingerprint import reader_fingerprint
from sources.inbox import describe
from sources.outcome import Problem, Refusal
from sources.reading import FileReader, feed_of
from warehouse.home import create_home
from warehouse.ledger import NightStamp
from warehouse.store import Warehouse

SHOWN = 20


@dataclass(frozen=True)
class DryRun:
    """What one file would become: what it is, fates, first refusals, rows set aside, warnings.

    `publication`: series, names, publisher, format, encoding and sheets; empty when the file is refused
    whole. `problem`: why it is refused whole (place, found, accepted, to do), else empty.
    """

    file: str
    feed: str
    publication: dict[str, Any] = field(default_factory=dict)
    problem: dict[str, Any] = field(default_factory=dict)
    entry: dict[str, Any] = field(default_factory=dict)
    refused: list[dict[str, Any]] = field(default_factory=list)
    set_aside: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """One document; `ledger` is the row that the file would have in meta.source_file."""
        document = asdict(self)
        return document | {"ledger": document.pop("entry")}


def dry_run(path: Path, feed: str | None, say: Callable[[str], None]) -> DryRun:
    """Read, judge and merge one file in a throw-away home.

    Raises `SettingsError` when there is no such file or feed.
    """
    if not path.is_file():
        raise SettingsError(f"{path}: no such file")
    if feed is not None and feed not in FEEDS:
        raise SettingsError(f"--feed {feed}: unknown; accepted: {', '.join(FEEDS)}")
    own = path.parent.name if path.parent.name in FEEDS else None
    feeds = [feed or own] if feed or own else list(FEEDS)
    try:
        name = feed_of(lambda known: describe(path, known), [known for known in feeds if known])
        publication = _publication(FileReader(describe(path, name)))
    except Refusal as refusal:
        return DryRun(str(path), feed or own or "", problem=_problem(refusal.problem))
    with (
        tempfile.TemporaryDirectory(prefix="quality-city-check-") as folder,
        Warehouse(create_home(Path(folder) / "home", "sample")) as warehouse,
    ):
        stamp = NightStamp("check", local_now(), reader_fingerprint())
        outcome = ingest(warehouse, FEEDS[name], [describe(path, name)], stamp, say)
        (entry,) = records(warehouse.con, "FROM meta.source_file")
        aside = records(warehouse.con, "SELECT * EXCLUDE (source_file_id) FROM meta.set_aside ORDER BY first_row")
        refused = shown(warehouse.con, entry["source_file_id"], SHOWN)
    (file,) = outcome.files
    problem = _problem(file.refusal) if file.refusal else {"found": file.problem} if file.problem else {}
    warnings = [*([entry["notes"]] if entry["notes"] else []), *_warnings(outcome)]
    if entry["origin"] == "synthetic":
        warnings.append("the file says that its rows are examples (origin = synthetic): a live home refuses it")
    refused = [record | _cells(record) for record in refused]
    return DryRun(str(path), name, publication, problem, entry, refused, aside, warnings)


def _publication(reader: FileReader) -> dict[str, Any]:
    """What the file was recognised as."""
    adapter, opened = reader.adapter, reader.opened
    return {
        "series": adapter.series,
        "zh": adapter.zh,
        "en": adapter.en,
        "publisher": adapter.publisher,
        "format": opened.form,
        "encoding": opened.encoding,
        "sheets": [
            {
                "name": name,
                "read": name in reader.read_sheets,
                "why_not": "" if name in reader.read_sheets else opened.loose.get(name, NOTE_SHEET),
            }
            for name in opened.heads
        ],
    }


#: What a person does about a cell, by the kind of rule that refused it.
_TO_DO = {
    "type": "write the cell as accepted",
    "code": "use one of the accepted words, or have the new one added",
    "unit": "convert to an accepted unit, or have the unit added",
    "required": "fill the cell in",
}


def _cells(record: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that a refused record's rules name, and what to do."""
    rules = [rule.partition(":") for rule in record["rule"].split(", ")]
    do = dict.fromkeys(_TO_DO.get(kind, "correct the record at its source") for kind, _, _ in rules)
    return {"columns": [column for _, _, column in rules if column], "to_do": "; ".join(do)}


def _problem(problem: Problem) -> dict[str, Any]:
    return asdict(problem)


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
