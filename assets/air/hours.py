"""mart.air_station_hour: the hourly index of each site, beside what the publication printed.

Belongs here: hourly reports and the comparison with published indices. Does not belong here: the
formulas (`assets.air.index`), which report a publication follows (`standard.air_hourly_report`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.air.index import Concentration, assess, category_of_word, concentration_column, same_names
from assets.air.joined import in_whole_series, whole_series_sql
from assets.air.periods import follows, report_of, some_report_follows
from assets.air.reference import CATEGORIES, HOURLY_REPORTS
from assets.air.standards import Index, Item, hourly_indices
from sources.feeds.air import MGM3, UGM3
from sources.registry import MART_ORIGIN, SERIES, Table, boolean, date, integer, text, timestamp
from warehouse.marts import Inputs, Mart, Upstream

#: An hour is labelled by its end: 00:00 closes the day before. The same in SQL for dirty keys.
DAY_SQL = "CAST(period_end - INTERVAL 1 HOUR AS DATE)"
#: The series that a record counts in, for dirty keys.
SERIES_SQL = whole_series_sql("series")

STATION_HOUR = Table(
    "mart.air_station_hour",
    "站点小时空气质量指数",
    "Hourly index of each site, computed from its concentrations, beside the published one",
    (
        SERIES,
        text("station_code", "站点编码", "station, or region where site_kind is city", required=True),
        timestamp("hour", "小时", "end of the hour, local time", required=True),
        date("day", "日期", "day that the hour belongs to (00:00 closes the day before)", required=True),
        text("site_kind", "点位类型", "station, or a whole city as published"),
        text("station_name", "站点名称", "station name as published"),
        text("area_name", "城市", "city or area name as published"),
        text("standard", "标准", "standard of the index, see standard.air_standard", required=True),
        text("rule", "规则", "hourly report that is followed", required=True, codes=HOURLY_REPORTS),
        concentration_column("so2", "二氧化硫", "SO2, one hour", UGM3),
        concentration_column("no2", "二氧化氮", "NO2, one hour", UGM3),
        concentration_column("pm10", "可吸入颗粒物", "PM10, averaged as `rule` says", UGM3),
        concentration_column("pm25", "细颗粒物", "PM2.5, averaged as `rule` says", UGM3),
        concentration_column("co", "一氧化碳", "CO, one hour", MGM3),
        concentration_column("o3", "臭氧", "O3, one hour", UGM3),
        integer("aqi", "AQI", "index computed here; empty where rule index_minimum_hourly asks for more pollutants"),
        text("primary_pollutants", "首要污染物", "pollutants of the largest index above 50, joined by comma"),
        text("exceeding", "超标污染物", "pollutants with an index above 100, joined by comma"),
        text("category", "级别", "category of the index", codes=CATEGORIES),
        integer("published_aqi", "发布AQI", "index printed by the source; compared, never used"),
        text("published_primary", "发布首要污染物", "primary pollutants printed by the source"),
        text("published_category", "发布级别", "category word printed by the source"),
        boolean("agrees", "一致", "aqi = published_aqi; empty when one is missing"),
        boolean("agrees_primary", "首要污染物一致", "same primary pollutants; empty when one is missing"),
        boolean("agrees_category", "级别一致", "same category; empty when one is missing or unknown"),
        text("flags", "疑点", "what is doubtful about the reading, see core.air_readings"),
        MART_ORIGIN,
    ),
    ("series", "station_code", "hour"),
    warnings=(
        "an SO2 above 800 µg/m³ has no hourly index in HJ 633-2012 (table 1 note 2) and is left out of the maximum",
    ),
)


def with_day(readings: ir.Table) -> ir.Table:
    """`readings` with the day that each belongs to, by the end of its period."""
    return readings.mutate(day=(readings.period_end - ibis.interval(hours=1)).date())


def hourly_index_of(readings: ir.Table, index: Index) -> ir.Table:
    """One-hour readings with their index, those whose series follows it on the day.

    `readings` has the columns of core.air_readings and `day`. Adds standard, rule, what `assess` adds and what
    `compared` adds; the columns of the pollutants then hold the averaging that the rule takes.
    """
    readings = readings.filter(follows(index.standard, readings.series, readings.day))
    readings = readings.mutate(
        standard=ibis.literal(index.standard), rule=report_of(index.standard, readings.series, readings.day)
    )
    return compared(_assessed(readings, index), index)


def _assessed(readings: ir.Table, index: Index) -> ir.Table:
    """Readings of one standard with its index (HJ 633-2012 5.1.3; HJ 633-2026 4.2.3)."""
    reports = {name: items for name, items in index.items.items() if name in HOURLY_REPORTS.values}
    first = next(iter(reports.values()))
    taken = {item.name: _taken(readings, item.name, reports) for item in first}
    readings = readings.mutate(**taken)
    concentrations = {item.name: Concentration.of(readings[item.name]) for item in first}
    if index.rules["round_concentration_hourly"]:
        concentrations = {item.name: concentrations[item.name].rounded(item.decimals) for item in first}
    return assess(readings, index, first, concentrations, index.rules["index_minimum_hourly"])


def _taken(readings: ir.Table, name: str, reports: dict[str, tuple[Item, ...]]) -> ir.DecimalValue:
    """The column of an item; where the reports differ, by the row's rule."""
    columns = {report: next(item.reading for item in items if item.name == name) for report, items in reports.items()}
    if len(set(columns.values())) == 1:
        return readings[next(iter(columns.values()))]
    return ibis.cases(*((readings.rule == report, readings[column]) for report, column in columns.items()))


def compared(hours: ir.Table, index: Index) -> ir.Table:
    """`hours` with agrees, agrees_primary and agrees_category: ours against the published ones.

    A published index of at most 50 without a primary pollutant says that there is none.
    """
    says_none = hours.published_aqi <= index.rules["primary_above"]
    published_primary = hours.published_primary.coalesce(ibis.ifelse(says_none, "", ibis.null("string")))
    return hours.mutate(
        agrees=hours.aqi == hours.published_aqi,
        agrees_primary=same_names(hours.primary_pollutants, published_primary),
        agrees_category=hours.category == category_of_word(hours.published_category, index.categories),
    )


def station_hours(inputs: Inputs) -> ir.Table:
    """Rows of STATION_HOUR for the dirty (series, station_code, day)."""
    return ibis.union(*(_hours_of(inputs, index) for index in hourly_indices())).select(*STATION_HOUR.names)


def _hours_of(inputs: Inputs, index: Index) -> ir.Table:
    """The hours of one standard, from a scan of their own: hours that two standards read would be kept in memory."""
    readings = with_day(inputs.table("core.air_readings").filter(ibis._.averaging == "1h"))
    readings = in_whole_series(readings.filter(some_report_follows(index.standard, readings.period_end)), inputs.only)
    return hourly_index_of(readings, index).mutate(hour=ibis._.period_end)


STATION_HOUR_MART = Mart(
    table=STATION_HOUR,
    subject="air",
    scope=("series", "station_code", "day"),
    upstream=(Upstream("core.air_readings", {"series": SERIES_SQL, "day": DAY_SQL}, where="averaging = '1h'"),),
    build=station_hours,
    reads=(
        "standard.iaqi_breakpoint",
        "standard.air_category",
        "standard.air_item",
        "standard.air_rule",
        "standard.air_hourly_report",
        "standard.air_series_part",
    ),
    version=2,
    heavy=True,
    wholly=True,
)
