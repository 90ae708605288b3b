"""Spot checks and published counts in an in-memory warehouse, with every mart of inspections."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import polars as pl

from assets.pass_rates import PASS_RATE_MARTS, PASS_RATE_REFERENCES
from assets.pass_rates.rates import PASS_RATE
from assets.plan.folder import PlanInForce
from assets.plan.load import load_plan
from assets.plan.rows import plan_references
from assets.spot_checks import SPOT_CHECK_MARTS, SPOT_CHECK_REFERENCES
from pipelines.settings import DEFAULT_PLAN
from tests.assets.support_water import MemoryInputs

CORE_PARTS = ("pass_rates", "spot_checks", "spot_check_item")


def inspection_inputs() -> MemoryInputs:
    """Empty core tables, the standards of inspections and the bundled plan."""
    plan = plan_references([PlanInForce(load_plan(DEFAULT_PLAN))])
    return MemoryInputs((*SPOT_CHECK_REFERENCES, *PASS_RATE_REFERENCES, *plan), CORE_PARTS)


def count(inspected: int, passed: int, **more: Any) -> dict[str, Any]:
    return {
        "region_code": "320282",
        "programme": "city",
        "category": "all",
        "counted": "batch",
        "period_start": date(2012, 1, 1),
        "period_end": date(2012, 12, 31),
        "inspected": inspected,
        "passed": passed,
    } | more


def batch(number: int, verdict: str, **more: Any) -> dict[str, Any]:
    return {
        "sample_id": str(number),
        "repeat_no": 1,
        "programme": "city",
        "product_name": "p",
        "category": "糕点",
        "verdict": verdict,
        "published_on": date(2012, 6, 15),
        "region_code": "320282",
    } | more


def item(number: int, name: str, **more: Any) -> dict[str, Any]:
    """A row of core.spot_check_item, of the batch of that number."""
    return {"sample_id": str(number), "item_no": 1, "item_name": name} | more


def built(
    inputs: MemoryInputs,
    counts: Iterable[dict[str, Any]],
    batches: Iterable[dict[str, Any]],
    items: Iterable[dict[str, Any]] = (),
) -> pl.DataFrame:
    """mart.pass_rate over these facts; the marts before it are built too."""
    inputs.clear(*(f"core.{part}" for part in CORE_PARTS))
    inputs.core("pass_rates", counts)
    inputs.core("spot_checks", batches)
    inputs.core("spot_check_item", items)
    inputs.build(*SPOT_CHECK_MARTS, *PASS_RATE_MARTS)
    return inputs.rows(PASS_RATE)
