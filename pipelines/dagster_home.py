"""Dagster's own folder in a home.

Belongs here: its configuration. Runs are launched at once, because nights are kept apart by the
home's lock and not by a queue, and telemetry is off. `python -m pipelines.dagster_home FOLDER` makes one.
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

CONFIGURATION = """\
telemetry:
  enabled: false
run_coordinator:
  module: dagster.core.run_coordinator
  class: DefaultRunCoordinator
"""


def prepare(folder: Path) -> Path:
    """Make Dagster's folder with our configuration; what the operator changed in it stays."""
    folder.mkdir(parents=True, exist_ok=True)
    written = folder / "dagster.yaml"
    if not written.exists():
        written.write_text(CONFIGURATION, "utf-8")
    return folder


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
