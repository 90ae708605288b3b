"""Margins against the province, one headline per indicator, and the mart from core to values."""

from __future__ import annotations

from typing import Any

import ibis
import polars as pl
import pytest

from assets.indicators import (
    CONTRIBUTORS,
    INDICATOR_VALUE,
    indicator_values,
    settled,
    union_contributions,
)
from assets.margins import provincial_margins
from assets.plan.tables import plan_statements
from assets.registers import register_contribution
from assets.returns import returned_contribution
from tests.assets.support_plan import PROVINCE_CODE, REGION_CODE, MemoryInputs
from tests.assets.support_values import event, returned, value_inputs


@pytest.fixture
def inputs() -> MemoryInputs:
    return value_inputs()


def _contribution(inputs: MemoryInputs, rows: list[dict[str, Any]]) -> ibis.Table:
    columns = INDICATOR_VALUE.polars_schema
    base = {
        "region_code": REGION_CODE,
        "year": 2012,
        "definition": "default",
        "unit": "%",
        "complete": True,
        "headline": True,
        "basis": "b",
        "origin": "real",
    }
    name = f"work.part_{len(inputs.con.execute('SHOW ALL TABLES').fetchall())}"
    inputs.frame(name, pl.DataFrame([base | row for row in rows], schema=columns, orient="row"))
    return inputs.table(name)


def test_a_margin_with_its_interval(inputs: MemoryInputs) -> None:
    part = _contribution(
        inputs,
        [
            {"indicator": "share", "value": 96.0, "ci_low": 93.0, "ci_high": 98.0, "n": 200},
            {
                "indicator": "share",
                "value": 92.0,
                "ci_low": 91.0,
                "ci_high": 94.0,
                "region_code": PROVINCE_CODE,
            },
            {"indicator": "share", "value": 97.0, "year": 2013},
            {"indicator": "share", "value": 90.0, "year": 2014, "region_code": PROVINCE_CODE},
        ],
    )
    found = inputs.run(provincial_margins(part.mutate(plan=ibis.literal("small")), plan_statements(inputs))).sort(
        "year"
    )
    assert list(found["year"]) == [2012, 2013]
    first, second = found.to_dicts()
    assert first["indicator"] == "margin"
    assert first["value"] == 4
    assert first["ci_low"] == pytest.approx(4 - (3**2 + 2**2) ** 0.5)
    assert first["ci_high"] == pytest.approx(4 + (2**2 + 1**2) ** 0.5)
    assert first["complete"]
    assert (second["value"], second["complete"]) == (None, False)
    assert second["basis"] == "no provincial value of share for 2013"


def _settled(inputs: MemoryInputs, *parts: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    union = union_contributions([_contribution(inputs, rows) for rows in parts])
    found = inputs.run(settled(union, plan_statements(inputs))).sort("definition", "value")
    return list(found.select("definition", "value", "headline").iter_rows())


def test_the_earlier_part_wins_the_same_definition(inputs: MemoryInputs) -> None:
    ours, theirs = [{"indicator": "share", "value": 1.0}], [{"indicator": "share", "value": 2.0}]
    assert _settled(inputs, ours, theirs) == [("default", 1.0, True)]


def test_a_value_wins_over_none(inputs: MemoryInputs) -> None:
    ours, theirs = [{"indicator": "share", "value": None}], [{"indicator": "share", "value": 2.0}]
    assert _settled(inputs, ours, theirs) == [("default", 2.0, True)]


def test_there_is_one_headline(inputs: MemoryInputs) -> None:
    parts = [
        {"indicator": "computed", "value": 1.0, "definition": "ours", "headline": False},
        {"indicator": "computed", "value": 2.0, "definition": "a", "headline": True},
        {"indicator": "computed", "value": 3.0, "definition": "z", "headline": False},
    ]
    assert _settled(inputs, parts) == [("a", 2.0, False), ("ours", 1.0, True), ("z", 3.0, False)]


def test_no_claim_no_headline(inputs: MemoryInputs) -> None:
    parts = [{"indicator": "computed", "value": 3.0, "definition": "z", "headline": False}]
    assert _settled(inputs, parts) == [("z", 3.0, False)]


def test_the_mart_from_core_to_values(inputs: MemoryInputs) -> None:
    inputs.core(
        "statistical_returns",
        [
            returned("share", 2012, value=96, unit="%"),
            returned("share", 2012, value=94, unit="%", region_code=PROVINCE_CODE),
            returned("index", 2012, value=88, unit="index"),
            returned("index", 2012, value=85, unit="index", region_code=PROVINCE_CODE),
        ],
    )
    inputs.core("register_events", [event("brands", "a", "2012-03-01")])
    parts = [register_contribution(inputs), returned_contribution(inputs)]
    found = inputs.run(indicator_values(parts, plan_statements(inputs)))
    assert tuple(found.columns) == INDICATOR_VALUE.names
    assert not found.select(INDICATOR_VALUE.key).is_duplicated().any()
    own = found.filter(pl.col("region_code") == REGION_CODE, pl.col("year") == 2012)
    assert dict(own.select("indicator", "value").iter_rows()) == {
        "share": 96,
        "margin": 2,
        "lead": 3,
        "brands": 1,
    }
    assert set(found["plan"]) == {"small"}
    assert {returned_contribution, register_contribution} <= set(CONTRIBUTORS.values())
