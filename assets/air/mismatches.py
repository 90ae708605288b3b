"""mart.air_mismatch: every published index that is not ours, with the class of the difference.

Belongs here: why a publication differs. Does not belong here: the comparison itself (`agrees` of the
marts of hours and days), rates of agreement (`assets.agreement`), using a published index as ours.

A publication computed its index from concentrations that it then printed rounded, so a printed value stands
for all that round to it. A difference has the first class that fits: the record is left over from another
time; the column is a mean of hours; binary arithmetic rounds an exact whole number up; some value that rounds
to the printed one, rounded up, down or to the nearest, gives the index; so it does without pollutants that this
publication is known to ignore; it is higher than what is here and a pollutant is missing here; it is
that of the hour before. What remains is unexplained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from operator import and_, or_

import ibis
import ibis.expr.types as ir

from assets.air.days import REPORT, STATION_DAY
from assets.air.hours import STATION_HOUR
from assets.air.index import Concentration, iaqi
from assets.air.periods import is_mean_of_hours, may_leave_out
from assets.air.reference import HOURLY_REPORTS
from assets.air.standards import READING_DIGITS, UNIT, Item, Scale, hourly_indices, indices
from assets.exact import floor_div, scaled
from sources.registry import MART_ORIGIN, SERIES, Table, codes, date, integer, text, timestamp
from warehouse.marts import Inputs, Mart, Upstream

CLASSES = codes(
    ("stale", "陈旧记录", "left over from another time"),
    ("averaging", "平均方式", "a mean of hourly indices, which is no index of a day"),
    ("floating_point", "浮点误差", "binary arithmetic rounds an exact whole number up"),
    ("rounding", "修约", "from concentrations before they were rounded, or with another rounding of the index"),
    ("missing_item", "缺项", "without a pollutant that is here, or with one that is not"),
    ("unexplained", "原因不明", "no class fits"),
)

AIR_MISMATCH = Table(
    "mart.air_mismatch",
    "空气指数不一致",
    "Hours and days whose published index is not ours, each with the class of the difference",
    (
        SERIES,
        text("station_code", "站点编码", "station, or region of a city series", required=True),
        text("subject", "内容", "what is compared: hourly AQI or daily AQI", required=True),
        timestamp("period_end", "时段结束时刻", "end of the hour, or of the day", required=True),
        date("day", "日期", "day of the period", required=True),
        integer("aqi", "指数", "our index", required=True),
        integer("published_aqi", "发布指数", "index printed by the source", required=True),
        text("class", "不一致类别", "why they differ", required=True, codes=CLASSES),
        text("left_out", "未计入", "items here that the published index ignores, if that is the reason"),
        text("absent", "缺测", "pollutants of the report without a value here; empty text = none"),
        MART_ORIGIN,
    ),
    ("series", "station_code", "subject", "period_end"),
)

HOURLY, DAILY = "hourly AQI", "daily AQI"


def classified(rows: ir.Table, name: str, items: Sequence[Item], column: Callable[[Item], str]) -> ir.Table:
    """`rows` that disagree (series, day, aqi, published_aqi, flags, stood_still, concentrations) with their class.

    `name`: of the table in SQL, so that bounds are computed once. `column`: the column of an item's
    concentration. Adds class, left_out, absent.
    """
    value = {item.name: scaled(rows[column(item)], READING_DIGITS) for item in items}
    rows = rows.mutate(
        by_floats=ibis.greatest(*(_by_floats(value[item.name], item.scale) for item in items)),
        absent=_names(_absent(items, value)),
        **{f"low_{item.name}": _lowest(value[item.name], item) for item in items},
        **{f"high_{item.name}": _highest(value[item.name], item) for item in items},
        **{f"free_{item.name}": may_leave_out(item.pollutant, rows.series, rows.day) for item in items},
        hours_mean=is_mean_of_hours(rows.series, rows.day),
    ).alias(name)
    published, names = rows.published_aqi, [item.name for item in items]
    # A value that is missing is below nothing and reaches nothing.
    rows = rows.mutate(
        **{f"beyond_{item}": (rows[f"low_{item}"] > published).fill_null(False) for item in names},
        **{f"reaches_{item}": (rows[f"high_{item}"] >= published).fill_null(False) for item in names},
    ).alias(f"{name}_bounds")
    beyond, reaches = ({item: rows[f"{side}_{item}"] for item in names} for side in ("beyond", "reaches"))
    ignored = {item: beyond[item] & rows[f"free_{item}"] for item in names}
    reached = _any(reaches.values())
    fits = ~_any(beyond.values()) & reached
    fits_without = ~_any(beyond[item] & ~ignored[item] for item in names) & _any(
        reaches[item] & ~ignored[item] for item in names
    )
    above_all = ~reached & (rows.absent != "")
    kind = ibis.cases(
        (rows.flags.contains("stale").fill_null(False), "stale"),
        (rows.hours_mean, "averaging"),
        ((rows.by_floats == rows.published_aqi).fill_null(False), "floating_point"),
        (fits, "rounding"),
        (fits_without | above_all, "missing_item"),
        (rows.stood_still.fill_null(False), "stale"),
        else_="unexplained",
    )
    rows = rows.mutate(**{"class": kind}, without=_names(ignored))
    told = (rows["class"] == "missing_item") & (rows.without != "")
    return rows.mutate(left_out=ibis.ifelse(told, rows.without, ibis.null("string")))


def _lowest(value: ir.IntegerValue, item: Item) -> ir.IntegerValue:
    """The least index of a value that rounds to the printed one, cut to a whole number."""
    half = _half_of_last_digit(value, item.decimals)
    return iaqi(Concentration(ibis.greatest(value - half, 0)), item.scale, floor_div)


def _highest(value: ir.IntegerValue, item: Item) -> ir.IntegerValue:
    """The largest, rounded up."""
    return iaqi(Concentration(value + _half_of_last_digit(value, item.decimals)), item.scale)


def _absent(items: Sequence[Item], value: Mapping[str, ir.IntegerValue]) -> dict[str, ir.BooleanValue]:
    """By pollutant, whether none of its items has a value."""
    by_pollutant: dict[str, list[ir.BooleanValue]] = {}
    for item in items:
        by_pollutant.setdefault(item.pollutant, []).append(value[item.name].isnull())
    return {pollutant: _all(nulls) for pollutant, nulls in by_pollutant.items()}


def _half_of_last_digit(value: ir.IntegerValue, decimals: int) -> ir.IntegerValue:
    """Half of the last digit that is printed, in thousandths: `decimals` digits, or more where there are more."""
    steps = [10**power for power in range(READING_DIGITS - decimals, 0, -1)]
    printed = [(value % step == 0, step // 2) for step in steps]
    return ibis.cases(*printed, else_=0)


def _by_floats(value: ir.IntegerValue, scale: Scale) -> ir.IntegerValue:
    """The index as programs with binary numbers compute it: the wrong way that publications used."""
    number = value.cast("float64") / float(UNIT)
    pieces = [
        (
            value <= s.high,
            (
                (number - s.low / UNIT) * float(s.iaqi_high - s.iaqi_low) / (s.high / UNIT - s.low / UNIT)
                + float(s.iaqi_low)
            )
            .ceil()
            .cast("int64"),
        )
        for s in scale.segments
    ]
    return ibis.cases((value.isnull(), ibis.null("int64")), *pieces, else_=ibis.null("int64"))


def _all(conditions: Iterable[ir.BooleanValue]) -> ir.BooleanValue:
    return reduce(and_, conditions)


def _any(conditions: Iterable[ir.BooleanValue]) -> ir.BooleanValue:
    return reduce(or_, conditions)


def _names(chosen: Mapping[str, ir.BooleanValue]) -> ir.StringValue:
    return ibis.literal(",").join([ibis.ifelse(is_so, name, ibis.null("string")) for name, is_so in chosen.items()])


def _hours(hours: ir.Table) -> list[ir.Table]:
    """Hours that disagree, by each standard; stood_still: the published index is that of the hour before, ours not."""
    by_hour = ibis.window(group_by=[hours.series, hours.station_code, hours.day], order_by=hours.hour)
    hours = hours.mutate(
        stood_still=hours.published_aqi == hours.published_aqi.lag().over(by_hour),
        period_end=hours.hour.cast("timestamp"),
        subject=ibis.literal(HOURLY),
    )
    return [
        classified(
            hours.filter((hours.standard == found.standard) & ~hours.agrees),
            f"hour_{found.standard}",
            next(items for report, items in found.items.items() if report in HOURLY_REPORTS.values),
            lambda item: item.name,
        )
        for found in hourly_indices()
    ]


def _days(days: ir.Table) -> list[ir.Table]:
    """Days that disagree, by each standard while it was in force."""
    days = days.mutate(
        stood_still=ibis.literal(False),
        flags=ibis.null("string"),
        period_end=days.day.cast("timestamp") + ibis.interval(days=1),
        subject=ibis.literal(DAILY),
    )
    return [
        classified(
            days.filter((days.standard == found.standard) & ~days.agrees),
            f"day_{found.standard}",
            found.items[REPORT],
            lambda item: item.reading,
        )
        for found in indices()
    ]


def mismatches(inputs: Inputs) -> ir.Table:
    """Rows of AIR_MISMATCH for the dirty (series, station_code, day)."""
    scope = ["series", "station_code", "day"]
    hours, days = (inputs.table(table.name).semi_join(inputs.dirty, scope) for table in (STATION_HOUR, STATION_DAY))
    parts = [part.select(*AIR_MISMATCH.names) for part in (*_hours(hours), *_days(days))]
    return ibis.union(*parts)


AIR_MISMATCH_MART = Mart(
    table=AIR_MISMATCH,
    subject="air",
    scope=("series", "station_code", "day"),
    # Where nothing was published there is nothing to differ from; by far most days are such.
    upstream=(
        Upstream(STATION_HOUR.name, where="published_aqi IS NOT NULL"),
        Upstream(STATION_DAY.name, where="published_aqi IS NOT NULL"),
    ),
    build=mismatches,
    reads=("standard.iaqi_breakpoint", "standard.air_item", "standard.air_published_index"),
    heavy=True,
)
