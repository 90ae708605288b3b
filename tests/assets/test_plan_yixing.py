"""The bundled plan against the list of targets that it was made from."""

from __future__ import annotations

import csv
import re
import time
from decimal import ROUND_HALF_UP, Decimal

import pytest
import yaml

from assets.plan.bodies import load_bodies
from assets.plan.check import check_plan, summary
from assets.plan.load import load_plan, read_plan
from assets.plan.model import Comparator, Kind, Plan
from assets.plan.path import required_values
from tests.assets.support_plan import BODIES, BUNDLED, DATA, SHARED

COUNTS = yaml.safe_load((DATA / "counts.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_plan(BUNDLED)


def test_the_bundled_plan_is_sound() -> None:
    problems, found = check_plan(BUNDLED)
    assert problems == []
    assert found == summary(load_plan(BUNDLED))


def test_counts_of_the_list(plan: Plan) -> None:
    found = summary(plan)
    assert found["indicators"] == 121
    assert found["by_kind"] == {kind: sum(parts.values()) for kind, parts in COUNTS["kinds"].items()}
    assert found["by_feed"] == COUNTS["feeds"]
    goals = [entry for entry in plan.indicators if entry.clause.startswith("二(二)")]
    for kind, parts in COUNTS["kinds"].items():
        assert sum(entry.kind == kind for entry in goals) == parts["goals"]
    assert sum(found["by_chapter"].values()) == 121


def test_head(plan: Plan) -> None:
    assert (plan.code, plan.document, plan.region) == ("yixing-2012", "宜政发[2012]92号", "320282")
    assert [str(entry.date) for entry in plan.dates] == ["2012-08-23", "2012-05-27"]
    assert (plan.status_in_header.zh, list(plan.years)) == ("执行中", [2012, 2013, 2014, 2015])
    assert [reading.number for reading in plan.readings] == list(range(1, 25))
    assert plan.reading("after_plan_end") == "not_due"
    with pytest.raises(KeyError, match="has no reading nobody"):
        plan.reading("nobody")


def test_required_values_to_the_printed_digit(plan: Plan) -> None:
    rows = list(csv.DictReader((DATA / "required_path.csv").open(encoding="utf-8")))
    for row in rows:
        entry, year = plan.indicator(row["code"]), int(row["year"])
        digit = Decimal(1).scaleb(-int(row["digits"]))
        found = required_values(entry)[year].quantize(digit, ROUND_HALF_UP)
        assert found == Decimal(row["required"]), (row["code"], year)
        if row["strict"] == "true":
            assert entry.targets[year].strict
    printed = {row["code"] for row in rows}
    moving = {entry.code for entry in plan.indicators if len(set(required_values(entry).values())) > 1}
    assert moving == printed


def test_implied_numbers_are_marked(plan: Plan) -> None:
    implied = {e.code for e in plan.indicators if any(t.implied_by for t in e.targets.values())}
    assert implied == set(COUNTS["implied_by_a_word"])
    assert all(plan.indicator(code).kind is Kind.NUMERIC_TARGET for code in implied)


def test_loading_is_quick() -> None:
    best = min(_seconds() for _ in range(3))
    assert best < 0.3


def _seconds() -> float:
    start = time.perf_counter()
    read_plan(BUNDLED)
    return time.perf_counter() - start


def test_the_bundled_list_of_bodies_assigns_nothing(plan: Plan) -> None:
    bodies = load_bodies(BODIES, plan)
    assert len(bodies.bodies) == 1
    assert bodies.names() == {}


def test_every_row_says_what_the_list_says(plan: Plan) -> None:
    source = SHARED.parent / "plan" / "yixing-2012-targets.md"
    if not source.is_file():
        pytest.skip("the full list of targets is not beside this project")
    rows = [
        [cell.strip() for cell in line.strip()[1:-1].split(" | ")]
        for line in source.read_text("utf-8").splitlines()
        if re.match(r"\| \d+ \| `", line)
    ]
    assert len(rows) == len(plan.indicators)
    kinds = {
        "numeric target": "numeric_target",
        "relative target": "relative_target",
        "duty without number": "duty",
    }
    for entry, (number, code, zh, en, definition, first, last, comparator, feeds, kind, clause) in zip(
        plan.indicators, rows, strict=True
    ):
        said = (str(entry.row), f"`{entry.code}`", entry.zh, entry.en, entry.definition, entry.clause)
        assert said == (number, code, zh, en, definition, clause)
        assert entry.kind == kinds[kind]
        assert {feed.replace("_", " ") for feed in entry.feeds} == {
            feed.strip()
            for feed in feeds.replace("spot_check", "spot check").replace("pass_rate", "pass rate").split(";")
        }
        assert (2012 in entry.targets, 2015 in entry.targets) == (first != "–", last != "–"), entry.code
        assert (entry.comparator is Comparator.QUALITATIVE) == comparator.startswith("qualitative")
        if entry.numbers and entry.comparator is not Comparator.ABOVE_PROVINCE:
            for year, text in ((2012, first), (2015, last)):
                if year in entry.numbers:
                    assert Decimal(re.findall(r"\d+", text)[0]) == entry.numbers[year], entry.code
