"""The reference tables of energy accounting: standard coal, units, price bases, preferences, readings.

Belongs here: the declarations of these tables and their rows from `assets/standards/`. Does not
belong here: any number (it stands in the data, with its source) or any calculation.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import polars as pl

from assets.reference import STANDARDS, load, reference_frame
from sources.feeds.economy import ENERGY_UNITS, FUELS, MONEY_UNITS
from sources.registry import Table, boolean, codes, date, decimal, integer, text
from warehouse.marts import ReferenceTable

STANDARD_COAL_FILE = STANDARDS / "standard_coal.yaml"
ACCOUNTING_FILE = STANDARDS / "energy_accounting.yaml"

CONSUMPTION_SCOPES = codes(("final", "终端消费", "final consumption"), ("total", "消费总量", "total consumption"))
ELECTRICITY_BASES = codes(("calorific", "当量值", "calorific value"), ("equivalent", "等价值", "equivalent value"))
CONFIDENCE = codes(
    ("standard", "见原文", "read in the document"),
    ("secondary", "见转载", "read on a page that quotes it"),
    ("derived", "推算", "follows from quoted numbers"),
    ("memory", "待核", "unconfirmed"),
)
_FACTOR_BASES = codes(*((code.code, code.zh, code.en) for code in ELECTRICITY_BASES.codes), ("both", "两者", "both"))
_FACTOR_SET = text("factor_set", "折标系数集", "set of standard-coal factors", required=True)
_PHYSICAL = text(
    "physical_unit",
    "实物单位",
    "physical unit in which factors are printed",
    required=True,
    codes=codes(
        ("kg", "千克", "kilogram"),
        ("m3", "立方米", "cubic metre"),
        ("MJ", "兆焦", "megajoule"),
        ("kWh", "千瓦时", "kilowatt-hour"),
        ("kgce", "千克标准煤", "kilogram of standard coal"),
    ),
)
_NOTE = text("note", "说明", "what a reader should know")
_CLAUSE = text("clause", "条款", "clause of the document", required=True)
_SOURCE = text("source", "来源", "where the number was read", required=True)

FACTOR_SET = Table(
    "standard.factor_set",
    "折标准煤系数集",
    "Sets of standard-coal factors; the one used for a year has used_from ≤ year ≤ used_to",
    (
        _FACTOR_SET,
        text("name_zh", "中文名", "Chinese name", required=True),
        text("name_en", "英文名", "English name", required=True),
        text("document", "文件", "document that prints the set", required=True),
        decimal("kj_per_kgce", 8, 2, "标准煤热值", "heat of one kilogram of standard coal", unit="kJ", required=True),
        date("in_force_from", "施行日期", "day from which the document is in force"),
        date("in_force_to", "废止日期", "last day on which it was in force"),
        integer("used_from", "使用起始年", "first year of energy use converted with it; empty = not used"),
        integer("used_to", "使用终止年", "last year converted with it; empty = still used"),
        _NOTE,
    ),
    ("factor_set",),
)

STANDARD_COAL_FACTOR = Table(
    "standard.standard_coal_factor",
    "折标准煤系数",
    "Standard-coal factors: kgce per physical unit of a fuel (29 307 kJ = 1 kgce)",
    (
        _FACTOR_SET,
        text("fuel", "能源品种", "fuel or energy carrier", required=True, codes=FUELS),
        _PHYSICAL,
        text(
            "electricity_basis",
            "电力口径",
            "treatment of electricity for which it holds",
            required=True,
            codes=_FACTOR_BASES,
        ),
        integer("year_from", "起始年", "first year of energy use for which it holds", required=True),
        integer("year_to", "终止年", "last year for which it holds; empty = still"),
        decimal(
            "kgce",
            8,
            6,
            "折标系数",
            "kgce per physical unit; empty where only a range is printed",
            unit="kgce",
        ),
        decimal("low", 8, 6, "下限", "lower end of the printed range", unit="kgce"),
        decimal("high", 8, 6, "上限", "upper end of the printed range", unit="kgce"),
        _CLAUSE,
        _SOURCE,
        text("confidence", "可信程度", "how the number was confirmed", required=True, codes=CONFIDENCE),
        _NOTE,
    ),
    ("factor_set", "fuel", "physical_unit", "electricity_basis", "year_from"),
)

ENERGY_UNIT = Table(
    "standard.energy_unit",
    "能源计量单位",
    "Units of energy quantities in thousands of physical units",
    (
        text("unit", "单位", "unit of a record", required=True, codes=ENERGY_UNITS),
        _PHYSICAL,
        decimal("thousands", 6, 0, "千实物单位", "thousands of physical units in one unit", required=True),
    ),
    ("unit",),
)

MONEY_UNIT = Table(
    "standard.money_unit",
    "货币单位",
    "Units of money in 10 000 yuan",
    (
        text("unit", "单位", "unit of a record", required=True, codes=MONEY_UNITS),
        decimal("in_10k_yuan", 9, 4, "折合万元", "one unit in 10 000 yuan", unit="10^4 yuan", required=True),
    ),
    ("unit",),
)

PRICE_BASE = Table(
    "standard.price_base",
    "价格基准",
    "Price bases of GDP",
    (
        text("price_base", "价格基准", "current, or the year whose prices are used", required=True),
        text("name_zh", "中文名", "Chinese name", required=True),
        text("name_en", "英文名", "English name", required=True),
        integer("base_year", "基年", "year from which indices are chained; empty for current prices"),
        integer("longest_chain", "最长链", "most years chained from the base year"),
        text("source", "来源", "where the base year comes from"),
    ),
    ("price_base",),
)

ENERGY_DEFINITION = Table(
    "standard.energy_definition",
    "万元GDP能耗下降口径",
    "Readings of the fall of energy per 10 000 yuan of GDP; the headline is the one that the plan means",
    (
        text("definition", "口径", "name of the reading", required=True),
        text("consumption_scope", "消费口径", "which consumption", required=True, codes=CONSUMPTION_SCOPES),
        text(
            "electricity_basis",
            "电力口径",
            "treatment of electricity",
            required=True,
            codes=ELECTRICITY_BASES,
        ),
        text("price_base", "价格基准", "prices of GDP", required=True),
        integer("base_year", "基年", "year against which the fall is counted", required=True),
        boolean("headline", "主口径", "whether the plan means this reading", required=True),
        _CLAUSE,
        text("note", "说明", "the reading in words", required=True),
    ),
    ("definition",),
)

SERIES_PREFERENCE = Table(
    "standard.economy_series_preference",
    "经济能源环境序列优先顺序",
    "Which publication is taken where several report the same item",
    (
        text("item", "项目", "what is reported", required=True),
        text("region_code", "行政区划代码", "region; * = every region", required=True),
        text("series", "序列", "publication", required=True),
        integer("rank", "次序", "lowest first", required=True),
        text("reason", "理由", "why", required=True),
    ),
    ("item", "region_code", "series"),
)


def factor_sets(path: Path = STANDARD_COAL_FILE) -> pl.DataFrame:
    """Rows of FACTOR_SET. Raises `ValueError` when two sets are used for one year: it would count twice."""
    entries = [
        {key: value for key, value in entry.items() if key not in ("defaults", "factors")}
        for entry in load(path)["factor_sets"]
    ]
    frame = reference_frame(FACTOR_SET, entries)
    used = frame.drop_nulls("used_from").sort("used_from")
    open_end = pl.col("used_to").is_null() | (pl.col("used_to") >= pl.col("used_from").shift(-1))
    if (both := used.filter(open_end & pl.col("used_from").shift(-1).is_not_null())).height:
        raise ValueError(f"{FACTOR_SET.name}: another set is used in years of {both['factor_set'].to_list()}")
    return frame


def factors(path: Path = STANDARD_COAL_FILE) -> pl.DataFrame:
    """Rows of STANDARD_COAL_FACTOR: each factor with what it takes over from its set's defaults.

    Raises `ValueError` when two factors of one fuel hold in the same year: it would count twice.
    """
    entries = [
        {"factor_set": entry["factor_set"], **entry["defaults"], **factor}
        for entry in load(path)["factor_sets"]
        for factor in entry["factors"]
    ]
    frame = reference_frame(STANDARD_COAL_FACTOR, entries)
    spans = frame.sort("year_from").with_columns(
        then=pl.col("year_from").shift(-1).over("factor_set", "fuel", "physical_unit", "electricity_basis")
    )
    twice = spans.filter(pl.col("then") <= pl.col("year_to").fill_null(9999))
    if twice.height:
        raise ValueError(f"{STANDARD_COAL_FACTOR.name}: two factors hold in {twice.select('fuel', 'then').rows()}")
    return frame


def section(table: Table, name: str, path: Path) -> pl.DataFrame:
    """Rows of a table that stands as one section of a file."""
    return reference_frame(table, load(path)[name])


def reference_of(table: Table, name: str, path: Path) -> ReferenceTable:
    """A reference table whose rows stand as one section of a file."""
    return ReferenceTable(table, partial(section, table, name, path))


ENERGY_REFERENCES: tuple[ReferenceTable, ...] = (
    ReferenceTable(FACTOR_SET, factor_sets),
    ReferenceTable(STANDARD_COAL_FACTOR, factors),
    reference_of(ENERGY_UNIT, "energy_units", STANDARD_COAL_FILE),
    reference_of(MONEY_UNIT, "money_units", ACCOUNTING_FILE),
    reference_of(PRICE_BASE, "price_bases", ACCOUNTING_FILE),
    reference_of(ENERGY_DEFINITION, "energy_definitions", ACCOUNTING_FILE),
    reference_of(SERIES_PREFERENCE, "series_preference", ACCOUNTING_FILE),
)
