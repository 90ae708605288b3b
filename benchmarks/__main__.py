"""`make bench`: our night against the same work by hand, in one run.

Belongs here: which measurements are made, and printing them as tables and as one JSON document. Does not belong here:
any measurement (the modules beside this one), judging speed (people, by the ratios).

The work: hourly readings of air stations, read from CSV, kept as facts, and turned into AQI by city day and year. Ours
also validates every record, keeps its origin and version, judges the plan, and publishes.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import air_years, hot_marts, large_file, new_day, startup, storage
from benchmarks.contender import BEYOND, BY_HAND, OURS, Measured, agreement, run, same_hours
from benchmarks.sizes import COUNTRY, SIZES, Size, write_inbox

LARGE_MEGABYTES = 1000

#: What DuckDB may hold in each; loading holds half of it.
_MEMORY = {"city": "", "province": "2GB", "country": "4GB"}


def main(names: list[str]) -> None:
    """Measure the named sizes (city, province, country; default: the first two) and what is measured besides them."""
    console = Console()
    told: dict[str, Any] = {"sizes": {}}
    for name in names or ["city", "province"]:
        told["sizes"][name] = _size(SIZES[name], _MEMORY[name], console)
    if not names:
        told["startup"] = _startup(console)
        told["hot_marts"] = {stations: _hot_marts(stations, console) for stations in hot_marts.STATIONS}
        told["air_years"] = {stations: _air_years(stations, console) for stations in air_years.STATIONS}
        told["new_day"] = _new_day(console)
        told["large_file"] = _large(console)
        told["storage"] = _storage(console)
    json.dump(told, sys.stdout)
    sys.stdout.write("\n")


def _size(size: Size, memory: str, console: Console) -> dict[str, Any]:
    """All contenders on one size, each in a process of its own; of a country ours and the limit only."""
    others = ["DuckDB by hand", "DuckDB by hand, same tables"] if size is COUNTRY else list(BY_HAND)
    with tempfile.TemporaryDirectory(prefix="quality-city-bench-") as folder:
        inbox = Path(folder) / "inbox"
        rows = write_inbox(inbox, size)
        megabytes = sum(path.stat().st_size for path in inbox.rglob("*.csv")) / 1e6
        ours, mine = run(OURS, inbox, Path(folder) / "ours", {"QUALITY_CITY_MEMORY_LIMIT": memory})
        measured, same = {OURS: ours}, {OURS: ""}
        for name in others:
            work = Path(folder) / name
            measured[name], results = run(name, inbox, work)
            same[name] = agreement(mine, results)
            if hours := same_hours(Path(folder) / "ours", work):
                same[name] += f", {hours}"
    limit = measured["DuckDB by hand"].clock
    title = f"{size.name}: {rows:,} station-hours of {size.stations:,} stations, {megabytes:,.0f} MB of CSV"
    table = Table("contender", "seconds", "CPU", "× DuckDB", "peak MB", "start-up", "equal to ours", title=title)
    for name, m in measured.items():
        table.add_row(
            name, f"{m.clock:.1f}", f"{m.cpu:.1f}", f"{m.clock / limit:.2f}", f"{m.peak_megabytes:,.0f}",
            f"{m.startup:.1f}", same[name],
        )  # fmt: skip
    console.print(table)
    console.print(_stages(ours, limit))
    return {"rows": rows, "megabytes": megabytes, "same": same, **{name: asdict(m) for name, m in measured.items()}}


def _stages(ours: Measured, limit: float) -> Table:
    table = Table("stage of our night", "seconds", "CPU", "× DuckDB's whole")
    for stage, (clock, cpu) in ours.stages.items():
        table.add_row(stage, f"{clock:.1f}", f"{cpu:.1f}", f"{clock / limit:.2f}")
    table.add_row(f"all but {BEYOND.strip(': ')}", f"{ours.on_the_way:.1f}", "", f"{ours.on_the_way / limit:.2f}")
    return table


def _startup(console: Console) -> startup.Measured:
    """Commands that have nothing to do."""
    found = startup.measure()
    console.print(
        f"a night with nothing new {found['empty_night']:.2f} s, import dagster, duckdb {found['imports']:.2f} s, "
        f"ratio {found['ratio']:.2f}; status {found['status']:.2f} s, opening the published file "
        f"{found['opening']:.2f} s, medians of {startup.TIMES}"
    )
    return found


def _hot_marts(stations: int, console: Console) -> dict[str, hot_marts.Measured]:
    """The marts of station hours and days against SQL by hand for the same rows."""
    found = hot_marts.measure(stations)
    title = f"the same rows by hand, {stations:,} stations"
    table = Table("mart", "rows", "CPU", "CPU by hand", "ratio", "rows that differ", title=title)
    for name, m in found.items():
        table.add_row(
            name, f"{m['rows']:,}", f"{m['mart']:.2f}", f"{m['by_hand']:.2f}", f"{m['ratio']:.2f}", str(m["different"])
        )
    console.print(table)
    return found


def _new_day(console: Console) -> new_day.Measured:
    """One more day after one year of history, and after ten."""
    found = new_day.measure()
    table = Table("years", "station-hours", "seconds", "copying", "MB", title="one new day")
    for years, row in zip(
        new_day.HISTORIES,
        zip(found["station_hours"], found["seconds"], found["copying"], found["megabytes"], strict=True),
        strict=True,
    ):
        hours, seconds, copying, megabytes = row
        table.add_row(str(years), f"{hours:,}", f"{seconds:.2f}", f"{copying:.2f}", f"{megabytes:,.0f}")
    table.caption = f"ratio without the copying: {found['ratio']:.2f}"
    console.print(table)
    return found


def _air_years(stations: int, console: Console) -> air_years.Measured:
    """Station hours → city years on one core table: the marts' SQL against SQL by hand."""
    found = air_years.measure(stations)
    console.print(
        f"{found['station_hours']:,} station-hours → {found['city_years']} city years, {found['equal']} of them equal: "
        f"marts {found['marts'].clock:.2f} s (CPU {found['marts'].cpu:.2f}), by hand {found['by_hand'].clock:.2f} s "
        f"(CPU {found['by_hand'].cpu:.2f}), ratio {found['ratio'].clock:.2f} (CPU {found['ratio'].cpu:.2f}), "
        f"medians of {air_years.TIMES}"
    )
    return found


def _large(console: Console) -> large_file.Measured:
    """One CSV of that size through reading, staging, gate and merge, in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="quality-city-bench-") as folder:
        path = Path(folder) / "large.csv"
        large_file.write_readings(path, LARGE_MEGABYTES)
        found = large_file.measure(path, Path(folder) / "home")
    console.print(
        f"one CSV of {found['megabytes']:,.0f} MB, {found['rows']:,} records: {found['seconds']:.1f} s, "
        f"{found['megabytes'] / found['seconds']:.1f} MB/s, {found['rows'] / found['seconds']:,.0f} records/s, "
        f"peak memory {found['peak_megabytes']:,.0f} MB (of it {found['idle_megabytes']:,.0f} MB before the file)"
    )
    return found


def _storage(console: Console) -> dict[str, storage.Measured]:
    """The same hours, stored in several ways."""
    found = storage.measure()
    asked = list(next(iter(found.values()))["milliseconds"])
    table = Table("stored", "bytes a row", "a reading", "s to write", *(f"ms: {name}" for name in asked))
    for way, m in found.items():
        table.add_row(
            way, f"{m['bytes_per_row']:.1f}", f"{m['bytes_per_reading']:.2f}", f"{m['write_seconds']:.1f}",
            *(f"{m['milliseconds'][name]:.0f}" for name in asked),
        )  # fmt: skip
    console.print(table)
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
