"""Every situation of `status_cases.yaml`, judged by one query."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import polars as pl
import pytest
import yaml

from assets.plan.rows import indicator_frame, target_frame
from assets.plan.soundness import problems
from assets.plan.tables import INDICATOR, TARGET, plan_statements
from assets.status.findings import FINDINGS
from assets.status.marts import INDICATOR_STATUS, indicator_status
from tests.assets.support_plan import DATA, REGION_CODE, MemoryInputs, small_plan, value_row

CASES = yaml.safe_load((DATA / "status_cases.yaml").read_text("utf-8"))
JUDGED_ON = date(2016, 6, 30)

_KINDS = {"qualitative": "duty", "above_province": "relative_target"}
_FIELDS: dict[str, dict[str, Any]] = {
    "cumulative_count": {"measure": "count", "unit": "count", "window_start": date(2012, 1, 1)},
    "above_province": {"measure": "margin", "unit": "points", "compare_with": "level_met"},
    "qualitative": {"measure": "evidence", "better": None},
}


def _entry(case: dict[str, Any]) -> dict[str, Any]:
    targets = {year: ask if isinstance(ask, dict) else {"value": ask} for year, ask in case["ask"].items()}
    relative = bool(targets) and all("value" not in target for target in targets.values())
    kind = _KINDS.get(case["comparator"], "relative_target" if relative else "numeric_target")
    return {
        "code": case["name"],
        "comparator": case["comparator"],
        "kind": kind,
        "targets": targets,
        "path": case.get("path", "none"),
        **_FIELDS.get(case["comparator"], {}),
        **case.get("entry", {}),
    }


def _values(case: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    meant = case.get("entry", {}).get("headline_definition", "default")
    for part, headline in (("values", True), ("also", False)):
        for year, given in case.get(part, {}).items():
            columns = dict(given) if isinstance(given, dict) else {"value": given}
            low, high = columns.pop("ci", (None, None))
            columns = {"definition": meant, "headline": headline, "ci_low": low, "ci_high": high} | columns
            rows.append(value_row(case["name"], year, columns.pop("value"), **columns))
    return rows


_PERIODS = {
    "H1": ((1, 1), (6, 30)), "H2": ((7, 1), (12, 31)),
    "Q1": ((1, 1), (3, 31)), "Q2": ((4, 1), (6, 30)), "Q3": ((7, 1), (9, 30)), "Q4": ((10, 1), (12, 31)),
}  # fmt: skip


def _periods(case: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for name, given in case.get("periods", {}).items():
        year, (first, last) = int(name[:4]), _PERIODS[name[4:]]
        columns = dict(given) if isinstance(given, dict) else {"value": given}
        rows.append(
            {"plan": "small", "indicator": case["name"], "region_code": REGION_CODE, "year": year, "period": name,
             "definition": "default", "period_start": date(year, *first), "period_end": date(year, *last),
             "n": 100, "complete": True, "origin": "real"} | columns
        )  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def statuses() -> pl.DataFrame:
    plan = small_plan([_entry(case) for case in CASES])
    assert [str(problem) for problem in problems(plan, "cases")] == []
    inputs = MemoryInputs()
    days = pl.DataFrame(
        {
            "code": [case["name"] for case in CASES],
            "judged_on": [case.get("as_of", JUDGED_ON) for case in CASES],
        }
    )
    inputs.frame(INDICATOR.name, indicator_frame(plan).join(days, on="code"))
    inputs.frame(TARGET.name, target_frame(plan))
    inputs.values([row for case in CASES for row in _values(case)])
    inputs.periods([row for case in CASES for row in _periods(case)])
    tables = [inputs.table(name) for name in (TARGET.name, "mart.indicator_value", "mart.indicator_period")]
    return inputs.run(indicator_status(plan_statements(inputs), *tables, ibis._.judged_on))


def _judged(statuses: pl.DataFrame, case: dict[str, Any]) -> dict[str, Any]:
    found = statuses.filter(pl.col("indicator") == case["name"], pl.col("year") == case["year"])
    wanted = pl.col("definition") == case["judged"] if "judged" in case else pl.col("headline")
    return found.row(by_predicate=wanted, named=True)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_verdict(statuses: pl.DataFrame, case: dict[str, Any]) -> None:
    row = _judged(statuses, case)
    assert row["status"] == case["status"], (row["finding"], row["reason"])
    assert case.get("says", "") in row["reason"]
    if "includes" in case:
        assert row["includes_target"] is case["includes"]


def test_there_are_enough_cases_and_every_finding_is_met(statuses: pl.DataFrame) -> None:
    assert len(CASES) >= 150
    found = {_judged(statuses, case)["finding"] for case in CASES}
    assert found == {finding.code for finding in FINDINGS}


def test_a_reason_is_always_said_in_both_languages(statuses: pl.DataFrame) -> None:
    for column in ("reason", "reason_zh"):
        assert statuses[column].null_count() == 0
        assert statuses[column].str.len_chars().min() >= 10  # type: ignore[operator]
        assert not statuses[column].str.contains(r"[{}]").any()
        assert not statuses[column].str.contains(r"–[ ;.]|None|nan").any(), statuses.filter(
            pl.col(column).str.contains(r"–[ ;.]|None|nan")
        )[column].to_list()
    assert statuses["reason_zh"].str.contains(r"[一-鿿]").all()


def test_shape_and_key(statuses: pl.DataFrame) -> None:
    assert tuple(statuses.columns) == INDICATOR_STATUS.names
    assert not statuses.select(INDICATOR_STATUS.key).is_duplicated().any()
    plan_years = statuses.filter(pl.col("year") <= 2015, pl.col("headline"))
    assert plan_years.height == len(CASES) * 4


@pytest.mark.parametrize(
    ("name", "year", "numbers"),
    [
        ("level_behind_path", 2013, {"target": 97, "required": 96 + 1 / 3, "gap": 96.33 - (96 + 1 / 3)}),
        ("level_final_met", 2015, {"target": 97, "required": 97, "gap": 0, "progress": 1}),
        ("level_final_missed_though_rising", 2015, {"progress": (96.5 - 96.2) / (97 - 96.2)}),
        ("ahead_not_reached", 2013, {"target": 95, "required": None, "gap": -35, "progress": None}),
        ("count_behind", 2013, {"target": 35, "required": 10 + 25 / 3, "progress": 18 / 35}),
        ("reduction_on_constant_rate", 2012, {"target": 20, "progress": 0.4}),
        ("reduction_on_straight_line", 2012, {"required": 8, "progress": 0.4}),
        ("reduction_reversed", 2015, {"gap": -23, "progress": 0}),
        ("rising_rises", 2014, {"target": None, "required": 80, "gap": 0.1}),
        ("base_rises", 2015, {"required": 70, "gap": 4}),
        ("milestone_cites_verdict", 2014, {"target": 30, "target_year": 2012, "required": None, "value": 10}),
        ("plan_ended", 2016, {"value": 50, "target": None, "gap": None}),
    ],
)
def test_working_is_shown(statuses: pl.DataFrame, name: str, year: int, numbers: dict[str, float | None]) -> None:
    row = _judged(statuses, {"name": name, "year": year})
    for column, number in numbers.items():
        expected = number if number is None else pytest.approx(number, abs=1e-4)
        assert row[column] == expected, column
