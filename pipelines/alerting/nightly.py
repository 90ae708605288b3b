"""Alerts within a night: settled before it is published, told after it, told at once when it failed.

Belongs here: what the command line and Dagster both call, on an open night or a home. Does not belong here:
any decision about an alert (`pipelines.alerting.lifecycle`, `.digest`), Dagster (`pipelines.alerting.glue`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from assets.session import NightSession
from pipelines.alerting.conditions import (
    check_conditions,
    drift_conditions,
    file_conditions,
    status_conditions,
    with_origin,
)
from pipelines.alerting.outbox import OutboxLook
from pipelines.alerting.published_copy import published_alerts
from pipelines.alerting.rhythm import late_series
from pipelines.alerting.steps import desk_of, send_due, tell, tell_failure, tell_missed, update
from pipelines.alerting.store import AlertStoreError
from pipelines.alerting.works import night_conditions
from pipelines.settings import SAMPLE_INBOX, Settings
from warehouse.home import HomeError, LockedError, open_home
from warehouse.rebuild import load_references


def settle(settings: Settings, night: NightSession) -> int:
    """Step 3 of a night: open and resolve alerts, and copy them into mart.alert. Returns how many changed.

    Repeated with the same night it gives the same alerts, because their ids come from the night.
    """
    con, home, night_id = night.warehouse.con, night.warehouse.home, night.stamp.night_id
    night.say("opening and resolving alerts")
    inbox = SAMPLE_INBOX if home.kind == "sample" else settings.inbox or home.inbox
    with desk_of(settings, home) as desk:
        now = desk.clock()
        found = status_conditions(con)
        of_data = [
            *file_conditions(con, night.strays, lambda feed, name: _lies(inbox / feed / name)),
            *check_conditions(con),
            *drift_conditions(con),
            *late_series(con, now.date(), settings.alerts.late_factor),
        ]
        of_nights = night_conditions(desk.store.nights(), night.started_at, settings.alerts.missed_after)
        changed = update(desk, [*found.conditions, *with_origin(con, of_data), *of_nights], found.undecided, night_id)
        desk.store.begin_night(night_id, night.started_at)
        load_references(night.warehouse, [published_alerts(desk.store.alerts(), now)])
    return len(changed)


def _lies(file: Path) -> bool:
    """Whether a file is there; where that may not be seen, it is taken to be where it was."""
    try:
        return file.exists()
    except OSError:
        return True


def tell_after(settings: Settings, night: NightSession) -> OutboxLook:
    """Step 5 of a night: digests into the outbox, and out by every channel that takes them."""
    night.say("sending alerts")
    with desk_of(settings, night.warehouse.home) as desk:
        return tell(desk, night.stamp.night_id)


def look_at_outbox(settings: Settings) -> OutboxLook:
    """Between nights: notice a night that did not run, and send what waits."""
    with desk_of(settings, open_home(settings.home)) as desk:
        missed = list(night_conditions(desk.store.nights(), desk.clock(), settings.alerts.missed_after))
        if missed:
            tell_missed(desk, missed[0])
        return send_due(desk)


@contextmanager
def failure_told(settings: Settings) -> Iterator[None]:
    """Operators are told when the block fails, unless it could not begin because another night runs."""
    try:
        yield
    except LockedError:
        raise
    except Exception as error:
        # Where nothing can be written, nobody can be told; the reason must come out all the same.
        with suppress(OSError, sqlite3.Error, AlertStoreError):
            report_failure(settings, str(error))
        raise


def report_failure(settings: Settings, error: str) -> None:
    """Tell operators of a failed night, where the home exists."""
    try:
        home = open_home(settings.home)
    except HomeError:
        return
    with desk_of(settings, home) as desk:
        tell_failure(desk, f"{desk.clock():%Y%m%d-%H%M%S-%f}", error)
