"""Collections from pm25.in, which passed the national stations' hours on: a dump, and hourly reports.

Belongs here: the dump with station codes, the reports of one city (with and without ranks). Does not
belong here: the platform's own feed (`sources.adapters.cnemc_air`), an AQI as ours.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import polars as pl

from sources.adapter import Adapter, Context
from sources.adapters.air_common import (
    MEASURED,
    MEASURES,
    ZEROS_MISSING,
    flagged,
    latest,
    primary_codes,
    without_negatives,
)
from sources.dates import timestamps

#: A dump shows stations of the hour and the one before; what is older was left over from another time.
_HOURS_BACK = 2

#: Crawls overlap and a station may be listed twice, so an hour comes up to six times; one that comes in
#: every crawl of a file stood still.
_COPIES = 6

#: A station with the same numbers in every pollutant at so many different hours is dead.
_EQUAL_HOURS = 12

_PUBLISHER = "pm25.in, as collected in a public repository"


def _dump(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Local time without the false Z; records of other times are flagged."""
    frame = frame.with_columns(
        period_end=pl.col("period_end").str.strip_suffix("Z"),
        published_primary=primary_codes(pl.col("published_primary")),
    )
    moment = timestamps(frame["period_end"])
    newest = moment.max()
    old = moment < pl.lit(newest) - pl.duration(hours=_HOURS_BACK)
    frame = flagged(without_negatives(frame), pl.when(old).then(pl.lit("stale")))
    return latest(frame)


def _report(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Date and hour as one time, ties on one line; flagged: an hour that every crawl repeats, a dead station."""
    hour = pl.col("Hour").str.zfill(2)
    area = _city(context)
    known = {} if "station_code" in frame.columns else {"station_code": pl.col("station_name")}
    frame = frame.with_columns(
        period_end=pl.col("period_end") + pl.lit(" ") + hour + pl.lit(":00"),
        published_primary=primary_codes(pl.col("published_primary")),
        area_name=pl.lit(area, pl.String),
        **known,
    )
    repeats = pl.len().over("station_code", "period_end")
    frame = without_negatives(frame)
    measures = [name for name in MEASURES if name in frame.columns]
    hours = pl.col("period_end").n_unique().over("station_code", *measures)
    dead = (hours >= _EQUAL_HOURS) & pl.any_horizontal(pl.col(name).is_not_null() for name in measures)
    frame = flagged(frame, pl.when(repeats > _COPIES).then(pl.lit("stale")), pl.when(dead).then(pl.lit("stuck")))
    return latest(frame)


def _city(context: Context) -> str | None:
    """The city of a report stands nowhere but in the file's name, where that is Chinese."""
    stem = PurePosixPath(context.file.name).stem
    return stem if re.fullmatch(r"[一-鿿]{2,8}", stem) else None


PM25IN_DUMP = Adapter(
    series="pm25in_dump",
    feed="air_readings",
    zh="pm25.in 全国站点数据",
    en="pm25.in dump, all stations of one hour; zero stands for missing",
    publisher=_PUBLISHER,
    terms="no licence file in the repository",
    address="https://github.com/kiwizhang/ChinaAirPollution",
    required=("station_code", "period_end", "station_name", "o3", "o3_8h", "pm25", "published_aqi"),
    columns={
        "station_code": ("station_code",),
        "period_end": ("time_point",),
        "station_name": ("position_name",),
        "area_name": ("area",),
        "so2": ("so2",),
        "no2": ("no2",),
        "pm10": ("pm10",),
        "pm25": ("pm2_5",),
        "co": ("co",),
        "o3": ("o3",),
        "o3_8h": ("o3_8h",),
        "pm10_24h": ("pm10_24h",),
        "pm25_24h": ("pm2_5_24h",),
        "published_aqi": ("aqi",),
        "published_primary": ("primary_pollutant",),
        "published_category": ("quality",),
    },
    constants={"averaging": "1h", "site_kind": "station"},
    missing=ZEROS_MISSING,
    measures=MEASURED,
    prepare=_dump,
)

_REPORT_COLUMNS = {
    "period_end": ("Date",),
    "station_name": ("WatchPoint",),
    "so2": ("SO2",),
    "no2": ("NO2",),
    "pm10": ("PM10",),
    "co": ("CO",),
    "o3": ("O3_1h",),
    "o3_8h": ("O3_8h",),
    "published_aqi": ("AQI",),
    "published_primary": ("PrimaryPollution",),
    "published_category": ("Level",),
}

PM25IN_REPORT = Adapter(
    series="pm25in_hourly",
    feed="air_readings",
    zh="pm25.in 城市站点小时报",
    en="pm25.in hourly reports of a city's stations; stations have names only",
    publisher=_PUBLISHER,
    terms="MIT",
    address="https://github.com/zzy-95/data_crawl_national_air",
    required=("period_end", "Hour", "station_name", "pm25", "o3", "o3_8h", "published_aqi"),
    columns=_REPORT_COLUMNS | {"pm25": ("PM2.5",)},
    constants={"averaging": "1h", "site_kind": "station"},
    measures=MEASURED,
    prepare=_report,
)

#: One hour of the whole country without its cities: many stations share a name, so the number that the
#: collection gave each record is all that tells them apart.
PM25IN_RANKED = Adapter(
    series="pm25in_ranked_hour",
    feed="air_readings",
    zh="pm25.in 全国站点小时排名",
    en="pm25.in, one hour of all stations with ranks; known by the number of the record only",
    publisher=_PUBLISHER,
    terms="MIT",
    address="https://github.com/zzy-95/data_crawl_national_air",
    required=("period_end", "Hour", "station_code", "station_name", "pm25", "AQIrank", "published_aqi"),
    columns=_REPORT_COLUMNS | {"pm25": ("PM25",), "station_code": ("_id",)},
    constants={"averaging": "1h", "site_kind": "station"},
    measures=MEASURED,
    prepare=_report,
)
