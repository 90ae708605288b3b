"""Running a night from the command line: choose the work, let Dagster do it, tell what happened.

Belongs here: `run_night` and its account. Does not belong here: printing (`pipelines.present`),
opening (`pipelines.night`). An empty night ends here without importing Dagster.
"""

from __future__ import annotations

import gc
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from assets.session import NightSession
from checks.rules import RuleResult
from pipelines.account import NightAccount
from pipelines.alerting.nightly import failure_told, settle, tell_after
from pipelines.dagster_home import has_unfinished_runs, mend, prepare
from pipelines.night import open_night, work_to_do
from pipelines.settings import Settings, local_now
from sources.errors import MendableError, UnpublishedError
from warehouse.home import LockedError
from warehouse.nights import current_night, prune

if TYPE_CHECKING:
    import dagster as dg

#: With less than this on the disk, its fullness is the likely cause of any failure to write.
_LITTLE_BYTES = 32 << 20


class NightFailedError(UnpublishedError):
    """The night did not publish; what analysts see is unchanged. The message says which step and why."""


def run_night(settings: Settings, say: Callable[[str], None]) -> NightAccount:
    """One night on the settings' home.

    Raises `NightFailedError` when a step failed (published state unchanged), and what `open_night` raises.
    """
    with failure_told(settings), _in_words(settings), open_night(settings, say) as night:
        work = work_to_do(night)
        if work or night.warehouse.unpublished:
            _materialize(night, settings, work)
        else:
            _mark_dead(night)
            settle(settings, night)
            tell_after(settings, night)
            prune(night.warehouse.home, settings.keep_nights)
        return _account(night)


def _mark_dead(night: NightSession) -> None:
    """Mark runs of killed nights failed, where there are any: Dagster is imported for nothing less."""
    if not has_unfinished_runs(night.warehouse.home.dagster):
        return
    with _dagster(night) as instance:
        from pipelines.dead_runs import mark_dead_runs

        mark_dead_runs(instance)


def _dagster(night: NightSession) -> dg.DagsterInstance:
    """Dagster in the home's own folder, of which damaged parts are put aside first. Raises `NightFailedError`."""
    folder = night.warehouse.home.dagster
    os.environ["DAGSTER_HOME"] = str(prepare(folder).resolve())
    for mended in mend(folder, night.started_at):
        night.say(mended)
        night.mended.append(mended)
    night.say("starting Dagster")
    import dagster as dg

    try:
        return dg.DagsterInstance.get()
    except Exception as error:  # of any kind: its folder, its configuration, a store that it cannot reach
        raise NightFailedError(
            f"Dagster cannot start in {folder}: {_first_line(error)}; mend dagster.yaml there, or move the folder "
            "away: the next night makes a new one"
        ) from error


def _materialize(night: NightSession, settings: Settings, work: set[str]) -> None:
    """Run the assets that have work, and the publication, in this process."""
    with _dagster(night) as instance:
        from pipelines.alerting.glue import ALERTS, TOLD, TOLD_TAG
        from pipelines.dead_runs import mark_dead_runs
        from pipelines.definitions import HISTORY_KEY, JOB, PUBLISHED, asset_key_of, build_defs

        job = build_defs(settings=settings, night=night).resolve_job_def(JOB)
        if not gc.get_freeze_count():
            gc.freeze()  # a million objects of libraries, which stay: not looked through for garbage again and again
        selection = [*(asset_key_of(table) for table in sorted(work)), HISTORY_KEY, ALERTS, PUBLISHED, TOLD]
        try:
            mark_dead_runs(instance)
            outcome = job.execute_in_process(
                instance=instance,
                asset_selection=selection,
                tags={TOLD_TAG: "by the command line"},
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                raise_on_error=False,
            )
            failure = "" if outcome.success else _why(night, outcome)
        except Exception as error:  # a step's error is in the outcome; what comes here Dagster could not write down
            failure = f"Dagster could not go on: {_first_line(error)}"
    if failure and night.published is None:
        raise NightFailedError(failure)
    if failure:
        night.undone.append(f"after the publication: {failure}; the next night does it")


@contextmanager
def _in_words(settings: Settings) -> Iterator[None]:
    """An error of a database becomes one of the night; a disk that is full is said before whatever it caused."""
    try:
        yield
    except (LockedError, MendableError):
        raise
    except (UnpublishedError, OSError, sqlite3.Error, duckdb.Error) as error:
        disk = _full_disk(settings.home)
        if not disk and isinstance(error, (UnpublishedError, OSError)):
            raise
        raise NightFailedError(
            f"{disk}{error if isinstance(error, UnpublishedError) else _first_line(error)}"
        ) from error


def _full_disk(home: Path) -> str:
    """That the disk of the home is as good as full, and what to do; else an empty text."""
    if not home.exists() or (free := shutil.disk_usage(home).free) >= _LITTLE_BYTES:
        return ""
    return (
        f"only {free / (1 << 20):.1f} MiB are free on the disk of {home}; free some space, the next night repairs the "
        "rest. The error was: "
    )


def _first_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {(str(error).splitlines() or ['no reason given'])[0]}"


def _why(night: NightSession, outcome: object) -> str:
    """The failed step and its error, or the records that did not balance."""
    unbalanced = [str(entry) for feed in night.outcomes for entry in feed.imbalances]
    if unbalanced:
        return "records do not balance: " + "; ".join(unbalanced)
    failures = [event for event in outcome.all_events if event.is_step_failure]  # type: ignore[attr-defined]
    if not failures:
        return "the run failed without naming a step; see the run in Dagster"
    error = failures[0].step_failure_data.error
    cause = error.cause or error
    said = cause.message.strip().removeprefix(f"{cause.cls_name}: ")
    return f"step {failures[0].step_key}: {cause.cls_name}: {said}"


def _errored(results: Sequence[RuleResult]) -> tuple[str, ...]:
    """Rules that could not run, those with the same error together: an engine that fails fails them all."""
    by_error: dict[str, list[str]] = {}
    for result in results:
        if result.success is None:
            by_error.setdefault(result.error, []).append(result.rule.name)
    return tuple(
        f"{', '.join(names[:3])}{f' and {len(names) - 3} more' if len(names) > 3 else ''}: {error}"
        for error, names in by_error.items()
    )


def _account(night: NightSession) -> NightAccount:
    results = [result for feed in night.outcomes for result in feed.results]
    stamp = night.stamp
    return NightAccount(
        home=night.warehouse.home,
        night_id=night.published.night_id if night.published else current_night(night.warehouse.home),
        published=night.published is not None,
        seconds=(local_now() - night.started_at).total_seconds() if stamp else 0.0,
        files=tuple(entry for feed in night.outcomes for entry in feed.files),
        strays=night.strays,
        imbalances=tuple(str(entry) for feed in night.outcomes for entry in feed.imbalances),
        failed_rules=tuple(
            f"{r.rule.name}: {r.unexpected} records ({r.rule.severity})" for r in results if r.success is False
        ),
        errored_rules=_errored(results),
        rebuilt={built.mart: built.changed for built in night.rebuilt},
        not_made=(*(night.published.faults if night.published else ()), *night.undone),
        mended=tuple(night.mended),
    )
