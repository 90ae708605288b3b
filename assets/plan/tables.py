"""The tables of plans in the warehouse, so that nobody has to join YAML.

Belongs here: the declarations of mart.plan, mart.plan_amendment, mart.plan_reading, mart.indicator, mart.target,
mart.town_target, mart.counted_register and mart.supporting_code. Does not belong here: their rows
(`assets.plan.rows`), values, verdicts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assets.plan.towns import TOWN_PLAN
from assets.plan.words import BETTER, COMPARATORS, KINDS, MEASURES, PATHS, SOURCES
from sources.registry import Table, boolean, date, double, integer, text
from warehouse.marts import Inputs

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

#: Every table of a plan, in the order of `assets.plan.rows.plan_references`.
PLAN_TABLES = (PLAN, AMENDMENT, READING, INDICATOR, TARGET, COUNTED_REGISTER, SUPPORTING, TOWN_PLAN, TOWN_TARGET)


def plan_statements(inputs: Inputs) -> ir.Table:
    """mart.indicator with its code named `indicator`, as values, targets and statuses name it."""
    return inputs.table(INDICATOR.name).rename(indicator="code")
