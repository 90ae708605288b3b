"""The reference tables of emissions and of the composite index.

Belongs here: the declarations of these tables and their rows from `assets/standards/`. Does not
belong here: any number (it stands in the data, with its source) or any calculation.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import polars as pl

from assets.energy.standards import ACCOUNTING_FILE, section
from assets.reference import STANDARDS, load, reference_frame
from sources.feeds.economy import POLLUTANTS
from sources.registry import Table, boolean, codes, date, decimal, integer, text
from warehouse.marts import ReferenceTable

INDEX_FILE = STANDARDS / "environment_index.yaml"

AIR_TABLE, SOURCE_TABLE, RETURNS_TABLE, RATES_TABLE = (
    "mart.air_city_year",
    "mart.source_compliance",
    "core.statistical_returns",
    "mart.environment_return",
)

EMISSION_POLLUTANT = Table(
    "standard.emission_pollutant",
    "主要污染物",
    "Which pollutants the plan's main pollutants are, and the base year of their reduction",
    (
        text("definition", "口径", "name of the reading", required=True),
        text("pollutant", "污染物", "pollutant", required=True, codes=POLLUTANTS),
        text("name_en", "英文名", "English name", required=True),
        integer(
            "base_year",
            "基年",
            "year against which the reduction is counted; one for all pollutants",
            required=True,
        ),
        boolean("headline", "主口径", "whether the plan means this reading", required=True),
        text("clause", "条款", "clause of the plan", required=True),
        text("source", "来源", "where the list comes from", required=True),
    ),
    ("definition", "pollutant"),
)

EMISSION_SCOPE = Table(
    "standard.emission_scope",
    "排放统计口径优先顺序",
    "Which scope of accounting is taken where all pollutants are reported under several",
    (
        text("scope", "统计口径", "which sources are counted", required=True),
        text("name_zh", "中文名", "Chinese name", required=True),
        text("census", "普查口径", "census or revision that the figures follow", required=True),
        integer("rank", "次序", "lowest first; unlisted last", required=True),
        text("reason", "理由", "why", required=True),
    ),
    ("scope",),
)

INDEX_DEFINITION = Table(
    "standard.environment_index_definition",
    "环境质量综合指数定义",
    "Definitions of the environmental quality composite index",
    (
        text("definition", "口径", "name of the definition", required=True),
        text("name_zh", "中文名", "Chinese name", required=True),
        text("name_en", "英文名", "English name", required=True),
        date("valid_from", "有效期起", "first day for which it is computed", required=True),
        date("valid_to", "有效期止", "last day; empty = still computed"),
        boolean("headline", "主口径", "whether it stands for the plan's index", required=True),
        boolean(
            "renormalise_missing",
            "缺项归一",
            "whether missing parts are left out of the weights",
            required=True,
        ),
        text("document", "文件", "document that the definition comes from", required=True),
        text("note", "说明", "what a reader must know", required=True),
    ),
    ("definition",),
)

INDEX_PART = Table(
    "standard.environment_index_part",
    "环境质量综合指数分项",
    "Parts of each definition with their weights",
    (
        text("definition", "口径", "name of the definition", required=True),
        text("component", "分项", "part of the index", required=True),
        decimal("weight", 6, 4, "权重", "weight; they need not sum to one", required=True),
        boolean("inverted", "取反", "whether 100 − value enters", required=True),
        decimal("lower", 9, 4, "下限", "value is cut to at least this", required=True),
        decimal("upper", 9, 4, "上限", "value is cut to at most this", required=True),
    ),
    ("definition", "component"),
)

INDEX_SOURCE = Table(
    "standard.environment_index_source",
    "环境质量综合指数分项来源",
    "Where the value of a part is taken from; the lowest rank that has one",
    (
        text("component", "分项", "part of the index", required=True),
        integer("rank", "次序", "lowest first", required=True),
        text(
            "source_table",
            "来源表",
            "table of the warehouse",
            required=True,
            codes=codes(
                (AIR_TABLE, "城市空气年度", "air of a city's year"),
                (SOURCE_TABLE, "饮用水源达标", "drinking-water sources"),
                (RETURNS_TABLE, "统计报送", "statistical returns"),
                (RATES_TABLE, "环境报送指标", "rates from reported amounts"),
            ),
        ),
        text("selector", "选取", "standard of the air table, or code of a return or rate"),
    ),
    ("component", "rank"),
)

INDEX_SCOPE = Table(
    "standard.environment_index_scope",
    "环境质量综合指数范围",
    "Regions and years that get rows of the index even while nothing is reported",
    (
        text("region_code", "行政区划代码", "region", required=True),
        integer("year", "年份", "calendar year", required=True),
    ),
    ("region_code", "year"),
)


def index_definitions(path: Path = INDEX_FILE) -> pl.DataFrame:
    """Rows of INDEX_DEFINITION."""
    entries = [
        {key: value for key, value in entry.items() if key not in ("defaults", "parts")}
        for entry in load(path)["definitions"]
    ]
    return reference_frame(INDEX_DEFINITION, entries)


def index_parts(path: Path = INDEX_FILE) -> pl.DataFrame:
    """Rows of INDEX_PART: each part with what it takes over from its definition's defaults."""
    entries = [
        {"definition": entry["definition"], **entry["defaults"], **part}
        for entry in load(path)["definitions"]
        for part in entry["parts"]
    ]
    return reference_frame(INDEX_PART, entries)


def index_sources(path: Path = INDEX_FILE) -> pl.DataFrame:
    """Rows of INDEX_SOURCE."""
    return section(INDEX_SOURCE, "sources", path)


ENVIRONMENT_REFERENCES: tuple[ReferenceTable, ...] = (
    ReferenceTable(EMISSION_POLLUTANT, partial(section, EMISSION_POLLUTANT, "emission_pollutants", ACCOUNTING_FILE)),
    ReferenceTable(EMISSION_SCOPE, partial(section, EMISSION_SCOPE, "emission_scopes", ACCOUNTING_FILE)),
    ReferenceTable(INDEX_DEFINITION, index_definitions),
    ReferenceTable(INDEX_PART, index_parts),
    ReferenceTable(INDEX_SOURCE, index_sources),
    ReferenceTable(INDEX_SCOPE, partial(section, INDEX_SCOPE, "scope", INDEX_FILE)),
)
