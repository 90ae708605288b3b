"""mart.town_contribution: what each town has in the city's number.

Belongs here: the share of a town in the city's counts, and what the city's number would be without it. Does
not belong here: whether a town does well (`assets.towns.verdicts`): a large town has a large part in good and bad.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.energy.series import joint_origin
from assets.exact import origin_of
from assets.indicators import INDICATOR_VALUE
from assets.plan.model import Measure
from assets.plan.tables import INDICATOR, plan_statements
from assets.regions import REGION
from sources.registry import MART_ORIGIN, Table, boolean, codes, double, integer, text
from warehouse.marts import Inputs, Mart, Upstream

TOWN, REST = "town", "rest"

#: Level of a unit that is no division: its figures are also those of towns (reading 21 of the plan of Yixing).
ZONE = "zone"

TOWN_CONTRIBUTION = Table(
    "mart.town_contribution",
    "镇街贡献",
    "What each town or subdistrict has in the city's number, and what no town has told",
    (
        text("plan", "规划", "plan", required=True),
        text("indicator", "指标代码", "code of the indicator", required=True),
        text("region_code", "行政区划代码", "town or subdistrict; the city itself for the rest", required=True),
        text("part", "部分", "a town, or what the city has and no town told", required=True,
             codes=codes((TOWN, "镇街", "a town or subdistrict"), (REST, "其余", "the city less all its towns"))),
        integer("year", "年份", "calendar year", required=True),
        text("definition", "口径", "definition that both values follow", required=True),
        text("unit", "单位", "unit of value, contribution, effect and city_value"),
        double("value", "数值", "own value of the part; empty where it has no denominator"),
        double("numerator", "分子", "numerator; for counts the count"),
        double("denominator", "分母", "denominator; empty for counts"),
        double("weight", "权重", "share of the city's denominator, for counts of its count", unit="%"),
        double("contribution", "贡献", "part of the city's value; all parts of a year add up to it"),
        double("effect", "影响", "city's value less what it would be without this part; empty for the rest"),
        double("city_value", "全市数值", "value of the city"),
        boolean("complete", "完整", "whether the data of the part and of the city are complete", required=True),
        MART_ORIGIN,
    ),
    ("plan", "indicator", "region_code", "year", "definition"),
    warnings=("a contribution says how large a town is as much as how good; compare values, not contributions",),
)  # fmt: skip

_EXACT = "decimal(38, 6)"


def town_contributions(values: ir.Table, statements: ir.Table, regions: ir.Table) -> ir.Table:
    """Rows of `TOWN_CONTRIBUTION` for shares, ratios and counts that both the city and a town report.

    `values`: mart.indicator_value; `statements`: plan_statements; `regions`: mart.region. Shares and ratios need both
    counts on both sides; zones are left out. The rest is the city's counts less those of all towns; below zero the
    towns told more.
    """
    measures = (Measure.SHARE.value, Measure.RATIO.value, Measure.COUNT.value)
    asked = statements.filter(statements.measure.isin(measures))
    asked = asked.select("plan", "indicator", "measure", city="region_code")
    told = values.filter(values.headline & values.value.notnull()).join(asked, ["plan", "indicator"])
    counted = told.measure == Measure.COUNT.value
    told = told.mutate(
        top=ibis.ifelse(counted, told.value, told.numerator).cast(_EXACT),
        bottom=ibis.ifelse(counted, ibis.null("float64"), told.denominator).cast(_EXACT),
        scale=ibis.ifelse(told.measure == Measure.SHARE.value, 100.0, 1.0),
    )
    told = told.filter(told.top.notnull() & (counted | (told.bottom > 0)))
    key = ["plan", "indicator", "city", "year", "definition"]
    city = told.filter(told.region_code == told.city).select(
        *key, "measure", "scale", "unit", city_value="value", city_top="top", city_bottom="bottom",
        city_complete="complete", city_origin="origin",
    )  # fmt: skip
    below = regions.filter(regions.level != ZONE).select(region_code="code", city="parent_code").distinct()
    towns = told.semi_join(below, ["region_code", "city"])
    columns = [*key, "region_code", "top", "bottom", "complete", "origin"]
    parts = towns.select(*columns).join(city, key).mutate(part=ibis.literal(TOWN))
    sums = towns.group_by(key).agg(
        told=towns.top.sum(), told_bottom=towns.bottom.sum(), complete=towns.complete.all(),
        origin=origin_of(towns.origin),
    )  # fmt: skip
    rest = sums.join(city, key)
    rest = rest.mutate(
        region_code=rest.city, top=rest.city_top - rest.told, bottom=rest.city_bottom - rest.told_bottom,
        part=ibis.literal(REST),
    ).select(*parts.columns)  # fmt: skip
    return _weighed(parts.union(rest)).select(*TOWN_CONTRIBUTION.names)


def _weighed(rows: ir.Table) -> ir.Table:
    top, bottom = rows.top.cast("float64"), rows.bottom.cast("float64")
    city_top, city_bottom = rows.city_top.cast("float64"), rows.city_bottom.cast("float64")
    counted, whole = rows.measure == Measure.COUNT.value, rows.part == REST
    without = rows.scale * (city_top - top) / (city_bottom - bottom).nullif(0)
    return rows.mutate(
        value=ibis.ifelse(counted, top, rows.scale * top / bottom.nullif(0)),
        numerator=top,
        denominator=bottom,
        weight=100 * ibis.ifelse(counted, top / city_top.nullif(0), bottom / city_bottom),
        contribution=ibis.ifelse(counted, top, rows.scale * top / city_bottom),
        effect=ibis.cases((whole, ibis.null("float64")), (counted, top), else_=rows.city_value - without),
        complete=rows.complete & rows.city_complete,
        origin=joint_origin(rows.origin, rows.city_origin),
    )


def _build(inputs: Inputs) -> ir.Table:
    return town_contributions(inputs.table(INDICATOR_VALUE.name), plan_statements(inputs), inputs.table(REGION.name))


TOWN_CONTRIBUTION_MART = Mart(
    table=TOWN_CONTRIBUTION,
    subject="scorecard",
    scope=(),
    upstream=(Upstream(INDICATOR_VALUE.name), Upstream(REGION.name)),
    build=_build,
    reads=(INDICATOR.name,),
)
