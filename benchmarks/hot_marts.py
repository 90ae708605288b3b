"""The two marts that hold a row for each station's hour and day, against SQL written by hand for the same rows.

Belongs here: the statements by hand, timing both in turn, comparing every row and column. Does not belong here: the
days and years of cities (`benchmarks.air_years`), a whole night.

By hand stands what these data need and nothing else: one publication, one hourly report, two standards, one register of
stations without changes, no daily readings and no published index.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypedDict

import duckdb

from assets.air import AIR_MARTS, AIR_REFERENCES
from assets.air.days import STATION_DAY_MART
from assets.air.hours import STATION_HOUR_MART
from assets.air.means import PARTS
from assets.air.reference import breakpoints
from assets.air.standards import Category, indices
from benchmarks.air_years import generate
from benchmarks.by_hand import HOURLY, ITEMS, LEAST_POLLUTANTS, MEANS
from benchmarks.sizes import PROVINCE
from warehouse.dirty import dirty_table, mark_whole
from warehouse.home import create_home
from warehouse.marts import Mart
from warehouse.names import ident
from warehouse.rebuild import compiled, load_references
from warehouse.store import Warehouse

#: A large city's and a province's stations: DuckDB plans the texts for either in the same time.
STATIONS = (350, PROVINCE.stations)
HOURS, TIMES = 8760, 3
_DAILY = {item: item.partition("_")[2] or "24h" for item in ITEMS}


class Measured(TypedDict):
    """Median seconds (CPU of both processors) of the mart and by hand, their ratio, rows, rows that differ."""

    mart: float
    by_hand: float
    ratio: float
    rows: int
    different: int


def measure(stations: int, hours: int = HOURS, times: int = TIMES) -> dict[str, Measured]:
    """Both marts, each computed whole and stored, in turn with the statement by hand."""
    with tempfile.TemporaryDirectory(prefix="quality-city-bench-") as folder:
        home = create_home(Path(folder) / "home", "live")
        with Warehouse(home, marts=AIR_MARTS, references=AIR_REFERENCES) as warehouse:
            load_references(warehouse, AIR_REFERENCES)
            generate(warehouse.con, stations, hours)
            return {
                mart.name: _compared(warehouse, mart, query, times)
                for mart, query in ((STATION_HOUR_MART, _station_hours()), (STATION_DAY_MART, _station_days()))
            }


def _compared(warehouse: Warehouse, mart: Mart, by_hand: str, times: int) -> Measured:
    con, table = warehouse.con, ident(mart.name)
    columns = ", ".join(f"CAST({ident(c.name)} AS {c.duckdb_type}) AS {ident(c.name)}" for c in mart.table.columns)
    sql = compiled(warehouse, mart, whole=True).sql
    mark_whole(con, mart)
    con.execute(f"CREATE TABLE by_hand AS FROM {table} LIMIT 0")
    taken: dict[str, list[float]] = {table: [], "by_hand": []}
    for _ in range(times):
        for target, query in (("by_hand", by_hand), (table, sql)):
            con.execute(f"TRUNCATE {target}")
            fill = f"INSERT INTO {target} BY NAME SELECT {columns} FROM ({query})"
            taken[target].append(_cpu(lambda fill=fill: con.execute(fill)))  # type: ignore[misc]
    different = warehouse.value(
        f"SELECT count(*) FROM ((FROM {table} EXCEPT ALL FROM by_hand) UNION ALL "
        f"(FROM by_hand EXCEPT ALL FROM {table}))"
    )
    rows = warehouse.value(f"SELECT count(*) FROM {table}")
    con.execute("DROP TABLE by_hand")
    con.execute(f"DELETE FROM {ident(dirty_table(mart).name)}")
    ours, hand = statistics.median(taken[table]), statistics.median(taken["by_hand"])
    return Measured(mart=ours, by_hand=hand, ratio=ours / hand, rows=rows, different=different)


def _cpu(work: Callable[[], duckdb.DuckDBPyConnection]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


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


def _station_hours() -> str:
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
              FROM (SELECT *, {parts} FROM (SELECT *, {whole} FROM core.air_readings WHERE averaging = '1h')))"""


def _station_days() -> str:
    sums = ", ".join(f"sum({i})::DECIMAL(15, 3) AS s_{i}, count({i}) AS {i}_hours" for i in MEANS)
    parts = ", ".join(
        f"CASE WHEN {i}_hours >= 20 THEN CAST(s_{i} * 1000 AS BIGINT) * {PARTS} // {i}_hours END AS {i}_parts"
        for i in MEANS
    )
    return f"""
        WITH hour AS (SELECT *, CAST(period_end - INTERVAL 1 HOUR AS DATE) AS day, hour(period_end) AS ends,
                             epoch(period_end)::BIGINT // 3600 AS h FROM core.air_readings WHERE averaging = '1h'),
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
                 LEFT JOIN core.stations AS r ON r.code = m.station_code)
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
