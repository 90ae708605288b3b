"""mart.air_city_year and the good-day rate that the plan asks for.

Belongs here: days → year: good days, means, percentiles, the composite index, completeness. Does not
belong here: days (`assets.air.cities`), limits and rules (data), verdicts.
"""

from __future__ import annotations

from functools import reduce
from operator import add, and_

import ibis
import ibis.expr.types as ir

from assets.air.days import STANDARD
from assets.air.standards import (
    READING_DIGITS,
    UNIT,
    Statistic,
    agreed_rule,
    indices,
    limit,
    limits_of_years,
    statistics,
)
from assets.contribution import contribution
from assets.exact import floor_div, origin_of, scaled
from sources.feeds.air import MGM3, UGM3
from sources.registry import MART_ORIGIN, Column, Table, boolean, double, integer, text
from warehouse.marts import Inputs, Mart, Upstream

INDICATOR = "air_good_day_rate"
_FEBRUARY = 2
_ITEMS = tuple(dict.fromkeys(statistic.item for statistic in statistics()))
_KEY = ("region_code", "year", "standard")


def _statistic_column(statistic: Statistic) -> Column:
    what = "mean" if statistic.percentile is None else f"percentile {statistic.percentile} (linear)"
    zh = "年均值" if statistic.percentile is None else f"第{statistic.percentile}百分位数"
    return double(
        statistic.column,
        f"{statistic.item} {zh}",
        f"{what} of the daily values of {statistic.item}",
        unit=MGM3 if statistic.item == "co" else UGM3,
    )


CITY_YEAR = Table(
    "mart.air_city_year",
    "城市年空气质量",
    "Good days, means, percentiles and composite index of each region's year, by each standard",
    (
        text("region_code", "行政区划代码", "region", required=True),
        integer("year", "年份", "calendar year", required=True),
        STANDARD,
        integer("good_days", "优良天数", "valid days with an index up to good_up_to", unit="days"),
        integer("valid_days", "有效天数", "valid days", unit="days"),
        double("good_day_rate", "优良率", "good days in percent of valid days; empty without any", unit="%"),
        integer("expected_days", "应有天数", "days of the calendar year", unit="days"),
        boolean("complete", "完整", "enough valid days in the year and in each month (GB 3095 table 4)"),
        *(_statistic_column(statistic) for statistic in statistics()),
        *(integer(f"{item}_days", f"{item} 天数", f"days with a value of {item}", unit="days") for item in _ITEMS),
        double(
            "ambient_air_index",
            "环境空气质量综合指数",
            "sum of statistic / limit over six pollutants; lower is better, empty when one is missing",
        ),
        integer(
            "published_good_days",
            "发布优良天数",
            "days whose published index is good; empty without a published index",
            unit="days",
        ),
        boolean("in_force", "施行中", "whether the standard was the official one on every day that is here"),
        text("basis", "依据", "what the rate rests on, in words"),
        MART_ORIGIN,
    ),
    _KEY,
)


def city_years(inputs: Inputs) -> ir.Table:
    """Rows of CITY_YEAR for the dirty (region_code, year)."""
    days = inputs.table("mart.air_city_day")
    days = days.mutate(year=days.day.year().cast("int64"), month=days.day.month().cast("int64"))
    return years_of(days.semi_join(inputs.dirty, ["region_code", "year"]))


def years_of(days: ir.Table) -> ir.Table:
    """Rows of CITY_YEAR from rows of CITY_DAY with year and month."""
    days = _placed(days)
    valid, in_months = days.valid, range(1, 13)
    years = days.group_by(*_KEY).aggregate(
        good_days=days.good.sum().coalesce(0),
        valid_days=valid.sum(),
        **{f"valid_{month}": days.count(where=valid & (days.month == month)) for month in in_months},
        **{f"{item}_days": days[item].count() for item in _ITEMS},
        **{s.column: _value(days, s) for s in statistics()},
        published_good_days=_published_good(days),
        in_force=days.in_force.all(),
        origin=origin_of(days.origin),
    )
    parts = [years[s.column] / _limit(years, *s.limit_of) for s in statistics() if s.limit_of]
    years = years.mutate(
        good_day_rate=ibis.ifelse(years.valid_days > 0, 100 * years.good_days / years.valid_days, ibis.null("float64")),
        expected_days=ibis.ifelse(_is_leap(years.year), 366, 365),
        complete=_complete(years),
        ambient_air_index=reduce(add, parts),
    )
    return years.mutate(basis=_basis(years)).select(*CITY_YEAR.names)


def _placed(days: ir.Table) -> ir.Table:
    """Adds, for each item, its place among the year's values from 0 (nulls last) and their number."""
    year = [days[name] for name in _KEY]
    return days.mutate(
        **{
            f"place_{item}": ibis.row_number().over(
                ibis.window(group_by=year, order_by=days[item].asc(nulls_first=False))
            )
            for item in _ITEMS
        },
        **{f"number_{item}": days[item].count().over(ibis.window(group_by=year)) for item in _ITEMS},
    )


def _value(days: ir.Table, statistic: Statistic) -> ir.FloatingScalar:
    """The mean, or the percentile: k = 1 + (n - 1) p / 100, linear between neighbours (HJ 663-2013)."""
    value, number = scaled(days[statistic.item], READING_DIGITS), days[f"number_{statistic.item}"]
    if statistic.percentile is None:
        return value.sum() / (days[statistic.item].count().nullif(0) * UNIT)
    steps, place = (number - 1) * statistic.percentile, days[f"place_{statistic.item}"]
    below = floor_div(steps, 100)
    fraction = (steps - 100 * below).max()
    low, high = value.max(where=place == below), value.max(where=place == below + 1)
    return (low * 100 + (high.coalesce(low) - low) * fraction) / (100 * UNIT)


def _published_good(days: ir.Table) -> ir.IntegerScalar:
    """Days that the publication itself calls good, where its index is of the row's standard."""
    published = days.in_force & days.published_aqi.notnull()
    good = [
        days.count(
            where=published & (days.standard == found.standard) & (days.published_aqi <= found.rules["good_up_to"])
        )
        for found in indices()
    ]
    return ibis.ifelse(published.any(), reduce(add, good), ibis.null("int64"))


def _is_leap(year: ir.IntegerValue) -> ir.BooleanValue:
    return (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))


def _complete(years: ir.Table) -> ir.BooleanValue:
    """Enough valid days in the year and in each month (GB 3095 table 4)."""
    needed = {month: agreed_rule("february_days" if month == _FEBRUARY else "month_days") for month in range(1, 13)}
    months = reduce(and_, (years[f"valid_{month}"] >= days for month, days in needed.items()))
    return (years.valid_days >= agreed_rule("year_days")) & months


def _limit(years: ir.Table, item: str, averaging: str) -> ir.FloatingValue:
    """The limit that the year is held against under its index; null where there is none."""
    dated = [
        (
            (years.standard == row.standard)
            & ((years.year >= row.first_year) if row.first_year else True)
            & ((years.year <= row.last_year) if row.last_year else True),
            float(limit(row.limits, item, averaging)),
        )
        for row in limits_of_years()
    ]
    return ibis.cases(*dated, else_=ibis.null("float64"))


def _basis(years: ir.Table) -> ir.StringValue:
    completeness = ibis.ifelse(years.complete, "complete", "incomplete")
    return ibis.literal("").join(
        [
            years.good_days.cast("string"), ibis.literal(" good of "), years.valid_days.cast("string"),
            ibis.literal(" valid days; the year has "), years.expected_days.cast("string"),
            ibis.literal(", data "), completeness, ibis.literal(" by GB 3095 table 4"),
        ]
    )  # fmt: skip


CITY_YEAR_MART = Mart(
    table=CITY_YEAR,
    subject="air",
    scope=("region_code", "year"),
    upstream=(Upstream("mart.air_city_day", {"year": "CAST(year(day) AS BIGINT)"}),),
    build=city_years,
    reads=("standard.air_rule", "standard.air_limit", "standard.air_limits_of_year", "standard.air_statistic"),
)


def air_contribution(inputs: Inputs) -> ir.Table:
    """The good-day rate of each region and year, once by each definition (see standard.air_definition).

    One row per region, year and definition, in the shape of CONTRIBUTION: value in percent, numerator =
    good days, denominator = n = valid days.
    """
    definitions = inputs.table("standard.air_definition").select("definition", "standard", "headline")
    years = inputs.table("mart.air_city_year").inner_join(definitions, "standard")
    return contribution(
        years.mutate(
            indicator=ibis.literal(INDICATOR),
            value=years.good_day_rate,
            unit=ibis.literal("%"),
            numerator=years.good_days,
            denominator=years.valid_days,
            n=years.valid_days,
        )
    )
