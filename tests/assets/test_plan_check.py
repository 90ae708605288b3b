"""What is said of a plan that is not sound."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from assets.plan.bodies import load_bodies
from assets.plan.check import check_plan
from assets.plan.load import PlanError, load_plan
from tests.assets.support_plan import BUNDLED, DATA, small_document

CASES = yaml.safe_load((DATA / "bad_plans.yaml").read_text("utf-8"))


def _written(case: dict[str, Any], folder: Path) -> Path:
    path = folder / "plan.yaml"
    if "hex" in case:
        path.write_bytes(bytes.fromhex(case["hex"]))
    elif "file" in case:
        path.write_text(case["file"], "utf-8")
    else:
        document = small_document(case.get("entries", [{}]), **case.get("head", {}))
        for name in case.get("remove_head", ()):
            del document[name]
        for name in case.get("remove", ()):
            del document["indicators"][0][name]
        path.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    return path


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_a_bad_plan_is_explained(case: dict[str, Any], tmp_path: Path) -> None:
    problems, summary = check_plan(_written(case, tmp_path))
    assert len(problems) == 1, [str(problem) for problem in problems]
    (problem,) = problems
    assert problem.file == "plan.yaml"
    for words in case["says"]:
        assert words in str(problem)
    assert problem.found and problem.accepted and problem.action
    if "file" in case or "hex" in case:
        assert summary == {}


def test_the_small_plan_itself_is_sound(tmp_path: Path) -> None:
    problems, summary = check_plan(_written({}, tmp_path))
    assert (problems, summary["indicators"]) == ([], 1)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    case = {"entries": [{"feeds": ["smoke"], "chapter": "two"}, {"code": "other", "held_from": 1999}]}
    problems, _ = check_plan(_written(case, tmp_path))
    assert [problem.column for problem in problems] == ["share.feeds", "share.chapter", "other.held_from"]
    with pytest.raises(PlanError) as caught:
        load_plan(tmp_path / "plan.yaml")
    assert list(caught.value.problems) == problems


def test_a_plan_that_is_not_there(tmp_path: Path) -> None:
    (problem,), _ = check_plan(tmp_path / "none.yaml")
    assert "no readable file" in problem.found
    with pytest.raises(PlanError, match=r"none\.yaml"):
        load_plan(tmp_path / "none.yaml")


def test_a_mended_plan_is_read_again(tmp_path: Path) -> None:
    path = _written({"head": {"code": "first"}}, tmp_path)
    assert load_plan(path).code == "first"
    _written({"head": {"code": "second-one"}}, tmp_path)
    assert load_plan(path).code == "second-one"


def test_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    path = _written({}, tmp_path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert check_plan(path)[0] == []


BODY = "{code: office, zh: 办公室, en: Office, source: the city}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("plan: another", "plan 'another'"),
        (f"plan: yixing-2012\nbodies: [{BODY}, {BODY}]", "body 'office' twice"),
        (f"plan: yixing-2012\nbodies: [{BODY}]\nindicators: {{nobody: office}}", "indicator 'nobody'"),
        ("plan: yixing-2012\nindicators: {own_brands_competitive: office}", "body 'office'"),
        ("plan: yixing-2012\nbodies: [{code: office}]", "office.zh"),
        ("", "an empty file"),
    ],
)
def test_a_bad_list_of_bodies_is_explained(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "bodies.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(PlanError) as caught:
        load_bodies(path, load_plan(BUNDLED))
    assert says in str(caught.value)


def test_an_assigned_body_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bodies.yaml"
    path.write_text(f"plan: yixing-2012\nbodies: [{BODY}]\nindicators: {{own_brands_competitive: office}}", "utf-8")
    assert load_bodies(path, load_plan(BUNDLED)).names()["own_brands_competitive"].zh == "办公室"
