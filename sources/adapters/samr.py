"""The half-yearly table of food sampling by category (国家市场监督管理总局).

Belongs here: this publication. Does not belong here: rates of ours (`assets.pass_rates`).
"""

from __future__ import annotations

import re

import polars as pl

from sources.adapter import Adapter, Context
from sources.outcome import Problem, Refusal

_PERIOD = r"(\d{4})年(上半年|下半年|第?[一二三四]季度)?"
_SPANS = {
    "": ("01-01", "12-31"),
    "上半年": ("01-01", "06-30"),
    "下半年": ("07-01", "12-31"),
    "一季度": ("01-01", "03-31"),
    "二季度": ("04-01", "06-30"),
    "三季度": ("07-01", "09-30"),
    "四季度": ("10-01", "12-31"),
}


def _prepare(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """The period from the title; the row without a number is the total of all categories."""
    match = re.search(_PERIOD, context.preface)
    if not match:
        raise Refusal(
            Problem(
                context.file.name,
                found=f'the title "{context.preface}"',
                accepted="a title with year and half-year or quarter",
                action="keep the title line above the header",
            )
        )
    first, last = _SPANS[(match.group(2) or "").removeprefix("第")]
    return frame.with_columns(
        period_start=pl.lit(f"{match.group(1)}-{first}"),
        period_end=pl.lit(f"{match.group(1)}-{last}"),
        category=pl.col("category").replace({"合计": "all", "总计": "all"}),
    )


SAMR_CATEGORY = Adapter(
    series="samr_category_table",
    feed="pass_rates",
    zh="各类食品监督抽检结果汇总表",
    en="food safety sampling by category, national totals",
    publisher="国家市场监督管理总局 (SAMR)",
    terms="official notice",
    address="https://m.lab216.com/law/show-1274.html",
    required=("category", "inspected", "passed", "failed", "published_fail_rate"),
    opening=_PERIOD,
    columns={
        "category": ("食品种类",),
        "inspected": ("样品抽检数量/批次",),
        "passed": ("合格样品数量/批次",),
        "failed": ("不合格样品数量/批次",),
        "published_fail_rate": ("样品不合格率",),
    },
    constants={"region_code": "000000", "programme": "food_sampling", "counted": "batch"},
    prepare=_prepare,
    stage="validated",
    sampling_frame=True,
)
