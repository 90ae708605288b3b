"""Air readings: all pollutants of one site and period.

Belongs here: the columns of the feed. Does not belong here: breakpoints, limits, validity rules
(`assets/standards`), or how a publication names its columns (`sources.adapters`).
"""

from __future__ import annotations

from decimal import Decimal

from sources.registry import SERIES, Column, Feed, Part, codes, decimal, integer, text, timestamp

UGM3 = "µg/m³"
MGM3 = "mg/m³"


def _gas(name: str, zh: str, en: str, unit: str = UGM3, maximum: str = "20000") -> Column:
    return decimal(name, 9, 3, zh, en, unit=unit, minimum=Decimal(0), maximum=Decimal(maximum), example="21")


AIR_READINGS = Feed(
    name="air_readings",
    zh="空气监测",
    en="Air readings",
    parts=(
        Part(
            name="air_readings",
            zh="空气监测读数（一站一时段一行，各污染物并列）",
            en="Air readings: one row per site and period, pollutants side by side",
            key=("station_code", "period_end", "averaging"),
            columns=(
                SERIES,
                text(
                    "station_code",
                    "站点编码",
                    "station code, or region code where site_kind is city",
                    required=True,
                    example="2002A",
                ),
                timestamp(
                    "period_end",
                    "时段结束时刻",
                    "end of the averaging period, local time (hour 16:00 covers 15:00 to 16:00)",
                    required=True,
                    example="2017-07-07 16:00",
                ),
                text(
                    "averaging",
                    "平均时段",
                    "averaging period of the values",
                    required=True,
                    codes=codes(
                        ("1h", "1小时", "one hour"), ("24h", "24小时", "one day"), ("month", "月", "one month")
                    ),
                    example="1h",
                ),
                text(
                    "site_kind",
                    "点位类型",
                    "one station, or a whole city as published",
                    required=True,
                    codes=codes(("station", "站点", "station"), ("city", "城市", "city")),
                    example="station",
                ),
                text("station_name", "站点名称", "station name as published", example="宜园"),
                text("area_name", "城市", "city or area name as published", example="宜兴市"),
                _gas("so2", "二氧化硫", "SO2"),
                _gas("no2", "二氧化氮", "NO2"),
                _gas("pm10", "可吸入颗粒物", "PM10"),
                _gas("pm25", "细颗粒物", "PM2.5"),
                _gas("co", "一氧化碳", "CO", MGM3, "500"),
                _gas("o3", "臭氧1小时", "O3, one-hour mean (for a day: the daily maximum)"),
                _gas("o3_8h", "臭氧8小时", "O3, running eight-hour mean (for a day: the daily maximum)"),
                _gas("pm10_24h", "可吸入颗粒物24小时滑动", "PM10, running 24-hour mean"),
                _gas("pm25_24h", "细颗粒物24小时滑动", "PM2.5, running 24-hour mean"),
                integer("published_aqi", "发布AQI", "AQI printed by the source; compared, never used"),
                text(
                    "published_primary",
                    "发布首要污染物",
                    "primary pollutants printed by the source, our codes joined by comma",
                ),
                text("published_category", "发布级别", "category word printed by the source"),
                text(
                    "flags",
                    "疑点",
                    "what is doubtful, joined by comma: stale (left over from another time), "
                    "stuck (the same numbers at many hours), "
                    "negative:<pollutant>=<text> (taken out)",
                ),
            ),
        ),
    ),
)
