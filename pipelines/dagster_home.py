"""Dagster's own folder in a home.

Belongs here: its configuration. Runs are launched at once, because nights are kept apart by the
home's lock and not by a queue, and telemetry is off. `python -m pipelines.dagster_home FOLDER` makes one.
"""

from __future__ import annotations

import sys
from pathlib import Path

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


if __name__ == "__main__":
    prepare(Path(sys.argv[1]))
