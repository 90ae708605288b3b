"""The large tables that heavy marts read, and how they are divided for other engines.

Belongs here: the list. Does not belong here: writing the files (`warehouse.spark.lake`).

The region is the province, the first two digits of a code: a country's year is then some four hundred files of
a quarter of a million hours, where cities would make four thousand small ones.
"""

from __future__ import annotations

from assets.air.cities import CITY_DAY
from assets.air.days import STATION_DAY
from assets.air.hours import DAY_SQL, STATION_HOUR
from assets.water.samples import DAY_SQL as WATER_DAY_SQL
from warehouse.marts import LakeTable


def _stations(medium: str) -> str:
    """SQL that joins the register's region of each station."""
    return (
        "LEFT JOIN (SELECT code, min(left(region_code, 2)) AS region FROM core.stations "
        f"WHERE medium = '{medium}' GROUP BY code) AS station ON record.station_code = station.code"
    )


_OWN_REGION = "left(region_code, 2)"

LAKE_TABLES = (
    LakeTable(
        "core.air_readings",
        "CASE site_kind WHEN 'city' THEN left(station_code, 2) ELSE station.region END",
        DAY_SQL,
        _stations("air"),
    ),
    LakeTable(STATION_HOUR.name, "station.region", "day", _stations("air")),
    LakeTable(STATION_DAY.name, _OWN_REGION, "day"),
    LakeTable(CITY_DAY.name, _OWN_REGION, "day"),
    LakeTable("core.water_samples", "station.region", WATER_DAY_SQL, _stations("water")),
    LakeTable("core.spot_checks", _OWN_REGION, "published_on"),
)
