"""Compounding of yearly changes: cumulative falls, progress to a target, the yearly pace still needed.

Belongs here: arithmetic on rates, as expressions. Does not belong here: rates that were measured
(`mart.energy_per_10k_gdp`) or targets (`assets/plans`).

Rates and targets are fractions (0.2 = 20 %); a fall is a negative change. Adding yearly falls is
wrong: five of 4 % make 18.46 %, not 20 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import mul

import ibis
import ibis.expr.types as ir


def running_product(
    ratio: ir.FloatingColumn, group: Sequence[ir.Value], order: ir.Value, longest: int
) -> ir.FloatingColumn:
    """The product of a row's ratio and those before it in `group`, at most `longest` of them.

    Multiplied in the order of the rows, so that every engine multiplies the same doubles in the same
    order; a product over fewer than all rows is the caller's to filter out.
    """
    back = ibis.window(group_by=list(group), order_by=order)
    earlier = [ratio.lag(steps).over(back).fill_null(1.0) for steps in range(longest - 1, 0, -1)]
    return reduce(mul, [*earlier, ratio])


def progress_to_target(remaining: ir.FloatingValue, target: ir.FloatingValue) -> ir.FloatingValue:
    """ln(remaining) ÷ ln(1 − target): share of the way to a compounded target; negative after a rise.

    `remaining` = Π(1 + change). 1 means that the target is reached. Null unless remaining is positive
    and the target between 0 and 1 (practice of the Qinghai statistics bureau).
    """
    sound = (remaining > 0) & (target > 0) & (target < 1)
    # ln 1 ÷ ln 0.8 is minus zero, which a reader takes for a mistake.
    nothing = ibis.ifelse(remaining == 1, 0.0, remaining.ln() / (1 - target).ln())
    return ibis.ifelse(sound, nothing, ibis.null("float64"))


def yearly_pace(
    target: ir.FloatingValue, years: ir.IntegerValue, remaining: ir.FloatingValue | float = 1.0
) -> ir.FloatingValue:
    """1 − ((1 − target) ÷ remaining)^(1/years): equal yearly fall for the years that are left.

    20 % in five years needs 4.3648 % a year. Negative when the target is surpassed already. Null when no
    year is left, or where `progress_to_target` has no answer.
    """
    left = ibis.literal(remaining) if isinstance(remaining, float) else remaining
    sound = (years >= 1) & (left > 0) & (target > 0) & (target < 1)
    pace = 1 - ((1 - target) / left) ** (1 / years.cast("float64"))
    return ibis.ifelse(sound, pace, ibis.null("float64"))
