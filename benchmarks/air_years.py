"""Station hours → city years: the SQL of our marts against SQL written by hand, on one and the same core table.

Belongs here: generating the hours in a warehouse, timing both, comparing the results. Does not belong here: reading,
gate, merge and publication (`benchmarks.contender`), judging.

The hand-written queries give city days and city years: they keep no station, no counts of hours, and no exact
parts; they know the two standards that ruled the year of the data and nothing else.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypedDict

import duckdb

from assets.air import AIR_MARTS, AIR_REFERENCES
from assets.air.cities import CITY_DAY_MART
from assets.air.days import STATION_DAY_MART
from assets.air.year_pollutants import CITY_YEAR_POLLUTANT_MART
from assets.air.years import CITY_YEAR_MART
from benchmarks.by_hand import YEAR_COLUMNS
from benchmarks.by_hand.duckdb_sql import derive
from benchmarks.sizes import PROVINCE
from warehouse.dirty import dirty_table, mark_whole
from warehouse.home import create_home
from warehouse.names import ident
from warehouse.rebuild import compiled, load_references
from warehouse.store import Warehouse

#: A large city's and a province's stations: DuckDB plans the texts for either in the same time.
STATIONS = (350, PROVINCE.stations)
PER_CITY, HOURS, YEAR = 10, 8760, 2015
TIMES = 3
PATH = (STATION_DAY_MART, CITY_DAY_MART, CITY_YEAR_POLLUTANT_MART, CITY_YEAR_MART)


class Taken(NamedTuple):
    """Seconds by the clock, and of all processors together: on a busy machine only the latter can be compared."""

    clock: float
    cpu: float


class Measured(TypedDict):
    """Medians of both, their ratios, and how many of the city years are equal."""

    station_hours: int
    city_years: int
    equal: int
    marts: Taken
    by_hand: Taken
    ratio: Taken


def measure(stations: int, hours: int = HOURS, times: int = TIMES, compiled_in: Path | None = None) -> Measured:
    """Generate, run both in turn `times` times, compare."""
    with tempfile.TemporaryDirectory(prefix="quality-city-bench-") as folder:
        home = create_home(Path(folder) / "home", "live")
        with Warehouse(home, marts=AIR_MARTS, references=AIR_REFERENCES, compiled=compiled_in) as warehouse:
            load_references(warehouse, AIR_REFERENCES)
            generate(warehouse.con, stations, hours)
            sql = {mart.name: compiled(warehouse, mart, whole=True).sql for mart in PATH}
            runs = [(_by_hand(warehouse.con), _by_marts(warehouse.con, sql)) for _ in range(times)]
            ours, theirs = (_rows(warehouse.con, table) for table in ("mart.air_city_year", "city_year"))
    by_hand, marts = (_median([run[side] for run in runs]) for side in (0, 1))
    return Measured(
        station_hours=stations * hours,
        city_years=len(theirs),
        equal=sum(_same(theirs[key], ours.get(key)) for key in theirs),
        marts=marts,
        by_hand=by_hand,
        ratio=Taken(marts.clock / by_hand.clock, marts.cpu / by_hand.cpu),
    )


def _median(runs: list[Taken]) -> Taken:
    return Taken(*(statistics.median(values) for values in zip(*runs, strict=True)))


def generate(con: duckdb.DuckDBPyConnection, stations: int, hours: int) -> None:
    """Hourly readings of a year, one digit, 2 % missing, and the register of the stations."""

    def value(name: str, top: int) -> str:
        drawn = f"hash(s, h, '{name}')"
        scale = f"(200 + hash(s // {PER_CITY}, h // 24, '{name}') % 800)"
        return (
            f"CASE WHEN {drawn} % 50 > 0 THEN "
            f"((({drawn} >> 8) % {top} * {scale}) // 1000 / 10)::DECIMAL(9, 1)::DECIMAL(9, 3) END AS {name}"
        )

    tops = {"so2": 1200, "no2": 1500, "pm10": 4000, "pm25": 2400, "co": 40, "o3": 3200}
    values = ", ".join(value(name, top) for name, top in tops.items())
    con.execute(
        "INSERT INTO core.air_readings BY NAME SELECT 'bench' AS series, printf('B%04d', s) AS station_code, "
        f"TIMESTAMP '{YEAR}-01-01 01:00' + to_hours(CAST(h AS BIGINT)) AS period_end, '1h' AS averaging, "
        "'station' AS site_kind, 'synthetic' AS origin, 'bench' AS source_file_id, '' AS source_sheet, "
        "h AS source_row, 1 AS record_no, 'validated' AS stage, "
        f"TIMESTAMP '{YEAR + 1}-01-01' AS published_at, {values} FROM range({stations}) AS t(s), range({hours}) AS u(h)"
    )
    con.execute(
        "INSERT INTO core.stations BY NAME SELECT 'bench' AS series, printf('B%04d', s) AS code, 'air' AS medium, "
        f"printf('%06d', 100000 + s // {PER_CITY}) AS region_code, DATE '2000-01-01' AS valid_from, "
        "'站' AS name_zh, 'synthetic' AS origin, 'bench' AS source_file_id, '' AS source_sheet, s AS source_row, "
        f"1 AS record_no, 'validated' AS stage, TIMESTAMP '{YEAR}-01-01' AS published_at FROM range({stations}) AS t(s)"
    )


def _by_marts(con: duckdb.DuckDBPyConnection, sql: dict[str, str]) -> Taken:
    """The four marts on the way, each computed whole by its own SQL and stored. Not counted: writing the keys that
    say what is to be computed, which is a part of loading."""
    clock, cpu = 0.0, 0.0
    for mart in PATH:
        con.execute(f"DELETE FROM {ident(mart.name)}")
        con.execute(f"DELETE FROM {ident(dirty_table(mart).name)}")
        mark_whole(con, mart)
        columns = ", ".join(f"CAST({ident(c.name)} AS {c.duckdb_type}) AS {ident(c.name)}" for c in mart.table.columns)
        query = f"INSERT INTO {ident(mart.name)} BY NAME SELECT {columns} FROM ({sql[mart.name]})"
        taken = _timed(partial(con.execute, query))
        clock, cpu = clock + taken.clock, cpu + taken.cpu
    return Taken(clock, cpu)


def _timed(work: Callable[[], object]) -> Taken:
    clock, cpu = time.perf_counter(), time.process_time()
    work()
    return Taken(time.perf_counter() - clock, time.process_time() - cpu)


def _by_hand(con: duckdb.DuckDBPyConnection) -> Taken:
    """City days and city years of both standards by hand, stored."""
    return _timed(lambda: derive(con, "core.air_readings", "core.stations"))


def _rows(con: duckdb.DuckDBPyConnection, table: str) -> dict[tuple[str, str], tuple[float | None, ...]]:
    rows = con.execute(f"SELECT region_code, standard, {', '.join(YEAR_COLUMNS)} FROM {table}").fetchall()
    return {(region, standard): values for region, standard, *values in rows}


def _same(theirs: tuple[float | None, ...], ours: tuple[float | None, ...] | None) -> bool:
    """Days are equal; doubles differ by rounding errors of the hand-written means at most. What a standard does not
    know (particles under the API) is empty in ours, and not asked for."""
    return ours is not None and all(
        mine is None or (hand is not None and abs(hand - mine) <= 1e-9 * max(1.0, abs(mine)))
        for hand, mine in zip(theirs, ours, strict=True)
    )
