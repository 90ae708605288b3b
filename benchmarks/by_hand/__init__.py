"""The same work by hand, in DuckDB's SQL, Polars and pandas: CSV files → city days and city years under two indices.

Belongs here: the programs that a skilled analyst would write for these files, and what they have in common. Does not
belong here: timing (`benchmarks.contender`).

They keep no provenance, version, quarantine or exact parts, know the two standards that ruled the years of the data,
and take the hours of each station as complete. DuckDB and Polars check nothing; pandas does the checks that the night
does (types, codes, bounds, required cells, keys that occur twice), because the aim compares it with them.
"""

from __future__ import annotations

from typing import NamedTuple

STANDARDS = ("api_1996", "hj633_2012")
MEANS = ("so2", "no2", "pm10", "pm25", "co")
ITEMS = (*MEANS, "o3_1h", "o3_8h")
#: Item → percentile of its days; and its limit in the composite index, of the mean where it has one.
PERCENTILES = {"so2": 98, "no2": 98, "pm10": 95, "pm25": 95, "co": 95, "o3_8h": 90}
LIMITS = {"so2_mean": 60, "no2_mean": 40, "pm10_mean": 70, "pm25_mean": 35, "co_p95": 4, "o3_8h_p90": 160}
#: Days of a standard are valid with so many pollutants, or with an index above 100.
LEAST_POLLUTANTS = {"api_1996": 3, "hj633_2012": 5}

YEAR_COLUMNS = (
    "good_days",
    "valid_days",
    "good_day_rate",
    *(f"{item}_mean" for item in MEANS if item != "co"),
    *(f"{item}_p{rank}" for item, rank in PERCENTILES.items()),
    "ambient_air_index",
)


class Results(NamedTuple):
    """`days`: (region_code, day, standard, aqi, valid). `years`: (region_code, year, standard, YEAR_COLUMNS …)."""

    days: list[tuple[object, ...]]
    years: list[tuple[object, ...]]


class Breakpoint(NamedTuple):
    """One piece of an item's scale: index and concentration (µg/m³, CO mg/m³), low and high."""

    item: str
    iaqi_low: int
    iaqi_high: int
    low: float
    high: float


def daily_breakpoints(standard: str) -> list[Breakpoint]:
    """The scales of a day's items, from the standard's data."""
    import polars as pl

    from assets.air.reference import breakpoints

    frame = breakpoints().filter(standard=standard)
    daily = frame.filter((pl.col("averaging") != "1h") | (pl.col("item") == "o3"))
    named = pl.when(item="o3").then(pl.format("o3_{}", "averaging")).otherwise("item").alias("item")
    rows = daily.select(named, "iaqi_low", "iaqi_high", "conc_low", "conc_high").rows()
    return [
        Breakpoint(item, low, high, float(conc_low), float(conc_high)) for item, low, high, conc_low, conc_high in rows
    ]
