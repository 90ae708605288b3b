"""The plan as tables of the warehouse, so that nobody has to join YAML.

Belongs here: the declarations of mart.plan, mart.plan_amendment, mart.plan_reading, mart.indicator, mart.target,
mart.town_target, mart.counted_register and mart.supporting_code, and their rows from a `Plan`. Does not belong here:
values, verdicts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from assets.plan.amendments import Amendment, amended, asked_in, sets
from assets.plan.bodies import Body, ResponsibleBodies
from assets.plan.folder import PlanInForce
from assets.plan.model import RELATIVE, Indicator, Plan
from assets.plan.path import required_values, strict_between
from assets.plan.towns import TOWN_PLAN, TownPlan, as_plan, town_plan_frame
from assets.plan.words import BETTER, COMPARATORS, KINDS, MEASURES, PATHS, SOURCES
from sources.registry import Table, boolean, date, double, integer, text
from warehouse.marts import Inputs, ReferenceTable

if TYPE_CHECKING:
    import ibis.expr.types as ir

PLAN_SOURCE = "the plans and amendments of the home"
_PLAN = text("plan", "规划", "plan", required=True)
_INDICATOR = text("indicator", "指标代码", "code of the indicator", required=True)

PLAN = Table(
    "mart.plan",
    "规划文件",
    "The plan document",
    (
        _PLAN,
        text("title_zh", "标题", "title in Chinese"),
        text("title_en", "英文标题", "title in English"),
        text("document", "文号", "document number"),
        date("date_in_header", "页眉日期", "date in the header of the page"),
        date("date_of_signature", "落款日期", "date in the signature line; may differ from the header"),
        text("status_zh", "效力", "status printed in the header, Chinese"),
        text("status_en", "效力（英文）", "status printed in the header, English"),
        text("region_code", "行政区划代码", "region whose plan it is"),
        integer("first_year", "首年", "first year"),
        integer("last_year", "末年", "last year"),
    ),
    ("plan",),
)

AMENDMENT = Table(
    "mart.plan_amendment",
    "规划调整",
    "Targets that a later document changed, once it is in force",
    (
        _PLAN,
        text("document", "文号", "document number of the amendment", required=True),
        date("dated", "成文日期", "date of the document"),
        date("valid_from", "生效日期", "day from which it holds; years that ended before keep their targets"),
        text("clause", "条款", "clause of the document"),
        _INDICATOR,
        integer("year", "年份", "year whose target it changes", required=True),
        double("target_before", "原目标值", "number that held until then, in the unit of the indicator; empty: none"),
        double("target", "调整后目标值", "number from then on; empty: none"),
        text("words_before", "原文字要求", "what was asked in words"),
        text("words", "调整后文字要求", "what is asked in words"),
        text("note", "说明", "what the city says of it"),
    ),
    ("plan", "document", "indicator", "year"),
)

READING = Table(
    "mart.plan_reading",
    "规划解读",
    "Questions that the text leaves open, and the reading chosen",
    (
        _PLAN,
        text("reading", "解读", "key of the reading", required=True),
        integer("number", "序号", "number of the reading"),
        text("indicators", "指标", "codes of the indicators, joined by comma"),
        text("question", "问题", "what the text leaves open"),
        text("choice", "选择", "the reading chosen, in words"),
        text("value", "取值", "the reading chosen, as a setting"),
        text("applied_in", "落实位置", "where the choice takes effect"),
    ),
    ("plan", "reading"),
)

INDICATOR = Table(
    "mart.indicator",
    "指标",
    "Every testable statement of the plan",
    (
        _PLAN,
        text("code", "指标代码", "code of the indicator", required=True),
        integer("number", "序号", "number in the order of the text"),
        text("zh", "指标名称", "name in Chinese"),
        text("en", "英文名称", "name in English"),
        text("unit", "单位", "unit of values and targets"),
        text("definition", "定义", "definition or formula"),
        text("comparator", "比较方式", "how a value is held against what is asked", codes=COMPARATORS),
        text("measure", "度量", "what a value is", codes=MEASURES),
        text("kind", "类别", "how firmly the plan asks", codes=KINDS),
        text("better", "方向", "which direction is better", codes=BETTER),
        text("feeds", "数据需求", "data that it needs, joined by comma"),
        text("feeds_zh", "数据需求名称", "names of that data in Chinese"),
        text("feeds_en", "数据需求英文名", "names of that data in English"),
        text("inbox_folders", "收件夹", "inbox folders that carry that data"),
        text("clause", "条款", "clause of the plan"),
        text("chapter", "章节", "group of the scorecard"),
        integer("chapter_no", "章节序号", "order of the group"),
        text("chapter_zh", "章节名称", "group in Chinese"),
        text("chapter_en", "章节英文名", "group in English"),
        integer("base_year", "基年", "year that changes are measured from"),
        date("window_start", "累计起始日", "first day of a cumulative count"),
        integer("held_from", "稳定起始年", "year from which the level must hold in every reported period"),
        text("compare_with", "比较对象", "code whose provincial value is the other side of a margin"),
        text("path", "路径", "how required values between milestones follow", codes=PATHS),
        integer("decimals", "修约位数", "digits to which a value is rounded before it is compared; empty: not rounded"),
        double("tolerance", "允差", "by how much a value may miss what is asked, in `unit`; empty: by nothing"),
        text("headline_definition", "主口径", "definition that the plan means"),
        boolean("definition_in_plan", "文件有定义", "false: verdicts say that the definition is proposed"),
        text("region_code", "行政区划代码", "region whose plan it is"),
        text("province_code", "所在省代码", "province that margins are taken against"),
        text("responsible_body", "责任单位代码", "code of the body that answers for it, by the city's own list"),
        text("responsible_body_zh", "责任单位", "who answers for it, by the city's own list"),
        text("responsible_body_en", "责任单位（英文）", "the same in English"),
        text("note", "说明", "how the text was read"),
    ),
    ("plan", "code"),
)

TARGET = Table(
    "mart.target",
    "目标值",
    "What is asked in each year of the plan, by the text or on the path",
    (
        _PLAN,
        _INDICATOR,
        integer("year", "年份", "year of the plan", required=True),
        double("target", "目标值", "number of the next year with a target, this one included; else the last"),
        integer("target_year", "目标年", "year for which the text sets it"),
        double("required", "当年要求", "number required in this year, by the text or on the path"),
        boolean("strict", "严格", "the number must be passed and not only reached"),
        double("stretch", "争取值", "second number of the text, shown and not judged"),
        text("words", "文字要求", "what the text asks in words"),
        text("implied_by", "推定依据", "word of the text that stands for the number"),
        text("source", "来源", "where the requirement of this year comes from", codes=SOURCES),
        text("clause", "条款", "clause of the plan; after an amendment its document and clause"),
        text("document", "文号", "document that sets the target: the plan's, or an amendment's"),
        date("valid_from", "生效日期", "day from which the target holds"),
    ),
    ("plan", "indicator", "year"),
)

TOWN_TARGET = Table(
    "mart.town_target",
    "镇街目标值",
    "What a town plan asks in each year; plan is the code of the town plan",
    TARGET.columns,
    TARGET.key,
)

COUNTED_REGISTER = Table(
    "mart.counted_register",
    "计数名录",
    "Registers whose events count for an indicator",
    (
        _PLAN,
        _INDICATOR,
        text("register", "名录", "register of core.register_events", required=True),
        text("level", "级别", "only titles of this level; empty: all", required=True),
    ),
    ("plan", "indicator", "register", "level"),
)

SUPPORTING = Table(
    "mart.supporting_code",
    "辅助代码",
    "Codes in returns that are no indicator but that an indicator is computed from",
    (
        _PLAN,
        text("code", "代码", "code in returns", required=True),
        text("zh", "名称", "name in Chinese"),
        text("en", "英文名称", "name in English"),
        text("unit", "单位", "unit of values"),
        text("measure", "度量", "what a value is", codes=MEASURES),
    ),
    ("plan", "code"),
)

#: Every table of a plan, in the order of `plan_references`.
PLAN_TABLES = (PLAN, AMENDMENT, READING, INDICATOR, TARGET, COUNTED_REGISTER, SUPPORTING, TOWN_PLAN, TOWN_TARGET)


def plan_references(plans: Sequence[PlanInForce]) -> tuple[ReferenceTable, ...]:
    """The tables of all plans, to be loaded when one of them changes."""
    return tuple(ReferenceTable(table, partial(_of_all, table, plans), source=PLAN_SOURCE) for table in PLAN_TABLES)


def _of_all(table: Table, plans: Sequence[PlanInForce]) -> pl.DataFrame:
    return pl.concat([_ROWS[table.name](entry) for entry in plans] or [_frame(table, [])])


def plan_statements(inputs: Inputs) -> ir.Table:
    """mart.indicator with its code named `indicator`, as values, targets and statuses name it."""
    return inputs.table(INDICATOR.name).rename(indicator="code")


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
