"""What one new day costs on one year of history, and on ten: the same day, the same stations.

Belongs here: making both homes, the night of the new day, and its ratio. Does not belong here: first loads
(`benchmarks.contender`), an empty night. Each home is measured in a process of its own, imports before the clock.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import TypedDict

from benchmarks.sizes import Size, write_inbox, write_month

STATIONS, PER_CITY, LAST_YEAR, HISTORIES = 40, 10, 2023, (1, 10)
#: New days, one after another; the median counts.
DAYS = 5


class Measured(TypedDict):
    """By years of history: seconds of the night without and with copying the published bytes, those bytes in MB."""

    station_hours: list[int]
    seconds: list[float]
    copying: list[float]
    megabytes: list[float]
    ratio: float


def measure() -> Measured:
    """Both histories; the ratio is that of the nights without the byte copy, which grows with the file."""
    found = [_history(years) for years in HISTORIES]
    hours, seconds, copying, megabytes = ([entry[place] for entry in found] for place in range(4))
    return Measured(
        station_hours=[int(number) for number in hours],
        seconds=seconds,
        copying=copying,
        megabytes=megabytes,
        ratio=seconds[1] / seconds[0],
    )


def _history(years: int) -> list[float]:
    with tempfile.TemporaryDirectory(prefix="quality-city-bench-") as folder:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.new_day", folder, str(years)],
            check=True, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1],
        )  # fmt: skip
        measured: list[float] = json.loads(done.stdout.splitlines()[-1])
        return measured


def _measured(folder: Path, years: int) -> list[float]:
    """Station-hours of the history; medians of the new days' nights, of copying; megabytes that are published."""
    import duckdb

    from pipelines.run import run_night
    from pipelines.settings import Settings
    from warehouse.home import open_home

    os.environ.setdefault("QUALITY_CITY_COMPILED", str(folder / "compiled"))
    inbox, home = folder / "inbox", folder / "home"
    size = Size("history", STATIONS, PER_CITY, LAST_YEAR + 1 - years, years)
    hours = write_inbox(inbox, size)
    run_night(Settings(home=home, inbox=inbox), lambda _: None)
    nights, copies = [], []
    for day in range(1, DAYS + 2):
        with duckdb.connect() as con:
            write_month(con, inbox / "air_readings", size, date(LAST_YEAR + 1, 1, day), days=1)
        began = time.perf_counter()
        run_night(Settings(home=home, inbox=inbox), lambda _: None)
        nights.append(time.perf_counter() - began)
        database = open_home(home).published_database.resolve()
        began = time.perf_counter()
        shutil.copyfile(database, folder / "copy.duckdb")  # seeing it safe and hashing it are beside the report
        copies.append(time.perf_counter() - began)
        (folder / "copy.duckdb").unlink()
    # The first new day is of a new year, and compiles what no earlier night needed.
    whole, copying = statistics.median(nights[1:]), statistics.median(copies[1:])
    return [hours, whole - copying, copying, database.stat().st_size / 1e6]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_measured(Path(sys.argv[1]), int(sys.argv[2]))) + "\n")
    sys.stdout.flush()
    os._exit(0)
