"""Before or after rounding: which number is compared with a limit.

Belongs here: the two ways of GB/T 8170-2008 (4.3.2 the whole value, 4.3.3 the rounded one) and choosing
between them. Does not belong here: limits and classes (`assets.water.grading`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.exact import half_even_div, scaled, unscaled
from assets.joins import beside
from assets.water.standards import ROUNDED

#: Type of a level: six digits of a record, three of µg/L, one of a half limit.
DIGITS = 10
LEVEL = f"decimal(28, {DIGITS})"

#: Holds every usable level; times 10^DIGITS it still is a whole number of 64 bits.
USABLE = f"decimal(18, {DIGITS})"


def power_of_ten(digits: ir.IntegerValue) -> ir.IntegerValue:
    """10^(DIGITS − digits): how many units of the last place of a level make one of `digits` digits."""
    return ibis.cases(*((digits == d, 10 ** (DIGITS - d)) for d in range(DIGITS + 1))).cast("int64")


def rounded_ratio(total: ir.IntegerValue, count: ir.IntegerValue, digits: ir.IntegerValue) -> ir.DecimalValue:
    """total ÷ count to `digits` digits, once, half to even (GB/T 8170); total in units of 10^-DIGITS."""
    step = power_of_ten(digits)
    return unscaled(half_even_div(total, count * step) * step, DIGITS, 28, DIGITS)


def rounded_level(level: ir.DecimalValue, digits: ir.IntegerValue) -> ir.DecimalValue:
    """A usable level to `digits` digits, half to even."""
    step = power_of_ten(digits)
    return unscaled(half_even_div(scaled(level.cast(USABLE), DIGITS), step) * step, DIGITS, 28, DIGITS)


def with_way(rows: ir.Table, judging: ir.Table, period: str) -> ir.Table:
    """`rows` (series, first, …) with `judged_on`: how standard.water_judging compares them on their first day.

    `period`: sample, month, year or source_month. Of several entries the lowest rank counts, then the latest, then
    the name of the series.
    """
    asked = rows.select("series", "first").distinct()
    offered = judging.filter(judging.period == period).select("rank", "judged_on", "valid_from", pattern=judging.series)
    fitting = asked.join(offered, [asked.series.like(offered.pattern), offered.valid_from <= asked["first"]])
    place = ibis.row_number().over(
        ibis.window(
            group_by=[fitting.series, fitting["first"]],
            order_by=[fitting["rank"].asc(), fitting.valid_from.desc(), fitting.pattern.asc()],
        )
    )
    chosen = fitting.mutate(place=place).filter(ibis._.place == 0).select("series", "first", "judged_on")
    return beside(rows, chosen, ["series", "first"])


def judged(unrounded: ir.DecimalValue, rounded: ir.DecimalValue, way: ir.StringValue) -> ir.DecimalValue:
    """The number that is compared with a limit."""
    return ibis.ifelse(way == ROUNDED, rounded, unrounded)
