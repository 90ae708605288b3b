"""mart.emission_reduction: main pollutants against their base year, within one scope of accounting.

Belongs here: emissions in tonnes, their reduction, the worst of the pollutants. Does not belong here:
which pollutants and base year (`standard.emission_pollutant`), verdicts.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.contribution import contribution
from assets.energy.series import chosen_series, joint_origin
from assets.exact import origin_of
from sources.feeds.economy import POLLUTANTS
from sources.registry import MART_ORIGIN, Table, boolean, double, integer, text
from warehouse.marts import Inputs, Mart, Upstream

EMISSION_INDICATOR = "main_pollutant_reduction"

EMISSION_REDUCTION = Table(
    "mart.emission_reduction",
    "主要污染物排放削减",
    "Emissions of main pollutants and their reduction from the base year, within one scope",
    (
        text("region_code", "行政区划代码", "region", required=True),
        integer("year", "年份", "calendar year", required=True),
        text("pollutant", "污染物", "pollutant", required=True, codes=POLLUTANTS),
        text("scope", "统计口径", "which sources are counted", required=True),
        text("census", "普查口径", "census or revision of the scope; empty for a scope that is not listed"),
        double("tonnes", "排放量", "emission in the year", unit="t", required=True),
        double(
            "base_tonnes",
            "基年排放量",
            "emission in the base year on the same scope; empty when there is none",
            unit="t",
        ),
        double("reduction_pct", "削减率", "reduction from the base year; empty without a base", unit="%"),
        integer("base_year", "基年", "year against which the reduction is counted", required=True),
        text("series", "序列", "publication of the year's figure", required=True),
        text("base_series", "基年序列", "publication of the base year's figure"),
        boolean("complete", "完整", "whether the base year is there on the same scope", required=True),
        MART_ORIGIN,
    ),
    ("region_code", "year", "pollutant", "scope"),
)


def emission_reduction(emissions: ir.Table, pollutants: ir.Table, scopes: ir.Table, preference: ir.Table) -> ir.Table:
    """Columns of EMISSION_REDUCTION from core.emissions; emissions of single sectors or fuels do not count.

    reduction_pct = (1 − E_t ÷ E_base)·100, only within one `scope` (accounting rules of December 2011:
    from 2011 COD and NH3-N include farming, so a base on the old scope is no base).
    """
    per = ["region_code", "year", "pollutant", "scope"]
    bases = pollutants.select("pollutant", "base_year").distinct()
    whole = emissions.filter((emissions.consumer == "all") & (emissions.fuel == "all"))
    rows = chosen_series(whole, preference, "emissions", per).join(bases, "pollutant")
    at_base = rows.filter(rows.year == rows.base_year).select(
        "region_code",
        "pollutant",
        "scope",
        base_tonnes=ibis._.tonnes.cast("float64"),
        base_series="series",
        base_origin="origin",
    )
    tonnes = rows.tonnes.cast("float64")
    joined = rows.mutate(tonnes=tonnes).left_join(at_base, ["region_code", "pollutant", "scope"])
    named = scopes.select("census", named_scope="scope")
    joined = joined.left_join(named, joined.scope == named.named_scope)
    # One division at the end: 1 − 800 ÷ 1000 is a hair less than 20 % in binary fractions.
    reduction = (joined.base_tonnes - joined.tonnes) * 100 / joined.base_tonnes.nullif(0)
    return joined.select(
        *per,
        "census",
        "tonnes",
        "base_tonnes",
        "base_year",
        "series",
        "base_series",
        reduction_pct=reduction,
        complete=reduction.notnull(),
        origin=joint_origin(joined.origin, joined.base_origin),
    ).select(*EMISSION_REDUCTION.names)


def worst_reduction(reductions: ir.Table, pollutants: ir.Table, scopes: ir.Table) -> ir.Table:
    """Rows of assets.contribution.CONTRIBUTION: the smallest reduction of the listed pollutants.

    One row per region, year after the base year and reading. Null with the reason unless every listed
    pollutant has a reduction within one scope; of several such scopes the first of
    `standard.emission_scope` is taken. The text of the plan asks for the cut of the main pollutants
    without saying how they combine: the worst one decides.
    """
    listed_pollutants = pollutants.drop("base_year")
    rows = reductions.join(listed_pollutants, "pollutant")
    key = ["definition", "region_code", "year", "scope"]
    spine = rows.filter(rows.year > rows.base_year).select(*key).distinct().join(listed_pollutants, "definition")
    asked = spine.left_join(rows.select(*key, "pollutant", "reduction_pct", "base_year", "origin"), [*key, "pollutant"])
    asked = asked.drop(*(column for column in asked.columns if column.endswith("_right")))
    found = ibis.cases(
        (asked.base_year.isnull(), "missing"),
        (asked.reduction_pct.isnull(), "without " + asked.base_year.cast("string")),
        else_=asked.reduction_pct.cast("decimal(12, 2)").cast("string") + " %",
    )
    sums = asked.group_by(key).aggregate(
        smallest=asked.reduction_pct.min(),
        n=asked.reduction_pct.count(),
        wanted=asked.count(),
        headline=asked.headline.any(),
        listed=(asked.name_en + " " + found).group_concat(", ", order_by=asked.pollutant),
        origin=origin_of(asked.origin),
    )
    ranked = sums.left_join(scopes.select("scope", "rank"), "scope").drop("scope_right")
    first = ibis.row_number().over(
        ibis.window(
            group_by=["definition", "region_code", "year"],
            order_by=[
                (ranked.n < ranked.wanted).asc(),
                ranked["rank"].asc(nulls_first=False),
                ranked.scope.asc(),
            ],
        )
    )
    taken = ranked.mutate(place=first).filter(ibis._.place == 0)
    whole = taken.n == taken.wanted
    alone = ibis.ifelse(taken.wanted == 1, "", "; the smallest counts")
    missing = "; needs all " + taken.wanted.cast("string") + " pollutants on one scope in the year and the base year"
    return contribution(
        taken.mutate(
            indicator=ibis.literal(EMISSION_INDICATOR),
            value=ibis.ifelse(whole, taken.smallest, ibis.null()),
            unit=ibis.literal("%"),
            complete=whole,
            basis="scope " + taken.scope + ": " + taken.listed + ibis.ifelse(whole, alone, missing),
        )
    )


def emission_contribution(inputs: Inputs) -> ir.Table:
    """The contribution of emissions, from the warehouse."""
    return worst_reduction(
        inputs.table("mart.emission_reduction"),
        inputs.table("standard.emission_pollutant"),
        inputs.table("standard.emission_scope"),
    )


def build(inputs: Inputs) -> ir.Table:
    """The rows of mart.emission_reduction for the dirty regions."""
    return emission_reduction(
        inputs.table("core.emissions").semi_join(inputs.dirty, "region_code"),
        inputs.table("standard.emission_pollutant"),
        inputs.table("standard.emission_scope"),
        inputs.table("standard.economy_series_preference"),
    )


EMISSION_REDUCTION_MART = Mart(
    table=EMISSION_REDUCTION,
    subject="environment",
    scope=("region_code",),
    upstream=(Upstream("core.emissions"),),
    build=build,
    reads=("standard.emission_pollutant", "standard.emission_scope", "standard.economy_series_preference"),
    version=2,
)
