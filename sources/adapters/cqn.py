"""Failures reported by China Quality News (中国质量新闻网), collected without a header.

Belongs here: this publication. Does not belong here: rates (news of failures has no denominator), what
makes a row of shifted columns unusable (`checks.inspection`).
"""

from __future__ import annotations

import polars as pl

from sources.adapter import Adapter, Context
from sources.adapters.items import one_item_each, with_values

_TEXT = r"[\s\S]*"


def _prepare(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """The day out of the time of publication, the programme from the publishing body."""
    publisher = pl.col("publisher")
    programme = (
        pl.when(publisher.str.contains("药监局"))
        .then(pl.lit("national"))
        .when(publisher.str.contains("市场监管总局"))
        .then(pl.lit("food_sampling"))
        .otherwise(pl.lit("unstated"))
    )
    days = frame.with_columns(published_on=pl.col("published_on").str.head(10), programme=programme)
    return with_values(one_item_each(days))


CQN_NEWS = Adapter(
    series="cqn_news",
    feed="spot_checks",
    zh="中国质量新闻网不合格产品报道",
    en="failures reported by China Quality News",
    publisher="SAMR and the national medical products administration, as reported by cqn.com.cn",
    terms="none stated in the repository that holds the file",
    address="https://github.com/TengTengCai/ChinaQualityNews",
    required=(),
    # id, title, time of publication, …, address of the page: the order of the collection's own item list.
    cells=(r"\d+", _TEXT, r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", *(_TEXT,) * 16, r"https?://\S+"),
    columns={
        "sample_id": ("c0",),
        "published_on": ("c2",),
        "publisher": ("c3",),
        "producer_name": ("c4",),
        "producer_address": ("c5",),
        "sampled_at_name": ("c6",),
        "sampled_at_address": ("c7",),
        "product_name": ("c8",),
        "production_date": ("c11",),
        "batch_no": ("c12",),
        "item_name": ("c14",),
        "result_text": ("c15",),
        "limit_text": ("c16",),
        "remark": ("c18",),
    },
    constants={"verdict": "fail"},
    missing=frozenset({"", "/"}),
    prepare=_prepare,
    set_aside=(("news without a product", pl.all_horizontal(pl.col("product_name", "item_name").is_null())),),
    stage="validated",
    sampling_frame=False,
)
