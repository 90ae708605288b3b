"""The reference tables of what the house and a city choose for air: periods, registers, series, definitions.

Belongs here: the declarations of these tables and their rows from `assets/standards/air_assessment.yaml`. Does not
belong here: what a document says (`assets.air.reference`), any calculation.
"""

from __future__ import annotations

from functools import partial

import polars as pl

from assets.air.reference import CONFIDENCE, HOURLY_REPORTS, POLLUTANTS, STANDARD_NAME, document
from assets.reference import reference_frame
from sources.registry import Table, boolean, codes, date, decimal, integer, text
from warehouse.marts import ReferenceTable

_FILE = "air_assessment"

AIR_STANDARD_PERIOD = Table(
    "standard.air_standard_period",
    "指数施行期",
    "Days on which an index was the official one of a region",
    (
        STANDARD_NAME,
        text("region_code", "行政区划代码", "region; * = all without rows of their own", required=True),
        date("first_day", "首日", "first day; empty = no beginning"),
        date("last_day", "末日", "last day; empty = still"),
        text("source", "来源", "where it was read", required=True),
        text("confidence", "可信程度", "how it was confirmed", required=True, codes=CONFIDENCE),
    ),
    ("standard", "region_code", "first_day"),
)

AIR_LIMITS_OF_YEAR = Table(
    "standard.air_limits_of_year",
    "年评价所用限值",
    "Limits that a year is held against, by the index of the row",
    (
        STANDARD_NAME,
        integer("first_year", "首年", "first year; empty = no beginning"),
        integer("last_year", "末年", "last year; empty = still"),
        text("limits", "限值标准", "standard of the limits, see standard.air_limit", required=True),
        text("source", "来源", "where it was read", required=True),
        text("confidence", "可信程度", "how it was confirmed", required=True, codes=CONFIDENCE),
    ),
    ("standard", "limits"),
)

AIR_EVENT_REGISTER = Table(
    "standard.air_event_register",
    "异常事件名录",
    "Registers whose dates are exceptional events of air",
    (
        text("register", "名录", "register of core.register_events", required=True),
        text("zh", "中文名", "Chinese name", required=True),
        text("en", "英文名", "English name", required=True),
    ),
    ("register",),
)

AIR_STUCK_SENSOR = Table(
    "standard.air_stuck_sensor",
    "数值不变判据",
    "How many equal hourly values one after another make a sensor look stuck",
    (
        text("pollutant", "污染物", "pollutant", required=True, codes=POLLUTANTS),
        integer("hours", "小时数", "equal hours from which on, at most 24", unit="h", required=True),
        decimal("above", 9, 3, "下限", "values up to it are not looked at", unit="µg/m³, CO mg/m³", required=True),
        text("reason", "理由", "why", required=True),
    ),
    ("pollutant",),
)

AIR_DEFINITION = Table(
    "standard.air_definition",
    "优良率口径",
    "Readings of the good-day rate; the headline is the one that the plan means",
    (
        text("definition", "口径", "name of the reading", required=True),
        STANDARD_NAME,
        boolean("headline", "主口径", "whether the plan means this reading", required=True),
        text("clause", "条款", "clause of the plan", required=True),
        text("note", "说明", "the reading in words", required=True),
    ),
    ("definition",),
)

AIR_SERIES_PREFERENCE = Table(
    "standard.air_series_preference",
    "空气序列优先顺序",
    "Which publication is taken where several give a city's value",
    (
        text("pollutant", "污染物", "pollutant; * = every one", required=True),
        text("region_code", "行政区划代码", "region; * = every region", required=True),
        text("series", "序列", "publication", required=True),
        integer("rank", "次序", "lowest first", required=True),
        text("reason", "理由", "why", required=True),
    ),
    ("pollutant", "region_code", "series"),
)

AIR_HOURLY_REPORT = Table(
    "standard.air_hourly_report",
    "小时报规则",
    "Hourly report that a publication follows; * = every series and day that is not listed",
    (
        text("series", "序列", "publication", required=True),
        date("first_day", "首日", "first day; empty = no beginning"),
        date("last_day", "末日", "last day; empty = still"),
        STANDARD_NAME,
        text("report", "报告", "hourly report", required=True, codes=HOURLY_REPORTS),
        text("reason", "理由", "why", required=True),
    ),
    ("series", "first_day"),
)

AIR_SERIES_PART = Table(
    "standard.air_series_part",
    "分文件发布的序列",
    "Publications that print one hour of a station in two files, which the marts join",
    (
        text("part", "分序列", "publication whose records stand beside those of `series`", required=True),
        text("series", "主序列", "publication that they belong to", required=True),
        text("reason", "理由", "why", required=True),
    ),
    ("part",),
)

PUBLISHED_INDICES = codes(
    ("of_the_standard", "标准日指数", "the index of the standard, from the concentrations beside it"),
    ("mean_of_hours", "小时指数均值", "mean of the hourly indices, which is no index of a day"),
)

AIR_PUBLISHED_INDEX = Table(
    "standard.air_published_index",
    "发布指数含义",
    "What a publication's index column is where it is not simply the index of the standard",
    (
        text("series", "序列", "publication", required=True),
        date("first_day", "首日", "first day; empty = no beginning"),
        date("last_day", "末日", "last day; empty = still"),
        text("index", "指数", "what the column holds", required=True, codes=PUBLISHED_INDICES),
        text("left_out", "未计入", "pollutants that it sometimes leaves out, joined by comma"),
        text("reason", "理由", "how that is known", required=True),
    ),
    ("series", "first_day"),
)


def rows(table: Table, name: str) -> pl.DataFrame:
    """Rows of a table that stands as one section of the house's choices."""
    return reference_frame(table, document(_FILE)[name])


CHOICE_REFERENCES: tuple[ReferenceTable, ...] = (
    ReferenceTable(AIR_STANDARD_PERIOD, partial(rows, AIR_STANDARD_PERIOD, "standard_periods")),
    ReferenceTable(AIR_LIMITS_OF_YEAR, partial(rows, AIR_LIMITS_OF_YEAR, "limits_of_years")),
    ReferenceTable(AIR_EVENT_REGISTER, partial(rows, AIR_EVENT_REGISTER, "event_registers")),
    ReferenceTable(AIR_STUCK_SENSOR, partial(rows, AIR_STUCK_SENSOR, "stuck_sensors")),
    ReferenceTable(AIR_DEFINITION, partial(rows, AIR_DEFINITION, "definitions")),
    ReferenceTable(AIR_SERIES_PREFERENCE, partial(rows, AIR_SERIES_PREFERENCE, "series_preference")),
    ReferenceTable(AIR_PUBLISHED_INDEX, partial(rows, AIR_PUBLISHED_INDEX, "published_indices")),
    ReferenceTable(AIR_SERIES_PART, partial(rows, AIR_SERIES_PART, "series_parts")),
    ReferenceTable(AIR_HOURLY_REPORT, partial(rows, AIR_HOURLY_REPORT, "hourly_reports")),
)
