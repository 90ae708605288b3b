"""What the hours of a year take on disk, and how fast they are read, by how they are stored.

Belongs here: the same rows of core.air_readings in several ways, their bytes and the times of three questions. Does
not belong here: the way that is taken (`warehouse.schema`, `warehouse.store`).
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

import duckdb

from benchmarks.air_years import generate
from sources.feeds import FEEDS
from sources.registry import LINEAGE
from warehouse import meta
from warehouse.home import create_home
from warehouse.names import ident
from warehouse.store import STORAGE_VERSION, Warehouse

STATIONS, HOURS, TIMES = 350, 8760, 5
_TABLE = meta.core_table(FEEDS["air_readings"].parts[0])
_LINEAGE = ", ".join(ident(column.name) for column in LINEAGE)
_CODES = ("series", "station_code", "averaging", "site_kind", "origin", "stage")

#: What is asked: all hours of a station's month, a mean over every row, the rows of one day of every station.
_QUESTIONS = {
    "a station's month": "SELECT count(pm25), sum(pm25) FROM {t} WHERE station_code = 'B0100' "
    "AND period_end BETWEEN TIMESTAMP '2015-06-01' AND TIMESTAMP '2015-06-30'",
    "every hour": "SELECT station_code, sum(pm25), sum(o3) FROM {t} GROUP BY ALL",
    "one day of all": "SELECT count(pm25), sum(pm25) FROM {t} "
    "WHERE period_end BETWEEN TIMESTAMP '2015-06-14 01:00' AND TIMESTAMP '2015-06-15'",
}

#: Way → storage version, columns of the rows, order, compression of Parquet (empty: a table of DuckDB's).
_WAYS: dict[str, tuple[str, str, str, str]] = {
    "as it is": (STORAGE_VERSION, "*", "", ""),
    "in the storage of 1.2": ("v1.2.0", "*", "", ""),
    "sorted by hour, then station": (STORAGE_VERSION, "*", "ORDER BY period_end, station_code", ""),
    "without lineage": (STORAGE_VERSION, f"* EXCLUDE ({_LINEAGE})", "", ""),
    "measures as DOUBLE": (
        STORAGE_VERSION,
        "* REPLACE (" + ", ".join(f"{i}::DOUBLE AS {i}" for i in ("so2", "no2", "pm10", "pm25", "co", "o3")) + ")",
        "",
        "",
    ),
    "codes as ENUM": (
        STORAGE_VERSION,
        "* REPLACE (" + ", ".join(f"{code}::{code}_enum AS {code}" for code in _CODES) + ")",
        "",
        "",
    ),
    "Parquet, snappy": ("", "*", "", "snappy"),
    "Parquet, zstd": ("", "*", "", "zstd"),
}


class Measured(TypedDict):
    """Bytes of a row (six pollutants) and of a reading of one pollutant, seconds to write, milliseconds to ask."""

    bytes_per_row: float
    bytes_per_reading: float
    write_seconds: float
    milliseconds: dict[str, float]


def measure(stations: int = STATIONS, hours: int = HOURS, ways: Sequence[str] = tuple(_WAYS)) -> dict[str, Measured]:
    """Every way of storing the same generated hours, one after another."""
    with tempfile.TemporaryDirectory(prefix="quality-city-bench-") as folder:
        home = create_home(Path(folder) / "home", "live")
        with Warehouse(home) as warehouse:
            generate(warehouse.con, stations, hours)
            warehouse.con.execute("CHECKPOINT")
            readings = warehouse.value(
                f"SELECT count(so2) + count(no2) + count(pm10) + count(pm25) + count(co) + count(o3) FROM {_TABLE.name}"
            )
        with duckdb.connect() as con:
            con.execute(f"ATTACH '{home.database}' AS w (READ_ONLY)")
            for code in _CODES:
                con.execute(f"CREATE TYPE {code}_enum AS ENUM (SELECT DISTINCT {code} FROM w.{_TABLE.name})")
            return {way: _stored(con, Path(folder), stations * hours, readings, *_WAYS[way]) for way in ways}


def _stored(
    con: duckdb.DuckDBPyConnection, folder: Path, rows: int, readings: int,
    version: str, columns: str, order: str, parquet: str,
) -> Measured:  # fmt: skip
    file = folder / ("way.parquet" if parquet else "way.duckdb")
    query = f"SELECT {columns} FROM w.{_TABLE.name} {order}"
    began = time.perf_counter()
    if parquet:
        con.execute(f"COPY ({query}) TO '{file}' (FORMAT parquet, COMPRESSION {parquet})")
        table = f"'{file}'"
    else:
        con.execute(f"ATTACH '{file}' AS way (STORAGE_VERSION '{version}')")
        if "_enum" in columns:
            for code in _CODES:
                con.execute(f"CREATE TYPE way.{code}_enum AS ENUM (SELECT DISTINCT {code} FROM w.{_TABLE.name})")
        con.execute(f"CREATE TABLE way.t AS {query}")
        con.execute("CHECKPOINT way")
        table = "way.t"
    written = time.perf_counter() - began
    asked = {name: _milliseconds(con, question.format(t=table)) for name, question in _QUESTIONS.items()}
    if not parquet:
        con.execute("DETACH way")
    size = file.stat().st_size
    file.unlink()
    return Measured(
        bytes_per_row=size / rows, bytes_per_reading=size / readings, write_seconds=written, milliseconds=asked
    )


def _milliseconds(con: duckdb.DuckDBPyConnection, question: str) -> float:
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        con.execute(question).fetchall()
        taken.append(time.perf_counter() - began)
    return 1000 * statistics.median(taken)
