"""Intervals of shares and of their differences, computed in the engine, against statsmodels and plain formulas."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import ibis
import numpy as np
import polars as pl
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from assets.pass_rates import contribution, pass_rate_contribution
from assets.pass_rates.exact_interval import LISTED
from assets.pass_rates.intervals import newcombe, percent, stratified_wilson, wilson, with_interval
from assets.pass_rates.standards import Interval, interval
from tests.assets.support_inspection import built, count, inspection_inputs
from tests.assets.support_water import MemoryInputs

METHODS = {"wilson95": "wilson", "clopper_pearson95": "beta"}
CASES = 1000


@pytest.fixture(scope="module")
def inputs() -> MemoryInputs:
    return inspection_inputs()


def counts(seed: int, cases: int = CASES) -> pl.DataFrame:
    """passed, inspected: from 1 to 4 million units, a third each none, all and anything between."""
    chance = random.Random(seed)
    sizes = [
        chance.choice([chance.randint(1, 60), chance.randint(61, 5_000), chance.randint(5_001, 4_000_000)])
        for _ in range(cases)
    ]
    rows = [(chance.choice([0, n, chance.randint(0, n), max(0, n - chance.randint(1, 40))]), n) for n in sizes]
    return pl.DataFrame(rows, schema=["passed", "inspected"], orient="row")


@pytest.mark.parametrize("method", METHODS)
def test_a_thousand_intervals_against_statsmodels(inputs: MemoryInputs, method: str) -> None:
    table = inputs.given("cases", counts(20120823))
    ours = inputs.run(with_interval(table.mutate(rate=percent(table.passed, table.inspected)), interval(method)))
    theirs = proportion_confint(ours["passed"].to_numpy(), ours["inspected"].to_numpy(), 0.05, METHODS[method])
    for end, judge in zip(("ci_low", "ci_high"), theirs, strict=True):
        assert np.abs(ours[end].to_numpy() / 100 - judge).max() < 1e-9
    none, every = ours.filter(pl.col("passed") == 0), ours.filter(pl.col("passed") == pl.col("inspected"))
    assert none.height > 100 and every.height > 100
    assert set(none["ci_low"]) == {0.0} and set(every["ci_high"]) == {100.0}
    assert ours.select(((pl.col("ci_low") <= pl.col("rate")) & (pl.col("rate") <= pl.col("ci_high"))).all()).item()


def test_a_thousand_differences_against_statsmodels(inputs: MemoryInputs) -> None:
    one, other = counts(1), counts(2).rename({"passed": "passed_2", "inspected": "inspected_2"})
    table = inputs.given("pairs", pl.concat([one, other], how="horizontal"))
    z = interval("wilson95").z
    shares = percent(table.passed, table.inspected), percent(table.passed_2, table.inspected_2)
    ends = wilson(table.passed, table.inspected, z), wilson(table.passed_2, table.inspected_2, z)
    low, high = newcombe(shares[0], ends[0], shares[1], ends[1])
    for row in inputs.run(table.mutate(low=low, high=high)).iter_rows(named=True):
        judge = confint_proportions_2indep(
            row["passed"], row["inspected"], row["passed_2"], row["inspected_2"], "newcomb", "diff"
        )
        assert (row["low"] / 100, row["high"] / 100) == pytest.approx(judge, abs=1e-9)


def plain_stratified(strata: Sequence[tuple[int, int, int]], z: float) -> tuple[float, float]:
    """Yan and Su's interval, stratum by stratum: (passed, inspected, weight) …"""
    strata = [stratum for stratum in strata if stratum[1] > 0]
    total = sum(w for _, _, w in strata)
    spread = [w / total * math.sqrt(k / n * (1 - k / n) / n) for k, n, w in strata]
    z_each = z * math.sqrt(sum(s * s for s in spread)) / sum(spread) if sum(spread) else z
    low = high = 0.0
    for k, n, w in strata:
        middle, denominator = k / n + z_each**2 / (2 * n), 1 + z_each**2 / n
        half = z_each * math.sqrt(k / n * (1 - k / n) / n + z_each**2 / (4 * n * n))
        low += w / total * (middle - half) / denominator
        high += w / total * (middle + half) / denominator
    return low, high


def test_a_thousand_stratified_intervals_against_a_plain_recomputation(inputs: MemoryInputs) -> None:
    chance = random.Random(7)
    frame = counts(3, 4 * CASES).with_columns(
        group=pl.int_range(pl.len()) // 4,
        stratum=pl.int_range(pl.len()) % 4,
        weight=pl.Series([chance.randint(1, 900) for _ in range(4 * CASES)]),
    )
    # Every tenth group passes whole, and every seventh stratum has no units.
    frame = frame.with_columns(
        passed=pl.when(pl.col("group") % 10 == 0).then("inspected").otherwise("passed"),
    ).with_columns(
        pl.when(pl.int_range(pl.len()) % 7 == 3).then(0).otherwise(pl.col("passed", "inspected")).name.keep()
    )
    z = interval("stratified_wilson95").z
    ours = inputs.run(stratified_wilson(inputs.given("strata", frame), ["group"], "stratum", z)).sort("group")
    assert ours.height == CASES
    for row, (_, strata) in zip(ours.iter_rows(named=True), frame.group_by("group", maintain_order=True), strict=True):
        wanted = plain_stratified(strata.select("passed", "inspected", "weight").rows(), z)
        assert (row["ci_low"] / 100, row["ci_high"] / 100) == pytest.approx(wanted, abs=1e-9)


def test_one_stratum_has_the_interval_of_wilson(inputs: MemoryInputs) -> None:
    table = inputs.given("one", counts(4, 50).with_row_index("key").with_columns(weight=pl.lit(3)))
    rows = table.mutate(stratum=ibis.literal("all"), key=table.key.cast("int64"))
    chosen = interval("stratified_wilson95")
    found = inputs.run(stratified_wilson(rows, ["key"], "stratum", chosen.z)).sort("key")
    plain = inputs.run(with_interval(rows, chosen)).sort("key")
    for end in ("ci_low", "ci_high"):
        assert np.abs(found[end].to_numpy() - plain[end].to_numpy()).max() < 1e-9


def test_no_number_of_units_stops_the_exact_interval(inputs: MemoryInputs) -> None:
    rows = [
        (0, 0),
        (LISTED - 1, LISTED),
        (96 * LISTED // 100, LISTED),
        (96 * LISTED, 100 * LISTED),
        (10**18, 9 * 10**18),
    ]
    table = inputs.given("many", pl.DataFrame(rows, schema=["passed", "inspected"], orient="row"))
    found = inputs.run(with_interval(table, interval("clopper_pearson95"))).sort("inspected", "passed")
    assert found.row(0, named=True)["ci_low"] is None
    theirs = proportion_confint(found["passed"].to_numpy()[1:4], found["inspected"].to_numpy()[1:4], 0.05, "beta")
    for end, judge in zip(("ci_low", "ci_high"), theirs, strict=True):
        away = np.abs(found[end].to_numpy()[1:4] / 100 - judge)
        assert (away[:2] < 1e-9).all() and away[2] < 1 / LISTED
        assert found[end][4] == pytest.approx(100 / 9, abs=1e-6)  # beyond what the judge can compute


@pytest.mark.parametrize("method", ["wilson95", "clopper_pearson95", "stratified_wilson95"])
def test_an_indicator_uses_the_method_that_is_chosen(
    inputs: MemoryInputs, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """National 48 of 50 and provincial 150 of 150: each method gives its own ends of the same 99 %."""
    chosen: Interval = interval(method)
    monkeypatch.setattr(contribution, "interval", lambda: chosen)
    built(inputs, [count(50, 48, programme="national"), count(150, 150, programme="provincial")], [])
    inputs.compiled.pop("pass_rate_contribution", None)
    (row,) = (
        inputs.contributed(pass_rate_contribution)
        .filter(indicator="prov_supervision_pass_rate", definition="pooled_batches")
        .to_dicts()
    )
    wanted = {
        "wilson95": proportion_confint(198, 200, 0.05, "wilson"),
        "clopper_pearson95": proportion_confint(198, 200, 0.05, "beta"),
        "stratified_wilson95": plain_stratified([(48, 50, 50), (150, 150, 150)], chosen.z),
    }[method]
    assert row["value"] == 99.0
    assert (row["ci_low"] / 100, row["ci_high"] / 100) == pytest.approx(wanted, abs=1e-9)
