"""mart.water_section_compliance: how many of a region's sections meet the class of their zone in a year.

Belongs here: the rate by sections and by section-months, with the sections and items that it rests on, and where
it breaks off. Does not belong here: verdicts on one section (`assets.water.periods`), drinking-water sources
(`assets.water.source_rates`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.exact import origin_of
from assets.joins import beside
from assets.water.groups import WATER_GROUP_MEMBER
from assets.water.periods import WATER_STATION_MONTH, WATER_STATION_YEAR, YEAR_KEY
from assets.water.sources import chosen_series
from sources.registry import MART_ORIGIN, Table, boolean, codes, double, integer, text
from warehouse.marts import Inputs, Mart, Upstream

SCOPE = ("region_code",)

#: Of which sections: those whose functional zone the register knows, or every section of the region.
SECTION_SETS = codes(
    ("zone", "水功能区断面", "sections whose functional zone is registered"),
    ("all", "全部断面", "every section of the region; without a zone against the default class of the rules"),
)

KEY = ("region_code", "section_set", "year")

WATER_SECTION_COMPLIANCE = Table(
    "mart.water_section_compliance",
    "断面水质达标率",
    "Compliance of a region's sections with the class of their zone, with the sections and items it rests on",
    (
        text("region_code", "行政区划代码", "region, by the register of stations", required=True),
        text("section_set", "断面范围", "which sections", required=True, codes=SECTION_SETS),
        integer("year", "年份", "calendar year", required=True),
        double("section_rate", "断面达标率", "sections that comply by the year's means, of all sections", unit="%"),
        double("month_rate", "断面月达标率", "section-months that comply, of all section-months", unit="%"),
        integer("sections", "断面数", "sections with samples in the year", required=True),
        integer("sections_compliant", "达标断面数", "sections that comply", required=True),
        integer("sections_judged", "已判定断面数", "sections with a verdict on the year", required=True),
        integer("section_months", "断面月数", "section-months with samples", required=True),
        integer("section_months_compliant", "达标断面月数", "section-months that comply", required=True),
        text("section_list", "断面清单", "sections, joined by commas", required=True),
        text("item_list", "评价项目清单", "items that were judged, in the order of table 1", required=True),
        boolean("same_sections", "断面未变", "whether these are the sections of the year before; empty without one"),
        boolean("same_items", "项目未变", "whether these are the items of the year before; empty without one"),
        integer("comparable_from", "可比起始年", "year of the latest break at or before this one"),
        text("break_note", "口径说明", "what changed in that year (standard.water_compliance_break)", required=True),
        boolean("complete", "完整", "whether every section has a verdict on the year", required=True),
        MART_ORIGIN,
    ),
    KEY,
    warnings=(
        "a section without a verdict is not compliant, and the year is then incomplete",
        "values on the two sides of comparable_from, or with other sections or items, are not comparable",
    ),
)


def section_compliance(
    years: ir.Table, months: ir.Table, measured: ir.Table, items: ir.Table, breaks: ir.Table
) -> ir.Table:
    """Columns of WATER_SECTION_COMPLIANCE from all years of some regions.

    `years`, `months`: rows of mart.water_station_year and mart.water_station_month with region_code (months with
    year), one publication for each section's year. `measured`: region_code, station_code, year, determinand of
    the same. Rates are over all sections: what has no verdict does not comply; without any verdict
    on the year there is no section_rate.
    """
    compliant = years.compliant.fill_null(False)
    dated = years.mutate(complies=compliant, judged=years.compliant.notnull())
    sections = _in_sets(dated.select(*_SECTION, "required_by", "complies", "judged", "origin"))
    counts = sections.group_by(list(KEY)).aggregate(
        sections=sections.count(),
        sections_compliant=sections.count(where=sections.complies),
        sections_judged=sections.count(where=sections.judged),
        section_list=sections.station_code.group_concat(",", order_by=sections.station_code),
        origin=origin_of(sections.origin),
    )
    sets = sections.select(*_SECTION, "section_set")
    of_months = months.select(*_SECTION, "compliant").join(sets, list(_SECTION))
    monthly = of_months.group_by(list(KEY)).aggregate(
        section_months=of_months.count(), section_months_compliant=of_months.count(where=of_months.compliant)
    )
    judged = measured.join(sets, list(_SECTION)).select(*KEY, "determinand").distinct()
    placed = judged.join(items.filter(items.assessed).select("determinand", "place"), "determinand")
    lists = placed.group_by(list(KEY)).aggregate(item_list=placed.determinand.group_concat(",", order_by=placed.place))
    rows = beside(beside(counts, monthly, KEY), lists, KEY)
    rows = _with_breaks(_with_year_before(rows.mutate(item_list=rows.item_list.fill_null(""))), breaks)
    judged_any, unknown = rows.sections_judged > 0, ibis.null("int64")
    return rows.mutate(
        section_rate=100 * rows.sections_compliant.cast("float64") / ibis.ifelse(judged_any, rows.sections, unknown),
        month_rate=100
        * rows.section_months_compliant.cast("float64")
        / ibis.ifelse(judged_any, rows.section_months, unknown),
        complete=rows.sections_judged == rows.sections,
    ).select(*WATER_SECTION_COMPLIANCE.names)


_SECTION = ("region_code", "year", "station_code")


def _in_sets(sections: ir.Table) -> ir.Table:
    """`sections` once in the set of all, and once more in that of zones where a zone requires their class."""
    every = sections.mutate(section_set=ibis.literal("all"))
    return every.union(sections.filter(sections.required_by == "zone").mutate(section_set=ibis.literal("zone")))


def _with_year_before(rows: ir.Table) -> ir.Table:
    """`rows` with same_sections and same_items: whether the lists are those of the year before."""
    before = rows.select(
        "region_code", "section_set", year=rows.year + 1, sections_then=rows.section_list, items_then=rows.item_list
    )
    joined = beside(rows, before, KEY)
    return joined.mutate(
        same_sections=joined.section_list == joined.sections_then, same_items=joined.item_list == joined.items_then
    )


def _with_breaks(rows: ir.Table, breaks: ir.Table) -> ir.Table:
    """`rows` with comparable_from and break_note of the latest break at or before their year."""
    listed = breaks.select(since="year", note=breaks.name_zh + " / " + breaks.name_en)
    pairs = rows.select("year").distinct().cross_join(listed)
    past = pairs.filter(pairs.since <= pairs.year)
    latest = past.group_by("year").aggregate(
        comparable_from=past.since.max(), break_note=past.note.last(order_by=past.since)
    )
    found = beside(rows, latest, ["year"])
    return found.mutate(break_note=found.break_note.fill_null(""))


def build(inputs: Inputs) -> ir.Table:
    """The rows of mart.water_section_compliance for the dirty regions."""
    groups = inputs.table(WATER_GROUP_MEMBER.name).filter(lambda t: t.group_kind == "region")
    placed = groups.semi_join(inputs.dirty, groups.group_code == inputs.dirty.region_code)
    regions = placed.select(*YEAR_KEY, region_code=placed.group_code)
    years = inputs.table(WATER_STATION_YEAR.name).join(regions, list(YEAR_KEY))
    preferred = chosen_series(years, inputs.table("standard.water_series_preference"), ["station_code", "year"])
    chosen = regions.semi_join(preferred, list(YEAR_KEY))

    def of_sections(name: str) -> ir.Table:
        rows = inputs.table(name)
        return rows.mutate(year=rows.month.year().cast("int64")).join(chosen, list(YEAR_KEY))

    items = inputs.table("standard.water_item")
    measured = of_sections("mart.water_item_month")
    return section_compliance(
        years.semi_join(chosen, list(YEAR_KEY)),
        of_sections(WATER_STATION_MONTH.name),
        measured.filter(measured["mean"].notnull()),
        items,
        inputs.table("standard.water_compliance_break"),
    )


def _regions_of(year: str) -> str:
    return (
        f"SELECT DISTINCT g.group_code AS region_code FROM {WATER_GROUP_MEMBER.name} g "
        f"JOIN (SELECT DISTINCT series, station_code, {year} AS year FROM {{changed}}) c "
        "USING (series, station_code, year) WHERE g.group_kind = 'region'"
    )


_OF_MONTH = "extract(year FROM month)"

WATER_SECTION_COMPLIANCE_MART = Mart(
    table=WATER_SECTION_COMPLIANCE,
    subject="water",
    scope=SCOPE,
    upstream=(
        Upstream(WATER_GROUP_MEMBER.name, scope={"region_code": "group_code"}, where="group_kind = 'region'"),
        Upstream(WATER_STATION_YEAR.name, via=_regions_of("year")),
        Upstream(WATER_STATION_MONTH.name, via=_regions_of(_OF_MONTH)),
        Upstream("mart.water_item_month", via=_regions_of(_OF_MONTH)),
    ),
    build=build,
    reads=(
        "standard.water_item",
        "standard.water_rule",
        "standard.water_series_preference",
        "standard.water_compliance_break",
    ),
)
