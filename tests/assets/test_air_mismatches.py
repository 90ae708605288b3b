"""Every difference from a published index has a class, and only the class that it deserves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl
import pytest

from assets.agreement import mismatch_classes
from assets.air.cities import CITY_DAY_MART
from assets.air.days import STATION_DAY_MART
from assets.air.hours import STATION_HOUR_MART
from assets.air.mismatches import AIR_MISMATCH_MART, CLASSES
from assets.air.year_pollutants import CITY_YEAR_POLLUTANT_MART
from assets.air.years import CITY_YEAR_MART
from pipelines.settings import PROJECT
from tests.assets.support_air import DATA, SHARED, AirWarehouse, daily, fresh

SAMPLE = PROJECT / "samples" / "inbox" / "air_readings" / "air_train&test.csv"
HOUR = datetime(2014, 6, 1, 6)
SIX = {"so2": 9, "no2": 9, "pm10": 20, "pm25": 20, "co": "0.5", "o3": 20}


@pytest.fixture
def warehouse() -> AirWarehouse:
    return fresh()


def found(warehouse: AirWarehouse) -> pl.DataFrame:
    return warehouse.build(STATION_HOUR_MART, STATION_DAY_MART, AIR_MISMATCH_MART)


#: A reading with a published index → the class that it deserves.
CASES: tuple[tuple[dict[str, Any], str | None], ...] = (
    ({"published_aqi": 29}, None),  # PM2.5 of 20 is exactly 28.57, so 29
    ({"published_aqi": 28}, "rounding"),  # cut instead of rounded up
    ({"published_aqi": 30}, "rounding"),  # PM2.5 of 20.4
    ({"published_aqi": 31}, "unexplained"),  # no PM2.5 that is printed as 20 reaches it
    ({"published_aqi": 26}, "unexplained"),  # nor goes down to it
    ({"published_aqi": 31, "so2": None}, "missing_item"),  # SO2 may have decided
    ({"published_aqi": 26, "so2": None}, "unexplained"),  # more pollutants never lower an index
    ({"published_aqi": 31, "flags": "stale"}, "stale"),
    ({"pm25": "135.3", "published_aqi": 180}, "floating_point"),
    ({"pm25": "135.3", "published_aqi": 181}, "unexplained"),  # one digit is printed: 135.35 at most
    ({"pm25": 135, "published_aqi": 178}, "rounding"),
)


def test_the_class_of_an_hour(warehouse: AirWarehouse) -> None:
    sites = [SIX | reading | {"period_end": HOUR, "station_code": f"{n:02}"} for n, (reading, _) in enumerate(CASES)]
    warehouse.core("air_readings", sites)
    told = dict(found(warehouse).select("station_code", "class").rows())
    assert [told.get(f"{n:02}") for n in range(len(CASES))] == [kind for _, kind in CASES]


def test_an_index_that_stood_still(warehouse: AirWarehouse) -> None:
    hours = [
        SIX | {"period_end": HOUR.replace(hour=6 + n), "pm25": pm25, "published_aqi": 29}
        for n, pm25 in ((0, 20), (1, 60))
    ]
    warehouse.core("air_readings", hours)
    assert found(warehouse).select("aqi", "published_aqi", "class").rows() == [(82, 29, "stale")]


def test_a_pollutant_that_a_publication_ignores_is_named_only_where_that_is_known(warehouse: AirWarehouse) -> None:
    ozone = SIX | {"o3": None, "o3_8h": 40, "no2": 90, "published_aqi": 29}
    days = [
        daily(day, series=series, station_code="110000", site_kind="city", **ozone)
        for series, day in (
            ("beijing_daily", datetime(2014, 5, 1)),
            ("beijing_daily", datetime(2016, 5, 1)),
            ("another", datetime(2014, 5, 1)),
        )
    ]
    warehouse.core("air_readings", days)
    rows = found(warehouse).select("series", "day", "class", "left_out", "absent")
    assert [(series, day.year, *rest) for series, day, *rest in rows.rows()] == [
        ("another", 2014, "unexplained", None, ""),
        ("beijing_daily", 2014, "missing_item", "no2", ""),
        ("beijing_daily", 2016, "unexplained", None, ""),
    ]


def test_a_mean_of_hourly_indices_is_no_index_of_a_day(warehouse: AirWarehouse) -> None:
    """Its column is good on every day here; ours is not, and no published good day is counted."""
    bad = SIX | {"pm25": 120, "published_aqi": 60, "published_category": "良"}
    days = [
        daily(datetime(2014, 5, n), series="aqistudy_daily", station_code="320282", site_kind="city", **bad)
        for n in (1, 2)
    ]
    warehouse.core("air_readings", days)
    assert set(found(warehouse)["class"]) == {"averaging"}
    assert warehouse.build(CITY_DAY_MART)["published_aqi"].null_count() == 2 * 2
    year = warehouse.build(CITY_YEAR_POLLUTANT_MART, CITY_YEAR_MART).filter(standard="hj633_2012").row(0, named=True)
    assert (year["good_days"], year["valid_days"], year["published_good_days"]) == (0, 2, None)


def test_every_day_of_beijing_that_differs_has_a_class(warehouse: AirWarehouse) -> None:
    """2014, 2015 and 2018: at most 0, 1 and 9 days stay unexplained; 2016 and 2017 have no difference."""
    warehouse.publications(SAMPLE)
    rows = found(warehouse)
    counts: dict[int, dict[str, int]] = {}
    for year, name, number in rows.group_by(pl.col("day").dt.year(), "class").len().rows():
        counts.setdefault(year, {})[name] = number
    assert counts == {
        2013: {"rounding": 6, "missing_item": 6},
        2014: {"rounding": 94, "missing_item": 40},
        2015: {"rounding": 55, "missing_item": 18, "unexplained": 1},
        2018: {"rounding": 7, "unexplained": 7},
    }
    assert rows.filter(pl.col("left_out").is_not_null())["left_out"].unique().sort().to_list() == ["co", "no2"]
    told = dict(
        warehouse.run(mismatch_classes(warehouse.table("mart.air_mismatch"))).select("period", "classes").rows()
    )
    assert told["2015"] == "rounding 55, missing_item 18, unexplained 1"


def test_every_class_is_explained() -> None:
    page = (PROJECT / "docs" / "air.md").read_text("utf-8")
    for code in CLASSES.codes:
        assert f"| `{code.code}` | {code.zh} |" in page


@pytest.mark.skipif(not SHARED.is_dir(), reason="no whole publications: the shared folder is not present")
def test_floating_point_in_a_whole_month(warehouse: AirWarehouse) -> None:
    """June 2014, 35 stations: each of these is published one above the exact index, and listed."""
    warehouse.publications(*sorted((SHARED / "beijing_hourly").rglob("beijing_all_201406??.csv")))
    rows = found(warehouse)
    artefacts = rows.filter(pl.col("class") == "floating_point")
    assert (artefacts["published_aqi"] - artefacts["aqi"]).unique().to_list() == [1]
    assert artefacts.height == 35 and "unexplained" not in set(rows["class"])


def test_the_extract_has_no_difference(warehouse: AirWarehouse) -> None:
    warehouse.publications(DATA / "publications" / "cnemc.geojson", DATA / "publications" / "无锡.csv")
    assert found(warehouse).is_empty()
