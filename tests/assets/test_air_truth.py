"""The index against every hour and day that was published, from the files as they are published.

Here the whole way is taken: adapter, facts, mart. The full files stand beside the project and may be
absent; the same comparisons on small extracts are in `test_air_published`.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from assets.air.cities import CITY_DAY_MART
from assets.air.days import STATION_DAY_MART
from assets.air.hours import STATION_HOUR_MART
from assets.air.mismatches import AIR_MISMATCH_MART
from pipelines.settings import PROJECT
from tests.assets.support_air import SHARED, AirWarehouse, fresh

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="no whole publications: the shared folder is not present")
PAGE = (PROJECT / "docs" / "air.md").read_text("utf-8")
REPORTS = SHARED / "nationwide_hourly_2020" / "data"


@pytest.fixture
def warehouse() -> AirWarehouse:
    return fresh()


def agreement(hours: pl.DataFrame) -> dict[str, int]:
    """Hours with a published index, and on how many of them index, primary pollutants and level are equal."""
    published = hours.drop_nulls("published_aqi")
    equal = {name: published[name].fill_null(False).sum() for name in ("agrees", "agrees_primary", "agrees_category")}
    return {"published": published.height} | equal


@pytest.mark.parametrize(
    ("name", "series", "published"),
    [
        ("201707071644_data.xml", "cnemc_air_snapshot", 1462),
        ("2017-07-07-16.json", "cnemc_air_geojson", 1462),
        ("201907181226_data.xml", "cnemc_air_snapshot", 1408),
    ],
)
def test_national_snapshots(warehouse: AirWarehouse, name: str, series: str, published: int) -> None:
    warehouse.publications(SHARED / "cnemc_snapshot" / name)
    hours = warehouse.build(STATION_HOUR_MART)
    assert set(hours["series"]) == {series} and set(hours["rule"]) == {"hourly_pm_1h"}
    assert set(agreement(hours).values()) == {published}


def test_the_dump_of_2016(warehouse: AirWarehouse) -> None:
    """1529 rows: 1449 indices, all equal; 80 say nothing (index 0), and ours is empty there too."""
    path = SHARED / "pm25in_snapshot" / "air.json"
    warehouse.publications(path)
    hours = warehouse.build(STATION_HOUR_MART)
    assert set(agreement(hours).values()) == {1449} and "| 1449 of 1449; the other 80" in PAGE
    silent = hours.filter(pl.col("published_aqi").is_null())
    assert silent["aqi"].to_list() == [None]
    assert path.read_text("utf-8").count('"aqi"') == 1529 == 1449 + silent.height + 79


def test_hourly_reports_of_2020(warehouse: AirWarehouse) -> None:
    """Rows as printed, then facts: the reports overlap, and one record is three years old in every crawl.

    A dead namesake of 淮河道 stands above the living station in every crawl of 天津; the lower row stands.
    """
    files = sorted(path for path in REPORTS.glob("*.csv") if path.name != "2020041221.csv")
    warehouse.publications(*files, one_version=False)
    rows = agreement(warehouse.build(STATION_HOUR_MART))
    assert (rows["published"], rows["agrees"]) == (5423, 5411) and "| 5411 of 5423; the other 12" in PAGE
    facts = agreement(_facts(warehouse.cleared(), files))
    assert (facts["published"], facts["agrees"], facts["agrees_primary"]) == (5119, 5118, 5119)
    named = warehouse.build(STATION_DAY_MART, AIR_MISMATCH_MART).select("station_code", "day", "class")
    assert named.rows() == [("西沙", date(2017, 1, 4), "stale")]


def _facts(warehouse: AirWarehouse, files: list[Path]) -> pl.DataFrame:
    warehouse.publications(*files)
    return warehouse.build(STATION_HOUR_MART)


def test_one_hour_of_the_country_in_2020(warehouse: AirWarehouse) -> None:
    assert set(agreement(_facts(warehouse, [REPORTS / "2020041221.csv"])).values()) == {305}


def test_hours_of_beijing_that_come_in_two_files(warehouse: AirWarehouse) -> None:
    """June 2014, 35 stations: particles and index of one file, gases of the other; every hour stands in one place."""
    warehouse.publications(*sorted((SHARED / "beijing_hourly").rglob("beijing_*_201406??.csv")))
    hours = warehouse.build(STATION_HOUR_MART)
    assert set(hours["series"]) == {"beijing_hourly_all"}
    with_gases = hours.filter(pl.any_horizontal(pl.col("so2", "no2", "co", "o3").is_not_null()))
    assert with_gases.height > 0.97 * hours.height
    found = agreement(hours)
    assert (found["published"], found["agrees"]) == (24_441, 24_343) and "| 24343 of 24441;" in PAGE
    classes = warehouse.build(STATION_DAY_MART, AIR_MISMATCH_MART).filter(subject="hourly AQI")["class"].value_counts()
    assert dict(classes.rows()) == {"floating_point": 66, "unexplained": 25, "stale": 6, "rounding": 1}


#: The national stations of Beijing, of which the published day is the mean.
NATIONAL = ("东四", "天坛", "官园", "万寿西宫", "奥体中心", "农展馆", "万柳", "顺义", "昌平", "怀柔", "古城", "定陵")
SIX = ("so2", "no2", "pm10", "pm25", "co", "o3_8h")


@pytest.fixture(scope="module")
def beijing_2014() -> pl.DataFrame:
    """Facts of all stations and hours of 2014: 530 files with a row for each hour and pollutant."""
    warehouse = fresh()
    warehouse.publications(*sorted((SHARED / "beijing_hourly").rglob("*_2014????.csv")))
    return warehouse.con.sql("FROM core.air_readings").pl()


def same_side(days: pl.DataFrame) -> tuple[int, int]:
    """Days of 2014 with an index, and on how many of them ours is good where the published one is."""
    warehouse = fresh()
    (daily,) = (SHARED / "beijing_daily").iterdir()
    warehouse.publications(daily)
    published = warehouse.build(STATION_DAY_MART).filter(standard="hj633_2012").select("day", theirs="published_aqi")
    both = days.filter(pl.col("day").dt.year() == 2014).drop_nulls("aqi").join(published, on="day")
    return both.height, both.select((pl.col("aqi") <= 100) == (pl.col("theirs") <= 100)).sum().item()


def with_six(days: pl.DataFrame) -> pl.DataFrame:
    return days.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in SIX))


def test_hours_of_stations_to_days_of_the_city(warehouse: AirWarehouse, beijing_2014: pl.DataFrame) -> None:
    """By the rules of the house: days of stations first, then at least three quarters of the network."""
    warehouse.core("stations", [{"code": name, "region_code": "110000"} for name in NATIONAL])
    warehouse.add("core.air_readings", beijing_2014.filter(pl.col("station_code").is_in(NATIONAL)))
    days = warehouse.build(STATION_DAY_MART, CITY_DAY_MART).filter(standard="hj633_2012", region_code="110000")
    assert set(days["network"]) == {len(NATIONAL)}
    for told, chosen, expected in (
        ("all six pollutants", with_six(days), (95, 95)),
        ("valid days", days.filter("valid"), (308, 301)),
        ("all with an index", days, (347, 338)),
    ):
        assert (found := same_side(chosen)) == expected
        assert f"| by the rules above, {told} | {found[1]} of {found[0]} |" in PAGE


def test_hours_of_the_city_to_its_days(warehouse: AirWarehouse, beijing_2014: pl.DataFrame) -> None:
    """Whatever stations report make the city's hour: more days have all six pollutants, because no share is asked."""
    hours = beijing_2014.filter(pl.col("station_code").is_in(NATIONAL)).group_by("period_end", "averaging", "origin")
    mean = hours.agg(pl.col("so2", "no2", "pm10", "pm25", "co", "o3").cast(pl.Float64).mean().round(3))
    warehouse.core(
        "air_readings", mean.with_columns(site_kind=pl.lit("city"), station_code=pl.lit("110000")).to_dicts()
    )
    days = warehouse.build(STATION_DAY_MART).filter(standard="hj633_2012")
    for told, chosen, expected in (
        ("all six pollutants", with_six(days), (225, 221)),
        ("all with an index", days, (349, 341)),
    ):
        assert (found := same_side(chosen)) == expected
        assert f"| city hours from whatever stations reported, {told} | {found[1]} of {found[0]} |" in PAGE
