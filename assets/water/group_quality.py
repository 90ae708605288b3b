"""mart.water_group_quality: the state of a river, a lake, a basin and a region, and its wording.

Belongs here: shares of classes, class of the mean, main pollution items. Does not belong here: which sections
make a group, and its means (`assets.water.groups`), compliance (`assets.water.compliance`).

Five sections or more are worded by the shares of their classes, fewer by the class of their mean
(环办[2011]22号); a lake's points are always averaged. Both results are stored; `method` says which gives `quality`.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.exact import origin_of
from assets.joins import beside
from assets.water.groups import GROUP, GROUP_KEY, PERIOD, SCOPE, WATER_GROUP_MEAN, WATER_GROUP_MEMBER, YEAR
from assets.water.judging import with_way
from assets.water.periods import YEAR_KEY, period_classes, with_required_class
from assets.water.standards import BEYOND, LAKE, rule
from sources.registry import MART_ORIGIN, SERIES, Table, boolean, codes, double, integer, text
from warehouse.marts import Inputs, Mart, Upstream

SHARE, MEAN = "share", "mean"

_ID = ("series", "station_code", "period")

WATER_GROUP_QUALITY = Table(
    "mart.water_group_quality",
    "河流、湖库、流域和区域水质",
    "State of rivers, lakes, basins and regions by month and year: shares of classes, class of the mean, wording",
    (
        SERIES,
        *GROUP,
        YEAR,
        PERIOD,
        text(
            "method",
            "评价方法",
            "which of the two gives `quality`",
            required=True,
            codes=codes((SHARE, "断面比例法", "shares of classes"), (MEAN, "平均值法", "class of the mean")),
        ),
        text("quality", "水质状况", "wording of the rules; empty where no section has a class"),
        integer("sections", "断面数", "sections with samples", required=True),
        integer("sections_classed", "有类别断面数", "sections with a class: the whole of the shares", required=True),
        *(
            integer(f"sections_{k}", f"{k}类断面数", f"sections of class {k} (6 = worse than V)", required=True)
            for k in range(1, BEYOND + 1)
        ),
        double("share_good", "优良比例", "sections of class I to III", unit="%"),
        double("share_beyond", "劣Ⅴ类比例", "sections worse than class V", unit="%"),
        text("share_quality", "水质状况（比例法）", "wording by shares"),
        integer("mean_class", "平均值类别", "class of the mean over sections"),
        text("mean_quality", "水质状况（平均值法）", "wording of the mean's class"),
        text(
            "main_pollutants",
            "主要污染指标",
            "up to three items: by shares as `item(% of sections above class III)`, by the mean as `item(multiple)`",
            required=True,
        ),
        text("section_list", "断面清单", "sections, joined by commas", required=True),
        boolean("complete", "完整", "whether each section has a class, in a year from enough months", required=True),
        MART_ORIGIN,
    ),
    GROUP_KEY,
)


def shares(classed: ir.Table, bands: ir.Table) -> ir.Table:
    """One row for each group and period: counts, share_good, share_beyond, share_quality, section_list, complete.

    `classed`: GROUP_KEY, year, station_code, class (null = none), complete, origin. Shares are of the sections with
    a class; whole numbers are compared with the bands.
    """
    grade = classed["class"]
    counts = classed.group_by([*GROUP_KEY, "year"]).aggregate(
        sections=classed.count(),
        sections_classed=grade.count(),
        good=classed.count(where=grade <= int(rule("main_pollutant_class"))),
        **{f"sections_{k}": classed.count(where=grade == k) for k in range(1, BEYOND + 1)},
        section_list=classed.station_code.group_concat(",", order_by=classed.station_code),
        complete=(classed.complete & grade.notnull()).all(),
        origin=origin_of(classed.origin),
    )
    whole, beyond = counts.sections_classed, counts[f"sections_{BEYOND}"]
    found = counts.mutate(
        beyond=beyond,
        share_good=100 * counts.good.cast("float64") / whole.nullif(0),
        share_beyond=100 * beyond.cast("float64") / whole.nullif(0),
    )
    lines = bands.select("place", "quality_zh", "good_at_least", "beyond_below")
    pairs = found.filter(found.sections_classed > 0).cross_join(lines)
    good = pairs.good_at_least.isnull() | (100 * pairs.good >= pairs.good_at_least * pairs.sections_classed)
    clean = pairs.beyond_below.isnull() | (100 * pairs.beyond < pairs.beyond_below * pairs.sections_classed)
    held = pairs.filter(good & clean)
    worded = held.group_by(list(GROUP_KEY)).aggregate(share_quality=held.quality_zh.first(order_by=held.place))
    return beside(found, worded, GROUP_KEY)


def exceeded_items(classed: ir.Table, items: ir.Table) -> ir.Table:
    """GROUP_KEY, share_pollutants: the items that most sections exceed, as `item(% of sections)`, at most three.

    `classed`: GROUP_KEY, class, exceeding_parameters. Equal shares stand in the order of table 1.
    """
    whole = classed.group_by(list(GROUP_KEY)).aggregate(number=classed["class"].count())
    named = classed.select(*GROUP_KEY, determinand=classed.exceeding_parameters.split(",").unnest())
    counts = named.group_by([*GROUP_KEY, "determinand"]).aggregate(above=named.count())
    rows = counts.join(items.select("determinand", "place"), "determinand").join(whole, list(GROUP_KEY))
    order = ibis.window(group_by=[rows[key] for key in GROUP_KEY], order_by=[rows.above.desc(), rows.place.asc()])
    first = rows.mutate(position=ibis.row_number().over(order)).filter(
        ibis._.position < int(rule("main_pollutant_items"))
    )
    percent = (100 * first.above.cast("float64") / first.number.nullif(0)).cast("decimal(6, 1)")
    label = first.determinand + "(" + percent.cast("string") + "%)"
    return (
        first.mutate(label=label)
        .group_by(list(GROUP_KEY))
        .aggregate(share_pollutants=ibis._.label.group_concat(",", order_by=ibis._.position))
    )


def with_id(rows: ir.Table) -> ir.Table:
    """`rows` of groups with station_code, so that a group is classed as a section is."""
    return rows.mutate(station_code=rows.group_kind + ":" + rows.group_code + ":" + rows.water_body)


def mean_classes(means: ir.Table, items: ir.Table, limits: ir.Table, classes: ir.Table, judging: ir.Table) -> ir.Table:
    """series, station_code (`with_id`), period, mean_class, mean_quality, mean_pollutants.

    `means`: rows of mart.water_group_mean. A group has its own water body and no zone.
    """
    rows = with_id(means.semi_join(items.filter(items.assessed), "determinand")).mutate(
        required_class=ibis.null("int64"), water_body_from=ibis.literal("register")
    )
    placed = ibis.union(
        *(
            with_required_class(with_way(rows.filter(rows.grain == grain), judging, grain))
            for grain in ("month", "year")
        )
    )
    found = period_classes(placed, items, limits, classes, _ID).select(
        *_ID, mean_class=ibis._["class"], mean_pollutants=ibis._.main_pollutants
    )
    return beside(found, classes.select(mean_class="class", mean_quality="quality_zh"), ["mean_class"])


def group_quality(
    classed: ir.Table,
    means: ir.Table,
    items: ir.Table,
    limits: ir.Table,
    classes: ir.Table,
    judging: ir.Table,
    bands: ir.Table,
) -> ir.Table:
    """Columns of WATER_GROUP_QUALITY.

    `classed`: rows of mart.water_station_month and mart.water_station_year beside their groups, with period;
    `means`: rows of mart.water_group_mean.
    """
    rows = beside(shares(classed, bands), exceeded_items(classed, items), GROUP_KEY)
    rows = beside(with_id(rows), mean_classes(means, items, limits, classes, judging), _ID)
    of_lake = (rows.group_kind == "river") & (rows.water_body == LAKE)
    by_mean = (rows.sections < int(rule("share_method_sections"))) | of_lake
    return rows.mutate(
        method=ibis.ifelse(by_mean, MEAN, SHARE),
        quality=ibis.ifelse(by_mean, rows.mean_quality, rows.share_quality),
        main_pollutants=ibis.ifelse(by_mean, rows.mean_pollutants, rows.share_pollutants).fill_null(""),
    ).select(*WATER_GROUP_QUALITY.names)


_REFERENCES = (
    "standard.water_item",
    "standard.water_limit",
    "standard.water_class",
    "standard.water_judging",
    "standard.water_share_band",
)


def build(inputs: Inputs) -> ir.Table:
    """The rows of mart.water_group_quality for the dirty years of publications."""
    groups = inputs.table(WATER_GROUP_MEMBER.name).semi_join(inputs.dirty, list(SCOPE)).drop("origin")
    months, years = inputs.table("mart.water_station_month"), inputs.table("mart.water_station_year")
    months = months.mutate(
        year=months.month.year().cast("int64"), period=months.month.strftime("%Y-%m"), complete=ibis.literal(True)
    )
    years = years.mutate(period=years.year.cast("string"))
    columns = (*YEAR_KEY, "period", "class", "exceeding_parameters", "complete", "origin")
    classed = months.select(*columns).union(years.select(*columns)).join(groups, list(YEAR_KEY))
    means = inputs.table(WATER_GROUP_MEAN.name).semi_join(inputs.dirty, list(SCOPE))
    return group_quality(classed, means, *(inputs.table(name) for name in _REFERENCES))


WATER_GROUP_QUALITY_MART = Mart(
    table=WATER_GROUP_QUALITY,
    subject="water",
    scope=SCOPE,
    upstream=(
        Upstream("mart.water_station_month", scope={"year": "extract(year FROM month)"}),
        Upstream("mart.water_station_year"),
        Upstream(WATER_GROUP_MEMBER.name),
        Upstream(WATER_GROUP_MEAN.name),
    ),
    build=build,
    reads=(*_REFERENCES, "standard.water_rule"),
)
