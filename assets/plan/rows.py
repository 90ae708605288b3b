"""The rows of the plan's tables, from plans with their amendments, towns and responsible bodies.

Belongs here: `Plan` → rows of the tables declared in `assets.plan.tables`, what is asked of each year among them.
Does not belong here: the declarations, reading files (`assets.plan.folder`), verdicts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import polars as pl

from assets.plan.amendments import Amendment, amended, asked_in, sets
from assets.plan.bodies import Body, ResponsibleBodies
from assets.plan.folder import PlanInForce
from assets.plan.model import RELATIVE, Indicator, Plan
from assets.plan.path import required_values, strict_between
from assets.plan.tables import (
    AMENDMENT,
    COUNTED_REGISTER,
    INDICATOR,
    PLAN,
    PLAN_SOURCE,
    PLAN_TABLES,
    READING,
    SUPPORTING,
    TARGET,
    TOWN_TARGET,
)
from assets.plan.towns import TOWN_PLAN, TownPlan, as_plan, town_plan_frame
from sources.registry import Table
from warehouse.marts import ReferenceTable


def plan_references(plans: Sequence[PlanInForce]) -> tuple[ReferenceTable, ...]:
    """The tables of all plans, to be loaded when one of them changes."""
    return tuple(ReferenceTable(table, partial(_of_all, table, plans), source=PLAN_SOURCE) for table in PLAN_TABLES)


def _of_all(table: Table, plans: Sequence[PlanInForce]) -> pl.DataFrame:
    return pl.concat([_ROWS[table.name](entry) for entry in plans] or [_frame(table, [])])


def plan_frame(plan: Plan) -> pl.DataFrame:
    """One row of `PLAN`."""
    dates = {entry.where: entry.date for entry in plan.dates}
    row = {
        "plan": plan.code,
        "title_zh": plan.title.zh,
        "title_en": plan.title.en,
        "document": plan.document,
        "date_in_header": dates.get("header"),
        "date_of_signature": dates.get("signature"),
        "status_zh": plan.status_in_header.zh,
        "status_en": plan.status_in_header.en,
        "region_code": plan.region,
        "first_year": plan.first_year,
        "last_year": plan.last_year,
    }
    return _frame(PLAN, [row])


def amendment_frame(plan: Plan, amendments: Sequence[Amendment]) -> pl.DataFrame:
    """Rows of `AMENDMENT`, one per target that an amendment changes; `amendments` in the order of their effect."""
    rows = []
    for place, entry in enumerate(amendments):
        before = amended(plan, amendments[:place])
        for indicator, year, target in entry.changes():
            earlier = before.indicator(indicator).targets.get(year)
            rows.append(
                {
                    "plan": plan.code, "document": entry.document, "dated": entry.date,
                    "valid_from": entry.valid_from, "clause": entry.clause, "indicator": indicator, "year": year,
                    "target_before": _number(earlier and earlier.value), "target": _number(target and target.value),
                    "words_before": earlier and earlier.words, "words": target and target.words, "note": entry.note,
                }
            )  # fmt: skip
    return _frame(AMENDMENT, rows)


def reading_frame(plan: Plan) -> pl.DataFrame:
    """Rows of `READING`, one per reading."""
    return _frame(
        READING,
        (
            {
                "plan": plan.code,
                "reading": entry.key,
                "number": entry.number,
                "indicators": ", ".join(entry.indicators),
                "question": entry.question,
                "choice": entry.choice,
                "value": str(entry.value).lower() if isinstance(entry.value, bool) else str(entry.value),
                "applied_in": entry.applied_in,
            }
            for entry in plan.readings
        ),
    )


def indicator_frame(plan: Plan, bodies: ResponsibleBodies | None = None) -> pl.DataFrame:
    """Rows of `INDICATOR`, one per indicator; without `bodies` nobody answers for any."""
    named = bodies.names() if bodies else {}
    return _frame(
        INDICATOR,
        (_described(plan, indicator) | _answered(named.get(indicator.code)) for indicator in plan.indicators),
    )


def target_frame(plan: Plan, amendments: Sequence[Amendment] = ()) -> pl.DataFrame:
    """Rows of `TARGET`, one per indicator and year of the plan, also where nothing is asked.

    Each year by the amendments in force on its last day, so that what was asked of an earlier year stays.
    """
    rows = []
    for year in plan.years:
        held = asked_in(year, amendments)
        rows += [_asked(plan, entry, year, held) for entry in amended(plan, held).indicators]
    return _frame(TARGET, rows)


def counted_register_frame(plan: Plan) -> pl.DataFrame:
    """Rows of `COUNTED_REGISTER`; an indicator that names no register counts the one of its own code."""
    return _frame(
        COUNTED_REGISTER,
        (
            {"plan": plan.code, "indicator": entry.code, "register": register, "level": level}
            for entry in plan.indicators
            for register, level in _registers(entry)
        ),
    )


def supporting_frame(plan: Plan) -> pl.DataFrame:
    """Rows of `SUPPORTING`, one per supporting code."""
    return _frame(
        SUPPORTING,
        (
            {"plan": plan.code, "code": entry.code, "zh": entry.zh, "en": entry.en,
             "unit": entry.unit, "measure": entry.measure.value}
            for entry in plan.supporting
        ),
    )  # fmt: skip


def _all_towns(table: Table, frame: Callable[[TownPlan], pl.DataFrame], towns: Sequence[TownPlan]) -> pl.DataFrame:
    return pl.concat([_frame(table, []), *(frame(entry) for entry in towns)])


def _registers(entry: Indicator) -> list[tuple[str, str]]:
    named = [(counted.register_name, counted.level or "") for counted in entry.counts]
    return named or [(entry.code, "")]


def _described(plan: Plan, entry: Indicator) -> dict[str, Any]:
    feeds = [feed for feed in plan.feeds if feed.code in entry.feeds]
    number, chapter = next((n, c) for n, c in enumerate(plan.chapters, 1) if c.code == entry.chapter)
    return {
        "plan": plan.code, "code": entry.code, "number": entry.row,
        "zh": entry.zh, "en": entry.en, "unit": entry.unit,
        "definition": entry.definition, "comparator": entry.comparator.value,
        "measure": entry.measure.value, "kind": entry.kind.value,
        "better": entry.better and entry.better.value,
        "feeds": ", ".join(feed.code for feed in feeds), "feeds_zh": "、".join(feed.zh for feed in feeds),
        "feeds_en": ", ".join(feed.en for feed in feeds),
        "inbox_folders": ", ".join(dict.fromkeys(folder for feed in feeds for folder in feed.folders)),
        "clause": entry.clause, "chapter": chapter.code, "chapter_no": number, "chapter_zh": chapter.zh,
        "chapter_en": chapter.en, "base_year": entry.base_year, "window_start": entry.window_start,
        "held_from": entry.held_from, "compare_with": entry.compare_with, "path": entry.path.value,
        "decimals": entry.decimals, "tolerance": _number(entry.tolerance),
        "headline_definition": entry.headline_definition, "definition_in_plan": entry.definition_in_plan,
        "region_code": plan.region, "province_code": plan.province, "note": entry.note,
    }  # fmt: skip


def _answered(body: Body | None) -> dict[str, Any]:
    return {
        "responsible_body": body and body.code,
        "responsible_body_zh": body and body.zh,
        "responsible_body_en": body and body.en,
    }


def _asked(plan: Plan, entry: Indicator, year: int, amendments: Sequence[Amendment]) -> dict[str, Any]:
    years = sorted(entry.targets)
    later = [asked for asked in years if asked >= year]
    target_year = later[0] if later else years[-1] if years else None
    target = entry.targets[target_year] if target_year is not None else None
    source = _source(entry, year, later)
    row: dict[str, Any] = {"target": None, "required": None, "strict": False, "stretch": None}
    if target is not None:
        row = {
            "target": _number(target.value),
            "target_year": target_year,
            "stretch": _number(target.stretch),
            "words": target.words,
            "implied_by": target.implied_by,
            "strict": target.strict,
        }
        if source == "text":
            row["required"] = row["target"]
        if source == "path" and year in (path := required_values(entry)):
            row |= {"required": _number(path[year]), "strict": strict_between(entry, year)}
    setter = sets(amendments, entry.code, target_year)
    return row | {
        "plan": plan.code,
        "indicator": entry.code,
        "year": year,
        "source": source,
        "clause": setter.source if setter else entry.clause,
        "document": setter.document if setter else plan.document,
        "valid_from": setter.valid_from if setter else plan.valid_from,
    }


def _source(entry: Indicator, year: int, later: list[int]) -> str:
    if not entry.targets:
        return "none"
    if not later:
        return "past"
    if year in entry.targets or (entry.each_year and year > min(entry.targets)):
        return "text"
    on_path = year in required_values(entry) or entry.comparator in RELATIVE
    return "path" if on_path else "ahead"


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _frame(table: Table, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame([dict(row) for row in rows], schema=table.polars_schema, orient="row")


#: How the rows of each table come from one plan.
_ROWS: dict[str, Callable[[PlanInForce], pl.DataFrame]] = {
    PLAN.name: lambda entry: plan_frame(entry.plan),
    AMENDMENT.name: lambda entry: amendment_frame(entry.plan, entry.amendments),
    READING.name: lambda entry: reading_frame(entry.plan),
    INDICATOR.name: lambda entry: indicator_frame(entry.plan, entry.bodies),
    TARGET.name: lambda entry: target_frame(entry.plan, entry.amendments),
    COUNTED_REGISTER.name: lambda entry: counted_register_frame(entry.plan),
    SUPPORTING.name: lambda entry: supporting_frame(entry.plan),
    TOWN_PLAN.name: lambda entry: _all_towns(TOWN_PLAN, town_plan_frame, entry.towns),
    TOWN_TARGET.name: lambda entry: _all_towns(
        TOWN_TARGET, lambda towns: target_frame(as_plan(entry.plan, towns)), entry.towns
    ),
}
