"""Daily and monthly air of cities as aqistudy collected it: twelve columns, no header.

Belongs here: this collection. Does not belong here: its AQI as an index (it is the mean of the hourly
indices, see `standard.air_published_index`), or its ozone as an eight-hour value (it is the daily
maximum of one hour).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from sources.adapter import Adapter, Context
from sources.adapters.air_common import MEASURED, ZEROS_MISSING, city_codes, end_of_day, latest, without_negatives
from sources.dates import dates

_NAME, _NUMBER = r"[一-鿿]+", r"\d+(?:\.\d+)?"
_LEVEL = r"[一-鿿]*"


def _cells(period: str) -> tuple[str, ...]:
    return (_NAME, period, _NUMBER, r"\d+~\d+", _LEVEL, *[_NUMBER] * 7)


def _daily(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """A day ends at the midnight that follows it."""
    return _cities(frame, end_of_day(dates(frame["period_end"])))


def _monthly(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """A month ends at the midnight that follows its last day."""
    first = (frame["period_end"] + "-01").str.to_date("%Y-%m-%d", strict=False)
    return _cities(frame, first.dt.offset_by("1mo").dt.to_string("%Y-%m-%d 00:00"))


def _cities(frame: pl.DataFrame, end: pl.Series) -> pl.DataFrame:
    """Cities by their code; a city that is not in the list of names keeps its name and is refused for it."""
    code = pl.col("area_name").replace_strict(city_codes(), default=None, return_dtype=pl.String)
    frame = frame.with_columns(period_end=pl.coalesce(pl.lit(end), "period_end"), station_code=code)
    return latest(without_negatives(frame))


_COLLECTION: Mapping[str, Any] = {
    "feed": "air_readings",
    "publisher": "aqistudy.cn, as collected in a public repository",
    "terms": "no licence file; use as it is, adhere to the terms of the source",
    "address": "https://github.com/ShuyaoHong/aqistudy",
    "required": ("c0", "c1", "c2", "c3"),
    "columns": {
        "area_name": ("c0",),
        "period_end": ("c1",),
        "published_aqi": ("c2",),
        "published_category": ("c4",),
        "pm25": ("c5",),
        "pm10": ("c6",),
        "so2": ("c7",),
        "co": ("c8",),
        "no2": ("c9",),
        "o3": ("c10",),
    },
    "missing": ZEROS_MISSING,
    "measures": MEASURED,
}

AQISTUDY_DAILY = Adapter(
    series="aqistudy_daily",
    zh="城市空气质量日数据（aqistudy）",
    en="daily air of cities collected by aqistudy; zero stands for missing",
    cells=_cells(r"\d{4}-\d{2}-\d{2}"),
    constants={"averaging": "24h", "site_kind": "city"},
    prepare=_daily,
    **_COLLECTION,
)

AQISTUDY_MONTHLY = Adapter(
    series="aqistudy_monthly",
    zh="城市空气质量月数据（aqistudy）",
    en="monthly air of cities collected by aqistudy; zero stands for missing",
    cells=_cells(r"\d{4}-\d{2}"),
    constants={"averaging": "month", "site_kind": "city"},
    prepare=_monthly,
    **_COLLECTION,
)
