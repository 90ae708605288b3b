"""The reference tables of surface water: limits, classes, items, units, rules, preferences.

Belongs here: the declarations of these tables and their rows from `assets/standards/`. Does not
belong here: any number (it stands in the data, with its source) or any calculation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache, partial
from typing import Any

import polars as pl

from assets.reference import STANDARDS, load, reference_frame
from sources.feeds.reference import STATIONS
from sources.feeds.water import DETERMINANDS, PUBLISHED_CLASSES, WATER_UNITS
from sources.registry import Table, boolean, codes, date, decimal, integer, text
from warehouse.marts import ReferenceTable

LIMITS_FILE = STANDARDS / "gb3838_2002.yaml"
ASSESSMENT_FILE = STANDARDS / "surface_water_assessment_2011.yaml"
SECTION_TYPES_FILE = STANDARDS / "cnemc_section_types.csv"

#: The classes of limits, best first, and the one beyond them.
CLASSES = tuple(int(code) for code in PUBLISHED_CLASSES.values[:-1])
BEYOND = int(PUBLISHED_CLASSES.values[-1])

_BODIES = STATIONS.column("water_body").codes
assert _BODIES is not None
#: river, lake: the two readings of the limits.
BODIES = _BODIES.values
RIVER, LAKE = BODIES
_LIMIT_BODIES = codes(("any", "不分", "rivers and lakes alike"), *((c.code, c.zh, c.en) for c in _BODIES.codes))
_CONFIDENCES = codes(
    ("standard", "见原文", "read in the document"),
    ("secondary", "见转载", "read on a page that quotes it"),
    ("memory", "待核", "unconfirmed"),
    ("setting", "设定", "our choice"),
)
_DETERMINAND = text("determinand", "指标", "what is limited", required=True, codes=DETERMINANDS)
_STANDARD = text("standard", "标准", "standard that prints the limit", required=True)
_CLAUSE = text("clause", "条款", "table and item of the standard", required=True)
SOURCE = text("source", "来源", "where it was read", required=True)
CONFIDENCE = text("confidence", "可信程度", "how it was confirmed", required=True, codes=_CONFIDENCES)

WATER_ITEM = Table(
    "standard.water_item",
    "地表水指标",
    "Items of GB 3838-2002 in the order of its tables, then of the trophic index, and which assessment uses them",
    (
        _DETERMINAND,
        integer("place", "次序", "order in which items are named", required=True),
        text("limit_unit", "单位", "unit of the limits", required=True, codes=WATER_UNITS),
        boolean("assessed", "参评", "one of the 21 items of the assessment of 2011", required=True),
        boolean("automatic", "自动站", "one of the five items of the automatic network", required=True),
        boolean("of_sources", "水源地", "judged at drinking-water sources", required=True),
        boolean("reference", "参考项目", "judged alone, shown beside the class, never part of it", required=True),
        boolean("priority", "优先", "named first among main pollutants", required=True),
        boolean(
            "lower_limited",
            "有下限",
            "whether it has a lower limit (oxygen, pH): low values are bad",
            required=True,
        ),
        boolean("has_multiple", "计超标倍数", "an exceedance multiple is given", required=True),
        integer("mean_digits", "均值位数", "digits that a stored mean keeps, rounded half to even", required=True),
        integer("judged_digits", "判定位数", "digits for a comparison after rounding (GB/T 8170)", required=True),
        _CLAUSE,
        text("note", "说明", "what a reader should know"),
    ),
    ("determinand",),
)

WATER_LIMIT = Table(
    "standard.water_limit",
    "地表水标准限值",
    "Limits of GB 3838-2002, tables 1, 2 and part of 3; a value on the limit passes",
    (
        _STANDARD,
        _DETERMINAND,
        text("water_body", "水体类型", "for which water bodies it holds", required=True, codes=_LIMIT_BODIES),
        integer("class", "类别", "class 1 to 5; 0 = the only limit, without classes", required=True),
        decimal("low", 18, 9, "下限", "at least this; empty = no lower limit"),
        decimal("high", 18, 9, "上限", "at most this; empty = no upper limit"),
        text("unit", "单位", "unit of the limit", required=True, codes=WATER_UNITS),
        date("valid_from", "施行日期", "day from which the standard is in force", required=True),
        _CLAUSE,
        SOURCE,
        CONFIDENCE,
    ),
    ("standard", "determinand", "water_body", "class"),
)

WATER_CLASS = Table(
    "standard.water_class",
    "水质类别",
    "Classes of surface water; 6 = worse than V",
    (
        integer("class", "类别", "class 1 to 6", required=True),
        text("name", "中文名", "name as printed", required=True),
        text("name_en", "英文名", "English name", required=True),
        text("quality_zh", "水质状况", "wording of a section's state", required=True),
        text("quality_en", "水质状况（英文）", "the wording in English", required=True),
        SOURCE,
        CONFIDENCE,
    ),
    ("class",),
)

WATER_UNIT = Table(
    "standard.water_unit",
    "水质单位换算",
    "Exact factors from the unit of a record to the unit of the limits",
    (
        text("unit", "单位", "unit of a record", required=True, codes=WATER_UNITS),
        text("limit_unit", "限值单位", "unit of the limits", required=True, codes=WATER_UNITS),
        decimal("factor", 10, 6, "系数", "limit units in one unit", required=True),
    ),
    ("unit", "limit_unit"),
)

WATER_RULE = Table(
    "standard.water_rule",
    "地表水评价规则参数",
    "Numbers of the assessment rules",
    (
        text("rule", "规则", "name of the rule", required=True),
        decimal("value", 12, 4, "数值", "the number", required=True),
        text("note", "说明", "what it means", required=True),
        SOURCE,
        CONFIDENCE,
    ),
    ("rule",),
)

#: What is compared with the limits.
UNROUNDED, ROUNDED = "unrounded", "rounded"
JUDGED_ON = codes(
    (UNROUNDED, "未修约", "the value as it is (GB/T 8170-2008, 4.3.2)"),
    (ROUNDED, "修约后", "the value rounded to standard.water_item judged_digits (GB/T 8170-2008, 4.3.3)"),
)

WATER_JUDGING = Table(
    "standard.water_judging",
    "水质判定方法",
    "Whether values are compared with the limits before or after rounding, by publication, kind and day",
    (
        integer("rank", "次序", "of several entries that fit, the lowest counts, then the latest", required=True),
        text("series", "序列", "publication; % stands for any text", required=True),
        text(
            "period",
            "对象",
            "what is judged",
            required=True,
            codes=codes(
                ("sample", "样品", "sample"),
                ("month", "月均值", "mean of a month"),
                ("year", "年均值", "mean of a year"),
                ("source_month", "水源地月均值", "mean of a drinking-water source's month"),
            ),
        ),
        text("judged_on", "评价数值", "what is compared", required=True, codes=JUDGED_ON),
        date("valid_from", "施行日期", "first day", required=True),
        SOURCE,
        CONFIDENCE,
    ),
    ("series", "period", "valid_from"),
)

WATER_SERIES_PREFERENCE = Table(
    "standard.water_series_preference",
    "水质序列优先顺序",
    "Which publication is taken where several report the same section",
    (
        text("series", "序列", "publication; % stands for any text", required=True),
        integer("rank", "次序", "lowest first; unlisted last", required=True),
        text("reason", "理由", "why", required=True),
    ),
    ("series",),
)

SECTION_TYPE = Table(
    "standard.water_section_type",
    "断面水体类型（推断）",
    "Sections whose published classes fit the limits of rivers or of lakes better, and how much better",
    (
        text("series", "序列", "publication that printed the classes; % stands for any text", required=True),
        text("station_code", "断面编码", "section", required=True),
        text("water_body", "水体类型", "whose limits fit best", required=True, codes=_BODIES),
        integer("compared", "可比数", "samples with a published class", required=True),
        integer(
            "agree_river", "按河流一致数", "of these, the published class is ours with river limits", required=True
        ),
        integer("agree_lake", "按湖库一致数", "of these, the published class is ours with lake limits", required=True),
    ),
    ("series", "station_code"),
    warnings=("inferred, not registered: an entry of the register with river or lake stands before it",),
)

SOURCE_DEFINITION = Table(
    "standard.water_source_definition",
    "饮用水源达标率口径",
    "Readings of the compliance of drinking-water sources; the headline is the one that the plan means",
    (
        text("definition", "口径", "name of the reading", required=True),
        text(
            "measure",
            "计量",
            "what is counted",
            required=True,
            codes=codes(
                ("volume", "水量", "by volume"),
                ("volume_exempt", "水量（豁免项目）", "by volume, exempt items left out"),
                ("count", "个数", "by number of sources"),
            ),
        ),
        boolean("headline", "主口径", "whether the plan means this reading", required=True),
        text("note", "说明", "the reading in words", required=True),
    ),
    ("definition",),
)

SOURCE_EXEMPTION = Table(
    "standard.water_source_exemption",
    "饮用水源豁免项目",
    "Items that the reading with exemptions leaves out",
    (
        text("water_body", "水体类型", "at which water bodies", required=True, codes=_BODIES),
        _DETERMINAND,
        SOURCE,
    ),
    ("water_body", "determinand"),
)


def _flag(holds: bool) -> str:
    return "true" if holds else "false"


def water_items() -> pl.DataFrame:
    """Rows of WATER_ITEM. Raises `ValueError` when the assessment names an item that has no limits table."""
    limits, rules = load(LIMITS_FILE), load(ASSESSMENT_FILE)
    lists = ("assessment_items", "automatic_items", "reference_items", "priority_items", "without_multiple")
    known = {entry["determinand"] for entry in limits["items"]}
    if stray := {name for group in lists for name in rules[group]} - known:
        raise ValueError(f"{WATER_ITEM.name}: items without a table of limits: {sorted(stray)}")
    assessed, reference = list(rules["assessment_items"]), list(rules["reference_items"])
    if rule("total_nitrogen_judges_lakes"):
        assessed.append("total_nitrogen")
        reference.remove("total_nitrogen")
    rows = [
        {
            "determinand": entry["determinand"],
            "limit_unit": entry["unit"],
            "of_sources": _flag(
                entry["determinand"] in assessed or entry["table_no"] in rules["source_tables"],
            ),
            "clause": _clause(entry),
            "note": entry.get("note", ""),
        }
        for entry in limits["items"]
    ]
    rows += [
        {"determinand": name, "limit_unit": unit, "of_sources": "false", "clause": "trophic index"}
        for name, unit in rules["trophic_items"].items()
    ]
    lower_limited = {entry["determinand"] for entry in limits["limits"] if "low" in entry}
    return reference_frame(
        WATER_ITEM,
        [
            row
            | {
                "place": str(place),
                "assessed": _flag(name in assessed),
                "automatic": _flag(name in rules["automatic_items"]),
                "reference": _flag(name in reference),
                "priority": _flag(name in rules["priority_items"]),
                "lower_limited": _flag(name in lower_limited),
                "has_multiple": _flag(name not in rules["without_multiple"]),
                "mean_digits": rules["mean_digits"].get(name, rules["mean_digits"]["default"]),
                "judged_digits": rules["judged_digits"].get(name, str(_printed_digits(limits["limits"], name))),
            }
            for place, row in enumerate(rows, start=1)
            for name in [row["determinand"]]
        ],
    )


def _printed_digits(limits: Iterable[Mapping[str, Any]], name: str) -> int:
    """The most digits after the point of an item's printed limits; what has none keeps all that a mean has."""
    printed = [
        text
        for entry in limits
        if entry["determinand"] == name
        for text in (*entry.get("low", []), *entry.get("high", []))
    ]
    return max((len(text.partition(".")[2]) for text in printed), default=9)


def water_limits() -> pl.DataFrame:
    """Rows of WATER_LIMIT. Raises `ValueError` for a list with neither one limit nor one for each class."""
    document = load(LIMITS_FILE)
    items = {entry["determinand"]: entry for entry in document["items"]}
    rows: list[dict[str, str]] = []
    for entry in document["limits"]:
        low, high = entry.get("low", []), entry.get("high", [])
        if any(len(values) not in (0, 1, len(CLASSES)) for values in (low, high)):
            raise ValueError(f"{WATER_LIMIT.name}: {entry['determinand']} has neither one limit nor one for each class")
        count = max(len(low), len(high))
        item = items[entry["determinand"]]
        source = document["sources"][item.get("source", "standard")]
        rows += [
            {
                "standard": document["standard"],
                "determinand": entry["determinand"],
                "water_body": entry["water_body"],
                "class": str(index + 1 if count > 1 else 0),
                "low": low[index] if low else "",
                "high": high[index] if high else "",
                "unit": item["unit"],
                "valid_from": document["in_force_from"],
                "clause": _clause(item),
                "source": source["text"],
                "confidence": source["confidence"],
            }
            for index in range(count)
        ]
    return reference_frame(WATER_LIMIT, rows)


def _clause(item: Mapping[str, Any]) -> str:
    return f"GB 3838-2002 table {item['table_no']} item {item['item_no']}"


def _section(table: Table, name: str) -> pl.DataFrame:
    return reference_frame(table, load(ASSESSMENT_FILE)[name])


def section_types() -> pl.DataFrame:
    """Rows of SECTION_TYPE, from mart.water_type_fit over the publications that the file's note names."""
    frame = pl.read_csv(SECTION_TYPES_FILE, infer_schema=False, comment_prefix="#")
    return reference_frame(SECTION_TYPE, frame.to_dicts())


@cache
def rule(name: str) -> Decimal:
    """The number of a rule of standard.water_rule. KeyError when there is none."""
    values: dict[str, Decimal] = dict(_section(WATER_RULE, "rules").select("rule", "value").iter_rows())
    return values[name]


WATER_REFERENCES: tuple[ReferenceTable, ...] = (
    ReferenceTable(WATER_ITEM, water_items),
    ReferenceTable(WATER_LIMIT, water_limits),
    ReferenceTable(WATER_CLASS, partial(_section, WATER_CLASS, "classes")),
    ReferenceTable(WATER_UNIT, partial(_section, WATER_UNIT, "units")),
    ReferenceTable(WATER_RULE, partial(_section, WATER_RULE, "rules")),
    ReferenceTable(WATER_JUDGING, partial(_section, WATER_JUDGING, "judging")),
    ReferenceTable(WATER_SERIES_PREFERENCE, partial(_section, WATER_SERIES_PREFERENCE, "series_preference")),
    ReferenceTable(SECTION_TYPE, section_types),
    ReferenceTable(SOURCE_DEFINITION, partial(_section, SOURCE_DEFINITION, "source_definitions")),
    ReferenceTable(SOURCE_EXEMPTION, partial(_section, SOURCE_EXEMPTION, "source_exemptions")),
)
