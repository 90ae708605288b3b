"""Which hourly report a publication follows, what its index column is, which index was official, on a day.

Belongs here: dated choices as expressions. Does not belong here: the choices themselves (data in
`assets/standards/air_assessment.yaml`).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir

from assets.air.standards import HourlyReport, Period, hourly_reports, published_indices, standard_periods

EVERYWHERE = "*"


def follows(standard: str, series: ir.StringValue, day: ir.DateValue) -> ir.BooleanValue:
    """Whether a series' hourly report is of a standard on a day, by its own row that fits, else that of `*`."""
    return ibis.cases(*((fit, row.standard == standard) for fit, row in _reports(series, day)), else_=False)


def report_of(standard: str, series: ir.StringValue, day: ir.DateValue) -> ir.StringValue:
    """The hourly report of a series that follows a standard on a day."""
    fits = [(fit, row.report) for fit, row in _reports(series, day) if row.standard == standard]
    if len({report for _, report in fits}) == 1:
        return ibis.literal(fits[0][1])  # no look at any row
    return ibis.cases(*fits, else_=ibis.null("string"))


def _reports(series: ir.StringValue, day: ir.DateValue) -> list[tuple[ir.BooleanValue, HourlyReport]]:
    """When each choice of an hourly report fits; the first that does counts."""
    rows = sorted(hourly_reports(), key=lambda row: row.period.unit == EVERYWHERE)
    return [(ibis.and_(_is(row.period.unit, series), *_within(row.period, day)), row) for row in rows]


def some_report_follows(standard: str, ends: ir.TimestampValue) -> ir.BooleanValue:
    """Whether some series' hourly report follows a standard in an hour that ends then; it begins on its day.

    By the stored column and not by the day, so that months in which none does are not read.
    """
    follow = [row.period for row in hourly_reports() if row.standard == standard]
    return ibis.or_(*(ibis.and_(*_hours_within(period, ends)) for period in follow))


def _is(unit: str, series: ir.StringValue) -> ir.BooleanValue:
    return ibis.literal(True) if unit == EVERYWHERE else series == unit


def is_mean_of_hours(series: ir.StringValue, day: ir.DateValue) -> ir.BooleanValue:
    """Whether the index that a series prints for a day is a mean of hourly indices, and so none of a day."""
    return _any(series, day, [found.period for found in published_indices() if found.index == "mean_of_hours"])


def may_leave_out(pollutant: str, series: ir.StringValue, day: ir.DateValue) -> ir.BooleanValue:
    """Whether the index that a series prints for a day sometimes ignores that pollutant."""
    return _any(series, day, [found.period for found in published_indices() if pollutant in found.left_out])


def _any(series: ir.StringValue, day: ir.DateValue, periods: list[Period]) -> ir.BooleanValue:
    fits = [ibis.and_(series == period.unit, *_within(period, day)) for period in periods]
    return ibis.or_(*fits)


def in_force(standard: str, region_code: ir.StringValue, day: ir.DateValue) -> ir.BooleanValue:
    """Whether a standard was the official one of a region on a day; an unknown region follows `*`.

    A region with periods of its own for the standard does not follow those of `*`.
    """
    periods = standard_periods(standard)
    own = sorted({period.unit for period in periods} - {EVERYWHERE})
    region = region_code.coalesce("")
    fits = [
        ibis.and_(region.notin(own) if period.unit == EVERYWHERE else region == period.unit, *_within(period, day))
        for period in periods
    ]
    return ibis.or_(*fits)


def _within(period: Period, day: ir.DateValue) -> list[ir.BooleanValue]:
    first = [day >= ibis.date(period.first_day)] if period.first_day else []
    last = [day <= ibis.date(period.last_day)] if period.last_day else []
    return [*first, *last]


def _hours_within(period: Period, ends: ir.TimestampValue) -> list[ir.BooleanValue]:
    """The same of hours: the first of a day ends at 01:00, the last at 00:00 of the next day."""
    first = [ends >= _first_hour(period.first_day, 0)] if period.first_day else []
    last = [ends < _first_hour(period.last_day, 1)] if period.last_day else []
    return [*first, *last]


def _first_hour(day: str, later: int) -> ir.TimestampScalar:
    return ibis.literal(datetime.fromisoformat(day) + timedelta(days=later, hours=1))
