"""The common shape in which every subject hands its values to the plan's indicators.

Belongs here: the columns of a contribution, and the helper that puts an expression into that shape.
Does not belong here: any subject's calculation (`assets.<subject>`), targets or verdicts.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from sources.registry import MART_ORIGIN, Column, boolean, double, integer, text

CONTRIBUTION: tuple[Column, ...] = (
    text("plan", "规划", "plan whose dates and units the value follows; empty: it is the same for every plan"),
    text("indicator", "指标代码", "code of the plan's indicator", required=True),
    text("region_code", "行政区划代码", "region", required=True),
    integer("year", "年份", "calendar year", required=True),
    text("definition", "口径", "which definition of the indicator this value follows", required=True),
    double("value", "数值", "value in `unit`; empty when it cannot be computed, see basis"),
    text("unit", "单位", "unit of value", required=True),
    double("numerator", "分子", "numerator, where the value is a ratio of counts or amounts"),
    double("denominator", "分母", "denominator, where the value is a ratio of counts or amounts"),
    double("ci_low", "置信下限", "lower end of the 95 % interval, in `unit`"),
    double("ci_high", "置信上限", "upper end of the 95 % interval, in `unit`"),
    integer("n", "样本数", "readings, batches, days or rows that the value rests on"),
    boolean("complete", "完整", "whether the data are complete by the rule of the definition", required=True),
    boolean("headline", "主口径", "whether the plan means this definition", required=True),
    text("basis", "依据", "in words: what the value rests on, or why there is none", required=True),
    MART_ORIGIN,
    text("computed_by", "计算模块", "part of the software that gives the value; its rows are found by `explain`"),
)


def contribution(table: ir.Table) -> ir.Table:
    """`table` with exactly the columns of CONTRIBUTION, in order; what it lacks is null.

    Raises `KeyError` when a required column is missing.
    """
    present = set(table.columns)
    if missing := [c.name for c in CONTRIBUTION if c.required and c.name not in present]:
        raise KeyError(f"a contribution lacks {missing}")
    types = {"text": "string", "integer": "int64", "double": "float64", "boolean": "boolean"}
    return table.select(
        **{c.name: (table[c.name] if c.name in present else ibis.null()).cast(types[c.type]) for c in CONTRIBUTION}
    )
