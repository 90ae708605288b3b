"""Ingestion: reading, gate and merge of a feed's new files.

Belongs here: the order of those steps, and what is told of each file. Does not belong here: how any
of them works (`sources`, `checks`, `warehouse`).

Files are taken in batches, so that Great Expectations and the merge run once per batch and not once per
file; a batch is merged wholly or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby

import duckdb

from assets.known_codes import known_rules
from assets.remaining import Remaining
from checks import conservation, gate
from checks.drift import Drift, find_drift
from checks.rules import RuleResult
from sources.ahead import one_ahead
from sources.errors import UnpublishedError
from sources.outcome import Problem, Reading, Refusal, SourceFile, Stretch
from sources.readers import opens_lightly
from sources.reading import FileReader
from sources.registry import Feed
from warehouse import ledger, mends, merge, staging
from warehouse.ledger import Fates, NightStamp
from warehouse.marts import Mart
from warehouse.store import Warehouse
from warehouse.validation import write_drift, write_results

#: A batch is closed when its files reach this size: enough to make one validation worthwhile.
BATCH_BYTES = 256 * 1024 * 1024

#: Text that is typed at one time, and records that DuckDB is given at one time, by the memory that loading may hold.
_MEMORY_PER_TEXT, _MOST_TEXT = 100, 16 * 1024**2
_MEMORY_PER_RECORD, _MOST_RECORDS = 2400, 400_000

Say = Callable[[str], None]


@dataclass(frozen=True)
class FileOutcome:
    """What became of one file: its fates and how it differs from earlier ones, or why it was refused or held."""

    file: SourceFile
    series: str = ""
    fates: Fates | None = None
    problem: str = ""
    refusal: Problem | None = None
    drifts: tuple[str, ...] = ()


@dataclass
class FeedOutcome:
    """What became of a feed's new files this night."""

    feed: Feed
    files: list[FileOutcome] = field(default_factory=list)
    results: list[RuleResult] = field(default_factory=list)
    imbalances: list[conservation.Imbalance] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        return sum(outcome.fates.accepted for outcome in self.files if outcome.fates)

    @property
    def quarantined(self) -> int:
        return sum(outcome.fates.quarantined for outcome in self.files if outcome.fates)


class _ReaderFault(Exception):
    """A reader failed on a file in a way that nobody foresaw; the file waits, the night goes on."""


class UnjudgedError(UnpublishedError):
    """A critical rule could not run, so nobody knows whether the records are sound. `results`: what did run."""

    def __init__(self, unable: RuleResult, results: list[RuleResult]) -> None:
        super().__init__(f"held: {unable.rule.name} could not run ({unable.error}); tried again next night")
        self.results = results


def ingest(warehouse: Warehouse, feed: Feed, files: Sequence[SourceFile], stamp: NightStamp, say: Say) -> FeedOutcome:
    """Read, judge and merge new files of one feed; every file ends loaded, refused or held."""
    with warehouse.memory(warehouse.load_memory):
        return _ingested(warehouse, feed, files, stamp, say)


def _ingested(
    warehouse: Warehouse, feed: Feed, files: Sequence[SourceFile], stamp: NightStamp, say: Say
) -> FeedOutcome:
    outcome, remaining = FeedOutcome(feed), Remaining(files)
    for batch in batches(files):
        staging.open_staging(warehouse, feed)
        waiting = staging.Waiting(warehouse, feed, min(warehouse.load_memory // _MEMORY_PER_RECORD, _MOST_RECORDS))
        readings = []
        for file, opened in one_ahead(_opened(batch, min(warehouse.load_memory // _MEMORY_PER_TEXT, _MOST_TEXT))):
            say(f"reading {feed.name}/{file.name}{remaining.beside(file)}")
            try:
                readings.append(_staged(warehouse, feed, file, opened, waiting))
            except Refusal as refusal:
                ledger.enter_refused(warehouse, file, "refused", str(refusal.problem), stamp)
                outcome.files.append(FileOutcome(file, problem=str(refusal.problem), refusal=refusal.problem))
            except _ReaderFault as fault:
                reason = f"{file.name}: held: the reader failed ({fault}); tried again next night"
                ledger.enter_refused(warehouse, file, "held", reason, stamp)
                outcome.files.append(FileOutcome(file, problem=reason))
        waiting.stage()
        if readings:
            _load(warehouse, feed, readings, stamp, outcome, say)
        warehouse.drop_staging()
    outcome.imbalances = conservation.imbalances(warehouse.con, feed)
    return outcome


def batches(files: Sequence[SourceFile]) -> Iterator[list[SourceFile]]:
    """Files in their order, cut where a batch reaches BATCH_BYTES."""
    batch: list[SourceFile] = []
    size = 0
    for file in files:
        batch.append(file)
        size += file.size
        if size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _staged(
    warehouse: Warehouse,
    feed: Feed,
    file: SourceFile,
    opened: Callable[[], FileReader],
    waiting: staging.Waiting,
) -> Reading:
    """Read one file into what waits for staging, stretch by stretch, wholly or not at all.

    Raises `Refusal` for what must not enter this home, or was not read completely.
    """
    try:
        reader = opened()
        for stretch in _stretches(reader):
            _check_complete(reader, stretch)
            waiting.add(stretch)
        reading = reader.reading()
        if reading.origin == "synthetic" and warehouse.home.kind == "live":
            raise Refusal(
                Problem(
                    file.name,
                    found="synthetic rows (origin = synthetic)",
                    accepted="rows of real publications: a live home never holds synthetic ones",
                    action="take the file out of the inbox of this home",
                )
            )
    except (Refusal, _ReaderFault):
        waiting.discard(file)
        raise
    if reading.mends is not None:
        waiting.stage()
    return mends.leave_out_mended(warehouse, feed, reading)


def _opened(files: Sequence[SourceFile], text: int) -> Iterator[tuple[SourceFile, Callable[[], FileReader]]]:
    """Each file and what gives its reader: at hand where opening a file holds little memory, else opened when asked."""
    for file in files:
        opened = partial(_recognised, file, text)
        yield file, _at_hand(opened) if opens_lightly(file.path, file.name) else opened


def _at_hand(opened: Callable[[], FileReader]) -> Callable[[], FileReader]:
    """The same, done now; what it raises comes when the reader is asked for."""
    future: Future[FileReader] = Future()
    try:
        future.set_result(opened())
    except (Refusal, _ReaderFault) as failure:
        future.set_exception(failure)
    return future.result


def _recognised(file: SourceFile, text: int) -> FileReader:
    try:
        return FileReader(file, text)
    except Refusal:
        raise
    except Exception as error:
        raise _ReaderFault(f"{type(error).__name__}: {error}") from error


def _stretches(reader: FileReader) -> Iterator[Stretch]:
    """The reader's stretches; what only the reader can have done wrong is told apart from the rest."""
    try:
        yield from reader.stretches()
    except Refusal:
        raise
    except Exception as error:
        raise _ReaderFault(f"{type(error).__name__}: {error}") from error


def _check_complete(reader: FileReader, stretch: Stretch) -> None:
    if lost := conservation.lost_rows(stretch):
        sheet, row = lost[0]
        raise Refusal(
            Problem(
                stretch.file.name,
                found=f"{len(lost)} rows that adapter {reader.adapter.series} neither read nor set aside",
                accepted="a file whose every row has a fate",
                action="report the file: the adapter has to be mended, the file is then loaded by itself",
                sheet=sheet,
                row=row,
            )
        )


def _load(
    warehouse: Warehouse, feed: Feed, readings: list[Reading], stamp: NightStamp, outcome: FeedOutcome, say: Say
) -> None:
    """Judge a staged batch, refuse what critical rules selected, merge file by file."""
    try:
        outcome.results = judged(warehouse, feed, readings, stamp, say, outcome.results)
    except UnjudgedError as unable:
        outcome.results = unable.results
        for reading in readings:
            reason = f"{reading.file.name}: {unable}"
            ledger.enter_refused(warehouse, reading.file, "held", reason, stamp)
            outcome.files.append(FileOutcome(reading.file, reading.series, problem=reason))
        return
    marts = list(warehouse.marts.values())
    for together in _mergeable(readings):
        say(
            f"merging {feed.name}: {', '.join(reading.file.name for reading in together[:2])}"
            f"{f' and {len(together) - 2} more' if len(together) > 2 else ''}"
        )
        fates, drifts = _merged(warehouse, feed, together, marts, stamp)
        for reading, found in zip(together, fates, strict=True):
            told = tuple(map(str, drifts[staging.file_id(reading.file)]))
            outcome.files.append(FileOutcome(reading.file, reading.series, found, drifts=told))


def _mergeable(readings: Sequence[Reading]) -> Iterator[list[Reading]]:
    """Readings in their order, as they are merged together: a mend by itself."""
    for is_mend, group in groupby(readings, lambda reading: reading.mends is not None):
        together = list(group)
        yield from ([reading] for reading in together) if is_mend else [together]


def judged(
    warehouse: Warehouse,
    feed: Feed,
    readings: Sequence[Reading],
    stamp: NightStamp,
    say: Say,
    before: Sequence[RuleResult] = (),
) -> list[RuleResult]:
    """Judge what is staged and refuse what critical rules selected; the results, after those of `before`.

    Raises `UnjudgedError` when a critical rule could not run; the results are stored all the same.
    """
    say(f"checking {feed.name}: {sum(reading.rows_read - reading.rows_set_aside for reading in readings)} records")
    new = gate.judge(warehouse.con, feed, known_rules(warehouse, feed))
    results = [*before, *new]
    write_results(warehouse, stamp.night_id, feed, results)
    if unable := gate.broken(new):
        raise UnjudgedError(unable[0], results)
    for result in new:
        if result.refused_query:
            staging.refuse(warehouse, feed, result.rule.name, result.rule.reason, result.refused_query)
    staging.fill_raw(warehouse, [reading.file for reading in readings])
    return results


def _merged(
    warehouse: Warehouse, feed: Feed, readings: Sequence[Reading], marts: Sequence[Mart], stamp: NightStamp
) -> tuple[list[Fates], dict[str, list[Drift]]]:
    """Merge files; what cannot be done within that memory is done with all that the settings allow."""
    try:
        return _merged_within(warehouse, feed, readings, marts, stamp)
    except duckdb.OutOfMemoryException:
        with warehouse.memory(None):
            return _merged_within(warehouse, feed, readings, marts, stamp)


def _merged_within(
    warehouse: Warehouse, feed: Feed, readings: Sequence[Reading], marts: Sequence[Mart], stamp: NightStamp
) -> tuple[list[Fates], dict[str, list[Drift]]]:
    """Merge files and compare each with the earlier ones of its series, in one transaction."""
    with warehouse.transaction():
        fates = merge.merge(warehouse, feed, readings, marts, stamp)
        drifts = find_drift(warehouse.con, [staging.file_id(reading.file) for reading in readings])
        write_drift(warehouse, stamp.night_id, drifts)
    return fates, drifts
