"""Amendments: what holds on which day, and what is said of one that cannot be used."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from assets.catalog import load_catalog
from assets.plan.amendments import Amendment, amended, in_force
from assets.plan.compare import changes
from assets.plan.folder import PlanInForce, plan_files, read_plans
from assets.plan.rows import amendment_frame, target_frame
from assets.plan.tables import PLAN_TABLES, TARGET
from assets.plan.towns import TownPlan
from tests.assets.support_plan import small_document, small_plan

ENTRY = {"targets": {2012: {"value": 80}, 2015: {"value": 90}}, "path": "straight_line"}
PLAN = small_plan([ENTRY])


def _amendment(day: str, target: dict[str, Any] | None, number: str = "No. 2", **more: Any) -> dict[str, Any]:
    return {
        "amends": "small",
        "document": number,
        "date": date(2013, 5, 1),
        "valid_from": date.fromisoformat(day),
        "targets": {"share": {2015: target}},
    } | more


def _read(tmp_path: Path, *files: dict[str, Any]) -> tuple[tuple[PlanInForce, ...], list[str]]:
    for number, document in enumerate((small_document([ENTRY]), *files)):
        (tmp_path / f"{number}.yaml").write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    plans, problems = read_plans(plan_files(tmp_path))
    return plans, [str(problem) for problem in problems]


def _asked(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    return [
        (year, round(required, 4), target, document)
        for year, required, target, document in frame.sort("year")
        .select("year", "required", "target", "document")
        .iter_rows()
    ]


def test_each_year_is_asked_by_the_amendments_in_force_on_its_last_day() -> None:
    second = Amendment.model_validate(_amendment("2013-07-01", {"value": 86}))
    third = Amendment.model_validate(_amendment("2015-01-01", {"value": 83}, "No. 3", clause="1"))
    held = in_force([third, second], date(2016, 1, 1))
    assert [entry.document for entry in held] == ["No. 2", "No. 3"]
    assert _asked(target_frame(PLAN, held)) == [
        (2012, 80, 80, "No. 1"),
        (2013, 82, 86, "No. 2"),
        (2014, 84, 86, "No. 2"),
        (2015, 83, 83, "No. 3"),
    ]
    assert target_frame(PLAN, held)["clause"].to_list() == ["1(1)", "No. 2", "No. 2", "No. 3 1"]


@pytest.mark.parametrize(("day", "last"), [("2013-06-30", 90), ("2013-07-01", 86)])
def test_an_amendment_does_nothing_before_its_day(tmp_path: Path, day: str, last: float) -> None:
    assert _read(tmp_path, _amendment("2013-07-01", {"value": 86}))[1] == []
    catalog = load_catalog(date.fromisoformat(day), plan_files(tmp_path))
    (targets,) = (reference for reference in catalog.references if reference.table == TARGET)
    assert targets.rows().sort("year")["target"].to_list()[-1] == last


def test_a_withdrawn_target_is_asked_no_more() -> None:
    entry = Amendment.model_validate(_amendment("2014-02-01", None))
    plan = small_plan([{**ENTRY, "path": "none"}])
    assert list(amended(plan, [entry]).indicators[0].targets) == [2012]
    rows = target_frame(plan, [entry]).sort("year")
    assert rows["source"].to_list() == ["text", "ahead", "past", "past"]
    (row,) = amendment_frame(plan, [entry]).to_dicts()
    assert (row["target_before"], row["target"], row["dated"]) == (90, None, date(2013, 5, 1))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (_amendment("2013-07-01", {"value": 86}, amends="large"), "plan 'large'"),
        (_amendment("2013-07-01", {"value": 86}, targets={"shore": {2015: {"value": 1}}}), "indicator 'shore'"),
        (_amendment("2016-01-01", {"value": 86}), "which ended before 2016-01-01"),
        (_amendment("2013-07-01", {"value": 86}, targets={"share": {2018: {"value": 95}}}), "2012 to 2015"),
        (_amendment("2013-07-01", {"value": 70}), "milestones 80, 70 that go away"),
        (_amendment("2013-07-01", None), "path straight_line"),
        (_amendment("2013-07-01", {"value": 86}, targets={"share": {2014: None}}), "does not have"),
        (_amendment("2013-07-01", {"valve": 86}), "valve"),
        (_amendment("2013-07-01", {"value": 86}, targets={}), "targets"),
    ],
)
def test_an_amendment_that_cannot_be_used_is_explained(tmp_path: Path, given: dict[str, Any], says: str) -> None:
    _, problems = _read(tmp_path, given)
    assert len(problems) == 1, problems
    assert problems[0].startswith("1.yaml")
    assert says in problems[0]


def test_two_documents_of_one_day_contradict_each_other(tmp_path: Path) -> None:
    _, (problem,) = _read(
        tmp_path, _amendment("2013-07-01", {"value": 86}), _amendment("2013-07-01", {"value": 85}, "No. 3")
    )
    assert "a target that 1.yaml sets from the same day" in problem


def test_two_plans_of_one_code_are_refused(tmp_path: Path) -> None:
    _, (problem,) = _read(tmp_path, small_document([{}]))
    assert "plan 'small', as in another file" in problem


def test_one_mistake_leaves_all_plans_as_they_were_loaded(tmp_path: Path) -> None:
    _read(tmp_path, small_document([{}], code="other"), _amendment("2016-01-01", {"value": 86}))
    catalog = load_catalog(date(2017, 1, 1), plan_files(tmp_path))
    assert [problem.file for problem in catalog.problems] == ["2.yaml"]
    assert catalog.unusable == {table.name for table in PLAN_TABLES}
    assert not {reference.table.name for reference in catalog.loadable} & catalog.unusable


def test_a_comparison_names_every_field_and_indicator_that_differs() -> None:
    after = small_plan(
        [{**ENTRY, "tolerance": "0.5"}, {"code": "new"}], document="No. 9", valid_from=date(2014, 1, 1)
    )  # fmt: skip
    found = changes(PlanInForce(PLAN), PlanInForce(after))
    assert [(change.indicator, change.field, change.before, change.after) for change in found] == [
        ("", "document", "No. 1", "No. 9"),
        ("", "valid_from", "2012-01-01", "2014-01-01"),
        ("share", "tolerance", "", "0.5"),
        ("new", "indicator", "", "added"),
    ]
    assert [change.after for change in changes(PlanInForce(after), PlanInForce(PLAN))][-1] == "removed"


def test_a_comparison_reaches_into_town_plans() -> None:
    document = {
        "town_plan_of": "small", "code": "towns", "title": {"zh": "镇", "en": "Towns"}, "document": "No. 7",
        "valid_from": date(2012, 1, 1), "towns": "all", "targets": {"share": {2015: {"value": 85}}},
    }  # fmt: skip
    old = TownPlan.model_validate(document)
    new = TownPlan.model_validate(document | {"towns": ["1"], "targets": {"share": {2015: {"value": 86}}}})
    found = changes(PlanInForce(PLAN, towns=(old,)), PlanInForce(PLAN, towns=(new,)))
    assert [(c.plan, c.indicator, c.field, c.before, c.after) for c in found] == [
        ("towns", "", "towns", "all", "('1',)"),
        ("towns", "share", "targets.2015", "85", "86"),
    ]
    (added,) = changes(PlanInForce(PLAN), PlanInForce(PLAN, towns=(new,)))
    assert (added.plan, added.field, added.after, added.document) == ("towns", "town plan", "added", "No. 7")
    (gone,) = changes(PlanInForce(PLAN, towns=(new,)), PlanInForce(PLAN))
    assert (gone.plan, gone.after) == ("towns", "removed")
