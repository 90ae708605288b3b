"""Compounding against published examples and plain fractions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import log, prod
from typing import Any

import duckdb
import ibis
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.energy.compounding import progress_to_target, running_product, yearly_pace

SCHEMA = ibis.schema({"place": "int64", "remaining": "float64", "target": "float64", "years": "int64"})


@cache
def sql() -> str:
    rows = ibis.table(SCHEMA, name="rows")
    answer = rows.select(
        "place",
        progress=progress_to_target(rows.remaining, rows.target),
        pace=yearly_pace(rows.target, rows.years, rows.remaining),
        even_pace=yearly_pace(rows.target, rows.years),
    )
    return str(ibis.to_sql(answer, dialect="duckdb"))


def computed(*cases: tuple[float, float, int]) -> pl.DataFrame:
    """progress, pace and even_pace of (remaining, target, years), in the engine that the marts use."""
    rows = pl.DataFrame([(place, *case) for place, case in enumerate(cases)], schema=list(SCHEMA), orient="row")
    with duckdb.connect() as con:
        con.register("rows", rows.to_arrow())
        found: pl.DataFrame = con.sql(f"FROM ({sql()}) ORDER BY place").pl()
    return found


def products(chains: list[list[float]], longest: int = 6) -> list[list[float]]:
    """The running products of each chain, in the engine."""
    rows = ibis.table({"chain": "int64", "place": "int64", "ratio": "float64"}, name="rows")
    answer = rows.mutate(product=running_product(rows.ratio, [rows.chain], rows.place, longest))
    flat = [(chain, place, ratio) for chain, ratios in enumerate(chains) for place, ratio in enumerate(ratios)]
    with duckdb.connect() as con:
        frame = pl.DataFrame(flat, schema=["chain", "place", "ratio"], orient="row")
        con.register("rows", frame.sample(fraction=1, shuffle=True, seed=1).to_arrow())
        found = con.sql(f"FROM ({ibis.to_sql(answer, dialect='duckdb')}) ORDER BY chain, place").pl()
    return [found.filter(chain=chain)["product"].to_list() for chain in range(len(chains))]


def test_qinghai_example() -> None:
    *_, remaining = products([[1.0151, 0.9780, 0.9582]])[0]
    assert round((1 - remaining) * 100, 2) == 4.87
    assert round(computed((remaining, 0.17, 2))["progress"].item() * 100, 1) == 26.8


@pytest.mark.parametrize(("target", "percent"), [(0.20, 4.3648), (0.17, 3.658)])
def test_yearly_rate_needed_in_five_years(target: float, percent: float) -> None:
    assert computed((1.0, target, 5))["even_pace"].item() * 100 == pytest.approx(
        percent, abs=5e-5 if target == 0.2 else 5e-4
    )


def test_falls_compound_and_do_not_add() -> None:
    assert round((1 - products([[0.96] * 5])[0][-1]) * 100, 2) == 18.46


@settings(max_examples=8, deadline=None)
@given(st.lists(st.lists(st.decimals("0.7", "1.3", places=4), min_size=1, max_size=6), min_size=1, max_size=20))
def test_products_equal_plain_fractions(chains: list[list[Decimal]]) -> None:
    found = products([[float(ratio) for ratio in chain] for chain in chains])
    for chain, answers in zip(chains, found, strict=True):
        for years, answer in enumerate(answers, start=1):
            assert answer == pytest.approx(float(prod(map(Fraction, chain[:years]), start=Fraction(1))), rel=1e-14)


@settings(max_examples=8, deadline=None)
@given(
    st.lists(
        st.tuples(st.decimals("0.5", "1.2", places=3), st.decimals("0.01", "0.6", places=3), st.integers(1, 5)),
        min_size=1,
        max_size=50,
    )
)
def test_the_pace_reaches_the_target_and_progress_is_a_ratio_of_logarithms(
    cases: list[tuple[Decimal, Decimal, int]],
) -> None:
    plain = [(float(remaining), float(target), years) for remaining, target, years in cases]
    for (remaining, target, years), row in zip(plain, computed(*plain).to_dicts(), strict=True):
        assert remaining * (1 - row["pace"]) ** years == pytest.approx(1 - target, rel=1e-12)
        assert row["progress"] == pytest.approx(log(remaining) / log(1 - target), rel=1e-12, abs=1e-12)


def test_progress_is_the_share_of_equal_steps() -> None:
    step = 0.8**0.2
    found = computed((step**2, 0.2, 3), (0.8, 0.2, 1), (1.05, 0.2, 1), (1.0, 0.2, 5))
    progress = found["progress"].to_list()
    assert progress[:2] == pytest.approx([0.4, 1]) and progress[2] < 0 and str(progress[3]) == "0.0"
    assert found["pace"][1] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("case", [(0.0, 0.2, 3), (0.9, 0.0, 3), (0.9, 20.0, 3)])
def test_what_has_no_answer_is_null(case: Any) -> None:
    assert computed(case).select("progress", "pace").row(0) == (None, None)
    assert computed((0.9, 0.2, 0))["pace"].item() is None
