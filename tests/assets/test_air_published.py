"""Our indices against what publications printed: the national hour and Beijing's days."""

from __future__ import annotations

import csv
import html
import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from assets.air.cities import CITY_DAY_MART
from assets.air.days import STATION_DAY_MART
from assets.air.hours import STATION_HOUR_MART
from assets.air.year_pollutants import CITY_YEAR_POLLUTANT_MART
from assets.air.years import CITY_YEAR_MART
from tests.assets.support_air import MEASURES, SHARED, AirWarehouse, daily, fresh, read_rows

PRIMARY = {
    "细颗粒物(PM2.5)": "pm25",
    "颗粒物(PM10)": "pm10",
    "二氧化硫": "so2",
    "二氧化氮": "no2",
    "一氧化碳": "co",
    "臭氧1小时": "o3",
}
#: Our column → the feed's name; the feed has the two names of ozone swapped.
FEED = {
    "station_code": "StationCode", "so2": "SO2", "no2": "NO2", "pm10": "PM10", "pm25": "PM2_5", "co": "CO",
    "o3": "O3_24h", "o3_8h": "O3_8h_24h", "pm10_24h": "PM10_24h", "pm25_24h": "PM2_5_24h",
    "published_aqi": "AQI", "published_primary": "PrimaryPollutant", "published_category": "Quality",
    "period_end": "TimePoint",
}  # fmt: skip


@pytest.fixture
def warehouse() -> AirWarehouse:
    return fresh()


def shared_file(name: str) -> Any:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"the whole file is not here: {name}")
    return path


def hourly_agreement(warehouse: AirWarehouse, rows: list[dict[str, Any]]) -> dict[str, int]:
    """How many rows with a published index agree in index, primary pollutants and category."""
    for row in rows:
        row["period_end"] = datetime.fromisoformat(row["period_end"])
        row["published_aqi"] = int(row["published_aqi"]) if row["published_aqi"] else None
    warehouse.core("air_readings", rows)
    hours = warehouse.build(STATION_HOUR_MART)
    assert set(hours["rule"]) == {"hourly_pm_1h"}
    published = hours.drop_nulls("published_aqi")
    counts = {
        column: published[column].fill_null(False).sum() for column in ("agrees", "agrees_primary", "agrees_category")
    }
    return counts | {"published": published.height, "stations": hours.height}


def test_national_hour_extract(warehouse: AirWarehouse) -> None:
    rows: list[dict[str, Any]] = list(read_rows("cnemc_hour.csv"))
    found = hourly_agreement(warehouse, rows)
    assert found == {
        "agrees": 139,
        "agrees_primary": 139,
        "agrees_category": 139,
        "published": 139,
        "stations": 145,
    }
    assert warehouse.rows(STATION_HOUR_MART).filter(primary_pollutants="pm25,o3").height == 1


def test_a_wrong_index_is_told(warehouse: AirWarehouse) -> None:
    rows: list[dict[str, Any]] = list(read_rows("cnemc_hour.csv"))
    rows[0] |= {"published_aqi": "56", "published_primary": "pm10", "published_category": "优"}
    found = hourly_agreement(warehouse, rows)
    assert found["agrees"] == found["agrees_primary"] == found["agrees_category"] == 138


@pytest.mark.parametrize(
    ("name", "published", "stations"),
    [("201707071644_data.xml", 1462, 1495), ("201907181226_data.xml", 1408, 1476)],
)
def test_whole_national_hour(warehouse: AirWarehouse, name: str, published: int, stations: int) -> None:
    text = shared_file(f"cnemc_snapshot/{name}").read_text(encoding="utf-8")
    blocks = re.findall(r"<b:AQIDataPublishLive>(.*?)</b:AQIDataPublishLive>", text, re.DOTALL)
    found = hourly_agreement(warehouse, [_record(block) for block in blocks])
    agreed = dict.fromkeys(("agrees", "agrees_primary", "agrees_category", "published"), published)
    assert found == agreed | {"stations": stations}


def _record(block: str) -> dict[str, Any]:
    cells = dict(re.findall(r"<b:(\w+)>([^<]*)</b:\1>", block))
    known = {ours: html.unescape(cells.get(theirs, "")) for ours, theirs in FEED.items()}
    record: dict[str, Any] = {name: None if value in ("", "—") else value for name, value in known.items()}
    if record["published_primary"]:
        record["published_primary"] = ",".join(PRIMARY[name] for name in record["published_primary"].split(","))
    return record


def test_particles_of_a_series_may_follow_the_running_day(warehouse: AirWarehouse) -> None:
    reading = {
        "series": "beijing_hourly_all",
        "pm25": 300,
        "pm25_24h": "135.3",
        "pm10": 500,
        "pm10_24h": 60,
        "co": "2.2",
    }
    when = [datetime(2016, 12, 31, 23), datetime(2017, 1, 1), datetime(2017, 1, 1, 1)]
    warehouse.core("air_readings", [reading | {"period_end": hour, "published_aqi": 180} for hour in when])
    hours = warehouse.build(STATION_HOUR_MART)
    found = hours.select("rule", "aqi", hours["pm25"].cast(str), "agrees")
    assert found.rows() == [
        ("hourly_pm_24h", 179, "135.300", False),
        ("hourly_pm_24h", 179, "135.300", False),
        ("hourly_pm_1h", 400, "300.000", False),
    ]


def beijing(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Days of Beijing as a city series of daily readings."""
    return [
        daily(
            datetime.fromisoformat(row["day"]),
            series="beijing_daily", station_code="110000", site_kind="city", area_name="北京市",
            published_aqi=int(row["published_aqi"]), published_category=row["published_category"],
            **{name: row[name] for name in MEASURES if row.get(name)},
        )
        for row in rows
    ]  # fmt: skip


def by_year(warehouse: AirWarehouse) -> dict[int, tuple[int, ...]]:
    """(days, agreeing, within one, the same side of 100) by year, under the index in force."""
    days = warehouse.build(STATION_DAY_MART, CITY_DAY_MART).filter(standard="hj633_2012")
    counted: dict[int, list[int]] = {}
    for day, aqi, published, agrees in days.select("day", "aqi", "published_aqi", "agrees").rows():
        counts = counted.setdefault(day.year, [0, 0, 0, 0])
        same_side = (aqi <= 100) == (published <= 100)
        for place, holds in enumerate((True, agrees, abs(aqi - published) <= 1, same_side)):
            counts[place] += holds
    return {year: tuple(counts) for year, counts in counted.items()}


def test_beijing_2016_and_2017(warehouse: AirWarehouse) -> None:
    warehouse.core("air_readings", beijing(list(read_rows("beijing_days.csv"))))
    assert by_year(warehouse) == {2016: (364, 364, 364, 364), 2017: (363, 363, 363, 363)}
    years = warehouse.build(CITY_YEAR_POLLUTANT_MART, CITY_YEAR_MART).filter(standard="hj633_2012")
    columns = ("year", "good_days", "valid_days", "published_good_days", "complete", "in_force", "pm10_days")
    assert years.select(columns).rows() == [
        (2016, 191, 364, 191, True, True, 349), (2017, 226, 363, 226, True, True, 363),
    ]  # fmt: skip


def test_beijing_whole_file(warehouse: AirWarehouse) -> None:
    text = shared_file("beijing_daily/air_train&test.csv").read_text(encoding="gb18030")
    names = {"PM2.5": "pm25", "PM10": "pm10", "SO2": "so2", "CO": "co", "NO2": "no2", "O3_8h": "o3_8h"}
    rows = [
        {names[name]: value for name, value in row.items() if name in names and (name != "PM10" or value != "0")}
        | {"day": date(*map(int, row["日期"].split("/"))).isoformat()}
        | {"published_aqi": row["AQI"], "published_category": row["质量等级"]}
        for row in csv.DictReader(text.splitlines())
    ]
    warehouse.core("air_readings", beijing(rows))
    found = by_year(warehouse)
    assert {year: counts[:3] for year, counts in found.items() if year > 2013} == {
        2014: (365, 231, 324), 2015: (365, 291, 344), 2016: (364, 364, 364), 2017: (363, 363, 363),
        2018: (300, 286, found[2018][2]),
    }  # fmt: skip
    assert (sum(c[0] for c in found.values()), sum(c[3] for c in found.values())) == (1787, 1785)
    good = (
        warehouse.build(CITY_YEAR_POLLUTANT_MART, CITY_YEAR_MART)
        .filter(standard="hj633_2012")
        .select("year", "published_good_days", "good_days")
    )
    assert {year: published for year, published, _ in good.rows() if 2014 <= year <= 2017} == {
        2014: 172, 2015: 185, 2016: 191, 2017: 226,
    }  # fmt: skip


def test_a_day_ends_at_the_midnight_that_follows(warehouse: AirWarehouse) -> None:
    first = beijing(list(read_rows("beijing_days.csv")))[:1]
    assert first[0]["period_end"] - timedelta(days=1) == datetime(2016, 1, 1)
    warehouse.core("air_readings", first)
    assert set(warehouse.build(STATION_DAY_MART)["day"]) == {date(2016, 1, 1)}
