"""mart.indicator_value: every value of every indicator, whoever computed it.

Belongs here: bringing the subjects' contributions together, one headline per indicator, region and
year. Does not belong here: any subject's calculation, targets or verdicts (`assets.status`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ibis
import ibis.expr.types as ir

from assets.accounts import account_contribution
from assets.air.years import air_contribution
from assets.contribution import CONTRIBUTION
from assets.energy.contribution import energy_contribution
from assets.environment.emissions import emission_contribution
from assets.environment.index import environment_contribution
from assets.environment.returns import environment_return_contribution
from assets.evidence import monitoring_contribution, sampling_contribution, yearly_changes
from assets.margins import provincial_margins
from assets.pass_rates import margin_contribution, pass_rate_contribution
from assets.plan.tables import COUNTED_REGISTER, INDICATOR, SUPPORTING, TARGET, plan_statements
from assets.regions import REGION
from assets.register_growth import register_growth_contribution
from assets.registers import register_contribution
from assets.returns import returned_contribution
from assets.water.source_rates import water_contribution
from sources.registry import Table, text
from warehouse.marts import Inputs, Mart, Upstream

INDICATOR_VALUE = Table(
    "mart.indicator_value",
    "指标数值",
    "Values of the plan's indicators, by region, year and definition",
    (text("plan", "规划", "plan", required=True), *CONTRIBUTION[1:]),
    ("plan", "indicator", "region_code", "year", "definition"),
    warnings=("values of rising and falling indicators are levels; the verdict looks at their change",),
)


def union_contributions(parts: Sequence[ir.Table]) -> ir.Table:
    """The parts under one another, with `rank` = place in the list, counted from 0."""
    ranked = [part.mutate(rank=ibis.literal(place)) for place, part in enumerate(parts)]
    return ibis.union(*ranked) if len(ranked) > 1 else ranked[0]


def computed_by(name: str, part: ir.Table) -> ir.Table:
    """The contribution `part`, signed with the name of who computed it."""
    return part.mutate(computed_by=ibis.literal(name))


def settled(contributions: ir.Table, indicators: ir.Table) -> ir.Table:
    """One row per plan, indicator, region, year and definition, and at most one headline among definitions.

    `contributions`: as from `union_contributions`; one that names no plan is for each of them. Where two
    parts give the same definition, the one with a value wins, then the earlier part: what is computed here
    stands before what is returned. Headline among those that claim it or follow the plan's
    headline_definition: one with a value, then the plan's definition, then the earlier part.
    """
    key = ["plan", "indicator", "region_code", "year"]
    plans = indicators.select(for_plan=indicators.plan).distinct()
    rows = contributions.cross_join(plans)
    rows = rows.filter(rows.plan.isnull() | (rows.plan == rows.for_plan)).drop("plan").rename(plan="for_plan")
    rows = rows.left_join(indicators.select("plan", "indicator", "headline_definition"), ["plan", "indicator"])
    rows = rows.drop("plan_right", "indicator_right")
    rows = rows.mutate(
        void=rows.value.isnull(),
        meant=(rows.definition == rows.headline_definition).fill_null(False),
    )
    same = ibis.window(group_by=[*key, "definition"], order_by=[rows.void, rows.rank])
    rows = rows.mutate(place=ibis.row_number().over(same)).filter(lambda t: t.place == 0)
    rows = rows.mutate(claims=rows.headline | rows.meant)
    best = ibis.window(
        group_by=key,
        order_by=[ibis.desc(rows.claims), rows.void, ibis.desc(rows.meant), rows.rank, rows.definition],
    )
    rows = rows.mutate(headline=rows.claims & (ibis.row_number().over(best) == 0))
    return rows.select(*(column.name for column in CONTRIBUTION))


def indicator_values(parts: Sequence[ir.Table], indicators: ir.Table, like: ir.Table | None = None) -> ir.Table:
    """Rows of `INDICATOR_VALUE` from the subjects' contributions, the margins and changes derived from them.

    `like`: margins that a subject took itself, like with like; where it has one, none is derived.
    Contributions under codes that are no indicator of the plan serve those and are left out after that.
    """
    direct = settled(union_contributions(parts), indicators)
    changes = computed_by(CHANGE, yearly_changes(direct, indicators))
    margins = computed_by(MARGIN, provincial_margins(direct, indicators))
    if like is None:
        everything = union_contributions([margins, changes, direct])
    else:
        margins = margins.anti_join(like, ["plan", "indicator", "region_code", "year"])
        everything = union_contributions([like, margins, changes, direct])
    values = settled(everything, indicators)
    return values.semi_join(indicators, ["plan", "indicator"]).select(*INDICATOR_VALUE.names)


def _build(inputs: Inputs) -> ir.Table:
    return indicator_values(
        [computed_by(name, part(inputs)) for name, part in CONTRIBUTORS.items()],
        plan_statements(inputs),
        computed_by(LIKE_MARGIN, margin_contribution(inputs)),
    )


#: What is derived from other values, and the margins that pass rates take themselves.
CHANGE, MARGIN, LIKE_MARGIN = "yearly_change", "margin", "pass_rate_margin"

#: Who contributes, in order of precedence: computed values first, returned figures last.
CONTRIBUTORS: dict[str, Callable[[Inputs], ir.Table]] = {
    "air": air_contribution,
    "water_sources": water_contribution,
    "pass_rates": pass_rate_contribution,
    "energy": energy_contribution,
    "emissions": emission_contribution,
    "environment_index": environment_contribution,
    "environment_returns": environment_return_contribution,
    "accounts": account_contribution,
    "registers": register_contribution,
    "register_growth": register_growth_contribution,
    "sampling": sampling_contribution,
    "monitoring": monitoring_contribution,
    "returns": returned_contribution,
}

#: The facts that contributors read directly.
CONTRIBUTING_FEEDS: tuple[str, ...] = (
    "core.register_events",
    "core.statistical_returns",
    "core.economic_accounts",
    "core.spot_checks",
)

#: The subjects' marts that contributors read.
CONTRIBUTING_MARTS: tuple[str, ...] = (
    "mart.air_city_year",
    "mart.source_compliance",
    "mart.pass_rate",
    "mart.pass_rate_margin",
    "mart.energy_per_10k_gdp",
    "mart.emission_reduction",
    "mart.environment_index",
    "mart.environment_return",
)

#: What contributors read besides: definitions and mappings of the subjects.
CONTRIBUTING_REFERENCES: tuple[str, ...] = (
    "standard.air_definition",
    "standard.water_source_definition",
    "standard.pass_rate_indicator",
    "standard.pass_rate_category",
    "standard.series_frame",
    "standard.energy_definition",
    "standard.money_unit",
    "standard.economy_series_preference",
    "standard.emission_pollutant",
    "standard.emission_scope",
    "standard.environment_index_definition",
)

INDICATOR_VALUE_MART = Mart(
    table=INDICATOR_VALUE,
    version=4,
    subject="scorecard",
    scope=(),
    upstream=tuple(Upstream(name) for name in (*CONTRIBUTING_FEEDS, REGION.name, *CONTRIBUTING_MARTS)),
    build=_build,
    reads=(
        INDICATOR.name,
        TARGET.name,
        COUNTED_REGISTER.name,
        SUPPORTING.name,
        "meta.as_of",
        *CONTRIBUTING_REFERENCES,
    ),
)
