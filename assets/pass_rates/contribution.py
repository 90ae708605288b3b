"""What pass rates contribute to the plan: pooled counts of each indicator's programmes and categories.

Belongs here: choosing publications and periods so that nothing is counted twice, pooling. Does not
belong here: which programmes an indicator means (`standard.pass_rate_indicator`), verdicts.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.contribution import contribution
from assets.exact import origin_of
from assets.pass_rates.intervals import percent, stratified_wilson, with_interval
from assets.pass_rates.standards import STRATIFIED_WILSON, Interval, interval, with_frame
from sources.feeds.inspection import PASS_RATES, SPOT_CHECKS
from warehouse.marts import Inputs

#: What one value of an indicator is.
READING = ["indicator", "definition", "region_code", "year"]


def wanted_rows(rates: ir.Table, indicators: ir.Table, categories: ir.Table) -> ir.Table:
    """The rows of mart.pass_rate that an indicator's definition means, with indicator and definition."""
    wanted = indicators.select("indicator", "definition", "programme", "counted")
    wanted = wanted.join(categories, ["indicator", "definition"])
    return rates.join(wanted, ["programme", "category", "counted"])


def chosen_counts(rows: ir.Table, frames: ir.Table) -> ir.Table:
    """The rows of one publication for each reading, region, year and programme.

    Real before synthetic, then the rank of standard.series_frame, then the name of the series. `rows`:
    mart.pass_rate with indicator and definition.
    """
    key = [*READING, "programme", "series", "feed"]
    fed = rows.mutate(feed=ibis.ifelse(rows.counts_from == "batches", SPOT_CHECKS.name, PASS_RATES.name))
    offered = with_frame(fed.group_by(key).aggregate(origin=origin_of(fed.origin)), frames)
    order = [
        (offered.origin != "real").asc(),
        offered.preference.asc(),
        offered.series.asc(),
        offered.feed.asc(),
    ]
    place = ibis.row_number().over(
        ibis.window(group_by=[offered[name] for name in [*READING, "programme"]], order_by=order)
    )
    return fed.semi_join(offered.mutate(place=place).filter(ibis._.place == 0), key)


def widest_periods(rows: ir.Table) -> ir.Table:
    """`rows` whose period lies inside no other one of the same kind, with overlaps, covered_days.

    A year's own figure is taken before its halves and months. overlaps: the period begins before an
    earlier one of the same kind has ended, so that adding them would count twice.
    """
    key = [*READING, "programme", "category"]
    wider = rows.view()
    inside = rows.anti_join(
        wider,
        [
            *(rows[name] == wider[name] for name in key),
            wider.period_start <= rows.period_start,
            wider.period_end >= rows.period_end,
            (wider.period_start < rows.period_start) | (wider.period_end > rows.period_end),
        ],
    )
    before = ibis.window(group_by=[inside[name] for name in key], order_by=[inside.period_start, inside.period_end])
    return inside.mutate(
        overlaps=(inside.period_end.lag().over(before) >= inside.period_start).fill_null(False),
        covered_days=inside.period_end.delta(inside.period_start, unit="day") + 1,
    )


def category_counts(rows: ir.Table) -> ir.Table:
    """Counts of each category of a programme of a reading.

    READING, programme, category, series, inspected, passed, overlaps, days, origin. days: of the year
    that the periods cover.
    """
    taken = widest_periods(rows)
    return taken.group_by([*READING, "programme", "category"]).aggregate(
        series=taken.series.max(),
        inspected=taken.inspected.sum().cast("int64"),
        passed=taken.passed.sum().cast("int64"),
        overlaps=taken.overlaps.any(),
        days=taken.covered_days.sum(),
        origin=origin_of(taken.origin),
    )


def programme_counts(by_category: ir.Table) -> ir.Table:
    """Counts of each programme of a reading, from `category_counts`.

    READING, programme, series, inspected, passed, overlaps, whole_year, origin. whole_year:
    the periods of every category found cover the calendar year.
    """
    first, last = (ibis.date(by_category.year.cast("int32"), *day) for day in ((1, 1), (12, 31)))
    year_days = last.delta(first, unit="day") + 1
    return by_category.group_by([*READING, "programme"]).aggregate(
        series=by_category.series.max(),
        inspected=by_category.inspected.sum().cast("int64"),
        passed=by_category.passed.sum().cast("int64"),
        overlaps=by_category.overlaps.any(),
        whole_year=(by_category.days >= year_days).all(),
        origin=origin_of(by_category.origin),
    )


def pooled_interval(sums: ir.Table, by_category: ir.Table, chosen: Interval) -> ir.Table:
    """`sums` (READING, passed, inspected) with ci_low and ci_high of the pooled rate.

    The stratified interval takes programmes and categories as strata; the others see the sums alone.
    """
    if chosen.formula != STRATIFIED_WILSON:
        return with_interval(sums, chosen)
    strata = by_category.mutate(
        stratum=by_category.programme + " " + by_category.category, weight=by_category.inspected
    )
    ends = stratified_wilson(strata, READING, "stratum", chosen.z)
    return sums.left_join(ends, READING).drop(*(f"{name}_right" for name in READING))


def pass_rate_values(rates: ir.Table, indicators: ir.Table, categories: ir.Table, frames: ir.Table) -> ir.Table:
    """Rows of CONTRIBUTION from mart.pass_rate: 100 · Σ passed ÷ Σ inspected, with its interval.

    Complete when every programme of the reading has counts that cover the year. Empty when periods of
    one programme overlap, or nothing was inspected.
    """
    by_category = category_counts(chosen_counts(wanted_rows(rates, indicators, categories), frames))
    found = programme_counts(by_category)
    spine = found.select(*READING).distinct().join(indicators, ["indicator", "definition"])
    joined = spine.left_join(found, [*READING, "programme"])
    joined = joined.drop(*(name for name in joined.columns if name.endswith("_right")))
    there = joined.inspected.notnull()
    line = (
        joined.programme
        + " "
        + joined.passed.cast("string")
        + "/"
        + joined.inspected.cast("string")
        + " ("
        + joined.series
        + ibis.ifelse(joined.whole_year.fill_null(False), "", ", part of the year")
        + ")"
    )
    sums = (
        joined.mutate(line=line)
        .group_by([*READING, "counted", "headline", "note"])
        .aggregate(
            inspected=joined.inspected.sum().fill_null(0).cast("int64"),
            passed=joined.passed.sum().fill_null(0).cast("int64"),
            overlaps=joined.overlaps.any(),
            complete=(there & joined.whole_year.fill_null(False)).all(),
            lines=ibis._.line.group_concat(", ", order_by=ibis._.programme),
            missing=joined.programme.group_concat(", ", where=~there, order_by=joined.programme),
            origin=origin_of(joined.origin),
        )
    )
    sums = pooled_interval(sums, by_category, interval())
    usable = ~sums.overlaps & (sums.inspected > 0)
    nothing = ibis.null("float64")
    return contribution(
        sums.mutate(
            value=ibis.ifelse(usable, percent(sums.passed, sums.inspected), nothing),
            unit=ibis.literal("%"),
            numerator=sums.passed,
            denominator=sums.inspected,
            ci_low=ibis.ifelse(usable, sums.ci_low, nothing),
            ci_high=ibis.ifelse(usable, sums.ci_high, nothing),
            n=sums.inspected,
            complete=sums.complete & usable,
            basis=sums.note
            + ": "
            + sums.lines
            + ibis.ifelse(sums.missing.isnull(), "", "; no counts of " + sums.missing)
            + ibis.ifelse(sums.overlaps, "; periods overlap, so no rate", "")
            + ibis.ifelse(sums.inspected == 0, "; nothing was inspected", ""),
        )
    )


def pass_rate_contribution(inputs: Inputs) -> ir.Table:
    """The contribution of pass rates, from the warehouse."""
    return pass_rate_values(
        inputs.table("mart.pass_rate"),
        inputs.table("standard.pass_rate_indicator"),
        inputs.table("standard.pass_rate_category"),
        inputs.table("standard.series_frame"),
    )
