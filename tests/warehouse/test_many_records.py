"""A resent file with more records than DuckDB keeps in a row group (122,880), where a small one shows nothing.

DuckDB 2.0.0 showed no rows that came, by several threads, after an empty INSERT of the same transaction: a corrected
file of so many records was neither current nor in history.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl

from checks.conservation import imbalances
from sources.feeds import FEEDS
from sources.outcome import WholeReading
from support.readings import NOON, account, reading
from support.small_warehouse import REGIONS, TOTALS, load
from warehouse.home import create_home
from warehouse.rebuild import rebuild
from warehouse.store import Warehouse

RECORDS = 130_000


def test_a_resent_file_of_many_records_replaces_them_all(tmp_path: Path) -> None:
    home = create_home(tmp_path / "home", "live")
    with Warehouse(home, marts=(TOTALS, REGIONS), threads=2) as warehouse:
        for name, value, days in (("first", 10, 0), ("corrected", 11, 1)):
            (fates,) = load(warehouse, _file(name, value, days))
            assert (fates.accepted, fates.duplicate) == (RECORDS, 0)
            rebuild(warehouse, TOTALS)
            assert warehouse.rows("SELECT count(*), min(total), max(total) FROM mart.test_total") == [
                (RECORDS, value, value)
            ]
        assert _values(warehouse, "core") == [(RECORDS, 11, 11)]
        assert _values(warehouse, "history") == [(RECORDS, 10, 10)]
        assert imbalances(warehouse.con, FEEDS["economic_accounts"]) == []


def test_a_key_that_stands_twice_in_a_long_file_is_one_fact(tmp_path: Path) -> None:
    """The file lies in the order of its keys, but for a record near its end."""
    with Warehouse(create_home(tmp_path / "home", "live"), marts=(TOTALS, REGIONS), threads=2) as warehouse:
        file = _file("file", 10, 0)
        records = file.records.with_columns(region_code=pl.col("region_code").str.zfill(6))
        again = records.slice(RECORDS - 2, 1).with_columns(value=pl.lit(11).cast(records.schema["value"]))
        twice = pl.concat([records.head(RECORDS - 1), again, records.tail(1)])
        twice = twice.with_columns(source_row=pl.int_range(2, RECORDS + 3, dtype=pl.Int64))
        (fates,) = load(warehouse, replace(file, records=twice, rows_read=RECORDS + 1))
        assert (fates.accepted, fates.duplicate) == (RECORDS + 1, 0)
        assert _values(warehouse, "core") == [(RECORDS, 10, 11)]
        assert _values(warehouse, "history") == [(1, 10, 10)]
        assert imbalances(warehouse.con, FEEDS["economic_accounts"]) == []


def _file(name: str, value: int, days: int) -> WholeReading:
    """A file with one account for each of many regions."""
    small = reading(name, [account("0", "2012", value)], published_at=NOON + timedelta(days=days))
    many = small.records.select(pl.all().repeat_by(RECORDS).explode()).with_columns(
        region_code=pl.int_range(RECORDS).cast(pl.String),
        source_row=pl.int_range(2, RECORDS + 2, dtype=pl.Int64),
    )
    return replace(small, records=many, rows_read=RECORDS)


def _values(warehouse: Warehouse, shelf: str) -> list[tuple[int, Decimal, Decimal]]:
    return warehouse.rows(
        f"SELECT count(value), min(value), max(value) FROM (FROM {shelf}.economic_accounts LIMIT {2 * RECORDS})"
    )
