"""The rows that a verdict is given on: what was asked of each year, beside the value that came.

Belongs here: joining indicators, targets and values, and looking back at earlier values. Does not
belong here: the verdict (`assets.status.verdict`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.plan.model import RELATIVE, Comparator

#: Comparators whose value is a state that can be lost again.
LEVELS = (
    Comparator.AT_LEAST,
    Comparator.MORE_THAN,
    Comparator.AT_MOST,
    Comparator.EXACTLY,
    Comparator.ABOVE_PROVINCE,
)

_STATEMENT = ("plan", "indicator")
_ROW = ("plan", "indicator", "definition", "year")

#: Decimals of a difference that mean anything; the rest is the dust of binary fractions.
_MEANT_DECIMALS = 9


def one_of(column: ir.StringColumn, comparators: object) -> ir.BooleanColumn:
    """Whether the comparator is one of the given ones."""
    return column.isin(sorted(str(comparator) for comparator in comparators))  # type: ignore[attr-defined]


def satisfies(
    comparator: ir.StringColumn,
    value: ir.FloatingColumn,
    needed: ir.FloatingColumn,
    strict: ir.BooleanColumn,
) -> ir.BooleanColumn:
    """Whether `value` does what is asked; null when either number is missing.

    `more_than`, rising and falling are strict by themselves: an equal value does not satisfy them.
    """
    gap = distance(value, needed)
    passed = strict | one_of(comparator, {Comparator.MORE_THAN} | RELATIVE)
    downwards = one_of(comparator, {Comparator.AT_MOST, Comparator.FALLING})
    return ibis.cases(
        (comparator == Comparator.EXACTLY.value, gap == 0),
        (downwards & passed, gap < 0),
        (downwards, gap <= 0),
        (passed, gap > 0),
        else_=gap >= 0,
    )


def distance(value: ir.FloatingColumn, needed: ir.FloatingColumn) -> ir.FloatingColumn:
    """`value` − `needed` without the dust of binary fractions: 97.1 − 96.1 is 1 point, not a hair less.

    No measure of a plan is known to the ninth decimal, and no verdict may hang on it.
    """
    return (value - needed).round(_MEANT_DECIMALS)


def asked_rows(indicators: ir.Table, targets: ir.Table, values: ir.Table) -> ir.Table:
    """One row per indicator and plan year, one more per further definition, and one per later value.

    `indicators`: `assets.plan.tables.plan_statements`; `targets`, `values`: mart.target and
    mart.indicator_value. Only the plan's own region is asked. Adds to their columns: first_year,
    last_year (of the plan), value_unit, received (a value row exists); source is `ended` after the plan.
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
    return headline.union(others.select(*headline.columns))


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
    first year with data from the base year on), start (the earliest value) and held_year (the latest
    plan year that reached what is missed now; null when there is none).
    """
    earlier = values.filter(values.value.notnull() & values.complete)
    earlier = earlier.select(
        *_STATEMENT, "definition", "region_code", then=earlier.year, value_then=earlier.value
    ).left_join(
        targets.select(
            *_STATEMENT, then=targets.year, asked_then=targets.required, strict_then=targets.strict
        ),
        [*_STATEMENT, "then"],
    ).drop("plan_right", "indicator_right", "then_right")  # fmt: skip
    pairs = rows.select(
        *_ROW, "region_code", "comparator", "measure", "base_year", "first_year", "value", "strict",
        needed=rows.required.fill_null(rows.target),
    ).join(earlier, [*_STATEMENT, "definition", "region_code"])  # fmt: skip
    pairs = pairs.filter(pairs.then < pairs.year)
    p = pairs
    comparable = ibis.ifelse(p.base_year.isnull(), p.then == p.year - 1, p.then >= p.base_year)
    reached = satisfies(p.comparator, p.value_then, p.needed, p.strict)
    kept = satisfies(p.comparator, p.value_then, p.asked_then, p.strict_then)
    lost = ~satisfies(p.comparator, p.value, p.asked_then, p.strict_then)
    state = one_of(p.comparator, LEVELS) & (p.measure != "count")
    fell = state & (p.then >= p.first_year) & (reached.fill_null(False) | (kept & lost).fill_null(False))
    history = pairs.group_by(*_ROW).agg(
        compared=p.value_then.argmin(p.then, where=comparable),
        compared_year=p.then.min(where=comparable),
        start=p.value_then.argmin(p.then),
        held_year=p.then.max(where=fell),
    )
    return rows.left_join(history, list(_ROW)).drop(*(f"{name}_right" for name in _ROW))
