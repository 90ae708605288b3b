"""What lies in the inbox: which files, in which feed, with which bytes.

Belongs here: listing and hashing. Does not belong here: opening a file's content
(`sources.readers`), deciding which files are new (`warehouse`).
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sources.ahead import side_by_side
from sources.feeds import FEEDS
from sources.outcome import Problem, SourceFile

ZONE = ZoneInfo("Asia/Shanghai")

#: (feed, name) → (size, modified_at, sha256) of files seen before.
Known = Mapping[tuple[str, str], tuple[int, datetime, str]]

_BLOCK = 1 << 20

#: Files whose bytes are hashed side by side.
_AT_ONCE = 2


@dataclass(frozen=True)
class Scan:
    """An inbox at one moment: files by (feed, name), and what lies there but is no file of a feed."""

    files: tuple[SourceFile, ...]
    strays: tuple[Problem, ...]


@dataclass(frozen=True)
class _Found:
    path: Path
    name: str
    status: os.stat_result | None


def scan(inbox: Path, known: Known) -> Scan:
    """Every file of every feed below `inbox/<feed>/`, with its hash.

    A file whose size and time are those in `known` is not read again. Ignored: names that begin
    with a point, `_` (notes and templates) or `~$`, and names that end in `.tmp`. A link, pipe or
    device is a stray and is never opened; so is anything outside a feed's folder.
    """
    found: list[tuple[str, _Found]] = []
    strays: list[Problem] = []
    for entry in _entries(inbox):
        if entry.name in FEEDS and not entry.is_symlink() and entry.is_dir():
            for one in _walk(entry, ""):
                problem = _unfit(one, entry.name)
                if problem:
                    strays.append(problem)
                else:
                    found.append((entry.name, one))
        else:
            strays.append(_outside(entry))
    looked_at = list(side_by_side(lambda one: _looked_at(*one, known), iter(found), _AT_ONCE))
    files = [file for file in looked_at if isinstance(file, SourceFile)]
    strays += [problem for problem in looked_at if isinstance(problem, Problem)]
    files.sort(key=lambda file: (file.feed, file.name))
    return Scan(tuple(files), tuple(strays))


def _looked_at(feed: str, found: _Found, known: Known) -> SourceFile | Problem:
    try:
        return _source_file(found, feed, known)
    except OSError as error:
        return _unreadable(f"{feed}/{found.name}", error)


def describe(path: Path, feed: str) -> SourceFile:
    """One file by itself, as if it lay in the folder of `feed`. Raises `OSError` when unreadable."""
    return _source_file(_Found(path, path.name, path.stat()), feed, {})


def _entries(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not _ignored(path.name))


def _ignored(name: str) -> bool:
    return name.startswith((".", "_", "~$")) or name.endswith(".tmp")


def _walk(folder: Path, prefix: str) -> Iterator[_Found]:
    """Everything below a feed's folder that is not itself a folder."""
    try:
        entries = _entries(folder)
    except OSError:
        yield _Found(folder, prefix.rstrip("/"), None)
        return
    for path in entries:
        name = f"{prefix}{path.name}"
        try:
            status = path.lstat()
        except FileNotFoundError:
            continue
        if stat.S_ISDIR(status.st_mode):
            yield from _walk(path, f"{name}/")
        else:
            yield _Found(path, name, status)


def _source_file(found: _Found, feed: str, known: Known) -> SourceFile:
    status = found.status or found.path.stat()
    modified = _local_time(status.st_mtime_ns)
    before = known.get((feed, found.name))
    unchanged = before is not None and before[:2] == (status.st_size, modified)
    digest = before[2] if before and unchanged else _sha256(found.path)
    return SourceFile(found.path, feed, found.name, digest, status.st_size, modified)


def _local_time(nanoseconds: int) -> datetime:
    """The city's local time without zone, to the microsecond (what the ledger can hold)."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    whole = datetime.fromtimestamp(seconds, ZONE).replace(tzinfo=None)
    return whole.replace(microsecond=rest // 1000)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _unfit(found: _Found, feed: str) -> Problem | None:
    """Why an entry of a feed's folder is never opened; None for a plain file."""
    where = f"{feed}/{found.name}"
    if found.status is None:
        return _unreadable(where, None)
    if not _printable(found.name):
        return Problem(
            ascii(where),
            found="a name that is not UTF-8",
            accepted="file names in UTF-8",
            action="rename the file",
        )
    if not stat.S_ISREG(found.status.st_mode):
        kind = "a link" if stat.S_ISLNK(found.status.st_mode) else "a pipe, socket or device"
        return Problem(where, found=kind, accepted="plain files", action="put a copy of the file in its place")
    return None


def _printable(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _unreadable(where: str, error: OSError | None) -> Problem:
    return Problem(
        where,
        found=f"it cannot be read ({error.strerror if error else 'no permission'})",
        accepted="files and folders that the pipeline may read",
        action="grant read permission",
    )


def _outside(entry: Path) -> Problem:
    feeds = ", ".join(FEEDS)
    name = entry.name if _printable(entry.name) else ascii(entry.name)
    if entry.is_symlink():
        return Problem(name, found="a link", accepted="folders named after a feed", action="use a real folder")
    if entry.is_dir():
        return Problem(
            f"{name}/",
            found="a folder that is no feed",
            accepted=f"folders named {feeds}",
            action="rename the folder",
        )
    return Problem(
        name,
        found="a file outside the folder of a feed",
        accepted=f"files in a folder named {feeds}",
        action="move the file into the folder of its feed",
    )
