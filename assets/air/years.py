"""mart.air_city_year and the good-day rate that the plan asks for.

Belongs here: days → year: good days, the composite index, completeness, the class of the year. Does not
belong here: days (`assets.air.cities`), the statistics of each pollutant (`assets.air.year_pollutants`), limits
and rules (data), verdicts on the plan.
"""

from __future__ import annotations

from functools import reduce
from operator import add

import ibis
import ibis.expr.types as ir

from assets.air.days import STANDARD
from assets.air.events import EVENT_YEARS, with_event
from assets.air.standards import Statistic, indices, statistics
from assets.air.year_pollutants import (
    ALL_DAYS,
    CITY_YEAR_POLLUTANT_MART,
    NO_CLASS,
    WITHOUT_EVENTS,
    enough_days,
    is_leap,
)
from assets.contribution import contribution
from assets.exact import origin_of
from assets.joins import beside
from sources.feeds.air import MGM3, UGM3
from sources.registry import MART_ORIGIN, Column, Table, boolean, double, integer, text
from warehouse.marts import Inputs, Mart, Upstream

INDICATOR = "air_good_day_rate"
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
        text("leading_pollutants", "首要指数污染物", "pollutants of its largest part, joined by comma"),
        text("limits", "限值标准", "standard of the limits that the year is held against; empty = none"),
        integer(
            "class",
            "达标级别",
            "1 or 2 = class whose limits all six pollutants meet, 3 = one exceeds class 2; empty = cannot be judged",
        ),
        boolean("already_exceeds", "已超标", "incomplete, and yet a pollutant is above class 2 whatever is missing"),
        integer("event_days", "异常事件天数", "days here that a register names as exceptional", unit="days"),
        integer("good_days_without_events", "优良天数(剔除)", "good days without them; empty without any", unit="days"),
        integer("valid_days_without_events", "有效天数(剔除)", "valid days without them", unit="days"),
        double("good_day_rate_without_events", "优良率(剔除)", "rate without them, beside the plain one", unit="%"),
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
    days = with_event(days.semi_join(inputs.dirty, ["region_code", "year"]), inputs)
    pollutants = inputs.table("mart.air_city_year_pollutant").semi_join(inputs.dirty, ["region_code", "year"])
    return years_of(days, pollutants)


def years_of(days: ir.Table, pollutants: ir.Table) -> ir.Table:
    """Rows of CITY_YEAR from rows of CITY_DAY with year, month and event, and rows of CITY_YEAR_POLLUTANT."""
    valid = days.valid
    years = days.group_by(*_KEY).aggregate(
        good_days=days.good.sum().coalesce(0),
        valid_days=valid.sum(),
        **{f"days_{month}": days.count(where=valid & (days.month == month)) for month in range(1, 13)},
        event_days=days.event.sum(),
        good_left=days.count(where=days.good.fill_null(False) & ~days.event),
        valid_left=days.count(where=valid & ~days.event),
        published_good_days=_published_good(days),
        in_force=days.in_force.all(),
        origin=origin_of(days.origin),
    )
    years = beside(years, _of_pollutants(pollutants.filter(pollutants.counted == ALL_DAYS)), _KEY)
    told = years.event_days > 0
    years = years.mutate(
        **{f"{item}_days": years[f"{item}_days"].coalesce(0) for item in _ITEMS},
        good_day_rate=_rate(years.good_days, years.valid_days),
        expected_days=ibis.ifelse(is_leap(years.year), 366, 365),
        complete=enough_days(years, years.valid_days),
        already_exceeds=years.already_exceeds.fill_null(False),
        good_days_without_events=ibis.ifelse(told, years.good_left, ibis.null("int64")),
        valid_days_without_events=ibis.ifelse(told, years.valid_left, ibis.null("int64")),
        good_day_rate_without_events=ibis.ifelse(told, _rate(years.good_left, years.valid_left), ibis.null("float64")),
    )
    return years.mutate(basis=_basis(years)).select(*CITY_YEAR.names)


def _rate(good: ir.IntegerValue, valid: ir.IntegerValue) -> ir.FloatingValue:
    return 100 * good / valid.nullif(0)


def _of_pollutants(pollutants: ir.Table) -> ir.Table:
    """One row per year: its statistics side by side, the composite index, the class."""

    def of(pollutant: str, column: str) -> ir.Scalar:
        return pollutants[column].max(where=pollutants.pollutant == pollutant)

    named = {statistic.pollutant: statistic.item for statistic in statistics()}
    years = pollutants.group_by(*_KEY).aggregate(
        **{s.column: of(s.pollutant, "mean" if s.percentile is None else "percentile") for s in statistics()},
        **{f"{item}_days": of(pollutant, "days") for pollutant, item in named.items()},
        **{f"ratio_{pollutant}": of(pollutant, "ratio") for pollutant in named},
        limits=pollutants.limits.max(),
        worst=pollutants["class"].max(),
        judged=pollutants["class"].count(),
        already_exceeds=pollutants.already_exceeds.any(),
    )
    parts = {pollutant: years[f"ratio_{pollutant}"] for pollutant in named}
    index, largest = reduce(add, parts.values()), ibis.greatest(*parts.values())
    leading = [ibis.ifelse(part == largest, name, ibis.null("string")) for name, part in parts.items()]
    judged = (years.judged == len(named)) | (years.worst == NO_CLASS)
    return years.mutate(
        ambient_air_index=index,
        leading_pollutants=ibis.ifelse(index.notnull(), ibis.literal(",").join(leading), ibis.null("string")),
        **{"class": ibis.ifelse(judged, years.worst, ibis.null("int64"))},
    )


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
    upstream=(
        Upstream("mart.air_city_day", {"year": "CAST(year(day) AS BIGINT)"}),
        Upstream(CITY_YEAR_POLLUTANT_MART.name),
        EVENT_YEARS,
    ),
    build=city_years,
    reads=("standard.air_rule", "standard.air_statistic", "standard.air_event_register"),
    version=2,
)


def air_contribution(inputs: Inputs) -> ir.Table:
    """The good-day rate of each region and year, once by each definition (see standard.air_definition).

    One row per region, year and definition, in the shape of CONTRIBUTION: value in percent, numerator =
    good days, denominator = n = valid days. Where a register names exceptional dates, a second row of the
    definition `<definition>_without_events` stands beside the plain one; it is never the headline.
    """
    definitions = inputs.table("standard.air_definition").select("definition", "standard", "headline")
    years = inputs.table("mart.air_city_year").inner_join(definitions, "standard")
    told = years.filter(years.event_days > 0)
    without = told.mutate(
        definition=told.definition + f"_{WITHOUT_EVENTS}",
        headline=ibis.literal(False),
        good_day_rate=told.good_day_rate_without_events,
        good_days=told.good_days_without_events,
        valid_days=told.valid_days_without_events,
        basis=told.basis + "; without " + told.event_days.cast("string") + " days of exceptional events",
    )
    return _contributed(years).union(_contributed(without))


def _contributed(years: ir.Table) -> ir.Table:
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
