"""The limit: DuckDB reads the files into a table, one statement makes the city days, one the city years."""

from __future__ import annotations

from pathlib import Path

import duckdb

from benchmarks.by_hand import (
    DATABASE,
    ITEMS,
    LEAST_POLLUTANTS,
    LIMITS,
    MEANS,
    PERCENTILES,
    STANDARDS,
    YEAR_COLUMNS,
    Results,
    daily_breakpoints,
)

_TYPES = ", ".join(f"'{name}': 'DECIMAL(9,3)'" for name in (*MEANS, "o3"))


def run(inbox: Path, work: Path) -> Results:
    """Everything in one file of DuckDB's below `work`."""
    with duckdb.connect(str(work / DATABASE)) as con:
        con.execute(f"CREATE TABLE reading AS FROM read_csv('{inbox}/air_readings/*.csv', types = {{{_TYPES}}})")
        con.execute(
            f"CREATE TABLE station AS FROM read_csv('{inbox}/stations/*.csv', types = {{'region_code': 'VARCHAR'}})"
        )
        derive(con, "reading", "station")
        days = con.execute("SELECT region_code, day, standard, aqi, valid FROM city_day").fetchall()
        years = con.execute(f"SELECT region_code, year, standard, {', '.join(YEAR_COLUMNS)} FROM city_year").fetchall()
    return Results(days, years)


def derive(con: duckdb.DuckDBPyConnection, readings: str, stations: str) -> None:
    """Tables `city_day` and `city_year` from tables with the columns of core.air_readings and core.stations."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE point (standard VARCHAR, item VARCHAR, il INT, ih INT, cl DOUBLE, ch DOUBLE)"
    )
    for standard in STANDARDS:
        rows = [(standard, *piece) for piece in daily_breakpoints(standard)]
        con.executemany("INSERT INTO point VALUES (?, ?, ?, ?, ?, ?)", rows)
    con.execute(_city_days(readings, stations))
    con.execute(_CITY_YEARS)


def _city_days(readings: str, stations: str) -> str:
    means = ", ".join(f"CASE WHEN count({i}) >= 20 THEN sum({i})::DOUBLE / count({i}) END AS {i}" for i in MEANS)
    share = ", ".join(
        f"CASE WHEN 100 * count({i}) >= 75 * n.stations THEN "
        f"round_even(round(sum({i}) / count({i}), 6), {1 if i == 'co' else 0}) END AS {i}"
        for i in ITEMS
    )
    least = " ".join(f"WHEN '{standard}' THEN {number}" for standard, number in LEAST_POLLUTANTS.items())
    return f"""
        CREATE OR REPLACE TABLE city_day AS
        WITH hour AS (SELECT station_code, CAST(period_end - INTERVAL 1 HOUR AS DATE) AS day, hour(period_end) AS ends,
                             epoch(period_end)::BIGINT // 3600 AS h, so2, no2, pm10, pm25, co, o3
                      FROM {readings} WHERE averaging = '1h'),
        run AS (SELECT station_code, day, ends, count(o3) OVER w AS n, sum(o3) OVER w AS s FROM hour
                WINDOW w AS (PARTITION BY station_code ORDER BY h RANGE BETWEEN 7 PRECEDING AND CURRENT ROW)),
        eight AS (SELECT station_code, day, max(s::DOUBLE / n) AS best, count(*) AS windows FROM run
                  WHERE n >= 6 AND (ends >= 8 OR ends = 0) GROUP BY ALL),
        station_day AS (SELECT station_code, day, {means}, CASE WHEN count(o3) >= 20 OR max(o3) > 200
                        THEN max(o3)::DOUBLE END AS o3_1h FROM hour GROUP BY ALL),
        n AS (SELECT region_code, count(*) AS stations FROM {stations} GROUP BY ALL),
        city AS (SELECT r.region_code, day, {share} FROM
                 (SELECT s.*, CASE WHEN windows >= 14 OR best > 160 THEN best END AS o3_8h
                  FROM station_day AS s LEFT JOIN eight USING (station_code, day)) AS d
                 JOIN {stations} AS r ON r.code = d.station_code JOIN n USING (region_code)
                 GROUP BY r.region_code, day, n.stations),
        long AS (UNPIVOT city ON {", ".join(ITEMS)} INTO NAME item VALUE c),
        part AS (SELECT region_code, day, standard, item,
                        CAST(ceil(round(il + (ih - il) * (least(c, ch) - cl) / (ch - cl), 9)) AS BIGINT) AS iaqi
                 FROM long JOIN point USING (item) WHERE (c > cl OR (c = 0 AND cl = 0)) AND (c <= ch OR ih = 500)),
        index AS (SELECT region_code, day, standard, max(iaqi) AS aqi,
                         count(DISTINCT split_part(item, '_', 1)) AS known FROM part GROUP BY ALL)
        SELECT city.*, standard, aqi, known >= CASE standard {least} END OR aqi > 100 AS valid
        FROM city JOIN index USING (region_code, day)"""


_STATISTICS = ", ".join(
    [f"avg({i}) AS {i}_mean" for i in MEANS if i != "co"]
    + [f"quantile_cont({i}, {rank / 100}) AS {i}_p{rank}" for i, rank in PERCENTILES.items()]
)
_CITY_YEARS = f"""
    CREATE OR REPLACE TABLE city_year AS
    WITH year AS (SELECT region_code, year(day) AS year, standard,
                         count(*) FILTER (valid AND aqi <= 100) AS good_days, count(*) FILTER (valid) AS valid_days,
                         {_STATISTICS} FROM city_day GROUP BY ALL)
    SELECT *, 100 * good_days / valid_days AS good_day_rate,
           {" + ".join(f"{name} / {limit}" for name, limit in LIMITS.items())} AS ambient_air_index FROM year"""
