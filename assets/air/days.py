"""mart.air_station_day: concentrations and index of each site's day.

Belongs here: the choice between hourly and daily readings of a site, the day's index by each standard.
Does not belong here: means (`assets.air.means`), formulas (`assets.air.index`), city means
(`assets.air.cities`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.air.hours import DAY_SQL, SERIES_SQL, with_day
from assets.air.index import Concentration, assess, concentration_column
from assets.air.joined import in_whole_series
from assets.air.means import (
    DAY_ITEMS,
    MEAN_ITEMS,
    PARTS,
    days_as_read,
    days_from_hours,
    hours_column,
    parts_column,
)
from assets.air.periods import in_force
from assets.air.reference import CATEGORIES
from assets.air.sites import SHORT_NAME_SQL, with_region
from assets.air.standards import Index, indices
from sources.feeds.air import MGM3, UGM3
from sources.registry import MART_ORIGIN, SERIES, Column, Table, boolean, codes, date, integer, text
from warehouse.marts import Inputs, Mart, Upstream

REPORT = "daily"

#: Names of the items of a day: (item, zh, en, unit).
_ITEMS = (
    ("so2", "二氧化硫", "SO2, 24-hour mean", UGM3),
    ("no2", "二氧化氮", "NO2, 24-hour mean", UGM3),
    ("pm10", "可吸入颗粒物", "PM10, 24-hour mean", UGM3),
    ("pm25", "细颗粒物", "PM2.5, 24-hour mean", UGM3),
    ("co", "一氧化碳", "CO, 24-hour mean", MGM3),
    ("o3_1h", "臭氧日最大1小时", "O3, daily maximum of one hour", UGM3),
    ("o3_8h", "臭氧日最大8小时", "O3, daily maximum of the running eight-hour mean", UGM3),
)

CONCENTRATIONS: tuple[Column, ...] = tuple(
    concentration_column(item, zh, f"{en}, rounded as the standard says", unit) for item, zh, en, unit in _ITEMS
)

ASSESSED: tuple[Column, ...] = (
    integer(
        "aqi",
        "指数",
        "index of the standard without what is missing; empty where rule index_minimum_daily asks for more pollutants",
    ),
    text("primary_pollutants", "首要污染物", "pollutants of the largest index above 50, joined by comma"),
    text("exceeding", "超标污染物", "pollutants with an index above 100, joined by comma"),
    text("category", "级别", "category of the index", codes=CATEGORIES),
    integer("pollutants", "有效污染物数", "pollutants with a value (ozone counts once)"),
    boolean("valid", "有效", "whether the day counts, by the rules minimum_pollutants and exceeding_day_counts"),
    boolean("good", "优良", "whether a valid day is good: index up to good_up_to; empty when not valid"),
)

STANDARD = text("standard", "标准", "index that is computed, see standard.air_standard", required=True)

AGREES = boolean("agrees", "一致", "aqi = published_aqi; empty when one is missing or the standard was not in force")
IN_FORCE = boolean("in_force", "施行中", "whether this standard was the official one of the region on that day")

STATION_DAY = Table(
    "mart.air_station_day",
    "站点日空气质量",
    "Concentrations and index of each site's day, by each standard",
    (
        SERIES,
        text("station_code", "站点编码", "station, or region where site_kind is city", required=True),
        date("day", "日期", "calendar day", required=True),
        STANDARD,
        text("site_kind", "点位类型", "station, or a whole city as published"),
        text("area_name", "城市", "city or area name as published"),
        text("region_code", "行政区划代码", "region that the site stands for; empty = unknown"),
        text(
            "mapped_by",
            "归属依据",
            "how the region was found",
            codes=codes(
                ("city", "城市数据", "the site is the region"),
                ("register", "站点登记", "register of stations"),
                ("name", "城市名称", "published name of the city"),
            ),
        ),
        text(
            "averaging",
            "原始时段",
            "readings that the day rests on",
            codes=codes(("1h", "1小时", "hourly readings"), ("24h", "24小时", "a daily reading")),
        ),
        *CONCENTRATIONS,
        *(
            integer(hours_column(item), f"{zh}小时数", f"hours with {item}; empty for a daily reading", unit="h")
            for item, zh in (*((item, zh) for item, zh, _, _ in _ITEMS if item in MEAN_ITEMS), ("o3", "臭氧"))
        ),
        integer(
            "o3_8h_windows",
            "臭氧有效8小时均值数",
            "valid eight-hour means of the day; empty for a daily reading",
        ),
        *ASSESSED,
        IN_FORCE,
        integer("readings", "读数行数", "records that the day rests on; those of one hour count once"),
        integer("published_aqi", "发布AQI", "daily index printed by the source; compared, never used"),
        text("published_category", "发布级别", "category word printed by the source"),
        AGREES,
        *(
            integer(
                parts_column(item),
                f"{zh}精确值",
                f"exact value in 1/{PARTS} of 0.001 {unit}; empty = not valid",
            )
            for item, zh, _, unit in _ITEMS
        ),
        MART_ORIGIN,
    ),
    ("series", "station_code", "day", "standard"),
)


def daily_concentrations(days: ir.Table, index: Index, counts: dict[str, str] | None = None) -> ir.Table:
    """Adds the concentrations of the index's items from their parts, and what `assess` adds.

    `days` has the parts columns; `counts` names, by item, the column of how many sites are summed in them
    (none: one). Concentrations are rounded once, half to even, if the standard's setting says so; items
    that the index does not have are null. Adds standard, in_force, valid, good.
    """
    items = index.items[REPORT]
    exact = {
        item.name: Concentration(
            days[parts_column(item.reading)], PARTS * (days[counts[item.reading]] if counts else 1)
        )
        for item in items
    }
    if index.rules["round_concentration_daily"]:
        rounded = {item.name: exact[item.name].rounded(item.decimals).numerator for item in items}
        days = days.mutate(**{f"rounded_{name}": numerator for name, numerator in rounded.items()})
        exact = {item.name: Concentration(days[f"rounded_{item.name}"]) for item in items}
    days = assess(days, index, items, exact, index.rules["index_minimum_daily"])
    own = {item.reading: exact[item.name].stored() for item in items}
    days = days.mutate(
        **{item: own.get(item, ibis.null("decimal(9, 3)")) for item in DAY_ITEMS},
        standard=ibis.literal(index.standard),
        in_force=in_force(index.standard, days.region_code, days.day),
    )
    return _judged(days, index)


def _judged(days: ir.Table, index: Index) -> ir.Table:
    """Adds valid and good."""
    good = days.aqi <= index.rules["good_up_to"]
    enough = days.pollutants >= index.rules["minimum_pollutants"]
    stands = ~good if index.rules["exceeding_day_counts"] else ibis.literal(False)
    valid = ibis.coalesce(days.aqi.notnull() & (enough | stands), False)
    return days.mutate(valid=valid, good=ibis.ifelse(valid, good, ibis.null("boolean")))


def site_days(hourly: ir.Table, daily: ir.Table) -> ir.Table:
    """One row per site-day (see `days_from_hours`), from hourly readings or from the site's own daily one.

    `hourly`, `daily`: readings of one hour and of 24 hours, with `day`. Where a site has both, the one with more
    valid items, and hourly readings when they have as many.
    """
    hourly = days_from_hours(hourly).mutate(averaging=ibis.literal("1h"))
    daily = days_as_read(daily).mutate(averaging=ibis.literal("24h"))
    columns = [
        "series", "station_code", "day", "site_kind", "area_name", "averaging", "readings", "origin",
        *map(parts_column, DAY_ITEMS), *map(hours_column, (*MEAN_ITEMS, "o3")), "o3_8h_windows",
        "published_aqi", "published_category",
    ]  # fmt: skip
    types = {name: kind for table in (hourly, daily) for name, kind in table.schema().items()}
    hourly, daily = (
        side.select(**{name: side[name] if name in side.columns else ibis.null(types[name]) for name in columns})
        for side in (hourly, daily)
    )
    site_day = ["series", "station_code", "day"]
    fuller = [*(hourly[name] == daily[name] for name in site_day), _values(daily) > _values(hourly)]
    kept = hourly.anti_join(daily, fuller).alias("kept_hours")
    return kept.union(daily.anti_join(kept, site_day))


def _values(days: ir.Table) -> ir.IntegerValue:
    """How many items of a day are valid."""
    return sum(days[parts_column(item)].notnull().cast("int64") for item in DAY_ITEMS)


def station_days(inputs: Inputs) -> ir.Table:
    """Rows of STATION_DAY for the dirty (series, station_code, day)."""
    # Two scans that each read their own rows; one expression used twice would be kept in memory between.
    hourly, daily = (
        in_whole_series(with_day(inputs.table("core.air_readings").filter(ibis._.averaging == averaging)), inputs.only)
        for averaging in ("1h", "24h")
    )
    days = site_days(hourly, daily).alias("day_of_site")  # a common table expression: computed once
    days = with_region(days, inputs.table("core.stations"), inputs.table("core.regions"))
    days = days.alias("site_day")
    return ibis.union(*(_of_standard(days, index) for index in indices()))


def _of_standard(days: ir.Table, index: Index) -> ir.Table:
    return compared(daily_concentrations(computed(days, index), index)).select(*STATION_DAY.names)


def computed(days: ir.Table, index: Index) -> ir.Table:
    """The days for which an index is computed."""
    return days.filter(days.day >= ibis.date(index.computed_from)) if index.computed_from else days


def compared(days: ir.Table) -> ir.Table:
    """Adds agrees: what a source printed is the index that was in force."""
    return days.mutate(agrees=ibis.ifelse(days.in_force, days.aqi == days.published_aqi, ibis.null("boolean")))


_SITE_DAY = f"SELECT DISTINCT {SERIES_SQL} AS series, station_code, {DAY_SQL} AS day FROM core.air_readings WHERE "

STATION_DAY_MART = Mart(
    table=STATION_DAY,
    subject="air",
    scope=("series", "station_code", "day"),
    upstream=(
        Upstream("core.air_readings", {"series": SERIES_SQL, "day": DAY_SQL}),
        Upstream("core.stations", via=_SITE_DAY + "station_code IN (SELECT code FROM {changed})"),
        Upstream(
            "core.regions",
            via=_SITE_DAY
            + SHORT_NAME_SQL.format(name="area_name")
            + f" IN (SELECT {SHORT_NAME_SQL.format(name='name_zh')} FROM "
            + "{changed})",
        ),
    ),
    build=station_days,
    version=2,
    reads=(
        "standard.air_series_part",
        "standard.iaqi_breakpoint",
        "standard.air_category",
        "standard.air_item",
        "standard.air_rule",
        "standard.air_limit",
        "standard.air_standard",
        "standard.air_standard_period",
    ),
    heavy=True,
    wholly=True,
)
