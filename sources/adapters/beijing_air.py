"""Daily air quality of Beijing, one row per day: 24-hour means and the daily maximum of 8-hour ozone.

Belongs here: this publication. Does not belong here: its AQI as ours (it is compared, never used).
"""

from __future__ import annotations

import polars as pl

from sources.adapter import Adapter, Context
from sources.dates import dates


def _prepare(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """A day ends at the midnight that follows it; PM10 of zero stands for a missing value here."""
    end = dates(frame["period_end"]).dt.offset_by("1d").dt.to_string("%Y-%m-%d 00:00")
    return frame.with_columns(
        period_end=pl.coalesce(pl.lit(end), "period_end"),
        pm10=pl.when(pl.col("pm10") != "0").then("pm10"),
    )


BEIJING_DAILY = Adapter(
    series="beijing_daily",
    feed="air_readings",
    zh="北京市空气质量日报",
    en="daily air quality of Beijing",
    publisher="北京市生态环境监测中心, as collected in a public repository",
    terms="no licence file in the repository",
    address="https://github.com/StephenZheng0315/PM2.5-Prediction-Based-on-Random-Forest-Algorithm",
    required=("period_end", "pm25", "pm10", "o3_8h", "published_aqi", "published_category"),
    columns={
        "period_end": ("日期",),
        "pm25": ("PM2.5",),
        "pm10": ("PM10",),
        "so2": ("SO2",),
        "co": ("CO",),
        "no2": ("NO2",),
        "o3_8h": ("O3_8h",),
        "published_aqi": ("AQI",),
        "published_category": ("质量等级",),
    },
    constants={"station_code": "110000", "area_name": "北京市", "averaging": "24h", "site_kind": "city"},
    measures=("pm25", "pm10", "so2", "co", "no2", "o3_8h", "published_aqi"),
    prepare=_prepare,
    stage="validated",
)
