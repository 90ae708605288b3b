"""Published figures and regions for the plan of Yixing, as collected with their sources.

Belongs here: the two tables of that collection. Does not belong here: which figure counts for which
target (`assets.returns`).
"""

from __future__ import annotations

import polars as pl

from sources.adapter import Adapter, Context

_BOUND = "MORE THAN"

#: What a unit without a stated beginning gets: the first day that a date can hold.
_ALWAYS = "0001-01-01"


def _figures(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Bounds marked; figures that share indicator, region and period are told apart by their source."""
    same = pl.len().over("indicator_code", "region_code", "period") > 1
    again = pl.len().over("indicator_code", "region_code", "period", "source_title") > 1
    turn = pl.int_range(1, pl.len() + 1).over("indicator_code", "region_code", "period", "source_title")
    title = pl.col("source_title").fill_null("source not stated")
    numbered = pl.when(again).then(pl.concat_str(title, pl.lit(" #"), turn.cast(pl.String))).otherwise(title)
    return frame.with_columns(
        stratum=pl.when(same).then(numbered).otherwise(pl.lit("all")),
        lower_bound=pl.col("remark").str.starts_with(_BOUND).fill_null(False).replace_strict({True: "是", False: "否"}),
    )


def _regions(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """A year means its end, a month its last day: the list of that day is the first to show the change."""
    return frame.with_columns(valid_from=_end("valid_from").fill_null(_ALWAYS), valid_to=_end("valid_to"))


def _end(name: str) -> pl.Expr:
    text = pl.col(name)
    year = text.str.extract(r"^(\d{4})$", 1)
    month = text.str.extract(r"^(\d{4}-\d{2})$", 1)
    last = (month + "-01").str.to_date("%Y-%m-%d", strict=False).dt.month_end().dt.to_string("%Y-%m-%d")
    return pl.coalesce(year + "-12-31", last, text)


PUBLISHED_FIGURES = Adapter(
    series="published_figures",
    feed="statistical_returns",
    zh="宜兴及参照地区已公布数据",
    en="published figures of Yixing and reference regions, 2009-2016",
    publisher="the bodies named in source_title",
    terms="facts from public pages, each with its source",
    address="",
    required=("indicator_code", "region_code", "period", "value", "remark", "source_title", "confidence"),
    columns={
        "indicator_code": ("indicator_code",),
        "region_code": ("region_code",),
        "year": ("year",),
        "period": ("period",),
        "value": ("value",),
        "unit": ("unit",),
        "numerator": ("numerator",),
        "denominator": ("denominator",),
        "remark": ("what_it_says",),
        "source_title": ("source_title",),
        "source_address": ("source_address",),
        "confidence": ("confidence",),
    },
    missing=frozenset({""}),
    prepare=_figures,
    stage="validated",
)

YIXING_REGIONS = Adapter(
    series="yixing_regions",
    feed="regions",
    zh="宜兴及上级、参照地区区划",
    en="divisions of Yixing, those above it, and reference regions",
    publisher="GB/T 2260 year-end lists and NBS division lists, as collected",
    terms="CC0 (areacodes), WTFPL (Administrative-divisions-of-China)",
    address="https://github.com/yescallop/areacodes",
    required=("code", "name_zh", "level", "parent_code", "valid_from", "valid_to", "remark"),
    columns={
        "code": ("region_code",),
        "name_zh": ("name_zh",),
        "name_en": ("name_en",),
        "level": ("level",),
        "parent_code": ("parent_code",),
        "valid_from": ("valid_from",),
        "valid_to": ("valid_to",),
        "remark": ("confidence",),
    },
    recode={"level": {"nation": "country"}},
    missing=frozenset({""}),
    prepare=_regions,
    stage="validated",
)
