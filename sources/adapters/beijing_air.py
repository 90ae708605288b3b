"""Beijing's air: the daily result of the city, and the hours of its 35 stations.

Belongs here: these publications. Does not belong here: their AQI as ours (it is compared, never used),
which stations make the city's mean (the register of stations).
"""

from __future__ import annotations

import polars as pl

from sources.adapter import ASIDE, Adapter, Context
from sources.adapters.air_common import end_of_day, latest, without_negatives
from sources.dates import dates, timestamps
from sources.outcome import Problem, Refusal


def _daily(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """A day ends at the midnight that follows it; PM10 of zero stands for a missing value here."""
    end = end_of_day(dates(frame["period_end"]))
    frame = frame.with_columns(
        period_end=pl.coalesce(pl.lit(end), "period_end"),
        pm10=pl.when(pl.col("pm10") != "0").then("pm10"),
    )
    return latest(without_negatives(frame))


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
    prepare=_daily,
    stage="validated",
)

#: Two files a day with the same header: particles and AQI in one, gases in the other. The words in the
#: column `type` tell which it is; each is a series of its own.
_TYPES = {
    "beijing_hourly_all": {
        "PM2.5": "pm25",
        "PM10": "pm10",
        "PM2.5_24h": "pm25_24h",
        "PM10_24h": "pm10_24h",
        "AQI": "published_aqi",
    },
    "beijing_hourly_extra": {"SO2": "so2", "NO2": "no2", "CO": "co", "O3": "o3"},
}
_KINDS = {kind: column for kinds in _TYPES.values() for kind, column in kinds.items()}
#: Running values that follow from the hours and that no index takes; they stand with the gases.
_RUNNING = ("SO2_24h", "NO2_24h", "CO_24h", "O3_24h")
_SERIES = {kind: series for series, kinds in _TYPES.items() for kind in kinds} | dict.fromkeys(
    _RUNNING, "beijing_hourly_extra"
)

_JOINED = "values stand in the record of the hour's first row"
_DERIVED = "running value of 24 hours, which follows from the hours"


def _hourly(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Rows of one type and hour with a column a station → a record of each station and hour.

    The record is placed at the first row of its hour that has any value; the other rows of that hour
    are set aside as read into it. A type that is not known is left to be refused, with its row.
    """
    stations = [name for name in frame.columns if name not in ("source_row", "period_end", "hour", "type")]
    known = pl.col("type").is_in(list(_KINDS))
    silent = pl.all_horizontal(pl.col(name).is_null() for name in stations)
    series = frame["type"].replace_strict(_SERIES, default=None, return_dtype=pl.String).drop_nulls().unique()
    if series.len() > 1:
        raise Refusal(
            Problem(
                context.file.name,
                column="type",
                found="particles and gases in one file",
                accepted="types of one series: " + "; or ".join(", ".join(kinds) for kinds in _TYPES.values()),
                action="split the file by type, as it was published",
            )
        )
    frame = _at_end_of_hour(frame).with_columns(
        reason=pl.when(pl.col("type").is_in(_RUNNING))
        .then(pl.lit(_DERIVED))
        .when(known & silent)
        .then(pl.lit("no value reported"))
    )
    strange = frame.filter(~known & pl.col("reason").is_null()).select(
        "source_row", "period_end", station_code=pl.lit("type ") + pl.col("type").fill_null("nothing"), averaging="type"
    )
    read = frame.filter(known & pl.col("reason").is_null())
    first = pl.col("source_row").min().over("period_end")
    joined = read.filter(pl.col("source_row") != first).select("source_row", pl.lit(_JOINED).alias(ASIDE))
    aside = frame.filter(pl.col("reason").is_not_null()).select("source_row", pl.col("reason").alias(ASIDE))
    cells = read.with_columns(first.alias("source_row")).unpivot(
        stations, index=["source_row", "period_end", "type"], variable_name="station_code"
    )
    records = (
        cells.drop_nulls("value")
        .group_by("source_row", "period_end", "station_code", maintain_order=True)
        .agg(
            *(
                pl.col("value").filter(pl.col("type") == kind).first().alias(column)
                for kind, column in _KINDS.items()
                if kind in set(read["type"])
            ),
            series=pl.col("type").replace_strict(_SERIES, return_dtype=pl.String).first(),
        )
        .with_columns(
            station_name="station_code",
            record_no=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("source_row"),
        )
    )
    whole = pl.concat([records, strange, joined, aside], how="diagonal")
    one = series.item() if series.len() == 1 else None
    return latest(
        without_negatives(whole).with_columns(
            pl.col("record_no").fill_null(1), pl.col("series").fill_null(pl.lit(one, pl.String))
        )
    )


def _at_end_of_hour(frame: pl.DataFrame) -> pl.DataFrame:
    """Hour 0 to 23 of a date is its beginning; a day is made of these 24 (see docs/air.md)."""
    moment = timestamps(frame["period_end"] + " " + frame["hour"] + ":00")
    end = moment.dt.offset_by("1h").dt.to_string("%Y-%m-%d %H:00")
    return frame.with_columns(period_end=pl.coalesce(pl.lit(end), "period_end"))


BEIJING_HOURLY = Adapter(
    series="beijing_hourly_all",
    feed="air_readings",
    zh="北京市空气质量小时数据",
    en="hourly air of the stations of Beijing, a column for each station",
    publisher="北京市生态环境监测中心, as collected in a public repository",
    terms="no licence file in the repository",
    address="https://github.com/gongxijun/predict_aqi",
    required=("period_end", "hour", "type", "东四"),
    columns={"period_end": ("date",)},
    constants={"averaging": "1h", "site_kind": "station"},
    prepare=_hourly,
)
