"""The marts' city years equal those of one query written by hand, and the programs by hand each other (their speed:
`make bench`).
"""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from benchmarks.air_years import measure
from benchmarks.by_hand import DATABASE, STATION_HOURS, duckdb_products, duckdb_sql, pandas_products
from benchmarks.contender import agreement
from benchmarks.sizes import Size, write_inbox


def test_city_years_equal_those_of_a_query_by_hand() -> None:
    """Two cities of ten stations, a year of hours with gaps: days, rates, means, percentiles, composite index."""
    found = measure(stations=20, times=1, compiled_in=Path(os.environ["QUALITY_CITY_COMPILED"]))
    assert (found["city_years"], found["equal"]) == (4, 4)


def test_programs_by_hand_agree_on_days_years_and_hours(tmp_path: Path) -> None:
    """What the limits are measured with makes the same as pandas: three stations of one city, a year of hours."""
    inbox = tmp_path / "inbox"
    write_inbox(inbox, Size("small", stations=3, per_city=3, first_year=2015))
    made = {}
    for program in (duckdb_sql, duckdb_products, pandas_products):
        work = tmp_path / program.__name__
        work.mkdir()
        made[program] = program.run(inbox, work)
    for program in (duckdb_products, pandas_products):
        assert agreement(made[duckdb_sql], made[program]) == "730 of 730 days, 2 of 2 years"
    texts = "primary_pollutants::VARCHAR, exceeding::VARCHAR, category::VARCHAR"
    with duckdb.connect(str(tmp_path / duckdb_products.__name__ / DATABASE)) as con:
        ours = con.execute(f"SELECT station_code, hour, aqi, {texts} FROM {STATION_HOURS} ORDER BY ALL").fetchall()
        files = str(tmp_path / pandas_products.__name__ / STATION_HOURS / "*.parquet")
        theirs = f"SELECT station_code::VARCHAR, period_end, aqi, {texts} FROM read_parquet(?) ORDER BY ALL"
        assert con.execute(theirs, [files]).fetchall() == ours
        assert len(ours) == 3 * 365 * 24
