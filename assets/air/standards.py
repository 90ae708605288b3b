"""The standards of air as objects from which expressions are made.

Belongs here: breakpoints, items, categories and rules read from the reference tables' rows, ready to be
unrolled into expressions. Does not belong here: any number, any expression (`assets.air.index`).

Concentrations are whole thousandths of their unit (µg/m³, CO mg/m³), the last digit of a reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import polars as pl

from assets.air import choices, reference

#: Digits after the point of a stored reading, and what one unit is in its last digit.
READING_DIGITS = 3
UNIT = 10**READING_DIGITS

GENERAL_CLASS = 2  # class of area that a city as a whole is judged by


@dataclass(frozen=True)
class Segment:
    """A straight piece of the individual index: (low, iaqi_low) to (high, iaqi_high), in thousandths."""

    iaqi_low: int
    iaqi_high: int
    low: int
    high: int


@dataclass(frozen=True)
class Scale:
    """The segments of one pollutant and averaging; `above`: index above the last one, None = no index."""

    segments: tuple[Segment, ...]
    above: int | None


@dataclass(frozen=True)
class Item:
    """One item of a report: its name, the column that holds it, its scale, its digits when reported."""

    name: str
    reading: str
    pollutant: str
    scale: Scale
    decimals: int


@dataclass(frozen=True)
class Category:
    """A band of the index: code, highest index (None = no end), words of publications that mean it."""

    code: str
    high: int | None
    spellings: tuple[str, ...]


@dataclass(frozen=True)
class Index:
    """One index: its scales by pollutant and averaging, its items by report, its categories from clean to
    polluted, its rules; the first day (ISO) for which it is computed, None = every day."""

    standard: str
    computed_from: str | None
    scales: Mapping[tuple[str, str], Scale]
    items: Mapping[str, tuple[Item, ...]]
    categories: tuple[Category, ...]
    rules: Mapping[str, int]


@dataclass(frozen=True)
class Period:
    """Days (ISO, both included; None = open) of a choice for a series or a region (* = every one)."""

    unit: str
    first_day: str | None
    last_day: str | None


@dataclass(frozen=True)
class HourlyReport:
    """The hourly report that a series follows in a period, and the standard whose index it is."""

    period: Period
    standard: str
    report: str


@dataclass(frozen=True)
class Preference:
    """A series that is taken for a region (* = every one), with its rank; the lowest goes first."""

    region: str
    series: str
    rank: int


@dataclass(frozen=True)
class PublishedIndex:
    """What a series' index column holds in a period, and the pollutants that it sometimes leaves out."""

    period: Period
    index: str
    left_out: frozenset[str]


@dataclass(frozen=True)
class Statistic:
    """A statistic of a year: column, daily item, its pollutant, percentile (None = mean), whether it is a part of
    the composite index."""

    column: str
    item: str
    pollutant: str
    percentile: int | None
    in_index: bool


@cache
def indices() -> tuple[Index, ...]:
    """Every standard that has breakpoints, in order of its name."""
    names = sorted(set(reference.breakpoints()["standard"]))
    return tuple(_index(name) for name in names)


def of_every_day() -> Index:
    """An index that is computed for every day: its rows hold the exact means that all indices of a day share."""
    return next(found for found in indices() if found.computed_from is None)


def index(standard: str) -> Index:
    """The index of that standard. Raises `KeyError` when it has no breakpoints."""
    return {found.standard: found for found in indices()}[standard]


def hourly_indices() -> tuple[Index, ...]:
    """The indices that have hourly reports."""
    return tuple(found for found in indices() if set(found.items) & set(reference.HOURLY_REPORTS.values))


@cache
def rules(standard: str) -> Mapping[str, int]:
    """The rules of one standard, by name."""
    rows = _rules().filter(pl.col("standard") == standard)
    return dict(zip(rows["rule"], rows["value"], strict=True))


@cache
def _rules() -> pl.DataFrame:
    return reference.section(reference.AIR_RULE, "rules")


def agreed_rule(rule: str) -> int:
    """A number of a rule on which every document that states it agrees.

    The means of a day serve every index of that day, so they can follow one number only. Raises `ValueError`
    when documents differ: then means must be made for each.
    """
    rows = _rules().filter(pl.col("rule") == rule)
    return int(_agreed(rule, rows.select("standard", "value")))


def agreed_limit(item: str, averaging: str) -> Decimal:
    """The limit of a pollutant for the general class of area, in its unit, on which all documents agree.

    Raises `ValueError` when they differ, see `agreed_rule`.
    """
    rows = _limits().filter(pl.col("item") == item, pl.col("averaging") == averaging)
    return Decimal(_agreed(f"limit of {item} ({averaging})", rows.select("standard", "conc")))


def _agreed(what: str, rows: pl.DataFrame) -> Any:
    stated = dict(rows.rows())
    if len(set(stated.values())) != 1:
        raise ValueError(f"{what}: the standards must state one number; found {stated}; means serve every index")
    return next(iter(stated.values()))


@cache
def _limits() -> pl.DataFrame:
    return reference.section(reference.AIR_LIMIT, "limits").filter(pl.col("class") == GENERAL_CLASS)


@cache
def hourly_reports() -> tuple[HourlyReport, ...]:
    """The hourly report of each series and period."""
    rows = choices.rows(choices.AIR_HOURLY_REPORT, "hourly_reports")
    return tuple(map(HourlyReport, _periods(rows, "series"), rows["standard"], rows["report"]))


@cache
def published_indices() -> tuple[PublishedIndex, ...]:
    """Series and periods whose index column is not simply the index of the standard."""
    rows = choices.rows(choices.AIR_PUBLISHED_INDEX, "published_indices")
    left_out = [frozenset(names.split(",")) if names else frozenset() for names in rows["left_out"]]
    return tuple(map(PublishedIndex, _periods(rows, "series"), rows["index"], left_out))


@cache
def standard_periods(standard: str) -> tuple[Period, ...]:
    """The periods in which a standard was the official one, by region."""
    rows = choices.rows(choices.AIR_STANDARD_PERIOD, "standard_periods")
    return _periods(rows.filter(pl.col("standard") == standard), "region_code")


def _periods(rows: pl.DataFrame, unit: str) -> tuple[Period, ...]:
    days = rows.with_columns(pl.col("first_day", "last_day").cast(pl.String))
    return tuple(Period(*period) for period in days.select(unit, "first_day", "last_day").rows())


@cache
def series_preference(pollutant: str) -> tuple[Preference, ...]:
    """The preferences for a pollutant, the most particular first: of its own region, of itself, of all."""
    rows = choices.rows(choices.AIR_SERIES_PREFERENCE, "series_preference")
    rows = rows.filter(pl.col("pollutant").is_in([pollutant, "*"]))
    rows = rows.sort(pl.col("region_code") == "*", pl.col("pollutant") == "*", "series")
    return tuple(Preference(*row) for row in rows.select("region_code", "series", "rank").rows())


@cache
def statistics() -> tuple[Statistic, ...]:
    """The statistics of a year, in order of their columns."""
    rows = reference.section(reference.AIR_STATISTIC, "statistics").sort("position").rows(named=True)
    return tuple(
        Statistic(row["statistic"], row["item"], row["pollutant"], row["percentile"], row["in_index"]) for row in rows
    )


@cache
def series_parts() -> Mapping[str, str]:
    """Publications that are a part of another one's records → that other one."""
    rows = choices.rows(choices.AIR_SERIES_PART, "series_parts")
    return dict(rows.select("part", "series").rows())


def event_registers() -> tuple[str, ...]:
    """The registers whose dates are exceptional events."""
    return tuple(choices.rows(choices.AIR_EVENT_REGISTER, "event_registers")["register"])


def _index(standard: str) -> Index:
    scales = _scales(standard)
    items = reference.section(reference.AIR_ITEM, "items").filter(pl.col("standard") == standard)
    by_report: dict[str, tuple[Item, ...]] = {}
    for row in items.sort("position").rows(named=True):
        scale = scales[row["pollutant"], row["averaging"]]
        item = Item(row["item"], row["reading"], row["pollutant"], scale, row["decimals"])
        by_report[row["report"]] = (*by_report.get(row["report"], ()), item)
    bands = reference.section(reference.AIR_CATEGORY, "categories").filter(pl.col("standard") == standard)
    categories = tuple(
        Category(row["category"], row["index_high"], tuple(row["spellings"].split(",")))
        for row in bands.sort("position").rows(named=True)
    )
    from_day = reference.standards().row(by_predicate=pl.col("standard") == standard, named=True)["computed_from"]
    first = from_day.isoformat() if from_day else None
    return Index(standard, first, scales, by_report, categories, rules(standard))


def _scales(standard: str) -> dict[tuple[str, str], Scale]:
    rows = reference.breakpoints().filter(pl.col("standard") == standard).sort("iaqi_high")
    scales: dict[tuple[str, str], Scale] = {}
    for key, segments in rows.partition_by("item", "averaging", as_dict=True).items():
        last = segments.row(-1, named=True)
        scales[key[0], key[1]] = Scale(
            tuple(
                Segment(low, high, _thousandths(conc_low), _thousandths(conc_high))
                for low, high, conc_low, conc_high in segments.select(
                    "iaqi_low", "iaqi_high", "conc_low", "conc_high"
                ).rows()
            ),
            last["iaqi_high"] if last["above"] == "cap" else None,
        )
    return scales


def _thousandths(value: Any) -> int:
    return int(Decimal(value) * UNIT)
