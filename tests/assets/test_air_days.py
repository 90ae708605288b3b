"""A site's day from its hours: exact means, validity, eight hours of ozone, choice of readings, region."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.air import days
from assets.air import hours as hours_module
from assets.air.days import STATION_DAY_MART
from assets.air.hours import STATION_HOUR_MART
from assets.air.standards import index
from tests.assets.support_air import AirWarehouse, daily, fresh, hours, plain_iaqi, plain_round
from warehouse.dirty import mark_whole

DAY = datetime(2015, 5, 1)
MEANS = ("so2", "no2", "pm10", "pm25", "co")
SCALES = dict.fromkeys(MEANS, "24h") | {"o3_1h": "1h", "o3_8h": "8h"}


@pytest.fixture
def warehouse() -> AirWarehouse:
    return fresh()


def row_of(warehouse: AirWarehouse, standard: str = "hj633_2012", station: str = "A") -> dict[str, Any]:
    """The row of one station under one standard."""
    warehouse.rebuild(STATION_DAY_MART)
    days = warehouse.rows(STATION_DAY_MART)
    (row,) = days.filter(standard=standard, station_code=station).rows(named=True)
    return row


def at(station: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The readings as those of another station."""
    return [row | {"station_code": station} for row in rows]


def plain_day(columns: dict[str, list[str | None]]) -> dict[str, Any]:
    """A day in fractions, by the text: 20 hours, 6 of 8, windows ending at 8 to 24, 14 of them."""
    values = {name: [None if v is None else Fraction(v) for v in column] for name, column in columns.items()}
    day: dict[str, Any] = {}
    for name in MEANS:
        known = [v for v in values[name] if v is not None]
        day[name] = plain_round(sum(known) / len(known), 1 if name == "co" else 0) if len(known) >= 20 else None
    ozone = values["o3"]
    known = [v for v in ozone if v is not None]
    highest = max(known, default=None)
    day["o3_1h"] = plain_round(highest) if known and (len(known) >= 20 or highest > 200) else None
    windows = [[v for v in ozone[end - 8 : end] if v is not None] for end in range(8, 25)]
    means = [sum(window) / len(window) for window in windows if len(window) >= 6]
    best = max(means, default=None)
    day["o3_8h"] = plain_round(best) if means and (len(means) >= 14 or best > 160) else None
    parts = [plain_iaqi(f"{SCALES_ITEM[name]}_{SCALES[name]}", day[name]) for name in SCALES]
    day["aqi"] = max((part for part in parts if part is not None), default=None)
    return day


SCALES_ITEM = {name: name.split("_")[0] for name in SCALES}

tenths = st.integers(0, 4000).map(lambda n: str(Decimal(n).scaleb(-1)))
full = st.lists(tenths, min_size=24, max_size=24)
#: A day of hours: complete, with some gaps (around the limits of validity), or with many.
column = st.one_of(
    st.lists(st.integers(0, 300).map(str), min_size=24, max_size=24),
    st.tuples(full, st.sets(st.integers(0, 23), min_size=1, max_size=9)).map(
        lambda drawn: [None if hour in drawn[1] else value for hour, value in enumerate(drawn[0])]
    ),
    st.lists(st.one_of(st.none(), tenths), min_size=24, max_size=24),
)


@settings(max_examples=6, deadline=None)
@given(days=st.lists(st.fixed_dictionaries(dict.fromkeys((*MEANS, "o3"), column)), min_size=8, max_size=8))
def test_a_day_equals_its_recomputation_in_fractions(days: list[dict[str, list[str | None]]]) -> None:
    warehouse = fresh()
    stations = {f"S{n}": columns for n, columns in enumerate(days)}
    warehouse.core("air_readings", [
        row | {"station_code": code} for code, columns in stations.items() for row in hours(DAY, **columns)
    ])  # fmt: skip
    rows = warehouse.build(STATION_DAY_MART).filter(standard="hj633_2012").rows(named=True)
    found = {row["station_code"]: {name: _fraction(row[name]) for name in (*SCALES, "aqi")} for row in rows}
    nothing = dict.fromkeys((*SCALES, "aqi"))
    for code, columns in stations.items():
        assert found.get(code, nothing) == plain_day(columns)


def _fraction(value: Decimal | int | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def test_hours_are_labelled_by_their_end(warehouse: AirWarehouse) -> None:
    warehouse.core("air_readings", hours(DAY, pm25=[10] * 24))
    days = warehouse.build(STATION_DAY_MART).filter(standard="hj633_2012")
    assert days.select("day", "pm25_hours").rows() == [(date(2015, 5, 1), 24)]
    marked = dict(warehouse.build(STATION_HOUR_MART).select("hour", "day").rows())
    assert marked[datetime(2015, 5, 2)] == date(2015, 5, 1)


def test_a_mean_needs_twenty_hours(warehouse: AirWarehouse) -> None:
    warehouse.core("air_readings", at("A", hours(DAY, pm25=[30] * 20 + [None] * 4)))
    warehouse.core("air_readings", at("B", hours(DAY, pm25=[30] * 19 + [None] * 5)))
    assert [row_of(warehouse, station=code)["pm25"] for code in "AB"] == [30, None]


def test_a_mean_is_rounded_half_to_even(warehouse: AirWarehouse) -> None:
    halves = {"so2": [2, 3], "no2": [3, 4], "co": ["0.25", "0.25"], "pm10": ["0.35", "0.35"], "pm25": [1, 2]}
    warehouse.core("air_readings", hours(DAY, **{name: pair * 12 for name, pair in halves.items()}))
    row = row_of(warehouse)
    assert [str(row[name]) for name in halves] == ["2.000", "4.000", "0.200", "0.000", "2.000"]


def test_a_window_may_end_at_a_missing_hour(warehouse: AirWarehouse) -> None:
    # Hours 9-14 high, 15 and 16 missing: the window that ends at 16 holds only the six high ones.
    ozone = [40] * 8 + [120] * 6 + [None, None] + [40] * 8
    warehouse.core("air_readings", hours(DAY, o3=ozone))
    row = row_of(warehouse)
    assert (row["o3_8h"], row["o3_8h_windows"], row["o3_hours"]) == (120, 17, 22)


def test_a_window_never_ends_before_eight(warehouse: AirWarehouse) -> None:
    warehouse.core("air_readings", hours(DAY, o3=[300] * 7 + [20] * 17))
    assert row_of(warehouse)["o3_8h"] == (7 * 300 + 20) // 8


def test_few_hours_of_ozone_stand_only_above_the_limit(warehouse: AirWarehouse) -> None:
    for code, level in {"A": 161, "B": 160, "C": 201}.items():
        warehouse.core("air_readings", at(code, hours(DAY, o3=[level] * 15 + [None] * 9)))
    rows = [row_of(warehouse, station=code) for code in "ABC"]
    assert {row["o3_8h_windows"] for row in rows} == {10}
    assert [(row["o3_8h"], row["o3_1h"]) for row in rows] == [(161, None), (None, None), (201, 201)]


def test_an_hour_that_does_not_end_on_the_hour_is_left_out(warehouse: AirWarehouse) -> None:
    shifted = [row | {"period_end": row["period_end"] + timedelta(minutes=30)} for row in hours(DAY, pm25=[30] * 20)]
    warehouse.core("air_readings", [*hours(DAY, pm10=[50] * 20), *shifted])
    row = row_of(warehouse)
    assert (row["pm10"], row["pm25"], row["readings"]) == (50, None, 20)


def test_a_daily_reading_is_taken_as_it_is(warehouse: AirWarehouse) -> None:
    reading = daily(DAY, pm25="135.3", co="2.2", o3="210", o3_8h="150", published_aqi=179, published_category="中度")
    warehouse.core("air_readings", [reading])
    row = row_of(warehouse)
    assert [str(row[name]) for name in ("pm25", "co", "o3_1h", "o3_8h")] == [
        "135.000",
        "2.200",
        "210.000",
        "150.000",
    ]
    assert (row["aqi"], row["agrees"], row["averaging"], row["day"]) == (179, True, "24h", date(2015, 5, 1))


def test_the_fuller_of_hourly_and_daily_readings_is_taken(warehouse: AirWarehouse) -> None:
    warehouse.core("air_readings", [*hours(DAY, pm25=[30] * 24, pm10=[40] * 24), daily(DAY, pm25=99, pm10=99)])
    assert row_of(warehouse)["averaging"] == "1h"
    warehouse.core("air_readings", [daily(DAY + timedelta(hours=-1), pm25=50, pm10=50, so2=50)])
    # Two daily readings end within the day: the later one counts, and it has no more than the hours.
    assert row_of(warehouse)["averaging"] == "1h"
    warehouse.core(
        "air_readings",
        [row | {"station_code": "B"} for row in [*hours(DAY, pm25=[30] * 19), daily(DAY, pm25=9)]],
    )
    assert row_of(warehouse, station="B")["averaging"] == "24h"
    assert warehouse.build(STATION_HOUR_MART).height == 24 + 19


def test_the_old_index_has_its_own_items_and_bands(warehouse: AirWarehouse) -> None:
    values = {"so2": 65, "no2": 150, "pm10": 180, "pm25": 300, "co": 2, "o3_8h": 20}
    warehouse.core("air_readings", [daily(DAY, published_aqi=350, **values)])
    old, new = row_of(warehouse, "api_1996"), row_of(warehouse)
    assert (old["aqi"], old["primary_pollutants"], old["category"], old["pm25"]) == (
        119,
        "no2",
        "slight",
        None,
    )
    assert (new["aqi"], new["primary_pollutants"], new["valid"], new["good"]) == (350, "pm25", True, False)
    assert (old["valid"], old["good"], old["pollutants"], new["pollutants"]) == (True, False, 3, 6)
    # What a source printed in 2015 is an AQI: it is not held against the API.
    assert (old["in_force"], old["agrees"], new["in_force"], new["agrees"]) == (False, None, True, True)


def test_in_2012_the_published_index_is_the_old_one(warehouse: AirWarehouse) -> None:
    warehouse.core("air_readings", [daily(datetime(2012, 5, 1), so2=65, no2=150, pm10=180, published_aqi=119)])
    old, new = row_of(warehouse, "api_1996"), row_of(warehouse)
    assert (old["agrees"], new["agrees"], old["in_force"], new["in_force"]) == (True, None, True, False)


def test_a_valid_day_has_five_pollutants_or_exceeds(warehouse: AirWarehouse) -> None:
    cases: dict[str, tuple[dict[str, Any], bool, bool | None]] = {
        "five": ({"so2": 9, "no2": 9, "pm25": 9, "co": 1, "o3_8h": 9}, True, True),
        "four": ({"so2": 9, "no2": 9, "pm25": 9, "co": 1}, False, None),
        "ozone twice": ({"so2": 9, "no2": 9, "pm25": 9, "o3": 9, "o3_8h": 9}, False, None),
        "one that exceeds": ({"pm25": "75.6"}, True, False),
        "one that does not": ({"pm25": "75.4"}, False, None),
    }
    for code, (values, _, _) in cases.items():
        warehouse.core("air_readings", [daily(DAY, station_code=code, **values)])
    for code, (_, valid, good) in cases.items():
        row = row_of(warehouse, station=code)
        assert (row["valid"], row["good"]) == (valid, good), code


def test_regions_by_register_then_name_then_none(warehouse: AirWarehouse) -> None:
    warehouse.core("stations", [
        {"code": "R", "region_code": "320282"},
        {"code": "R", "region_code": "999999", "valid_from": date(2016, 1, 1)},
        {"code": "L", "region_code": "320200"},
        {"code": "L", "region_code": "320282", "valid_from": date(2014, 1, 1), "series": "other"},
        {"code": "T", "region_code": "320282"},
        {"code": "T", "region_code": "320200"},
        {"code": "W", "region_code": "320200", "medium": "water"},
        {"code": "X", "region_code": "320200", "valid_to": date(2015, 5, 1)},
    ])  # fmt: skip
    warehouse.core("regions", [
        {"code": "320282", "name_zh": "宜兴市"},
        {"code": "320282", "name_zh": "宜兴市", "series": "other"},
        {"code": "320200", "name_zh": "无锡市", "level": "prefecture"},
        {"code": "1", "name_zh": "鼓楼区"}, {"code": "2", "name_zh": "鼓楼区"},
        {"code": "3", "name_zh": "江苏市", "level": "province"},
        {"code": "4", "name_zh": "旧市", "valid_to": date(2015, 1, 1)},
    ])  # fmt: skip
    areas = {"R": "无锡市", "W": None, "X": "无锡", "Y": "宜兴", "G": "鼓楼区", "P": "江苏市", "O": "旧市"}
    areas |= dict.fromkeys("LT")
    rows = [daily(DAY, station_code=code, area_name=area, pm25=1) for code, area in areas.items()]
    warehouse.core("air_readings", [*rows, daily(DAY, station_code="110000", site_kind="city", area_name="宜兴市")])
    days = warehouse.build(STATION_DAY_MART).filter(standard="hj633_2012")
    found = {
        code: (region, how) for code, region, how in days.select("station_code", "region_code", "mapped_by").rows()
    }
    assert found == {
        "R": ("320282", "register"), "L": ("320282", "register"), "T": ("320200", "register"),
        "W": (None, None), "X": ("320200", "name"), "Y": ("320282", "name"),
        "G": (None, None), "P": (None, None), "O": (None, None), "110000": ("110000", "city"),
    }  # fmt: skip


def test_a_new_station_or_region_marks_the_days_that_it_reaches(warehouse: AirWarehouse) -> None:
    warehouse.core(
        "air_readings",
        [daily(DAY, station_code=code, area_name=area) for code, area in [("A", "宜兴"), ("B", "无锡")]],
    )
    warehouse.rebuild(STATION_DAY_MART)
    warehouse.core("stations", [{"code": "A", "region_code": "320282"}])
    warehouse.mart = STATION_DAY_MART
    assert warehouse.run(warehouse.dirty)["station_code"].to_list() == ["A"]
    warehouse.rebuild(STATION_DAY_MART)
    warehouse.core("regions", [{"code": "320200", "name_zh": "无锡市", "level": "prefecture"}])
    warehouse.mart = STATION_DAY_MART
    assert warehouse.run(warehouse.dirty)["station_code"].to_list() == ["B"]


def test_origin_of_a_day(warehouse: AirWarehouse) -> None:
    rows = hours(DAY, pm25=[5] * 24)
    warehouse.core("air_readings", [rows[0] | {"origin": "synthetic"}, *rows[1:]])
    assert row_of(warehouse)["origin"] == "mixed"


def test_rounding_before_the_index_is_a_setting(warehouse: AirWarehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse.core("air_readings", hours(DAY, pm25=[75] * 23 + [76]))
    found = row_of(warehouse)
    assert (found["pm25"], found["aqi"]) == (75, 100)
    unrounded = index("hj633_2012")
    unrounded = replace(unrounded, rules={**unrounded.rules, "round_concentration_daily": 0})
    monkeypatch.setattr(days, "indices", lambda: (unrounded,))
    mark_whole(warehouse.con, STATION_DAY_MART)
    row = warehouse.run(days.station_days(warehouse)).row(0, named=True)
    assert (str(row["pm25"]), row["aqi"]) == ("75.042", 101)


def test_rounding_of_hours_is_a_setting(warehouse: AirWarehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse.core("air_readings", hours(DAY, pm25=["75.4"]))
    assert warehouse.build(STATION_HOUR_MART)["aqi"].to_list() == [101]
    rounded = index("hj633_2012")
    rounded = replace(rounded, rules={**rounded.rules, "round_concentration_hourly": 1})
    monkeypatch.setattr(hours_module, "hourly_indices", lambda: (rounded,))
    mark_whole(warehouse.con, STATION_HOUR_MART)
    warehouse.mart = STATION_HOUR_MART
    assert warehouse.run(hours_module.station_hours(warehouse))["aqi"].to_list() == [100]


def test_an_hour_that_comes_in_two_files_has_all_pollutants_in_one_place(warehouse: AirWarehouse) -> None:
    """Particles and the index in one file, gases in the other; whichever comes first, and each alone."""
    particles = hours(DAY, pm25=[30] * 24, pm25_24h=[30] * 24, published_aqi=[50] * 24)
    gases = hours(DAY, so2=[9] * 24, no2=[60] * 24, co=["0.5"] * 24, o3=[90] * 24)
    warehouse.core("air_readings", [row | {"series": "beijing_hourly_extra", "flags": "x"} for row in gases])
    warehouse.rebuild(STATION_HOUR_MART)
    assert set(warehouse.rows(STATION_HOUR_MART).select("series", "aqi", "published_aqi").rows()) == {
        ("beijing_hourly_all", 30, None)
    }
    warehouse.core("air_readings", [row | {"series": "beijing_hourly_all"} for row in particles])
    warehouse.rebuild(STATION_HOUR_MART)
    rows = warehouse.rows(STATION_HOUR_MART)
    assert rows.height == 24
    told = rows.select("series", "pm25", "no2", "aqi", "published_aqi", "agrees", "flags").rows()
    assert set(told) == {("beijing_hourly_all", 30, 60, 43, 50, False, "x")}
    warehouse.rebuild(STATION_DAY_MART)
    days = warehouse.rows(STATION_DAY_MART).filter(standard="hj633_2012")
    told = days.select("series", "pollutants", "pm25", "no2", "o3_8h", "readings").rows()
    assert told == [("beijing_hourly_all", 5, 30, 60, 90, 24)]
    whole = warehouse.build(STATION_HOUR_MART)
    assert whole.equals(rows) and warehouse.build(STATION_DAY_MART).filter(standard="hj633_2012").equals(days)
