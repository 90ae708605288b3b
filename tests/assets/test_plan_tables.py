"""What the warehouse holds of a plan."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from assets.plan.bodies import load_bodies
from assets.plan.folder import PlanInForce
from assets.plan.load import load_plan
from assets.plan.model import Plan
from assets.plan.rows import (
    counted_register_frame,
    indicator_frame,
    plan_frame,
    plan_references,
    reading_frame,
    target_frame,
)
from assets.plan.tables import COUNTED_REGISTER, PLAN_TABLES
from sources.feeds import FEEDS
from sources.registry import Table
from tests.assets.support_plan import BUNDLED, small_plan


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_plan(BUNDLED)


def _codes_hold(table: Table, frame: pl.DataFrame) -> None:
    for column in table.columns:
        if column.codes:
            assert set(frame[column.name].drop_nulls()) <= set(column.codes.values), column.name
        if column.required:
            assert frame[column.name].null_count() == 0, column.name


def test_every_table_keeps_its_declaration(plan: Plan) -> None:
    references = plan_references([PlanInForce(plan)])
    assert tuple(reference.table for reference in references) == PLAN_TABLES
    for reference in references:
        frame = reference.rows()
        assert dict(frame.schema) == reference.table.polars_schema
        assert frame.is_empty() or not frame.select(reference.table.key).is_duplicated().any()
        _codes_hold(reference.table, frame)
    assert indicator_frame(plan).height == 121
    assert target_frame(plan).height == 121 * 4
    assert reading_frame(plan).height == 24
    assert plan_frame(plan).height == 1


def _asked(plan: Plan, code: str) -> list[tuple[object, ...]]:
    rows = target_frame(plan).filter(pl.col("indicator") == code).sort("year")
    return [
        (source, target, required and round(required, 2), strict)
        for source, target, required, strict in rows.select("source", "target", "required", "strict").iter_rows()
    ]


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        (
            "agri_standardisation_rate",
            [
                ("text", 50, 50, False),
                ("path", 58, 52.67, False),
                ("path", 58, 55.33, False),
                ("text", 58, 58, True),
            ],
        ),
        ("export_first_inspection_pass_rate", [("text", 99, 99, False)] * 4),
        ("air_good_day_rate", [("ahead", 95, None, False)] * 3 + [("text", 95, 95, False)]),
        ("quality_credit_evaluation_share", [("text", 30, 30, False)] + [("past", 30, None, False)] * 3),
        ("product_pass_rate_rising", [("text", None, None, False)] * 4),
        ("housing_satisfaction_rising", [("path", None, None, False)] * 3 + [("text", None, None, False)]),
        (
            "key_food_pass_rate_vs_province",
            [("text", 0, 0, True), ("path", 0, 0, True), ("path", 0, 0, True), ("text", 0, 0, True)],
        ),
        ("enterprise_responsibility", [("none", None, None, False)] * 4),
        ("own_brands_competitive", [("ahead", None, None, False)] * 3 + [("text", None, None, False)]),
    ],
)
def test_what_is_asked_of_each_year(plan: Plan, code: str, asked: list[tuple[object, ...]]) -> None:
    assert _asked(plan, code) == asked


def test_an_indicator_names_its_data_and_folders(plan: Plan) -> None:
    frame = indicator_frame(plan)
    row = frame.row(by_predicate=pl.col("code") == "excellence_criteria_scale_share", named=True)
    assert row["feeds"] == "register_of_events, statistical_return"
    assert row["inbox_folders"] == "register_events, statistical_returns"
    assert (row["feeds_zh"], row["chapter_zh"]) == ("名录事件、统计报送", "产品质量")
    folders = {folder for line in frame["inbox_folders"] for folder in line.split(", ")}
    assert folders <= set(FEEDS)
    assert frame["responsible_body_zh"].null_count() == 121


def test_a_body_that_the_city_names_is_shown(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "bodies.yaml"
    path.write_text(
        "plan: yixing-2012\nbodies: [{code: office, zh: 办公室, en: Office, source: the city}]\n"
        "indicators: {own_brands_competitive: office}",
        "utf-8",
    )
    frame = indicator_frame(plan, load_bodies(path, plan))
    named = frame.filter(pl.col("responsible_body_zh").is_not_null())
    assert list(named.select("code", "responsible_body_zh", "responsible_body_en").iter_rows()) == [
        ("own_brands_competitive", "办公室", "Office")
    ]


def test_which_registers_count(plan: Plan) -> None:
    rows = set(counted_register_frame(plan).select("indicator", "register", "level").iter_rows())
    assert ("national_brand_new_count", "provincial_brand_new_count", "national") in rows
    assert ("provincial_brand_new_count", "national_brand_new_count", "") in rows
    assert ("quality_project_new_count", "luban_yangzi_awards", "") in rows
    assert ("std_committee_new_count", "std_committee_new_count", "") in rows
    small = small_plan([{"measure": "count", "unit": "count", "counts": [{"register": "awards", "level": "city"}]}])
    assert list(counted_register_frame(small).iter_rows()) == [("small", "share", "awards", "city")]
    assert tuple(counted_register_frame(small).columns) == COUNTED_REGISTER.names
