"""Hourly readings → the means of a day, exactly, with how much each rests on.

Belongs here: 24-hour means, daily maxima of one hour and of the running eight hours, and their
validity (GB 3095 table 4, HJ 663-2013 6.1.2; the versions of 2026 state the same numbers). Does not
belong here: indices (`assets.air.index`), the choice between readings, regions, marts (`assets.air.days`).

A mean that is averaged again over stations must not be rounded between. It is kept as whole *parts*:
thousandths of the unit, each divided into PARTS, the least common multiple of every count of hours that
a valid mean can have; so every mean is a whole number of parts, and so is every sum of means.
"""

from __future__ import annotations

from functools import reduce
from math import lcm
from operator import add

import ibis
import ibis.expr.types as ir

from assets.air.standards import READING_DIGITS, UNIT, agreed_limit, agreed_rule
from assets.exact import floor_div, origin_of, scaled

#: Pollutants whose day is a mean of hours.
MEAN_ITEMS = ("so2", "no2", "pm10", "pm25", "co")
#: Every item of a day: the means, and the two daily maxima of ozone.
DAY_ITEMS = (*MEAN_ITEMS, "o3_1h", "o3_8h")
HOURS_OF_DAY = 24
_HOURS = range(1, HOURS_OF_DAY + 1)
#: Holds the sum of a day's hours.
_SUM = "decimal(15, 3)"

_DAY_HOURS = agreed_rule("day_hours")
_OZONE_HOURS = agreed_rule("ozone_hours")
_WINDOW_HOURS = agreed_rule("window_hours")
_WINDOW_MINIMUM = agreed_rule("window_minimum")
_WINDOWS_MINIMUM = agreed_rule("windows_minimum")


def _window_ends() -> range:
    ends = range(agreed_rule("first_window_end"), agreed_rule("last_window_end") + 1)
    if ends.start < _WINDOW_HOURS or ends.stop > HOURS_OF_DAY + 1:
        raise ValueError(f"windows of ozone ending at {ends} reach into another day")
    return ends


#: Hours of the day at which a running mean of ozone may end.
WINDOW_ENDS = _window_ends()

#: Parts of a thousandth, see above.
PARTS = lcm(
    *range(_DAY_HOURS, HOURS_OF_DAY + 1),
    *range(_WINDOW_MINIMUM, _WINDOW_HOURS + 1),
)


def parts_column(item: str) -> str:
    """Name of the column that holds an item's exact value in parts."""
    return f"{item}_parts"


def hours_column(item: str) -> str:
    """Name of the column that counts the hourly values of an item."""
    return f"{item}_hours"


def days_from_hours(readings: ir.Table) -> ir.Table:
    """One row per site-day from its one-hour readings (columns of core.air_readings and `day`).

    Gives series, station_code, day; site_kind, area_name; per item of DAY_ITEMS its parts (null when not
    valid); hours of each mean and of ozone; o3_8h_windows = valid running means; readings, origin.

    Valid: a mean with at least 20 hours; the maximum of one hour of ozone with at least 20; the maximum of
    running means (each of at least 6 of its 8 hours, ending at 08:00 to 24:00) when at least 14 of them
    are valid. A maximum of fewer stands when it exceeds its limit: more hours could only raise it.
    Readings that do not end on a full hour are not hourly means and are left out.
    """
    on_the_hour = (readings.period_end.minute() == 0) & (readings.period_end.second() == 0)
    readings = readings.filter(on_the_hour)
    readings = readings.mutate(ending=readings.period_end.hour())  # 0 closes the day: it stands for 24
    ozone = readings.o3
    at = {hour: ibis.ifelse(readings.ending == hour % HOURS_OF_DAY, ozone, ibis.null(ozone.type())) for hour in _HOURS}
    days = readings.group_by("series", "station_code", "day").aggregate(
        site_kind=ibis.ifelse((readings.site_kind == "city").any(), "city", "station"),
        area_name=readings.area_name.min(),
        **{f"{name}_sum": readings[name].sum().cast(_SUM) for name in MEAN_ITEMS},
        **{hours_column(name): readings[name].count() for name in (*MEAN_ITEMS, "o3")},
        **{f"ozone_{hour}": value.max() for hour, value in at.items()},
        readings=readings.count(),
        origin=origin_of(readings.origin),
    )
    # Whole numbers from here on: a conversion of each day costs less than one of each hour.
    days = days.mutate(
        **{f"{name}_sum": scaled(days[f"{name}_sum"], READING_DIGITS) for name in MEAN_ITEMS},
        **{f"ozone_{hour}": scaled(days[f"ozone_{hour}"], READING_DIGITS) for hour in _HOURS},
    )
    days = days.mutate(o3_max=ibis.greatest(*(days[f"ozone_{hour}"] for hour in _HOURS)))
    enough = (days.o3_hours >= _OZONE_HOURS) | (days.o3_max > _thousandths("1h"))
    return _eight_hours(days).mutate(
        **{parts_column(name): _mean(days, name) for name in MEAN_ITEMS},
        o3_1h_parts=_if(enough, days.o3_max * PARTS),
    )


def _mean(days: ir.Table, name: str) -> ir.IntegerValue:
    hours = days[hours_column(name)]
    return _if(hours >= _DAY_HOURS, floor_div(days[f"{name}_sum"] * PARTS, hours))


def _thousandths(averaging: str) -> int:
    return int(agreed_limit("o3", averaging) * UNIT)


def _if(condition: ir.BooleanValue, value: ir.IntegerValue) -> ir.IntegerValue:
    return ibis.ifelse(condition, value, ibis.null("int64"))


def _eight_hours(days: ir.Table) -> ir.Table:
    """Adds o3_8h_windows and o3_8h_parts (HJ 663-2013, 6.1.2)."""
    known = {f"known_{hour}": days[f"ozone_{hour}"].notnull().cast("int64") for hour in _HOURS}
    days = days.mutate(**known, **{f"ozone_{hour}": days[f"ozone_{hour}"].coalesce(0) for hour in _HOURS})
    days = days.mutate(
        **{
            f"{total}_{end}": reduce(add, (days[f"{part}_{hour}"] for hour in range(end - _WINDOW_HOURS + 1, end + 1)))
            for end in WINDOW_ENDS
            for total, part in (("sum", "ozone"), ("count", "known"))
        }
    )
    valid = {end: days[f"count_{end}"] >= _WINDOW_MINIMUM for end in WINDOW_ENDS}
    means = [_if(valid[end], floor_div(days[f"sum_{end}"] * PARTS, days[f"count_{end}"])) for end in WINDOW_ENDS]
    days = days.mutate(
        o3_8h_best=ibis.greatest(*means),
        o3_8h_windows=sum(condition.cast("int64") for condition in valid.values()),
    )
    enough = days.o3_8h_windows >= _WINDOWS_MINIMUM
    exceeds = days.o3_8h_best > _thousandths("8h") * PARTS
    return days.mutate(o3_8h_parts=_if(enough | exceeds, days.o3_8h_best))


def days_as_read(readings: ir.Table) -> ir.Table:
    """One row per site-day from its 24-hour readings, as `days_from_hours` gives them.

    A day's reading carries the daily maxima of ozone in o3 and o3_8h. Of several readings that end
    within a day the last one is taken. Hours are not known.
    """
    site_day = [readings.series, readings.station_code, readings.day]
    latest = ibis.row_number().over(ibis.window(group_by=site_day, order_by=readings.period_end.desc()))
    readings = readings.mutate(latest=latest).filter(ibis._.latest == 0)
    columns = {name: name for name in MEAN_ITEMS} | {"o3_1h": "o3", "o3_8h": "o3_8h"}
    return readings.select(
        "series",
        "station_code",
        "day",
        "site_kind",
        "area_name",
        "origin",
        "published_aqi",
        "published_category",
        **{parts_column(item): scaled(readings[column], READING_DIGITS) * PARTS for item, column in columns.items()},
        readings=ibis.literal(1, "int64"),
    )
