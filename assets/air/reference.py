"""The reference tables of what the documents of air say: breakpoints, categories, items, rules, limits, statistics.

Belongs here: the declarations of these tables and their rows from `assets/standards/`. Does not
belong here: any number (it stands in the data, with clause and source), any calculation, what the house or a
city chooses (`assets.air.choices`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import polars as pl

from assets.reference import STANDARDS, load, reference_frame
from sources.registry import Column, Table, boolean, codes, date, decimal, integer, text
from warehouse.marts import ReferenceTable

#: Files that each hold one standard, in order of their documents' date.
STANDARD_FILES = (
    "api_1996",
    "gb3095_2012",
    "hj633_2012",
    "hj663_2013",
    "gb3095_2026_transition",
    "hj633_2026",
    "gb3095_2026",
)

POLLUTANTS = codes(
    ("so2", "二氧化硫", "SO2"),
    ("no2", "二氧化氮", "NO2"),
    ("pm10", "可吸入颗粒物", "PM10"),
    ("pm25", "细颗粒物", "PM2.5"),
    ("co", "一氧化碳", "CO"),
    ("o3", "臭氧", "ozone"),
)
CATEGORIES = codes(
    ("excellent", "优", "excellent"),
    ("good", "良", "good"),
    ("slight", "轻微污染", "slight pollution"),
    ("light", "轻度污染", "light pollution"),
    ("moderate", "中度污染", "moderate pollution"),
    ("moderate_heavy", "中度重污染", "moderately heavy pollution"),
    ("heavy", "重度污染", "heavy pollution"),
    ("severe", "严重污染", "severe pollution"),
)
HOURLY_REPORTS = codes(
    ("hourly_pm_1h", "小时报，颗粒物取1小时均值", "hourly report, particles by their one-hour mean"),
    ("hourly_pm_24h", "小时报，颗粒物取24小时滑动均值", "hourly report, particles by the running 24 hours"),
)
_REPORTS = codes(("daily", "日报", "daily report"), *((c.code, c.zh, c.en) for c in HOURLY_REPORTS.codes))
_AVERAGINGS = codes(
    ("1h", "1小时", "one hour"),
    ("8h", "8小时", "eight hours"),
    ("24h", "24小时", "one day"),
    ("year", "年", "year"),
)
CONFIDENCE = codes(
    ("standard", "见原文", "read in the document"),
    ("secondary", "见转载", "read on a page that quotes it"),
    ("derived", "推算", "follows from quoted numbers"),
    ("memory", "待核", "unconfirmed, or a rule of this house"),
)

STANDARD_NAME = text("standard", "标准", "standard, see standard.air_standard", required=True)
_POLLUTANT = text("item", "污染物", "pollutant", required=True, codes=POLLUTANTS)
_AVERAGING = text("averaging", "平均时段", "averaging period", required=True, codes=_AVERAGINGS)
_UNIT = text("unit", "单位", "unit of the concentration", required=True)
_PROVENANCE: tuple[Column, ...] = (
    text("clause", "条款", "clause of the document", required=True),
    text("source", "来源", "where it was read", required=True),
    text("confidence", "可信程度", "how it was confirmed", required=True, codes=CONFIDENCE),
    text("note", "说明", "what a reader should know"),
)

AIR_STANDARD = Table(
    "standard.air_standard",
    "空气质量标准",
    "Standards of air: limits, indices, assessment",
    (
        STANDARD_NAME,
        text("document", "文件", "document", required=True),
        text("name_zh", "中文名", "Chinese name", required=True),
        text("name_en", "英文名", "English name", required=True),
        date("valid_from", "施行日期", "day from which the document is in force everywhere"),
        date("valid_to", "废止日期", "last day on which it is in force"),
        date("computed_from", "计算起始日", "first day for which its index is computed; empty = every day"),
        text("note", "说明", "what a reader should know"),
    ),
    ("standard",),
)

IAQI_BREAKPOINT = Table(
    "standard.iaqi_breakpoint",
    "空气质量分指数限值",
    "Breakpoints of the individual index; between them it is linear and always rounded up",
    (
        STANDARD_NAME,
        _POLLUTANT,
        _AVERAGING,
        integer("iaqi_low", "分指数下限", "index at conc_low", required=True),
        integer("iaqi_high", "分指数上限", "index at conc_high", required=True),
        decimal("conc_low", 9, 3, "浓度下限", "concentration from which the segment runs", required=True),
        decimal("conc_high", 9, 3, "浓度上限", "concentration up to which it runs", required=True),
        _UNIT,
        text(
            "above",
            "超出末段",
            "what holds above the last segment",
            required=True,
            codes=codes(
                ("cap", "取末值", "the last index stands"),
                ("other", "改用其他时段", "no index from this averaging; that of the other averaging stands"),
            ),
        ),
        *_PROVENANCE,
    ),
    ("standard", "item", "averaging", "iaqi_high"),
)

AIR_CATEGORY = Table(
    "standard.air_category",
    "空气质量级别",
    "Categories of the index, with names and colours",
    (
        STANDARD_NAME,
        text("category", "级别代码", "category", required=True, codes=CATEGORIES),
        integer("position", "次序", "from clean to polluted, from 1", required=True),
        integer("index_low", "指数下限", "lowest index of the band", required=True),
        integer("index_high", "指数上限", "highest index of the band; empty = no end"),
        text("level_zh", "级", "level as the standard prints it"),
        text("name_zh", "中文名", "Chinese name", required=True),
        text("name_en", "英文名", "English name", required=True),
        text("colour", "颜色", "colour of maps and tables"),
        integer("red", "红", "red, 0–255"),
        integer("green", "绿", "green, 0–255"),
        integer("blue", "蓝", "blue, 0–255"),
        text("spellings", "写法", "words of publications that mean it, joined by comma", required=True),
        *_PROVENANCE,
    ),
    ("standard", "category"),
)

AIR_ITEM = Table(
    "standard.air_item",
    "指数评价项目",
    "Items of each report: column taken, breakpoints used, order of naming, digits reported",
    (
        STANDARD_NAME,
        text("report", "报告", "kind of report", required=True, codes=_REPORTS),
        integer("position", "次序", "order in which tied pollutants are named", required=True),
        text("item", "项目", "name among primary and exceeding pollutants", required=True),
        text("reading", "取值列", "column that holds the concentration", required=True),
        text("pollutant", "污染物", "pollutant of the breakpoints", required=True, codes=POLLUTANTS),
        _AVERAGING,
        integer("decimals", "小数位", "digits after the point of a reported concentration", required=True),
        _UNIT,
        *_PROVENANCE,
    ),
    ("standard", "report", "item"),
)

AIR_RULE = Table(
    "standard.air_rule",
    "评价规则参数",
    "Numbers of the rules: validity of means, thresholds, rounding, station shares",
    (
        STANDARD_NAME,
        text("rule", "规则", "name of the rule", required=True),
        integer("value", "数值", "number of the rule", required=True),
        text("unit", "单位", "unit of the number; empty for counts, indices and switches"),
        text("meaning", "含义", "the rule in words", required=True),
        *_PROVENANCE,
    ),
    ("standard", "rule"),
)

AIR_LIMIT = Table(
    "standard.air_limit",
    "浓度限值",
    "Limits of concentration by class of area (2 = most of a city, 1 = nature reserves)",
    (
        STANDARD_NAME,
        _POLLUTANT,
        _AVERAGING,
        integer("class", "功能区类别", "class of area", required=True),
        decimal("conc", 9, 3, "限值", "limit", required=True),
        _UNIT,
        *_PROVENANCE,
    ),
    ("standard", "item", "averaging", "class"),
)

AIR_STATISTIC = Table(
    "standard.air_statistic",
    "年评价统计量",
    "Statistics of a year, and the limits that they must meet",
    (
        STANDARD_NAME,
        integer("position", "次序", "order of columns", required=True),
        text("statistic", "统计量", "column of mart.air_city_year", required=True),
        text("item", "项目", "daily item", required=True),
        text("pollutant", "污染物", "pollutant of the item", required=True, codes=POLLUTANTS),
        integer("percentile", "百分位", "percentile of the daily values; empty = mean", unit="%"),
        _AVERAGING,
        integer("decimals", "小数位", "digits to which it is rounded before it is held against a limit", required=True),
        boolean("in_index", "计入综合指数", "whether it is a part of the composite index", required=True),
        *_PROVENANCE,
    ),
    ("standard", "statistic"),
)


def document(name: str) -> dict[str, Any]:
    """One file of `assets/standards/` by its stem, every scalar as the text written there."""
    return load(STANDARDS / f"{name}.yaml")


def standards() -> pl.DataFrame:
    """Rows of AIR_STANDARD: the heading of each file."""
    files = map(document, STANDARD_FILES)
    return reference_frame(
        AIR_STANDARD, [{key: file[key] for key in AIR_STANDARD.names if key in file} for file in files]
    )


def breakpoints() -> pl.DataFrame:
    """Rows of IAQI_BREAKPOINT: each pair of neighbours of a printed column is one segment."""
    columns = [
        (document(name)["breakpoints"]["index"], column)
        for name in STANDARD_FILES
        if "breakpoints" in document(name)
        for column in _with_defaults(name, "breakpoints", "columns")
    ]
    segments = [
        {key: value for key, value in column.items() if key != "conc"}
        | {"iaqi_low": low, "iaqi_high": high, "conc_low": conc_low, "conc_high": conc_high}
        for index, column in columns
        for low, high, conc_low, conc_high in _segments(index, column["conc"])
    ]
    return reference_frame(IAQI_BREAKPOINT, segments)


def _segments(index: Sequence[str], conc: Any) -> list[tuple[str, str, str, str]]:
    # A column shorter than the index (SO2 1h, O3 8h) ends early: zip stops there.
    return list(zip(index, index[1:], conc, conc[1:], strict=False))


def section(table: Table, name: str) -> pl.DataFrame:
    """Rows of a table from the section of that name in every standard's file that has one."""
    files = [file for file in STANDARD_FILES if name in document(file)]
    return reference_frame(table, [entry for file in files for entry in _with_defaults(file, name, "rows")])


def _with_defaults(file: str, section_name: str, rows: str) -> list[Mapping[str, Any]]:
    found = document(file)[section_name]
    return [{"standard": document(file)["standard"], **found["defaults"], **entry} for entry in found[rows]]


DOCUMENT_REFERENCES: tuple[ReferenceTable, ...] = (
    ReferenceTable(AIR_STANDARD, standards),
    ReferenceTable(IAQI_BREAKPOINT, breakpoints),
    ReferenceTable(AIR_CATEGORY, partial(section, AIR_CATEGORY, "categories")),
    ReferenceTable(AIR_ITEM, partial(section, AIR_ITEM, "items")),
    ReferenceTable(AIR_RULE, partial(section, AIR_RULE, "rules")),
    ReferenceTable(AIR_LIMIT, partial(section, AIR_LIMIT, "limits")),
    ReferenceTable(AIR_STATISTIC, partial(section, AIR_STATISTIC, "statistics")),
)
