"""mart.water_trophic_state: the trophic state index TLI(Σ) of a lake section's month and year.

Belongs here: the index from means. Does not belong here: means (`assets.water.means`,
`assets.water.periods`), coefficients and bands (`assets.water.index_standards`).
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from assets.exact import origin_of
from assets.joins import beside
from assets.status.words import STATUSES
from assets.water.means import WATER_ITEM_MONTH
from assets.water.periods import month_spans, year_means
from assets.water.samples import STATION_CODE
from assets.water.standards import LAKE
from assets.water.stations import CHANGED_SECTIONS, with_section
from sources.registry import MART_ORIGIN, SERIES, Table, double, integer, text
from warehouse.marts import Inputs, Mart, Upstream

SCOPE = ("series", "station_code", "year")

#: Why there is no index; empty where there is one.
REASON = text("status", "状态", "empty, or insufficient_data: the definition asks for more", codes=STATUSES)

#: Digits that a stored index keeps: more than anybody reads, fewer than two machines differ in.
INDEX_DIGITS = 6

TROPHIC_STATE = Table(
    "mart.water_trophic_state",
    "湖库营养状态",
    "Trophic state index TLI(Σ) of lake and reservoir sections, by month and year",
    (
        SERIES,
        STATION_CODE,
        integer("year", "年份", "calendar year", required=True),
        text("period", "时期", "month (2021-04) or year (2021)", required=True),
        text("definition", "口径", "standard.trophic_definition", required=True),
        text("version", "版本", "version of the definition", required=True),
        double("tli", "综合营养状态指数", "TLI(Σ); empty while a parameter is missing"),
        text("state", "营养状态", "state of the index in Chinese"),
        text("parts", "分项", "TLI of each parameter, as `item:value`, in the order of the standard", required=True),
        text("missing_parameters", "缺少指标", "parameters without a usable mean", required=True),
        REASON,
        integer("samples", "样品数", "samples of the parameter measured least often", required=True),
        MART_ORIGIN,
    ),
    ("series", "station_code", "period", "definition"),
)


def trophic_index(means: ir.Table, definitions: ir.Table, parameters: ir.Table, bands: ir.Table) -> ir.Table:
    """One row for each group and definition: the columns of TROPHIC_STATE.

    `means`: series, station_code, year, period, determinand, mean (in the unit of the parameter), samples,
    origin. TLI = 10 (a + b ln value), TLI(Σ) = Σ r² TLI ÷ Σ r² (standards facts, trophic state). A mean
    that is not above zero has no logarithm and counts as missing.
    """
    groups = ["series", "station_code", "year", "period"]
    heads = means.group_by(groups).aggregate(origin=origin_of(means.origin))
    asked = heads.cross_join(parameters.select("definition", "determinand", "intercept", "slope", "r2"))
    measured = means.filter(means["mean"] > 0).select(*groups, "determinand", "mean", "samples")
    rows = beside(asked, measured, [*groups, "determinand"])
    value = rows["mean"].cast("float64")
    part = 10 * (rows.intercept.cast("float64") + rows.slope.cast("float64") * value.ln())
    # Exact decimals, so that no order of adding matters.
    rows = rows.mutate(part=part.cast(f"decimal(18, {INDEX_DIGITS})"), r2=rows.r2.cast("decimal(18, 6)"))
    weighted = (rows.r2 * rows.part).cast("decimal(36, 12)")
    shown = rows.determinand + ":" + rows.part.cast("decimal(18, 2)").cast("string")
    sums = (
        rows.mutate(weighted=weighted, shown=shown)
        .group_by([*groups, "definition"])
        .aggregate(
            weighted=ibis._.weighted.sum(),
            weights=ibis._.r2.sum(),
            missing_parameters=ibis._.determinand.group_concat(
                ",", where=ibis._.part.isnull(), order_by=ibis._.determinand
            ).fill_null(""),
            parts=ibis._.shown.group_concat(",", where=ibis._.part.notnull(), order_by=ibis._.determinand).fill_null(
                ""
            ),
            samples=ibis._.samples.min().fill_null(0),
            origin=ibis._.origin.min(),
        )
    )
    whole = sums.missing_parameters == ""
    tli = (sums.weighted.cast("float64") / sums.weights.cast("float64")).round(INDEX_DIGITS)
    indexed = sums.mutate(
        tli=ibis.ifelse(whole, tli, ibis.null("float64")),
        status=ibis.ifelse(whole, ibis.null("string"), "insufficient_data"),
    ).join(definitions.select("definition", "version"), "definition")
    return with_band(indexed, [*groups, "definition"], "tli", bands, "state").select(*TROPHIC_STATE.names)


def with_band(rows: ir.Table, keys: Sequence[str], value: str, bands: ir.Table, name: str) -> ir.Table:
    """`rows`, one for each of `keys`, with the Chinese name of the highest band that `value` reaches."""
    pairs = rows.select(*keys, value).cross_join(bands.select("lower", "with_lower", "name_zh"))
    lower = pairs.lower.cast("float64")
    found = pairs.filter((pairs[value] > lower) | ((pairs[value] == lower) & pairs.with_lower))
    best = found.group_by(list(keys)).aggregate(**{name: found.name_zh.last(order_by=found.lower)})
    return beside(rows, best, keys)


def lakes_only(means: ir.Table, stations: ir.Table, types: ir.Table) -> ir.Table:
    """Rows (series, station_code, first, last, …) of sections that are lakes on these days."""
    return with_section(means, stations, types).filter(ibis._.water_body == LAKE)


def build(inputs: Inputs) -> ir.Table:
    """The rows of mart.water_trophic_state for the dirty section-years."""
    months = inputs.table(WATER_ITEM_MONTH.name)
    months = months.mutate(year=months.month.year().cast("int64")).semi_join(inputs.dirty, list(SCOPE))
    parameters = inputs.table("standard.trophic_parameter")
    months = months.semi_join(parameters, "determinand")
    years = year_means(months, inputs.table("standard.water_item"))
    columns = ("series", "station_code", "year", "period", "first", "last", "determinand", "mean", "samples", "origin")
    monthly = month_spans(months).mutate(period=months.month.strftime("%Y-%m"))
    yearly = years.mutate(period=years.year.cast("string"))
    means = monthly.select(*columns).union(yearly.select(*columns))
    lakes = lakes_only(means, inputs.table("core.stations"), inputs.table("standard.water_section_type"))
    definitions, bands = inputs.table("standard.trophic_definition"), inputs.table("standard.trophic_band")
    return trophic_index(lakes, definitions, parameters, bands)


_YEAR = "extract(year FROM month)"

TROPHIC_STATE_MART = Mart(
    table=TROPHIC_STATE,
    subject="water",
    scope=SCOPE,
    upstream=(
        Upstream(WATER_ITEM_MONTH.name, scope={"year": _YEAR}),
        Upstream(
            "core.stations",
            via=f"SELECT DISTINCT series, station_code, {_YEAR} AS year FROM {WATER_ITEM_MONTH.name} "
            f"WHERE station_code IN {CHANGED_SECTIONS}",
        ),
    ),
    build=build,
    reads=(
        "standard.water_item",
        "standard.water_section_type",
        "standard.trophic_definition",
        "standard.trophic_parameter",
        "standard.trophic_band",
    ),
)
