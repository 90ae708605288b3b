"""`make bench`: our night against bare DuckDB and pandas on the same work, in one run.

Belongs here: generating the data, timing the contenders, printing ratios. Does not belong here:
judging speed in a test.

The work: hourly readings of a city's air stations, read from CSV, kept as facts, and turned into
AQI by city day. Ours also validates every record, keeps its origin and version, and publishes.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import contenders, data

STATIONS, DAYS = 40, 365


def main(stations: int = STATIONS, days: int = DAYS) -> None:
    """Generate, time each contender once, compare the results, print ratios and one JSON line."""
    imports = _timed(contenders.import_ours)
    with tempfile.TemporaryDirectory(prefix="quality-city-bench-") as folder:
        inbox = Path(folder) / "inbox"
        rows = data.write_inbox(inbox, stations, days)
        seconds: dict[str, float] = {}
        results: dict[str, list[tuple[object, ...]]] = {}
        work: dict[str, Callable[[], list[tuple[object, ...]]]] = {
            "quality-city": lambda: contenders.ours(Path(folder) / "home", inbox),
            "bare DuckDB": lambda: contenders.duckdb_by_hand(inbox),
            "pandas": lambda: contenders.pandas_by_hand(inbox),
        }
        for name, run in work.items():
            started = time.perf_counter()
            results[name] = run()
            seconds[name] = time.perf_counter() - started
    table = Table(title=f"{rows:,} station-hours → {len(results['bare DuckDB'])} city days")
    for heading in ("contender", "seconds", "× bare DuckDB", "same city days as ours"):
        table.add_column(heading, justify="left" if heading == "contender" else "right")
    for name, taken in seconds.items():
        same = sum(left == right for left, right in zip(results[name], results["quality-city"], strict=True))
        table.add_row(name, f"{taken:.2f}", f"{taken / seconds['bare DuckDB']:.2f}", f"{same} of {len(results[name])}")
    table.add_row("(our imports, once a process)", f"{imports:.2f}", "", "")
    Console().print(table)
    json.dump({"rows": rows, "imports": imports, "seconds": seconds}, sys.stdout)
    sys.stdout.write("\n")


def _timed(run: Callable[[], None]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
