"""Inspections of food premises in Toronto (DineSafe): one row per infraction, not per inspection.

The verdict is ours, from the infractions of the inspection: crucial ones fail it, significant ones leave a
condition. `Establishment Status` is the state of the premises when the file was published and is not used.
"""

from __future__ import annotations

import polars as pl

from sources.adapter import Adapter, Context


def _prepare(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """One verdict for all rows of an inspection."""
    worst = {"C - Crucial": 2, "S - Significant": 1}
    rank = pl.col("item_class").replace_strict(worst, default=0, return_dtype=pl.Int64).max().over("sample_id")
    return frame.with_columns(verdict=rank.replace_strict({0: "pass", 1: "conditional", 2: "fail"}))


TORONTO_DINESAFE = Adapter(
    series="toronto_dinesafe",
    feed="spot_checks",
    zh="多伦多餐饮检查",
    en="inspections of food premises in Toronto",
    publisher="Toronto Public Health",
    terms="Open Government Licence - Toronto",
    address="https://open.toronto.ca/dataset/dinesafe/",
    required=("sample_id", "producer_name", "item_name", "published_on", "item_class", "Establishment Status"),
    columns={
        "sample_id": ("Inspection ID",),
        "producer_name": ("Establishment Name",),
        "category": ("Establishment Type",),
        "product_name": ("Establishment ID",),
        "producer_address": ("Establishment Address",),
        "item_name": ("Infraction Details",),
        "published_on": ("Inspection Date",),
        "item_class": ("Severity",),
    },
    constants={"programme": "unstated", "region_code": "CA-TORONTO"},
    missing=frozenset({""}),
    prepare=_prepare,
    stage="validated",
    sampling_frame=True,
)
