"""mart.indicator_status: the verdict on every indicator of the plan, every year.

Belongs here: the table's declaration and the mart that puts the steps together. Does not belong
here: the steps (`asked`, `verdict`, `reasons`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.periods import INDICATOR_PERIOD
from assets.plan.model import RELATIVE
from assets.plan.tables import INDICATOR, TARGET, plan_statements
from assets.plan.words import COMPARATORS
from assets.status.asked import asked_rows, values_of_region, with_history, with_periods
from assets.status.comparators import one_of
from assets.status.reasons import with_reasons
from assets.status.verdict import judged
from assets.status.words import STATUS_REFERENCE, STATUSES
from sources.registry import MART_ORIGIN, Table, boolean, double, integer, text
from warehouse.marts import Inputs, Mart, ReferenceTable, Upstream

INDICATOR_STATUS = Table(
    "mart.indicator_status",
    "指标状态",
    "Verdict on every indicator of the plan, every year",
    (
        text("plan", "规划", "plan", required=True),
        text("indicator", "指标代码", "code of the indicator", required=True),
        text("region_code", "行政区划代码", "region", required=True),
        integer("year", "年份", "calendar year", required=True),
        text("definition", "口径", "definition that the value follows", required=True),
        double("value", "数值", "value in `unit`"),
        double("target", "目标值", "number that the text sets for target_year"),
        integer("target_year", "目标年", "the next year with a target, this one included; else the last"),
        text("comparator", "比较方式", "how the value is held against what is asked", codes=COMPARATORS),
        double("required", "当年要求", "asked this year: by the text, on the path, or an earlier value"),
        double("gap", "差距", "value less what it is held against (required, else target), in `unit`"),
        double("ci_low", "置信下限", "lower end of the 95 % interval, in `unit`"),
        double("ci_high", "置信上限", "upper end of the 95 % interval, in `unit`"),
        integer("n", "样本数", "readings, batches, days or rows that the value rests on"),
        boolean("complete", "完整", "whether the data are complete by the rule of the definition"),
        boolean("includes_target", "区间含要求值", "whether the interval includes what is asked"),
        double("progress", "完成程度", "share of the way to the target, 0–1; empty: not measurable"),
        double("pace_needed", "所需年速", "change a year that still reaches the target in target_year; empty: none"),
        text("status", "状态", "status word of meta.status", required=True, codes=STATUSES),
        text("finding", "判定情形", "situation that decided the status", required=True),
        text("reason", "理由（英文）", "how the verdict came, or what is missing", required=True),
        text("reason_zh", "理由", "the same in Chinese", required=True),
        boolean("headline", "主口径", "whether the plan means this definition", required=True),
        text("basis", "依据", "what the value rests on"),
        MART_ORIGIN,
        text("unit", "单位", "unit of value, target and gap"),
    ),
    ("plan", "indicator", "region_code", "year", "definition"),
)


def indicator_status(
    indicators: ir.Table, targets: ir.Table, values: ir.Table, periods: ir.Table, as_of: ir.Value
) -> ir.Table:
    """Rows of `INDICATOR_STATUS`: every indicator × year of its plan, further definitions, later values.

    `indicators`: `assets.plan.tables.plan_statements`; `targets`, `values`: mart.target and
    mart.indicator_value; `periods`: mart.indicator_period. `as_of`: the date on which is judged,
    a scalar or a column of `indicators`.
    """
    own = values_of_region(indicators, values)
    rows = with_history(asked_rows(indicators, targets, own).mutate(as_of=as_of), targets, own)
    rows = with_periods(rows, periods)
    rows = with_reasons(judged(rows))
    rows = rows.mutate(
        required=ibis.ifelse(one_of(rows.comparator, RELATIVE), rows.compared, rows.required),
        unit=rows.value_unit.fill_null(rows.unit),
    )
    return rows.select(*INDICATOR_STATUS.names)


def _build(inputs: Inputs) -> ir.Table:
    as_of = inputs.table("meta.as_of")
    return indicator_status(
        plan_statements(inputs),
        inputs.table(TARGET.name),
        inputs.table("mart.indicator_value"),
        inputs.table(INDICATOR_PERIOD.name),
        as_of.as_of.max().as_scalar(),
    )


INDICATOR_STATUS_MART = Mart(
    table=INDICATOR_STATUS,
    subject="scorecard",
    scope=(),
    upstream=(Upstream("mart.indicator_value"), Upstream(INDICATOR_PERIOD.name)),
    build=_build,
    reads=(INDICATOR.name, TARGET.name, "meta.as_of"),
)

REFERENCES: tuple[ReferenceTable, ...] = (STATUS_REFERENCE,)
