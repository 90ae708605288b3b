"""`backup` and `restore`: everything of a home that cannot be made again, in one file, and a home from it.

Belongs here: what goes in, the check of every byte on the way out. Does not belong here: where backups are kept and
for how long. Left out: what a night makes again (compiled queries, spill, Dagster's runs) and older published nights.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from pipelines.settings import Settings, local_now
from sources.errors import MendableError
from warehouse.home import Home, HomeError, locked, make_folders, open_home
from warehouse.nights import current_night
from warehouse.publish import make_current, set_modes

#: Written last: an archive without it was never finished.
_CONTENTS = "backup.json"
_ALERTS = "work/alerts.sqlite"


class BackupError(MendableError):
    """The archive cannot be made or used; the message says what to do."""


@dataclass(frozen=True)
class Backup:
    """An archive: where it is, when it was made, the published night in it, its files and bytes."""

    archive: Path
    made_at: str
    night: str
    files: int
    size: int

    def __str__(self) -> str:
        night = self.night or "none"
        return f"{self.archive}: {self.files:,} files, {self.size:,} bytes, night {night}, made {self.made_at}"


def back_up(settings: Settings, target: Path, with_inbox: bool, say: Callable[[str], None]) -> Backup:
    """Write an archive of the settings' home to `target`, or into the folder `target` under a name of its own.

    Holds the home's lock, so that no night writes meanwhile; alerts may be acknowledged. The archive gets its name
    when it is whole. Raises `BackupError` when there is an archive of that name already.
    """
    home, now = open_home(settings.home), local_now()
    archive = target / f"quality-city-{now:%Y%m%d-%H%M%S}.tar" if target.is_dir() else target
    if archive.exists():
        raise BackupError(f"{archive} is there already; accepted: a new name, or a folder")
    unfinished = archive.with_name(archive.name + ".tmp")
    with locked(home, "a backup", settings.lock_wait_seconds, say):
        files: dict[str, dict[str, str | int]] = {}
        with _private(unfinished) as stream, tarfile.open(fileobj=stream, mode="w") as tar:
            for name, path in _kept(home, with_inbox):
                say(f"backing up {name}")
                files[name] = _add(tar, name, path)
            with TemporaryDirectory(dir=home.work) as spare:
                if (home.root / _ALERTS).exists():
                    files[_ALERTS] = _add(tar, _ALERTS, _copy_of_alerts(home.root / _ALERTS, Path(spare)))
            contents = {"made_at": str(now), "kind": home.kind, "night": current_night(home),
                        "program": version("quality-city"), "inbox": with_inbox, "files": files}  # fmt: skip
            text = json.dumps(contents, ensure_ascii=False, indent=1).encode()
            entry = tarfile.TarInfo(_CONTENTS)
            entry.size = len(text)
            tar.addfile(entry, BytesIO(text))
        unfinished.replace(archive)
    return _described(archive, contents)


def restore(archive: Path, root: Path, say: Callable[[str], None]) -> tuple[Home, Backup]:
    """Make the home of an archive at `root`, a new or an empty folder. Every byte is checked before it gets its name.

    Raises `BackupError` for an archive that is unfinished or damaged, `HomeError` when `root` holds something.
    """
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise HomeError(f"{root} is not empty; accepted: a new or an empty folder")
    unfinished = root.with_name(root.name + ".restoring")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        unfinished.mkdir(mode=0o700, parents=True)
        contents = _unpacked(archive, unfinished, say)
        (unfinished / _CONTENTS).unlink()
        home = open_home(unfinished)
        make_folders(home)
        unfinished.chmod(0o755)
        if contents["night"]:
            set_modes(home.nights / contents["night"])
            make_current(home, contents["night"])
        if root.exists():
            root.rmdir()
        unfinished.rename(root)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return open_home(root), _described(archive, contents)


def _kept(home: Home, with_inbox: bool) -> Iterator[tuple[str, Path]]:
    """(name in the archive, file) of everything but the alerts."""
    folders = [home.plans, *([home.inbox] if with_inbox else [])]
    if night := current_night(home):
        folders.append(home.nights / night)
    single = [home.root / "home.json", home.settings_file, home.database, home.database.with_suffix(".duckdb.wal")]
    inside = (path for folder in folders for path in sorted(folder.rglob("*")))
    for path in (*single, *inside):
        if path.is_file() and not path.is_symlink():
            yield path.relative_to(home.root).as_posix(), path


def _copy_of_alerts(path: Path, spare: Path) -> Path:
    """The alerts as they are at one moment; somebody may acknowledge one meanwhile."""
    copy = spare / "alerts.sqlite"
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def _private(path: Path) -> BinaryIO:
    """A new file that only its owner reads: it holds what the working file holds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


class _Hashed:
    """A file that is hashed while it is read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self.sha256 = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._stream.read(size)
        self.sha256.update(block)
        return block


def _add(tar: tarfile.TarFile, name: str, path: Path) -> dict[str, str | int]:
    with path.open("rb") as stream:
        hashed = _Hashed(stream)
        entry = tar.gettarinfo(arcname=name, fileobj=stream)
        tar.addfile(entry, hashed)
        return {"sha256": hashed.sha256.hexdigest(), "bytes": entry.size}


def _unpacked(archive: Path, folder: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Unpack into `folder` and compare every file with the table of contents, which is returned."""
    try:
        with tarfile.open(archive) as tar:
            say(f"unpacking {archive}")
            tar.extractall(folder, filter="data")
    except (tarfile.TarError, EOFError) as error:
        raise BackupError(f"{archive} cannot be read as a backup ({error}); take another one") from error
    table = folder / _CONTENTS
    if not table.is_file():
        raise BackupError(
            f"{archive} has no table of contents: it is no backup, or was never finished; take another one"
        )
    contents: dict[str, Any] = json.loads(table.read_text("utf-8"))
    wanted = {name: entry["sha256"] for name, entry in contents["files"].items()}
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != table:
            name = path.relative_to(folder).as_posix()
            say(f"checking {name}")
            with path.open("rb") as stream:
                found[name] = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != wanted:
        differing = sorted(name for name in {*found, *wanted} if found.get(name) != wanted.get(name))
        raise BackupError(f"{archive}: {', '.join(differing[:5])} differ from the table of contents; take another one")
    return contents


def _described(archive: Path, contents: dict[str, Any]) -> Backup:
    return Backup(
        archive, str(contents["made_at"]), str(contents["night"]), len(contents["files"]), archive.stat().st_size
    )  # fmt: skip
