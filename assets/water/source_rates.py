"""mart.source_compliance: yearly compliance of drinking-water sources, and what it contributes to the plan.

Belongs here: the yearly rates by volume and by count, their readings. Does not belong here: verdicts on
single months (`assets.water.sources`), verdicts on the city (`assets.status`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.contribution import contribution
from assets.exact import origin_of
from assets.water.sources import REGION, SCOPE, YEAR
from sources.registry import MART_ORIGIN, Table, boolean, decimal, double, integer
from warehouse.marts import Inputs, Mart, Upstream

SOURCE_INDICATOR = "drinking_source_compliance"

#: Months of a calendar year.
MONTHS = 12

SOURCE_COMPLIANCE = Table(
    "mart.source_compliance",
    "饮用水源年度达标率",
    "Compliance of a region's drinking-water sources in a year: volumes and sources, summed over months",
    (
        REGION,
        YEAR,
        double("volume_rate", "水量达标率", "compliant intake volume over all intake volume", unit="%"),
        double("volume_rate_exempt", "水量达标率（豁免项目）", "the same, exempt items left out", unit="%"),
        double(
            "count_rate",
            "水源达标率",
            "sources that comply in every month with an intake, over all sources",
            unit="%",
        ),
        integer(
            "months_complete",
            "完整月份",
            "months in which every source of the year has an intake and a verdict",
            required=True,
        ),
        decimal(
            "volume_total_10k_t",
            38,
            4,
            "取水总量",
            "intake volume, judged or not",
            unit="10⁴ t",
            required=True,
        ),
        decimal(
            "volume_compliant_10k_t",
            38,
            4,
            "达标水量",
            "intake volume of compliant source-months",
            unit="10⁴ t",
            required=True,
        ),
        decimal(
            "volume_exempt_10k_t",
            38,
            4,
            "达标水量（豁免项目）",
            "the same, exempt items left out",
            unit="10⁴ t",
            required=True,
        ),
        integer("sources", "水源地数", "sources with an intake in the year", required=True),
        integer(
            "sources_compliant",
            "达标水源地数",
            "sources that comply in every month with an intake",
            required=True,
        ),
        integer("source_months", "水源月数", "source-months with an intake", required=True),
        integer("source_months_judged", "已判定水源月数", "source-months with a verdict", required=True),
        boolean("complete", "完整", "whether all twelve months are complete", required=True),
        MART_ORIGIN,
    ),
    SCOPE,
    warnings=("a source-month without a verdict counts as not compliant, and the year as incomplete",),
)


def _share(part: ir.NumericValue, whole: ir.NumericValue, known: ir.BooleanValue) -> ir.FloatingValue:
    share = part.cast("float64") * 100 / whole.nullif(0).cast("float64")
    return ibis.ifelse(known, share, ibis.null("float64"))


def source_compliance(months: ir.Table) -> ir.Table:
    """Columns of SOURCE_COMPLIANCE from rows of mart.source_month (standards facts, drinking-water sources).

    Volumes and sources are summed over months; monthly rates are never averaged. The rates are
    null where nothing was drawn or no month has a verdict.
    """
    key = list(SCOPE)
    by_source = months.group_by([*key, "source_code"]).aggregate(all_comply=months.compliant.fill_null(False).all())
    sources = by_source.group_by(key).aggregate(sources=by_source.count(), sources_compliant=by_source.all_comply.sum())
    by_month = months.group_by([*key, "month"]).aggregate(judged=months.count(where=months.compliant.notnull()))
    counted = by_month.join(sources, key)
    whole = counted.group_by(key).aggregate(months_complete=counted.count(where=counted.judged == counted.sources))
    volumes = months.group_by(key).aggregate(
        volume_total_10k_t=months.intake_10k_t.sum(),
        volume_compliant_10k_t=months.intake_10k_t.sum(where=months.compliant).fill_null(0),
        volume_exempt_10k_t=months.intake_10k_t.sum(where=months.compliant_exempt).fill_null(0),
        source_months=months.count(),
        source_months_judged=months.count(where=months.compliant.notnull()),
        origin=origin_of(months.origin),
    )
    rows = volumes.join(sources, key).join(whole, key)
    judged = rows.source_months_judged > 0
    return rows.mutate(
        volume_rate=_share(rows.volume_compliant_10k_t, rows.volume_total_10k_t, judged),
        volume_rate_exempt=_share(rows.volume_exempt_10k_t, rows.volume_total_10k_t, judged),
        count_rate=_share(rows.sources_compliant, rows.sources, judged),
        complete=rows.months_complete == MONTHS,
    ).select(*SOURCE_COMPLIANCE.names)


def source_values(compliance: ir.Table, definitions: ir.Table) -> ir.Table:
    """Rows of assets.contribution.CONTRIBUTION: one for each reading of standard.water_source_definition."""
    measures = {
        "volume": ("volume_rate", "volume_compliant_10k_t", "volume_total_10k_t"),
        "volume_exempt": ("volume_rate_exempt", "volume_exempt_10k_t", "volume_total_10k_t"),
        "count": ("count_rate", "sources_compliant", "sources"),
    }
    rows = ibis.union(
        *(
            compliance.select(
                "region_code",
                "year",
                "complete",
                "origin",
                "source_months",
                "source_months_judged",
                "months_complete",
                measure=ibis.literal(measure),
                value=compliance[value],
                numerator=compliance[numerator].cast("float64"),
                denominator=compliance[denominator].cast("float64"),
            )
            for measure, (value, numerator, denominator) in measures.items()
        )
    ).join(definitions, "measure")
    judged = rows.source_months_judged.cast("string") + " of " + rows.source_months.cast("string")
    return contribution(
        rows.mutate(
            indicator=ibis.literal(SOURCE_INDICATOR),
            unit=ibis.literal("%"),
            n=rows.source_months,
            basis=rows.note
            + "; "
            + judged
            + " source-months with a verdict, the others not compliant; "
            + rows.months_complete.cast("string")
            + " complete months",
        )
    )


def water_contribution(inputs: Inputs) -> ir.Table:
    """The contribution of water, from the warehouse: drinking-water sources."""
    return source_values(inputs.table("mart.source_compliance"), inputs.table("standard.water_source_definition"))


def build(inputs: Inputs) -> ir.Table:
    """The rows of mart.source_compliance for the dirty region-years."""
    return source_compliance(inputs.table("mart.source_month").semi_join(inputs.dirty, list(SCOPE)))


SOURCE_COMPLIANCE_MART = Mart(
    table=SOURCE_COMPLIANCE,
    subject="water",
    scope=SCOPE,
    upstream=(Upstream("mart.source_month"),),
    build=build,
)
