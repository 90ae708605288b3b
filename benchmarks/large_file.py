"""One large file through reading, staging, gate and merge: throughput, and the memory it takes.

Belongs here: generating the file and measuring a process of its own that loads it. Does not belong
here: marts and publication (`benchmarks.contenders`), judging (the test that calls `measure`).
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypedDict

import polars as pl

_START = datetime(2015, 1, 1, 1)
_HOURS = 24 * 365
_HEADER = "series,station_code,period_end,averaging,site_kind,so2,no2,pm10,pm25,co,o3\n"
_STATIONS_AT_ONCE = 4


class Measured(TypedDict):
    """What loading one file took: its size, records, time, and the largest memory of the process."""

    megabytes: float
    rows: int
    seconds: float
    peak_megabytes: float
    idle_megabytes: float


def write_readings(path: Path, megabytes: int) -> None:
    """A canonical air_readings file of about that size: stations by hours, every key once, values by place."""
    hours = pl.datetime_range(_START, _START + timedelta(hours=_HOURS - 1), "1h", eager=True)
    times = pl.DataFrame({"at": hours.dt.to_string("%Y-%m-%d %H:%M"), "n": pl.int_range(_HOURS, eager=True)})
    station = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(_HEADER)
        while file.tell() < megabytes * 1_000_000:
            codes = pl.DataFrame({"s": range(station, station + _STATIONS_AT_ONCE)})
            number = (pl.col("s") * 7919 + pl.col("n") * 104_729) % 1009
            rows = codes.join(times, how="cross").select(
                pl.lit("bench"),
                pl.format("B{}", pl.col("s").cast(pl.String).str.zfill(5)),
                "at",
                averaging=pl.lit("1h"),
                kind=pl.lit("station"),
                **{
                    name: (number * scale % top / 10).round(1).cast(pl.String)
                    for name, scale, top in (
                        ("so2", 3, 400),
                        ("no2", 5, 800),
                        ("pm10", 7, 900),
                        ("pm25", 7, 900),
                        ("co", 2, 30),
                        ("o3", 13, 1600),
                    )
                },
            )
            file.write(rows.write_csv(include_header=False))
            station += _STATIONS_AT_ONCE


def measure(path: Path, home: Path) -> Measured:
    """Load the file into a new home in a process of its own."""
    arguments = [sys.executable, "-m", "benchmarks.large_file", str(path), str(home)]
    done = subprocess.run(arguments, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    measured: Measured = json.loads(done.stdout.splitlines()[-1])
    return measured


def _load(path: Path, home: Path) -> Measured:
    import great_expectations.expectations  # noqa: F401

    import checks.dialect
    from assets.catalog import MARTS
    from assets.ingest import ingest
    from pipelines.settings import Settings
    from sources.feeds import FEEDS
    from sources.inbox import describe
    from warehouse.home import create_home
    from warehouse.ledger import NightStamp
    from warehouse.store import Warehouse

    assert checks.dialect
    idle = peak_megabytes()
    started = time.perf_counter()
    with Warehouse(create_home(home, "live"), marts=MARTS, memory_limit=Settings(home=home).memory_limit) as warehouse:
        stamp = NightStamp("bench", datetime(2020, 1, 1), "bench")
        outcome = ingest(warehouse, FEEDS["air_readings"], [describe(path, "air_readings")], stamp, lambda _: None)
    (file,) = outcome.files
    assert file.fates is not None, file.problem
    assert not outcome.imbalances
    return Measured(
        megabytes=path.stat().st_size / 1e6,
        rows=file.fates.accepted,
        seconds=time.perf_counter() - started,
        peak_megabytes=peak_megabytes(),
        idle_megabytes=idle,
    )


def peak_megabytes() -> float:
    """The largest resident memory of this process so far, in MB (`getrusage` would count its parent's too)."""
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024 / 1e6


if __name__ == "__main__":
    json.dump(_load(Path(sys.argv[1]), Path(sys.argv[2])), sys.stdout)
    sys.stdout.flush()
