"""Counts of first awards, by year and since a day."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from assets.plan.tables import COUNTED_REGISTER
from assets.regions import REGION
from assets.register_findings import REGISTER_FINDING, register_findings
from assets.registers import register_contribution
from sources.feeds import FEEDS
from tests.assets.support_plan import REGION_CODE, MemoryInputs
from tests.assets.support_values import event, returned, value_inputs


@pytest.fixture
def inputs() -> MemoryInputs:
    return value_inputs()


def _by_year(frame: pl.DataFrame, column: str = "value", **where: str) -> dict[int, Any]:
    kept = frame.filter(*(pl.col(name) == wanted for name, wanted in where.items()))
    assert not kept["year"].is_duplicated().any()
    return dict(kept.select("year", column).iter_rows())


def test_first_awards_renewals_and_revocations(inputs: MemoryInputs) -> None:
    inputs.core(
        "register_events",
        [
            event("brands", "a", "2012-03-01"),
            event("brands", "b", "2012-05-01"),
            event("brands", "b2", "2013-05-01", holder_name="firm b", event_kind="renewed"),
            event("brands", "b3", "2014-05-01", holder_name="firm b"),
            event("brands", "c", "2009-01-01"),
            event("brands", "c2", "2013-01-01", holder_name="firm c"),
            event("brands", "d", "2013-06-01"),
            event("brands", "a2", "2014-07-01", holder_name="firm a", event_kind="revoked"),
            event("brands", "n1", "2013-01-01", title=None, holder_name=None),
            event("brands", "n2", "2013-01-01", title=None, holder_name=None),
            event("other", "x", "2012-01-01"),
        ],
    )
    found = inputs.run(register_contribution(inputs)).filter(pl.col("indicator") == "brands")
    assert _by_year(found) == {2012: 2, 2013: 5, 2014: 4, 2015: 4}
    assert not found["complete"].any()
    assert found["basis"].str.contains("a lower bound").all()
    assert "1 of them revoked" in found.filter(pl.col("year") == 2014)["basis"].item()


def test_national_titles_count_in_both_rows_and_once(inputs: MemoryInputs) -> None:
    inputs.core(
        "register_events",
        [
            event("brands", "a", "2012-03-01"),
            event("brands", "b", "2012-03-01", level="national"),
            event("top", "b-again", "2012-03-01", holder_name="firm b", level="national"),
            event("top", "c", "2013-03-01", level="national"),
        ],
    )
    found = inputs.run(register_contribution(inputs))
    assert _by_year(found, indicator="brands") == {2012: 2, 2013: 3, 2014: 3, 2015: 3}
    assert _by_year(found, indicator="top") == {2012: 1, 2013: 2, 2014: 2, 2015: 2}


def test_a_year_counts_its_own_events_only(inputs: MemoryInputs) -> None:
    inputs.core(
        "register_events",
        [
            event("yearly", "a", "2012-12-31"),
            event("yearly", "b", "2014-01-01"),
            event("duty", "e", "2013-02-01"),
        ],
    )
    inputs.core("statistical_returns", [returned("yearly", 2013, nothing_to_report=True)])
    found = inputs.run(register_contribution(inputs))
    assert _by_year(found, indicator="yearly") == {2012: 1, 2013: 0, 2014: 1}
    assert _by_year(found, "complete", indicator="yearly") == {2012: False, 2013: True, 2014: False}
    assert _by_year(found, indicator="duty") == {2013: 1}


def test_a_coverage_return_makes_counts_complete(inputs: MemoryInputs) -> None:
    inputs.core("register_events", [event("brands", "a", "2012-03-01", origin="synthetic")])
    inputs.core("statistical_returns", [returned("brands", 2013, complete_to=date(2013, 12, 31))])
    found = inputs.run(register_contribution(inputs)).filter(pl.col("indicator") == "brands")
    assert _by_year(found, "complete") == {2012: True, 2013: True, 2014: False, 2015: False}
    assert _by_year(found, "origin") == {2012: "mixed", 2013: "mixed", 2014: "synthetic", 2015: "synthetic"}


def test_a_coverage_return_without_events_is_a_count_of_zero(inputs: MemoryInputs) -> None:
    inputs.core("statistical_returns", [returned("yearly", 2012, complete_to=date(2013, 6, 30))])
    found = inputs.run(register_contribution(inputs))
    assert _by_year(found, indicator="yearly") == {2012: 0}
    assert found["origin"].to_list() == ["real"]


def test_events_of_towns_count_for_the_city(inputs: MemoryInputs) -> None:
    town = {"code": "320282100", "parent_code": REGION_CODE, "valid_from": date(2000, 1, 1)}
    inputs.fill(REGION, [town, town | {"valid_from": date(2013, 1, 1)}])
    inputs.core("register_events", [event("yearly", "a", "2012-03-01", region_code="320282100")])
    found = inputs.run(register_contribution(inputs))
    assert sorted(found.select("region_code", "value").iter_rows()) == [
        (REGION_CODE, 1.0),
        ("320282100", 1.0),
    ]


def test_a_revocation_that_the_city_files_takes_the_title_from_its_town(inputs: MemoryInputs) -> None:
    towns = [{"code": code, "parent_code": REGION_CODE, "valid_from": date(2000, 1, 1)} for code in ("1", "2")]
    inputs.fill(REGION, towns)
    grants = [event("brands", "a", "2012-03-01", region_code="1"), event("brands", "b", "2012-03-01", region_code="2")]
    lost = event("brands", "x", "2013-07-01", event_kind="revoked", of_event_id="a")
    inputs.core("register_events", [*grants, lost])
    found = inputs.run(register_contribution(inputs)).filter(pl.col("indicator") == "brands")
    assert {code: _by_year(found, region_code=code)[2014] for code in (REGION_CODE, "1", "2")} == {
        REGION_CODE: 1, "1": 0, "2": 1,
    }  # fmt: skip


def test_years_after_the_as_of_date_are_not_counted(inputs: MemoryInputs) -> None:
    inputs.as_of(date(2013, 2, 1))
    inputs.core("register_events", [event("brands", "a", "2012-03-01")])
    found = inputs.run(register_contribution(inputs)).filter(pl.col("indicator") == "brands")
    assert sorted(found["year"]) == [2012, 2013]


def _brands(inputs: MemoryInputs, *events: dict[str, Any]) -> dict[int, Any]:
    inputs.core("register_events", events)
    return _by_year(inputs.run(register_contribution(inputs)), indicator="brands")


def test_a_revocation_takes_nothing_from_the_years_before_it(inputs: MemoryInputs) -> None:
    """The same number, without holder and title, as a department sends it."""
    grants = [event("brands", "a", "2012-03-01"), event("brands", "b", "2012-03-01")]
    lost = event("brands", "a", "2014-07-01", event_kind="revoked", holder_name=None, title=None)
    assert _brands(inputs, *grants) == {2012: 2, 2013: 2, 2014: 2, 2015: 2}
    assert _brands(inputs, *grants, lost) == {2012: 2, 2013: 2, 2014: 1, 2015: 1}


def test_a_revocation_with_a_number_of_its_own_names_what_it_revokes(inputs: MemoryInputs) -> None:
    grants = [event("brands", "a", "2012-03-01"), event("brands", "b", "2012-03-01")]
    lost = event("brands", "撤1", "2013-07-01", event_kind="revoked", of_event_id="b", holder_name="firm b (renamed)")
    assert _brands(inputs, *grants, lost) == {2012: 2, 2013: 1, 2014: 1, 2015: 1}


def test_a_grant_and_its_revocation_are_two_facts() -> None:
    assert FEEDS["register_events"].parts[0].key == ("register", "event_id", "event_kind")


def test_numbers_of_two_departments_are_not_one_title(inputs: MemoryInputs) -> None:
    bare = {"holder_name": None, "title": None}
    found = _brands(
        inputs,
        event("brands", "1", "2012-03-01", series="commerce", **bare),
        event("brands", "1", "2012-04-01", series="quality", **bare),
        event("top", "1", "2012-05-01", series="quality", **bare),
        event("brands", "1", "2013-04-01", series="quality", event_kind="revoked", **bare),
    )
    assert found == {2012: 3, 2013: 2, 2014: 2, 2015: 2}


def test_doubtful_events_are_reported_and_counted_as_they_stand(inputs: MemoryInputs) -> None:
    events = [
        event("brands", "1", "2012-03-01", series="commerce", holder_name="江苏示例电缆有限公司", title="江苏名牌产品"),
        event(
            "brands",
            "x9",
            "2012-05-01",
            series="quality",
            holder_name="江苏示例电缆集团有限公司",
            title="江苏 名牌产品",
        ),
        event("brands", "2", "2012-05-01", series="quality", holder_name="另一家企业", title="江苏名牌产品"),
        event(
            "brands", "3", "2013-05-01", series="quality", holder_name="江苏示例电缆有限公司", title="江苏名牌产品奖"
        ),
        event(
            "brands",
            "9",
            "2014-05-01",
            series="quality",
            holder_name="无人",
            title="江苏名牌产品",
            event_kind="revoked",
        ),
    ]
    assert _brands(inputs, *events) == {2012: 3, 2013: 4, 2014: 4, 2015: 4}
    found = inputs.run(register_findings(inputs.table("core.register_events"), inputs.table(COUNTED_REGISTER.name)))
    told = sorted(found.select("finding", "event_id", "other_event_id").rows())
    assert told == [("likely_duplicate", "1", "x9"), ("revokes_nothing", "9", "")]
    assert not found.select(REGISTER_FINDING.key).is_duplicated().any()
