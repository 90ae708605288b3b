"""A small plan and an in-memory warehouse for the tests of plan, values and status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import polars as pl

from assets.indicators import INDICATOR_VALUE
from assets.periods import INDICATOR_PERIOD
from assets.plan.folder import PlanInForce
from assets.plan.model import Plan
from assets.plan.rows import plan_references
from assets.regions import REGION
from sources.feeds import FEEDS
from sources.registry import Table
from warehouse.meta import core_table

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data" / "plan"
BUNDLED = ROOT / "assets" / "plans" / "yixing-2012.yaml"
BODIES = ROOT / "assets" / "plans" / "responsible-bodies.yaml"
SHARED = ROOT.parent / "shared" / "data"

REGION_CODE, PROVINCE_CODE = "320282", "320000"

HEAD: dict[str, Any] = {
    "code": "small",
    "title": {"zh": "小规划", "en": "Small plan"},
    "document": "No. 1",
    "dates": [{"where": "header", "date": date(2012, 1, 1), "words": "d"}],
    "status_in_header": {"zh": "执行中", "en": "in force"},
    "valid_from": date(2012, 1, 1),
    "first_year": 2012,
    "last_year": 2015,
    "region": REGION_CODE,
    "province": PROVINCE_CODE,
    "chapters": [{"code": "one", "clause": "1", "zh": "一", "en": "One"}],
    "feeds": [{"code": "returns", "zh": "统计报送", "en": "statistical return", "folders": ["statistical_returns"]}],
}

ENTRY: dict[str, Any] = {
    "row": 1,
    "code": "share",
    "zh": "率",
    "en": "Rate",
    "definition": "a ÷ b",
    "kind": "numeric_target",
    "comparator": "at_least",
    "measure": "share",
    "unit": "%",
    "better": "higher",
    "chapter": "one",
    "clause": "1(1)",
    "feeds": ["returns"],
    "targets": {2015: {"value": 90}},
}


def small_document(entries: Iterable[Mapping[str, Any]], **head: Any) -> dict[str, Any]:
    """A plan document with the given entries, each over `ENTRY`, numbered in order."""
    indicators = [{**ENTRY, "row": number, **entry} for number, entry in enumerate(entries, 1)]
    return {**HEAD, **head, "indicators": indicators}


def small_plan(entries: Iterable[Mapping[str, Any]], **head: Any) -> Plan:
    return Plan.model_validate(small_document(entries, **head))


def value_row(indicator: str, year: int, value: float | None, **given: Any) -> dict[str, Any]:
    """A row of mart.indicator_value."""
    return {
        "plan": "small",
        "indicator": indicator,
        "region_code": REGION_CODE,
        "year": year,
        "definition": "default",
        "value": value,
        "unit": "%",
        "complete": True,
        "headline": True,
        "basis": "a test",
        "origin": "synthetic",
    } | given


LINEAGE = {
    "series": "canonical",
    "origin": "real",
    "stage": "validated",
    "published_at": datetime(2013, 1, 1),
    "source_file_id": "f1",
    "source_sheet": "",
    "source_row": 1,
    "record_no": 1,
}

_CORE = {part.name: core_table(part) for feed in FEEDS.values() for part in feed.parts}


@dataclass
class MemoryInputs:
    """`warehouse.marts.Inputs` over an in-memory database; a table that was not filled is empty."""

    con: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)

    def __post_init__(self) -> None:
        for schema in ("core", "mart", "meta", "work"):
            self.con.execute(f"CREATE SCHEMA {schema}")
        for name in ("register_events", "statistical_returns", "regions"):
            self.fill(_CORE[name], [])
        self.fill(REGION, [])
        self.fill(INDICATOR_VALUE, [])
        self.fill(INDICATOR_PERIOD, [])
        self.as_of(date(2016, 6, 30))
        self.backend = ibis.duckdb.from_connection(self.con)

    @property
    def dirty(self) -> ir.Table:
        return self.table("work.dirty")

    @property
    def only(self) -> ir.Table:
        return self.dirty

    def table(self, name: str) -> ir.Table:
        schema, table = name.split(".")
        return self.backend.table(table, database=schema)

    def frame(self, name: str, frame: pl.DataFrame) -> None:
        self.con.register("_frame", frame.to_arrow())
        self.con.execute(f"CREATE OR REPLACE TABLE {name} AS FROM _frame")
        self.con.unregister("_frame")

    def fill(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        self.frame(table.name, pl.DataFrame([dict(row) for row in rows], schema=table.polars_schema, orient="row"))

    def core(self, part: str, rows: Iterable[Mapping[str, Any]]) -> None:
        self.fill(_CORE[part], [{**LINEAGE, **row} for row in rows])

    def as_of(self, day: date) -> None:
        self.frame("meta.as_of", pl.DataFrame({"as_of": [day]}))

    def plan(self, plan: Plan) -> None:
        for reference in plan_references([PlanInForce(plan)]):
            self.frame(reference.table.name, reference.rows())

    def values(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.fill(INDICATOR_VALUE, rows)

    def periods(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.fill(INDICATOR_PERIOD, rows)

    def run(self, expression: ir.Table) -> pl.DataFrame:
        return self.con.sql(str(ibis.to_sql(expression, dialect="duckdb"))).pl()
