"""Each pollutant's year against the limits, by plain recomputation; incomplete years; years without events."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.air import air_contribution
from assets.air.year_pollutants import CITY_YEAR_POLLUTANT_MART
from assets.air.years import CITY_YEAR_MART
from tests.assets.support_air import AirWarehouse, fresh, plain_round
from tests.assets.test_air_years import BAD, FIRST, GOOD, calendar, put, year

#: pollutant: (item, percentile, (class 1, class 2) of the year, of the day), GB 3095-2012 as typed for the tests.
PLAIN: dict[str, tuple[str, int, tuple[int, int] | None, tuple[int, int]]] = {
    "so2": ("so2", 98, (20, 60), (50, 150)),
    "no2": ("no2", 98, (40, 40), (80, 80)),
    "pm10": ("pm10", 95, (40, 70), (50, 150)),
    "pm25": ("pm25", 95, (15, 35), (35, 75)),
    "co": ("co", 95, None, (4, 4)),
    "o3": ("o3_8h", 90, None, (100, 160)),
}


@pytest.fixture
def warehouse() -> AirWarehouse:
    return fresh()


def rows_of(warehouse: AirWarehouse, counted: str = "all") -> dict[str, dict[str, Any]]:
    """The rows of the mart by pollutant."""
    rows = warehouse.build(CITY_YEAR_POLLUTANT_MART).filter(counted=counted).rows(named=True)
    return {row["pollutant"]: row for row in rows}


def plain_percentile(values: list[Fraction], p: int) -> Fraction:
    """HJ 663-2013: k = 1 + (n - 1) p / 100, linear between the neighbours."""
    ordered = sorted(values)
    k = Fraction((len(ordered) - 1) * p, 100)
    below = math.floor(k)
    return ordered[below] + (ordered[min(below + 1, len(ordered) - 1)] - ordered[below]) * (k - below)


def plain_judgement(pollutant: str, values: dict[date, Fraction]) -> dict[str, Any]:
    """A year of one pollutant, by the text."""
    item, p, of_year, of_day = PLAIN[pollutant]
    known = list(values.values())
    decimals = 1 if item == "co" else 0
    months = [sum(day.month == month for day in values) for month in range(1, 13)]
    complete = len(known) >= 324 and all(n >= (25 if m == 2 else 27) for m, n in enumerate(months, 1))

    def meets(area: int, sample: list[Fraction]) -> bool:
        mean = plain_round(sum(sample) / len(sample), decimals)
        percentile = plain_round(plain_percentile(sample, p), decimals)
        return (of_year is None or mean <= of_year[area - 1]) and percentile <= of_day[area - 1]

    missing_clean = known + [Fraction(0)] * (365 - len(known))
    already = not complete and not meets(2, missing_clean)
    above = [value for value in known if value > of_day[1]]
    return {
        "days": len(known),
        "complete": complete,
        "mean": float(sum(known) / len(known)),
        "percentile": float(plain_percentile(known, p)),
        "exceedance_days": len(above),
        "exceedance_rate": 100 * len(above) / len(known),
        "highest": float(max(known)),
        "highest_multiple": pytest.approx(float(max(known) / of_day[1] - 1)) if above else None,
        "already_exceeds": already,
        "class": 3 if already else None if not complete else next((c for c in (1, 2) if meets(c, known)), 3),
    }


@settings(max_examples=10, deadline=None)
@given(
    level=st.sampled_from([5, 12, 30, 60, 90, 200]),
    spread=st.integers(0, 60),
    days=st.sampled_from([365, 340, 324, 323, 200, 90, 20]),
    seed=st.integers(0, 10**6),
)
def test_a_year_equals_its_recomputation_in_fractions(level: int, spread: int, days: int, seed: int) -> None:
    warehouse, drawn = fresh(), random.Random(seed)
    chosen = sorted(drawn.sample(calendar(), days))
    scale = {"co": Fraction(1, 30), "so2": Fraction(1, 2)}
    values = {
        pollutant: {
            day: plain_round(scale.get(pollutant, Fraction(1)) * max(0, level + drawn.randint(-spread, spread)), 1)
            for day in chosen
        }
        for pollutant in PLAIN
    }
    put(warehouse, {
        day: GOOD | {PLAIN[pollutant][0]: Decimal(float(of[day])).quantize(Decimal("0.1"))
                     for pollutant, of in values.items()}
        for day in chosen
    })  # fmt: skip
    found = rows_of(warehouse)
    for pollutant, of in values.items():
        expected = plain_judgement(pollutant, of)
        assert {name: found[pollutant][name] for name in expected} == expected, pollutant


def year_of(**values: Any) -> dict[date, dict[str, Any]]:
    return dict.fromkeys(calendar(), GOOD | {item: Decimal(str(value)) for item, value in values.items()})


CLEAN = {"so2": 10, "no2": 20, "pm10": 30, "pm25": 10, "co": 1, "o3_8h": 80}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, 1),
        ({"pm25": "15.5"}, 2),  # 16 once rounded half to even
        ({"pm25": "15.4"}, 1),
        ({"pm25": "35.5"}, 3),
        ({"pm25": "34.5"}, 2),
        ({"co": "4.04"}, 1),  # one digit: 4.0; CO has the same limit in both classes
        ({"co": "4.06"}, 3),
        ({"o3_8h": 160}, 2),
        ({"o3_8h": 161}, 3),
        ({"pm25": None}, None),  # five pollutants do not tell, unless one exceeds
        ({"pm25": None, "no2": 90}, 3),
    ],
)
def test_the_class_of_a_year_is_that_of_its_worst_pollutant(
    warehouse: AirWarehouse, changed: dict[str, Any], expected: int | None
) -> None:
    values = {item: value for item, value in (CLEAN | changed).items() if value is not None}
    put(warehouse, year_of(**values))
    assert year(warehouse)["class"] == expected


def test_a_high_percentile_alone_exceeds(warehouse: AirWarehouse) -> None:
    """19 days of 76 among 365 of 10: the mean is far below 35, the 95th percentile is above 75."""
    days = year_of(**CLEAN)
    for day in calendar(19):
        days[day] = days[day] | {"pm25": Decimal(76)}
    put(warehouse, days)
    row = rows_of(warehouse)["pm25"]
    assert (row["exceedance_days"], row["percentile"], row["class"]) == (19, 62.8, 2)
    put(warehouse.cleared(), days | {calendar()[30]: days[FIRST]})
    row = rows_of(warehouse)["pm25"]
    assert (row["exceedance_days"], row["percentile"], row["class"]) == (20, 76, 3)
    assert row["percentile_multiple"] == pytest.approx(1 / 75) and row["mean_multiple"] is None


@pytest.mark.parametrize(("days", "kept"), [(176, True), (172, False)])
def test_an_incomplete_year_that_already_exceeds_is_kept_and_flagged(
    warehouse: AirWarehouse, days: int, kept: bool
) -> None:
    """74 a day, never above the daily limit: 176 days hold the mean of the year above 35 whatever follows
    (74 × 176 / 365 = 35.7, so 36), 172 do not (34.9, so 35)."""
    clean = {item: Decimal(value) for item, value in CLEAN.items()}
    put(warehouse, dict.fromkeys(calendar(days), GOOD | clean | {"pm25": Decimal(74)}))
    row = rows_of(warehouse)["pm25"]
    assert (row["complete"], row["already_exceeds"], row["class"]) == (False, kept, 3 if kept else None)
    whole = year(warehouse)
    assert (whole["complete"], whole["already_exceeds"], whole["class"]) == (False, kept, 3 if kept else None)
    assert whole["good_day_rate"] == 100  # the rate stands beside it, marked incomplete


def test_an_incomplete_year_below_the_limits_is_not_judged(warehouse: AirWarehouse) -> None:
    put(warehouse, {day: row for day, row in year_of(**CLEAN).items() if day.month != 7})
    row = year(warehouse)
    assert (row["complete"], row["class"], row["already_exceeds"]) == (False, None, False)


def test_the_old_index_is_held_against_no_limits(warehouse: AirWarehouse) -> None:
    put(warehouse, {day: row | {"standard": "api_1996"} for day, row in year_of(so2=500).items()})
    row = rows_of(warehouse)["so2"]
    assert (row["mean"], row["limits"], row["class"], row["exceedance_days"]) == (500, None, None, None)


def named(warehouse: AirWarehouse, *days: date, **values: Any) -> None:
    """Entries of the register of exceptional events, one a date."""
    rows = [{"event_id": f"{day}", "event_date": day, "region_code": "R"} | values for day in days]
    warehouse.core("register_events", rows)


def test_a_year_without_the_named_dates_stands_beside_the_plain_one(warehouse: AirWarehouse) -> None:
    dust = calendar(20)
    days = year_of(**CLEAN)
    for day in dust:
        days[day] = BAD | {"pm10": Decimal(900)}
    put(warehouse, days)
    before = year(warehouse)
    assert (before["event_days"], before["good_day_rate_without_events"]) == (0, None)
    assert set(warehouse.rows(CITY_YEAR_POLLUTANT_MART)["counted"]) == {"all"}

    named(warehouse, *dust)
    named(warehouse, date(2015, 12, 31), region_code="another")
    named(warehouse, date(2015, 12, 30), register="another")
    after = year(warehouse)
    changed = {"event_days", "good_days_without_events", "valid_days_without_events", "good_day_rate_without_events"}
    assert {name: value for name, value in after.items() if name not in changed} == {
        name: value for name, value in before.items() if name not in changed
    }
    assert after["good_day_rate"] == pytest.approx(100 * 345 / 365)
    assert [after[name] for name in sorted(changed)] == [20, 100, 345, 345]
    plain, without = (rows_of(warehouse, counted)["pm10"] for counted in ("all", "without_events"))
    assert (plain["days"], plain["exceedance_days"], plain["class"]) == (365, 20, 3)
    # January keeps 11 counted days: what is left out on purpose does not make the year incomplete.
    assert (without["days"], without["exceedance_days"], without["class"], without["complete"]) == (345, 0, 1, True)

    values = warehouse.run(air_contribution(warehouse)).rows(named=True)
    told = {row["definition"]: (row["value"], row["headline"], row["n"]) for row in values}
    assert told == {
        "aqi_hj633_2012": (after["good_day_rate"], False, 365),
        "aqi_hj633_2012_without_events": (100, False, 345),
    }


def test_a_revoked_date_counts_again_and_marks_its_year(warehouse: AirWarehouse) -> None:
    put(warehouse, {FIRST: BAD, FIRST + timedelta(days=1): GOOD})
    named(warehouse, FIRST)
    assert year(warehouse)["good_day_rate_without_events"] == 100
    revocation = {"event_id": "R1", "of_event_id": f"{FIRST}", "event_kind": "revoked", "event_date": date(2016, 2, 1)}
    warehouse.core("register_events", [revocation | {"region_code": "R"}])
    warehouse.mart = CITY_YEAR_MART
    assert (("R", 2015) in warehouse.run(warehouse.dirty).select("region_code", "year").rows()) is True
    row = year(warehouse)
    assert (row["event_days"], row["good_day_rate_without_events"], row["good_day_rate"]) == (0, None, 50)


def test_the_order_of_rows_changes_no_digit(warehouse: AirWarehouse) -> None:
    days = {
        day: GOOD | {"pm25": Decimal(n * 7919 % 1009) / 10, "o3_8h": Decimal(n * 104729 % 2003) / 10}
        for n, day in enumerate(calendar())
    }
    found: list[pl.DataFrame] = []
    for order in (sorted(days), sorted(days, key=lambda day: (day.day, -day.month))):
        put(warehouse.cleared(), {day: days[day] for day in order})
        year(warehouse)
        found.append(warehouse.rows(CITY_YEAR_POLLUTANT_MART))
    assert found[0].equals(found[1])
