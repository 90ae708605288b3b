"""Food hygiene ratings of the United Kingdom (Food Standards Agency), one file per authority.

Two schemes stand in the same layout: ratings 0 to 5, and the Scottish Pass or Improvement Required. They
are two series and never one rate. Businesses that wait for an inspection, or are exempt, are in neither.
"""

from __future__ import annotations

from pathlib import PurePath

import polars as pl

from sources.adapter import ASIDE, Adapter, Context

SIX, SCOTTISH = "uk_fhrs", "uk_fhis"
_VERDICTS = {
    **dict.fromkeys(("0", "1", "2"), (SIX, "fail")),
    **dict.fromkeys(("3", "4", "5"), (SIX, "pass")),
    **dict.fromkeys(("Pass", "Pass and Eat Safe"), (SCOTTISH, "pass")),
    "Improvement Required": (SCOTTISH, "fail"),
}


def _prepare(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Scheme and verdict from the rating; a file is of the scheme that most of its ratings are of."""
    scheme = pl.col("remark").replace_strict({word: found[0] for word, found in _VERDICTS.items()}, default=None)
    frame = frame.with_columns(
        scheme=scheme,
        verdict=pl.col("remark").replace_strict({word: found[1] for word, found in _VERDICTS.items()}, default=None),
    )
    series = frame["scheme"].drop_nulls().mode().sort().first() or SIX
    aside = (
        pl.when(pl.col("remark").is_in(["Exempt", "AwaitingInspection", "Awaiting Inspection", "AwaitingPublication"]))
        .then(pl.lit("not rated"))
        .when(pl.col("scheme") != series)
        .then(pl.lit("rating of the other scheme"))
    )
    authority = PurePath(context.file.name).stem.zfill(3)
    return frame.with_columns(
        series=pl.lit(series), region_code=pl.lit(f"GB-{authority}"), **{ASIDE: aside}, product_name=pl.lit("business")
    )


UK_FHRS = Adapter(
    series=SIX,
    feed="spot_checks",
    zh="英国食品卫生评级",
    en="food hygiene ratings of the United Kingdom",
    publisher="Food Standards Agency",
    terms="Open Government Licence",
    address="https://ratings.food.gov.uk",
    required=("producer_name", "remark", "published_on", "structural", "hygiene", "confidenceinmanagement"),
    columns={
        "producer_name": ("businessname",),
        "remark": ("ratingvalue",),
        "published_on": ("ratingdate",),
    },
    constants={"programme": "unstated"},
    missing=frozenset({"", "nan"}),
    prepare=_prepare,
    stage="validated",
    sampling_frame=True,
)
