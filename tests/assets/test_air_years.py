"""A region's year: rate, completeness, percentiles, composite index, contribution."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.air import air_contribution
from assets.air.cities import CITY_DAY
from assets.air.year_pollutants import CITY_YEAR_POLLUTANT_MART
from assets.air.years import CITY_YEAR_MART
from tests.assets.support_air import AirWarehouse, fresh

ITEMS = ("so2", "no2", "pm10", "pm25", "co", "o3_8h")
FIRST = date(2015, 1, 1)
GOOD: dict[str, Any] = {"aqi": 60, "valid": True, "good": True}
BAD: dict[str, Any] = {"aqi": 120, "valid": True, "good": False}
INVALID: dict[str, Any] = {"aqi": None, "valid": False, "good": None}


#: Days of 2015 beyond the 27th, of February beyond the 25th.
LAST_DAYS = [n for n in range(365) if (day := FIRST + timedelta(days=n)).day > (25 if day.month == 2 else 27)]


@pytest.fixture
def warehouse() -> AirWarehouse:
    return fresh()


def put(warehouse: AirWarehouse, days: dict[date, dict[str, Any]]) -> None:
    """Rows of mart.air_city_day under one standard."""
    defaults = {"region_code": "R", "standard": "hj633_2012", "in_force": True, "origin": "real"}
    rows = [defaults | {"day": day} | values for day, values in days.items()]
    frame = pl.DataFrame(rows, schema={k: v for k, v in CITY_DAY.polars_schema.items() if k in set().union(*rows)})
    warehouse.add(CITY_DAY.name, frame)


def year(warehouse: AirWarehouse) -> dict[str, Any]:
    """The only row of the mart."""
    (row,) = years(warehouse).rows(named=True)
    return row


def years(warehouse: AirWarehouse) -> pl.DataFrame:
    """The rows of the mart, after those that it rests on."""
    return warehouse.build(CITY_YEAR_POLLUTANT_MART, CITY_YEAR_MART)


def calendar(number: int = 365, first: date = FIRST) -> list[date]:
    return [first + timedelta(days=n) for n in range(number)]


def test_rate_is_of_valid_days(warehouse: AirWarehouse) -> None:
    days = calendar()
    put(warehouse, {day: BAD if n < 73 else INVALID if n < 80 else GOOD for n, day in enumerate(days)})
    row = year(warehouse)
    assert (row["good_days"], row["valid_days"], row["expected_days"]) == (285, 358, 365)
    assert row["good_day_rate"] == 100 * 285 / 358
    assert row["basis"].startswith("285 good of 358 valid days; the year has 365")


@pytest.mark.parametrize(
    ("missing", "complete"),
    [
        ([], True),
        (range(4), True),  # January keeps 27 days
        (range(5), False),
        (range(31, 34), True),  # February keeps 25 days
        (range(31, 35), False),
        ([*range(4), *range(31, 34), *range(59, 62)], True),
        (LAST_DAYS, False),  # every month keeps its days, but the year has 322
        (LAST_DAYS[2:], True),
    ],
)
def test_complete_by_year_and_month(warehouse: AirWarehouse, missing: Any, complete: bool) -> None:
    put(warehouse, {day: INVALID if n in set(missing) else GOOD for n, day in enumerate(calendar())})
    assert year(warehouse)["complete"] is complete


def test_a_year_without_valid_days_has_no_rate(warehouse: AirWarehouse) -> None:
    put(warehouse, {FIRST: INVALID})
    row = year(warehouse)
    assert (row["good_day_rate"], row["valid_days"], row["good_days"], row["pm25_mean"]) == (None, 0, 0, None)
    assert (row["ambient_air_index"], row["published_good_days"], row["complete"]) == (None, None, False)


def test_leap_years(warehouse: AirWarehouse) -> None:
    put(warehouse, {date(y, 3, 1): GOOD for y in (1900, 2000, 2015, 2016)})
    rows = years(warehouse)
    assert dict(rows.select("year", "expected_days").rows()) == {1900: 365, 2000: 366, 2015: 365, 2016: 366}


def plain_percentile(values: list[Fraction], p: int) -> Fraction:
    """HJ 663-2013: k = 1 + (n - 1) p / 100, linear between the neighbours."""
    ordered = sorted(values)
    k = 1 + Fraction((len(ordered) - 1) * p, 100)
    below = int(k)
    above = min(below + 1, len(ordered))
    return ordered[below - 1] + (ordered[above - 1] - ordered[below - 1]) * (k - below)


@settings(max_examples=8, deadline=None)
@given(values=st.lists(st.one_of(st.none(), st.integers(0, 9000)), min_size=1, max_size=120))
def test_means_and_percentiles_equal_fractions(values: list[int | None]) -> None:
    warehouse = fresh()
    concs = [None if v is None else Decimal(v).scaleb(-1) for v in values]
    put(
        warehouse,
        {day: GOOD | dict.fromkeys(ITEMS, conc) for day, conc in zip(calendar(len(concs)), concs, strict=True)},
    )
    row = year(warehouse)
    known = [Fraction(conc) for conc in concs if conc is not None]
    assert row["o3_8h_days"] == len(known)
    for column, p in {
        "co_p95": 95,
        "o3_8h_p90": 90,
        "so2_p98": 98,
        "no2_p98": 98,
        "pm10_p95": 95,
        "pm25_p95": 95,
    }.items():
        assert row[column] == (float(plain_percentile(known, p)) if known else None)
    for item in ("so2", "no2", "pm10", "pm25"):
        assert row[f"{item}_mean"] == (float(sum(known) / len(known)) if known else None)


def test_composite_index(warehouse: AirWarehouse) -> None:
    limits = {"so2": 60, "no2": 40, "pm10": 70, "pm25": 35, "co": 4, "o3_8h": 160}
    at_limit = GOOD | {item: Decimal(limit) for item, limit in limits.items()}
    put(warehouse, dict.fromkeys(calendar(5), at_limit))
    row = year(warehouse)
    assert (row["ambient_air_index"], row["leading_pollutants"]) == (6, "so2,no2,pm10,pm25,co,o3")
    put(warehouse.cleared(), dict.fromkeys(calendar(5), at_limit | {"pm25": Decimal(70), "co": Decimal(2)}))
    row = year(warehouse)
    assert (row["ambient_air_index"], row["leading_pollutants"]) == (6.5, "pm25")
    put(warehouse.cleared(), dict.fromkeys(calendar(5), at_limit | {"pm25": Decimal(70), "no2": Decimal(80)}))
    assert year(warehouse)["leading_pollutants"] == "no2,pm25"
    put(warehouse.cleared(), dict.fromkeys(calendar(5), at_limit | {"co": None}))
    row = year(warehouse)
    assert (row["ambient_air_index"], row["leading_pollutants"]) == (None, None)


def test_published_good_days_only_of_the_standard_in_force(warehouse: AirWarehouse) -> None:
    published = [50, 100, 101, None]
    days = {day: GOOD | {"published_aqi": aqi} for day, aqi in zip(calendar(4), published, strict=True)}
    put(warehouse, days)
    put(warehouse, {day: row | {"standard": "api_1996", "in_force": False} for day, row in days.items()})
    rows = years(warehouse)
    assert dict(rows.select("standard", "published_good_days").rows()) == {"hj633_2012": 2, "api_1996": None}


def test_contribution_gives_both_definitions_and_the_plans_headline(warehouse: AirWarehouse) -> None:
    put(warehouse, {FIRST: GOOD, FIRST + timedelta(days=1): BAD, FIRST + timedelta(days=2): INVALID})
    put(warehouse, {FIRST: GOOD | {"standard": "api_1996", "origin": "synthetic"}})
    years(warehouse)
    rows = {row["definition"]: row for row in warehouse.run(air_contribution(warehouse)).rows(named=True)}
    new, old = rows["aqi_hj633_2012"], rows["api_1996"]
    assert (new["indicator"], new["region_code"], new["year"], new["unit"]) == (
        "air_good_day_rate",
        "R",
        2015,
        "%",
    )
    assert (new["value"], new["numerator"], new["denominator"], new["n"], new["complete"]) == (
        50,
        1,
        2,
        2,
        False,
    )
    assert (new["headline"], old["headline"], old["origin"]) == (False, True, "synthetic")
