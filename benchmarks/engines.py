"""The heavy marts of the air by DuckDB and by Spark, on the same rows.

Belongs here: that comparison, on a cluster of one master and two workers on this machine. Does not belong here:
whether they agree (`tests/engines`). Two workers beside a driver on a small machine show what Spark costs, and
not what ten machines would bring.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assets.catalog import load_catalog
from assets.lake import LAKE_TABLES
from benchmarks.sizes import Size, write_inbox
from pipelines.night import plans_of
from pipelines.run import run_night
from pipelines.settings import Settings
from warehouse import dirty
from warehouse.compiled import compiled
from warehouse.home import open_home
from warehouse.marts import Mart
from warehouse.spark.engine import Cluster, SparkEngine
from warehouse.store import Warehouse

SIZES = (
    Size("60 stations, a year", stations=60, per_city=20, first_year=2015),
    Size("600 stations, a year", stations=600, per_city=20, first_year=2015),
)
HEAVY = ("mart.air_station_hour", "mart.air_station_day", "mart.air_city_day")


@dataclass(frozen=True)
class Took:
    """Seconds for one mart: by DuckDB, by Spark while it writes the lake, and by Spark with the lake there."""

    size: str
    mart: str
    rows: int
    duckdb: float
    spark_first: float
    spark: float


def measure(folder: Path, size: Size, master: str, options: dict[str, str]) -> list[Took]:
    """Every heavy mart of one size, each computed whole; the rows that come back are stored as DuckDB's are."""
    inbox = folder / "inbox"
    write_inbox(inbox, size)
    settings = Settings(home=folder / "home", inbox=inbox, report=False)
    run_night(settings, lambda _: None)
    catalog = load_catalog(settings.judged_on, plans_of(settings))
    engine = SparkEngine(Cluster(master, options, 0), folder / "lake", LAKE_TABLES, lambda _: None)
    found = []
    with Warehouse(open_home(settings.home), marts=catalog.marts, references=catalog.references) as warehouse:
        session = engine.connect()
        session.range(10).count()  # the executors come with the first work
        for name in HEAVY:
            mart = warehouse.marts[name]
            with warehouse.transaction():
                dirty.mark_whole(warehouse.con, mart)
            by_duckdb = _seconds(warehouse, mart, lambda mart=mart: compiled(warehouse, mart, whole=True).sql)
            by_spark = [
                _seconds(warehouse, mart, lambda mart=mart: engine.computed(session, warehouse, mart)) for _ in "12"
            ]
            rows = warehouse.value("SELECT count(*) FROM computed")
            found.append(Took(size.name, name, rows, by_duckdb, *by_spark))
        engine.close()
    return found


def _seconds(warehouse: Warehouse, mart: Mart, query: Callable[[], str]) -> float:
    compiled(warehouse, mart, whole=True)
    started = time.perf_counter()
    warehouse.con.execute(f"CREATE OR REPLACE TEMP TABLE computed AS {query()}")
    return time.perf_counter() - started


def main(folder: Path) -> list[Took]:
    """Measure all sizes on a cluster of this machine and print a table."""
    from support.spark_cluster import cluster

    options = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.executor.memory": "800m",
        "spark.sql.shuffle.partitions": "8",
    }
    found = []
    with cluster(folder) as master:
        for size in SIZES:
            found += measure(folder / size.name.split()[0], size, master, options)
    print(f"{'size':22} {'mart':24} {'rows':>10} {'DuckDB s':>9} {'Spark s':>8} {'with lake':>9}")
    for took in found:
        seconds = f"{took.duckdb:9.1f} {took.spark:8.1f} {took.spark_first:9.1f}"
        print(f"{took.size:22} {took.mart:24} {took.rows:>10,} {seconds}")
    return found


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        main(Path(made))
