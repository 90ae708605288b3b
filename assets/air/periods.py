"""Which hourly report a publication follows, what its index column is, which index was official, on a day.

Belongs here: dated choices as expressions. Does not belong here: the choices themselves (data in
`assets/standards/air_assessment.yaml`).
"""

from __future__ import annotations

from functools import reduce
from operator import and_, or_

import ibis
import ibis.expr.types as ir

from assets.air.standards import Period, hourly_reports, published_indices, standard_periods

EVERYWHERE = "*"


def report_of(series: ir.StringValue, day: ir.DateValue) -> tuple[ir.StringValue, ir.StringValue]:
    """The standard and the hourly report that a series follows on a day: its own row that fits, else that of `*`."""
    rows = sorted(hourly_reports(), key=lambda row: row.period.unit == EVERYWHERE)
    fits = [(_all([_is(row.period.unit, series), *_within(row.period, day)]), row) for row in rows]
    return (
        ibis.cases(*((fit, row.standard) for fit, row in fits), else_=ibis.null("string")),
        ibis.cases(*((fit, row.report) for fit, row in fits), else_=ibis.null("string")),
    )


def some_report_follows(standard: str, day: ir.DateValue) -> ir.BooleanValue:
    """Whether some series' hourly report follows a standard on a day."""
    follow = [row.period for row in hourly_reports() if row.standard == standard]
    return reduce(or_, (_all([ibis.literal(True), *_within(period, day)]) for period in follow), ibis.literal(False))


def _is(unit: str, series: ir.StringValue) -> ir.BooleanValue:
    return ibis.literal(True) if unit == EVERYWHERE else series == unit


def is_mean_of_hours(series: ir.StringValue, day: ir.DateValue) -> ir.BooleanValue:
    """Whether the index that a series prints for a day is a mean of hourly indices, and so none of a day."""
    return _any(series, day, [found.period for found in published_indices() if found.index == "mean_of_hours"])


def may_leave_out(pollutant: str, series: ir.StringValue, day: ir.DateValue) -> ir.BooleanValue:
    """Whether the index that a series prints for a day sometimes ignores that pollutant."""
    return _any(series, day, [found.period for found in published_indices() if pollutant in found.left_out])


def _any(series: ir.StringValue, day: ir.DateValue, periods: list[Period]) -> ir.BooleanValue:
    fits = [_all([series == period.unit, *_within(period, day)]) for period in periods]
    return reduce(or_, fits, ibis.literal(False))


def in_force(standard: str, region_code: ir.StringValue, day: ir.DateValue) -> ir.BooleanValue:
    """Whether a standard was the official one of a region on a day; an unknown region follows `*`.

    A region with periods of its own for the standard does not follow those of `*`.
    """
    periods = standard_periods(standard)
    own = sorted({period.unit for period in periods} - {EVERYWHERE})
    region = region_code.coalesce("")
    fits = [
        _all([region.notin(own) if period.unit == EVERYWHERE else region == period.unit, *_within(period, day)])
        for period in periods
    ]
    return reduce(or_, fits, ibis.literal(False))


def _within(period: Period, day: ir.DateValue) -> list[ir.BooleanValue]:
    first = [day >= ibis.date(period.first_day)] if period.first_day else []
    last = [day <= ibis.date(period.last_day)] if period.last_day else []
    return [*first, *last]


def _all(conditions: list[ir.BooleanValue]) -> ir.BooleanValue:
    return reduce(and_, conditions)
