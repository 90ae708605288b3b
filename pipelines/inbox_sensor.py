"""A sensor that starts a night when the inbox changes.

Belongs here: noticing a change by names, sizes and times alone (no hashing, no warehouse). STOPPED
by default: the schedule is the rule, the sensor for cities that want files loaded as they come.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import dagster as dg

from pipelines.settings import SAMPLE_INBOX, Settings

_INTERVAL_SECONDS = 60


def inbox_state(inbox: Path) -> str:
    """A hash of the names, sizes and times below the inbox; changes when a file is added or replaced."""
    entries = sorted(
        f"{path.relative_to(inbox)}\t{path.stat().st_size}\t{path.stat().st_mtime_ns}"
        for path in inbox.rglob("*")
        if path.is_file()
    )
    return hashlib.sha256("\n".join(entries).encode()).hexdigest()


def inbox_sensor(job: object, settings: Settings) -> dg.SensorDefinition:
    """One run request for each new state of the inbox."""

    @dg.sensor(
        name="inbox_changed",
        job=job,  # type: ignore[arg-type]
        minimum_interval_seconds=_INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="starts a night when files arrive in the inbox",
    )
    def inbox_changed(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        inbox = settings.inbox or settings.home / "inbox"
        if not inbox.is_dir():
            inbox = SAMPLE_INBOX
        state = inbox_state(inbox)
        if state == context.cursor:
            return dg.SkipReason("the inbox has not changed")
        return dg.SensorResult(run_requests=[dg.RunRequest(run_key=state)], cursor=state)

    return inbox_changed
