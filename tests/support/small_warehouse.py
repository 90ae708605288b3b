"""A warehouse in a temporary home, with one small mart over economic_accounts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import ibis.expr.types as ir

from sources.feeds import FEEDS
from sources.outcome import WholeReading
from sources.registry import Table, decimal, integer, text
from warehouse import merge, staging, withdraw
from warehouse.home import create_home
from warehouse.ledger import Fates, NightStamp
from warehouse.marts import Inputs, Mart, Upstream
from warehouse.staging import file_id
from warehouse.store import Warehouse

STAMP = NightStamp("night-1", datetime(2020, 1, 2, 2), "reader-1")


def _totals(inputs: Inputs) -> ir.Table:
    accounts = inputs.table("core.economic_accounts").semi_join(inputs.dirty, "region_code")
    return accounts.group_by("region_code").agg(total=accounts.value.sum(), facts=accounts.count())


TOTALS = Mart(
    table=Table(
        "mart.test_total",
        "合计",
        "totals by region",
        (
            text("region_code", "地区", "region"),
            decimal("total", 38, 6, "合计", "sum"),
            integer("facts", "数", "facts"),
        ),
        ("region_code",),
    ),
    subject="test",
    scope=("region_code",),
    upstream=(Upstream("core.economic_accounts"),),
    build=_totals,
)


def _count(inputs: Inputs) -> ir.Table:
    return inputs.table("mart.test_total").agg(regions=lambda t: t.count())


REGIONS = Mart(
    table=Table("mart.test_regions", "地区数", "number of regions", (integer("regions", "数", "regions"),)),
    subject="test",
    scope=(),
    upstream=(Upstream("mart.test_total"),),
    build=_count,
)


def open_warehouse(folder: Path) -> Warehouse:
    return Warehouse(create_home(folder / "home", "live"), marts=(TOTALS, REGIONS), threads=1)


def load(warehouse: Warehouse, *readings: WholeReading, stamp: NightStamp = STAMP) -> list[Fates]:
    """Stage and merge readings one after another, as a night does without its gate."""
    return [fates for reading in readings for fates in load_together(warehouse, reading, stamp=stamp)]


def load_together(warehouse: Warehouse, *readings: WholeReading, stamp: NightStamp = STAMP) -> list[Fates]:
    """Stage and merge readings feed by feed, those of a feed in one merge."""
    fates = []
    for name in dict.fromkeys(reading.file.feed for reading in readings):
        feed, own = FEEDS[name], [reading for reading in readings if reading.file.feed == name]
        staging.open_staging(warehouse, feed)
        for reading in own:
            staging.stage(warehouse, feed, reading)
        with warehouse.transaction():
            fates += merge.merge(warehouse, feed, own, list(warehouse.marts.values()), stamp)
        warehouse.drop_staging()
    return fates


def take_back(warehouse: Warehouse, read: WholeReading) -> None:
    """Withdraw a file that was loaded."""
    file = withdraw.find_file(warehouse, file_id(read.file))
    withdraw.withdraw(warehouse, file, list(warehouse.marts.values()), "wrong", "tester", read.file.modified_at)


def emptied(warehouse: Warehouse) -> Warehouse:
    """The same warehouse without facts, files and dirty keys: quicker than a new one for each example."""
    tables = warehouse.rows(
        "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE estimated_size > 0 AND "
        "(schema_name IN ('core', 'history', 'repeat', 'quarantine', 'mart', 'work') OR "
        "schema_name = 'meta' AND table_name <> 'fingerprint')"
    )
    with warehouse.transaction():
        for (name,) in tables:
            warehouse.con.execute(f"DELETE FROM {name}")
    return warehouse
