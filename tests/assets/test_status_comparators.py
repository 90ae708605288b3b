"""The rule of each comparator, and rounding, on a few numbers."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.plan.model import Comparator
from assets.status.comparators import RULES, rounded, satisfies

_CON = ibis.duckdb.connect()


def test_every_comparator_has_one_rule() -> None:
    assert set(RULES) == set(Comparator)


@pytest.mark.parametrize(
    ("comparator", "below", "equal", "above"),
    [
        (Comparator.AT_LEAST, False, True, True),
        (Comparator.MORE_THAN, False, False, True),
        (Comparator.AT_MOST, True, True, False),
        (Comparator.EXACTLY, False, True, False),
        (Comparator.CUMULATIVE_COUNT, False, True, True),
        (Comparator.PER_YEAR_AT_LEAST, False, True, True),
        (Comparator.AVERAGE_PER_YEAR, False, True, True),
        (Comparator.ABOVE_PROVINCE, False, True, True),
        (Comparator.REDUCTION_ON_BASE, False, True, True),
        (Comparator.RISING_EVERY_YEAR, False, False, True),
        (Comparator.RISING_AGAINST_BASE, False, False, True),
        (Comparator.FALLING, True, False, False),
        (Comparator.QUALITATIVE, None, None, None),
    ],
)
def test_below_equal_and_above(comparator: Comparator, below: bool, equal: bool, above: bool) -> None:
    rows = ibis.memtable(
        {"c": [str(comparator)] * 4, "v": [9.0, 10.0, 11.0, None], "strict": [False] * 4, "t": [0.0] * 4},
        schema={"c": "string", "v": "float64", "strict": "boolean", "t": "float64"},
    )
    told = rows.select("v", told=satisfies(rows.c, rows.v, ibis.literal(10.0), rows.strict, rows.t))
    found = dict(_CON.to_polars(told).iter_rows())
    assert (found[9.0], found[10.0], found[11.0], found[None]) == (below, equal, above, None)


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.tuples(st.decimals("-1000", "1000", places=3), st.integers(0, 2) | st.none()), min_size=40, max_size=60)
)
def test_rounding_is_that_of_exact_decimals(numbers: list[tuple[Decimal, int | None]]) -> None:
    rows = ibis.memtable(
        {"v": [float(v) for v, _ in numbers], "d": [d for _, d in numbers]}, schema={"v": "float64", "d": "int64"}
    )
    found = _CON.to_polars(rows.select(r=rounded(rows.v, rows.d)))["r"].to_list()
    expected = [
        float(value if d is None else value.quantize(Decimal(1).scaleb(-d), ROUND_HALF_EVEN)) for value, d in numbers
    ]
    assert found == pytest.approx(expected, abs=1e-12)
