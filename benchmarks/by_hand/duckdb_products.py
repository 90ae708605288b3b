"""The limit for the tables that a night leaves: the same in DuckDB's SQL, with the checks and the two largest tables.

Besides the city days and city years of `duckdb_sql`: the checks that the night does (types, codes, bounds, required
cells, keys that occur twice), every record in the columns of core.air_readings, the hourly index of each station in
those of mart.air_station_hour. It reads sound files only, meets no earlier version, looks for no stuck sensor, and
keeps no quarantine, portion, status or published night.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from assets.air.hours import STATION_HOUR
from benchmarks.by_hand import DATABASE, HOURLY, STATION_HOURS, YEAR_COLUMNS, Results, duckdb_marts
from benchmarks.by_hand.duckdb_sql import derive
from sources.feeds.air import AIR_READINGS
from sources.registry import LINEAGE, Column

#: The columns that the files have; the night's other ones are empty in them.
_GIVEN = ("series", "station_code", "period_end", "averaging", "site_kind", *HOURLY)
#: What a night notes of each record that the record does not say. Its line is its place in the table: files are read
#: in their order.
_NOTED = {
    "origin": "'real'",
    "stage": "'provisional'",
    "published_at": "TIMESTAMP '2016-01-01'",
    "source_file_id": "filename",
    "source_sheet": "''",
    "source_row": "0",
    "record_no": "1",
}


def run(inbox: Path, work: Path) -> Results:
    """Everything in one file of DuckDB's below `work`. Raises `ValueError` when a check fails."""
    with duckdb.connect(str(work / DATABASE)) as con:
        con.execute(f"CREATE TABLE reading AS {_records(inbox)}")
        con.execute(
            f"CREATE TABLE station AS FROM read_csv('{inbox}/stations/*.csv', types = {{'region_code': 'VARCHAR'}})"
        )
        _check(con)
        con.execute(
            f"CREATE TABLE {STATION_HOURS} AS {_stored(STATION_HOUR.columns, duckdb_marts.station_hours('reading'))}"
        )
        derive(con, "reading", "station")
        days = con.execute("SELECT region_code, day, standard, aqi, valid FROM city_day").fetchall()
        years = con.execute(f"SELECT region_code, year, standard, {', '.join(YEAR_COLUMNS)} FROM city_year").fetchall()
    return Results(days, years)


def _records(inbox: Path) -> str:
    columns = AIR_READINGS.columns
    types = ", ".join(f"'{column.name}': '{column.duckdb_type}'" for column in columns if column.name in _GIVEN)
    said = {column.name: column.name if column.name in _GIVEN else "NULL" for column in columns} | _NOTED
    told = ", ".join(f"{text} AS {name}" for name, text in said.items())
    files = f"read_csv('{inbox}/air_readings/*.csv', types = {{{types}}}, filename = true)"
    return _stored((*columns, *LINEAGE), f"SELECT {told} FROM {files}")


def _stored(columns: tuple[Column, ...], query: str) -> str:
    return f"SELECT {', '.join(f'{c.name}::{c.duckdb_type} AS {c.name}' for c in columns)} FROM ({query})"


def _check(con: duckdb.DuckDBPyConnection) -> None:
    """What the night's rules ask of each record (types were asked by reading)."""
    wrong = [f"{c.name} NOT BETWEEN {c.minimum} AND {c.maximum}" for c in AIR_READINGS.columns if c.name in HOURLY]
    wrong += ["averaging NOT IN ('1h', '24h', 'month')", "site_kind NOT IN ('station', 'city')"]
    key = ("series", "station_code", "period_end", "averaging")
    wrong += [f"{name} IS NULL" for name in (*key, "site_kind")]
    twice = f"SELECT 1 FROM reading GROUP BY {', '.join(key)} HAVING count(*) > 1"
    for query in (f"SELECT 1 FROM reading WHERE {' OR '.join(wrong)}", twice):
        if con.execute(f"{query} LIMIT 1").fetchall():
            raise ValueError(f"bad records: {query}")
