"""What a night does when something of ours is wrong (the plan, a rule, the books), or merely later."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from assets import ingest as ingest_module
from checks.conservation import Imbalance
from checks.rules import Rule
from checks.subjects import SUBJECT_RULES
from pipelines.cli import app
from pipelines.settings import DEFAULT_PLAN
from support.nights import published

RUN = CliRunner()
HEADER = "series,region_code,period,account,value,unit,price_base\n"


@pytest.fixture
def live(tmp_path: Path) -> tuple[Path, Path]:
    """A new home's path and an inbox with one good file."""
    accounts = tmp_path / "inbox" / "economic_accounts"
    accounts.mkdir(parents=True)
    (accounts / "2012.csv").write_text(HEADER + "city,320282,2012,gdp_current,1080.5,10^8 yuan,current\n", "utf-8")
    return tmp_path / "home", tmp_path / "inbox"


def _night(home: Path, inbox: Path, *more: str) -> tuple[int, str, str]:
    shown = RUN.invoke(app, ["nightly", "--home", str(home), "--inbox", str(inbox), *more])
    return shown.exit_code, shown.stdout, shown.stderr


def _one(home: Path, query: str) -> object:
    with published(home) as con:
        return con.execute(query).fetchall()


def test_a_plan_with_a_mistake_is_named_and_the_night_goes_on_with_the_last_good_one(live: tuple[Path, Path]) -> None:
    home, inbox = live
    assert _night(home, inbox)[0] == 0
    statuses = _one(home, "SELECT count(*) FROM mart.indicator_status WHERE headline")
    wrong = home.parent / "wrong.yaml"
    wrong.write_text(DEFAULT_PLAN.read_text("utf-8").replace("comparator: at_least", "comparator: at_lest", 1), "utf-8")
    code, out, _ = _night(home, inbox, "--plan", str(wrong))
    assert code == 0
    for word in ("wrong.yaml", "at_lest", "at_least", "to do"):
        assert word in out
    assert _one(home, "SELECT count(*) FROM mart.indicator_status WHERE headline") == statuses
    assert _one(home, "SELECT state FROM meta.source_file WHERE name = 'wrong.yaml'") == [("refused",)]
    checked = RUN.invoke(app, ["plan", "check", str(wrong)])
    assert checked.exit_code == 2
    assert "at_lest" in checked.stdout
    assert RUN.invoke(app, ["plan", "check", str(DEFAULT_PLAN)]).exit_code == 0


def test_a_first_night_with_a_bad_plan_still_publishes_the_facts(live: tuple[Path, Path]) -> None:
    home, inbox = live
    wrong = home.parent / "empty.yaml"
    wrong.write_text("", "utf-8")
    code, out, err = _night(home, inbox, "--plan", str(wrong))
    assert code == 0, err
    assert "empty.yaml" in out
    assert _one(home, "SELECT count(*) FROM core.economic_accounts") == [(1,)]


def test_a_rule_that_cannot_run_holds_the_files_until_it_is_mended(
    live: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    home, inbox = live
    broken = Rule("broken", "critical", "cannot run", "value", bad_rows="no_such_column > 0")
    rules = SUBJECT_RULES["economic_accounts"]
    monkeypatch.setitem(SUBJECT_RULES, "economic_accounts", (*rules, broken))
    code, out, _ = _night(home, inbox)
    assert code == 0
    assert "held" in out
    assert "no_such_column" in out
    assert _one(home, "SELECT state, rows_read FROM meta.source_file") == [("held", 0)]
    assert _one(home, "SELECT success, error <> '' FROM meta.validation_result WHERE expectation = 'broken'") == [
        (None, True)
    ]
    monkeypatch.setitem(SUBJECT_RULES, "economic_accounts", rules)
    assert _night(home, inbox)[0] == 0
    assert _one(home, "SELECT state, rows_accepted FROM meta.source_file") == [("loaded", 1)]


def test_books_that_do_not_balance_fail_the_night_and_change_nothing_for_analysts(
    live: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    home, inbox = live
    assert _night(home, inbox)[0] == 0
    before = (home / "published" / "current").readlink()
    (inbox / "economic_accounts" / "2013.csv").write_text(
        HEADER + "city,320282,2013,gdp_current,1150,10^8 yuan,current\n", "utf-8"
    )
    with monkeypatch.context() as patched:
        patched.setattr(ingest_module.conservation, "imbalances", lambda con, feed: [Imbalance("file x", 2, 1)])
        code, _, err = _night(home, inbox)
    assert code == 1
    assert "file x: the ledger says 2, counted 1" in err
    assert (home / "published" / "current").readlink() == before
    code, _, _ = _night(home, inbox)
    assert code == 0
    assert _one(home, "SELECT count(*) FROM core.economic_accounts") == [(2,)]


def test_a_reader_that_loses_a_row_refuses_the_file(live: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    home, inbox = live
    true_reader = ingest_module.FileReader

    class Careless(true_reader):
        def stretches(self):
            for stretch in super().stretches():
                yield replace(stretch, set_aside=stretch.set_aside.clear())

    monkeypatch.setattr(ingest_module, "FileReader", Careless)
    code, out, _ = _night(home, inbox)
    assert code == 0
    assert "neither read nor set aside" in out


def test_a_new_day_alone_publishes_nothing_until_it_changes_a_verdict(live: tuple[Path, Path]) -> None:
    home, inbox = live
    verdict = "SELECT status FROM mart.indicator_status WHERE indicator = 'provincial_brand_new_count' AND year = 2015"
    assert _night(home, inbox, "--as-of", "2013-06-01")[0] == 0
    first = (home / "published" / "current").readlink()
    early = _one(home, verdict)
    assert _night(home, inbox, "--as-of", "2013-06-02")[0] == 0
    assert (home / "published" / "current").readlink() == first
    assert _night(home, inbox, "--as-of", "2016-06-01")[0] == 0
    assert (home / "published" / "current").readlink() != first
    assert (early, _one(home, verdict)) == ([("not_due",)], [("no_data",)])


def test_a_reader_that_fails_holds_its_file_and_the_night_goes_on(
    live: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    home, inbox = live

    def failing(*_):
        raise ValueError("a fault of ours")

    with monkeypatch.context() as patched:
        patched.setattr(ingest_module, "FileReader", failing)
        code, out, _ = _night(home, inbox)
    assert code == 0
    assert "a fault of ours" in out
    assert _night(home, inbox)[0] == 0
    assert _one(home, "SELECT state, rows_accepted FROM meta.source_file") == [("loaded", 1)]


def test_full_width_digits_are_digits(live: tuple[Path, Path]) -> None:
    home, inbox = live
    (inbox / "emissions").mkdir()
    (inbox / "emissions" / "e.csv").write_text(
        "region_code,year,pollutant,scope,tonnes\n320282,２０１４,cod,z,５.５\n320282,٢٠١٤,cod,y,5\n", "utf-8"
    )
    assert _night(home, inbox)[0] == 0
    assert _one(home, "SELECT year, tonnes::VARCHAR FROM core.emissions") == [(2014, "5.5000")]
    assert _one(home, "SELECT rule FROM quarantine.emissions") == [("type:year",)]


def test_a_merge_that_needs_more_memory_gets_what_the_settings_allow(
    live: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    home, inbox = live
    true_merge, limits = ingest_module.merge.merge, []

    def thirsty(warehouse, *arguments):
        limits.append(warehouse.value("SELECT parse_formatted_bytes(current_setting('memory_limit'))"))
        if len(limits) == 1:
            raise duckdb.OutOfMemoryException("out of memory")
        return true_merge(warehouse, *arguments)

    monkeypatch.setattr(ingest_module.merge, "merge", thirsty)
    assert _night(home, inbox)[0] == 0
    assert limits[0] < 400_000_000 < limits[1]
    assert _one(home, "SELECT state, rows_accepted FROM meta.source_file") == [("loaded", 1)]
