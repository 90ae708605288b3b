"""The same work three ways: our night, hand-written DuckDB SQL, hand-written pandas.

Belongs here: the contenders; each returns the city days as (day, aqi) in order. Does not belong
here: timing (`benchmarks.__main__`).

The hand-written ones do the least that gives the same city days: 24-hour means with the 20-hour
rule, the running 8-hour ozone, the mean of the stations' concentrations, rounding half to even, the
index rounded up. They check nothing and keep no provenance.
"""

from __future__ import annotations

from pathlib import Path

Rows = list[tuple[object, ...]]

_ITEMS = ("so2", "no2", "pm10", "pm25", "co")


def import_ours() -> None:
    """What a process pays once before our first night."""
    import dagster  # noqa: F401
    import great_expectations.expectations  # noqa: F401

    import pipelines.definitions
    import pipelines.run  # noqa: F401


def ours(home: Path, inbox: Path) -> Rows:
    """A whole night: read, stage, validate, merge, derive, judge, publish."""
    import duckdb

    from pipelines.run import run_night
    from pipelines.settings import Settings
    from warehouse.home import open_home

    run_night(Settings(home=home, inbox=inbox), lambda _: None)
    with duckdb.connect(str(open_home(home).published_database.resolve()), read_only=True) as con:
        return con.execute(
            "SELECT day, aqi FROM mart.air_city_day WHERE standard = 'hj633_2012' ORDER BY day"
        ).fetchall()


def daily_breakpoints(standard: str = "hj633_2012") -> list[tuple[str, int, int, float, float]]:
    """(item, IAQI low, IAQI high, concentration low, high) of the daily items, from the standard's data."""
    import polars as pl

    from assets.air.reference import breakpoints

    frame = breakpoints().filter(standard=standard)
    daily = frame.filter((pl.col("averaging") != "1h") | (pl.col("item") == "o3"))
    named = pl.when(item="o3").then(pl.format("o3_{}", "averaging")).otherwise("item").alias("item")
    return daily.select(named, "iaqi_low", "iaqi_high", "conc_low", "conc_high").rows()


def duckdb_by_hand(inbox: Path) -> Rows:
    """The limit: one connection in memory, one table, one query."""
    import duckdb

    con = duckdb.connect()
    con.execute(f"CREATE TABLE reading AS FROM read_csv('{inbox}/air_readings/*.csv', all_varchar = false)")
    con.execute("CREATE TABLE breakpoint (item VARCHAR, il INT, ih INT, cl DECIMAL(9,3), ch DECIMAL(9,3))")
    con.executemany("INSERT INTO breakpoint VALUES (?, ?, ?, ?, ?)", daily_breakpoints())
    means = ", ".join(
        f"CASE WHEN count({i}) >= 20 THEN sum({i}::DECIMAL(9,3))::DOUBLE / count({i}) END AS {i}" for i in _ITEMS
    )
    averages = ", ".join(f"round_even(avg({i}), {1 if i == 'co' else 0}) AS {i}" for i in (*_ITEMS, "o3_1h", "o3_8h"))
    return con.execute(
        f"""
        WITH hour AS (SELECT *, CAST(period_end - INTERVAL 1 HOUR AS DATE) AS day,
                             epoch(period_end) // 3600 AS h FROM reading),
        run AS (SELECT station_code, day, hour(period_end) AS ends,
                       count(o3) OVER w AS n, sum(o3::DECIMAL(9,3)) OVER w AS s FROM hour
                WINDOW w AS (PARTITION BY station_code ORDER BY h RANGE BETWEEN 7 PRECEDING AND CURRENT ROW)),
        ozone AS (SELECT station_code, day, CASE WHEN count(*) >= 14 THEN max(s::DOUBLE / n) END AS o3_8h
                  FROM run WHERE n >= 6 AND (ends >= 8 OR ends = 0) GROUP BY ALL),
        station AS (SELECT station_code, day, {means}, max(o3)::DOUBLE AS o3_1h FROM hour GROUP BY ALL),
        city AS (SELECT day, {averages} FROM station LEFT JOIN ozone USING (station_code, day) GROUP BY day),
        long AS (UNPIVOT city ON {", ".join((*_ITEMS, "o3_1h", "o3_8h"))} INTO NAME item VALUE c)
        SELECT day, max(CAST(ceil(round(il + (ih - il) * (c - cl) / (ch - cl), 9)) AS BIGINT)) AS aqi
        FROM long JOIN breakpoint b ON b.item = long.item AND c > b.cl AND c <= b.ch GROUP BY day ORDER BY day
        """
    ).fetchall()


def pandas_by_hand(inbox: Path) -> Rows:
    """The same with pandas."""
    import numpy as np
    import pandas as pd

    parts = [pd.read_csv(path, parse_dates=["period_end"]) for path in sorted((inbox / "air_readings").glob("*.csv"))]
    frame = pd.concat(parts).sort_values(["station_code", "period_end"])
    frame["day"] = (frame["period_end"] - pd.Timedelta(hours=1)).dt.normalize()
    grouped = frame.groupby(["station_code", "day"])
    station = grouped[list(_ITEMS)].mean().where(grouped[list(_ITEMS)].count() >= 20)
    station["o3_1h"] = grouped["o3"].max()
    running = frame.set_index("period_end").groupby("station_code")["o3"].rolling(8, min_periods=6).mean().reset_index()
    running = running.rename(columns={"o3": "o3_8h"})
    running["day"] = (running["period_end"] - pd.Timedelta(hours=1)).dt.normalize()
    at = running["period_end"].dt.hour
    windows = running[((at >= 8) | (at == 0)) & running["o3_8h"].notna()].groupby(["station_code", "day"])["o3_8h"]
    station["o3_8h"] = windows.max().where(windows.count() >= 14)
    city = station.groupby("day").mean()
    city = city.round({name: 1 if name == "co" else 0 for name in city.columns})
    index = pd.DataFrame(index=city.index)
    for item in city.columns:
        points = sorted((float(cl), il) for i, il, _, cl, _ in daily_breakpoints() if i == item)
        points += [max((float(ch), ih) for i, _, ih, _, ch in daily_breakpoints() if i == item)]
        xs, ys = zip(*points, strict=True)
        index[item] = np.ceil(np.round(np.interp(city[item], xs, ys, left=np.nan), 9))
    aqi = index.max(axis=1).astype("int64")
    return [(day.date(), int(value)) for day, value in aqi.items()]
