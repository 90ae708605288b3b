"""The rows of mart.air_station_hour and mart.air_station_day, every column, as SQL by hand for these data.

Belongs here: those two statements, on a table with the columns of core.air_readings. Does not belong here: timing them
(`benchmarks.hot_marts`), the days and years of cities (`benchmarks.by_hand.duckdb_sql`).

By hand stands what these data need and nothing else: one publication, one hourly report, two standards, one register of
stations without changes, no daily readings and no published index.
"""

from __future__ import annotations

from collections.abc import Iterable

from assets.air.means import PARTS
from assets.air.reference import breakpoints
from assets.air.standards import Category, indices
from benchmarks.by_hand import HOURLY, ITEMS, LEAST_POLLUTANTS, MEANS

_DAILY = {item: item.partition("_")[2] or "24h" for item in ITEMS}


def _iaqi(standard: str, column: str, item: str, averaging: str) -> str:
    """The individual index of a column of whole thousandths, as a CASE over the standard's breakpoints."""
    rows = breakpoints().filter(standard=standard, item=item, averaging=averaging).sort("conc_low").rows(named=True)
    if not rows:
        return "NULL::BIGINT"
    pieces = []
    for row in rows:
        low, high = int(row["conc_low"] * 1000), int(row["conc_high"] * 1000)
        rise = row["iaqi_high"] - row["iaqi_low"]
        steps = f"(({column} - {low}) * {rise} + {high - low - 1}) // {high - low}"
        pieces.append(f"WHEN {column} <= {high} THEN {row['iaqi_low']} + {steps}")
    above = rows[-1]["iaqi_high"] if rows[-1]["iaqi_high"] == 500 else "NULL"
    return f"CASE WHEN {column} IS NULL THEN NULL {' '.join(pieces)} ELSE {above} END"


def _told(items: Iterable[str], categories: Iterable[Category]) -> str:
    """primary_pollutants, exceeding and category, from aqi and i_<item>."""
    names = list(items)

    def named(condition: str, above: int) -> str:
        chosen = ", ".join(f"CASE WHEN {condition.format(name)} THEN '{name}' END" for name in names)
        return f"CASE WHEN aqi > {above} THEN concat_ws(',', {chosen}) WHEN aqi IS NOT NULL THEN '' END"

    bands = " ".join(f"WHEN aqi <= {c.high} THEN '{c.code}'" for c in categories if c.high is not None)
    (last,) = (c.code for c in categories if c.high is None)
    return (
        f"{named('i_{} = aqi', 50)} AS primary_pollutants, {named('i_{} > 100', 100)} AS exceeding, "
        f"CASE WHEN aqi IS NULL THEN NULL {bands} ELSE '{last}' END AS category"
    )


def station_hours(readings: str) -> str:
    """Rows of mart.air_station_hour from a table with the columns of core.air_readings."""
    standard = "hj633_2012"
    (categories,) = (index.categories for index in indices() if index.standard == standard)
    whole = ", ".join(f"CAST({item} * 1000 AS BIGINT) AS t_{item}" for item in HOURLY)
    parts = ", ".join(f"{_iaqi(standard, f't_{i}', i, averaging)} AS i_{i}" for i, averaging in HOURLY.items())
    return f"""
        SELECT series, station_code, period_end AS hour, CAST(period_end - INTERVAL 1 HOUR AS DATE) AS day, site_kind,
               station_name, area_name, '{standard}' AS standard, 'hourly_pm_1h' AS rule, {", ".join(HOURLY)}, aqi,
               {_told(HOURLY, categories)}, published_aqi, published_primary, published_category,
               aqi = published_aqi AS agrees, NULL AS agrees_primary, NULL AS agrees_category, flags, origin
        FROM (SELECT *, greatest({", ".join(f"i_{item}" for item in HOURLY)}) AS aqi
              FROM (SELECT *, {parts} FROM (SELECT *, {whole} FROM {readings} WHERE averaging = '1h')))"""


def station_days(readings: str, stations: str) -> str:
    """Rows of mart.air_station_day from tables with the columns of core.air_readings and core.stations."""
    sums = ", ".join(f"sum({i})::DECIMAL(15, 3) AS s_{i}, count({i}) AS {i}_hours" for i in MEANS)
    parts = ", ".join(
        f"CASE WHEN {i}_hours >= 20 THEN CAST(s_{i} * 1000 AS BIGINT) * {PARTS} // {i}_hours END AS {i}_parts"
        for i in MEANS
    )
    return f"""
        WITH hour AS (SELECT *, CAST(period_end - INTERVAL 1 HOUR AS DATE) AS day, hour(period_end) AS ends,
                             epoch(period_end)::BIGINT // 3600 AS h FROM {readings} WHERE averaging = '1h'),
        run AS (SELECT series, station_code, day, ends, count(o3) OVER w AS n,
                       sum(CAST(o3 * 1000 AS BIGINT)) OVER w AS s FROM hour
                WINDOW w AS (PARTITION BY series, station_code, day ORDER BY h
                             RANGE BETWEEN 7 PRECEDING AND CURRENT ROW)),
        eight AS (SELECT series, station_code, day, max(CAST(s AS BIGINT) * {PARTS} // n) AS best, count(*) AS windows
                  FROM run WHERE n >= 6 AND (ends >= 8 OR ends = 0) GROUP BY ALL),
        means AS (SELECT series, station_code, day, any_value(site_kind) AS site_kind, min(area_name) AS area_name,
                         {sums}, max(CAST(o3 * 1000 AS BIGINT)) AS top, count(o3) AS o3_hours, count(*) AS readings,
                         min(origin) AS origin FROM hour GROUP BY series, station_code, day),
        site AS (SELECT m.*, r.region_code, 'register' AS mapped_by, '1h' AS averaging, {parts},
                        CASE WHEN o3_hours >= 20 OR top > 200000 THEN top * {PARTS} END AS o3_1h_parts,
                        CASE WHEN windows >= 14 OR best > 160000::BIGINT * {PARTS} THEN best END AS o3_8h_parts,
                        coalesce(windows, 0) AS o3_8h_windows
                 FROM means AS m LEFT JOIN eight USING (series, station_code, day)
                 LEFT JOIN {stations} AS r ON r.code = m.station_code)
        {" UNION ALL BY NAME ".join(_of_standard(standard) for standard in LEAST_POLLUTANTS)}"""


def _of_standard(standard: str) -> str:
    (index,) = (index for index in indices() if index.standard == standard)
    items = {item.name: item.reading for item in index.items["daily"]}
    rounded = ", ".join(_rounded(reading, 100 if reading == "co" else 1000) for reading in items.values())
    parts = ", ".join(
        f"{_iaqi(standard, f't_{reading}', name.partition('_')[0], _DAILY[reading])} AS i_{name}"
        for name, reading in items.items()
    )
    known_items = items.values()
    stored = ", ".join(f"(t_{i} / 1000)::DECIMAL(9, 3) AS {i}" if i in known_items else f"NULL AS {i}" for i in ITEMS)
    known = " + ".join(
        f"({' OR '.join(f'i_{name} IS NOT NULL' for name in items if name.partition('_')[0] == pollutant)})::BIGINT"
        for pollutant in dict.fromkeys(name.partition("_")[0] for name in items)
    )
    first, last = ("2013-01-01", "2026-02-28") if standard == "hj633_2012" else ("2000-01-01", "2012-12-31")
    enough = f"pollutants >= {LEAST_POLLUTANTS[standard]} OR aqi > 100"
    return f"""
        SELECT *, CASE WHEN valid THEN aqi <= 100 END AS good, NULL AS published_aqi, NULL AS published_category,
               NULL AS agrees
        FROM (SELECT *, coalesce(aqi IS NOT NULL AND ({enough}), false) AS valid, {_told(items, index.categories)}
              FROM (SELECT *, greatest({", ".join(f"i_{name}" for name in items)}) AS aqi, {known} AS pollutants
                    FROM (SELECT *, {parts}, {stored}, '{standard}' AS standard,
                                 day BETWEEN DATE '{first}' AND DATE '{last}' AS in_force
                          FROM (SELECT *, {rounded} FROM site))))"""


def _rounded(item: str, step: int) -> str:
    """Parts → thousandths, rounded half to even to the last digit that is kept, in whole numbers."""
    value, whole = f"{item}_parts", PARTS * step
    quotient, rest = f"({value} // {whole})", f"({value} % {whole})"
    up = f"(2 * {rest} > {whole} OR (2 * {rest} = {whole} AND {quotient} % 2 = 1))::BIGINT"
    return f"({quotient} + {up}) * {step} AS t_{item}"
