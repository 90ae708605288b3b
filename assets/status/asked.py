"""The rows that a verdict is given on: what was asked of each year, beside the value that came.

Belongs here: joining indicators, targets and values, looking back at earlier values, and into
the reported periods of a year. Does not belong here: the verdict (`assets.status.verdict`), the rule of a
comparator (`assets.status.comparators`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.plan.model import LEVELS, Measure
from assets.status.comparators import one_of, rounded, satisfies

_STATEMENT = ("plan", "indicator")
_ROW = ("plan", "indicator", "definition", "year")


def asked_rows(indicators: ir.Table, targets: ir.Table, values: ir.Table) -> ir.Table:
    """One row per indicator and plan year, one more per further definition, and one per later value.

    `indicators`: `assets.plan.tables.plan_statements`; `targets`, `values`: mart.target and
    mart.indicator_value. Only the plan's own region is asked. Adds to their columns: first_year,
    last_year (of the plan), value_unit, received (a value row exists), judged_value (value, rounded where
    the plan says to how many decimals; this is what is compared); source is `ended` after the plan.
    """
    span = targets.group_by("plan").agg(first_year=targets.year.min(), last_year=targets.year.max())
    known = indicators.drop("definition", "clause", "feeds", "note").join(span, "plan")
    own = values_of_region(known, values)
    asked = targets.union(_after_the_plan(own, span, targets)).join(known, list(_STATEMENT))
    columns = own.drop("region_code").rename(value_unit="unit").mutate(received=True)
    headline = asked.left_join(columns.filter(columns.headline), [*_STATEMENT, "year"])
    headline = headline.mutate(
        definition=headline.definition.fill_null(headline.headline_definition),
        headline=ibis.literal(True),
        received=headline.received.fill_null(False),
        complete=headline.complete.fill_null(False),
    ).drop("plan_right", "indicator_right", "year_right")
    headline = headline.filter(headline.received | (headline.source != "ended"))
    others = asked.join(columns.filter(~columns.headline), [*_STATEMENT, "year"])
    rows = headline.union(others.select(*headline.columns))
    return rows.mutate(judged_value=rounded(rows.value, rows.decimals), tolerance=rows.tolerance.fill_null(0.0))


def _after_the_plan(own: ir.Table, span: ir.Table, targets: ir.Table) -> ir.Table:
    """Rows in the shape of mart.target for values after the plan's last year: nothing is asked."""
    dated = own.join(span, "plan")
    later = dated.filter(dated.year > dated.last_year).select(*_STATEMENT, "year").distinct()
    given = {name: later[name] for name in later.columns} | {"source": ibis.literal("ended")}
    return later.select(**{name: given.get(name, ibis.null()).cast(kind) for name, kind in targets.schema().items()})


def values_of_region(indicators: ir.Table, values: ir.Table) -> ir.Table:
    """The values of each plan's own region."""
    return values.semi_join(indicators, [*_STATEMENT, "region_code"])


def with_history(rows: ir.Table, targets: ir.Table, values: ir.Table) -> ir.Table:
    """`rows` with what earlier complete values of the same definition say.

    Adds compared, compared_year (the value that a rise or fall is held against: the year before, or the
    first year with data from the base year on), start (the earliest value), reached_year (the latest plan
    year that reached what is missed now) and held_year (the same, counted only while the plan asks that the
    level be held: from held_from on); null when there is none.
    """
    asked = targets.select(*_STATEMENT, then=targets.year, asked_then=targets.required, strict_then=targets.strict)
    earlier = values.filter(values.value.notnull() & values.complete)
    earlier = earlier.select(
        *_STATEMENT, "definition", "region_code", then=earlier.year, value_then=earlier.value
    ).left_join(asked, [*_STATEMENT, "then"])
    earlier = earlier.drop("plan_right", "indicator_right", "then_right")
    pairs = rows.select(
        *_ROW, "region_code", "comparator", "measure", "base_year", "first_year", "held_from", "decimals",
        "tolerance", "judged_value", "strict", needed=rows.required.fill_null(rows.target),
    ).join(earlier, [*_STATEMENT, "definition", "region_code"])  # fmt: skip
    pairs = pairs.filter(pairs.then < pairs.year)
    pairs = pairs.mutate(value_then=rounded(pairs.value_then, pairs.decimals))
    p = pairs
    comparable = ibis.ifelse(p.base_year.isnull(), p.then == p.year - 1, p.then >= p.base_year)
    reached = satisfies(p.comparator, p.value_then, p.needed, p.strict, p.tolerance)
    kept = satisfies(p.comparator, p.value_then, p.asked_then, p.strict_then, p.tolerance)
    lost = ~satisfies(p.comparator, p.judged_value, p.asked_then, p.strict_then, p.tolerance)
    state = one_of(p.comparator, LEVELS) & (p.measure != Measure.COUNT.value)
    fell = state & (p.then >= p.first_year) & (reached.fill_null(False) | (kept & lost).fill_null(False))
    history = pairs.group_by(*_ROW).agg(
        compared=p.value_then.argmin(p.then, where=comparable),
        compared_year=p.then.min(where=comparable),
        start=p.value_then.argmin(p.then),
        reached_year=p.then.max(where=fell),
        held_year=p.then.max(where=fell & (p.then >= p.held_from).fill_null(False)),
    )
    return rows.left_join(history, list(_ROW)).drop(*(f"{name}_right" for name in _ROW))


def with_periods(rows: ir.Table, periods: ir.Table) -> ir.Table:
    """`rows` with what the reported periods of a held year say.

    `periods`: mart.indicator_period. Adds failed_period and failed_value (the first period of the year,
    other than the year itself, that misses what is asked; null when there is none or nothing must be
    held) and held_period (the latest one before it that reached it). A period with part of its data can
    fail and cannot be held up as reached.
    """
    held = rows.filter((rows.year >= rows.held_from).fill_null(False) & (rows.source == "text"))
    pairs = held.select(*_ROW, "region_code", "comparator", "decimals", "tolerance", "strict", "required").join(
        periods.select(
            *_ROW, "region_code", "period", "period_start", "period_end",
            period_value=periods.value, period_complete=periods.complete,
        ),
        [*_ROW, "region_code"],
    )  # fmt: skip
    pairs = pairs.mutate(period_value=rounded(pairs.period_value, pairs.decimals))
    told = satisfies(pairs.comparator, pairs.period_value, pairs.required, pairs.strict, pairs.tolerance)
    pairs = pairs.mutate(told=told)
    p = pairs
    first = pairs.group_by(*_ROW).agg(
        failed_end=p.period_end.min(where=~p.told),
        failed_period=p.period.argmin(p.period_end, where=~p.told),
        failed_value=p.period_value.argmin(p.period_end, where=~p.told),
    )
    first = first.filter(first.failed_period.notnull())
    before = pairs.filter(pairs.told & pairs.period_complete).join(first.select(*_ROW, "failed_end"), list(_ROW))
    before = before.filter(before.period_end < before.failed_end)
    best = before.group_by(*_ROW).agg(held_period=before.period.argmax(before.period_end))
    found = first.drop("failed_end").left_join(best, list(_ROW)).drop(*(f"{name}_right" for name in _ROW))
    return rows.left_join(found, list(_ROW)).drop(*(f"{name}_right" for name in _ROW))
