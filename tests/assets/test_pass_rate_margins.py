"""A city's pass rates against its province's: the same programmes, products and periods, or not at all."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from assets.contribution import CONTRIBUTION
from assets.pass_rates import margin_contribution
from assets.pass_rates.margins import PASS_RATE_MARGIN
from assets.plan.load import load_plan
from pipelines.settings import DEFAULT_PLAN
from tests.assets.support_inspection import batch, built, count, inspection_inputs
from tests.assets.support_water import MemoryInputs

CITY, PROVINCE = {"region_code": "320282"}, {"region_code": "320000"}
H1 = {"period_start": date(2012, 1, 1), "period_end": date(2012, 6, 30)}
H2 = {"period_start": date(2012, 7, 1), "period_end": date(2012, 12, 31)}


@pytest.fixture(scope="module")
def inputs() -> MemoryInputs:
    return inspection_inputs()


def margin(
    inputs: MemoryInputs, counts: list[dict[str, Any]], code: str, batches: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """The headline margin of that indicator in 2012."""
    built(inputs, counts, batches or [])
    (row,) = inputs.rows(PASS_RATE_MARGIN).filter(indicator=code, headline=True).to_dicts()
    return row


def compared(row: dict[str, Any]) -> tuple[int, ...]:
    return row["inspected"], row["passed"], row["province_inspected"], row["province_passed"]


def supervision(side: dict[str, Any], national: tuple[int, int], provincial: tuple[int, int]) -> list[dict[str, Any]]:
    return [count(*national, programme="national", **side), count(*provincial, programme="provincial", **side)]


def test_a_margin_and_its_interval(inputs: MemoryInputs) -> None:
    counts = supervision(CITY, (40, 39), (160, 153)) + supervision(PROVINCE, (1000, 950), (5000, 4700))
    row = margin(inputs, counts, "prov_supervision_pass_rate_vs_province")
    assert compared(row) == (200, 192, 6000, 5650)
    assert row["difference"] == pytest.approx(96 - 100 * 5650 / 6000)
    low, high = confint_proportions_2indep(192, 200, 5650, 6000, "newcomb", "diff")
    assert (row["ci_low"] / 100, row["ci_high"] / 100) == pytest.approx((low, high), abs=1e-9)
    assert (row["complete"], row["left_out"]) == (True, None)
    assert row["difference"] > 0 > row["ci_low"]
    assert (row["margin"], row["spans_margin"]) == (0, True), (
        "chance alone could turn it; the verdict follows the value"
    )


def test_many_batches_leave_no_doubt(inputs: MemoryInputs) -> None:
    counts = supervision(CITY, (4000, 3990), (16000, 15900)) + supervision(PROVINCE, (1000, 950), (5000, 4700))
    assert margin(inputs, counts, "prov_supervision_pass_rate_vs_province")["spans_margin"] is False


def test_a_programme_of_one_side_alone_is_not_compared(inputs: MemoryInputs) -> None:
    counts = [*supervision(CITY, (40, 20), (160, 153)), count(5000, 4700, programme="provincial", **PROVINCE)]
    row = margin(inputs, counts, "prov_supervision_pass_rate_vs_province")
    assert compared(row) == (160, 153, 5000, 4700)
    assert (row["left_out"], row["complete"]) == ("national all 2012-01-01/2012-12-31", False)


def test_halves_are_a_year_and_a_half_is_not(inputs: MemoryInputs) -> None:
    farm = {"programme": "agri_monitoring"}
    province = count(12000, 11640, **farm, **PROVINCE)
    halves = [count(600, 590, **farm, **CITY, **H1), count(600, 574, **farm, **CITY, **H2)]
    row = margin(inputs, [*halves, province], "agri_product_pass_rate_vs_province")
    assert compared(row) == (1200, 1164, 12000, 11640) and row["complete"] and row["difference"] == 0
    row = margin(inputs, [halves[0], province], "agri_product_pass_rate_vs_province")
    assert (row["difference"], row["ci_low"], row["complete"]) == (None, None, False)
    assert row["left_out"] == "agri_monitoring all 2012-01-01/2012-06-30"


def test_products_are_matched_where_both_sides_list_them_all(inputs: MemoryInputs) -> None:
    """The city's batches are two products; the province's total holds a third one, which is left aside."""
    batches = [
        batch(number, "pass" if number else "fail", programme="food_sampling", category="豆及豆制品")
        for number in range(10)
    ] + [batch(10, "pass", programme="food_sampling", category="食盐")]
    food = {"programme": "food_sampling", **PROVINCE}
    listed = [count(1000, 900, category="豆制品", **food), count(500, 200, category="糕点", **food)]
    row = margin(inputs, listed, "key_food_pass_rate_vs_province", batches)
    assert compared(row) == (10, 9, 1000, 900)
    assert (row["matched"], row["left_out"]) == (
        "food_sampling soy_main 2012-01-01/2012-12-31", "food_sampling salt 2012-01-01/2012-12-31",
    )  # fmt: skip
    partly = [*listed, count(2000, 1900, **food)]
    row = margin(inputs, partly, "key_food_pass_rate_vs_province", batches)
    assert compared(row) == (11, 10, 2000, 1900), "a list that does not add up to its total tells no products"


def test_named_products_are_compared_one_by_one(inputs: MemoryInputs) -> None:
    wire, machines = {"category": "电线电缆"}, {"category": "环保机械"}
    counts = [
        count(20, 19, programme="national", **wire, **CITY), count(100, 99, programme="provincial", **wire, **CITY),
        count(10, 5, programme="national", **machines, **CITY),
        count(300, 285, programme="national", **wire, **PROVINCE),
        count(900, 850, programme="provincial", **wire, **PROVINCE),
    ]  # fmt: skip
    row = margin(inputs, counts, "key_industry_pass_rate_margin")
    assert compared(row) == (120, 118, 1200, 1135)
    assert row["left_out"] == "national environmental_machinery 2012-01-01/2012-12-31"
    assert (row["margin"], row["complete"]) == (1, False)


def test_the_plan_gets_the_margin_under_its_code(inputs: MemoryInputs) -> None:
    counts = supervision(CITY, (40, 39), (160, 153)) + supervision(PROVINCE, (1000, 950), (5000, 4700))
    row = margin(inputs, counts, "prov_supervision_pass_rate_vs_province")
    found = inputs.contributed(margin_contribution)
    assert found.columns == [column.name for column in CONTRIBUTION]
    (value,) = found.filter(indicator="prov_supervision_pass_rate_vs_province", headline=True).to_dicts()
    assert (value["value"], value["ci_low"], value["unit"]) == (row["difference"], row["ci_low"], "points")
    assert value["definition"] == load_plan(DEFAULT_PLAN).indicator(value["indicator"]).headline_definition
    assert "192/200 of the region less 5650/6000 of the province" in value["basis"]


def test_without_counts_of_the_province_there_is_no_row(inputs: MemoryInputs) -> None:
    built(inputs, supervision(CITY, (40, 39), (160, 153)), [])
    assert inputs.rows(PASS_RATE_MARGIN).is_empty()
