"""mart.town_status: verdicts on towns by a plan that the city supplies, and their places.

Belongs here: judging each town by the one status engine, the mart. Does not belong here: rules of a verdict
(`assets.status`), who shares a place (`assets.towns.ranking`), the town plan's shape (`assets.plan.towns`).

Without a town plan there is no row: a town is not held to the city's targets.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.indicators import INDICATOR_VALUE
from assets.periods import INDICATOR_PERIOD
from assets.plan.tables import INDICATOR, TOWN_TARGET, plan_statements
from assets.plan.towns import ALL, TOWN_PLAN
from assets.regions import REGION
from assets.status.marts import INDICATOR_STATUS, indicator_status
from assets.towns.contribution import ZONE
from assets.towns.ranking import UNRANKED, ranked
from sources.registry import Table, integer, text
from warehouse.marts import Inputs, Mart, Upstream

TOWN_STATUS = Table(
    "mart.town_status",
    "镇街状态",
    "Verdict on every town by a town plan of the city, and its place where the differences allow one",
    (
        text("town_plan", "镇街方案", "code of the town plan", required=True),
        *INDICATOR_STATUS.columns,
        integer(
            "rank", "名次", "place among the towns of the year, 1 = best; towns that cannot be told apart share it"
        ),
        integer("ranked", "参与排名数", "towns that have a place"),
        text("unranked_because", "不排名原因", "why there is no place", codes=UNRANKED),
    ),
    ("town_plan", *INDICATOR_STATUS.key),
    warnings=("overlapping 95 % intervals share a place; never order towns by value alone",),
)

#: Between the code of a town plan and that of a town; codes of plans do not hold it.
_OF = "/"


def town_statuses(
    statements: ir.Table,
    town_plans: ir.Table,
    targets: ir.Table,
    values: ir.Table,
    periods: ir.Table,
    regions: ir.Table,
    as_of: ir.Value,
) -> ir.Table:
    """Rows of `TOWN_STATUS`: every town that is valid at the end of a year × indicator of its town plan.

    `statements`: plan_statements; `town_plans`, `targets`: mart.town_plan, mart.town_target; the rest as for
    `indicator_status`. The status engine sees the plan of one town as a plan, so that its rules stand once.
    """
    known = regions.select(town="code", city="parent_code", zone=regions.level == ZONE).distinct()
    cities = statements.select("plan", city="region_code").distinct()
    pairs = town_plans.select("town_plan", "plan", named="region_code").join(cities, "plan").join(known, "city")
    pairs = pairs.filter(((pairs.named == ALL) & ~pairs.zone) | (pairs.named == pairs.town))
    pairs = pairs.select("town_plan", "plan", "town").distinct()
    pairs = pairs.mutate(own=pairs.town_plan + _OF + pairs.town)
    asked = targets.rename(town_plan="plan").join(pairs.select("town_plan", "own", "town"), "town_plan")
    wanted = targets.select("indicator", town_plan="plan").distinct()
    said = statements.drop("region_code").join(pairs, "plan").semi_join(wanted, ["town_plan", "indicator"])
    judged = indicator_status(
        said.mutate(plan=said.own, region_code=said.town).select(*statements.columns),
        asked.mutate(plan=asked.own).select(*targets.columns),
        _of_towns(values, pairs),
        _of_towns(periods, pairs),
        as_of,
    )
    rows = judged.rename(own="plan").join(pairs.drop("town"), "own").drop("own")
    rows = _valid(rows, regions)
    traits = statements.select("plan", "indicator", "better")
    # Named before the join: a scalar query inside a comparison is written with a name that SQL does not allow there.
    rows = rows.mutate(as_of=as_of).join(traits, ["plan", "indicator"])
    rows = rows.mutate(year_over=rows.as_of >= ibis.date(rows.year, 12, 31))
    headline = ranked(rows.filter(rows.headline))
    others = rows.filter(~rows.headline).mutate(
        rank=ibis.null("int64"), ranked=ibis.null("int64"), unranked_because=ibis.null("string")
    )
    return headline.select(*TOWN_STATUS.names).union(others.select(*TOWN_STATUS.names))


def _of_towns(rows: ir.Table, pairs: ir.Table) -> ir.Table:
    """`rows` of a plan as rows of each town plan's single towns."""
    own = rows.join(pairs.select("plan", "own", region_code="town"), ["plan", "region_code"])
    return own.mutate(plan=own.own).select(*rows.columns)


def _valid(rows: ir.Table, regions: ir.Table) -> ir.Table:
    """Only towns that were there on the last day of the year."""
    end = ibis.date(rows.year, 12, 31)
    spans = regions.select(code="code", first="valid_from", last="valid_to")
    there = [
        rows.region_code == spans.code,
        spans["first"] <= end,
        (spans["last"] > end) | spans["last"].isnull(),
    ]
    return rows.semi_join(spans, there)


def _build(inputs: Inputs) -> ir.Table:
    return town_statuses(
        plan_statements(inputs),
        inputs.table(TOWN_PLAN.name),
        inputs.table(TOWN_TARGET.name),
        inputs.table(INDICATOR_VALUE.name),
        inputs.table(INDICATOR_PERIOD.name),
        inputs.table(REGION.name),
        inputs.table("meta.as_of").as_of.max().as_scalar(),
    )


TOWN_STATUS_MART = Mart(
    table=TOWN_STATUS,
    subject="scorecard",
    scope=(),
    upstream=(Upstream(INDICATOR_VALUE.name), Upstream(INDICATOR_PERIOD.name), Upstream(REGION.name)),
    build=_build,
    reads=(INDICATOR.name, TOWN_PLAN.name, TOWN_TARGET.name, "meta.as_of"),
)
