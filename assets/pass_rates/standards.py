"""The reference tables of pass rates: frames of publications, interval, agreement, indicators.

Belongs here: the declarations of these tables, their rows from data files, and which frame a series
has. Does not belong here: any number or name of a series (it stands in the data), pooling.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from pathlib import Path

import ibis
import ibis.expr.types as ir
import polars as pl

from assets.reference import STANDARDS, load, reference_frame
from sources.feeds.inspection import COUNTED, PASS_RATES, PROGRAMMES, SPOT_CHECKS
from sources.registry import Table, boolean, codes, decimal, integer, text
from warehouse.marts import ReferenceTable

FRAMES_FILE = STANDARDS / "series_frames.yaml"
INDICATORS_FILE = STANDARDS.parent / "plans" / "pass-rate-indicators.yaml"

FRAME_CODES = codes(
    ("published_counts", "公布计数", "counts as published by the body"),
    ("all_batches", "全部批次", "every sampled batch is listed"),
    ("row_limited", "条数受限", "list cut off after a number of rows"),
    ("failures_only", "仅不合格", "only failures are listed"),
    ("unknown", "未知", "not known what the list holds"),
)
WILSON, CLOPPER_PEARSON, STRATIFIED_WILSON = "wilson", "clopper_pearson", "stratified_wilson"
FORMULAS = codes(
    (WILSON, "Wilson 得分区间", "Wilson's score interval"),
    (CLOPPER_PEARSON, "Clopper–Pearson 精确区间", "Clopper and Pearson's exact interval"),
    (STRATIFIED_WILSON, "分层 Wilson 区间", "stratified Wilson interval of Yan and Su"),
)
_SOURCE = text("source", "来源", "where it comes from", required=True)
_NOTE = text("note", "说明", "in words", required=True)

SERIES_FRAME = Table(
    "standard.series_frame",
    "抽样框",
    "What stands behind each publication of inspections, and whether it may feed a pass rate",
    (
        text(
            "feed",
            "数据流",
            "inbox folder",
            required=True,
            codes=codes(*((feed.name, feed.zh, feed.en) for feed in (SPOT_CHECKS, PASS_RATES))),
        ),
        text("series", "序列", "publication; % stands for any text, the longest pattern counts", required=True),
        text("frame", "抽样框", "what its rows are", required=True, codes=FRAME_CODES),
        boolean("feeds_rates", "可计合格率", "whether it may feed a pass rate", required=True),
        integer("rank", "次序", "which is taken where several report the same, lowest first", required=True),
        text("reason", "理由", "why", required=True),
        _SOURCE,
    ),
    ("feed", "series"),
)

INTERVAL = Table(
    "standard.interval",
    "置信区间",
    "Interval of a share",
    (
        text("method", "方法", "name of the method", required=True),
        text("formula", "公式", "how it is computed", required=True, codes=FORMULAS),
        integer("level", "置信水平", "confidence level", unit="%", required=True),
        decimal("z", 18, 15, "分位数", "quantile of the standard normal distribution", required=True),
        boolean("headline", "采用", "whether it is the one in use", required=True),
        _SOURCE,
    ),
    ("method",),
)

AGREEMENT = Table(
    "standard.pass_rate_agreement",
    "公布率比对",
    "How far a printed rate may lie from the one that its own counts give",
    (
        text("rule", "规则", "name of the rule", required=True),
        decimal("value", 8, 4, "数值", "the number", unit="points", required=True),
        _NOTE,
        _SOURCE,
    ),
    ("rule",),
)

PASS_RATE_INDICATOR = Table(
    "standard.pass_rate_indicator",
    "合格率指标口径",
    "Which programmes an indicator pools; one row per programme",
    (
        text("indicator", "指标代码", "code of the plan's indicator, or a supporting code", required=True),
        text("definition", "口径", "name of the reading", required=True),
        text("programme", "抽查类别", "programme whose counts are pooled", required=True, codes=PROGRAMMES),
        text("counted", "计数单位", "what is counted", required=True, codes=COUNTED),
        boolean("headline", "主口径", "whether the plan means this reading", required=True),
        text("clause", "条款", "clause of the plan", required=True),
        _NOTE,
    ),
    ("indicator", "definition", "programme"),
)

PASS_RATE_CATEGORY = Table(
    "standard.pass_rate_category",
    "合格率指标类别",
    "Which product categories an indicator pools",
    (
        text("indicator", "指标代码", "code of the plan's indicator, or a supporting code", required=True),
        text("definition", "口径", "name of the reading", required=True),
        text("category", "产品类别", "category as published; `all` for the total", required=True),
    ),
    ("indicator", "definition", "category"),
)


def _section(table: Table, name: str) -> pl.DataFrame:
    return reference_frame(table, load(FRAMES_FILE)[name])


def indicator_programmes(path: Path = INDICATORS_FILE) -> pl.DataFrame:
    """Rows of PASS_RATE_INDICATOR."""
    left_out = ("programmes", "categories")
    return reference_frame(
        PASS_RATE_INDICATOR,
        [
            {key: value for key, value in entry.items() if key not in left_out} | {"programme": programme}
            for entry in load(path)["indicators"]
            for programme in entry["programmes"]
        ],
    )


def indicator_categories(path: Path = INDICATORS_FILE) -> pl.DataFrame:
    """Rows of PASS_RATE_CATEGORY."""
    return reference_frame(
        PASS_RATE_CATEGORY,
        [
            {"indicator": entry["indicator"], "definition": entry["definition"], "category": category}
            for entry in load(path)["indicators"]
            for category in entry["categories"]
        ],
    )


@dataclass(frozen=True)
class Interval:
    """How the interval of a share is computed: name, formula, what it leaves out (0.05), normal quantile."""

    method: str
    formula: str
    left_out: float
    z: float


@cache
def interval(method: str | None = None) -> Interval:
    """The interval of that name, or the one in use. Raises `ValueError` unless there is exactly one."""
    wanted = pl.col("headline") if method is None else pl.col("method") == method
    found = _section(INTERVAL, "intervals").filter(wanted)
    if found.height != 1:
        raise ValueError(f"{INTERVAL.name}: {found.height} methods are {method or 'in use'}; accepted: exactly one")
    row = found.row(0, named=True)
    return Interval(row["method"], row["formula"], (100 - row["level"]) / 100, float(row["z"]))


@cache
def agreement_points() -> Decimal:
    """Points within which a printed rate agrees with its counts."""
    rules: dict[str, Decimal] = dict(_section(AGREEMENT, "agreement").select("rule", "value").iter_rows())
    return rules["published_rate_points"]


def with_frame(rows: ir.Table, frames: ir.Table) -> ir.Table:
    """`rows` (feed, series, …) with sampling_frame, feeds_rates, preference: longest fitting pattern."""
    patterns = frames.select("frame", "feeds_rates", "rank", of_feed=frames.feed, pattern=frames.series)
    pairs = rows.select("feed", "series").distinct()
    fitting = pairs.join(patterns, [pairs.feed == patterns.of_feed, pairs.series.like(patterns.pattern)])
    longest = ibis.row_number().over(
        ibis.window(
            group_by=[fitting.feed, fitting.series],
            order_by=[fitting.pattern.length().desc(), fitting.pattern],
        )
    )
    found = fitting.mutate(longest=longest).filter(ibis._.longest == 0)
    known = found.select("feed", "series", "feeds_rates", sampling_frame="frame", preference="rank")
    return rows.join(known, ["feed", "series"])


PASS_RATE_REFERENCES: tuple[ReferenceTable, ...] = (
    ReferenceTable(SERIES_FRAME, partial(_section, SERIES_FRAME, "frames")),
    ReferenceTable(INTERVAL, partial(_section, INTERVAL, "intervals")),
    ReferenceTable(AGREEMENT, partial(_section, AGREEMENT, "agreement")),
    ReferenceTable(PASS_RATE_INDICATOR, indicator_programmes),
    ReferenceTable(PASS_RATE_CATEGORY, indicator_categories),
)
