"""The lake: what lies in it is what the warehouse holds, and only what changed is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import pytest

from warehouse.marts import LakeTable
from warehouse.names import quote
from warehouse.spark.lake import Lake

_TABLE = LakeTable(
    "core.reading",
    "place.region",
    "CAST(ended - INTERVAL 1 HOUR AS DATE)",
    "LEFT JOIN core.place ON record.station = place.station",
)
_MIDNIGHT = "TIMESTAMP '2012-03-01 00:00'"


@dataclass
class _Warehouse:
    """As much of a warehouse as a lake asks of it."""

    con: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)

    def rows(self, query: str, parameters: list[object] | None = None) -> list[tuple[object, ...]]:
        return self.con.execute(query, parameters or []).fetchall()


@pytest.fixture
def warehouse() -> Iterator[_Warehouse]:
    """Two stations of two regions and one of none, by the hour over two months."""
    made = _Warehouse()
    made.con.execute("CREATE SCHEMA core")
    made.con.execute("CREATE TABLE core.place AS SELECT * FROM (VALUES ('a', '32'), ('b', '33')) AS t(station, region)")
    made.con.execute(
        "CREATE TABLE core.reading AS SELECT station, ended, (hash(station, ended) % 1000)::DECIMAL(9, 1) AS value "
        "FROM (VALUES ('a'), ('b'), ('c')) AS s(station), "
        "range(TIMESTAMP '2012-02-01 01:00', TIMESTAMP '2012-03-20 00:00', INTERVAL 1 HOUR) AS t(ended)"
    )
    yield made
    made.con.close()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake", {_TABLE.name: _TABLE}, lambda _: None)


def _files(lake: Lake, warehouse: _Warehouse, months: list[date] | None = None) -> list[Path]:
    return lake.files(warehouse, _TABLE.name, months)  # type: ignore[arg-type]


def _differ(warehouse: _Warehouse, files: list[Path], where: str = "true") -> list[tuple[object, ...]]:
    """Rows that are in the table or in the files, and not in both."""
    listed = ", ".join(quote(str(file)) for file in files)
    there, here = f"FROM read_parquet([{listed}], hive_partitioning = false)", f"FROM core.reading WHERE {where}"
    return warehouse.rows(f"({here} EXCEPT ALL {there}) UNION ALL ({there} EXCEPT ALL {here})")


def _times(lake: Lake) -> dict[str, int]:
    return {str(file.relative_to(lake.root)): file.stat().st_mtime_ns for file in lake.root.rglob("*-of-*.parquet")}


def test_one_folder_for_each_region_and_month(lake: Lake, warehouse: _Warehouse) -> None:
    assert _differ(warehouse, _files(lake, warehouse)) == []
    folders = {str(Path(name).parent) for name in _times(lake)}
    assert folders == {
        f"core.reading/lake_region={region}/lake_month={month}-01"
        for region in ("32", "33", "none")
        for month in ("2012-02", "2012-03")
    }


def test_midnight_belongs_to_the_month_that_it_closes(lake: Lake, warehouse: _Warehouse) -> None:
    warehouse.con.execute(f"DELETE FROM core.reading WHERE ended <> {_MIDNIGHT}")
    _files(lake, warehouse)
    assert {Path(name).parent.name for name in _times(lake)} == {"lake_month=2012-02-01"}


def test_only_what_changed_is_written(lake: Lake, warehouse: _Warehouse) -> None:
    _files(lake, warehouse)
    before = _times(lake)
    _files(lake, warehouse)
    assert _times(lake) == before
    warehouse.con.execute(
        "UPDATE core.reading SET value = value + 1 WHERE station = 'b' AND ended = '2012-03-02 00:00'"
    )
    assert _differ(warehouse, _files(lake, warehouse)) == []
    written = {Path(name).parent for name, at in _times(lake).items() if before.get(name) != at}
    assert written == {Path("core.reading/lake_region=33/lake_month=2012-03-01")}


def test_a_month_alone(lake: Lake, warehouse: _Warehouse) -> None:
    files = _files(lake, warehouse, [date(2012, 3, 1)])
    assert _differ(warehouse, files, f"ended > {_MIDNIGHT}") == []
    assert {Path(name).parent.name for name in _times(lake)} == {"lake_month=2012-03-01"}


def test_no_month_and_no_row_give_a_file_with_the_columns(lake: Lake, warehouse: _Warehouse) -> None:
    for files in (_files(lake, warehouse, []), _empty(lake, warehouse)):
        (file,) = files
        found = warehouse.con.sql(f"FROM {quote(str(file))}")
        assert (found.columns, found.fetchall()) == (["station", "ended", "value"], [])


def _empty(lake: Lake, warehouse: _Warehouse) -> list[Path]:
    warehouse.con.execute("DELETE FROM core.reading")
    return _files(lake, warehouse)


def test_rows_that_went_leave_no_file(lake: Lake, warehouse: _Warehouse) -> None:
    _files(lake, warehouse)
    warehouse.con.execute("DELETE FROM core.reading WHERE station = 'c'")
    assert _differ(warehouse, _files(lake, warehouse)) == []
    assert not any("lake_region=none" in name for name in _times(lake))


def test_a_station_that_moves_takes_its_hours_along(lake: Lake, warehouse: _Warehouse) -> None:
    _files(lake, warehouse)
    warehouse.con.execute("UPDATE core.place SET region = '33' WHERE station = 'a'")
    assert _differ(warehouse, _files(lake, warehouse)) == []
    assert not any("lake_region=32" in name for name in _times(lake))


@pytest.mark.parametrize("harm", ["gone", "one of two"])
def test_half_a_portion_is_written_again(harm: str, lake: Lake, warehouse: _Warehouse) -> None:
    _files(lake, warehouse)
    file = sorted(lake.root.rglob("*-of-*.parquet"))[0]
    file.rename(file.with_name(file.name.replace("-of-0001", "-of-0002"))) if harm == "one of two" else file.unlink()
    assert _differ(warehouse, _files(lake, warehouse)) == []


def test_another_column_makes_every_file_anew(lake: Lake, warehouse: _Warehouse) -> None:
    _files(lake, warehouse)
    before = set(_times(lake))
    warehouse.con.execute("ALTER TABLE core.reading ADD COLUMN flag VARCHAR")
    assert _differ(warehouse, _files(lake, warehouse)) == []
    assert not before & set(_times(lake))


def test_a_small_table_is_one_file(lake: Lake, warehouse: _Warehouse) -> None:
    (file,) = lake.files(warehouse, "core.place", None)  # type: ignore[arg-type]
    assert warehouse.rows(f"FROM {quote(str(file))} ORDER BY ALL") == [("a", "32"), ("b", "33")]
