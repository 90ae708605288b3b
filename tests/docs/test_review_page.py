"""docs/review-yixing-2012.md: what a night says of every row, and what a reviewer found in it."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from assets.plan.load import load_plan
from assets.plan.model import Comparator
from pipelines.settings import DEFAULT_PLAN, PROJECT
from samples.example_city.review import PAGE, REMARKS, page, verdicts
from support.nights import published

PLAN = load_plan(DEFAULT_PLAN)
REVIEW = yaml.safe_load(REMARKS.read_text("utf-8"))
LIST = PROJECT.parent / "shared" / "plan" / "yixing-2012-targets.md"
AGAIN = "read the changed rows again, then run `python -m samples.example_city.review HOME`"


def test_the_page_says_what_the_night_says(sample_home: Path) -> None:
    with published(sample_home) as con:
        made = page(PLAN, verdicts(con, PLAN), REVIEW)
    assert re.findall(r"^\| (\d+) \|.*when reviewed", made, re.MULTILINE) == [], AGAIN
    assert made == PAGE.read_text("utf-8"), AGAIN


def test_a_verdict_that_was_not_reviewed_is_told(sample_home: Path) -> None:
    with published(sample_home) as con:
        found = dict(verdicts(con, PLAN))
    found[17, 2012] = {**found[17, 2012], "status": "missed"}
    changed = [line for line in page(PLAN, found, REVIEW).splitlines() if "when reviewed" in line]
    assert len(changed) == 1
    assert changed[0].startswith("| 17 |")
    assert "missed **was met when reviewed**" in changed[0]


def test_every_row_is_reviewed_and_asks_what_the_plan_asks() -> None:
    assert [(row["row"], row["code"]) for row in REVIEW["rows"]] == [(e.row, e.code) for e in PLAN.indicators]
    for row, entry in zip(REVIEW["rows"], PLAN.indicators, strict=True):
        assert len(row["seen"]) == len(PLAN.years)
        assert len(row["remark"]) > 10
        for year, asked in row["asked"].items():
            assert (asked == "–") == (year not in entry.targets), (entry.code, year)
            if year in entry.numbers and re.search(r"\d", asked):
                assert Decimal(re.findall(r"\d+", asked)[0]) == entry.numbers[year], (entry.code, year)
                if entry.comparator not in (Comparator.REDUCTION_ON_BASE, Comparator.EXACTLY):
                    assert entry.targets[year].strict == asked.startswith(">"), (entry.code, year)


def test_what_is_asked_stands_in_the_list_of_targets_word_for_word() -> None:
    if not LIST.is_file():
        pytest.skip("the full list of targets is not beside this project")
    cells = [
        [cell.strip() for cell in line.strip()[1:-1].split(" | ")]
        for line in LIST.read_text("utf-8").splitlines()
        if re.match(r"\| \d+ \| `", line)
    ]
    said = [(str(r["row"]), r["asked"][2012], r["asked"][2015], r["comparator"]) for r in REVIEW["rows"]]
    assert said == [(cell[0], cell[5], cell[6], cell[7]) for cell in cells]
