"""A small plan with every way of contributing a value, and rows of returns and registers."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.assets.support_plan import REGION_CODE, MemoryInputs, small_plan

COUNTING = {"measure": "count", "unit": "count"}
ENTRIES: list[dict[str, Any]] = [
    {"code": "share"},
    {"code": "score", "measure": "score", "unit": "score"},
    {"code": "ratio", "measure": "ratio", "unit": "complaints per project"},
    {"code": "computed", "headline_definition": "ours"},
    {
        "code": "margin",
        "comparator": "above_province",
        "measure": "margin",
        "unit": "points",
        "compare_with": "share",
    },
    {
        "code": "lead",
        "comparator": "above_province",
        "measure": "margin",
        "unit": "points",
        "compare_with": "index",
    },
    {
        "code": "brands",
        "comparator": "cumulative_count",
        "window_start": date(2012, 1, 1),
        **COUNTING,
        "targets": {2012: {"value": 2}, 2015: {"value": 8}},
        "counts": [{"register": "brands"}, {"register": "top"}],
    },
    {
        "code": "top",
        "comparator": "cumulative_count",
        "window_start": date(2012, 1, 1),
        **COUNTING,
        "counts": [{"register": "top"}, {"register": "brands", "level": "national"}],
    },
    {"code": "yearly", "comparator": "per_year_at_least", **COUNTING, "each_year": True},
    {
        "code": "duty",
        "comparator": "qualitative",
        "kind": "duty",
        "measure": "evidence",
        "unit": "as reported",
        "targets": {},
        "better": None,
    },
]
SUPPORTING = [{"code": "index", "zh": "指数", "en": "Index", "unit": "index", "measure": "score"}]


def value_inputs() -> MemoryInputs:
    """An in-memory warehouse that holds the small plan and nothing else."""
    made = MemoryInputs()
    made.plan(small_plan(ENTRIES, supporting=SUPPORTING))
    return made


def returned(code: str, year: int, **given: Any) -> dict[str, Any]:
    return {
        "indicator_code": code,
        "region_code": REGION_CODE,
        "period": str(year),
        "stratum": "all",
        "year": year,
    } | given


def event(register: str, number: str, day: str, **given: Any) -> dict[str, Any]:
    return {
        "register": register,
        "event_id": number,
        "event_date": date.fromisoformat(day),
        "event_kind": "granted",
        "holder_name": f"firm {number}",
        "title": "brand",
        "region_code": REGION_CODE,
        "level": "provincial",
    } | given
