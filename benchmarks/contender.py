"""One contender on the files of one size, in a process of its own, so that its memory is its own.

Belongs here: what is measured of a process, our night stage by stage, comparing city days and years. Does not belong
here: the files (`benchmarks.sizes`), the programs by hand (`benchmarks.by_hand`), printing (`benchmarks.__main__`).
"""

from __future__ import annotations

import importlib
import json
import math
import os
import pickle
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.by_hand import DATABASE, STANDARDS, STATION_HOURS, YEAR_COLUMNS, Results
from benchmarks.large_file import peak_megabytes

if TYPE_CHECKING:
    import duckdb

OURS = "quality-city"
BY_HAND = {
    "DuckDB by hand": "duckdb_sql",
    "DuckDB by hand, same tables": "duckdb_products",
    "Polars by hand": "polars_frames",
    "pandas by hand, with checks": "pandas_frames",
    "pandas by hand, all products": "pandas_products",
}

#: What our night says when it begins something → the stage in the table.
_STAGES = (
    (r"reading ", "reading, typing, staging"),
    (r"checking ", "checks"),
    (r"merging ", "merge"),
    (r"computing mart\.air_station_hour", "beyond: hourly index of each station"),
    (r"computing mart\.air_(stuck_sensor|mismatch)", "beyond: stuck sensors, mismatches"),
    (r"computing mart\.air_", "AQI of days and years"),
    (r"computing ", "other marts and statuses"),
    (r"opening and resolving alerts|sending alerts", "alerts"),
    (r"publishing", "publication"),
)
_BETWEEN = "opening, Dagster"
#: Stages whose products the programs by hand do not have.
BEYOND = "beyond: "


@dataclass
class Measured:
    """Seconds by the clock and of all processors, largest memory of the process in MB, start-up apart; by stage."""

    clock: float
    cpu: float
    peak_megabytes: float
    startup: float
    stages: dict[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def on_the_way(self) -> float:
        """Seconds without the stages that the programs by hand do not have."""
        return self.clock - sum(clock for stage, (clock, _) in self.stages.items() if stage.startswith(BEYOND))


def run(name: str, inbox: Path, work: Path, environment: dict[str, str] | None = None) -> tuple[Measured, Results]:
    """Run a contender in a process of its own below `work`."""
    work.mkdir()
    told = work / "results.pickle"
    arguments = [sys.executable, "-m", "benchmarks.contender", name, str(inbox), str(work), str(told)]
    done = subprocess.run(
        arguments, check=True, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1],
        env={**os.environ, **(environment or {})},
    )  # fmt: skip
    measured = Measured(**json.loads(done.stdout.splitlines()[-1]))
    with told.open("rb") as file:
        return measured, pickle.load(file)


def agreement(ours: Results, theirs: Results) -> str:
    """How many of the other's days and years are ours: days exactly, doubles of years to 9 digits."""
    days = {tuple(row[:3]): row[3:] for row in ours.days}
    years = {tuple(row[:3]): row[3:] for row in ours.years}
    same_days = sum(days.get(tuple(row[:3])) == row[3:] for row in theirs.days)
    same_years = sum(_close(years.get(tuple(row[:3])), row[3:]) for row in theirs.years)
    return f"{same_days:,} of {len(theirs.days):,} days, {same_years:,} of {len(theirs.years):,} years"


def same_hours(ours: Path, theirs: Path) -> str:
    """Whether a contender's hourly indices are ours, by the number and the hashes of rows; empty where it has none."""
    import duckdb

    from warehouse.home import open_home
    from warehouse.names import quote

    published = open_home(ours / "home").published_database.resolve()
    texts = ", ".join(f"{name}::VARCHAR" for name in ("station_code", "primary_pollutants", "exceeding", "category"))
    sums = f"count(*), bit_xor(hash(hour::TIMESTAMP, aqi::BIGINT, {texts}))"
    with duckdb.connect() as con:
        con.execute(f"ATTACH {quote(str(published))} AS ours (READ_ONLY)")
        hours = _hours_of(con, theirs)
        if not hours:
            return ""
        (mine,) = con.execute(f"SELECT {sums} FROM ours.mart.air_station_hour").fetchall()
        (other,) = con.execute(f"SELECT {sums} FROM {hours}").fetchall()
    return f"{other[0]:,} station hours {'equal' if mine == other else f'not equal to our {mine[0]:,}'}"


def _hours_of(con: duckdb.DuckDBPyConnection, work: Path) -> str:
    """SQL for the hourly indices that a program left, in files of Parquet or in DuckDB's; empty where it made none."""
    from warehouse.names import quote

    if (work / STATION_HOURS).exists():
        return f"(SELECT *, period_end AS hour FROM {quote(str(work / STATION_HOURS / '*.parquet'))})"
    if (work / DATABASE).exists():
        con.execute(f"ATTACH {quote(str(work / DATABASE))} AS theirs (READ_ONLY)")
        made = con.execute("FROM duckdb_tables() WHERE database_name = 'theirs' AND table_name = ?", [STATION_HOURS])
        return f"theirs.{STATION_HOURS}" if made.fetchall() else ""
    return ""


def _close(ours: Any, theirs: tuple[Any, ...]) -> bool:
    """What a standard does not know (particles under the API) is empty in ours, and not asked for."""
    return ours is not None and all(
        mine is None or (hand is not None and math.isclose(mine, hand, rel_tol=1e-9))
        for mine, hand in zip(ours, theirs, strict=True)
    )


def _night(inbox: Path, work: Path, measured: Measured) -> Results:
    """A whole first night in a new home, its stages in `measured`; imports and compiling of marts before it."""
    import duckdb

    from pipelines.run import run_night
    from pipelines.settings import Settings
    from warehouse.home import open_home

    stage, began = _BETWEEN, _now()

    def say(message: str) -> None:
        nonlocal stage, began
        now = _now()
        clock, cpu = measured.stages.get(stage, (0.0, 0.0))
        measured.stages[stage] = (clock + now[0] - began[0], cpu + now[1] - began[1])
        stage = next((name for pattern, name in _STAGES if re.match(pattern, message)), _BETWEEN)
        began = now

    home = work / "home"
    run_night(Settings(home=home, inbox=inbox), say)
    say("")
    with duckdb.connect(str(open_home(home).published_database.resolve()), read_only=True) as con:
        known = f"standard IN {STANDARDS}"
        days = con.execute(
            f"SELECT region_code, day, standard, aqi, valid FROM mart.air_city_day WHERE aqi IS NOT NULL AND {known}"
        ).fetchall()
        years = con.execute(
            f"SELECT region_code, year, standard, {', '.join(YEAR_COLUMNS)} FROM mart.air_city_year WHERE {known}"
        ).fetchall()
    return Results(days, years)


def _warm(work: Path) -> None:
    """What a process pays once: imports, and (once for each version of the code) the SQL of the marts."""
    import great_expectations.expectations  # noqa: F401

    import pipelines.definitions  # noqa: F401
    from benchmarks.sizes import Size, write_inbox
    from pipelines.run import run_night
    from pipelines.settings import Settings

    os.environ.setdefault("QUALITY_CITY_COMPILED", str(work / "compiled"))
    write_inbox(work / "small", Size("small", stations=1, per_city=1, first_year=2015))
    run_night(Settings(home=work / "first", inbox=work / "small"), lambda _: None)


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _main(name: str, inbox: Path, work: Path, told: Path) -> None:
    measured = Measured(0.0, 0.0, 0.0, 0.0)
    begun = time.perf_counter()
    program: Callable[[Path, Path], Results]
    if name == OURS:
        _warm(work)
        program = lambda inbox, work: _night(inbox, work, measured)  # noqa: E731
    else:
        program = importlib.import_module(f"benchmarks.by_hand.{BY_HAND[name]}").run
    measured.startup = time.perf_counter() - begun
    began = _now()
    results = program(inbox, work)
    ended = _now()
    measured.clock, measured.cpu = ended[0] - began[0], ended[1] - began[1]
    measured.peak_megabytes = peak_megabytes()
    with told.open("wb") as file:
        pickle.dump(results, file)
    sys.stdout.write(json.dumps(asdict(measured)) + "\n")
    sys.stdout.flush()
    os._exit(0)  # as the command does: DuckDB's bindings print a page of leaks at exit beside GX's engine


if __name__ == "__main__":
    _main(sys.argv[1], *(Path(argument) for argument in sys.argv[2:]))
