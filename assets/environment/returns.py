"""mart.environment_return: environment rates from the amounts that they are made of.

Belongs here: solid waste, household waste, sewage, protection zone 1, noise, by numerator and
denominator. Does not belong here: which amounts make a rate (`assets/standards/environment_returns.yaml`),
rates that are returned as such (`assets.returns`), verdicts.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import ibis
import ibis.expr.types as ir
import polars as pl

from assets.contribution import contribution
from assets.energy.series import chosen_series
from assets.exact import origin_of
from assets.reference import STANDARDS, load, reference_frame
from sources.registry import MART_ORIGIN, Table, boolean, codes, decimal, double, integer, text
from warehouse.marts import Inputs, Mart, ReferenceTable, Upstream

RETURNS_FILE = STANDARDS / "environment_returns.yaml"

_INDICATOR = text("indicator", "指标代码", "rate: code of the plan, or part of the composite index", required=True)
_DEFINITION = text("definition", "口径", "name of the definition", required=True)

RETURN_COMPONENT = Table(
    "standard.environment_return_component",
    "环境报送分量",
    "Amounts that environment rates are made of, as codes of statistical returns",
    (
        text("code", "代码", "code in returns", required=True),
        text("zh", "名称", "name in Chinese", required=True),
        text("en", "英文名称", "name in English", required=True),
    ),
    ("code",),
)

RETURN_DEFINITION = Table(
    "standard.environment_return_definition",
    "环境报送指标定义",
    "Environment rates by definition",
    (
        _INDICATOR,
        _DEFINITION,
        boolean("headline", "主口径", "whether the plan means this definition", required=True),
        text("clause", "条款", "clause of the plan", required=True),
        text("note", "说明", "the definition in words", required=True),
    ),
    ("indicator", "definition"),
)

RETURN_PART = Table(
    "standard.environment_return_part",
    "环境报送指标构成",
    "Which amounts make the numerator and the denominator of a definition, and with which sign",
    (
        _INDICATOR,
        _DEFINITION,
        text(
            "side",
            "分子或分母",
            "where the amount enters",
            required=True,
            codes=codes(("numerator", "分子", "numerator"), ("denominator", "分母", "denominator")),
        ),
        text("code", "代码", "amount", required=True),
        integer("sign", "正负号", "1: added; -1: taken off", required=True),
    ),
    ("indicator", "definition", "side", "code"),
)

ENVIRONMENT_RETURN = Table(
    "mart.environment_return",
    "环境报送指标",
    "Environment rates from reported amounts, by definition",
    (
        text("region_code", "行政区划代码", "region", required=True),
        integer("year", "年份", "calendar year", required=True),
        _INDICATOR,
        _DEFINITION,
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


def components(path: Path = RETURNS_FILE) -> pl.DataFrame:
    """Rows of RETURN_COMPONENT."""
    return reference_frame(RETURN_COMPONENT, load(path)["components"])


def definitions(path: Path = RETURNS_FILE) -> pl.DataFrame:
    """Rows of RETURN_DEFINITION."""
    entries = load(path)["definitions"]
    return reference_frame(RETURN_DEFINITION, [{k: entry[k] for k in RETURN_DEFINITION.names} for entry in entries])


def parts(path: Path = RETURNS_FILE) -> pl.DataFrame:
    """Rows of RETURN_PART. Raises `ValueError` for an amount that is no listed component."""

    def entries() -> Iterator[dict[str, str]]:
        for entry in load(path)["definitions"]:
            named = {name: entry[name] for name in ("indicator", "definition")}
            for side in ("numerator", "denominator"):
                for word, sign in (("plus", "1"), ("minus", "-1")):
                    for code in entry[side].get(word, []):
                        yield named | {"side": side, "code": code, "sign": sign}

    frame = reference_frame(RETURN_PART, list(entries()))
    if unknown := sorted(set(frame["code"]) - set(components(path)["code"])):
        raise ValueError(f"{RETURN_PART.name}: found {unknown}; accepted: codes of {RETURN_COMPONENT.name}")
    return frame


RETURN_REFERENCES = (
    ReferenceTable(RETURN_COMPONENT, components),
    ReferenceTable(RETURN_DEFINITION, definitions),
    ReferenceTable(RETURN_PART, parts),
)


def environment_returns(returns: ir.Table, preference: ir.Table, definitions: ir.Table, parts: ir.Table) -> ir.Table:
    """Columns of ENVIRONMENT_RETURN from core.statistical_returns: whole years, the whole region, no bounds.

    rate = Σ sign·amount of the numerator ÷ Σ sign·amount of the denominator (clause 二(二)2 环境 and the
    definitions' own notes). Empty with the reason unless every amount is reported in one unit and the
    denominator is positive: an amount that is not there may not be zero.
    """
    whole = returns.filter(
        (returns.stratum == "all")
        & (returns.period == returns.year.cast("string"))
        & returns.value.notnull()
        & ~returns.lower_bound.fill_null(False)
    ).semi_join(parts, returns.indicator_code == parts.code)
    amounts = chosen_series(whole, preference, "environment_returns", ["region_code", "year", "indicator_code"])
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
