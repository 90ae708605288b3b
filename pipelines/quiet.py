"""A night with nothing new, told from where things lie: no warehouse is opened, and nothing heavy is imported.

Belongs here: what a night depends on, as sizes and times of files, how the last night left it, and what such a
night still does. Does not belong here: any other night (`pipelines.night`, `pipelines.run`).

A night that ends with nothing left to do writes down how everything lay: what it was made from, as it was before
the night began, and what it left, before anybody else can write. Where all of that is as it was, on the same day,
no number and no verdict can be another one, and no series can have become late. What goes on by the clock is
looked at all the same: waiting messages, reminders, escalations, runs of killed nights. In any doubt it is an
ordinary night.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import stat
import sysconfig
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.account import NightAccount
from pipelines.alerting.lifecycle import escalation_due
from pipelines.alerting.steps import AlertDesk, desk_of, tell
from pipelines.alerting.store import AlertStoreError
from pipelines.alerting.works import night_conditions
from pipelines.dagster_home import has_unfinished_runs
from pipelines.settings import NIGHT_ID, PROJECT, SAMPLE_INBOX, Settings, local_now
from warehouse.home import Home, HomeError, locked, open_home
from warehouse.nights import clean, current_night, prune

_ROOMS = ("assets", "checks", "pipelines", "sources", "warehouse")
#: A file that was touched so shortly ago may be written again within the same tick of its file system's clock.
_FRESH_NS = 2_000_000_000

#: Part of what a night depends on → a hash of how it lies.
Look = dict[str, str]


def quiet_night(settings: Settings, say: Callable[[str], None]) -> NightAccount | None:
    """The night, where nothing is new; None where it takes an ordinary one. Raises `LockedError`."""
    try:
        home = open_home(settings.home)
        kept = _kept(home)
        if kept is None or not _lies_as(kept, settings, home):
            return None
    except (HomeError, OSError, sqlite3.Error):
        return None
    with locked(home, "a night", settings.lock_wait_seconds, say):
        try:
            # Once more: another night may have been at work until now.
            return _night(settings, home) if _lies_as(kept, settings, home) else None
        except (OSError, sqlite3.Error, AlertStoreError):
            return None  # the ordinary night mends it, or tells of it


def _night(settings: Settings, home: Home) -> NightAccount | None:
    """What a night with nothing new still does; the caller holds the lock."""
    started = local_now()
    night_id = started.strftime("%Y%m%d-%H%M%S-%f")
    with desk_of(settings, home) as desk:
        if _by_the_clock(desk, settings):
            return None
        NIGHT_ID.set(night_id)
        clean(home)
        desk.store.begin_night(night_id, started)
        tell(desk, night_id)
    prune(home, settings.keep_nights)
    return NightAccount(home, current_night(home), published=False, seconds=(local_now() - started).total_seconds())


def _by_the_clock(desk: AlertDesk, settings: Settings) -> bool:
    """Whether time alone opens or escalates an alert, or a run of a killed night has to be marked."""
    now = desk.clock()
    return (
        has_unfinished_runs(desk.home.dagster)
        or any(night_conditions(desk.store.nights(), now, settings.alerts.missed_after))
        or escalation_due(desk.store.alerts(), now, settings.alerts.escalate_after)
    )


@dataclass
class Rest:
    """How things lay before a night, to be written down when it ends with nothing left to do (`reached`)."""

    settings: Settings
    home: Home
    before: Look | None
    reached: bool = False

    @classmethod
    def of(cls, settings: Settings, home: Home) -> Rest:
        """Look before anything is read: what changes while the night works is then seen by the next one."""
        try:
            return cls(settings, home, _made_from(settings, home))
        except OSError:
            return cls(settings, home, None)

    def remember(self) -> None:
        """Write down how everything lies; the caller holds the lock and has closed the working file."""
        if not self.reached or self.before is None:
            return
        file = _file(self.home)
        written = file.with_suffix(".tmp")
        written.write_text(json.dumps(self.before | _left(self.home)), "utf-8")
        written.replace(file)


def _file(home: Home) -> Path:
    return home.work / "quiet.json"


def _kept(home: Home) -> Look | None:
    """How the last night left everything; None when it left work, or cannot be read."""
    try:
        found = json.loads(_file(home).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _lies_as(kept: Look, settings: Settings, home: Home) -> bool:
    made_from = _made_from(settings, home)
    return made_from is not None and made_from | _left(home) == kept


def _made_from(settings: Settings, home: Home) -> Look | None:
    """What a night reads; None where something was written just now, so that its time says nothing."""
    inboxes = [SAMPLE_INBOX, home.inbox] if home.kind == "sample" else [settings.inbox or home.inbox]
    plans = [home.plans, settings.plan, settings.responsible_bodies, PROJECT / "samples" / "plans"]
    parts = {
        "inbox": inboxes,
        "plans": [path for path in plans if path is not None],
        "program": [PROJECT / room for room in _ROOMS],
    }
    seen = {part: [line for path in paths for line in _listing(path)] for part, paths in parts.items()}
    newest = max((newer for lines in seen.values() for *_, newer in lines), default=0)
    if newest > time.time_ns() - _FRESH_NS:
        return None
    return {part: _hash(map(str, lines)) for part, lines in seen.items()} | {
        "libraries": _hash(sorted(path.name for path in Path(sysconfig.get_path("purelib")).iterdir())),
        "settings": _hash([settings.model_dump_json(), str(settings.judged_on)]),
        "day": str(local_now().date()),
    }


def _left(home: Home) -> Look:
    """What a night leaves: its working file, the night that is seen, the alerts. Raises `OSError`, `sqlite3.Error`."""
    status = home.database.stat()
    journal = home.database.with_name(f"{home.database.name}.wal").exists()
    database = home.published_database.stat() if home.current.is_symlink() else None
    return {
        "working file": f"{status.st_size} {status.st_mtime_ns} {status.st_ino}{' and a journal' if journal else ''}",
        "published": f"{current_night(home)} {database.st_size if database else 'no file'}",
        "alerts": _alerts(home.work / "alerts.sqlite"),
    }


def _alerts(file: Path) -> str:
    """A hash of the alerts; a person may have taken one on. Raises `sqlite3.Error` when there is no such file."""
    con = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
    try:
        return _hash(str(tuple(row)) for row in con.execute("SELECT * FROM alert ORDER BY alert_id"))
    finally:
        con.close()


def _listing(path: Path) -> Iterator[tuple[str, int, int, int, int]]:
    """Every file and folder at and below a path: name, mode, size, inode, and the later of its two times.

    Of a folder no size and time: what it holds is listed, and its byte code comes and goes.
    """
    status = path.lstat()
    size, newer = status.st_size, max(status.st_mtime_ns, status.st_ctime_ns)
    if stat.S_ISDIR(status.st_mode):
        size = newer = 0
    yield str(path), status.st_mode, size, status.st_ino, newer
    if path.is_dir():
        for entry in sorted(os.scandir(path), key=lambda entry: entry.name):
            if entry.name != "__pycache__":
                yield from _listing(Path(entry.path))


def _hash(texts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode("utf-8", "surrogateescape") + b"\n")
    return digest.hexdigest()
