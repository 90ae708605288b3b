"""Required values between the milestones of a target.

Belongs here: the path rules. Does not belong here: which indicator follows which rule
(`assets/plans`), verdicts (`assets.status`).

A text that sets 2012 and 2015 says nothing of 2013 and 2014. The path gives these years a required
value by which a year is `on_track` or `behind`, never `met` or `missed`.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from assets.plan.model import Comparator, Indicator, PathRule

_WHOLE = Decimal(100)


def milestones(indicator: Indicator) -> dict[int, Decimal]:
    """Year → number from which the path is drawn: the text's numbers, and no reduction in the base year."""
    numbers = indicator.numbers
    if indicator.comparator is Comparator.REDUCTION_ON_BASE and indicator.base_year is not None:
        return {indicator.base_year: Decimal(0), **numbers}
    return numbers


def fault(indicator: Indicator) -> str:
    """Why the path cannot be drawn, in words; empty when it can be, or when no path is asked for."""
    if indicator.path_values and indicator.path is not PathRule.TABLE:
        return "path_values belong to path: table only"
    if indicator.path is PathRule.NONE:
        return ""
    if indicator.path is PathRule.TABLE:
        return _table_fault(indicator)
    if len(milestones(indicator)) < 2:
        return "a path needs two milestones, or one and the base year of a reduction"
    if indicator.path is PathRule.CONSTANT_RATE:
        if indicator.comparator is not Comparator.REDUCTION_ON_BASE:
            return "a constant rate is a path of reductions on a base year only"
        if not all(0 <= number < _WHOLE for number in milestones(indicator).values()):
            return "a constant rate needs reductions of at least 0 and less than 100 %"
    return ""


def _table_fault(indicator: Indicator) -> str:
    if not indicator.path_values:
        return "a table needs path_values, one number for each year that it covers"
    if set(indicator.path_values) & set(indicator.numbers):
        return "path_values are for the years between targets, not for a year that has its own"
    if max(indicator.path_values) > max(milestones(indicator), default=0):
        return "path_values lead to a target, so they end before the last one"
    return ""


def required_values(indicator: Indicator) -> dict[int, Decimal]:
    """Year → required value, in the indicator's unit, for every year from the first to the last milestone.

    Empty when the indicator has no path. `straight_line`: equal yearly steps between neighbouring
    milestones. `constant_rate`: between neighbouring milestones what remains (100 % less the reduction)
    falls by the same factor every year. `table`: the plan's own path_values. Raises
    `ValueError` when the path cannot be drawn.
    """
    if reason := fault(indicator):
        raise ValueError(f"{indicator.code}: {reason}")
    if indicator.path is PathRule.NONE:
        return {}
    if indicator.path is PathRule.TABLE:
        return dict(sorted({**milestones(indicator), **indicator.path_values}.items()))
    between = _straight if indicator.path is PathRule.STRAIGHT_LINE else _constant
    marks = sorted(milestones(indicator).items())
    path = dict(marks)
    for (first, start), (last, end) in pairwise(marks):
        for year in range(first + 1, last):
            path[year] = between(start, end, year - first, last - first)
    return dict(sorted(path.items()))


def strict_between(indicator: Indicator, year: int) -> bool:
    """Whether a path value must be passed and not only reached: when both milestones beside it ask so."""
    strict = {y: t.strict for y, t in indicator.targets.items() if t.value is not None}
    before = [strict.get(y, False) for y in sorted(milestones(indicator)) if y < year]
    after = [strict[y] for y in sorted(strict) if y > year]
    return bool(before and after) and before[-1] and after[0]


def _straight(start: Decimal, end: Decimal, passed: int, span: int) -> Decimal:
    return start + (end - start) * passed / span


def _constant(start: Decimal, end: Decimal, passed: int, span: int) -> Decimal:
    factor = ((_WHOLE - end) / (_WHOLE - start)) ** (Decimal(passed) / span)
    return _WHOLE - (_WHOLE - start) * factor
