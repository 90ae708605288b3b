"""A share of counted units in per cent, its interval, and the interval of a difference of two shares.

Belongs here: the arithmetic. Does not belong here: the level, z and which method is in use
(`standard.interval`). Formulas: standards facts, section 6.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from assets.pass_rates.exact_interval import LISTED, low_end
from assets.pass_rates.standards import CLOPPER_PEARSON, Interval

#: Both ends of an interval.
Ends = tuple[ir.FloatingValue, ir.FloatingValue]


def percent(passed: ir.IntegerValue, inspected: ir.IntegerValue) -> ir.FloatingValue:
    """100 · passed ÷ inspected, one division of whole numbers; null when nothing was inspected."""
    return passed.cast("float64") * 100 / inspected.nullif(0).cast("float64")


def wilson(passed: ir.NumericValue, inspected: ir.IntegerValue, z: float | ir.FloatingValue) -> Ends:
    """Both ends of Wilson's score interval, in per cent; null when nothing was inspected.

    (p + z²/2n ± z√(p(1−p)/n + z²/4n²)) ÷ (1 + z²/n), multiplied out by n so that the counts stay whole
    as long as they can. Exactly 0 when none passed, exactly 100 when all did.
    """
    n = inspected.nullif(0).cast("float64")
    failed = inspected - passed
    spread = ibis.greatest(passed.cast("float64") * failed.cast("float64"), 0.0) / n
    half = (spread + z * z / 4).sqrt() * z
    centre = passed.cast("float64") + z * z / 2
    low, high = (centre - half) / (n + z * z) * 100, (centre + half) / (n + z * z) * 100
    nothing = ibis.null("float64")
    return (
        ibis.cases((n.isnull(), nothing), (passed == 0, 0.0), else_=low),
        ibis.cases((n.isnull(), nothing), (failed == 0, 100.0), else_=high),
    )


def with_interval(rows: ir.Table, chosen: Interval) -> ir.Table:
    """`rows` (passed, inspected) with ci_low and ci_high in per cent, by the method in use.

    One row is one stratum, for which the stratified interval is Wilson's. Null when nothing was inspected.
    """
    low, high = wilson(rows.passed, rows.inspected, chosen.z)
    if chosen.formula == CLOPPER_PEARSON:
        return clopper_pearson(rows, chosen)
    return rows.mutate(ci_low=low, ci_high=high)


def clopper_pearson(rows: ir.Table, chosen: Interval) -> ir.Table:
    """`rows` (passed, inspected) with ci_low and ci_high: Clopper and Pearson's interval, in per cent.

    It never covers less than its level. The upper end is the lower one of the failures. Above LISTED units
    Wilson's interval with half a unit of continuity stands in, less than one unit away.
    """
    failed = rows.inspected - rows.passed
    low, high = wilson(rows.passed, rows.inspected, chosen.z)
    wide = [
        wilson(rows.passed.cast("float64") + shift, rows.inspected, chosen.z)[end]
        for end, shift in enumerate((-0.5, 0.5))
    ]
    found = rows.mutate(_failed=failed, _near=low / 100, _far=1 - high / 100, _low=wide[0], _high=wide[1])
    found = low_end(found, "passed", "inspected", "_near", chosen.left_out / 2, "_near")
    found = low_end(found, "_failed", "inspected", "_far", chosen.left_out / 2, "_far")
    none, many, nothing = found.inspected == 0, found.inspected > LISTED, ibis.null("float64")
    return found.mutate(
        ci_low=ibis.cases((none, nothing), (found.passed == 0, 0.0), (many, found._low), else_=found._near * 100),
        ci_high=ibis.cases(
            (none, nothing), (found._failed == 0, 100.0), (many, found._high), else_=(1 - found._far) * 100
        ),
    ).drop("_failed", "_near", "_far", "_low", "_high")


def stratified_wilson(strata: ir.Table, key: Sequence[str], stratum: str, z: float) -> ir.Table:
    """key, ci_low, ci_high in per cent: the stratified Wilson interval of Yan and Su (2010).

    `strata`: key, `stratum`, passed, inspected, weight (any positive scale). The interval of Σ w·p is
    Σ w·low to Σ w·high, where each stratum's Wilson interval is taken at z·√Σw²v ÷ Σw√v, v = p(1−p)/n;
    where no stratum has any variance, at z itself, which is wide rather than narrow. With weights in the
    proportion of the units inspected it is an interval of the pooled rate. Strata without units are left out.
    """
    full = strata.filter(strata.inspected > 0)
    total = full.group_by(key).aggregate(_total=_ordered(full.weight.cast("float64"), full[stratum]))
    rows = full.join(total, key)
    share = rows.weight.cast("float64") / rows._total
    n, k = rows.inspected.cast("float64"), rows.passed.cast("float64")
    rows = rows.mutate(_w=share, _s=share * (k * (n - k) / n).sqrt() / n)
    spread = rows.group_by(key).aggregate(
        _square=_ordered(rows._s * rows._s, rows[stratum]), _sum=_ordered(rows._s, rows[stratum])
    )
    rows = rows.drop("_total").join(spread, key)
    z_each = ibis.ifelse(rows._sum > 0, rows._square.sqrt() / rows._sum, 1.0) * z
    low, high = wilson(rows.passed, rows.inspected, z_each)
    rows = rows.mutate(_low=rows._w * low, _high=rows._w * high)
    return rows.group_by(key).aggregate(
        ci_low=_ordered(rows._low, rows[stratum]), ci_high=_ordered(rows._high, rows[stratum])
    )


def _ordered(value: ir.FloatingColumn, order: ir.Column) -> ir.FloatingScalar:
    """A sum of doubles in a fixed order, so that no digit depends on the order of rows."""
    return value.collect(order_by=order).sums()


def newcombe(one: ir.FloatingValue, one_ends: Ends, other: ir.FloatingValue, other_ends: Ends) -> Ends:
    """Both ends of the interval of `one` − `other`, from the two shares and their intervals, same unit.

    Newcombe (1998), method 10 with Wilson's intervals: d − √((p₁−l₁)² + (u₂−p₂)²) to d + √((u₁−p₁)² + (p₂−l₂)²).
    """
    down = ((one - one_ends[0]) ** 2 + (other_ends[1] - other) ** 2).sqrt()
    up = ((one_ends[1] - one) ** 2 + (other - other_ends[0]) ** 2).sqrt()
    return one - other - down, one - other + up
