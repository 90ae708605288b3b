"""Spot-check results as collected from 食品伙伴网 and 食安通, one row per sampled product and item.

Belongs here: this publication. Does not belong here: rates (the collection holds failures only, or
stops at a number of rows: `sampling_frame` is False).
"""

from __future__ import annotations

import polars as pl

from sources.adapter import ASIDE, Adapter, Context
from sources.adapters.items import one_item_each, with_values

_SOURCE = "信息来源"
_WRAPPER = r"^国内监督抽查\((.*)\)$"


def _prepare(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Take the publisher out of its wrapper, split category and items, drop a copied production date."""
    inner = pl.col("publisher").str.extract(_WRAPPER, 1)
    publisher = pl.when(inner.is_null()).then("publisher").when(inner != "").then(inner)
    category = pl.col("category").str.split("-->")
    scheme = pl.col(_SOURCE) if _SOURCE in frame.columns else pl.lit(None, pl.String)
    frame = frame.with_columns(
        publisher=publisher,
        category=category.list.get(0, null_on_oob=True),
        subcategory=category.list.get(1, null_on_oob=True),
        # The collector fills in the day of publication where the source gives no production date.
        production_date=pl.when(pl.col("production_date") != pl.col("published_on")).then("production_date"),
        **{ASIDE: pl.when(scheme == "RASFF").then(pl.lit("row of another scheme (RASFF)"))},
    )
    return with_values(one_item_each(frame))


FOODMATE = Adapter(
    series="foodmate_spot_checks",
    feed="spot_checks",
    zh="食品伙伴网、食安通监督抽检结果",
    en="spot-check results collected from foodmate.net and food safety bulletins",
    publisher="CFDA, SAMR and provincial bureaus, collected by foodmate.net and 食安通",
    terms="none stated in the repository that holds the files",
    address="https://github.com/YEJC1992/scrapy-kjj",
    required=(
        "product_name",
        "category",
        "producer_name",
        "sampled_at_name",
        "verdict",
        "publisher",
        "published_on",
    ),
    columns={
        "product_name": ("物料名称",),
        "category": ("产品分类",),
        "producer_name": ("生产商",),
        "sampled_at_name": ("供应商",),
        "production_date": ("生产日期",),
        "batch_no": ("批号",),
        "item_class": ("项目分类",),
        "item_name": ("检测项目",),
        "item_unit": ("单位",),
        "result_text": ("检测结果",),
        "limit_text": ("限量值",),
        "verdict": ("判定",),
        "publisher": ("发布单位",),
        "published_on": ("发布日期",),
        "remark": ("备注",),
    },
    constants={"programme": "food_sampling"},
    missing=frozenset({"", "/"}),
    prepare=_prepare,
    stage="validated",
    sampling_frame=False,
)
