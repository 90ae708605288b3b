"""Pass rates of the reported periods inside a year: the same pooling, period by period.

Belongs here: pooling the counts of one half, quarter or month. Does not belong here: the year
(`assets.pass_rates.contribution`), which indicators need it (`assets.periods`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.exact import origin_of
from assets.pass_rates.contribution import READING, chosen_counts, wanted_rows
from assets.pass_rates.intervals import percent
from warehouse.marts import Inputs


def period_rates(rates: ir.Table, indicators: ir.Table, categories: ir.Table, frames: ir.Table) -> ir.Table:
    """One row per reading, region and reported period that is shorter than its year.

    Arguments as `assets.pass_rates.contribution.pass_rate_values`. Adds period, period_start, period_end,
    value (100 · Σ passed ÷ Σ inspected; null when nothing was inspected), n, complete (every programme of
    the reading reported exactly this period), origin.
    """
    chosen = chosen_counts(wanted_rows(rates, indicators, categories), frames)
    inside = chosen.filter(chosen.period != chosen.year.cast("string"))
    key = [*READING, "period", "period_start", "period_end"]
    needed = indicators.group_by(["indicator", "definition"]).aggregate(programmes=indicators.programme.nunique())
    pooled = inside.group_by(key).aggregate(
        inspected=inside.inspected.sum().cast("int64"),
        passed=inside.passed.sum().cast("int64"),
        reporting=inside.programme.nunique(),
        origin=origin_of(inside.origin),
    )
    joined = pooled.join(needed, ["indicator", "definition"])
    rate = percent(joined.passed, joined.inspected)
    return joined.mutate(
        value=ibis.ifelse(joined.inspected > 0, rate, ibis.null("float64")),
        n=joined.inspected,
        complete=joined.reporting >= joined.programmes,
    ).select(*key, "value", "n", "complete", "origin")


def pass_rate_periods(inputs: Inputs) -> ir.Table:
    """The periods of pass rates, from the warehouse."""
    return period_rates(
        inputs.table("mart.pass_rate"),
        inputs.table("standard.pass_rate_indicator"),
        inputs.table("standard.pass_rate_category"),
        inputs.table("standard.series_frame"),
    )
