"""Dagster's own folder in a home.

Belongs here: its configuration, and putting aside what of it is damaged. Runs are launched at once, because nights
are kept apart by the home's lock and not by a queue, and telemetry is off. `python -m pipelines.dagster_home FOLDER`
makes one.
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import yaml

from pipelines.set_aside import fault_of, put_aside

CONFIGURATION = """\
telemetry:
  enabled: false
run_coordinator:
  module: dagster.core.run_coordinator
  class: DefaultRunCoordinator
"""

_WRITTEN = "dagster.yaml"
#: The book of events across runs; each run has one of its own beside it.
_INDEX = Path("history", "runs", "index.db")


def prepare(folder: Path) -> Path:
    """Make Dagster's folder with our configuration; what the operator changed in it stays."""
    folder.mkdir(parents=True, exist_ok=True)
    written = folder / _WRITTEN
    if not written.exists():
        written.write_text(CONFIGURATION, "utf-8")
    return folder


def mend(folder: Path, now: datetime) -> list[str]:
    """Put aside what Dagster could not start with; what was done, in words. The caller holds the home's lock.

    Dagster makes new books by itself. They hold its account of earlier runs and no number of ours.
    """
    mended = []
    books = (*folder.glob("*.db"), *folder.glob("history/*.db"), *folder.glob("schedules/*.db"), folder / _INDEX)
    for book in sorted(books):
        if fault := fault_of(book):
            mended.append(
                f"Dagster's book {book} was damaged ({fault}) and now lies in {put_aside(book, now).name}; Dagster "
                "begins a new one, which does not know the runs before tonight. Our numbers do not rest on it"
            )
    written = folder / _WRITTEN
    try:
        if written.exists():
            yaml.safe_load(written.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        aside = put_aside(written, now).name
        mended.append(f"{written} cannot be read ({error}) and now lies in {aside}; ours stands in its place")
        prepare(folder)
    return mended


def has_unfinished_runs(folder: Path) -> bool:
    """Whether a run is not over by Dagster's own book; told without importing Dagster, for nights that have no work."""
    book = folder / "history" / "runs.db"
    if not book.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"file:{quote(str(book))}?mode=ro", uri=True)) as con:
            found = con.execute(
                "SELECT 1 FROM runs WHERE status IN ('NOT_STARTED', 'STARTING', 'STARTED', 'CANCELING')"
            ).fetchone()
    except sqlite3.Error:  # another layout, or damaged: the next night that starts Dagster looks for itself
        return False
    return found is not None


if __name__ == "__main__":
    prepare(Path(sys.argv[1]))
