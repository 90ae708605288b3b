"""The reference tables of aggregates: how shares of sections are worded, where compliance breaks off.

Belongs here: their declarations and rows from `assets/standards/surface_water_assessment_2011.yaml`. Does not
belong here: any number, any calculation.
"""

from __future__ import annotations

from assets.reference import load, reference_frame
from assets.water.standards import ASSESSMENT_FILE, CONFIDENCE, SOURCE
from sources.registry import Table, decimal, integer, text
from warehouse.marts import ReferenceTable

WATER_SHARE_BAND = Table(
    "standard.water_share_band",
    "断面比例评价",
    "Wording of a river, basin or region by shares of its sections: the first line whose conditions all hold",
    (
        integer("place", "次序", "order of the lines", required=True),
        text("quality_zh", "水质状况", "wording", required=True),
        text("quality_en", "水质状况（英文）", "wording in English", required=True),
        decimal("good_at_least", 6, 2, "优良比例下限", "share of classes I to III of at least this", unit="%"),
        decimal("beyond_below", 6, 2, "劣Ⅴ比例上限", "share of worse than V below this", unit="%"),
        SOURCE,
        CONFIDENCE,
    ),
    ("place",),
)

COMPLIANCE_BREAK = Table(
    "standard.water_compliance_break",
    "断面达标率口径变化",
    "Years from which compliance of sections is no longer comparable with earlier years",
    (
        integer("year", "年份", "first year of the new way", required=True),
        text("name_zh", "变化", "what changed", required=True),
        text("name_en", "变化（英文）", "what changed, in English", required=True),
        SOURCE,
        CONFIDENCE,
    ),
    ("year",),
)


def _reference(table: Table, section: str) -> ReferenceTable:
    return ReferenceTable(table, lambda: reference_frame(table, load(ASSESSMENT_FILE)[section]))


GROUP_REFERENCES: tuple[ReferenceTable, ...] = (
    _reference(WATER_SHARE_BAND, "share_bands"),
    _reference(COMPLIANCE_BREAK, "compliance_breaks"),
)
