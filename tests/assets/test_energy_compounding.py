"""Compounding against published examples and plain fractions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.energy.compounding import cumulative_reduction, progress_to_target, yearly_rate_needed

CHANGES = st.lists(st.decimals("-0.3", "0.3", places=4), max_size=6)


def test_qinghai_example() -> None:
    fall = cumulative_reduction([Decimal("0.0151"), Decimal("-0.0220"), Decimal("-0.0418")])
    assert round(float(fall) * 100, 2) == 4.87
    assert round(progress_to_target(fall, Decimal("0.17")) * 100, 1) == 26.8


@pytest.mark.parametrize(("target", "percent"), [("0.20", 4.3648), ("0.17", 3.658)])
def test_yearly_rate_needed_in_five_years(target: str, percent: float) -> None:
    assert yearly_rate_needed(Decimal(target), 5) * 100 == pytest.approx(percent, abs=5e-4)


def test_falls_compound_and_do_not_add() -> None:
    assert round(float(cumulative_reduction([Decimal("-0.04")] * 5)) * 100, 2) == 18.46
    assert cumulative_reduction([]) == 0


@given(CHANGES)
def test_the_changes_undo_exactly(changes: list[Decimal]) -> None:
    left = 1 - cumulative_reduction(changes)
    for change in changes:
        left /= 1 + Fraction(change)
    assert left == 1


@given(st.decimals("0.01", "0.6", places=3), st.integers(1, 5), st.decimals("-0.2", "0.5", places=3))
def test_the_rate_still_needed_reaches_the_target(target: Decimal, years: int, so_far: Decimal) -> None:
    rate = yearly_rate_needed(target, years, so_far)
    assert (1 - float(so_far)) * (1 - rate) ** years == pytest.approx(1 - float(target), rel=1e-12)


def test_progress_is_the_share_of_equal_steps() -> None:
    rate = yearly_rate_needed(Decimal("0.2"), 5)
    after_two = cumulative_reduction([Fraction(-rate)] * 2)
    assert progress_to_target(after_two, Decimal("0.2")) == pytest.approx(0.4)
    assert progress_to_target(Decimal("0.2"), Decimal("0.2")) == 1
    assert progress_to_target(Decimal("-0.05"), Decimal("0.2")) < 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: progress_to_target(Decimal(1), Decimal("0.2")), "below 1"),
        (lambda: progress_to_target(Decimal("0.1"), Decimal(0)), "between 0 and 1"),
        (lambda: yearly_rate_needed(Decimal(20), 5), "between 0 and 1"),
        (lambda: yearly_rate_needed(Decimal("0.2"), 0), "at least 1"),
    ],
)
def test_what_has_no_answer_is_refused(call, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message):
        call()
