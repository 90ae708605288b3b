"""mart.status_rollup: verdicts of a chapter, a responsible body, or the whole plan, counted and scored.

Belongs here: the table, its mart, and the reference table of points. Does not belong here: any number of
points (`assets/standards/status_score.yaml`), the verdicts.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import polars as pl

from assets.exact import origin_of
from assets.plan.tables import INDICATOR
from assets.reference import STANDARDS, load, reference_frame
from assets.status.marts import INDICATOR_STATUS
from assets.status.words import STATUSES
from sources.registry import MART_ORIGIN, Table, boolean, codes, date, double, integer, text
from warehouse.marts import Inputs, Mart, ReferenceTable, Upstream

FILE = STANDARDS / "status_score.yaml"

SCORE = Table(
    "standard.status_score",
    "状态计分",
    "What a verdict is worth in a roll-up, and when a score is not shown",
    (
        text("status", "状态", "status word", required=True, codes=STATUSES),
        integer("points", "分值", "points of 100; empty: no part of the score"),
        boolean("missing", "缺数据", "whether it is a part without data", required=True),
        integer("most_missing_percent", "缺数据上限", "largest share of such parts with which a score is shown, in %"),
        date("valid_from", "生效日期", "from when on"),
        text("source", "来源", "where it comes from", required=True),
    ),
    ("status",),
)

_LEVELS = codes(
    ("plan", "规划", "whole plan"), ("chapter", "章节", "chapter"), ("body", "责任单位", "responsible body")
)

ROLLUP = Table(
    "mart.status_rollup",
    "状态汇总",
    "Verdicts of the whole plan, a chapter or a responsible body in a year: counts and a score (proposed)",
    (
        text("plan", "规划", "plan", required=True),
        text("region_code", "行政区划代码", "region", required=True),
        integer("year", "年份", "calendar year", required=True),
        text("level", "层级", "what is put together", required=True, codes=_LEVELS),
        text("code", "代码", "code of the plan, chapter or body; unassigned: nobody is named", required=True),
        text("zh", "名称", "its name in Chinese"),
        text("en", "英文名称", "its name in English"),
        integer("indicators", "指标数", "verdicts put together", required=True),
        *(integer(code.code, code.zh, f"verdicts that are {code.code}", required=True) for code in STATUSES.codes),
        integer("scored", "计分指标数", "verdicts that have points", required=True),
        double("missing_percent", "缺数据占比", "parts without data, in % of these and the scored ones"),
        double("score", "得分", "mean of the points, 0–100; empty when too much is missing or nothing has points"),
        MART_ORIGIN,
    ),
    ("plan", "region_code", "year", "level", "code"),
)

_NOBODY = ("unassigned", "未指定责任单位", "nobody named")


def status_rollup(statuses: ir.Table, indicators: ir.Table, points: ir.Table) -> ir.Table:
    """Rows of `ROLLUP` from headline verdicts. `points`: `SCORE`.

    Every verdict counts the same. Points are whole numbers and are summed as such, so no order of rows changes a digit.
    """
    own = indicators.select(
        "plan", "chapter", "chapter_zh", "chapter_en", "responsible_body", "responsible_body_zh",
        "responsible_body_en", indicator=indicators.code,
    )  # fmt: skip
    rows = statuses.filter(statuses.headline).select("plan", "region_code", "year", "indicator", "status", "origin")
    rows = rows.join(own, ["plan", "indicator"]).join(points, "status")
    body, zh, en = _NOBODY
    parts = (
        rows.mutate(level=ibis.literal("plan"), code=rows.plan, zh=ibis.null("string"), en=ibis.null("string")),
        rows.mutate(level=ibis.literal("chapter"), code=rows.chapter, zh=rows.chapter_zh, en=rows.chapter_en),
        rows.mutate(
            level=ibis.literal("body"),
            code=rows.responsible_body.fill_null(body),
            zh=rows.responsible_body_zh.fill_null(zh),
            en=rows.responsible_body_en.fill_null(en),
        ),
    )
    every = ibis.union(*parts)
    counted = every.group_by("plan", "region_code", "year", "level", "code", "zh", "en").agg(
        indicators=every.count(),
        **{code.code: every.count(where=every.status == code.code) for code in STATUSES.codes},
        scored=every.points.count(),
        total=every.points.sum(),
        lacking=every.count(where=every.missing),
        most=every.most_missing_percent.max(),
        origin=origin_of(every.origin),
    )
    of = counted.scored + counted.lacking
    shown = (counted.scored > 0) & (100 * counted.lacking <= counted.most * of)
    return counted.mutate(
        missing_percent=ibis.ifelse(of > 0, 100 * counted.lacking / of, ibis.null("float64")),
        score=ibis.ifelse(shown, counted.total / counted.scored, ibis.null("float64")),
    ).select(*ROLLUP.names)


def score_frame() -> pl.DataFrame:
    """Rows of `SCORE`. Raises `ValueError` when a status word is missing or unknown."""
    content = load(FILE)
    if [row["status"] for row in content["verdicts"]] != [code.code for code in STATUSES.codes]:
        raise ValueError(f"{FILE.name}: verdicts must be the words of meta.status, each once, in their order")
    common = {name: content[name] for name in ("valid_from", "source", "most_missing_percent")}
    return reference_frame(SCORE, [row | common for row in content["verdicts"]])


def _build(inputs: Inputs) -> ir.Table:
    return status_rollup(*(inputs.table(name) for name in (INDICATOR_STATUS.name, INDICATOR.name, SCORE.name)))


SCORE_REFERENCE = ReferenceTable(SCORE, score_frame)

ROLLUP_MART = Mart(
    table=ROLLUP,
    subject="scorecard",
    scope=(),
    upstream=(Upstream(INDICATOR_STATUS.name),),
    build=_build,
    reads=(INDICATOR.name, SCORE.name),
)
