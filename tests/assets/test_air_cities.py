"""A region's day: means over stations, station share, the choice between publications."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.air.cities import CITY_DAY_MART
from assets.air.days import STATION_DAY_MART
from tests.assets.support_air import AirWarehouse, daily, fresh, hours

DAY = datetime(2015, 5, 1)
CITY = "320282"


@pytest.fixture
def warehouse() -> AirWarehouse:
    warehouse = fresh()
    warehouse.core("regions", [{"code": CITY, "name_zh": "宜兴市"}])
    return warehouse


def station(code: str, **values: Any) -> dict[str, Any]:
    """A daily reading of a station of the city."""
    return daily(DAY, station_code=code, area_name="宜兴市", **values)


def city(**values: Any) -> dict[str, Any]:
    """A day as the city publishes it."""
    return daily(DAY, station_code=CITY, site_kind="city", area_name="宜兴市", **values)


def days(warehouse: AirWarehouse, standard: str = "hj633_2012") -> list[dict[str, Any]]:
    """The rows of one standard."""
    return warehouse.build(STATION_DAY_MART, CITY_DAY_MART).filter(standard=standard).rows(named=True)


def day(warehouse: AirWarehouse, standard: str = "hj633_2012") -> dict[str, Any]:
    """The only row of one standard."""
    (row,) = days(warehouse, standard)
    return row


def test_concentrations_are_averaged_before_the_index(warehouse: AirWarehouse) -> None:
    # The mean of the indices is 102.5, the worst is 155; the index of the mean 77 is 103.
    warehouse.core("air_readings", [station("A", pm25=118), station("B", pm25=36)])
    row = day(warehouse)
    assert (row["pm25"], row["aqi"], row["primary_pollutants"], row["stations"]) == (77, 103, "pm25", 2)


def test_the_mean_is_rounded_once_and_half_to_even(warehouse: AirWarehouse) -> None:
    # Station means 10 + 11/24, 10 + 13/24 and 10 + 12/24: exactly 10.5 together, 10 by half to even.
    for code, extra in (("A", 11), ("B", 13), ("C", 12)):
        readings = hours(DAY, pm25=[11] * extra + [10] * (24 - extra))
        warehouse.core("air_readings", [row | {"station_code": code, "area_name": "宜兴"} for row in readings])
    assert day(warehouse)["pm25"] == 10


def test_a_tie_between_thirds_is_a_tie(warehouse: AirWarehouse) -> None:
    # 10 + 1/3 (of 21 hours), 10 + 1/6 and 11: thirds have no finite decimals, yet the mean is 10.5 exactly.
    for code, (known, high) in {"A": (21, 7), "B": (24, 4), "C": (24, 24)}.items():
        values = [11] * high + [10] * (known - high) + [None] * (24 - known)
        readings = hours(DAY, pm25=values)
        warehouse.core("air_readings", [row | {"station_code": code, "area_name": "宜兴"} for row in readings])
    assert day(warehouse)["pm25"] == 10


def test_enough_of_the_network_must_report(warehouse: AirWarehouse) -> None:
    # (stations of the network, of them with a value) → whether the mean counts: 75 %, below four 50 %.
    cases = {
        (4, 3): True,
        (4, 2): False,
        (5, 3): False,
        (5, 4): True,
        (3, 2): True,
        (3, 1): False,
        (2, 1): True,
        (1, 1): True,
    }
    for network, reporting in cases:
        region = f"{network}{reporting}"
        codes = [f"{region}-{n}" for n in range(network)]
        register = [{"code": code, "region_code": region} for code in codes]
        again = [register[0] | {"series": "another register", "valid_from": date(2010, 1, 1)}]
        moved = [{"code": f"{region}-moved", "region_code": region}]
        moved.append(moved[0] | {"region_code": "elsewhere", "valid_from": date(2014, 1, 1)})
        closed = [{"code": f"{region}-old", "region_code": region, "valid_to": date(2015, 5, 1)}]
        warehouse.core("stations", [*register, *again, *moved, *closed])
        warehouse.core("air_readings", [station(code, pm25=50, pm10=50) for code in codes[:reporting]])
    found = {row["region_code"]: (row["network"], row["pm25"], row["aqi"]) for row in days(warehouse)}
    assert found == {
        f"{network}{reporting}": (network, 50, 69) if counts else (network, None, None)
        for (network, reporting), counts in cases.items()
    }


def test_a_network_without_register_is_what_reported(warehouse: AirWarehouse) -> None:
    warehouse.core("stations", [{"code": f"R{n}", "region_code": CITY} for n in range(9)])
    readings = [station("X", pm25=50), station("Y", pm25=60), station("Z", pm10=60)]
    warehouse.core("air_readings", readings)
    row = day(warehouse)
    assert (row["network"], row["stations"], row["pm25"], row["pm10"]) == (3, 2, 55, None)


def test_a_citys_own_value_goes_before_our_mean_per_pollutant(warehouse: AirWarehouse) -> None:
    warehouse.core("air_readings", [
        city(series="z_daily", pm25=40, o3_8h=90, published_aqi=56),
        station("A", series="a_stations", pm25=70, pm10=80, o3=300, o3_8h=120),
    ])  # fmt: skip
    row = day(warehouse)
    assert (row["pm25"], row["pm10"], row["o3_8h"], row["o3_1h"]) == (40, 80, 90, None)
    assert row["series"] == "a_stations,z_daily"
    # Not all values are the publication's own: its index is not compared.
    assert (row["published_aqi"], row["agrees"]) == (None, None)


def test_a_publication_alone_is_compared_and_passes_as_it_is(warehouse: AirWarehouse) -> None:
    warehouse.core("stations", [{"code": f"R{n}", "region_code": CITY} for n in range(9)])
    warehouse.core("air_readings", [city(pm25=40, o3_8h=90, published_aqi=56, published_category="良")])
    row = day(warehouse)
    assert (row["aqi"], row["published_aqi"], row["agrees"], row["published_category"]) == (
        57,
        56,
        False,
        "良",
    )
    assert (row["stations"], row["network"], row["series"]) == (0, 0, "s")


def test_real_goes_before_synthetic_and_share_before_name(warehouse: AirWarehouse) -> None:
    warehouse.core("stations", [{"code": code, "region_code": CITY} for code in ("A", "B", "C")])
    warehouse.core("air_readings", [city(series="a", pm25=1, origin="synthetic")])
    warehouse.core("air_readings", [station(code, series="b", pm25=20) for code in ("A", "B")])
    warehouse.core("air_readings", [station(code, series="c", pm25=30) for code in ("A", "B", "C")])
    row = day(warehouse)
    assert (row["series"], row["pm25"], row["origin"], row["stations"]) == ("c", 30, "real", 3)
    warehouse.core("air_readings", [city(series="a", so2=7, origin="synthetic") | {"period_end": DAY}])
    assert [row["origin"] for row in days(warehouse)] == ["synthetic", "real"]


def test_only_values_that_are_taken_give_the_origin(warehouse: AirWarehouse) -> None:
    few = [row | {"area_name": "宜兴市", "series": "real"} for row in hours(DAY, pm25=[9] * 5)]
    warehouse.core("air_readings", [*few, city(series="made", pm25=50, origin="synthetic")])
    row = day(warehouse)
    assert (row["series"], row["origin"]) == ("made", "synthetic")


def test_a_listed_preference_goes_first_in_its_region(warehouse: AirWarehouse) -> None:
    readings = [
        daily(DAY, series=series, station_code=code, site_kind="city", pm25=value)
        for code in ("110000", "310000")
        for series, value in (("another", 10), ("beijing_daily", 20))
    ]
    warehouse.core("air_readings", readings)
    assert {row["region_code"]: row["pm25"] for row in days(warehouse)} == {"110000": 20, "310000": 10}


def test_a_day_without_any_valid_value_is_a_row(warehouse: AirWarehouse) -> None:
    readings = hours(DAY, pm25=[9] * 5)
    warehouse.core("air_readings", [row | {"area_name": "宜兴市"} for row in readings])
    row = day(warehouse)
    assert (row["series"], row["aqi"], row["valid"], row["good"], row["stations"]) == (
        None,
        None,
        False,
        None,
        0,
    )


def test_both_standards_from_the_same_readings(warehouse: AirWarehouse) -> None:
    warehouse.core("air_readings", [station("A", so2=65, no2=150, pm10=180, pm25=76, co=1, o3_8h=9)])
    assert (day(warehouse, "api_1996")["aqi"], day(warehouse)["aqi"]) == (119, 135)


def test_only_marked_days_are_computed_again(warehouse: AirWarehouse) -> None:
    tomorrow = DAY + timedelta(days=1)
    rows = [daily(when, station_code="A", area_name="宜兴市", pm25=50) for when in (DAY, tomorrow)]
    warehouse.core("air_readings", rows)
    warehouse.rebuild(STATION_DAY_MART)
    warehouse.rebuild(CITY_DAY_MART)
    whole = warehouse.rows(CITY_DAY_MART)
    warehouse.core("air_readings", [daily(tomorrow, station_code="B", area_name="宜兴市", pm25=70)])
    warehouse.rebuild(STATION_DAY_MART)
    warehouse.mart = CITY_DAY_MART
    assert warehouse.run(warehouse.dirty).rows() == [(CITY, tomorrow.date())]
    warehouse.rebuild(CITY_DAY_MART)
    after = warehouse.rows(CITY_DAY_MART)
    assert after.filter(day=DAY.date()).equals(whole.filter(day=DAY.date()))
    assert after.filter(day=tomorrow.date(), standard="hj633_2012")["pm25"].to_list() == [60]
    assert warehouse.build(STATION_DAY_MART, CITY_DAY_MART).equals(after)


def test_a_station_that_joins_the_network_marks_the_regions_days(warehouse: AirWarehouse) -> None:
    warehouse.core("stations", [{"code": "A", "region_code": CITY}])
    warehouse.core("air_readings", [station("A", pm25=50)])
    warehouse.rebuild(STATION_DAY_MART)
    warehouse.rebuild(CITY_DAY_MART)
    warehouse.core("stations", [{"code": code, "region_code": CITY} for code in ("B", "C")])
    warehouse.rebuild(CITY_DAY_MART)
    rows = warehouse.rows(CITY_DAY_MART).filter(standard="hj633_2012")
    assert rows.select("network", "pm25").rows() == [(3, None)]


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_order_and_rows_outside_its_window_change_no_digit_of_a_day(seed: int) -> None:
    """Six stations with thirds and sevenths in their means; then shuffled, then with hours around the day."""
    drawn = random.Random(seed)
    names, levels = ("so2", "no2", "pm10", "pm25", "co", "o3"), range(300)
    readings = [
        row | {"station_code": f"S{n}", "area_name": "宜兴市"}
        for n in range(6)
        for row in hours(
            DAY, **{name: [*[drawn.choice([None, 7])] * 3, *drawn.choices(levels, k=21)] for name in names}
        )
    ]
    around = [
        row | {"period_end": row["period_end"] + timedelta(days=days)} | dict.fromkeys(names, 900)
        for row in readings
        for days in (-1, 1)
    ]
    found = []
    for rows in (readings, drawn.sample(readings, len(readings)), [*around, *readings]):
        warehouse = fresh()
        warehouse.core("regions", [{"code": CITY, "name_zh": "宜兴市"}])
        warehouse.core("air_readings", rows)
        of_city = warehouse.build(STATION_DAY_MART, CITY_DAY_MART).filter(day=DAY.date())
        found.append((warehouse.rows(STATION_DAY_MART).filter(day=DAY.date()), of_city))
    for sites, of_city in found[1:]:
        assert sites.equals(found[0][0]) and of_city.equals(found[0][1])
    assert found[0][1].height == 2  # both indices, from the same parts
    parts = found[0][0].select(pl.col("station_code", "^.*_parts$")).unique()
    assert parts.height == 6
