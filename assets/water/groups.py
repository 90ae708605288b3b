"""mart.water_group_member, mart.water_group_mean: which sections make a river, a lake, a basin or a region.

Belongs here: the groups of a section and means over the sections of a group. Does not belong here: the state
of a group (`assets.water.group_quality`). Rivers and lakes never share a group, because their limits differ.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.joins import beside
from assets.water.means import WATER_ITEM_MONTH
from assets.water.periods import YEAR_KEY, mean_of_means, year_means, year_spans
from assets.water.samples import STATION_CODE, WATER_BODY
from assets.water.standards import LAKE
from assets.water.stations import CHANGED_SECTIONS, sections_at
from sources.registry import MART_ORIGIN, SERIES, Table, codes, date, integer, text
from warehouse.marts import Inputs, Mart, Upstream

SCOPE = ("series", "year")

YEAR = integer("year", "年份", "calendar year", required=True)
PERIOD = text("period", "时期", "month (2021-04) or year (2021)", required=True)
GROUP = (
    text(
        "group_kind",
        "类型",
        "what the sections have in common",
        required=True,
        codes=codes(
            ("river", "河流或湖库", "a river, lake or reservoir, by the name that the source prints"),
            ("basin", "流域", "a basin, by the name that the source prints"),
            ("region", "行政区", "a region, by the register of stations"),
        ),
    ),
    text("group_code", "名称或代码", "basin/river, basin, or region code", required=True),
    WATER_BODY,
)
GROUP_KEY = ("series", *(column.name for column in GROUP), "period")

WATER_GROUP_MEMBER = Table(
    "mart.water_group_member",
    "河流、湖库、流域和区域断面清单",
    "Sections of each river, lake, basin and region in a year",
    (SERIES, *GROUP, YEAR, STATION_CODE, MART_ORIGIN),
    ("series", *(column.name for column in GROUP), "year", "station_code"),
)

#: Columns of a section's mean that a group's has not, or has in a place of its own.
_OF_SECTIONS = ("series", "station_code", "month", "below_detection", "origin")

WATER_GROUP_MEAN = Table(
    "mart.water_group_mean",
    "河流、湖库、流域和区域指标均值",
    "Means over the sections of a river, lake, basin or region, by month and year; each section weighs the same",
    (
        SERIES,
        *GROUP,
        YEAR,
        PERIOD,
        text(
            "grain",
            "时段",
            "what the period is",
            required=True,
            codes=codes(("month", "月", "month"), ("year", "年", "year")),
        ),
        date("first", "首日", "first day of the period", required=True),
        *(column for column in WATER_ITEM_MONTH.columns if column.name not in _OF_SECTIONS),
        MART_ORIGIN,
    ),
    (*GROUP_KEY, "determinand"),
)


def published_names(samples: ir.Table) -> ir.Table:
    """YEAR_KEY, river_name, basin_name: what the latest samples of a section's year print."""
    rows = samples.mutate(year=samples.sampled_at.year().cast("int64"))
    latest = [rows[name].desc() for name in ("sampled_at", "published_at", "source_file_id", "source_row")]
    return rows.group_by(list(YEAR_KEY)).aggregate(
        **{name: rows[name].first(order_by=latest) for name in ("river_name", "basin_name")}
    )


def members(station_years: ir.Table, samples: ir.Table, stations: ir.Table) -> ir.Table:
    """Columns of WATER_GROUP_MEMBER: every section of a year in each of its groups.

    A river is named with its basin: small rivers of one name are many.
    """
    spans = year_spans(station_years.select(*YEAR_KEY, "water_body", "origin"))
    span = ("station_code", "first", "last")
    registered = sections_at(spans.select(*span), stations).select(*span, "region_code")
    rows = beside(beside(spans, registered, span), published_names(samples), YEAR_KEY)
    prefix = ibis.ifelse(rows.basin_name.isnull(), "", rows.basin_name + "/")
    kinds = {"river": prefix + rows.river_name, "basin": rows.basin_name, "region": rows.region_code}
    return ibis.union(
        *(
            rows.mutate(group_kind=ibis.literal(kind), group_code=code)
            .filter(ibis._.group_code.notnull())
            .select(*WATER_GROUP_MEMBER.names)
            for kind, code in kinds.items()
        )
    )


def group_means(months: ir.Table, of_groups: ir.Table, items: ir.Table) -> ir.Table:
    """Columns of WATER_GROUP_MEAN from rows of mart.water_item_month and the groups of their sections.

    A month is the mean over sections. A river's year is the mean over the sections' yearly means, a lake's is
    the mean over its months: points first, then time (环办[2011]22号).
    """
    key = [name for name in GROUP_KEY if name != "period"] + ["year"]
    groups = of_groups.drop("origin")
    dated = months.mutate(year=months.month.year().cast("int64"))
    monthly = mean_of_means(dated.join(groups, list(YEAR_KEY)), [*key, "month"], items)
    of_rivers = year_means(dated, items).join(groups.filter(groups.water_body != LAKE), list(YEAR_KEY))
    yearly = mean_of_means(of_rivers, key, items).union(
        mean_of_means(monthly.filter(monthly.water_body == LAKE), key, items)
    )
    shown = (
        monthly.mutate(period=monthly.month.strftime("%Y-%m"), grain=ibis.literal("month"), first=monthly.month),
        year_spans(yearly).mutate(period=yearly.year.cast("string"), grain=ibis.literal("year")),
    )
    return ibis.union(*(rows.select(*WATER_GROUP_MEAN.names) for rows in shown))


def build_members(inputs: Inputs) -> ir.Table:
    """The rows of mart.water_group_member for the dirty years of publications."""
    samples, dirty = inputs.table("core.water_samples"), inputs.dirty
    taken = samples.semi_join(dirty, [samples.series == dirty.series, samples.sampled_at.year() == dirty.year])
    years = inputs.table("mart.water_station_year").semi_join(dirty, list(SCOPE))
    return members(years, taken, inputs.table("core.stations"))


def build_means(inputs: Inputs) -> ir.Table:
    """The rows of mart.water_group_mean for the dirty years of publications."""
    months, dirty = inputs.table(WATER_ITEM_MONTH.name), inputs.dirty
    taken = months.semi_join(dirty, [months.series == dirty.series, months.month.year() == dirty.year])
    of_groups = inputs.table(WATER_GROUP_MEMBER.name).semi_join(dirty, list(SCOPE))
    return group_means(taken, of_groups, inputs.table("standard.water_item"))


WATER_GROUP_MEMBER_MART = Mart(
    table=WATER_GROUP_MEMBER,
    subject="water",
    scope=SCOPE,
    upstream=(
        Upstream("core.water_samples", scope={"year": "extract(year FROM sampled_at)"}),
        Upstream("mart.water_station_year"),
        Upstream(
            "core.stations",
            via=f"SELECT DISTINCT series, year FROM mart.water_station_year WHERE station_code IN {CHANGED_SECTIONS}",
        ),
    ),
    build=build_members,
)

WATER_GROUP_MEAN_MART = Mart(
    table=WATER_GROUP_MEAN,
    subject="water",
    scope=SCOPE,
    upstream=(
        Upstream(WATER_ITEM_MONTH.name, scope={"year": "extract(year FROM month)"}),
        Upstream(WATER_GROUP_MEMBER.name),
    ),
    build=build_means,
    reads=("standard.water_item", "standard.water_rule"),
)
