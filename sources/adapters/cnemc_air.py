"""The national station feed of air quality (全国城市空气质量实时发布平台), one publication hour a file.

Belongs here: this feed. Does not belong here: its AQI as ours (it is compared, never used).
"""

from __future__ import annotations

import polars as pl

from sources.adapter import Adapter, Context

#: Names of primary pollutants → our codes; longer names first, because one contains the other.
PRIMARY_POLLUTANTS = {
    "细颗粒物(PM2.5)": "pm25",
    "颗粒物(PM10)": "pm10",
    "臭氧1小时": "o3",
    "臭氧8小时": "o3_8h",
    "二氧化硫": "so2",
    "二氧化氮": "no2",
    "一氧化碳": "co",
}


def _prepare(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Pollutant names as codes; the feed is published with its latest hour."""
    return frame.with_columns(
        published_primary=pl.col("published_primary").str.replace_many(PRIMARY_POLLUTANTS).str.replace_all(" ", ""),
        published_at=pl.col("period_end").max(),
    )


CNEMC_AIR = Adapter(
    series="cnemc_air_snapshot",
    feed="air_readings",
    zh="全国城市空气质量实时发布平台快照",
    en="national real-time air quality, all stations of one hour",
    publisher="中国环境监测总站 (CNEMC)",
    terms="no licence file; the collection asks to cite doi:10.3390/atmos8080148",
    address="https://github.com/geoinsights/ChinaAQIData",
    required=("station_code", "period_end", "station_name", "o3", "o3_8h", "pm25", "published_aqi"),
    columns={
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
    constants={"averaging": "1h", "site_kind": "station"},
    measures=("so2", "no2", "pm10", "pm25", "co", "o3", "o3_8h", "pm10_24h", "pm25_24h", "published_aqi"),
    prepare=_prepare,
)
