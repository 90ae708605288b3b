"""Daily air of a city in the layout 日期, 质量等级, AQI, …, 城市 of a public collection.

Belongs here: this layout, and the proof that its columns hold what their labels say. The only file
known of it has labels that lie: its columns hold rank, PM2.5, PM10, NO2, SO2 and CO under the names
PM2.5, PM10, SO2, NO2, CO and O3. Does not belong here: undoing the shift, because ozone is lost in it.
"""

from __future__ import annotations

import polars as pl

from sources.adapter import Adapter, Context
from sources.adapters.air_common import MEASURED, city_codes, end_of_day, latest, without_negatives
from sources.dates import dates
from sources.numerals import decimals
from sources.outcome import Problem, Refusal

#: No city has a median like that: CO in mg/m³ lies between 0.3 and 3, ozone between 20 and 200 µg/m³.
_CO_AT_MOST, _OZONE_AT_LEAST = 4, 4


def _prepare(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Cities by their code. Raises `Refusal` when the values cannot be what the header calls them."""
    co, ozone = _median(frame["co"]), _median(frame["o3"])
    if co is not None and ozone is not None and co > _CO_AT_MOST and ozone < _OZONE_AT_LEAST:
        raise Refusal(
            Problem(
                context.file.name,
                column="CO, O3",
                found=f"a header whose labels do not fit the columns: the median of CO is {co:g} mg/m³, that of O3 "
                f"{ozone:g} µg/m³ (rule labels_fit_values); so read the columns from PM2.5 on would hold rank, PM2.5, "
                "PM10, NO2, SO2 and CO",
                accepted=f"a median of CO up to {_CO_AT_MOST} mg/m³, or of O3 from {_OZONE_AT_LEAST} µg/m³",
                action="fetch the file again with its own labels; nothing of it was taken",
            )
        )
    code = pl.col("area_name").replace_strict(city_codes(), default=None, return_dtype=pl.String)
    end = end_of_day(dates(frame["period_end"]))
    frame = frame.with_columns(period_end=pl.coalesce(pl.lit(end), "period_end"), station_code=code)
    return latest(without_negatives(frame))


def _median(texts: pl.Series) -> float | None:
    median = decimals(texts, 9, 3).cast(pl.Float64).median()
    return median if isinstance(median, float) else None


CITY_DAILY = Adapter(
    series="city_daily_collection",
    feed="air_readings",
    zh="城市空气质量日数据（带城市列）",
    en="daily air of a city with a rank and the city's name",
    publisher="not named; collected in a public repository",
    terms="no licence file in the repository",
    address="https://github.com/woccaqwq/python-AQI-",
    required=("period_end", "published_category", "published_aqi", "pm25", "co", "o3", "area_name"),
    columns={
        "period_end": ("日期",),
        "published_category": ("质量等级",),
        "published_aqi": ("AQI",),
        "pm25": ("PM2.5",),
        "pm10": ("PM10",),
        "so2": ("SO2",),
        "no2": ("NO2",),
        "co": ("CO",),
        "o3": ("O3",),
        "area_name": ("城市",),
    },
    constants={"averaging": "24h", "site_kind": "city"},
    measures=MEASURED,
    prepare=_prepare,
)
