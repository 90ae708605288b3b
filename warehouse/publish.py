"""Publication: a whole night's folder, made beside the live one, verified, then one link is swapped.

Belongs here: copying, verifying, the manifest, the links, pruning. Does not belong here: what the
tables hold, what is made beside the copy (its makers are handed in). Analysts never meet the writer:
they open the copy, read-only.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from sources.errors import UnpublishedError
from warehouse import dictionary, views
from warehouse.home import Home
from warehouse.nights import current_night
from warehouse.schema import PRIVATE_SCHEMAS
from warehouse.store import Warehouse

DATABASE = "warehouse.duckdb"
_MANIFEST = "manifest.json"


class PublicationError(UnpublishedError):
    """The night's copy is not what the working file holds; nothing was published."""


@dataclass(frozen=True)
class Companion:
    """A file or folder `name` that is made from the night's verified copy and published beside it.

    `make(database, target)` writes `target`, given the copy (read-only), and returns what it could not
    make, in words. A companion never stops a publication: the numbers are in the database.
    """

    name: str
    make: Callable[[Path, Path], Sequence[str]]


@dataclass(frozen=True)
class Published:
    """A published night; `faults`: what its companions could not make, in words."""

    night_id: str
    folder: Path
    database: Path
    faults: tuple[str, ...] = ()


def publish(
    warehouse: Warehouse,
    night_id: str,
    started_at: datetime,
    now: datetime,
    inputs: Mapping[str, Any],
    versions: Mapping[str, Any],
    companions: Sequence[Companion] = (),
) -> Published:
    """Make `nights/<id>` from the working file, with its companions, and make it current.

    Raises `PublicationError` when the copy does not verify; yesterday's night then stays current.
    """
    home = warehouse.home
    with warehouse.transaction():
        views.ensure(warehouse.con, warehouse.views, warehouse.macros)
        dictionary.write(warehouse)
        warehouse.con.execute(
            "INSERT INTO meta.night VALUES (?, ?, ?, ?, ?)",
            [
                night_id,
                started_at,
                now,
                json.dumps(inputs, ensure_ascii=False, sort_keys=True),
                json.dumps(versions, sort_keys=True),
            ],
        )
    warehouse.con.execute("CHECKPOINT")
    folder = home.nights / f"{night_id}.tmp"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    copy = folder / DATABASE
    shutil.copyfile(home.database, copy)
    with ThreadPoolExecutor(1, thread_name_prefix="safe") as beside:
        safe = beside.submit(_seen_safe, copy)
        counts = table_counts(warehouse.con)
        verify(copy, counts, night_id)
        faults = tuple(fault for companion in companions for fault in _accompany(companion, folder))
    sums = {copy: safe.result()}
    made = sorted(path for path in folder.rglob("*") if path.is_file())
    manifest = {
        "night_id": night_id,
        "kind": home.kind,
        "started_at": str(started_at),
        "published_at": str(now),
        "files": {
            path.relative_to(folder).as_posix(): {
                "sha256": sums.get(path) or _sha256(path),
                "bytes": path.stat().st_size,
            }
            for path in made
        },
        "faults": faults,
        "inputs": inputs,
        "versions": versions,
        "rows": counts,
    }
    (folder / _MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", "utf-8")
    set_modes(folder)
    for path in (*made, folder / _MANIFEST, *(inner for inner in folder.rglob("*") if inner.is_dir()), folder):
        _sync(path)
    final = home.nights / night_id
    folder.rename(final)
    _sync(home.nights)
    make_current(home, night_id)
    warehouse.con.execute("DELETE FROM work.unpublished")
    return Published(night_id, final, final / DATABASE, faults)


def _seen_safe(file: Path) -> str:
    """See a file safe on disk, and return the sha256 of its bytes."""
    _sync(file)
    return _sha256(file)


def set_modes(folder: Path) -> None:
    """Whatever the umask: everybody may read a published night, and nobody changes a number in it by mistake."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o444 if path.name == DATABASE else 0o644)


def _accompany(companion: Companion, folder: Path) -> Sequence[str]:
    """Make one companion; whatever goes wrong is told, and what it left half made is removed."""
    target = folder / companion.name
    try:
        return companion.make(folder / DATABASE, target)
    except Exception as error:  # a fault of any kind must not keep the numbers back
        if target.is_dir():
            shutil.rmtree(target, ignore_errors=True)
        target.unlink(missing_ok=True)
        return (f"{companion.name} was not made: {type(error).__name__}: {error}",)


def table_counts(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows of every table that analysts see, by qualified name."""
    names = con.execute(
        "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE database_name = current_database() "
        f"AND schema_name NOT IN {PRIVATE_SCHEMAS} ORDER BY 1"
    ).fetchall()
    return {name: con.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0] for (name,) in names}


def verify(copy: Path, counts: Mapping[str, int], night_id: str) -> None:
    """Open the copy as a reader would and compare it with the working file.

    Raises `PublicationError` naming the first difference: row counts, missing comments, the night.
    """
    with duckdb.connect(str(copy), read_only=True) as con:
        found = table_counts(con)
        if found != dict(counts):
            differing = sorted(name for name in {*found, *counts} if found.get(name) != counts.get(name))
            raise PublicationError(f"the copy differs from the working file in {differing}")
        bare = dictionary.undescribed(con)
        if bare:
            raise PublicationError(f"tables or columns without a description: {bare[:5]}")
        for (view,) in con.execute("SELECT table_name FROM meta.table WHERE kind = 'view'").fetchall():
            try:
                con.execute(f"SELECT count(*) FROM {view}").fetchall()
            except duckdb.Error as error:
                raise PublicationError(f"the view {view} does not run: {error}") from error
        if not con.execute("SELECT 1 FROM meta.night WHERE night_id = ?", [night_id]).fetchall():
            raise PublicationError(f"the copy lacks night {night_id}")


def make_current(home: Home, night_id: str) -> None:
    """Point `current` at the night; the links beside it always lead through `current`."""
    link = home.published / "current.tmp"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("nights") / night_id)
    link.replace(home.current)
    for name in sorted(path.name for path in home.current.iterdir() if path.name != _MANIFEST):
        if not (home.published / name).is_symlink():
            (home.published / name).symlink_to(Path("current") / name)
    _sync(home.published)


def forget_unpublished(warehouse: Warehouse) -> None:
    """Drop from `meta.night` what a killed publication entered and nobody ever saw.

    By the order in which nights were entered, not by their times: a clock may have been set back.
    """
    warehouse.con.execute(
        "DELETE FROM meta.night WHERE rowid > coalesce((SELECT max(rowid) FROM meta.night WHERE night_id = ?), -1)",
        [current_night(warehouse.home)],
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
