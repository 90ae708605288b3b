"""What energy contributes to the plan: the fall of energy per 10 000 yuan of GDP from the base year.

Belongs here: one row per region, year and reading of the indicator. Does not belong here: the
readings (`standard.energy_definition`), verdicts (`assets.status`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.contribution import contribution
from assets.energy.intensity import ENERGY_INDICATOR
from warehouse.marts import Inputs


def energy_reductions(per_gdp: ir.Table, definitions: ir.Table) -> ir.Table:
    """Rows of assets.contribution.CONTRIBUTION from mart.energy_per_10k_gdp, years after the base year.

    value = reduction_pct of the reading's scope, electricity and prices, in %; null with the reason
    in `basis` where no comparable base year or no GDP is there.
    """
    joined = per_gdp.join(definitions, ["consumption_scope", "electricity_basis", "price_base"])
    later = joined.filter(joined.year > joined.base_year)
    return contribution(
        later.mutate(
            indicator=ibis.literal(ENERGY_INDICATOR),
            value=later.reduction_pct,
            unit=ibis.literal("%"),
            complete=later.complete & later.reduction_pct.notnull(),
            basis=later.note + "; " + later.basis,
        )
    )


def energy_contribution(inputs: Inputs) -> ir.Table:
    """The contribution of energy, from the warehouse."""
    return energy_reductions(inputs.table("mart.energy_per_10k_gdp"), inputs.table("standard.energy_definition"))
