"""A working file of an earlier version is brought forward with a backup; one of a newer version is refused."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from assets.status.history import HISTORY
from pipelines.alerting.steps import desk_of
from pipelines.cli import app
from pipelines.settings import Settings
from sources.feeds import FEEDS
from support.nights import night, published
from warehouse import meta
from warehouse.home import Home, create_home, open_home
from warehouse.schema import declared_columns
from warehouse.store import UnusableFileError, Warehouse, fact_tables
from warehouse.upgrade import VERSION, SchemaError

OLD = Path(__file__).parents[1] / "data" / "warehouse" / "version-1.duckdb.gz"

#: Columns of every guarded table at `VERSION`.
PINNED = (2, "d07c10ab715f3f3e")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home whose working file is the stored one of version 1, with an inbox that no longer has its files."""
    made = create_home(tmp_path / "home", "live")
    made.database.write_bytes(gzip.decompress(OLD.read_bytes()))
    return made


def test_a_change_of_guarded_columns_raises_the_version() -> None:
    guarded = [*meta.META_TABLES, HISTORY, *(table for feed in FEEDS.values() for table in fact_tables(feed))]
    layout = json.dumps({table.name: declared_columns(table) for table in guarded}, sort_keys=True)
    found = (VERSION, hashlib.sha256(layout.encode()).hexdigest()[:16])
    assert found == PINNED, "columns of a guarded table changed: raise warehouse.upgrade.VERSION and pin both here"


def test_an_older_file_is_brought_forward_and_loses_nothing(home: Home) -> None:
    with duckdb.connect(str(home.database), read_only=True) as con:
        facts = con.execute("SELECT region_code, year, pollutant, tonnes FROM core.emissions ORDER BY ALL").fetchall()
        refused = con.execute("SELECT rule, reason, raw FROM quarantine.economic_accounts").fetchall()
    assert (len(facts), len(refused)) == (2, 1)
    with Warehouse(home, threads=1) as warehouse:
        assert warehouse.upgraded is not None
        backup = warehouse.upgraded.backup
        assert "from version 1 to 2" in str(warehouse.upgraded)
        assert warehouse.rows("SELECT region_code, year, pollutant, tonnes FROM core.emissions ORDER BY ALL") == facts
        assert warehouse.rows("SELECT rule, reason, raw FROM quarantine.economic_accounts") == refused
        assert warehouse.rows("SELECT DISTINCT consumer, fuel FROM core.emissions") == [(None, None)]
        assert warehouse.value("SELECT count(*) FROM meta.source_file WHERE state = 'loaded'") == 2
    with duckdb.connect(str(backup), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM core.emissions").fetchall() == [(2,)]
    with Warehouse(home, threads=1) as warehouse:
        assert warehouse.upgraded is None


def test_a_night_on_an_older_file_says_so_and_publishes_old_and_new(home: Home) -> None:
    emissions = home.inbox / "emissions"
    emissions.mkdir()
    (emissions / "e.csv").write_text("region_code,year,pollutant,scope,tonnes\n320282,2014,cod,z,50\n", "utf-8")
    assert night(home.root).published
    with published(home.root) as con:
        facts = con.execute("SELECT year, tonnes::VARCHAR FROM core.emissions ORDER BY year").fetchall()
        assert facts == [(2012, "55.5000"), (2013, "54.0000"), (2014, "50.0000")]
        assert con.execute("SELECT count(*) FROM core.economic_accounts").fetchall() == [(1,)]
        judged = "SELECT count(*) FROM mart.indicator_status WHERE headline AND year = 2014"
        assert con.execute(judged).fetchall() == [(121,)]
    with desk_of(Settings(home=home.root), open_home(home.root)) as desk:
        assert desk.store.nights()[-1]["error"] is None


def test_a_kill_before_the_end_leaves_the_older_file(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from warehouse import upgrade

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(upgrade, "_widen", killed)
        with pytest.raises(KeyboardInterrupt):
            Warehouse(home, threads=1)
    with Warehouse(home, threads=1) as warehouse:
        assert warehouse.upgraded is not None


def test_a_newer_file_is_refused_and_left_as_it_is(home: Home) -> None:
    with Warehouse(home, threads=1) as warehouse:
        warehouse.con.execute("UPDATE work.layout SET version = 99")
    for _ in range(2):
        with pytest.raises(SchemaError, match="written by a newer Quality City"):
            Warehouse(home, threads=1)
    shown = CliRunner().invoke(app, ["nightly", "--home", str(home.root)])
    assert shown.exit_code == 1
    assert "newer Quality City" in shown.stderr


def test_a_column_that_nobody_knows_is_not_thrown_away(home: Home) -> None:
    with duckdb.connect(str(home.database)) as con:
        con.execute("ALTER TABLE core.emissions ADD COLUMN remark VARCHAR")
    with pytest.raises(SchemaError, match=r"core\.emissions has the columns .*remark"):
        Warehouse(home, threads=1)


def test_a_damaged_file_is_named(home: Home) -> None:
    home.database.write_bytes(b"\0" * 5000)
    with pytest.raises(UnusableFileError, match="cannot be opened"):
        Warehouse(home, threads=1)
