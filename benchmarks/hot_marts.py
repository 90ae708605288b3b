"""The two marts that hold a row for each station's hour and day, against SQL written by hand for the same rows.

Belongs here: timing both in turn, comparing every row and column. Does not belong here: the statements by hand
(`benchmarks.by_hand.duckdb_marts`), the days and years of cities (`benchmarks.air_years`), a whole night.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

import duckdb

from assets.air import AIR_MARTS, AIR_REFERENCES
from assets.air.days import STATION_DAY_MART
from assets.air.hours import STATION_HOUR_MART
from benchmarks.air_years import generate
from benchmarks.by_hand import duckdb_marts
from benchmarks.sizes import PROVINCE
from warehouse.dirty import dirty_table, mark_whole
from warehouse.home import create_home
from warehouse.marts import Mart
from warehouse.names import ident
from warehouse.rebuild import compiled, load_references
from warehouse.store import Warehouse

#: A large city's and a province's stations: DuckDB plans the texts for either in the same time.
STATIONS = (350, PROVINCE.stations)
HOURS, TIMES = 8760, 3


class Measured(TypedDict):
    """Median seconds (CPU of both processors) of the mart and by hand, their ratio, rows, rows that differ."""

    mart: float
    by_hand: float
    ratio: float
    rows: int
    different: int


def measure(stations: int, hours: int = HOURS, times: int = TIMES) -> dict[str, Measured]:
    """Both marts, each computed whole and stored, in turn with the statement by hand."""
    with tempfile.TemporaryDirectory(prefix="quality-city-bench-") as folder:
        home = create_home(Path(folder) / "home", "live")
        with Warehouse(home, marts=AIR_MARTS, references=AIR_REFERENCES) as warehouse:
            load_references(warehouse, AIR_REFERENCES)
            generate(warehouse.con, stations, hours)
            by_hand = (
                (STATION_HOUR_MART, duckdb_marts.station_hours("core.air_readings")),
                (STATION_DAY_MART, duckdb_marts.station_days("core.air_readings", "core.stations")),
            )
            return {mart.name: _compared(warehouse, mart, query, times) for mart, query in by_hand}


def _compared(warehouse: Warehouse, mart: Mart, by_hand: str, times: int) -> Measured:
    con, table = warehouse.con, ident(mart.name)
    columns = ", ".join(f"CAST({ident(c.name)} AS {c.duckdb_type}) AS {ident(c.name)}" for c in mart.table.columns)
    sql = compiled(warehouse, mart, whole=True).sql
    mark_whole(con, mart)
    con.execute(f"CREATE TABLE by_hand AS FROM {table} LIMIT 0")
    taken: dict[str, list[float]] = {table: [], "by_hand": []}
    for _ in range(times):
        for target, query in (("by_hand", by_hand), (table, sql)):
            con.execute(f"TRUNCATE {target}")
            fill = f"INSERT INTO {target} BY NAME SELECT {columns} FROM ({query})"
            taken[target].append(_cpu(lambda fill=fill: con.execute(fill)))  # type: ignore[misc]
    different = warehouse.value(
        f"SELECT count(*) FROM ((FROM {table} EXCEPT ALL FROM by_hand) UNION ALL "
        f"(FROM by_hand EXCEPT ALL FROM {table}))"
    )
    rows = warehouse.value(f"SELECT count(*) FROM {table}")
    con.execute("DROP TABLE by_hand")
    con.execute(f"DELETE FROM {ident(dirty_table(mart).name)}")
    ours, hand = statistics.median(taken[table]), statistics.median(taken["by_hand"])
    return Measured(mart=ours, by_hand=hand, ratio=ours / hand, rows=rows, different=different)


def _cpu(work: Callable[[], duckdb.DuckDBPyConnection]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
