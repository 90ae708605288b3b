"""Which returned figure is a value of an indicator."""

from __future__ import annotations

import random
import statistics
from datetime import date, datetime
from typing import Any

import pytest
from statsmodels.stats.proportion import proportion_confint

from assets.returns import returned_contribution
from tests.assets.support_plan import MemoryInputs
from tests.assets.support_values import returned, value_inputs


@pytest.fixture
def inputs() -> MemoryInputs:
    return value_inputs()


def test_counts_decide_over_a_rounded_figure(inputs: MemoryInputs) -> None:
    inputs.core("statistical_returns", [returned("share", 2012, value=66.7, unit="%", numerator=2, denominator=3)])
    (row,) = inputs.run(returned_contribution(inputs)).to_dicts()
    assert row["value"] == pytest.approx(200 / 3, abs=1e-12)
    assert (row["numerator"], row["denominator"], row["definition"], row["headline"]) == (
        2,
        3,
        "default",
        True,
    )
    assert (row["complete"], row["unit"], row["origin"]) == (True, "%", "real")


def test_a_ratio_is_no_percentage_and_a_score_has_no_counts(inputs: MemoryInputs) -> None:
    inputs.core(
        "statistical_returns",
        [
            returned("ratio", 2012, numerator=3, denominator=4),
            returned("score", 2012, value=81, numerator=3, denominator=4, sample_size=400),
        ],
    )
    found = inputs.run(returned_contribution(inputs)).sort("indicator")
    assert list(found.select("value", "n").iter_rows()) == [(0.75, None), (81, 400)]


@pytest.mark.parametrize(
    ("given", "value", "complete", "says"),
    [
        ({"value": 51.2, "unit": "%"}, 51.2, True, "returned figure"),
        ({"value": 51.2}, 51.2, True, "returned figure"),
        ({"value": 51.2, "unit": "%", "numerator": 1, "denominator": 0}, 51.2, True, "returned figure"),
        ({"value": 50, "unit": "%", "lower_bound": True}, None, False, "only a lower bound"),
        ({"value": 12, "unit": "10^8 yuan"}, None, True, "returned in 10^8 yuan, the plan counts in %"),
        ({"value": 51.2, "unit": "%", "complete_to": date(2012, 6, 30)}, 51.2, False, "returned figure"),
        ({"value": 51.2, "unit": "%", "complete_to": date(2012, 12, 31)}, 51.2, True, "returned figure"),
        ({"value": 51.2, "unit": "%", "period": "2012年"}, 51.2, True, "returned figure"),
    ],
)
def test_a_returned_figure(
    inputs: MemoryInputs, given: dict[str, Any], value: float | None, complete: bool, says: str
) -> None:
    inputs.core("statistical_returns", [returned("share", 2012, reporting_body="office", **given)])
    (row,) = inputs.run(returned_contribution(inputs)).to_dicts()
    assert (row["value"], row["complete"]) == (value, complete)
    assert says in row["basis"] and "office" in row["basis"]


@pytest.mark.parametrize(
    "given",
    [
        {"period": "2012H1"},
        {"stratum": "rural"},
        {"indicator_code": "unknown"},
        {"indicator_code": "brands"},
        {"value": None, "nothing_to_report": True},
        {"value": None, "complete_to": date(2012, 12, 31)},
    ],
    ids=str,
)
def test_what_is_no_value_of_the_year(inputs: MemoryInputs, given: dict[str, Any]) -> None:
    inputs.core("statistical_returns", [returned("share", 2012, **{"value": 50, "unit": "%"} | given)])
    assert inputs.run(returned_contribution(inputs)).height == 0


def test_one_of_several_series(inputs: MemoryInputs) -> None:
    rows = [
        returned("share", 2012, value=50, unit="%", series="a", published_at=datetime(2013, 3, 1)),
        returned("share", 2012, value=51, unit="%", series="b", published_at=datetime(2013, 2, 1)),
        returned(
            "share",
            2012,
            value=99,
            unit="%",
            series="c",
            origin="synthetic",
            published_at=datetime(2014, 1, 1),
        ),
    ]
    inputs.core("statistical_returns", rows)
    (row,) = inputs.run(returned_contribution(inputs)).to_dicts()
    assert (row["value"], row["origin"]) == (50, "real")
    assert "2 other series not used" in row["basis"]


def test_a_returned_figure_is_not_the_headline_of_what_is_computed_here(inputs: MemoryInputs) -> None:
    inputs.core("statistical_returns", [returned("computed", 2012, value=50, unit="%")])
    (row,) = inputs.run(returned_contribution(inputs)).to_dicts()
    assert (row["definition"], row["headline"]) == ("as_returned", False)


def test_evidence_keeps_its_own_unit(inputs: MemoryInputs) -> None:
    inputs.core("statistical_returns", [returned("duty", 2014, value=250.93, unit="10^8 yuan")])
    (row,) = inputs.run(returned_contribution(inputs)).to_dicts()
    assert (row["value"], row["unit"]) == (250.93, "10^8 yuan")


def test_a_figure_that_its_counts_do_not_give_is_named(inputs: MemoryInputs) -> None:
    """The hotline answered 9,412 of 9,800 calls: 96.04 %, whatever is printed beside it."""
    calls = {"unit": "%", "numerator": 9412, "denominator": 9800}
    inputs.core(
        "statistical_returns",
        [returned("share", 2012, value=96.0, **calls), returned("share", 2013, value=98.0, **calls)],
    )
    first, second = inputs.run(returned_contribution(inputs)).sort("year").to_dicts()
    assert first["value"] == second["value"] == pytest.approx(100 * 9412 / 9800, abs=1e-12)
    assert "beside them" not in first["basis"] and "the figure returned beside them is 98.0" in second["basis"]
    assert (first["ci_low"], first["ci_high"]) == (None, None), "every call is counted: nothing was sampled"


def test_a_survey_has_an_interval(inputs: MemoryInputs) -> None:
    inputs.core(
        "statistical_returns",
        [
            returned("share", 2012, unit="%", numerator=331, denominator=400, sample_size=400),
            returned("score", 2012, value=82.75, sample_size=400),
            returned("score", 2013, value=100, sample_size=400),
            returned("score", 2014, value=182, sample_size=400),
            returned("score", 2015, value=82.75),
        ],
    )
    found = inputs.run(returned_contribution(inputs)).sort("year", "indicator").to_dicts()
    ends = [(row["ci_low"], row["ci_high"]) for row in found]
    low, high = proportion_confint(331, 400, 0.05, "wilson")
    assert ends[0] == ends[1] == (pytest.approx(100 * low, abs=1e-9), pytest.approx(100 * high, abs=1e-9))
    assert ends[2][1] == 100 and ends[2][0] == pytest.approx(100 * proportion_confint(400, 400, 0.05, "wilson")[0])
    assert ends[3:] == [(None, None)] * 2, "off the scale, or nobody says how many were asked"


def test_no_bounded_score_varies_more_than_its_interval_allows() -> None:
    """The claim behind the interval of a score, on a thousand samples: variance ≤ m·(100 − m)."""
    chance = random.Random(50)
    for _ in range(1000):
        answers = [chance.choice([0.0, 100.0, chance.uniform(0, 100)]) for _ in range(chance.randint(2, 60))]
        mean = statistics.fmean(answers)
        assert statistics.pvariance(answers) <= mean * (100 - mean) + 1e-9
