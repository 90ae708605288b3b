"""Spark and DuckDB give the same rows: a night of the sample, and of a generated province, on a real cluster."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from assets.catalog import MARTS, load_catalog
from assets.lake import LAKE_TABLES
from benchmarks.sizes import Size, write_inbox
from pipelines.night import plans_of
from pipelines.settings import Settings
from support.nights import SAID, differences, night, published, state
from warehouse import dirty
from warehouse.home import open_home
from warehouse.names import ident
from warehouse.rebuild import rebuild
from warehouse.spark.engine import Cluster, SparkEngine
from warehouse.store import Warehouse

pytestmark = pytest.mark.engines

#: One region with one city of sixty stations, for a year.
PROVINCE = Size("small province", stations=60, per_city=60, first_year=2015)

HEAVY = sorted(mart.name for mart in MARTS if mart.heavy)


def test_a_sample_night_by_spark_is_the_same_night(
    sample_home: Path, tmp_path: Path, master: str, options: dict[str, str]
) -> None:
    SAID.clear()
    cluster = {"master": master, "options": options, "portions_from": 0}
    assert night(tmp_path / "spark", engine="spark", spark=cluster).published
    assert [text for text in SAID if "DuckDB computes" in text] == []
    computed = {text.split()[1] for text in SAID if text.startswith("computing ") and text.endswith(f" on {master}")}
    assert computed == set(HEAVY)
    assert differences(state(sample_home), state(tmp_path / "spark")) == {}
    _one_mart_again(tmp_path / "spark", master, options)


def _one_mart_again(home: Path, master: str, options: dict[str, str]) -> None:
    """Two workers, apart from the driver, mend what is wrong in a mart that was computed before."""
    settings = Settings(home=home)
    catalog = load_catalog(settings.judged_on, plans_of(settings))
    engine = SparkEngine(Cluster(master, options, 0), home / "work" / "lake", LAKE_TABLES, SAID.append)
    with Warehouse(open_home(home), marts=catalog.marts, references=catalog.references, engine=engine) as warehouse:
        mart = warehouse.marts["mart.air_city_day"]
        with warehouse.transaction():
            warehouse.con.execute("UPDATE mart.air_city_day SET aqi = 499 WHERE aqi > 300")
            dirty.mark_whole(warehouse.con, mart)
        built = rebuild(warehouse, mart)
        assert (built.elsewhere, built.changed > 0) == (True, True)
        assert warehouse.value("SELECT count(*) FROM mart.air_city_day WHERE aqi = 499") == 0
        context = engine.connect().sparkContext
        until = time.monotonic() + 60
        while (executors := context._jsc.sc().getExecutorMemoryStatus().size() - 1) < 2 and time.monotonic() < until:
            time.sleep(0.2)  # they come one by one
        engine.close()
    assert executors == 2
    assert not (home / "work" / "lake" / "results").exists()


def test_a_province_by_spark_is_the_same(tmp_path: Path, master: str, options: dict[str, str]) -> None:
    inbox = tmp_path / "inbox"
    hours = write_inbox(inbox, PROVINCE)
    night(tmp_path / "duckdb", inbox=inbox)
    SAID.clear()
    cluster = {"master": master, "options": options, "portions_from": 200, "lake": tmp_path / "lake"}
    night(tmp_path / "spark", inbox=inbox, engine="spark", spark=cluster)
    assert [text for text in SAID if "DuckDB computes" in text] == []
    for heavy in ("station_hour", "station_day", "city_day"):
        assert f"computing mart.air_{heavy} on {master}" in SAID
    # Two portions, one year under each index: not worth a cluster.
    assert f"computing mart.air_city_year_pollutant on {master}" not in SAID
    assert differences(_marts_of(tmp_path / "duckdb"), _marts_of(tmp_path / "spark")) == {}
    with published(tmp_path / "spark") as con:
        assert con.execute("SELECT count(*) FROM mart.air_station_hour").fetchall() == [(hours,)]
    months = {file.parent.relative_to(tmp_path / "lake" / "core.air_readings") for file in _portions(tmp_path / "lake")}
    assert {str(month.parent) for month in months} == {"lake_region=32"}
    assert len(months) == 12


def _portions(lake: Path) -> list[Path]:
    return sorted((lake / "core.air_readings").rglob("*-of-*.parquet"))


def _marts_of(home: Path) -> dict[str, list[Any]]:
    """A number for the rows of each mart, whatever their order: half a million rows are not fetched."""
    with published(home) as con:
        marts = con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'mart'").fetchall()
        return {
            name: con.execute(f"SELECT count(*), sum(hash(t)::HUGEINT) FROM mart.{ident(name)} AS t").fetchall()
            for (name,) in marts
            if name not in ("alert", "indicator_status_history")
        }


def test_what_is_heavy() -> None:
    assert {"mart.air_station_hour", "mart.air_station_day", "mart.air_city_day", "mart.pass_rate"} <= set(HEAVY)
