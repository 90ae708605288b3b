"""`make bench`: our night against bare DuckDB and pandas on the same work, in one run.

Belongs here: generating the data, timing the contenders, printing ratios, what station hours → city
years cost against SQL by hand, and what loading one large file takes. Does not belong here: judging speed in a test.

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

from benchmarks import air_years, contenders, data, large_file

STATIONS, DAYS = 40, 365
LARGE_MEGABYTES = 1000


def main(stations: int = STATIONS, days: int = DAYS, megabytes: int = LARGE_MEGABYTES) -> None:
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
    years = _air_years()
    large = _large(megabytes)
    told = {"rows": rows, "imports": imports, "seconds": seconds, "air_years": years, "large_file": large}
    json.dump(told, sys.stdout)
    sys.stdout.write("\n")


def _air_years() -> air_years.Measured:
    """Station hours → city years on one core table: the marts' SQL against SQL by hand."""
    found = air_years.measure()
    Console().print(
        f"{found['station_hours']:,} station-hours → {found['city_years']} city years, {found['equal']} of them equal: "
        f"marts {found['marts'].clock:.2f} s (CPU {found['marts'].cpu:.2f}), by hand {found['by_hand'].clock:.2f} s "
        f"(CPU {found['by_hand'].cpu:.2f}), ratio {found['ratio'].clock:.2f} (CPU {found['ratio'].cpu:.2f}), "
        f"medians of {air_years.TIMES}"
    )
    return found


def _large(megabytes: int) -> large_file.Measured:
    """One CSV of that size through reading, staging, gate and merge, in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="quality-city-bench-") as folder:
        path = Path(folder) / "large.csv"
        large_file.write_readings(path, megabytes)
        found = large_file.measure(path, Path(folder) / "home")
    Console().print(
        f"one CSV of {found['megabytes']:,.0f} MB, {found['rows']:,} records: {found['seconds']:.1f} s, "
        f"{found['megabytes'] / found['seconds']:.1f} MB/s, {found['rows'] / found['seconds']:,.0f} records/s, "
        f"peak memory {found['peak_megabytes']:,.0f} MB (of it {found['idle_megabytes']:,.0f} MB before the file)"
    )
    return found


def _timed(run: Callable[[], None]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
