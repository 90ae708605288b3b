"""The choices of energy and economic accounting: rounding, plausible ranges, series in words, large users.

Belongs here: the declarations of these reference tables and their rows from `assets/standards/`. Does
not belong here: factors and units (`assets.energy.standards`), any calculation.
"""

from __future__ import annotations

from dataclasses import dataclass

from assets.energy.standards import (
    ACCOUNTING_FILE,
    CONFIDENCE,
    ELECTRICITY_BASES,
    ENERGY_DEFINITION,
    PRICE_BASE,
    reference_of,
    section,
)
from sources.feeds.economy import FUELS
from sources.registry import Table, decimal, integer, text


@dataclass(frozen=True)
class Choices:
    """What shapes the expression of an intensity: years, price bases, digits, the range of plausible ratios."""

    base_year: int
    price_bases: tuple[str, ...]
    longest_chain: int
    intensity_places: int
    change_places: int
    lowest: float
    highest: float


PUBLISHED_ROUNDING = Table(
    "standard.published_rounding",
    "公布修约位数",
    "Digits after the point with which energy bulletins state their figures",
    (
        text("item", "项目", "what is stated", required=True),
        integer("places", "小数位数", "digits after the point", required=True),
        text("source", "来源", "where the practice was read", required=True),
        text("confidence", "可信程度", "how it was confirmed", required=True, codes=CONFIDENCE),
    ),
    ("item",),
)

PLAUSIBLE_RANGE = Table(
    "standard.plausible_range",
    "合理区间",
    "Ranges outside of which a figure is looked at, or not used",
    (
        text("item", "项目", "what the range is for", required=True),
        decimal("low", 18, 6, "下限", "lowest plausible value", required=True),
        decimal("high", 18, 6, "上限", "highest plausible value", required=True),
        text("unit", "单位", "unit of the range", required=True),
        text("reason", "理由", "where the range comes from", required=True),
        text("confidence", "可信程度", "how it was confirmed", required=True, codes=CONFIDENCE),
    ),
    ("item",),
)

ECONOMY_SERIES = Table(
    "standard.economy_series",
    "经济能源序列说明",
    "What each publication counts, and which revision it carries",
    (
        text("series", "序列", "publication", required=True),
        text("item", "项目", "what it reports", required=True),
        text("scope_zh", "口径", "what is counted", required=True),
        text("scope_en", "口径（英文）", "what is counted", required=True),
        text("revision", "修订", "census or date of the revision that it carries", required=True),
        text("source", "来源", "where that is stated", required=True),
    ),
    ("series", "item"),
)

KEY_USER_RULE = Table(
    "standard.key_energy_user_rule",
    "重点用能单位认定规则",
    "From which yearly energy on an enterprise is a key user",
    (
        text("rule", "认定规则", "name of the rule", required=True),
        decimal("threshold_tce", 12, 2, "认定标准", "yearly energy from which on", unit="tce", required=True),
        text("electricity_basis", "电力口径", "treatment of electricity", required=True, codes=ELECTRICITY_BASES),
        text("clause", "条款", "clause of the plan", required=True),
        text("reason", "理由", "why on this basis", required=True),
    ),
    ("rule",),
)

OUTPUT_SIGN = Table(
    "standard.transformation_output",
    "加工转换产出",
    "What a process of transformation puts out, and so must show with a minus sign",
    (
        text("process", "加工转换环节", "process as published", required=True),
        text("fuel", "能源品种", "fuel or energy carrier", required=True, codes=FUELS),
        text("source", "来源", "where that comes from", required=True),
    ),
    ("process", "fuel"),
)

CHOICE_REFERENCES = (
    reference_of(PUBLISHED_ROUNDING, "published_rounding", ACCOUNTING_FILE),
    reference_of(PLAUSIBLE_RANGE, "plausible_ranges", ACCOUNTING_FILE),
    reference_of(ECONOMY_SERIES, "economy_series", ACCOUNTING_FILE),
    reference_of(OUTPUT_SIGN, "transformation_outputs", ACCOUNTING_FILE),
    reference_of(KEY_USER_RULE, "key_energy_user_rules", ACCOUNTING_FILE),
)


def accounting_choices() -> Choices:
    """The choices that stand in the data. Raises `ValueError` unless all readings share one base year."""
    (base_year,) = set(section(ENERGY_DEFINITION, "energy_definitions", ACCOUNTING_FILE)["base_year"])
    bases = section(PRICE_BASE, "price_bases", ACCOUNTING_FILE)
    places = dict(section(PUBLISHED_ROUNDING, "published_rounding", ACCOUNTING_FILE).select("item", "places").rows())
    ranges = section(PLAUSIBLE_RANGE, "plausible_ranges", ACCOUNTING_FILE)
    (low, high), *_ = ranges.filter(item="tce_per_10k_yuan").select("low", "high").rows()
    return Choices(
        base_year=base_year,
        price_bases=tuple(bases["price_base"]),
        longest_chain=max(bases["longest_chain"].drop_nulls()),
        intensity_places=places["intensity"],
        change_places=places["change_pct"],
        lowest=float(low),
        highest=float(high),
    )
