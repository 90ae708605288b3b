"""Runs that a kill left STARTED for ever.

Belongs here: marking them failed. Whoever calls holds the home's lock, so no other night can be
alive: every unfinished run but one's own is dead.
"""

from __future__ import annotations

import dagster as dg
from dagster import DagsterRunStatus, RunsFilter

_UNFINISHED = [DagsterRunStatus.STARTED, DagsterRunStatus.STARTING, DagsterRunStatus.CANCELING]


def mark_dead_runs(instance: dg.DagsterInstance, alive: str = "") -> list[str]:
    """Mark every unfinished run but `alive` as failed; returns their ids."""
    dead = [run for run in instance.get_runs(RunsFilter(statuses=_UNFINISHED)) if run.run_id != alive]
    for run in dead:
        instance.report_run_failed(run, "the process of this night died; the next night repaired what it left")
    return [run.run_id for run in dead]
