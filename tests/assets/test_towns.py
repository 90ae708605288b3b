"""Towns: what each contributes, verdicts by a town plan only, places only where the differences allow them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import polars as pl
import pytest
import yaml

from assets.plan.folder import PlanInForce, plan_files, read_plans
from assets.plan.rows import plan_references
from assets.plan.tables import TOWN_TARGET, plan_statements
from assets.plan.towns import TOWN_PLAN, TownPlan
from assets.regions import REGION
from assets.towns.contribution import town_contributions
from assets.towns.ranking import UNRANKED, ranked
from assets.towns.verdicts import town_statuses
from tests.assets.support_plan import REGION_CODE, MemoryInputs, small_document, small_plan, value_row

OLD, NEW, A, B = "320282111", "320282005", "320282100", "320282101"
PASS = {"code": "pass", "targets": {2013: {"value": 96}, 2015: {"value": 97}}, "path": "straight_line"}
PLAN = small_plan([PASS, {"code": "brands", "measure": "count", "unit": "count"}])
TOWNS: dict[str, Any] = {
    "town_plan_of": "small",
    "code": "small-towns",
    "title": {"zh": "镇", "en": "Towns"},
    "document": "No. 7",
    "valid_from": date(2014, 1, 1),
    "towns": "all",
    "targets": {"pass": {2014: {"value": 95}, 2015: {"value": 96}}},
}


def _region(code: str, first: str, last: str | None = None) -> dict[str, Any]:
    return {
        "code": code, "name_zh": code, "level": "town", "parent_code": REGION_CODE, "series": "s", "origin": "real",
        "valid_from": date.fromisoformat(first), "valid_to": last and date.fromisoformat(last),
    }  # fmt: skip


def _value(region: str, year: int, passed: float, inspected: float, half: float | None = None, **more: Any) -> Any:
    value = 100 * passed / inspected
    ends = {} if half is None else {"ci_low": value - half, "ci_high": value + half}
    row = {"region_code": region, "numerator": passed, "denominator": inspected, "origin": "real"}
    return value_row("pass", year, value, **(row | ends | more))


@pytest.fixture(scope="module")
def inputs() -> MemoryInputs:
    made = MemoryInputs()
    for reference in plan_references([PlanInForce(PLAN, towns=(TownPlan.model_validate(TOWNS),))]):
        made.frame(reference.table.name, reference.rows())
    made.fill(
        REGION,
        [
            _region(A, "2000-01-01"),
            _region(B, "2000-01-01"),
            _region(OLD, "2000-01-01", "2015-09-30"),
            _region(NEW, "2015-09-30"),
            _region("320282400", "2000-01-01") | {"level": "zone"},
        ],
    )
    made.values(
        [
            _value(REGION_CODE, 2015, 2900, 3000),
            _value(A, 2015, 990, 1000, 0.6),
            _value(B, 2015, 985, 1000, 0.7),
            _value(NEW, 2015, 920, 980, 1.5),
            _value(OLD, 2014, 940, 1000, 1.5),
            _value(A, 2014, 960, 1000, 1.0, origin="synthetic"),
            _value(A, 2013, 900, 1000, 1.0),
            _value("320282400", 2015, 500, 500, 0.4),
            value_row("brands", 2015, 12, region_code=REGION_CODE, unit="count", origin="real"),
            value_row("brands", 2015, 5, region_code=A, unit="count", origin="real"),
        ]
    )
    return made


@pytest.fixture(scope="module")
def statuses(inputs: MemoryInputs) -> dict[tuple[str, int], dict[str, Any]]:
    tables = (TOWN_PLAN.name, TOWN_TARGET.name, "mart.indicator_value", "mart.indicator_period", REGION.name)
    found = inputs.run(
        town_statuses(plan_statements(inputs), *map(inputs.table, tables), ibis.date(2016, 6, 30))  # type: ignore[arg-type]
    )
    assert set(found["town_plan"]) == {"small-towns"} and set(found["plan"]) == {"small"}
    rows = {(row["region_code"], row["year"]): row for row in found.to_dicts()}
    assert len(rows) == found.height
    return rows


def test_a_town_is_judged_from_the_town_plans_first_year_on_by_its_numbers(statuses: dict[Any, dict[str, Any]]) -> None:
    assert {key: (row["status"], row["required"]) for key, row in statuses.items()} == {
        (A, 2014): ("met", 95), (A, 2015): ("met", 96),
        (B, 2014): ("no_data", 95), (B, 2015): ("met", 96),
        (OLD, 2014): ("missed", 95), (NEW, 2015): ("missed", 96),
    }  # fmt: skip
    assert "set by the plan, No. 7" in statuses[A, 2015]["reason"]


def test_a_town_with_a_new_code_is_judged_under_the_code_of_the_last_day(statuses: dict[Any, Any]) -> None:
    assert {code for code, year in statuses if year == 2014} == {A, B, OLD}
    assert {code for code, year in statuses if year == 2015} == {A, B, NEW}


def test_overlapping_intervals_share_a_place(statuses: dict[Any, dict[str, Any]]) -> None:
    assert {code: (statuses[code, 2015]["rank"], statuses[code, 2015]["ranked"]) for code in (A, B, NEW)} == {
        A: (1, 3), B: (1, 3), NEW: (3, 3),
    }  # fmt: skip


def test_nothing_that_rests_on_synthetic_rows_has_a_place(statuses: dict[Any, dict[str, Any]]) -> None:
    row = statuses[A, 2014]
    assert (row["rank"], row["unranked_because"], row["status"]) == (None, "synthetic", "met")
    assert statuses[OLD, 2014]["unranked_because"] == "alone"
    assert statuses[B, 2014]["unranked_because"] == "no_value"


def test_contributions_add_up_to_the_citys_value(inputs: MemoryInputs) -> None:
    found = inputs.run(
        town_contributions(inputs.table("mart.indicator_value"), plan_statements(inputs), inputs.table(REGION.name))
    )
    rows = {(row["indicator"], row["region_code"]): row for row in found.to_dicts()}
    assert set(rows) == {("pass", code) for code in (A, B, NEW, REGION_CODE)} | {("brands", A), ("brands", REGION_CODE)}
    for indicator, whole in (("pass", 100 * 2900 / 3000), ("brands", 12)):
        parts = [row for (code, _), row in rows.items() if code == indicator]
        assert sum(part["contribution"] for part in parts) == pytest.approx(whole, abs=1e-9)
        assert sum(part["weight"] for part in parts) == pytest.approx(100, abs=1e-9)
    rest = rows["pass", REGION_CODE]
    assert (rest["part"], rest["numerator"], rest["denominator"]) == ("rest", 5, 20)
    assert rows["brands", REGION_CODE]["value"] == 7
    effect = 100 * 2900 / 3000 - 100 * (2900 - 920) / (3000 - 980)
    assert rows["pass", NEW]["effect"] == pytest.approx(effect, abs=1e-9)
    assert rows["pass", NEW]["effect"] < 0 < rows["pass", A]["effect"]


def _race(con: MemoryInputs, towns: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    base = {
        "town_plan": "t", "plan": "p", "indicator": "i", "year": 2015, "definition": "d", "comparator": "at_least",
        "better": "higher", "year_over": True, "finding": "reached", "origin": "real", "complete": True, "value": 1.0,
    }  # fmt: skip
    frame = pl.DataFrame([base | {"region_code": f"{place:05}"} | town for place, town in enumerate(towns)])
    con.frame("work.race", frame.with_columns(pl.col("ci_low", "ci_high").cast(pl.Float64)))
    return con.run(ranked(con.table("work.race"))).sort("region_code").to_dicts()


def _by_hand(ends: Sequence[tuple[float, float]], better: str) -> list[int] | None:
    """Groups joined by overlaps, found by walking; a place is 1 + towns in better groups."""
    group = list(range(len(ends)))
    for _ in ends:
        for one, (low, high) in enumerate(ends):
            for other, (bottom, top) in enumerate(ends):
                if low <= top and bottom <= high:
                    group[one] = group[other] = min(group[one], group[other])
    if len(set(group)) < 2:
        return None
    sign = 1 if better == "higher" else -1
    return [
        1 + sum(group[o] != group[t] and sign * ends[o][0] > sign * ends[t][0] for o in range(len(ends)))
        for t in range(len(ends))
    ]


def test_places_are_those_found_by_hand(race: MemoryInputs) -> None:
    """Three hundred races, higher and lower better in turn, all in one run."""
    draw = random.Random(8)
    races = {
        year: [(float(low), float(low + draw.randint(0, 9))) for low in draw.choices(range(30), k=draw.randint(2, 9))]
        for year in range(1, 301)
    }
    better = {year: "higher" if year % 2 else "lower" for year in races}
    found = _race(
        race,
        [
            {"ci_low": low, "ci_high": high, "better": better[year], "year": year}
            for year, ends in races.items()
            for low, high in ends
        ],
    )
    shared = 0
    for year, ends in races.items():
        rows = [row for row in found if row["year"] == year]
        hand = _by_hand(ends, better[year])
        if hand is None:
            shared += 1
            assert {row["unranked_because"] for row in rows} == {"no_difference"}
        else:
            assert [row["rank"] for row in rows] == hand, ends
            assert {row["ranked"] for row in rows} == {len(ends)}
    assert 10 < shared < 290


@pytest.fixture(scope="module")
def race() -> MemoryInputs:
    return MemoryInputs()


@pytest.mark.parametrize(
    ("town", "why"),
    [
        ({"origin": "mixed"}, "synthetic"),
        ({"year_over": False}, "not_due"),
        ({"finding": "plan_ended"}, "not_due"),
        ({"value": None}, "no_value"),
        ({"complete": False}, "incomplete"),
        ({"better": None}, "no_direction"),
        ({"comparator": "rising_every_year"}, "no_direction"),
        ({"ci_high": None}, "no_interval"),
    ],
)
def test_a_town_without_a_place_says_why_and_the_others_go_on(
    race: MemoryInputs, town: dict[str, Any], why: str
) -> None:
    others = [{"ci_low": 90, "ci_high": 95}, {"ci_low": 80, "ci_high": 85}]
    first, *rest = _race(race, [{"ci_low": 1.0, "ci_high": 99.0} | town, *others])
    assert (first["rank"], first["ranked"], first["unranked_because"]) == (None, None, why)
    assert [(row["rank"], row["ranked"]) for row in rest] == [(1, 2), (2, 2)]
    assert why in UNRANKED.values


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"targets": {"shore": {2015: {"value": 1}}}}, "indicator 'shore'"),
        ({"targets": {"pass": {2013: {"value": 95}}}}, "2014 to 2015"),
        ({"town_plan_of": "large"}, "plan 'large'"),
        ({"code": "small"}, "as in another file"),
        ({"towns": []}, "towns"),
        ({"targets": {"pass": {2015: {"words": "good"}}}}, "no number"),
    ],
)
def test_a_town_plan_that_cannot_be_used_is_explained(tmp_path: Path, given: dict[str, Any], says: str) -> None:
    for name, document in (("a", small_document([PASS])), ("b", TOWNS | given)):
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    _, problems = read_plans(plan_files(tmp_path))
    assert problems and all(problem.file == "b.yaml" for problem in problems)
    assert says in "\n".join(str(problem) for problem in problems)
