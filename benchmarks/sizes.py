"""The sizes that are measured, and files of that size: hourly readings in the canonical layout, one CSV a month.

Belongs here: how many stations, cities and years, and writing their files. Does not belong here: what is done with
them (`benchmarks.night`, `benchmarks.by_hand`). The readings are drawn; they do not say so, because a live home refuses
synthetic rows and it is a live home that is measured. They never leave the benchmark's own folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

#: Cities are given the codes that follow this one, inside a province of GB/T 2260.
_FIRST_REGION = 320_000

#: Largest value of each pollutant in tenths (µg/m³, CO mg/m³); a city's day scales them, so that days differ.
_TOPS = {"so2": 1200, "no2": 1500, "pm10": 4000, "pm25": 2400, "co": 40, "o3": 3200}

#: One value in so many is missing.
_MISSING = 50


@dataclass(frozen=True)
class Size:
    """A city, a province or a country: stations, how many make a city, and the years of hours."""

    name: str
    stations: int
    per_city: int
    first_year: int
    years: int = 1

    @property
    def months(self) -> list[date]:
        return [date(self.first_year + month // 12, month % 12 + 1, 1) for month in range(12 * self.years)]


CITY = Size("city-decade", stations=10, per_city=10, first_year=2013, years=10)
PROVINCE = Size("province-year", stations=2284, per_city=20, first_year=2015)
COUNTRY = Size("country-year", stations=11_416, per_city=30, first_year=2015)
SIZES = {size.name.split("-")[0]: size for size in (CITY, PROVINCE, COUNTRY)}


def write_inbox(inbox: Path, size: Size) -> int:
    """`air_readings/` with one CSV a month, and `stations/`; returns the number of station-hours."""
    readings, stations = inbox / "air_readings", inbox / "stations"
    readings.mkdir(parents=True)
    stations.mkdir()
    with duckdb.connect() as con:
        con.execute(
            "COPY (SELECT printf('B%05d', s) AS code, '2000-01-01' AS valid_from, 'air' AS medium, "
            f"printf('B%05d', s) AS name_zh, printf('%06d', {_FIRST_REGION} + 1 + s // {size.per_city}) AS region_code "
            f"FROM range({size.stations}) AS t(s)) TO '{stations / 'stations.csv'}'"
        )
        return sum(write_month(con, readings, size, month) for month in size.months)


def write_month(con: duckdb.DuckDBPyConnection, folder: Path, size: Size, month: date, days: int | None = None) -> int:
    """One month's CSV (or its first `days`), mostly hour by hour; returns the number of station-hours."""
    first = f"TIMESTAMP '{month} 01:00'"
    last = f"DATE '{month}' + INTERVAL {f'{days} DAYS' if days else '1 MONTH'}"
    values = ", ".join(_value(name, size) for name in _TOPS)
    written = con.execute(
        "COPY (SELECT 'bench' AS series, printf('B%05d', s) AS station_code, "
        "strftime(t, '%Y-%m-%d %H:%M') AS period_end, '1h' AS averaging, 'station' AS site_kind, "
        f"{values} FROM range({size.stations}) AS r(s), (SELECT t, epoch(t)::BIGINT // 3600 AS h "
        f"FROM range({first}, {last} + INTERVAL 1 HOUR, INTERVAL 1 HOUR) AS u(t))) "
        f"TO '{folder / f'air_{month}.csv'}'"
    ).fetchall()
    return int(written[0][0])


def _value(name: str, size: Size) -> str:
    drawn = f"hash(s, h, '{name}')"
    scale = f"(200 + hash(s // {size.per_city}, h // 24, '{name}') % 800)"
    number = f"((({drawn} >> 8) % {_TOPS[name]} * {scale}) // 1000 / 10)::DECIMAL(9, 1)"
    return f"CASE WHEN {drawn} % {_MISSING} > 0 THEN {number} END AS {name}"
