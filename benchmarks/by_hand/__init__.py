"""The same work by hand, in DuckDB's SQL, Polars and pandas: CSV files → city days and city years under two indices.

Belongs here: the programs that a skilled analyst would write for these files, and what they have in common. Does not
belong here: timing (`benchmarks.contender`).

They keep no provenance, version, quarantine or exact parts, know the two standards that ruled the years of the data,
and take the hours of each station as complete. DuckDB and Polars check nothing; pandas does the checks that the night
does (types, codes, bounds, required cells, keys that occur twice), and in a second program makes the night's other
products too, because the aim compares it with a night that does the same checks and products. A second program for
DuckDB does these checks and keeps the two largest tables of a night in all their columns: what no night can beat.
"""

from __future__ import annotations

from typing import NamedTuple

STANDARDS = ("api_1996", "hj633_2012")
MEANS = ("so2", "no2", "pm10", "pm25", "co")
ITEMS = (*MEANS, "o3_1h", "o3_8h")
#: Item → percentile of its days; and its limit in the composite index, of the mean where it has one.
PERCENTILES = {"so2": 98, "no2": 98, "pm10": 95, "pm25": 95, "co": 95, "o3_8h": 90}
LIMITS = {"so2_mean": 60, "no2_mean": 40, "pm10_mean": 70, "pm25_mean": 35, "co_p95": 4, "o3_8h_p90": 160}
#: An hour's items and the averaging whose scale they take (hourly report, particles by their one-hour mean).
HOURLY = {"so2": "1h", "no2": "1h", "pm10": "24h", "pm25": "24h", "co": "1h", "o3": "1h"}
#: Days of a standard are valid with so many pollutants, or with an index above 100.
LEAST_POLLUTANTS = {"api_1996": 3, "hj633_2012": 5}

#: Folder of Parquet files in which a program leaves the hourly index of each station, where it makes one; or the table
#: of that name in DuckDB's file.
STATION_HOURS = "station_hours"
DATABASE = "by_hand.duckdb"

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
    daily = [(item.partition("_")[0], item.partition("_")[2] or "24h", item) for item in ITEMS]
    return _breakpoints(standard, daily)


def hourly_breakpoints(standard: str) -> list[Breakpoint]:
    """The scales of an hour's items, from the standard's data."""
    return _breakpoints(standard, [(item, averaging, item) for item, averaging in HOURLY.items()])


def _breakpoints(standard: str, items: list[tuple[str, str, str]]) -> list[Breakpoint]:
    """Of (item, averaging, what it is called here)."""
    from assets.air.reference import breakpoints

    frame = (
        breakpoints()
        .filter(standard=standard)
        .select("item", "averaging", "iaqi_low", "iaqi_high", "conc_low", "conc_high")
        .sort("conc_low")
    )
    return [
        Breakpoint(called, low, high, float(conc_low), float(conc_high))
        for item, averaging, called in items
        for _, _, low, high, conc_low, conc_high in frame.filter(item=item, averaging=averaging).rows()
    ]


def category_tops(standard: str) -> dict[str, int | None]:
    """Category → its highest index (none for the last), in their order."""
    from assets.air.standards import indices

    (index,) = (index for index in indices() if index.standard == standard)
    return {category.code: category.high for category in index.categories}


def stuck_rules() -> dict[str, tuple[int, float]]:
    """Pollutant → hours from which equal values look stuck, and the value above which they are looked at."""
    from assets.air.choices import AIR_STUCK_SENSOR, rows

    rules = rows(AIR_STUCK_SENSOR, "stuck_sensors").select("pollutant", "hours", "above").rows()
    return {pollutant: (hours, float(above)) for pollutant, hours, above in rules}
