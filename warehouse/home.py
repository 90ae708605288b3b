"""A home: the folder that holds one city's inbox, working file and published nights.

Belongs here: where everything lies, what kind a home is, making one, and the one lock. Does not
belong here: settings (`pipelines.settings`) or anything inside the DuckDB file (`warehouse.store`).
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from sources.errors import MendableError, UnpublishedError

Kind = Literal["sample", "live"]

_MARK = "home.json"
_POLL_SECONDS = 0.2


class HomeError(MendableError):
    """The folder is not a usable home; the message says what to do."""


class LockedError(UnpublishedError):
    """Another process writes to this home; the message says which."""


@dataclass(frozen=True)
class Home:
    """Paths of one home. `kind` is recorded in the folder when it is made and never changes."""

    root: Path
    kind: Kind

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    @property
    def settings_file(self) -> Path:
        return self.root / "settings.yaml"

    @property
    def plans(self) -> Path:
        return self.root / "plans"

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def database(self) -> Path:
        """The private working file; nobody but the pipeline opens it."""
        return self.work / "pipeline.duckdb"

    @property
    def dagster(self) -> Path:
        return self.work / "dagster"

    @property
    def published(self) -> Path:
        return self.root / "published"

    @property
    def nights(self) -> Path:
        return self.published / "nights"

    @property
    def current(self) -> Path:
        """Link to the last published night."""
        return self.published / "current"

    @property
    def published_database(self) -> Path:
        return self.published / "warehouse.duckdb"

    @property
    def logs(self) -> Path:
        return self.root / "logs"


def open_home(root: Path) -> Home:
    """The home at `root`. Raises `HomeError` when the folder is none, or its mark cannot be read."""
    mark = root / _MARK
    if not mark.is_file():
        raise HomeError(f"{root} is not a home: make one with `quality-city init {root}`")
    try:
        kind = json.loads(mark.read_text("utf-8"))["kind"]
    except (ValueError, KeyError, TypeError) as error:
        raise HomeError(f'{mark} cannot be read ({error}); it should hold {{"kind": "live"}}') from error
    if kind not in ("sample", "live"):
        raise HomeError(f'{mark}: found kind {kind!r}; accepted: "sample" or "live"')
    return Home(root, kind)


def create_home(root: Path, kind: Kind) -> Home:
    """Make a home at `root`, or open the one that is there.

    Raises `HomeError` when `root` is a home of the other kind, or a folder that holds something else.
    """
    if (root / _MARK).is_file():
        home = open_home(root)
        if home.kind != kind:
            raise HomeError(f"{root} is a {home.kind} home and stays one; choose another folder for a {kind} home")
        return home
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise HomeError(f"{root} is not empty and no home; choose an empty or a new folder")
    home = Home(root, kind)
    make_folders(home)
    mark = root / (_MARK + ".tmp")
    mark.write_text(json.dumps({"kind": kind, "layout": 1}) + "\n", "utf-8")
    mark.replace(root / _MARK)
    return home


def make_folders(home: Home) -> None:
    """The folders of a home that is being made, with modes that do not depend on the umask of whoever makes it.

    Analysts may read what is published, and nobody but the pipeline's user what it works on.
    """
    new = not home.root.exists()
    for folder in (home.inbox, home.plans, home.work, home.dagster, home.nights, home.logs):
        folder.mkdir(parents=True, exist_ok=True)
    for folder in (*((home.root,) if new else ()), home.published, home.nights):
        folder.chmod(0o755)
    home.work.chmod(0o700)
    home.logs.chmod(0o750)


@contextmanager
def locked(home: Home, what: str, wait_seconds: float, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the one lock of the home while something writes.

    The kernel drops the lock with its process, so a crash leaves none behind. `say` is told once
    when one has to wait. Raises `LockedError` after `wait_seconds`.
    """
    home.work.mkdir(parents=True, exist_ok=True)
    handle = os.open(home.work / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + wait_seconds
        told = False
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                writer = _named(handle)
                if time.monotonic() >= deadline:
                    raise LockedError(
                        f"{home.root} is being written by {writer}; try again when it has ended. If it does not go on, "
                        "end that process: a killed night loses nothing, the next one repairs what it left"
                    ) from None
                if not told:
                    say(f"waiting for {writer}, which is writing to {home.root}")
                    told = True
                time.sleep(_POLL_SECONDS)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{what} (process {os.getpid()}, since {datetime.now():%Y-%m-%d %H:%M:%S})".encode(), 0)
        yield
        os.ftruncate(handle, 0)  # nobody is named who has ended
    finally:
        os.close(handle)


def holder(home: Home) -> str:
    """Who writes to the home now, in words; empty when nobody does."""
    try:
        handle = os.open(home.work / "lock", os.O_RDONLY)
    except FileNotFoundError:
        return ""
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _named(handle)
    finally:
        os.close(handle)
    return ""


def _named(handle: int) -> str:
    return os.pread(handle, 200, 0).decode("utf-8", "replace").strip() or "another process"
