"""`quality-city health`: is this home in order? For cron and for whoever watches the machine.

Belongs here: the examination and its verb. Does not belong here: repairing anything; what an operator does about
a finding stands in docs/operate.md. It opens neither the working file nor anything heavy, and may run beside a night.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Annotated

import typer

from pipelines.alerting.model import Severity
from pipelines.alerting.settings import AlertSettings
from pipelines.alerting.store import AlertStore, AlertStoreError
from pipelines.settings import load_settings, local_now
from pipelines.shell import HomeOption, JsonOption, explained, print_json
from warehouse.home import Home, holder, open_home
from warehouse.nights import current_night

#: What a night needs beside its files: the copy that is published, what DuckDB spills, and some air.
_COPIES, _AIR_BYTES = 2, 1 << 30
#: A message that was due so long ago and not tried waits for somebody to run `alerts send`.
_OVERDUE = timedelta(hours=1)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what it is, whether it is in order, what was seen."""

    what: str
    ok: bool
    seen: str


def examine(home: Home, settings: AlertSettings, now: datetime, free_bytes: int) -> list[Finding]:
    """Every finding on a home, in order: nights, publication, disk, outbox, alerts."""
    file = home.work / "alerts.sqlite"
    try:
        with AlertStore(file) as store:
            return [
                _last_night(store, home, settings, now),
                *_publication(home),
                _disk(home, free_bytes),
                *_outbox(store, settings, now),
                _open_alerts(store),
            ]
    except (AlertStoreError, sqlite3.Error) as error:
        said = str(error) if isinstance(error, AlertStoreError) else f"{file} cannot be read: {error}"
        return [*_publication(home), _disk(home, free_bytes), Finding("alerts", False, said)]


def _last_night(store: AlertStore, home: Home, settings: AlertSettings, now: datetime) -> Finding:
    nights = store.nights()
    if not nights:
        return Finding("night", False, "no night has run yet; run `quality-city nightly`")
    last = nights[-1]
    begun = f"{last['night_id']} began {last['started_at']:%Y-%m-%d %H:%M}"
    if last["error"]:
        return Finding("night", False, f"{begun} and failed: {last['error']}")
    hours = (now - last["started_at"]).total_seconds() / 3600
    if now - last["started_at"] > settings.missed_after:
        return Finding(
            "night", False, f"{begun}, {hours:.0f} h ago; one is due after {settings.missed_after_hours:g} h"
        )
    if last["ended_at"] is None and not (busy := holder(home)):
        return Finding("night", False, f"{begun} and died before its end; the next night repairs what it left")
    ended = f"ended {last['ended_at']:%H:%M}" if last["ended_at"] else f"runs: {busy}"
    return Finding("night", True, f"{begun}, {ended}")


def _publication(home: Home) -> Iterator[Finding]:
    night = current_night(home)
    if not night or not home.published_database.exists():
        yield Finding("published", False, "nothing is published: published/current leads nowhere")
        return
    manifest = json.loads((home.current / "manifest.json").read_text("utf-8"))
    yield Finding("published", True, f"{night}, published {manifest['published_at']}")
    for fault in manifest.get("faults", ()):
        yield Finding("published", False, str(fault))


def _disk(home: Home, free: int) -> Finding:
    size = home.database.stat().st_size if home.database.exists() else 0
    needed = _COPIES * size + _AIR_BYTES
    return Finding("disk", free >= needed, f"{_gib(free)} free; a night of this home may need {_gib(needed)}")


def _outbox(store: AlertStore, settings: AlertSettings, now: datetime) -> Iterator[Finding]:
    quiet = settings.quiet_hours
    held = quiet is not None and (quiet.hold(now) or quiet.hold(now - _OVERDUE))
    overdue = [] if held else store.due(now - _OVERDUE)
    yield Finding(
        "outbox",
        not overdue,
        f"{store.waiting()} deliveries wait"
        + f", {len(overdue)} of them for more than an hour; run `quality-city alerts send` by cron" * bool(overdue),
    )
    for channel, error in store.failing().items():
        yield Finding("channel", False, f"{channel} took nothing: {error}")


def _open_alerts(store: AlertStore) -> Finding:
    mine = [alert for alert in store.alerts() if alert.open and alert.severity is Severity.OPERATOR]
    return Finding("alerts", True, f"{len(mine)} open for operators; see `quality-city alerts list`")


def _gib(size: int) -> str:
    return f"{size / (1 << 30):.1f} GiB"


def health(
    home: HomeOption = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="print only what is not in order, for cron")] = False,
    as_json: JsonOption = False,
) -> None:
    """体检 · Is the home in order: last night, publication, disk, outbox. Exit code 1 when something is not."""
    with explained():
        settings = load_settings(home=home)
        place = open_home(settings.home)
        found = examine(place, settings.alerts, local_now(), shutil.disk_usage(place.root).free)
        ok = all(finding.ok for finding in found)
        if as_json:
            print_json({"home": str(place.root), "ok": ok, "findings": [asdict(finding) for finding in found]})
        else:
            for finding in found:
                if not (quiet and finding.ok):
                    typer.echo(f"{'正常 · ok ' if finding.ok else '异常 · BAD'}  {finding.what}: {finding.seen}")
        if not ok:
            raise typer.Exit(1)
