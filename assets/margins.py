"""Margins against the province, derived from values of the city and of the province.

Belongs here: the difference and its interval. Does not belong here: the two values (`assets.<subject>`,
`assets.returns`), what margin is asked (`assets/plans`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.contribution import contribution
from assets.pass_rates.intervals import newcombe
from assets.plan.model import Comparator


def provincial_margins(values: ir.Table, indicators: ir.Table) -> ir.Table:
    """Rows of assets.contribution.CONTRIBUTION for every margin against the province, in points.

    value = the region's headline value of compare_with − the province's, same definition and year. The
    interval combines the two intervals (Newcombe 1998, method 10) and is there when both are. Where the
    province's value is missing, value is null and `basis` says so; without a value of the region, no row.
    """
    compared = indicators.filter(
        indicators.compare_with.notnull(), indicators.comparator == Comparator.ABOVE_PROVINCE.value
    ).select(
        "plan", "indicator", "compare_with", "region_code", "province_code", "unit", "headline_definition"
    )  # fmt: skip
    headline = values.filter(values.headline)
    own = headline.select(
        "plan", "region_code", "year", "definition", "value", "ci_low", "ci_high", "n", "complete", "origin",
        compare_with=headline.indicator,
    )  # fmt: skip
    other = headline.select(
        "plan",
        "year",
        "definition",
        compare_with=headline.indicator,
        province_code=headline.region_code,
        province=headline.value,
        province_low=headline.ci_low,
        province_high=headline.ci_high,
        province_complete=headline.complete,
        province_origin=headline.origin,
    )
    pairs = compared.join(own, ["plan", "compare_with", "region_code"])
    keys = ["plan", "compare_with", "province_code", "year", "definition"]
    pairs = pairs.left_join(other, keys).drop(*(f"{key}_right" for key in keys))
    value = pairs.value - pairs.province
    low, high = newcombe(
        pairs.value, (pairs.ci_low, pairs.ci_high), pairs.province, (pairs.province_low, pairs.province_high)
    )
    missing = pairs.province.isnull()
    same = pairs.province_origin.isnull() | (pairs.origin == pairs.province_origin)
    return contribution(
        pairs.mutate(
            definition=pairs.headline_definition,
            headline=ibis.literal(True),
            value=value,
            ci_low=low,
            ci_high=high,
            complete=pairs.complete & pairs.province_complete.fill_null(False),
            basis=ibis.ifelse(
                missing,
                "no provincial value of " + pairs.compare_with + " for " + pairs.year.cast("string"),
                pairs.compare_with + " of the region less that of the province",
            ),
            origin=ibis.ifelse(same, pairs.origin, "mixed"),
        )
    )
