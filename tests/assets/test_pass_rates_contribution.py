"""What pass rates give the plan: pooling over programmes, periods and publications without counting twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
import pytest
import yaml

from assets.contribution import CONTRIBUTION
from assets.pass_rates import pass_rate_contribution
from assets.pass_rates.standards import INDICATORS_FILE, indicator_categories, indicator_programmes
from tests.assets.support_inspection import batch, built, count, inspection_inputs
from tests.assets.support_water import MemoryInputs

H1 = {"period_start": date(2012, 1, 1), "period_end": date(2012, 6, 30)}
H2 = {"period_start": date(2012, 7, 1), "period_end": date(2012, 12, 31)}


@pytest.fixture(scope="module")
def inputs() -> MemoryInputs:
    return inspection_inputs()


def values(
    inputs: MemoryInputs, counts: list[dict[str, Any]], batches: Sequence[dict[str, Any]] = ()
) -> dict[tuple[str, str], dict[str, Any]]:
    built(inputs, counts, batches)
    rows = inputs.contributed(pass_rate_contribution)
    assert rows.columns == [column.name for column in CONTRIBUTION]
    assert (
        rows.select(pl.struct("indicator", "region_code", "year", "definition").is_duplicated().any()).item() is False
    )
    return {(row["indicator"], row["definition"]): row for row in rows.to_dicts()}


def pooled(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["numerator"], row["denominator"], row["complete"]


SUPERVISION = ("prov_supervision_pass_rate", "pooled_batches")


def test_programmes_are_pooled_and_never_averaged(inputs: MemoryInputs) -> None:
    found = values(inputs, [count(50, 48, programme="national"), count(150, 150, programme="provincial"), count(9, 1)])
    row = found[SUPERVISION]
    assert (*pooled(row), row["value"], row["n"], row["headline"]) == (198, 200, True, 99.0, 200, True)
    assert row["ci_low"] == pytest.approx(96.43, abs=0.01)
    assert row["ci_high"] == pytest.approx(99.73, abs=0.01)
    assert "national 48/50 (canonical), provincial 150/150 (canonical)" in row["basis"]
    assert pooled(found["product_pass_rate_rising", "pooled_batches"]) == (199, 209, True)


def test_a_programme_without_counts_is_named_and_leaves_the_value_incomplete(inputs: MemoryInputs) -> None:
    row = values(inputs, [count(150, 150, programme="provincial")])[SUPERVISION]
    assert pooled(row) == (150, 150, False)
    assert row["basis"].endswith("; no counts of national")
    row = values(inputs, [count(150, 150, programme="provincial"), count(0, 0, programme="national")])[SUPERVISION]
    assert pooled(row) == (150, 150, True)


def test_nothing_inspected_is_no_rate(inputs: MemoryInputs) -> None:
    row = values(inputs, [count(0, 0, programme="export_inspection")])[
        "export_first_inspection_pass_rate", "pooled_batches"
    ]
    assert (row["value"], row["ci_low"], row["complete"]) == (None, None, False)
    assert "nothing was inspected" in row["basis"]


def test_a_year_is_taken_before_its_halves_and_halves_add_up(inputs: MemoryInputs) -> None:
    key = ("agri_product_sampling_pass_rate", "pooled_batches")
    halves = [
        count(40, 39, programme="agri_monitoring", **H1),
        count(60, 58, programme="agri_monitoring", **H2),
    ]
    assert pooled(values(inputs, halves)[key]) == (97, 100, True)
    assert pooled(values(inputs, [*halves, count(101, 97, programme="agri_monitoring")])[key]) == (
        97,
        101,
        True,
    )
    row = values(inputs, halves[:1])[key]
    assert pooled(row) == (39, 40, False)
    assert "part of the year" in row["basis"]


def test_overlapping_periods_give_no_rate(inputs: MemoryInputs) -> None:
    spring = {"period_start": date(2012, 6, 30), "period_end": date(2012, 9, 30)}
    row = values(inputs, [count(40, 39, programme="agri_monitoring", **period) for period in (H1, spring)])[
        "agri_product_sampling_pass_rate", "pooled_batches"
    ]
    assert (row["value"], row["complete"]) == (None, False)
    assert "overlap" in row["basis"]


def test_published_counts_go_before_single_batches_and_real_before_synthetic(inputs: MemoryInputs) -> None:
    key = ("key_food_pass_rate", "pooled_batches")
    food = {"programme": "food_sampling"}
    batches = [batch(1, "pass", **food), batch(2, "fail", **food)]
    assert pooled(values(inputs, [], batches)[key]) == (1, 2, True)
    assert pooled(values(inputs, [count(100, 97, series="another", **food), count(80, 78, **food)], batches)[key]) == (
        78,
        80,
        True,
    )
    assert pooled(values(inputs, [count(80, 78, origin="synthetic", **food)], batches)[key]) == (1, 2, True)


def test_a_biased_list_never_reaches_an_indicator(inputs: MemoryInputs) -> None:
    biased = [batch(1, "fail", series="foodmate_spot_checks", programme="food_sampling")]
    assert values(inputs, [], biased) == {}


def test_enterprises_and_batches_are_not_mixed(inputs: MemoryInputs) -> None:
    both = [count(10, 9, programme=p, counted=c) for p in ("national", "provincial") for c in ("batch", "enterprise")]
    found = values(inputs, [*both, count(7, 7, programme="national", counted="enterprise", category="x")])
    assert pooled(found[SUPERVISION]) == (18, 20, True)
    enterprises = found["prov_supervision_pass_rate", "pooled_enterprises"]
    assert (pooled(enterprises), enterprises["headline"]) == ((18, 20, True), False)


def test_projects_are_told_apart_by_category(inputs: MemoryInputs) -> None:
    projects = {"programme": "project_acceptance", "counted": "project"}
    found = values(inputs, [count(12, 12, category="大中型", **projects), count(30, 29, category="其他", **projects)])
    assert pooled(found["project_first_acceptance_rate_large", "pooled_projects"]) == (12, 12, True)
    assert found["project_first_acceptance_rate_large", "pooled_projects"]["ci_high"] == 100.0
    assert pooled(found["project_first_acceptance_rate_other", "pooled_projects"]) == (29, 30, True)


def test_origins_are_joined(inputs: MemoryInputs) -> None:
    row = values(inputs, [count(1, 1, programme="national", origin="synthetic"), count(1, 1, programme="provincial")])[
        SUPERVISION
    ]
    assert row["origin"] == "mixed"


def test_every_indicator_is_one_of_the_plan() -> None:
    plan = yaml.safe_load((INDICATORS_FILE.parent / "yixing-2012.yaml").read_text(encoding="utf-8"))
    known = {entry["code"] for entry in [*plan["indicators"], *plan["supporting"]]}
    programmes, categories = indicator_programmes(), indicator_categories()
    assert set(programmes["indicator"]) <= known
    assert set(programmes["indicator"]) == set(categories["indicator"])
    headlines = programmes.filter("headline").unique(["indicator", "definition"])
    assert headlines["indicator"].is_unique().all()
