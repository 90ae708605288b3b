"""mart.environment_return: environment rates from the amounts that they are made of.

Belongs here: solid waste, household waste, sewage, protection zone 1, noise, by numerator and
denominator. Does not belong here: which amounts make a rate (`assets/standards/environment_returns.yaml`),
rates that are returned as such (`assets.returns`), verdicts.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.contribution import contribution
from assets.energy.series import chosen_series
from assets.environment.return_standards import DEFINITION, INDICATOR, RETURN_DEFINITION, RETURN_PART
from assets.exact import origin_of
from sources.registry import MART_ORIGIN, Table, boolean, decimal, double, integer, text
from warehouse.marts import Inputs, Mart, Upstream

ENVIRONMENT_RETURN = Table(
    "mart.environment_return",
    "环境报送指标",
    "Environment rates from reported amounts, by definition",
    (
        text("region_code", "行政区划代码", "region", required=True),
        integer("year", "年份", "calendar year", required=True),
        INDICATOR,
        DEFINITION,
        decimal("numerator", 38, 6, "分子", "numerator in `unit`; empty while an amount is missing"),
        decimal("denominator", 38, 6, "分母", "denominator in `unit`; empty while an amount is missing"),
        text("unit", "单位", "unit of the amounts"),
        double("rate_pct", "比率", "numerator ÷ denominator; empty while it cannot be computed, see basis", unit="%"),
        boolean("headline", "主口径", "whether the plan means this definition", required=True),
        boolean("complete", "完整", "whether every amount is there, in one unit", required=True),
        text("basis", "依据", "in words: the amounts, or what is missing", required=True),
        MART_ORIGIN,
    ),
    ("region_code", "year", "indicator", "definition"),
)


def chosen_amounts(returns: ir.Table, preference: ir.Table, parts: ir.Table) -> ir.Table:
    """The rows of core.statistical_returns that a rate may be made of: one series per code, region and year."""
    whole = returns.filter(
        (returns.stratum == "all")
        & (returns.period == returns.year.cast("string"))
        & returns.value.notnull()
        & ~returns.lower_bound.fill_null(False)
    ).semi_join(parts, returns.indicator_code == parts.code)
    return chosen_series(whole, preference, "environment_returns", ["region_code", "year", "indicator_code"])


def environment_returns(returns: ir.Table, preference: ir.Table, definitions: ir.Table, parts: ir.Table) -> ir.Table:
    """Columns of ENVIRONMENT_RETURN from core.statistical_returns: whole years, the whole region, no bounds.

    rate = Σ sign·amount of the numerator ÷ Σ sign·amount of the denominator (clause 二(二)2 环境 and the
    definitions' own notes). Empty with the reason unless every amount is reported in one unit and the
    denominator is positive: an amount that is not there may not be zero.
    """
    amounts = chosen_amounts(returns, preference, parts)
    reported = amounts.select("region_code", "year", "unit", "value", "origin", code="indicator_code")
    key = ["region_code", "year", "indicator", "definition"]
    asked = reported.join(parts, "code").select(*key).distinct().join(parts, ["indicator", "definition"])
    rows = asked.left_join(reported, ["region_code", "year", "code"])
    rows = rows.drop(*(name for name in rows.columns if name.endswith("_right")))
    signed = (rows.value * rows.sign).cast("decimal(38, 6)")
    there = rows.value.notnull()
    told = ibis.ifelse(rows.sign < 0, "− ", "") + rows.code + " " + rows.value.cast("float64").cast("string")
    sums = rows.group_by(key).aggregate(
        above=signed.sum(where=rows.side == "numerator"),
        below=signed.sum(where=rows.side == "denominator"),
        missing=rows.code.group_concat(", ", where=~there, order_by=rows.code),
        units=rows.unit.fill_null("without unit").nunique(where=there),
        unit=rows.unit.min(),
        listed=told.group_concat(", ", where=there, order_by=[rows.side.desc(), rows.sign.desc(), rows.code]),
        origin=origin_of(rows.origin),
    )
    named = sums.join(definitions, ["indicator", "definition"])
    whole_sum = named.missing.isnull() & (named.units == 1)
    sound = whole_sum & (named.below > 0) & (named.above >= 0)
    rate = named.above.cast("float64") * 100 / named.below.cast("float64").nullif(0)
    why = ibis.cases(
        (named.missing.notnull(), "; no rate: not reported " + named.missing),
        (named.units > 1, "; no rate: the amounts are in different units"),
        (~sound, "; no rate: the denominator must be positive and the numerator not negative"),
        (rate > 100, "; above 100 %: look at the amounts of earlier years"),
        else_="",
    )
    return named.select(
        *key,
        "headline",
        "origin",
        numerator=ibis.ifelse(whole_sum, named.above, ibis.null()),
        denominator=ibis.ifelse(whole_sum, named.below, ibis.null()),
        unit=ibis.ifelse(named.units == 1, named.unit, ibis.null("string")),
        rate_pct=ibis.ifelse(sound, rate, ibis.null("float64")),
        complete=sound,
        basis=named.note + ": " + named.listed + why,
    ).select(*ENVIRONMENT_RETURN.names)


def environment_return_contribution(inputs: Inputs) -> ir.Table:
    """The contribution of computed environment rates, from the warehouse."""
    rates = inputs.table(ENVIRONMENT_RETURN.name)
    return contribution(
        rates.mutate(
            value=rates.rate_pct,
            unit=ibis.literal("%"),
            numerator=rates.numerator.cast("float64"),
            denominator=rates.denominator.cast("float64"),
        )
    )


def _build(inputs: Inputs) -> ir.Table:
    return environment_returns(
        inputs.table("core.statistical_returns").semi_join(inputs.dirty, ["region_code", "year"]),
        inputs.table("standard.economy_series_preference"),
        inputs.table(RETURN_DEFINITION.name),
        inputs.table(RETURN_PART.name),
    )


ENVIRONMENT_RETURN_MART = Mart(
    table=ENVIRONMENT_RETURN,
    subject="environment",
    scope=("region_code", "year"),
    upstream=(Upstream("core.statistical_returns"),),
    build=_build,
    reads=("standard.economy_series_preference", RETURN_DEFINITION.name, RETURN_PART.name),
)
