"""Yearly growth of a register: how many more first awards than in the year before, in per cent.

Belongs here: growth of counts. Does not belong here: the counts themselves and what makes them
complete (`assets.registers`), what growth is asked (`assets/plans`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.contribution import contribution
from assets.energy.series import joint_origin
from assets.plan.model import Comparator, Measure
from assets.plan.tables import COUNTED_REGISTER, TARGET, plan_statements
from assets.regions import REGION
from assets.registers import register_counts
from warehouse.marts import Inputs


def growing_registers(indicators: ir.Table) -> ir.Table:
    """The indicators that ask for a yearly growth of their register, put as counts of the year."""
    asked = indicators.filter(
        indicators.measure == Measure.CHANGE.value,
        indicators.comparator == Comparator.PER_YEAR_AT_LEAST.value,
    )
    return asked.mutate(measure=ibis.literal(Measure.COUNT.value))


def register_growth(counts: ir.Table) -> ir.Table:
    """Rows of CONTRIBUTION from counts of years: 100 · (count_t − count_{t−1}) ÷ count_{t−1}.

    `counts`: rows of `assets.registers.register_counts` for `growing_registers`. Null where the year
    before has no count, or none above zero; complete when both years are.
    """
    before = counts.select(
        "plan", "indicator", "region_code", "definition",
        year=counts.year + 1, earlier=counts.value, earlier_complete=counts.complete, earlier_origin=counts.origin,
    )  # fmt: skip
    keys = ["plan", "indicator", "region_code", "definition", "year"]
    rows = counts.left_join(before, keys).drop(*(f"{key}_right" for key in keys))
    growth = (rows.value - rows.earlier) * 100 / rows.earlier.nullif(0)
    previous = ibis.ifelse(
        rows.earlier.isnull(), "none known in ", rows.earlier.cast("int64").cast("string") + " in "
    ) + (rows.year - 1).cast("string")
    return contribution(
        rows.mutate(
            value=growth,
            unit=ibis.literal("%"),
            numerator=rows.value,
            denominator=rows.earlier,
            complete=rows.complete & rows.earlier_complete.fill_null(False),
            basis=rows.basis + "; " + previous,
            origin=joint_origin(rows.origin, rows.earlier_origin),
        )
    )


def register_growth_contribution(inputs: Inputs) -> ir.Table:
    """The contribution of growing registers, from the warehouse, for the plan's years up to the as-of date."""
    as_of = inputs.table("meta.as_of").as_of.max().as_scalar()
    years = inputs.table(TARGET.name).select("plan", "year").distinct()
    counts = register_counts(
        inputs.table("core.register_events"),
        inputs.table("core.statistical_returns"),
        growing_registers(plan_statements(inputs)),
        inputs.table(COUNTED_REGISTER.name),
        years.union(years.mutate(year=years.year - 1), distinct=True).filter(ibis._.year <= as_of.year()),
        inputs.table(REGION.name),
    )
    growth = register_growth(counts)
    return growth.semi_join(years, ["plan", "year"])
