"""From what was asked and what came to a finding.

Belongs here: which finding holds for a row, and the numbers that show its working. Does not belong
here: wording (`assets.status.reasons`), the rows themselves (`assets.status.asked`).

The point value decides, as officials judge; an interval only tells whether it includes the number
asked for. Incomplete data can prove a failure but not a success, except where counting more can only
add: there an incomplete count is a lower bound.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.plan.model import RELATIVE, Better, Comparator, Measure, PathRule
from assets.status.comparators import distance, one_of, satisfies
from assets.status.findings import STATUS_OF

_SHARES = (Comparator.AT_LEAST, Comparator.MORE_THAN, Comparator.AT_MOST, Comparator.EXACTLY)


def judged(rows: ir.Table) -> ir.Table:
    """`rows` with finding, status and their working.

    `rows`: `assets.status.asked.asked_rows` with history and periods, and `as_of` (date). Adds needed (the
    number that the value is held against: required, or the earlier value of a rise or fall, or the target
    where nothing is required yet), gap (judged value − needed, in the value's unit), includes_target,
    progress (0–1), pace_needed.
    """
    relative = one_of(rows.comparator, RELATIVE)
    number = rows.required.fill_null(rows.target)
    rows = rows.mutate(needed=ibis.ifelse(relative, rows.compared, number))
    rows = rows.mutate(
        as_asked=satisfies(rows.comparator, rows.judged_value, rows.needed, rows.strict, rows.tolerance),
        gap=distance(rows.judged_value, rows.needed),
        includes_target=(rows.ci_low <= rows.needed) & (rows.needed <= rows.ci_high),
        progress=_progress(rows),
        pace_needed=_pace_needed(rows),
    )
    rows = rows.mutate(finding=_finding(rows))
    return rows.mutate(status=ibis.cases(*((rows.finding == f, s) for f, s in STATUS_OF.items())))


def _finding(r: ir.Table) -> ir.StringColumn:
    """The first situation that holds, in this order."""
    running = r.as_of < ibis.date(r.year, 12, 31)
    ok = r.as_asked.fill_null(False)
    by_text, ahead = r.source == "text", r.source == "ahead"
    grows = one_of(r.comparator, {Comparator.CUMULATIVE_COUNT, Comparator.PER_YEAR_AT_LEAST}) & (
        r.measure == Measure.COUNT.value
    )
    none_allowed = (r.comparator == Comparator.EXACTLY.value) & (r.measure == Measure.COUNT.value)
    beyond = (r.comparator == Comparator.EXACTLY.value) & ibis.ifelse(
        r.better == Better.LOWER.value, r.gap + r.tolerance < 0, r.gap - r.tolerance > 0
    )
    partial = ~r.complete
    failed, held_before = r.failed_period.notnull(), r.held_period.notnull() | r.held_year.notnull()
    return ibis.cases(
        (r.source == "ended", "plan_ended"),
        (r.as_of < ibis.date(r.year, 1, 1), "year_not_begun"),
        (r.source == "past", "milestone_over"),
        (r.received & (r.comparator == Comparator.QUALITATIVE.value), "evidence"),
        (r.value.isnull() & running, "year_running_no_value"),
        (~r.received, "nothing_received"),
        (r.value.isnull(), "not_computable"),
        (beyond.fill_null(False), "impossible"),
        (r.needed.isnull(), "earlier_missing"),
        (failed & held_before, "period_fell_back"),
        (failed, "period_failed"),
        (running & grows & ok & by_text, "reached_early"),
        (running & none_allowed & ~ok, "broken_early"),
        (running & none_allowed & partial, "year_running_no_value"),
        (ahead & ok & (running | r.complete), "target_reached_ahead"),
        (ahead & ~ok & r.complete & r.held_year.notnull(), "fell_back"),
        (ahead & ~ok, "nothing_asked_yet"),
        (running & ok, "running_well"),
        (running, "running_short"),
        (partial & grows & ok & by_text, "reached"),
        (partial & grows & ok, "on_path"),
        (partial & grows, "lower_bound_short"),
        (partial & none_allowed & ok, "zero_unproven"),
        (partial & ok, "incomplete_complies"),
        (partial & by_text, "incomplete_missed"),
        (partial, "incomplete_behind"),
        (ok & by_text, "reached"),
        (ok, "on_path"),
        (r.held_year.notnull(), "fell_back"),
        (by_text, "not_reached"),
        else_="behind_path",
    )


def _progress(r: ir.Table) -> ir.FloatingColumn:
    """How much of the way is done, 0–1; null where the plan gives no way to measure it.

    Counts and plain reductions: value ÷ target. Reductions at a constant rate: ln of what remains, so
    that equal yearly rates are equal progress. Levels: from the earliest value known to the target.
    """
    reduced = (1 - r.value / 100).ln() / (1 - r.target / 100).ln()
    reaches = satisfies(r.comparator, r.judged_value, r.target, r.strict, r.tolerance)
    way = ibis.cases(
        (
            (r.comparator == Comparator.REDUCTION_ON_BASE.value)
            & (r.path == PathRule.CONSTANT_RATE.value)
            & (r.value < 100),
            reduced,
        ),
        (
            one_of(
                r.comparator,
                {Comparator.CUMULATIVE_COUNT, Comparator.PER_YEAR_AT_LEAST, Comparator.REDUCTION_ON_BASE},
            )
            & (r.target > 0),
            r.value / r.target,
        ),
        (one_of(r.comparator, _SHARES) & reaches, 1.0),
        (one_of(r.comparator, _SHARES) & (r.start != r.target), (r.value - r.start) / (r.target - r.start)),
    )
    return way.clip(0.0, 1.0)


def _pace_needed(r: ir.Table) -> ir.FloatingColumn:
    """What every year must add from this one to target_year so that the target is reached just in time.

    In the value's unit a year, with the sign of the change; 0 once it is reached. At a constant rate: the
    yearly reduction in percent of what remains. Null without a value, without a number to reach, in and
    after target_year, and where each year stands by itself (per year, average, margin).
    """
    left = (r.target_year - r.year).cast("float64")
    reached = satisfies(r.comparator, r.judged_value, r.target, r.strict, r.tolerance)
    constant = 100 * (1 - ((100 - r.target) / (100 - r.value)) ** (1 / left))
    counted = one_of(r.comparator, {*_SHARES, Comparator.CUMULATIVE_COUNT, Comparator.REDUCTION_ON_BASE})
    return ibis.cases(
        (~counted | (left <= 0) | r.value.isnull() | r.target.isnull(), ibis.null("float64")),
        (reached, 0.0),
        ((r.path == PathRule.CONSTANT_RATE.value) & (r.value < 100), constant),
        else_=(r.target - r.value) / left,
    )
