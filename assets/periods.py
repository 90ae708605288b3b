"""mart.indicator_period: values of the reported periods inside a year, for targets that must be held.

Belongs here: the table, and which subjects fill it. Does not belong here: any subject's calculation, the
value of a whole year (`assets.indicators`), verdicts (`assets.status`).
"""

from __future__ import annotations

import ibis.expr.types as ir

from assets.pass_rates.periods import pass_rate_periods
from assets.plan.tables import INDICATOR, plan_statements
from sources.registry import MART_ORIGIN, Table, boolean, date, double, integer, text
from warehouse.marts import Inputs, Mart, Upstream

INDICATOR_PERIOD = Table(
    "mart.indicator_period",
    "指标分期数值",
    "Values of the reported periods inside a year (halves, quarters, months), of indicators that must be held",
    (
        text("plan", "规划", "plan", required=True),
        text("indicator", "指标代码", "code of the indicator", required=True),
        text("region_code", "行政区划代码", "region", required=True),
        integer("year", "年份", "calendar year", required=True),
        text("period", "时期", "2015H1, 2015Q1, 2015-01, or first/last day", required=True),
        text("definition", "口径", "definition that the value follows", required=True),
        date("period_start", "期初", "first day", required=True),
        date("period_end", "期末", "last day", required=True),
        double("value", "数值", "value in the unit of mart.indicator_value"),
        integer("n", "样本数", "units that the value rests on"),
        boolean("complete", "完整", "whether every programme of the definition reported the period", required=True),
        MART_ORIGIN,
    ),
    ("plan", "indicator", "region_code", "year", "period", "definition"),
    warnings=("periods overlap: a quarter lies inside its half; never add or average them",),
)


def _build(inputs: Inputs) -> ir.Table:
    held = plan_statements(inputs)
    held = held.filter(held.held_from.notnull()).select("plan", "indicator")
    return pass_rate_periods(inputs).join(held, "indicator").select(*INDICATOR_PERIOD.names)


INDICATOR_PERIOD_MART = Mart(
    table=INDICATOR_PERIOD,
    subject="scorecard",
    scope=(),
    upstream=(Upstream("mart.pass_rate"),),
    build=_build,
    reads=(
        INDICATOR.name,
        "standard.pass_rate_indicator",
        "standard.pass_rate_category",
        "standard.series_frame",
    ),
)
