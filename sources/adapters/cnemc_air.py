"""The national station feed of air quality (全国城市空气质量实时发布平台), one publication hour a file.

Belongs here: this feed in its two forms, XML as the platform sends it and GeoJSON as a collection made
from it. Does not belong here: its AQI as ours (it is compared, never used).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from sources.adapter import MISSING, Adapter, Context
from sources.adapters.air_common import MEASURED, latest, primary_codes, without_negatives


def _prepare(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Pollutant names as codes; the feed is published with its latest hour."""
    frame = frame.with_columns(published_primary=primary_codes(pl.col("published_primary")))
    return latest(without_negatives(frame))


_PLATFORM: Mapping[str, Any] = {
    "feed": "air_readings",
    "publisher": "中国环境监测总站 (CNEMC)",
    "terms": "no licence file; the collection asks to cite doi:10.3390/atmos8080148",
    "address": "https://github.com/geoinsights/ChinaAQIData",
    "required": ("station_code", "period_end", "station_name", "o3", "o3_8h", "pm25", "published_aqi"),
    "columns": {
        "station_code": ("StationCode",),
        "period_end": ("TimePoint",),
        "station_name": ("PositionName",),
        "area_name": ("Area",),
        "so2": ("SO2",),
        "no2": ("NO2",),
        "pm10": ("PM10",),
        "pm25": ("PM2_5",),
        "co": ("CO",),
        # The two ozone names are swapped at the source: `O3` is the running 24-hour maximum and
        # `O3_24h` the hour; only so do the published AQIs follow from the values (all of 4,332).
        "o3": ("O3_24h",),
        "o3_8h": ("O3_8h_24h",),
        "pm10_24h": ("PM10_24h",),
        "pm25_24h": ("PM2_5_24h",),
        "published_aqi": ("AQI",),
        "published_primary": ("PrimaryPollutant",),
        "published_category": ("Quality",),
    },
    "constants": {"averaging": "1h", "site_kind": "station"},
    "measures": MEASURED,
    "prepare": _prepare,
}

#: The collection writes every name in small letters; that tells it from the platform's own XML.
CNEMC_AIR_GEOJSON = Adapter(
    series="cnemc_air_geojson",
    zh="全国城市空气质量实时发布平台快照（GeoJSON）",
    en="national real-time air quality as GeoJSON, all stations of one hour",
    opening="positionname",
    missing=MISSING | {"-;"},
    **_PLATFORM,
)

CNEMC_AIR = Adapter(
    series="cnemc_air_snapshot",
    zh="全国城市空气质量实时发布平台快照",
    en="national real-time air quality, all stations of one hour",
    **_PLATFORM,
)
