"""Codes that a feed's records may use and that only this house's data know: indicators, registers, regions.

Belongs here: where the known codes of a column stand. Does not belong here: refusing a record
(`checks`), code sets that the registry closes (`sources.feeds`).

A code that is in no list is a slip of the pen or news that only a person can judge: its record waits in
quarantine and is replayed once the code is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from assets.air.choices import AIR_EVENT_REGISTER
from assets.environment.return_standards import RETURN_COMPONENT
from assets.environment.standards import INDEX_PART
from assets.plan.tables import COUNTED_REGISTER, INDICATOR, SUPPORTING
from checks.rules import Rule, known_code
from sources.adapters.provinces import province_codes
from sources.feeds.inspection import PASS_RATES
from sources.feeds.reference import REGIONS
from sources.feeds.returns import REGISTER_EVENTS, STATISTICAL_RETURNS
from sources.registry import Feed, Table, text
from warehouse.marts import ReferenceTable
from warehouse.store import Warehouse

_FILE = Path(__file__).resolve().parent / "plans" / "reference-figures.csv"

REFERENCE_FIGURE = Table(
    "standard.reference_figure",
    "参考数据代码",
    "Codes of published figures that serve as background and that no indicator is computed from",
    (
        text("code", "代码", "code in returns", required=True),
        text("zh", "名称", "name in Chinese", required=True),
        text("en", "英文名称", "name in English", required=True),
    ),
    ("code",),
)

PROVINCE = Table(
    "standard.province",
    "省级行政区划",
    "Provinces of GB/T 2260, which national publications name without any list of regions",
    (text("code", "代码", "division code", required=True), text("name_zh", "名称", "name in Chinese", required=True)),
    ("code",),
)


def _provinces() -> pl.DataFrame:
    names = province_codes("name_zh")
    return pl.DataFrame({"code": list(names.values()), "name_zh": list(names)}, schema=PROVINCE.polars_schema)


REFERENCES = (
    ReferenceTable(
        REFERENCE_FIGURE,
        lambda: pl.read_csv(_FILE, schema=REFERENCE_FIGURE.polars_schema),
        source=f"dated data in assets/plans/{_FILE.name}",
    ),
    ReferenceTable(PROVINCE, _provinces),
)


@dataclass(frozen=True)
class Vocabulary:
    """Where the known codes of one column stand: tables and their columns.

    The first table is the leading one: while it is empty nothing is known, and nothing is refused.
    """

    feed: str
    column: str
    named: str
    sources: tuple[tuple[str, str], ...]


_REGIONS = (("core.regions", "code"), (PROVINCE.name, "code"))

VOCABULARIES: tuple[Vocabulary, ...] = (
    Vocabulary(
        STATISTICAL_RETURNS.name,
        "indicator_code",
        "a code of the plan, a supporting code, an amount or part of an environment figure, or a reference figure",
        (
            (INDICATOR.name, "code"),
            (SUPPORTING.name, "code"),
            (REFERENCE_FIGURE.name, "code"),
            (RETURN_COMPONENT.name, "code"),
            (INDEX_PART.name, "component"),
        ),
    ),
    Vocabulary(
        REGISTER_EVENTS.name,
        "register",
        "a register that an indicator of the plan counts, or one of exceptional events",
        ((INDICATOR.name, "code"), (COUNTED_REGISTER.name, "register"), (AIR_EVENT_REGISTER.name, "register")),
    ),
    *(
        Vocabulary(feed.name, "region_code", "the code of a region of the feed regions, or of a province", _REGIONS)
        for feed in (STATISTICAL_RETURNS, REGISTER_EVENTS, PASS_RATES)
    ),
)


def known_rules(warehouse: Warehouse, feed: Feed) -> list[Rule]:
    """The rules that hold the feed's codes against what this home knows now."""
    there = {
        f"{schema}.{table}" for schema, table in warehouse.rows("SELECT schema_name, table_name FROM duckdb_tables()")
    }
    rules = []
    for words in VOCABULARIES:
        tables = {table for table, _ in words.sources}
        if words.feed != feed.name or not tables <= there:
            continue
        if warehouse.rows(f"SELECT 1 FROM {words.sources[0][0]} LIMIT 1"):
            known = " UNION ".join(f"SELECT {column} AS code FROM {table}" for table, column in words.sources)
            rules.append(known_code(feed.column(words.column), known, words.named))
    return rules


def needs_regions(feed: Feed) -> bool:
    """Whether the feed's region codes are judged, so that regions of the same night have to come first."""
    return feed != REGIONS and any(words.feed == feed.name and words.sources == _REGIONS for words in VOCABULARIES)
