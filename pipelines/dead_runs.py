"""Runs that a kill left unfinished for ever.

Belongs here: knowing a dead run from one that waits for the home, and marking it failed. Does not belong here:
the home's lock (`warehouse.home`). Whoever calls holds that lock.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
from dagster import DagsterRunStatus, RunsFilter

from pipelines.alerting.glue import TOLD_TAG

_UNFINISHED = [
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]
#: A run that Dagster launched needs seconds until it asks for the home; before that nothing shows whether it lives.
_YOUNG = timedelta(minutes=10)


@contextmanager
def shown_alive(instance: dg.DagsterInstance, run_id: str) -> Iterator[None]:
    """Within the block the run is known to be alive, also while it waits for the home.

    The kernel drops the lock on its sign with the process, so a killed run is known to be dead.
    """
    sign = _sign(instance, run_id)
    sign.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(sign, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        sign.unlink(missing_ok=True)
        os.close(handle)


def mark_dead_runs(instance: dg.DagsterInstance, alive: str = "") -> list[str]:
    """Mark every dead run but one's own, `alive`, as failed; returns their ids.

    A run of the command line is made under the home's lock, which the caller holds: unfinished, it is dead. One
    that Dagster launched is dead when nobody holds its sign, or when it never made one and is no longer young.
    """
    dead = []
    for record in instance.get_run_records(RunsFilter(statuses=_UNFINISHED)):
        run, sign = record.dagster_run, _sign(instance, record.dagster_run.run_id)
        if run.run_id == alive:
            continue
        if TOLD_TAG not in run.tags:
            young = datetime.now(UTC) - record.create_timestamp.replace(tzinfo=UTC) < _YOUNG
            if _is_held(sign) if sign.exists() else young:
                continue
        instance.report_run_failed(run, "the process of this night died; the next night repaired what it left")
        sign.unlink(missing_ok=True)
        dead.append(run.run_id)
    return dead


def _sign(instance: dg.DagsterInstance, run_id: str) -> Path:
    return Path(instance.root_directory) / "alive" / run_id


def _is_held(sign: Path) -> bool:
    try:
        handle = os.open(sign, os.O_RDONLY)
    except FileNotFoundError:  # ended a moment ago
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
