"""mart.air_stuck_sensor: hourly values that stand still longer than air does.

Belongs here: runs of equal hourly values. Does not belong here: how long is too long (data), taking anything out:
a person decides, and the readings stay.

A day is looked at together with the day before it, whatever else is computed with it: so the answer of a day
depends on no other hours.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.air.hours import DAY_SQL, with_day
from assets.air.index import concentration_column
from assets.air.reference import POLLUTANTS
from assets.exact import origin_of
from sources.registry import MART_ORIGIN, SERIES, Table, date, integer, text, timestamp
from warehouse.marts import Inputs, Mart, Upstream

_HOUR = 3600
_SITE = ["series", "station_code"]

AIR_STUCK_SENSOR_RUN = Table(
    "mart.air_stuck_sensor",
    "疑似卡滞监测仪",
    "Days on which a site's hourly value stands still: equal hours one after another, by pollutant",
    (
        SERIES,
        text("station_code", "站点编码", "station, or region of a city series", required=True),
        date("day", "日期", "day in which the run ends or goes on", required=True),
        text("pollutant", "污染物", "pollutant", required=True, codes=POLLUTANTS),
        timestamp("first_hour", "首时", "end of the first equal hour, of this day or the day before", required=True),
        timestamp("last_hour", "末时", "end of the last equal hour of this day", required=True),
        integer("hours", "小时数", "equal hours from first to last", unit="h", required=True),
        concentration_column("value", "数值", "the value that stands still", "µg/m³, CO mg/m³"),
        text("station_name", "站点名称", "station name as published"),
        MART_ORIGIN,
    ),
    ("series", "station_code", "day", "pollutant", "first_hour"),
    warnings=("the readings stay in every result: look at the station, and withdraw or mend what is wrong",),
)


def stuck_days(readings: ir.Table, days: ir.Table, rules: ir.Table) -> ir.Table:
    """Rows of AIR_STUCK_SENSOR_RUN for `days` (series, station_code, day) from rows of core.air_readings.

    Only hours of those days and of the ones before them count. `rules`: rows of standard.air_stuck_sensor.
    """
    wanted = days.union(days.mutate(day=(days.day - ibis.interval(days=1)).cast("date")), distinct=True)
    near = _around_equal_marks(readings, wanted, rules)
    # A scan of its own, not that of the marks: hours that both read would be kept in memory between. Days are asked
    # last: before, DuckDB would take the hours for the few, and hold them all to look for the blocks in them.
    values = _hours(readings.filter(readings.averaging == "1h"), rules, "station_name", "origin")
    values = values.semi_join(near, [*_SITE, "block"])
    long = values.pivot_longer(list(POLLUTANTS.values), names_to="pollutant", values_to="value")
    long = long.semi_join(near, [*_SITE, "block", "pollutant"])
    long = long.join(rules.select("pollutant", "above", least="hours"), "pollutant")
    long = long.filter(long.value > long.above)
    # Hours with one value count on with their number while they follow each other: what differs tells the run.
    number = ibis.row_number().over(
        ibis.window(group_by=[*(long[name] for name in _SITE), long.pollutant, long.value], order_by=long.hour)
    )
    long = long.mutate(run=long.hour - number)
    run = [*_SITE, "pollutant", "value", "run"]
    lengths = long.group_by(*run).aggregate(hours=long.count(), least=long.least.max())
    long = long.semi_join(lengths.filter(lengths.hours >= lengths.least), run)  # nearly all stand for one hour
    # Each hour is seen on its own day and on the next one, and on no other.
    seen = long.union(long.mutate(day=(long.day.cast("timestamp") + ibis.interval(days=1)).date()))
    seen = seen.semi_join(days, [*_SITE, "day"])
    runs = seen.group_by(*run, "day", "least").aggregate(
        first=seen.hour.min(),
        last=seen.hour.max(),
        station_name=seen.station_name.max(),
        origin=origin_of(seen.origin),
    )
    runs = runs.mutate(hours=runs["last"] - runs["first"] + 1)
    before = runs.day.cast("timestamp").epoch_seconds() // _HOUR  # the hour that closes the day before
    runs = runs.filter((runs["last"] > before) & (runs.hours >= runs.least))
    return runs.mutate(
        first_hour=(runs["first"] * _HOUR).as_timestamp("s").cast("timestamp"),
        last_hour=(runs["last"] * _HOUR).as_timestamp("s").cast("timestamp"),
    ).select(*AIR_STUCK_SENSOR_RUN.names)


def _step(rules: ir.Table) -> ir.IntegerScalar:
    """Half of the shortest run, in hours: as far apart as marks may stand so that two lie in every run."""
    return ibis.greatest(rules["hours"].min() // 2, 1)


def _hour_of(readings: ir.Table) -> ir.IntegerValue:
    """Hours since 1970 at the end of each."""
    return readings.period_end.epoch_seconds() // _HOUR


def _hours(readings: ir.Table, rules: ir.Table, *beside: str) -> ir.Table:
    """Of readings their site, day, `hour`, `block` of hours (hour // step), pollutants, and some more."""
    hours = with_day(readings).mutate(hour=_hour_of(readings))
    return hours.select(*_SITE, "day", "hour", *beside, *POLLUTANTS.values, block=hours.hour // _step(rules))


def _around_equal_marks(readings: ir.Table, wanted: ir.Table, rules: ir.Table) -> ir.Table:
    """Where a run may be: site, pollutant and block of hours.

    Only the first hour of each block is looked at. A run of the shortest length or longer holds two neighbouring
    ones, and reaches less than a block beyond them; so nearly all hours are left out before they are sorted.
    """
    first = _hour_of(readings) % _step(rules) == 0
    marks = _hours(readings.filter((readings.averaging == "1h") & first), rules)
    marks = marks.semi_join(wanted, [*_SITE, "day"])
    by_hour = ibis.window(group_by=[marks[name] for name in _SITE], order_by=marks.block)
    follows = marks.block - marks.block.lag().over(by_hour) == 1
    equal = marks.select(
        *_SITE,
        "block",
        **{
            name: ibis.ifelse(follows & (marks[name] == marks[name].lag().over(by_hour)), marks[name], None)
            for name in POLLUTANTS.values
        },
    ).pivot_longer(list(POLLUTANTS.values), names_to="pollutant", values_to="value")
    equal = equal.join(rules.select("pollutant", "above"), "pollutant")
    equal = equal.filter(equal.value > equal.above).select(*_SITE, "block", "pollutant")
    return ibis.union(*(equal.mutate(block=equal.block - back) for back in range(3)), distinct=True)


def _build(inputs: Inputs) -> ir.Table:
    rules = inputs.table("standard.air_stuck_sensor")
    return stuck_days(inputs.table("core.air_readings"), inputs.dirty, rules)


_HOURLY = "averaging = '1h'"

STUCK_SENSOR_MART = Mart(
    table=AIR_STUCK_SENSOR_RUN,
    subject="air",
    scope=("series", "station_code", "day"),
    upstream=(
        Upstream("core.air_readings", {"day": DAY_SQL}, where=_HOURLY),
        Upstream("core.air_readings", {"day": f"CAST({DAY_SQL} + INTERVAL 1 DAY AS DATE)"}, where=_HOURLY),
    ),
    build=_build,
    reads=("standard.air_stuck_sensor",),
    version=2,
    heavy=True,
)
