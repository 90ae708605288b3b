"""Sensors that stand still: runs of equal hours, across midnight, by the setting; the dead station of 天津."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.air import choices
from assets.air.stuck import STUCK_SENSOR_MART
from tests.assets.support_air import SHARED, AirWarehouse, fresh, hours

DAY = datetime(2015, 5, 1)
#: Equal hours, and values that are not looked at, as typed for the tests.
RULE = {"so2": (12, 5), "no2": (12, 5), "pm10": (8, 5), "pm25": (8, 5), "co": (24, Decimal("0.5")), "o3": (12, 5)}


@pytest.fixture
def warehouse() -> AirWarehouse:
    return fresh()


def found(warehouse: AirWarehouse) -> list[tuple[Any, ...]]:
    rows = warehouse.build(STUCK_SENSOR_MART)
    return rows.select("day", "pollutant", "first_hour", "hours", rows["value"].cast(float)).rows()


def changing(number: int) -> list[int]:
    return [50 + n for n in range(number)]


def test_the_setting_is_loaded_and_looks_back_one_day_at_most() -> None:
    rows = choices.rows(choices.AIR_STUCK_SENSOR, "stuck_sensors").rows(named=True)
    assert {row["pollutant"]: (row["hours"], row["above"]) for row in rows} == RULE
    assert max(row["hours"] for row in rows) <= 24


def test_equal_hours_are_told_from_the_settings_number_on(warehouse: AirWarehouse) -> None:
    for code, equal in (("A", 8), ("B", 7)):
        rows = hours(DAY, pm25=[*changing(5), *[40] * equal, *changing(19 - equal)])
        warehouse.core("air_readings", [row | {"station_code": code} for row in rows])
    rows = warehouse.build(STUCK_SENSOR_MART).rows(named=True)
    assert [(row["station_code"], row["hours"], row["last_hour"]) for row in rows] == [("A", 8, DAY.replace(hour=13))]


def test_a_gap_or_another_value_ends_a_run(warehouse: AirWarehouse) -> None:
    warehouse.core("air_readings", hours(DAY, pm10=[40] * 7 + [None] + [40] * 7 + [41] + [40] * 7 + [42]))
    assert found(warehouse) == []


def test_values_near_nothing_are_not_looked_at(warehouse: AirWarehouse) -> None:
    warehouse.core("air_readings", hours(DAY, so2=[5] * 24, no2=[6] * 24, co=["0.5"] * 24))
    assert [(row[1], row[3]) for row in found(warehouse)] == [("no2", 24)]


def test_a_run_across_midnight_is_told_on_the_day_that_completes_it(warehouse: AirWarehouse) -> None:
    warehouse.core("air_readings", hours(DAY, pm25=[*changing(20), *[40] * 4]))
    assert found(warehouse) == []
    tomorrow = DAY + timedelta(days=1)
    warehouse.core("air_readings", hours(tomorrow, pm25=[*[40] * 4, *changing(20)]))
    assert found(warehouse) == [(date(2015, 5, 2), "pm25", DAY.replace(hour=21), 8, 40)]


def test_new_hours_mark_their_day_and_the_next(warehouse: AirWarehouse) -> None:
    warehouse.core("air_readings", hours(DAY, pm25=[40] * 24))
    warehouse.mart = STUCK_SENSOR_MART
    assert sorted(warehouse.run(warehouse.dirty)["day"]) == [date(2015, 5, 1), date(2015, 5, 2)]


def plain_runs(values: Sequence[int | None], equal: int, above: int) -> dict[int, list[tuple[int, int]]]:
    """Per day (0, 1, 2): first hour and length of each run of equal values, looking back to the day before only."""
    told: dict[int, list[tuple[int, int]]] = {}
    for day in range(len(values) // 24):
        start = max(0, 24 * day - 24)
        window = list(values[start : 24 * day + 24])
        n = 0
        while n < len(window):
            end = n
            while end < len(window) and window[end] == window[n]:
                end += 1
            value = window[n]
            if value is not None and value > above and end - n >= equal and start + end > 24 * day:
                told.setdefault(day, []).append((start + n, end - n))
            n = end
    return told


@settings(max_examples=8, deadline=None)
@given(runs=st.lists(st.tuples(st.sampled_from([None, 4, 40, 41]), st.integers(1, 40)), min_size=1, max_size=20))
def test_runs_equal_their_recomputation_and_depend_on_no_other_day(runs: list[tuple[int | None, int]]) -> None:
    warehouse = fresh()
    values = ([value for value, length in runs for _ in range(length)] + [None] * 72)[:72]
    rows = [
        {"period_end": DAY + timedelta(hours=n + 1), "pm25": value}
        for n, value in enumerate(values)
        if value is not None
    ]
    warehouse.core("air_readings", rows)
    expected = {
        (DAY + timedelta(days=day)).date(): [(DAY + timedelta(hours=first + 1), length) for first, length in told]
        for day, told in plain_runs(values, 8, 5).items()
    }

    def told(rows: Any) -> dict[date, list[tuple[datetime, int]]]:
        by_day: dict[date, list[tuple[datetime, int]]] = {}
        for day, first, length in rows.select("day", "first_hour", "hours").rows():
            by_day.setdefault(day, []).append((first, length))
        return by_day

    whole = warehouse.build(STUCK_SENSOR_MART)
    assert told(whole) == expected
    # One day alone, as a night with news of that day only computes it, gives the same.
    warehouse.con.execute("INSERT INTO work.dirty_air_stuck_sensor VALUES ('s', 'A', DATE '2015-05-02')")
    warehouse.rebuild(STUCK_SENSOR_MART)
    assert warehouse.rows(STUCK_SENSOR_MART).equals(whole)


def test_a_long_run_is_named_on_each_day_by_that_day_and_the_one_before_it(warehouse: AirWarehouse) -> None:
    """A station that is renamed while its sensor stands still: no day takes a name from hours that it does not see."""
    names = ("旧名", "新名", "新名")  # the old name sorts last
    assert max(names) == "旧名"
    for day, name in enumerate(names):
        rows = hours(DAY + timedelta(days=day), pm25=[40] * 24)
        warehouse.core("air_readings", [row | {"station_name": name} for row in rows])
    whole = warehouse.build(STUCK_SENSOR_MART)
    assert whole.select("station_name", "hours").rows() == [("旧名", 24), ("旧名", 48), ("新名", 48)]
    warehouse.con.execute("INSERT INTO work.dirty_air_stuck_sensor VALUES ('s', 'A', DATE '2015-05-03')")
    warehouse.rebuild(STUCK_SENSOR_MART)
    assert warehouse.rows(STUCK_SENSOR_MART).equals(whole)


@pytest.mark.skipif(not SHARED.is_dir(), reason="no whole publications: the shared folder is not present")
def test_the_dead_stations_of_tianjin_are_flagged_and_no_living_one(warehouse: AirWarehouse) -> None:
    """Every crawl of a week lists eleven dead stations with the same numbers at all 93 hours.

    Ten stand alone, and their sensors are listed. The eleventh is a namesake of the living 淮河道, whose
    record stands as the fact; the dead record is flagged, and no sensor of 淮河道 stands still.
    """
    records = warehouse.publications(SHARED / "nationwide_hourly_2020" / "data" / "天津.csv")
    stuck = records.filter(records["flags"].str.contains("stuck").fill_null(False))
    hours_of = stuck.group_by("station_code").agg(
        pl.struct("co", "o3", "pm25").n_unique().alias("records"), pl.col("period_end").n_unique().alias("hours")
    )
    assert hours_of.height == 11 and set(hours_of.select("records", "hours").rows()) == {(1, 93)}
    namesake = stuck.filter(station_code="淮河道").select("co", "o3", "o3_8h", "pm25").unique().rows()
    assert namesake == [(Decimal("0.6"), Decimal(163), Decimal(95), None)]
    alone = set(hours_of["station_code"]) - {"淮河道"}
    facts = warehouse.con.sql("FROM core.air_readings WHERE contains(flags, 'stuck')").pl()
    assert set(facts["station_code"]) == alone
    assert set(warehouse.build(STUCK_SENSOR_MART)["station_code"]) == alone
