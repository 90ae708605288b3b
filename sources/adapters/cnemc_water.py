"""National surface-water automatic monitoring (国家地表水水质自动监测实时数据发布系统).

Belongs here: its two forms, station files with rounded values and daily snapshots with the unrounded
value in the markup. Does not belong here: which class limits apply (`assets.water`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl

from sources.adapter import ASIDE, MISSING, TAGS, Adapter, Context, Melt
from sources.dates import anchored
from sources.outcome import Problem, Refusal

_MELT = r"(?P<determinand>[^()（）]+?)[(（](?P<unit>[^()（）]+)[)）]"
_SHOWN = "shown:"

#: Names that two provinces give to different sections (snapshot of all 1,901 stations, 2020-05-08). The
#: network prints no codes, so these sections carry their province: 江桥（黑龙江省）.
SAME_NAMES = (
    "三岔口", "三江口", "两河口", "临江", "南渡", "地都", "大关桥",
    "小河口", "新华", "水库出水口", "江口", "江桥", "湖心", "王家庄",
    "码头", "砖瓦厂", "金滩", "龙口", "龙王庙",
)  # fmt: skip

#: A snapshot may still show yesterday's sample of a station; older ones are left over.
_DAYS_BACK = 2

_PUBLISHER: Mapping[str, Any] = {
    "feed": "water_samples",
    "publisher": "中国环境监测总站 (CNEMC)",
    "terms": "none in the repository; its data folder says: public data of the environment ministry",
    "address": "https://github.com/YHYKans/Smart-marine-ranch-visualization-system",
    "required": (
        "province_name",
        "basin_name",
        "station_code",
        "sampled_at",
        "published_class",
        "station_status",
    ),
    "columns": {
        "province_name": ("省份",),
        "basin_name": ("流域",),
        "station_code": ("断面名称",),
        "station_name": ("断面名称",),
        "sampled_at": ("监测时间",),
        "published_class": ("水质类别",),
        "station_status": ("站点情况",),
    },
    "constants": {"fraction": "total"},
}


def _station_file(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    first, last = _days(context)
    return _dated(frame, first, last).pipe(_told_apart)


def _snapshot(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Markup off the cells: the unrounded value in the cell, the displayed one beside it."""
    river = pl.col("station_code").str.extract(r"所属河流[:：]([^'&]*)", 1)
    values = [name for name in frame.columns if Melt(_MELT, ()).matches(name)]
    plain = ("station_code", "station_name")
    first, last = _days(context)
    frame = frame.with_columns(
        river_name=pl.when(river != "").then(river),
        **{f"{_SHOWN}{name}": _without_markup(name) for name in values},
        **{name: _without_markup(name) for name in plain},
    ).with_columns(
        pl.coalesce(pl.col(name).str.extract(r"原始值[:：]([^']*)'", 1), f"{_SHOWN}{name}").alias(name)
        for name in values
    )
    earliest = first if first != last else first - timedelta(days=_DAYS_BACK)
    return _dated(frame, earliest, last).pipe(_told_apart)


def _told_apart(frame: pl.DataFrame) -> pl.DataFrame:
    """Sections of one name in two provinces of the list or of this file: their code names the province."""
    name, province = pl.col("station_code"), pl.col("province_name")
    shared = name.is_in(SAME_NAMES) | (province.n_unique().over("station_code") > 1)
    told = pl.concat_str(name, pl.lit("（"), province, pl.lit("）"))
    return frame.with_columns(station_code=pl.when(shared).then(told).otherwise(name))


def _without_markup(name: str) -> pl.Expr:
    """A cell's displayed text; null where that is a missing marker (`--` for a filtered extreme value)."""
    shown = pl.col(name).str.replace_all(TAGS, "").str.strip_chars()
    return pl.when(~shown.is_in(MISSING)).then(shown)


def _days(context: Context) -> tuple[date, date]:
    """The days that the file is of. Raises `Refusal` when its name does not say: times have no year."""
    if context.days is None:
        raise Refusal(
            Problem(
                context.file.name,
                found="times without a year, and no date in the file's name or folder",
                accepted="a name with the day or month, such as 2020-07-15.json or 兰山嘴_2021-04.csv",
                action="put the date of the data into the name",
            )
        )
    return context.days.first, context.days.last


def _dated(frame: pl.DataFrame, first: date, last: date) -> pl.DataFrame:
    """Times with their year, the latest not after `last`; samples of other days are set aside."""
    found = anchored(frame["sampled_at"], first, last)
    stale = pl.lit(f"stale: sampled outside {first} to {last}")
    return frame.with_columns(
        sampled_at=pl.coalesce(found["moment"].dt.to_string("%Y-%m-%d %H:%M"), "sampled_at"),
        **{ASIDE: pl.when(found["stale"]).then(stale)},
    )


CNEMC_WATER_CSV = Adapter(
    series="cnemc_water_csv",
    zh="国家地表水自动监测断面文件",
    en="national surface-water automatic monitoring, one file per section, rounded values",
    melt=Melt(_MELT, ("value", "value_text")),
    prepare=_station_file,
    # A sample is printed again after review, with `--` for the readings that did not stand.
    last_row_stands=("station_code", "sampled_at"),
    **_PUBLISHER,
)

CNEMC_WATER_JSON = Adapter(
    series="cnemc_water_json",
    zh="国家地表水自动监测快照",
    en="national surface-water automatic monitoring, daily snapshot, unrounded values",
    opening="<span",
    melt=Melt(_MELT, ("value", "value_text"), {"value_shown": _SHOWN}),
    prepare=_snapshot,
    **_PUBLISHER,
)
