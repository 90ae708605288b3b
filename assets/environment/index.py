"""mart.environment_index: the environmental quality composite index and its parts.

Belongs here: collecting the parts, weighting them, saying what is missing. Does not belong here:
weights and definitions (`assets/standards/environment_index.yaml`), the parts' own calculation
(`assets.air`, `assets.water`), verdicts.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.contribution import contribution
from assets.energy.series import chosen_series
from assets.environment.reach import INDEX_ROW, with_reach
from assets.environment.standards import AIR_TABLE, RATES_TABLE, RETURNS_TABLE, SOURCE_TABLE
from assets.exact import origin_of
from assets.plan.last_target import LAST_TARGET_READS, last_target
from sources.registry import MART_ORIGIN, Table, boolean, double, integer, text
from warehouse.marts import Inputs, Mart, Upstream

INDEX_INDICATOR = "env_quality_composite_index"

ENVIRONMENT_INDEX = Table(
    "mart.environment_index",
    "环境质量综合指数",
    "Environmental quality composite index: one row per part, and one row `index` with the index itself",
    (
        text("region_code", "行政区划代码", "region", required=True),
        integer("year", "年份", "calendar year", required=True),
        text("definition", "口径", "definition of the index", required=True),
        text("component", "分项", "part of the index; `index` = the index itself", required=True),
        double(
            "weight",
            "权重",
            "share of the weights; on the row `index` the share whose parts are there",
            required=True,
        ),
        double("value", "数值", "value of the part as it enters, or the index; empty while missing", unit="%"),
        double("contribution", "贡献", "what the part adds to the index"),
        double("target", "目标值", "what the region's plan asks of the index in the end"),
        double(
            "needed",
            "达标所需",
            "value with which this part alone brings the index to the target; empty where none does, or none is needed",
        ),
        text(
            "basis",
            "依据",
            "in words: where the value comes from, what is missing, what would have to change",
            required=True,
        ),
        boolean(
            "complete",
            "完整",
            "whether the part (for the index: every part) is there and complete",
            required=True,
        ),
        MART_ORIGIN,
    ),
    ("region_code", "year", "definition", "component"),
    warnings=("the plan does not define the index: every definition is proposed",),
)

_PART_TYPES = {
    "region_code": "string",
    "year": "int64",
    "selector": "string",
    "series": "string",
    "value": "float64",
    "complete": "boolean",
    "origin": "string",
    "source_table": "string",
}


def reported_parts(
    air_city_year: ir.Table, source_compliance: ir.Table, returns: ir.Table, rates: ir.Table, preference: ir.Table
) -> ir.Table:
    """Everything that may be a part of an index, in one shape: the columns of _PART_TYPES.

    Air: good-day rate per standard. Sources: compliance by volume. Returns: whole-year figures in per
    cent without groups, counts before the printed share; a lower bound is no level. Rates: the headline
    definition of those computed from amounts.
    """
    air = air_city_year.mutate(selector=air_city_year.standard, value=air_city_year.good_day_rate)
    sources = source_compliance.mutate(selector=ibis.literal(""), value=source_compliance.volume_rate)
    whole = returns.filter(
        (returns.stratum == "all")
        & (returns.period == returns.year.cast("string"))
        & (returns.unit.isnull() | (returns.unit == "%"))
        & ~returns.lower_bound.fill_null(False)
    )
    share = whole.numerator.cast("float64") * 100 / whole.denominator.cast("float64").nullif(0)
    figures = whole.mutate(share=ibis.coalesce(share, whole.value.cast("float64"))).drop("value")
    figures = figures.mutate(value=figures.share, selector=figures.indicator_code, complete=ibis.literal(True))
    level = figures.filter(figures.value.notnull())
    chosen = chosen_series(level, preference, "environment_returns", ["region_code", "year", "selector"])
    computed = rates.filter(rates.headline).mutate(selector=rates.indicator, value=rates.rate_pct)
    named = {AIR_TABLE: air, SOURCE_TABLE: sources, RETURNS_TABLE: chosen, RATES_TABLE: computed}
    return ibis.union(
        *(
            table.mutate(
                source_table=ibis.literal(name),
                series=table.series if "series" in table.columns else ibis.null("string"),
            ).select(**{column: ibis._[column].cast(kind) for column, kind in _PART_TYPES.items()})
            for name, table in named.items()
        )
    )


def index_parts(reported: ir.Table, sources: ir.Table) -> ir.Table:
    """The value of each component: region_code, year, component, value, complete, origin, taken_from.

    Of the sources that `standard.environment_index_source` lists, the lowest rank that has a value.
    """
    listed = sources.mutate(selector=sources.selector.fill_null(""))
    offered = reported.filter(reported.value.notnull()).join(listed, ["source_table", "selector"])
    place = ibis.row_number().over(
        ibis.window(
            group_by=[offered.region_code, offered.year, offered.component],
            order_by=[offered["rank"].asc(), offered.series.asc()],
        )
    )
    first = offered.mutate(place=place).filter(ibis._.place == 0)
    publication = ibis.ifelse(first.series.isnull(), "", " of " + first.series)
    selected = ibis.ifelse(first.selector == "", "", " " + first.selector)
    return first.select(
        "region_code",
        "year",
        "component",
        "value",
        "origin",
        complete=first.complete.fill_null(False),
        taken_from=first.source_table + selected + publication,
    )


def expected_sources(sources: ir.Table) -> ir.Table:
    """component, expected: in words, every place that may report the part, in order of rank."""
    place = sources.source_table + ibis.ifelse(sources.selector.isnull(), "", " " + sources.selector)
    return sources.group_by("component").aggregate(expected=place.group_concat(" or ", order_by=sources["rank"]))


def environment_index(
    parts: ir.Table, spine: ir.Table, definitions: ir.Table, weights: ir.Table, sources: ir.Table
) -> ir.Table:
    """Rows of the parts and of the index for the region-years of `spine` (region_code, year).

    index = Σ weight·value ÷ Σ weight with each value cut to its range (each definition names its document).
    While a part is missing the index is null, unless the definition renormalises; then the weights of
    the parts that are there count, and the basis says so. Values enter with twelve digits after the
    point, so that the sum is exact and independent of the order of rows.
    """
    dated = spine.cross_join(definitions.select("definition", "valid_from", "valid_to", "renormalise_missing", "note"))
    ended = dated.valid_to.notnull() & (dated.valid_to.year() < dated.year)
    valid = dated.filter((dated.valid_from.year() <= dated.year) & ~ended)
    asked = valid.join(weights, "definition").left_join(expected_sources(sources), "component").drop("component_right")
    rows = asked.left_join(parts, ["region_code", "year", "component"])
    rows = rows.drop(*(column for column in rows.columns if column.endswith("_right")))
    oriented = ibis.ifelse(rows.inverted, 100 - rows.value, rows.value)
    within = ibis.greatest(ibis.least(oriented, rows.upper.cast("float64")), rows.lower.cast("float64"))
    # 20 digits, not 18: DuckDB keeps the product of two decimals of up to 18 digits in 18, and overflows.
    rows = rows.mutate(
        entered=ibis.ifelse(rows.value.notnull(), within, ibis.null("float64")).cast("decimal(20, 12)"),
        complete=rows.complete.fill_null(False),
    )
    key = ["region_code", "year", "definition"]
    there = rows.entered.notnull()
    sums = rows.group_by(key).aggregate(
        all_weights=rows.weight.sum(),
        weights_there=rows.weight.sum(where=there),
        weighted=(rows.weight * rows.entered).sum(),
        missing=rows.component.group_concat(", ", where=~there, order_by=rows.component),
        partial=rows.component.group_concat(", ", where=there & ~rows.complete, order_by=rows.component),
        renormalise=rows.renormalise_missing.any(),
        note=rows.note.max(),
        complete=rows.complete.all(),
        origin=origin_of(rows.origin),
        any_there=there.any(),
    )
    return _part_rows(rows, sums, key).union(_index_rows(sums))


def _part_rows(rows: ir.Table, sums: ir.Table, key: list[str]) -> ir.Table:
    joined = rows.join(sums.select(*key, "all_weights", "weights_there", "missing", "renormalise"), key)
    counted = ibis.ifelse(joined.renormalise, joined.weights_there, joined.all_weights).cast("float64")
    weighted = (joined.weight * joined.entered).cast("float64")
    return joined.select(
        *key,
        "component",
        weight=joined.weight.cast("float64") / joined.all_weights.cast("float64"),
        value=joined.entered.cast("float64"),
        contribution=weighted / counted,
        basis=ibis.coalesce(
            joined.taken_from, "missing: no value in " + joined.expected, "missing: no source is listed"
        ),
        complete="complete",
        origin="origin",
    )


def _index_rows(sums: ir.Table) -> ir.Table:
    none_missing = sums.missing.isnull()
    divisor = ibis.ifelse(sums.renormalise, sums.weights_there, sums.all_weights).cast("float64")
    value = ibis.ifelse(
        none_missing | (sums.renormalise & sums.any_there),
        sums.weighted.cast("float64") / divisor,
        ibis.null("float64"),
    )
    missing = ibis.cases(
        (none_missing, ""),
        (sums.renormalise & sums.any_there, "; weights of the present parts only, missing: " + sums.missing),
        else_="; no index: missing " + sums.missing,
    )
    partial = ibis.ifelse(sums.partial.isnull(), "", "; incomplete: " + sums.partial)
    return sums.select(
        "region_code",
        "year",
        "definition",
        component=ibis.literal(INDEX_ROW),
        weight=sums.weights_there.fill_null(0).cast("float64") / sums.all_weights.cast("float64"),
        value=value,
        contribution=value,
        basis=sums.note + missing + partial,
        complete=sums.complete,
        origin=ibis.ifelse(sums.any_there, sums.origin, ibis.null("string")),
    )


def index_values(index: ir.Table, definitions: ir.Table) -> ir.Table:
    """Rows of assets.contribution.CONTRIBUTION from the rows `index` of mart.environment_index."""
    rows = index.filter(index.component == INDEX_ROW)
    joined = rows.join(definitions.select("definition", "headline"), "definition")
    return contribution(joined.mutate(indicator=ibis.literal(INDEX_INDICATOR), unit=ibis.literal("index")))


def environment_contribution(inputs: Inputs) -> ir.Table:
    """The contribution of the composite index, from the warehouse."""
    return index_values(inputs.table("mart.environment_index"), inputs.table("standard.environment_index_definition"))


def build(inputs: Inputs) -> ir.Table:
    """The rows of mart.environment_index for the dirty region-years."""
    dirty, keys = inputs.dirty, ["region_code", "year"]
    air, compliance, returns, rates = (
        inputs.table(name).semi_join(dirty, keys) for name in (AIR_TABLE, SOURCE_TABLE, RETURNS_TABLE, RATES_TABLE)
    )
    reported = reported_parts(air, compliance, returns, rates, inputs.table("standard.economy_series_preference"))
    sources = inputs.table("standard.environment_index_source")
    parts = index_parts(reported, sources)
    planned = inputs.table("standard.environment_index_scope").semi_join(dirty, keys)
    spine = planned.select(*keys).union(parts.select(*keys), distinct=True)
    weights = inputs.table("standard.environment_index_part")
    index = environment_index(parts, spine, inputs.table("standard.environment_index_definition"), weights, sources)
    return with_reach(index, weights, last_target(inputs, INDEX_INDICATOR)).select(*ENVIRONMENT_INDEX.names)


ENVIRONMENT_INDEX_MART = Mart(
    table=ENVIRONMENT_INDEX,
    subject="environment",
    scope=("region_code", "year"),
    upstream=(
        Upstream(AIR_TABLE),
        Upstream(SOURCE_TABLE),
        Upstream(RETURNS_TABLE),
        Upstream(RATES_TABLE),
        Upstream("standard.environment_index_scope"),
    ),
    build=build,
    reads=(
        "standard.environment_index_definition",
        "standard.environment_index_part",
        "standard.environment_index_source",
        "standard.economy_series_preference",
        *LAST_TARGET_READS,
    ),
    version=2,
)
