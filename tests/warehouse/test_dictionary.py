"""The dictionary of a published night: everything is described, and what is said is true."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.settings import PROJECT
from sources.registry import Table, integer
from support.nights import published
from support.readings import account, reading
from support.small_warehouse import TOTALS, load, open_warehouse
from warehouse import dictionary, dictionary_page, publish
from warehouse.home import create_home, open_home
from warehouse.rebuild import rebuild
from warehouse.store import Warehouse

_NIGHT = ("20200102-020000-000000", datetime(2020, 1, 2, 2), datetime(2020, 1, 2, 3), {}, {})

#: Measures that are a plain number, or a share, or have their unit said in words.
_WITHOUT_UNIT = {
    "mart.air_city_year.ambient_air_index", "mart.water_trophic_state.tli", "mart.water_quality_index.wqi",
    "mart.environment_index.weight", "mart.environment_index.contribution", "mart.environment_index.target",
    "mart.environment_index.needed", "mart.environment_index.value",
    "mart.status_rollup.missing_percent", "mart.status_rollup.score",
}  # fmt: skip


@pytest.fixture(scope="module")
def con(sample_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with published(sample_home) as opened:
        yield opened


def test_every_table_and_column_is_in_the_dictionary_with_its_type_and_place(con: duckdb.DuckDBPyConnection) -> None:
    there = con.execute(
        "SELECT schema_name || '.' || table_name, row_number() OVER (PARTITION BY table_oid ORDER BY column_index), "
        "column_name, data_type FROM duckdb_columns() WHERE NOT internal AND schema_name NOT IN ('staging', 'work') "
        "ORDER BY ALL"
    ).fetchall()
    assert len(there) > 2000
    said = "SELECT table_name, position, column_name, type FROM meta.column ORDER BY ALL"
    assert con.execute(said).fetchall() == there
    assert dictionary.undescribed(con) == []


def test_descriptions_are_chinese_and_english_and_everything_has_a_source(con: duckdb.DuckDBPyConnection) -> None:
    wrong = con.execute(
        "SELECT name FROM (SELECT table_name AS name, zh, en, source FROM meta.table UNION ALL "
        "SELECT table_name || '.' || column_name, zh, en, source FROM meta.column) "
        "WHERE (NOT regexp_matches(zh, '[\\x{4e00}-\\x{9fff}]') AND zh NOT IN ('AQI', 'r²')) "
        "OR NOT regexp_matches(en, '[A-Za-z]{2}') OR regexp_matches(en, '[\\x{4e00}-\\x{9fff}]{6}') OR source = ''"
    ).fetchall()
    assert wrong == []


def test_every_measure_has_its_unit(con: duckdb.DuckDBPyConnection) -> None:
    bare = con.execute(
        "SELECT table_name || '.' || column_name FROM meta.column AS c WHERE (type = 'DOUBLE' OR type LIKE 'DECIMAL%') "
        "AND unit IS NULL AND split_part(table_name, '.', 1) IN ('core', 'mart') "
        "AND NOT EXISTS (FROM meta.column AS u WHERE u.table_name = c.table_name AND u.column_name LIKE '%unit')"
    ).fetchall()
    asked = {"mart.target", "mart.town_target", "mart.plan_amendment"}  # in the unit of mart.indicator
    judged = {*asked, "mart.indicator_period", "mart.economy_finding", "mart.water_item_year"}
    found = {name for (name,) in bare if name.rsplit(".", 1)[0] not in judged}
    assert found == _WITHOUT_UNIT & found
    for table in judged:  # these say in words where the unit stands
        (text,) = con.execute("SELECT string_agg(en) FROM meta.column WHERE table_name = ?", [table]).fetchone() or (
            "",
        )
        assert "unit" in text or "`unit`" in text or table in asked, table


def test_a_column_without_a_description_is_not_published(tmp_path: Path) -> None:
    with open_warehouse(tmp_path) as warehouse:
        load(warehouse, reading("a", [account("1", "2012", 10)]))
        warehouse.con.execute("ALTER TABLE core.economic_accounts ADD COLUMN secret INTEGER")
        with pytest.raises(publish.PublicationError, match=r"without a description.*core\.economic_accounts\.secret"):
            publish.publish(warehouse, *_NIGHT)
        warehouse.con.execute("COMMENT ON COLUMN core.economic_accounts.secret IS 'a comment alone is not enough'")
        with pytest.raises(publish.PublicationError, match=r"core\.economic_accounts\.secret"):
            publish.publish(warehouse, *_NIGHT)


def test_a_table_with_an_empty_name_is_not_published(tmp_path: Path) -> None:
    nameless = Table("mart.test_nameless", "", "no Chinese", (integer("n", "数", "n"),))
    home = create_home(tmp_path / "home", "live")
    refused = pytest.raises(publish.PublicationError, match=r"mart\.test_nameless")
    with Warehouse(home, kept=(nameless,), threads=1) as warehouse, refused:
        publish.publish(warehouse, *_NIGHT)


def test_lineage_is_read_off_the_calculation(tmp_path: Path) -> None:
    with open_warehouse(tmp_path) as warehouse:
        load(warehouse, reading("a", [account("1", "2012", 10)]))
        rebuild(warehouse, TOTALS)
        assert warehouse.rows("FROM meta.column_lineage ORDER BY ALL") == [
            ("mart.test_total", "region_code", "core.economic_accounts", "region_code"),
            ("mart.test_total", "total", "core.economic_accounts", "value"),
        ]  # `facts` counts rows: it takes no column


def test_lineage_of_real_marts(con: duckdb.DuckDBPyConnection) -> None:
    def behind(table: str, column: str) -> set[str]:
        query = (
            "SELECT from_table || '.' || from_column FROM meta.column_lineage WHERE (table_name, column_name) = (?, ?)"
        )
        return {name for (name,) in con.execute(query, [table, column]).fetchall()}

    assert behind("mart.air_city_year", "good_day_rate") == {"mart.air_city_day.good", "mart.air_city_day.valid"}
    assert {"core.economic_accounts.value", "mart.energy_by_fuel.energy_tce"} <= behind(
        "mart.energy_per_10k_gdp", "tce_per_10k_yuan"
    )
    assert {"mart.air_city_year.good_day_rate", "core.register_events.event_date"} <= behind(
        "mart.indicator_value", "value"
    )
    strangers = con.execute(
        "SELECT DISTINCT from_table, from_column FROM meta.column_lineage "
        "ANTI JOIN meta.column ON from_table = meta.column.table_name AND from_column = meta.column.column_name"
    ).fetchall()
    assert strangers == []
    (source,) = con.execute(
        "SELECT source FROM meta.column WHERE table_name = 'mart.air_city_year' AND column_name = 'complete'"
    ).fetchone() or ("",)
    assert source == "mart.air_city_day (day, valid)"


def test_the_page_is_the_dictionary_of_the_night(con: duckdb.DuckDBPyConnection) -> None:
    page = (PROJECT / "docs" / "dictionary.md").read_text("utf-8")
    assert dictionary_page.page(con) == page, "make it again: quality-city dictionary --page docs/dictionary.md"


def test_the_data_package_beside_the_file_describes_it(sample_home: Path, con: duckdb.DuckDBPyConnection) -> None:
    folder = open_home(sample_home).current.resolve()
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    assert package["id"] == folder.name
    tables = {f"{r['dialect']['namespace']}.{r['dialect']['table']}": r for r in package["resources"]}
    stored = con.execute(
        "SELECT table_name, list(column_name ORDER BY position) FROM meta.column GROUP BY 1"
    ).fetchall()
    assert {name: [field["name"] for field in tables[name]["schema"]["fields"]] for name in tables} == dict(stored)
    assert all((folder / resource["path"]).is_file() for resource in package["resources"])
    rate = next(f for f in tables["mart.air_city_year"]["schema"]["fields"] if f["name"] == "good_day_rate")
    assert (rate["type"], rate["unit"]) == ("number", "%")
    assert tables["core.air_readings"]["schema"]["primaryKey"] == ["series", "station_code", "period_end", "averaging"]
