"""Town plans: what the city asks of its towns and subdistricts, for indicators of its own plan.

Belongs here: the shape of a town plan, reading it as a plan for one town, what is wrong with one, its tables.
Does not belong here: verdicts and ranking of towns (`assets.towns`), finding the files (`assets.plan.folder`).

Names, units, comparators and paths are the city plan's; a town plan adds years and numbers. Where its numbers do
not allow the plan's path, years between them have none.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import Field

from assets.plan import path, soundness
from assets.plan.model import Indicator, Name, Part, PathRule, Plan, Target, Title, Words, Year
from sources.outcome import Problem
from sources.registry import Table, date, text

#: Stands for every town and subdistrict directly below the plan's region; a zone has to be named.
ALL = "all"

TOWN_PLAN = Table(
    "mart.town_plan",
    "镇街考核方案",
    "Plans for towns and subdistricts, supplied by the city, and for which units they are",
    (
        text("town_plan", "镇街方案", "code of the town plan", required=True),
        text("plan", "规划", "plan whose indicators it uses", required=True),
        text("region_code", "行政区划代码", "unit that it is for; all: every town and subdistrict, no zone",
             required=True),
        text("title_zh", "标题", "title in Chinese"),
        text("title_en", "英文标题", "title in English"),
        text("document", "文号", "document number"),
        date("valid_from", "生效日期", "day from which it holds"),
        text("note", "说明", "what the city says of it"),
    ),
    ("town_plan", "region_code"),
)  # fmt: skip


class TownPlan(Part):
    """A document that gives targets to towns. `towns`: division codes, or all of them."""

    town_plan_of: Words
    code: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: Title
    document: Words
    valid_from: datetime.date
    towns: Literal["all"] | Annotated[tuple[Words, ...], Field(min_length=1)]
    note: Words | None = None
    targets: Annotated[dict[Name, dict[Year, Target]], Field(min_length=1)]


def as_plan(plan: Plan, towns: TownPlan) -> Plan:
    """The town plan as a plan: the plan's indicators that it names, with its targets, from its first year on."""
    indicators = tuple(
        _for_towns(entry, towns) for code in towns.targets for entry in plan.indicators if entry.code == code
    )
    own = {
        "code": towns.code, "title": towns.title, "document": towns.document, "valid_from": towns.valid_from,
        "first_year": max(plan.first_year, towns.valid_from.year), "indicators": indicators, "readings": (),
    }  # fmt: skip
    return plan.model_copy(update=own)


def _for_towns(entry: Indicator, towns: TownPlan) -> Indicator:
    own = entry.model_copy(update={"targets": towns.targets[entry.code], "clause": towns.document, "path_values": {}})
    drawn = own.path is not PathRule.TABLE and not path.fault(own)
    return own if drawn else own.model_copy(update={"path": PathRule.NONE})


def problems(plan: Plan, towns: TownPlan, file: str) -> Iterator[Problem]:
    """What is wrong with a town plan of a sound plan."""
    known = {entry.code for entry in plan.indicators}
    strange = [code for code in towns.targets if code not in known]
    for code in strange:
        action = "correct the code, or add the indicator to the plan"
        yield Problem(file, f"indicator {code!r}", f"a code of {plan.code}", action, column=f"targets.{code}")
    if not strange:
        yield from soundness.problems(as_plan(plan, towns), file)


def town_plan_frame(towns: TownPlan) -> pl.DataFrame:
    """Rows of `TOWN_PLAN`, one per unit that is named."""
    units = (ALL,) if towns.towns == ALL else towns.towns
    rows: list[dict[str, Any]] = [
        {
            "town_plan": towns.code, "plan": towns.town_plan_of, "region_code": unit, "title_zh": towns.title.zh,
            "title_en": towns.title.en, "document": towns.document, "valid_from": towns.valid_from, "note": towns.note,
        }
        for unit in units
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=TOWN_PLAN.polars_schema, orient="row")
