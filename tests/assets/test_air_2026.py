"""The index of 2026: which days and hours it rules, its six items, its rounding, what it does without a pollutant."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from assets.air import periods
from assets.air.cities import CITY_DAY_MART
from assets.air.days import STATION_DAY_MART
from assets.air.hours import STATION_HOUR_MART
from assets.air.mismatches import AIR_MISMATCH_MART
from assets.air.standards import HourlyReport, Period
from assets.air.year_pollutants import CITY_YEAR_POLLUTANT_MART
from assets.air.years import CITY_YEAR_MART
from tests.assets.support_air import AirWarehouse, daily, fresh, hours

DAY = datetime(2026, 5, 1)
#: All six pollutants; PM2.5 of 75 is 100 in 2012 and 114 in 2026 (vector of the facts).
SIX = {"so2": 9, "no2": 9, "pm10": 80, "pm25": 75, "co": 1, "o3_8h": 90}
HOUR = {"so2": 9, "no2": 9, "pm10": 80, "pm25": 75, "co": 1, "o3": 90}


@pytest.fixture
def warehouse() -> AirWarehouse:
    return fresh()


def by_standard(warehouse: AirWarehouse, day: date) -> dict[str, dict[str, Any]]:
    """The only station's rows of a day."""
    rows = warehouse.build(STATION_DAY_MART).filter(day=day).rows(named=True)
    return {row["standard"]: row for row in rows}


def test_a_day_has_the_index_that_ruled_it_and_the_others_beside_it(warehouse: AirWarehouse) -> None:
    days = [datetime(2025, 12, 31), datetime(2026, 1, 1), datetime(2026, 2, 28), datetime(2026, 3, 1)]
    warehouse.core("air_readings", [daily(day, published_aqi=114, **SIX) for day in days])
    found = [by_standard(warehouse, day.date()) for day in days]
    assert [sorted(rows) for rows in found] == [
        ["api_1996", "hj633_2012"], *([["api_1996", "hj633_2012", "hj633_2026"]] * 3),
    ]  # fmt: skip
    ruled = [[name for name, row in rows.items() if row["in_force"]] for rows in found]
    assert ruled == [["hj633_2012"], ["hj633_2012"], ["hj633_2012"], ["hj633_2026"]]
    assert [row["aqi"] for row in found[-1].values()] == [65, 100, 114]
    # What is printed is held against the index in force only.
    assert [row["agrees"] for row in found[-1].values()] == [None, None, True]
    assert [row["agrees"] for row in found[-2].values()] == [None, False, None]


def test_ozone_of_one_hour_is_no_item_of_the_day(warehouse: AirWarehouse) -> None:
    warehouse.core("air_readings", [daily(DAY, **SIX, o3=500)])
    rows = by_standard(warehouse, DAY.date())
    assert (rows["hj633_2012"]["aqi"], rows["hj633_2012"]["primary_pollutants"]) == (225, "o3")
    assert (rows["hj633_2026"]["aqi"], rows["hj633_2026"]["o3_1h"]) == (114, None)


def test_without_a_pollutant_there_is_an_index_only_above_a_hundred(warehouse: AirWarehouse) -> None:
    clean, bad = SIX | {"so2": None, "pm25": 20}, SIX | {"so2": None}
    warehouse.core("air_readings", [daily(DAY, station_code=code, **row) for code, row in (("A", clean), ("B", bad))])
    rows = warehouse.build(STATION_DAY_MART).filter(standard="hj633_2026")
    told = rows.select("aqi", "primary_pollutants", "category", "pollutants", "valid", "good").rows()
    assert told == [(None, None, None, 5, False, None), (114, "pm25", "light", 5, True, False)]


def test_hours_follow_the_standard_of_their_day_and_round_first(warehouse: AirWarehouse) -> None:
    """60.4 is 101 unrounded, and 100 once rounded to 60 as HJ 633-2026 4.2.2 says."""
    warehouse.core("air_readings", [
        HOUR | {"period_end": day + timedelta(hours=9), "pm25": "60.4", "published_aqi": 100}
        for day in (datetime(2026, 2, 28), datetime(2026, 3, 1))
    ])  # fmt: skip
    found = warehouse.build(STATION_HOUR_MART).select("standard", "rule", "aqi", "agrees")
    assert found.rows() == [
        ("hj633_2012", "hourly_pm_1h", 82, False), ("hj633_2026", "hourly_pm_1h", 100, True),
    ]  # fmt: skip
    listed = warehouse.build(STATION_DAY_MART, AIR_MISMATCH_MART).select("day", "subject", "class")
    assert listed.rows() == [(date(2026, 2, 28), "hourly AQI", "unexplained")]


def test_an_hour_without_a_pollutant_has_no_index_up_to_a_hundred(warehouse: AirWarehouse) -> None:
    for code, pm25 in (("A", 20), ("B", 75)):
        warehouse.core("air_readings", [HOUR | {"period_end": DAY, "station_code": code, "so2": None, "pm25": pm25}])
    assert warehouse.build(STATION_HOUR_MART)["aqi"].to_list() == [None, 114]


def test_an_hour_at_midnight_belongs_to_the_day_before(warehouse: AirWarehouse) -> None:
    warehouse.core("air_readings", [HOUR | {"period_end": datetime(2026, 3, 1)}])
    assert warehouse.build(STATION_HOUR_MART)["standard"].to_list() == ["hj633_2012"]


def test_a_city_that_switched_on_another_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own row of the setting goes before the common one, for hours (by series) as for days (by region)."""
    import ibis

    own = (
        HourlyReport(Period("*", None, "2026-02-28"), "hj633_2012", "hourly_pm_1h"),
        HourlyReport(Period("*", "2026-03-01", None), "hj633_2026", "hourly_pm_1h"),
        HourlyReport(Period("late", "2026-03-01", "2026-06-30"), "hj633_2012", "hourly_pm_1h"),
    )
    monkeypatch.setattr(periods, "hourly_reports", lambda: own)
    days = {"before": date(2026, 2, 1), "between": date(2026, 5, 1), "after": date(2026, 7, 1)}
    asked = {
        standard: {
            f"{series}_{name}": periods.follows(standard, ibis.literal(series), ibis.literal(day))
            for series in ("late", "other")
            for name, day in days.items()
        }
        for standard in ("hj633_2012", "hj633_2026")
    }
    one = ibis.range(1).unnest().name("n").as_table()
    row = {standard: fresh().run(one.select(**columns)).row(0, named=True) for standard, columns in asked.items()}
    follow = {standard: [name for name, fits in row[standard].items() if fits] for standard in row}
    assert follow == {
        "hj633_2012": ["late_before", "late_between", "other_before"],
        "hj633_2026": ["late_after", "other_between", "other_after"],
    }


def test_an_hour_belongs_to_the_day_it_begins_on_when_the_standard_is_switched() -> None:
    """The hour that ends at midnight is the last of the old standard's days; both lists of hours meet there."""
    import ibis

    ends = [datetime(2026, 2, 28, 23), datetime(2026, 3, 1, 0), datetime(2026, 3, 1, 1), datetime(2026, 3, 2, 0)]
    asked = {
        f"{standard}_{number}": periods.some_report_follows(standard, ibis.literal(end))
        for standard in ("hj633_2012", "hj633_2026")
        for number, end in enumerate(ends)
    }
    row = fresh().run(ibis.range(1).unnest().name("n").as_table().select(**asked)).row(0)
    assert row == (True, True, False, False, False, False, True, True)


def test_a_year_is_held_against_the_limits_of_its_time(warehouse: AirWarehouse) -> None:
    """Six concentrations at the limits of the transition: 6 up to 2030; by the final limits from 2031 more."""
    at_limit = {"so2": 60, "no2": 40, "pm10": 60, "pm25": 30, "co": 4, "o3_8h": 160}
    rows = [
        daily(datetime(year, 5, 1), station_code="110000", site_kind="city", **at_limit) for year in (2026, 2030, 2031)
    ]
    warehouse.core("air_readings", rows)
    years = warehouse.build(STATION_DAY_MART, CITY_DAY_MART, CITY_YEAR_POLLUTANT_MART, CITY_YEAR_MART).filter(
        standard="hj633_2026"
    )
    final = 60 / 20 + 40 / 30 + 60 / 50 + 30 / 25 + 1 + 1
    assert dict(years.select("year", "ambient_air_index").rows()) == pytest.approx({2026: 6, 2030: 6, 2031: final})


def test_hours_of_2026_to_the_day(warehouse: AirWarehouse) -> None:
    """From hours: means first, then the rounding, then the index of the standard."""
    warehouse.core("air_readings", hours(DAY, so2=[9] * 24, no2=[9] * 24, pm10=[80] * 24, co=[1] * 24, o3=[90] * 24,
                                         pm25=[60] * 23 + [70]))  # fmt: skip
    rows = by_standard(warehouse, DAY.date())
    assert (rows["hj633_2026"]["aqi"], rows["hj633_2012"]["aqi"], rows["hj633_2026"]["good"]) == (100, 82, True)
