"""mart.source_month: whether a drinking-water source complied in a month.

Belongs here: joining intakes with the month of the section that judges them. Does not belong here: means
and classes (`assets.water.means`, `assets.water.periods`), yearly rates (`assets.water.source_rates`).
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from assets.exact import origin_of
from assets.water.grading import summary
from assets.water.judging import with_way
from assets.water.periods import grade_means, month_spans
from assets.water.standards import RIVER, rule
from assets.water.stations import CHANGED_SECTIONS, with_section
from sources.registry import MART_ORIGIN, Table, boolean, date, decimal, integer, text
from warehouse.marts import Inputs, Mart, Upstream

SCOPE = ("region_code", "year")

REGION = text("region_code", "行政区划代码", "region that draws the water", required=True)
YEAR = integer("year", "年份", "calendar year", required=True)

SOURCE_MONTH = Table(
    "mart.source_month",
    "饮用水源月度达标",
    "Each drinking-water source's month: intake, and whether its section meets the class of a source",
    (
        REGION,
        text("source_code", "水源地编码", "drinking-water source", required=True),
        date("month", "月份", "first day of the month", required=True),
        YEAR,
        text("source_name", "水源地名称", "name of the source"),
        text("station_code", "监测断面", "section that judges the source"),
        decimal("intake_10k_t", 14, 4, "取水量", "water drawn in the month", unit="10⁴ t", required=True),
        integer(
            "class",
            "水质类别",
            "class of the section's month over tables 1 and 2; empty when it cannot be told",
        ),
        text(
            "failing_parameters",
            "超标指标",
            "items that do not meet the class of a source, joined by commas",
            required=True,
        ),
        boolean(
            "compliant",
            "达标",
            "whether the class of a source is met; empty without a verdict, which never counts as compliant",
        ),
        boolean(
            "compliant_exempt",
            "达标（豁免项目）",
            "the same with the items of standard.water_source_exemption left out",
        ),
        integer("items_assessed", "参评项目数", "items judged", required=True),
        text("intake_series", "取水量序列", "publication of the intake", required=True),
        text("water_series", "水质序列", "publication of the water quality; empty without any in the month"),
        boolean("published_compliant", "发布达标", "what the source printed; compared, never used"),
        boolean("agrees", "一致", "whether compliant and published_compliant are equal; empty when one is missing"),
        MART_ORIGIN,
    ),
    ("region_code", "source_code", "month"),
)


def chosen_series(rows: ir.Table, preference: ir.Table, keys: Sequence[str]) -> ir.Table:
    """keys, series: the one publication for each combination of `keys`.

    Real before synthetic, then the lowest rank of standard.water_series_preference, then the one with
    most rows, then the name.
    """
    offered = rows.group_by([*keys, "series"]).aggregate(origin=origin_of(rows.origin), rows=rows.count())
    patterns = preference.select("rank", pattern=preference.series)
    listed = offered.left_join(patterns, [offered.series.like(patterns.pattern)])
    ranked = listed.group_by([*keys, "series", "origin", "rows"]).aggregate(place=listed["rank"].min())
    order = [
        (ranked.origin != "real").asc(),
        ranked.place.asc(nulls_first=False),
        ranked["rows"].desc(),
        ranked.series.asc(),
    ]
    first = ibis.row_number().over(ibis.window(group_by=[ranked[key] for key in keys], order_by=order)) == 0
    return ranked.mutate(first=first).filter(ibis._.first).select(*keys, "series")


def _verdict(best: ir.IntegerValue, worst: ir.IntegerValue) -> ir.BooleanValue:
    required = int(rule("source_class"))
    return ibis.cases((worst <= required, True), (best > required, False), else_=ibis.null("boolean"))


def section_verdicts(
    means: ir.Table,
    stations: ir.Table,
    items: ir.Table,
    limits: ir.Table,
    exemptions: ir.Table,
    types: ir.Table,
    judging: ir.Table,
) -> ir.Table:
    """station_code, month, class, failing_parameters, compliant, compliant_exempt, items_assessed, origin.

    `means`: one series for each section's month, with the columns of mart.water_item_month. Items of
    tables 1 and 2 against the class of a source (GB 3838-2002, 5.3); total nitrogen, temperature and
    faecal coliform are not among them.
    """
    key = ["station_code", "month"]
    placed = with_section(month_spans(means.semi_join(items.filter(items.of_sources), "determinand")), stations, types)
    required = int(rule("source_class"))
    placed = with_way(placed, judging, "source_month")
    graded = grade_means(placed.mutate(required_class=ibis.literal(required, "int64")), items, limits)
    own = graded.filter(graded.reading == graded.water_body.fill_null(RIVER))
    listed = exemptions.select("determinand", reading="water_body", exempt=ibis.literal(True))
    flagged = own.left_join(listed, ["determinand", "reading"])
    flagged = flagged.mutate(kept=flagged.exempt.isnull())
    sums = flagged.group_by(key).aggregate(
        best=flagged.best.max(),
        worst=flagged.worst.max(),
        best_exempt=flagged.best.max(where=flagged.kept),
        worst_exempt=flagged.worst.max(where=flagged.kept),
        failing_parameters=flagged.determinand.group_concat(
            ",", where=flagged.best > required, order_by=flagged.place
        ).fill_null(""),
        origin=origin_of(flagged.origin),
    )
    of_class = summary(graded, key).select(*key, "class", "items_assessed")
    return sums.join(of_class, key).select(
        *key,
        "class",
        "failing_parameters",
        "items_assessed",
        "origin",
        compliant=_verdict(sums.best, sums.worst),
        compliant_exempt=_verdict(sums.best_exempt, sums.worst_exempt),
    )


def source_months(
    intakes: ir.Table,
    means: ir.Table,
    stations: ir.Table,
    items: ir.Table,
    limits: ir.Table,
    exemptions: ir.Table,
    types: ir.Table,
    judging: ir.Table,
    preference: ir.Table,
) -> ir.Table:
    """Columns of SOURCE_MONTH: core.source_intakes beside its section's month in mart.water_item_month.

    One publication of the intake and one of the water quality is taken (`chosen_series`); without a
    verdict compliant is null.
    """
    key, section = ["region_code", "source_code", "month"], ["station_code", "month"]
    drawn = intakes.semi_join(chosen_series(intakes, preference, key), [*key, "series"])
    of_sections = means.semi_join(drawn, section)
    judged = of_sections.semi_join(chosen_series(of_sections, preference, section), [*section, "series"])
    verdicts = section_verdicts(judged, stations, items, limits, exemptions, types, judging)
    publications = judged.group_by(section).aggregate(water_series=judged.series.max())
    joined = drawn.left_join(verdicts.join(publications, section), section)
    water_origin = ibis.coalesce(joined.origin_right, joined.origin)
    return joined.mutate(
        year=joined.month.year().cast("int64"),
        failing_parameters=joined.failing_parameters.fill_null(""),
        items_assessed=joined.items_assessed.fill_null(0),
        intake_series=joined.series,
        agrees=joined.compliant == joined.published_compliant,
        origin=ibis.ifelse(joined.origin == water_origin, joined.origin, "mixed"),
    ).select(*SOURCE_MONTH.names)


_REFERENCES = (
    "standard.water_item",
    "standard.water_limit",
    "standard.water_source_exemption",
    "standard.water_section_type",
    "standard.water_judging",
    "standard.water_series_preference",
)


def build(inputs: Inputs) -> ir.Table:
    """The rows of mart.source_month for the dirty region-years."""
    intakes, dirty = inputs.table("core.source_intakes"), inputs.dirty
    taken = intakes.semi_join(dirty, [intakes.region_code == dirty.region_code, intakes.month.year() == dirty.year])
    means, stations = inputs.table("mart.water_item_month"), inputs.table("core.stations")
    return source_months(taken, means, stations, *(inputs.table(name) for name in _REFERENCES))


_YEAR_OF_MONTH = "extract(year FROM month)"

SOURCE_MONTH_MART = Mart(
    table=SOURCE_MONTH,
    subject="water",
    scope=SCOPE,
    upstream=(
        Upstream("core.source_intakes", scope={"year": _YEAR_OF_MONTH}),
        Upstream(
            "mart.water_item_month",
            via=f"SELECT DISTINCT region_code, {_YEAR_OF_MONTH} AS year FROM core.source_intakes "
            "SEMI JOIN (SELECT DISTINCT station_code, month FROM {changed}) USING (station_code, month)",
        ),
        Upstream(
            "core.stations",
            via=f"SELECT DISTINCT region_code, {_YEAR_OF_MONTH} AS year FROM core.source_intakes "
            f"WHERE station_code IN {CHANGED_SECTIONS}",
        ),
    ),
    build=build,
    reads=(*_REFERENCES, "standard.water_rule"),
)
