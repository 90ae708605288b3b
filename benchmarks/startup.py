"""How long commands take that have nothing to do: a night with nothing new, and `status`.

Belongs here: those, against what Python takes to import Dagster and DuckDB, and to open the published file. Does
not belong here: nights that work (`benchmarks.new_day`).

Each is a process of its own, with its byte code written before, as on any machine where it ran once.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TypedDict

from pipelines.settings import PROJECT

TIMES = 5
#: A night takes what was written within two seconds before it for unsettled.
_SETTLED_SECONDS = 3


class Measured(TypedDict):
    """Medians of seconds; the ratio is that of an empty night to the imports."""

    imports: float
    empty_night: float
    ratio: float
    opening: float
    status: float


def measure() -> Measured:
    """The sample home, after its night; the commands in turn."""
    with tempfile.TemporaryDirectory(prefix="quality-city-bench-") as folder:
        home = Path(folder) / "home"
        published = f"{home}/published/warehouse.duckdb"
        verbs = [sys.executable, "-m", "pipelines.cli"]
        nightly = [*verbs, "nightly", "--home", str(home)]
        commands = {
            "imports": [sys.executable, "-c", "import dagster, duckdb"],
            "empty_night": nightly,
            "opening": [sys.executable, "-c", f"import duckdb; duckdb.connect({published!r}, read_only=True)"],
            "status": [*verbs, "status", "--home", str(home)],
        }
        for _ in range(3):  # its first night, one that finds nothing new, and one that knows so
            _seconds(nightly)
            time.sleep(_SETTLED_SECONDS)
        found: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(TIMES):
            for name, command in commands.items():
                found[name].append(_seconds(command))
    medians = {name: statistics.median(seconds) for name, seconds in found.items()}
    return Measured(ratio=medians["empty_night"] / medians["imports"], **medians)  # type: ignore[typeddict-item]


def _seconds(command: list[str]) -> float:
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    subprocess.run(command, cwd=PROJECT, env=environ, check=True, capture_output=True)
    return time.perf_counter() - started
