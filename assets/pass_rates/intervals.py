"""A share of counted units in per cent, and its interval.

Belongs here: the arithmetic. Does not belong here: z and the method's name (`standard.interval`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir


def percent(passed: ir.IntegerValue, inspected: ir.IntegerValue) -> ir.FloatingValue:
    """100 · passed ÷ inspected, one division of whole numbers; null when nothing was inspected."""
    return passed.cast("float64") * 100 / inspected.nullif(0).cast("float64")


def wilson(passed: ir.IntegerValue, inspected: ir.IntegerValue, z: float) -> tuple[ir.FloatingValue, ir.FloatingValue]:
    """Both ends of Wilson's score interval, in per cent; null when nothing was inspected.

    (p + z²/2n ± z√(p(1−p)/n + z²/4n²)) ÷ (1 + z²/n), multiplied out by n so that the counts stay whole
    as long as they can. Exactly 0 when none passed, exactly 100 when all did (standards facts, section 6).
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
