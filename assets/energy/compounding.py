"""Compounding of yearly changes: cumulative falls, progress to a target, yearly rates needed.

Belongs here: arithmetic on rates, without tables. Does not belong here: rates that were measured
(`mart.energy_per_10k_gdp`) or targets (`assets/plans`).

Rates and targets are fractions (0.2 = 20 %); a fall is a negative change. Adding yearly falls is
wrong: five of 4 % make 18.46 %, not 20 %.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from math import log, prod


def remaining(changes: Iterable[Fraction | Decimal]) -> Fraction:
    """Π(1 + r): what is left of the base after the yearly changes, exactly."""
    return prod((1 + Fraction(change) for change in changes), start=Fraction(1))


def cumulative_reduction(changes: Iterable[Fraction | Decimal]) -> Fraction:
    """1 − Π(1 + r): the fall over all years, exactly (practice of the Qinghai statistics bureau)."""
    return 1 - remaining(changes)


def progress_to_target(reduction: Fraction | Decimal, target: Fraction | Decimal) -> float:
    """ln(1 − reduction) ÷ ln(1 − target): share of the way to a compounded target; negative after a rise.

    1 means that the target is reached. Raises `ValueError` unless reduction < 1 and 0 < target < 1.
    """
    _fraction_below_one(reduction)
    _target(target)
    return log(1 - reduction) / log(1 - target)


def yearly_rate_needed(
    target: Fraction | Decimal, years: int, reduction_so_far: Fraction | Decimal = Fraction(0)
) -> float:
    """1 − ((1 − target) ÷ (1 − reduction so far))^(1/years): equal yearly fall for the years that are left.

    20 % in five years needs 4.3648 % a year. Negative when the target is surpassed already. Raises
    `ValueError` when no year is left.
    """
    _fraction_below_one(reduction_so_far)
    _target(target)
    if years < 1:
        raise ValueError(f"found {years} years left; accepted: at least 1")
    left = (1 - Fraction(target)) / (1 - Fraction(reduction_so_far))
    return 1 - float(left) ** (1 / years)


def _fraction_below_one(value: Fraction | Decimal) -> None:
    if value >= 1:
        raise ValueError(f"found a reduction of {value}; accepted: a fraction below 1")


def _target(value: Fraction | Decimal) -> None:
    if not 0 < value < 1:
        raise ValueError(f"found a target of {value}; accepted: a fraction between 0 and 1")
