"""The number that a plan asks for in the end, for calculations that say what is still needed.

Belongs here: one target per region. Does not belong here: what is asked in each year and verdicts
(`assets.plan.rows`, `assets.status`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.plan.tables import INDICATOR, TARGET
from warehouse.marts import Inputs

LAST_TARGET_READS = (TARGET.name, INDICATOR.name)


def last_target(inputs: Inputs, indicator: str) -> ir.Table:
    """region_code, target (in the indicator's unit), target_year: the last target of the region's plan."""
    asked = inputs.table(TARGET.name)
    statements = inputs.table(INDICATOR.name).select("plan", "region_code", indicator="code")
    rows = asked.filter((asked.indicator == indicator) & asked.target.notnull()).join(statements, ["plan", "indicator"])
    latest = ibis.window(group_by=rows.region_code, order_by=[rows.target_year.desc(), rows.year.desc(), rows.plan])
    first = rows.mutate(place=ibis.row_number().over(latest)).filter(ibis._.place == 0)
    return first.select("region_code", "target", "target_year")
