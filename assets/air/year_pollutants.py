"""mart.air_city_year_pollutant: each pollutant's year against the limits: statistics, exceedances, class.

Belongs here: daily concentrations → mean and percentile of a year, days above the limit and by how much,
the class of area whose limits the year meets. Does not belong here: indices and good days
(`assets.air.years`), limits and statistics (data), which dates are exceptional (`assets.air.events`).

A year without enough days cannot be held to meet a limit. It can be held to exceed one: when its mean or
percentile is above the limit even if every day that is missing had been clean, more days cannot change that.
"""

from __future__ import annotations

from functools import reduce
from operator import and_, or_

import ibis
import ibis.expr.types as ir

from assets.air.days import STANDARD
from assets.air.events import EVENT_YEARS, with_event
from assets.air.reference import POLLUTANTS
from assets.air.standards import GENERAL_CLASS, READING_DIGITS, UNIT, agreed_rule, statistics
from assets.exact import floor_div, half_even_div, origin_of, scaled
from assets.joins import beside
from sources.feeds.air import MGM3, UGM3
from sources.registry import MART_ORIGIN, Table, boolean, codes, double, integer, text
from warehouse.marts import Inputs, Mart, Upstream

ALL_DAYS, WITHOUT_EVENTS = "all", "without_events"
#: Classes of area by their limits, the stricter first, and the class of a year that meets neither.
CLASSES = (1, GENERAL_CLASS)
NO_CLASS = GENERAL_CLASS + 1
#: What a pollutant's limits are of: the mean of the year, the percentile of its days.
_LIMITED = ("mean", "day")
_FEBRUARY = 2
_MONTHS = range(1, 13)
_YEAR = ("region_code", "year", "standard")
_KEY = (*_YEAR, "counted", "pollutant")
_UNITS = f"{UGM3}, CO {MGM3}"

CITY_YEAR_POLLUTANT = Table(
    "mart.air_city_year_pollutant",
    "城市年污染物评价",
    "Each pollutant's year of a region: statistics, days above the limit, and the class that it meets",
    (
        text("region_code", "行政区划代码", "region", required=True),
        integer("year", "年份", "calendar year", required=True),
        STANDARD,
        text(
            "counted",
            "计入日期",
            "which days are counted",
            required=True,
            codes=codes(
                (ALL_DAYS, "全部", "every day"),
                (WITHOUT_EVENTS, "剔除异常事件", "without the dates that a register names as exceptional"),
            ),
        ),
        text("pollutant", "污染物", "pollutant; ozone by its eight hours", required=True, codes=POLLUTANTS),
        integer("days", "天数", "days with a value, of those that are counted", unit="days"),
        boolean("complete", "完整", "enough days with a value in the year and in each month, exceptional ones too"),
        double("mean", "年均值", "mean of the daily values", unit=_UNITS),
        double("percentile", "百分位数", "percentile of the daily values (linear)", unit=_UNITS),
        integer("percentile_rank", "百分位", "which percentile", unit="%"),
        text("limits", "限值标准", "standard of the limits; empty = the year is held against none"),
        double("mean_limit", "年均限值", "yearly limit of class 2; empty = none", unit=_UNITS),
        double("day_limit", "日限值", "daily limit of class 2 (ozone: eight hours)", unit=_UNITS),
        integer("exceedance_days", "超标天数", "days above the daily limit of class 2", unit="days"),
        double("exceedance_rate", "超标率", "in percent of the counted days", unit="%"),
        double("highest", "最大日值", "largest daily value", unit=_UNITS),
        double(
            "highest_multiple", "最大超标倍数", "(largest daily value - limit) / limit; empty = not above", unit="times"
        ),
        double("mean_multiple", "年均超标倍数", "(mean - limit) / limit; empty = not above", unit="times"),
        double(
            "percentile_multiple",
            "百分位超标倍数",
            "(percentile - daily limit) / limit; empty = not above",
            unit="times",
        ),
        integer("class", "达标级别", "1 or 2 = class whose limits are met, 3 = neither; empty = cannot be judged"),
        boolean("already_exceeds", "已超标", "an incomplete year that is above a limit of class 2 whatever is missing"),
        double("ratio", "单项指数", "statistic / limit in the composite index", unit="1"),
        MART_ORIGIN,
    ),
    _KEY,
    warnings=("ozone and CO have no yearly limit: their mean is not judged",),
)

_ITEMS = {statistic.pollutant: statistic.item for statistic in statistics()}


def city_year_pollutants(inputs: Inputs) -> ir.Table:
    """Rows of CITY_YEAR_POLLUTANT for the dirty (region_code, year)."""
    days = inputs.table("mart.air_city_day")
    days = days.mutate(year=days.day.year().cast("int64"), month=days.day.month().cast("int64"))
    days = with_event(days.semi_join(inputs.dirty, ["region_code", "year"]), inputs)
    return pollutant_years(days, _limits(inputs))


def pollutant_years(days: ir.Table, limits: ir.Table) -> ir.Table:
    """Rows of CITY_YEAR_POLLUTANT from rows of CITY_DAY with year, month, event; `limits`: see `_limits`."""
    values = _counted(_long(days))
    values = beside(values, limits, [*_YEAR[1:], "pollutant"]).alias("value_of_day")
    return _judged(_statistics(_placed(values))).select(*CITY_YEAR_POLLUTANT.names)


def _long(days: ir.Table) -> ir.Table:
    """One row per region, day, standard and pollutant that has a value, in thousandths."""
    own = days.select(
        *_YEAR, "month", "event", "origin",
        **{pollutant: scaled(days[item], READING_DIGITS) for pollutant, item in _ITEMS.items()},
    )  # fmt: skip
    long = own.pivot_longer(list(_ITEMS), names_to="pollutant", values_to="measured")
    return long.filter(long.measured.notnull())


def _counted(values: ir.Table) -> ir.Table:
    """Every day; and, where a register names dates of the year, the same once more without their values."""
    values = values.mutate(event_days=values.event.sum().over(ibis.window(group_by=[*_YEAR, "pollutant"])))
    plain = values.mutate(counted=ibis.literal(ALL_DAYS), value=values.measured)
    without = values.filter(values.event_days > 0).mutate(
        counted=ibis.literal(WITHOUT_EVENTS), value=ibis.ifelse(values.event, ibis.null("int64"), values.measured)
    )
    return plain.union(without)


def _limits(inputs: Inputs) -> ir.Table:
    """standard, year, pollutant of the dirty years: rank, decimals, and the limits in thousandths (null = none).

    mean_limit_1, mean_limit_2, day_limit_1, day_limit_2; limits = their standard.
    """
    statistic, limit = inputs.table("standard.air_statistic"), inputs.table("standard.air_limit")
    is_mean = statistic.percentile.isnull()
    asked = statistic.group_by("pollutant").aggregate(
        percentile_rank=statistic.percentile.max(),
        decimals=statistic.decimals.max(),
        mean_averaging=statistic.averaging.max(where=is_mean),
        day_averaging=statistic.averaging.max(where=~is_mean),
        mean_in_index=(statistic.in_index & is_mean).any(),
    )
    stated = limit.join(asked, limit.item == asked.pollutant)
    conc = scaled(stated.conc, READING_DIGITS)
    of_document = stated.group_by("standard", "pollutant").aggregate(
        **{
            f"{kind}_limit_{area}": conc.max(
                where=(stated.averaging == stated[f"{kind}_averaging"]) & (stated["class"] == area)
            )
            for kind in _LIMITED
            for area in CLASSES
        }
    )
    of_document = of_document.rename(limits="standard")
    periods = inputs.table("standard.air_limits_of_year").select("standard", "first_year", "last_year", "limits")
    years = inputs.dirty.select("year").distinct()
    dated = years.join(
        periods,
        [
            periods.first_year.isnull() | (years.year >= periods.first_year),
            periods.last_year.isnull() | (years.year <= periods.last_year),
        ],
    ).join(of_document, "limits")
    every = inputs.table("standard.air_item").select("standard", "pollutant").distinct()
    every = every.join(asked, "pollutant").cross_join(years)
    dated = dated.drop("first_year", "last_year")
    return beside(every.drop("mean_averaging", "day_averaging"), dated, ["standard", "year", "pollutant"])


def _placed(values: ir.Table) -> ir.Table:
    """Adds each value's place in its year from 0 (nulls last) and the number of values."""
    year = [values[name] for name in _KEY]
    return values.mutate(
        place=ibis.row_number().over(ibis.window(group_by=year, order_by=values.value.asc(nulls_first=False))),
        number=values.value.count().over(ibis.window(group_by=year)),
        calendar=ibis.ifelse(is_leap(values.year), 366, 365)
        - ibis.ifelse(values.counted == WITHOUT_EVENTS, values.event_days, 0),
    )


def _statistics(values: ir.Table) -> ir.Table:
    """One row per key: counts, sums and the neighbours of the percentile, all in whole thousandths.

    The percentile is (100 low + (high - low) fraction) / 100, k = 1 + (n - 1) p / 100 (HJ 663-2013). `least_…`:
    the same as if every missing day had been clean: so many zeros stand before the values.
    """
    value, place = values.value, values.place
    steps = (values.number - 1) * values.percentile_rank
    least_steps = (values.calendar - 1) * values.percentile_rank
    below, missing = floor_div(steps, 100), values.calendar - values.number
    least_below = floor_div(least_steps, 100) - missing
    years = values.group_by(*_KEY).aggregate(
        days=value.count(),
        calendar=values.calendar.max(),
        total=value.sum(),
        largest=value.max(),
        low=value.max(where=place == below),
        high=value.max(where=place == below + 1),
        fraction=(steps - 100 * below).max(),
        least_low=value.max(where=place == least_below).coalesce(0),
        least_high=value.max(where=place == least_below + 1),
        least_fraction=(least_steps - 100 * floor_div(least_steps, 100)).max(),
        exceedance_days=value.count(where=value > values.day_limit_2),
        measured_days=values.measured.count(),
        **{f"days_{month}": values.measured.count(where=values.month == month) for month in _MONTHS},
        **{
            name: values[name].max()
            for name in (
                "percentile_rank", "decimals", "mean_in_index", "limits",
                *(f"{kind}_limit_{area}" for kind in _LIMITED for area in CLASSES),
            )
        },
        origin=origin_of(values.origin),
    )  # fmt: skip
    return years.mutate(
        hundredths=years.low * 100 + (years.high.coalesce(years.low) - years.low) * years.fraction,
        least_hundredths=years.least_low * 100
        + (years.least_high.coalesce(years.least_low) - years.least_low) * years.least_fraction,
        complete=enough_days(years, years.measured_days),
    )


def _judged(years: ir.Table) -> ir.Table:
    """Adds the figures in their units, multiples, class and ratio."""
    years = _rounded(years)
    meets = {
        area: years[f"day_limit_{area}"].notnull()
        & reduce(and_, (~_above(years, "reached", kind, area) for kind in _LIMITED))
        for area in CLASSES
    }
    certain = reduce(or_, (_above(years, "least", kind, GENERAL_CLASS) for kind in _LIMITED))
    already = ~years.complete & certain
    judged = ibis.cases(
        (years.limits.isnull() | (years.days == 0), ibis.null("int64")),
        (already, NO_CLASS),
        (~years.complete, ibis.null("int64")),
        *((holds, area) for area, holds in meets.items()),
        else_=NO_CLASS,
    )
    in_units = {
        "mean": years.total / (years.days.nullif(0) * UNIT),
        "percentile": years.hundredths / (100 * UNIT),
        "highest": years.largest / UNIT,
        "mean_limit": years.mean_limit_2 / UNIT,
        "day_limit": years.day_limit_2 / UNIT,
    }
    has_limit = years.day_limit_2.notnull()
    years = years.mutate(
        **in_units,
        exceedance_days=ibis.ifelse(has_limit, years.exceedance_days, ibis.null("int64")),
        exceedance_rate=ibis.ifelse(
            has_limit, 100 * years.exceedance_days / years.days.nullif(0), ibis.null("float64")
        ),
        already_exceeds=already,
        **{"class": judged},
    )
    return years.mutate(
        highest_multiple=_multiple(years.highest, years.day_limit),
        mean_multiple=_multiple(years["mean"], years.mean_limit),
        percentile_multiple=_multiple(years.percentile, years.day_limit),
        ratio=ibis.ifelse(years.mean_in_index, years["mean"] / years.mean_limit, years.percentile / years.day_limit),
    )


def _rounded(years: ir.Table) -> ir.Table:
    """Adds reached_<kind> and least_<kind>: a statistic, and the least that it can be, half to even to `decimals`."""
    steps = [(years.decimals == decimals, 10 ** (READING_DIGITS - decimals)) for decimals in range(READING_DIGITS + 1)]
    years = years.mutate(step=ibis.cases(*steps, else_=1).cast("int64"))
    exact = {
        "reached_mean": (years.total, years.days.nullif(0)),
        "reached_day": (years.hundredths, 100),
        "least_mean": (years.total, years.calendar),
        "least_day": (years.least_hundredths, 100),
    }
    return years.mutate(
        **{
            name: half_even_div(numerator, denominator * years.step) * years.step
            for name, (numerator, denominator) in exact.items()
        }
    )


def _above(years: ir.Table, which: str, kind: str, area: int) -> ir.BooleanValue:
    """Whether a rounded statistic is above a limit; false where there is none."""
    return (years[f"{which}_{kind}"] > years[f"{kind}_limit_{area}"]).fill_null(False)


def _multiple(value: ir.FloatingValue, limit: ir.FloatingValue) -> ir.FloatingValue:
    return ibis.ifelse(value > limit, (value - limit) / limit, ibis.null("float64"))


def enough_days(years: ir.Table, days: ir.IntegerValue) -> ir.BooleanValue:
    """Enough daily values in the year (`days`) and in each month (columns days_1 to days_12; GB 3095 table 4)."""
    needed = {month: agreed_rule("february_days" if month == _FEBRUARY else "month_days") for month in _MONTHS}
    months = reduce(and_, (years[f"days_{month}"] >= days for month, days in needed.items()))
    return (days >= agreed_rule("year_days")) & months


def is_leap(year: ir.IntegerValue) -> ir.BooleanValue:
    """Whether a calendar year has 366 days."""
    return (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))


CITY_YEAR_POLLUTANT_MART = Mart(
    table=CITY_YEAR_POLLUTANT,
    subject="air",
    scope=("region_code", "year"),
    upstream=(Upstream("mart.air_city_day", {"year": "CAST(year(day) AS BIGINT)"}), EVENT_YEARS),
    build=city_year_pollutants,
    reads=(
        "standard.air_rule",
        "standard.air_limit",
        "standard.air_limits_of_year",
        "standard.air_statistic",
        "standard.air_item",
        "standard.air_event_register",
    ),
    heavy=True,
)
