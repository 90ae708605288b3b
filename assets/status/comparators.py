"""One rule per comparator: whether a value does what is asked of it.

Belongs here: the rule of each comparator, on the gap between value and what is asked, and the gap itself.
Does not belong here: what is asked of a year (`assets.status.asked`), the verdict (`assets.status.verdict`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import ibis
import ibis.expr.types as ir

from assets.plan.model import Comparator

#: Decimals of a difference that mean anything; the rest is the dust of binary fractions.
_MEANT_DECIMALS = 9

#: (gap, whether the number must be passed, tolerance) → satisfied.
Rule = Callable[[ir.FloatingColumn, ir.BooleanColumn, ir.FloatingColumn], ir.BooleanColumn]


def _reaches(gap: ir.FloatingColumn, strict: ir.BooleanColumn, tolerance: ir.FloatingColumn) -> ir.BooleanColumn:
    return ibis.ifelse(strict, gap + tolerance > 0, gap + tolerance >= 0)


def _stays_under(gap: ir.FloatingColumn, strict: ir.BooleanColumn, tolerance: ir.FloatingColumn) -> ir.BooleanColumn:
    return ibis.ifelse(strict, gap - tolerance < 0, gap - tolerance <= 0)


def _passes(gap: ir.FloatingColumn, _strict: ir.BooleanColumn, tolerance: ir.FloatingColumn) -> ir.BooleanColumn:
    return gap + tolerance > 0


def _falls(gap: ir.FloatingColumn, _strict: ir.BooleanColumn, tolerance: ir.FloatingColumn) -> ir.BooleanColumn:
    return gap - tolerance < 0


def _equals(gap: ir.FloatingColumn, _strict: ir.BooleanColumn, tolerance: ir.FloatingColumn) -> ir.BooleanColumn:
    return gap.abs() <= tolerance


def _never(_gap: ir.FloatingColumn, _strict: ir.BooleanColumn, _tolerance: ir.FloatingColumn) -> ir.BooleanColumn:
    """A duty without a number is reported, never measured."""
    return ibis.null("boolean")


#: What each comparator asks of the gap. `more_than`, rising and falling are strict by themselves: an equal
#: value does not satisfy them. A margin, an average, a count or a reduction is a number that must be reached.
RULES: dict[Comparator, Rule] = {
    Comparator.AT_LEAST: _reaches,
    Comparator.MORE_THAN: _passes,
    Comparator.AT_MOST: _stays_under,
    Comparator.EXACTLY: _equals,
    Comparator.CUMULATIVE_COUNT: _reaches,
    Comparator.PER_YEAR_AT_LEAST: _reaches,
    Comparator.AVERAGE_PER_YEAR: _reaches,
    Comparator.ABOVE_PROVINCE: _reaches,
    Comparator.REDUCTION_ON_BASE: _reaches,
    Comparator.RISING_EVERY_YEAR: _passes,
    Comparator.RISING_AGAINST_BASE: _passes,
    Comparator.FALLING: _falls,
    Comparator.QUALITATIVE: _never,
}


def satisfies(
    comparator: ir.StringColumn,
    value: ir.FloatingColumn,
    needed: ir.FloatingColumn,
    strict: ir.BooleanColumn,
    tolerance: ir.FloatingColumn,
) -> ir.BooleanColumn:
    """Whether `value` does what is asked; null when either number is missing, and for a duty.

    `tolerance`: by how much it may miss, in the value's unit; 0 where the plan allows nothing.
    """
    gap, passed = distance(value, needed), strict.fill_null(False)
    told = ibis.cases(*((comparator == str(kind), rule(gap, passed, tolerance)) for kind, rule in RULES.items()))
    return ibis.ifelse(gap.isnull(), ibis.null("boolean"), told)


def distance(value: ir.FloatingColumn, needed: ir.FloatingColumn) -> ir.FloatingColumn:
    """`value` − `needed` without the dust of binary fractions: 97.1 − 96.1 is 1 point, not a hair less.

    No measure of a plan is known to the ninth decimal, and no verdict may hang on it.
    """
    return (value - needed).round(_MEANT_DECIMALS)


def rounded(value: ir.FloatingColumn, decimals: ir.IntegerColumn) -> ir.FloatingColumn:
    """`value` to `decimals` digits, ties to the even one (GB/T 8170); as it is where `decimals` is null.

    The dust of binary fractions is taken off first, so that 96.45 is a tie and not a hair above one.
    """
    scale = ibis.literal(10.0) ** decimals
    many = (value * scale).round(_MEANT_DECIMALS - 3)
    below = many.floor()
    rest = (many - below).round(_MEANT_DECIMALS - 3)
    up = ibis.cases((rest > 0.5, 1.0), (rest == 0.5, (below % 2).abs()), else_=0.0)
    return ibis.ifelse(decimals.isnull(), value, (below + up) / scale)


def one_of(column: ir.StringColumn, comparators: Iterable[object]) -> ir.BooleanColumn:
    """Whether the comparator is one of the given ones."""
    return column.isin(sorted(str(comparator) for comparator in comparators))
