"""Marts from dirty keys, publication, and the lock: what a night leaves for analysts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
import polars as pl
import pytest

from sources.registry import Table, integer, text
from support.readings import account, reading
from support.small_warehouse import REGIONS, TOTALS, load, open_warehouse
from warehouse import dirty, nights, publish
from warehouse.home import Home, HomeError, LockedError, create_home, locked, open_home
from warehouse.marts import Inputs, Mart, ReferenceTable, Upstream
from warehouse.rebuild import load_references, notice_changed_marts, rebuild
from warehouse.store import Warehouse
from warehouse.upgrade import SchemaError

NIGHT = datetime(2020, 1, 2, 2)


def _publish(warehouse: Warehouse, night_id: str, at: datetime = NIGHT) -> publish.Published:
    return publish.publish(warehouse, night_id, NIGHT, at, {"loaded": []}, {"plan": "x"})


def test_only_dirty_portions_are_computed_and_keys_are_cleared(tmp_path: Path) -> None:
    with open_warehouse(tmp_path) as warehouse:
        load(warehouse, reading("a", [account("1", "2012", 10), account("1", "2013", 5), account("2", "2012", 7)]))
        assert rebuild(warehouse, TOTALS).scopes == 2
        assert warehouse.rows("SELECT region_code, total::VARCHAR, facts FROM mart.test_total") == [
            ("1", "15.000000", 2),
            ("2", "7.000000", 1),
        ]
        assert rebuild(warehouse, REGIONS).rows == 1
        load(warehouse, reading("b", [account("2", "2013", 1)]))
        built = rebuild(warehouse, TOTALS)
        assert (built.scopes, built.changed) == (1, 2)  # the old row of region 2 and the new one
        assert dirty.dirty_marts(warehouse.con, [TOTALS, REGIONS]) == [REGIONS]
        assert rebuild(warehouse, REGIONS).changed == 0  # still two regions: nothing below is dirty


def test_a_scope_that_lost_its_facts_loses_its_row(tmp_path: Path) -> None:
    with open_warehouse(tmp_path) as warehouse:
        load(warehouse, reading("a", [account("1", "2012", 10), account("2", "2012", 1)]))
        rebuild(warehouse, TOTALS)
        warehouse.con.execute("DELETE FROM core.economic_accounts WHERE region_code = '1'")
        warehouse.con.execute("INSERT INTO work.dirty_test_total VALUES ('1')")
        rebuild(warehouse, TOTALS)
        assert warehouse.rows("SELECT region_code FROM mart.test_total") == [("2",)]


def test_a_failing_build_leaves_mart_and_keys_as_they_were(tmp_path: Path) -> None:
    with open_warehouse(tmp_path) as warehouse:
        load(warehouse, reading("a", [account("1", "2012", 10)]))
        rebuild(warehouse, TOTALS)
        load(warehouse, reading("b", [account("1", "2013", 10)]))
        failing = Mart(TOTALS.table, "test", TOTALS.scope, TOTALS.upstream, lambda inputs: inputs.table("core.nothing"))
        with pytest.raises(Exception, match="nothing"):
            rebuild(warehouse, failing)
        assert warehouse.rows("SELECT facts FROM mart.test_total") == [(1,)]
        assert rebuild(warehouse, TOTALS).scopes == 1


def test_marts_come_after_what_they_rest_on_and_circles_are_named() -> None:
    assert [mart.name for mart in dirty.in_order([REGIONS, TOTALS])] == ["mart.test_total", "mart.test_regions"]
    table = Table("mart.round", "圈", "circle", (integer("n", "数", "n"),))
    circle = Mart(table, "test", (), (Upstream("mart.round"),), REGIONS.build)
    with pytest.raises(ValueError, match=r"circle.*mart\.round"):
        dirty.in_order([circle])


def test_marts_with_and_without_portions_may_rest_on_the_same_rows(tmp_path: Path) -> None:
    """One mart is rebuilt whole and one by region, for the same rows of a table; rows left out dirty neither."""
    rows = Upstream("core.economic_accounts", TOTALS.upstream[0].scope, where="period = '2012'")
    by_region = Mart(TOTALS.table, "test", TOTALS.scope, (rows,), TOTALS.build)
    whole = Mart(REGIONS.table, "test", (), (rows,), REGIONS.build)
    with Warehouse(create_home(tmp_path / "home", "live"), marts=(by_region, whole), threads=1) as warehouse:
        load(warehouse, reading("a", [account("1", "2011", 10)]))
        assert dirty.dirty_marts(warehouse.con, (by_region, whole)) == []
        load(warehouse, reading("b", [account("1", "2012", 10)]))
        assert dirty.dirty_marts(warehouse.con, (by_region, whole)) == [by_region, whole]


def test_a_changed_standard_dirties_the_marts_that_read_it(tmp_path: Path) -> None:
    table = Table(
        "standard.test_limit", "限值", "a limit", (text("item", "项", "item"), integer("value", "值", "value"))
    )
    limit = [5]
    reference = ReferenceTable(table, lambda: pl.DataFrame({"item": ["x"], "value": limit}))
    mart = Mart(TOTALS.table, "test", TOTALS.scope, TOTALS.upstream, TOTALS.build, reads=(table.name,))
    home = create_home(tmp_path / "home", "live")
    with Warehouse(home, marts=(mart,), references=(reference,), threads=1) as warehouse:
        load(warehouse, reading("a", [account("1", "2012", 10)]))
        rebuild(warehouse, mart)
        assert load_references(warehouse, [reference]) == ["standard.test_limit"]
        assert rebuild(warehouse, mart).scopes == 1
        assert load_references(warehouse, [reference]) == []
        assert rebuild(warehouse, mart).scopes == 0
        limit[0] = 6
        assert load_references(warehouse, [reference]) == ["standard.test_limit"]
        assert warehouse.value("SELECT value FROM standard.test_limit") == 6
        assert rebuild(warehouse, mart).scopes == 1


def test_a_new_version_of_a_calculation_is_built_whole(tmp_path: Path) -> None:
    with open_warehouse(tmp_path) as warehouse:
        load(warehouse, reading("a", [account("1", "2012", 10)]))
        assert set(notice_changed_marts(warehouse, [TOTALS, REGIONS])) == {"mart.test_total", "mart.test_regions"}
        rebuild(warehouse, TOTALS)
        assert notice_changed_marts(warehouse, [TOTALS, REGIONS]) == []
        raised = Mart(TOTALS.table, "test", TOTALS.scope, TOTALS.upstream, TOTALS.build, version=2)
        assert notice_changed_marts(warehouse, [raised]) == ["mart.test_total"]
        assert rebuild(warehouse, TOTALS).scopes == 1


def _by_its_text(inputs: Inputs) -> ir.Table:
    """The totals, with 0 facts where every portion was computed."""
    return TOTALS.build(inputs).mutate(facts=ibis.literal(0 if inputs.only is None else 1))


def test_a_mart_has_its_own_text_for_all_portions_until_it_was_built(tmp_path: Path) -> None:
    mart = Mart(TOTALS.table, "test", TOTALS.scope, TOTALS.upstream, _by_its_text, wholly=True)
    totals = "SELECT region_code, facts FROM mart.test_total ORDER BY ALL"
    with Warehouse(create_home(tmp_path / "home", "live"), marts=(mart,), threads=1) as warehouse:
        assert rebuild(warehouse, mart).scopes == 0
        notice_changed_marts(warehouse, [mart])
        load(warehouse, reading("a", [account("1", "2012", 10)]))
        assert notice_changed_marts(warehouse, [mart]) == []
        rebuild(warehouse, mart)
        assert warehouse.rows(totals) == [("1", 0)]
        load(warehouse, reading("b", [account("2", "2013", 1)]))
        rebuild(warehouse, mart)
        assert warehouse.rows(totals) == [("1", 0), ("2", 1)]
        raised = replace(mart, version=2)
        assert notice_changed_marts(warehouse, [raised]) == [mart.name]
        rebuild(warehouse, raised)
        assert warehouse.rows(totals) == [("1", 0), ("2", 0)]
        load(warehouse, reading("c", [account("1", "2014", 1)]))
        rebuild(warehouse, raised)
        assert warehouse.rows(totals) == [("1", 1), ("2", 0)]


def test_publication_is_complete_read_only_and_described(tmp_path: Path) -> None:
    with open_warehouse(tmp_path) as warehouse:
        load(warehouse, reading("a", [account("1", "2012", 10)]))
        assert warehouse.unpublished
        published = _publish(warehouse, "20200102-020000-000000")
        assert not warehouse.unpublished
    home = open_home(tmp_path / "home")
    assert home.published_database.resolve() == published.database
    assert oct(published.database.stat().st_mode & 0o777) == "0o444"
    manifest = json.loads((published.folder / "manifest.json").read_text("utf-8"))
    assert manifest["rows"]["core.economic_accounts"] == 1
    with duckdb.connect(str(published.database), read_only=True) as con:
        assert con.execute(
            "SELECT count(*) FROM duckdb_columns() WHERE NOT internal AND comment IS NULL"
        ).fetchone() == (0,)
        assert con.execute("SELECT count(*) FROM duckdb_tables() WHERE comment IS NULL").fetchone() == (0,)
        assert con.execute("SELECT night_id FROM meta.night").fetchone() == ("20200102-020000-000000",)


def test_a_copy_that_differs_is_not_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_warehouse(tmp_path) as warehouse:
        load(warehouse, reading("a", [account("1", "2012", 10)]))
        first = _publish(warehouse, "20200102-020000-000000")
        load(warehouse, reading("b", [account("1", "2013", 10)]))
        true_counts = publish.table_counts
        calls = iter([{"core.economic_accounts": 3}])
        monkeypatch.setattr(publish, "table_counts", lambda con: next(calls, None) or true_counts(con))
        with pytest.raises(publish.PublicationError, match=r"differs.*core\.economic_accounts"):
            _publish(warehouse, "20200103-020000-000000", datetime(2020, 1, 3))
        assert nights.current_night(warehouse.home) == first.night_id
        assert warehouse.unpublished
        publish.forget_unpublished(warehouse)
        assert warehouse.rows("SELECT night_id FROM meta.night") == [(first.night_id,)]
        assert nights.clean(warehouse.home) == ["20200103-020000-000000.tmp"]


def test_what_is_made_beside_the_copy_is_listed_linked_and_never_stops_a_publication(tmp_path: Path) -> None:
    def count(database: Path, target: Path) -> list[str]:
        target.mkdir()
        with duckdb.connect(str(database), read_only=True) as con:
            (facts,) = con.execute("SELECT count(*) FROM core.economic_accounts").fetchone() or (None,)
        (target / "count.txt").write_text(str(facts), "utf-8")
        return ["one page is missing"]

    def break_down(database: Path, target: Path) -> list[str]:
        target.mkdir()
        (target / "half.txt").write_text("half", "utf-8")
        raise KeyError("broken")

    companions = (publish.Companion("counts", count), publish.Companion("broken", break_down))
    with open_warehouse(tmp_path) as warehouse:
        load(warehouse, reading("a", [account("1", "2012", 10)]))
        published = publish.publish(warehouse, "20200102-020000-000000", NIGHT, NIGHT, {}, {}, companions)
        assert not warehouse.unpublished
    home = open_home(tmp_path / "home")
    assert (home.published / "counts" / "count.txt").read_text("utf-8") == "1"
    assert not (published.folder / "broken").exists()
    assert published.faults == ("one page is missing", "broken was not made: KeyError: 'broken'")
    manifest = json.loads((home.current / "manifest.json").read_text("utf-8"))
    assert list(manifest["files"]) == ["counts/count.txt", "warehouse.duckdb"]
    assert manifest["files"]["counts/count.txt"]["bytes"] == 1
    assert manifest["faults"] == list(published.faults)


def test_old_nights_are_pruned_but_the_last_of_each_month(tmp_path: Path) -> None:
    home = create_home(tmp_path / "home", "live")
    names = ["20200130-1", "20200131-1", "20200201-1", "20200202-1", "20200203-1"]
    for name in names:
        (home.nights / name).mkdir()
    home.current.symlink_to(Path("nights") / names[-1])
    assert nights.prune(home, keep=1) == ["20200130-1", "20200201-1", "20200202-1"]


def test_oldest_supported_client_opens_the_published_file(tmp_path: Path) -> None:
    old = Path(sys.prefix) / "duckdb-1.4"
    if not old.is_dir():
        pytest.skip("duckdb 1.4 is not installed beside the environment (make test installs it)")
    with open_warehouse(tmp_path) as warehouse:
        load(warehouse, reading("a", [account("1", "2012", 10)]))
        rebuild(warehouse, TOTALS)
        database = _publish(warehouse, "20200102-020000-000000").database
    code = (
        f"import duckdb; assert duckdb.__version__.startswith('1.4'), duckdb.__version__; "
        f"con = duckdb.connect({str(database)!r}, read_only=True); "
        f"print(con.execute('SELECT total FROM mart.test_total').fetchall())"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(old)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    assert "Decimal('10.000000')" in shown.stdout


def test_a_home_keeps_its_kind_and_refuses_a_full_folder(tmp_path: Path) -> None:
    home = create_home(tmp_path / "home", "sample")
    assert open_home(home.root) == Home(home.root, "sample")
    with pytest.raises(HomeError, match="sample home and stays one"):
        create_home(home.root, "live")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("x")
    with pytest.raises(HomeError, match="not empty and no home"):
        create_home(tmp_path / "full", "live")
    with pytest.raises(HomeError, match="quality-city init"):
        open_home(tmp_path / "nowhere")
    (home.root / "home.json").write_text('{"kind": "other"}')
    with pytest.raises(HomeError, match='accepted: "sample" or "live"'):
        open_home(home.root)


def test_a_second_writer_waits_and_then_says_who_holds_the_lock(tmp_path: Path) -> None:
    home = create_home(tmp_path / "home", "live")
    said: list[str] = []
    with locked(home, "a night", 0, said.append):
        with (
            pytest.raises(LockedError, match=r"being written by a night \(process \d+, since 2\d\d\d-[\d: -]+\)"),
            locked(home, "a mend", 0.3, said.append),
        ):
            pass
        assert len(said) == 1
    with locked(home, "a mend", 0, said.append):
        pass


def test_a_changed_fact_table_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with open_warehouse(tmp_path) as warehouse:
        warehouse.con.execute("ALTER TABLE core.economic_accounts ADD COLUMN stray INTEGER")
    with pytest.raises(SchemaError, match="run the version that made the file"):
        open_warehouse(tmp_path)


def test_a_changed_mart_table_is_made_anew(tmp_path: Path) -> None:
    with open_warehouse(tmp_path) as warehouse:
        load(warehouse, reading("a", [account("1", "2012", 10)]))
        notice_changed_marts(warehouse, [TOTALS, REGIONS])
        rebuild(warehouse, TOTALS)
        warehouse.con.execute("ALTER TABLE mart.test_total ADD COLUMN stray INTEGER")
    with open_warehouse(tmp_path) as warehouse:
        assert warehouse.value("SELECT count(*) FROM mart.test_total") == 0
        assert notice_changed_marts(warehouse, [TOTALS, REGIONS]) == ["mart.test_total"]
        assert rebuild(warehouse, TOTALS).rows == 1


def test_a_change_in_a_table_that_is_merely_read_dirties_every_scope(tmp_path: Path) -> None:
    mart = Mart(TOTALS.table, "test", TOTALS.scope, TOTALS.upstream, TOTALS.build, reads=("core.regions",))
    region = {"series": "s", "code": "1", "valid_from": datetime(2000, 1, 1).date(), "name_zh": "甲", "level": "town"}
    with Warehouse(create_home(tmp_path / "home", "live"), marts=(mart,), threads=1) as warehouse:
        load(warehouse, reading("a", [account("1", "2012", 10), account("2", "2012", 1)]))
        rebuild(warehouse, mart)
        load(warehouse, reading("r", [region], feed="regions"))
        assert rebuild(warehouse, mart).scopes == 2
