"""The air marts in a real warehouse: portions by dirty keys give what a whole rebuild gives."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from assets.air import AIR_MARTS, AIR_REFERENCES
from support.readings import reading
from support.small_warehouse import load
from tests.assets.support_air import DEFAULTS, daily, exact, hours
from warehouse.dirty import dirty_marts, in_order
from warehouse.home import create_home
from warehouse.rebuild import load_references, notice_changed_marts, rebuild
from warehouse.store import Warehouse

DAY = datetime(2015, 12, 31)


def facts(feed: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Records of a feed with every default filled in."""
    return [{"series": "s"} | DEFAULTS[feed] | exact(row) for row in rows]


def portions() -> dict[str, tuple[str, list[dict[str, Any]]]]:
    """Files of a few nights: register, names, two stations over New Year, a city's own days."""
    night = [
        row | {"station_code": "A", "area_name": "宜兴市"} for row in hours(DAY, pm25=range(24), o3=range(24, 0, -1))
    ]
    new_year = hours(DAY + timedelta(days=1), pm25=[80] * 24, pm10=[90] * 24, o3=[99] * 24)
    own = [
        daily(DAY + timedelta(days=n), station_code="320282", site_kind="city", so2=9, no2=9, co=1, published_aqi=99)
        for n in range(3)
    ]
    return {
        "hours": (
            "air_readings",
            [*night, *(row | {"station_code": "A", "area_name": "宜兴市"} for row in new_year)],
        ),
        "register": ("stations", [{"code": code, "region_code": "320282"} for code in ("A", "B")]),
        "names": ("regions", [{"code": "320282", "name_zh": "宜兴市"}]),
        "second": ("air_readings", [row | {"station_code": "B", "area_name": None} for row in new_year]),
        "own": ("air_readings", [row | {"series": "own"} for row in own]),
    }


def state(folder: Path, order: list[str], *, nights: tuple[int, ...]) -> dict[str, pl.DataFrame]:
    """Every air mart after the files came in this order, rebuilt after those in `nights` and at the end."""
    # The SQL of a mart is the same every night, and making it is what takes time here.
    made = {"compiled": folder.parent / "compiled", "threads": 1}
    with Warehouse(create_home(folder, "live"), marts=AIR_MARTS, references=AIR_REFERENCES, **made) as warehouse:
        load_references(warehouse, AIR_REFERENCES)
        notice_changed_marts(warehouse, AIR_MARTS)
        for number, name in enumerate(order, 1):
            feed, rows = portions()[name]
            load(warehouse, reading(name, facts(feed, rows), feed=feed))
            if number in nights or number == len(order):
                for mart in in_order(AIR_MARTS):
                    rebuild(warehouse, mart)
        assert dirty_marts(warehouse.con, AIR_MARTS) == []
        return {
            mart.name: warehouse.con.sql(f"FROM {mart.name} ORDER BY {', '.join(mart.table.key)}").pl()
            for mart in AIR_MARTS
        }


def test_any_order_and_any_split_give_the_same_marts(tmp_path: Path) -> None:
    order = list(portions())
    night_by_night = state(tmp_path / "a", order, nights=(1, 3, 4))
    at_once = state(tmp_path / "b", order[::-1], nights=())
    for name, rows in night_by_night.items():
        assert rows.height
        assert rows.equals(at_once[name]), name
    years = at_once["mart.air_city_year"].filter(standard="api_1996")
    assert years.select("year", "valid_days").rows() == [(2015, 0), (2016, 1)]
    days = at_once["mart.air_city_day"].filter(standard="hj633_2012", day=date(2016, 1, 1))
    assert days.select("series", "network", "stations", "pm25", "valid").rows() == [("own,s", 2, 2, 80, True)]
