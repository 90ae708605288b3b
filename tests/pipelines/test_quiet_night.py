"""A night with nothing new is told at once; whatever changes makes it an ordinary one again."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pipelines import present, quiet
from pipelines.account import NightAccount
from pipelines.alerting.model import Alert
from pipelines.quiet import quiet_night
from pipelines.run import run_night
from pipelines.settings import PROJECT, Settings
from pipelines.withdraw import take_back
from warehouse.home import LockedError, locked, open_home

pytestmark = pytest.mark.pipeline

AS_OF = date(2014, 3, 1)
_ROWS = "region_code,year,pollutant,scope,tonnes\n320282,2011,cod,z,57\n320282,2012,cod,z,55\n"


class Town:
    """A small live home, its settings, and its nights."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.file = root / "inbox" / "emissions" / "cod.csv"
        self.more: dict[str, Any] = {}

    @property
    def settings(self) -> Settings:
        given = {"as_of": AS_OF, "threads": 2, "report": False} | self.more
        return Settings(home=self.root, inbox=self.root / "inbox", **given)

    def ordinary(self) -> NightAccount:
        return run_night(self.settings, lambda _: None)

    def quiet(self) -> NightAccount | None:
        return quiet_night(self.settings, lambda _: None)


@pytest.fixture(scope="module")
def at_rest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after a published night and one with nothing new."""
    inbox = tmp_path_factory.mktemp("made") / "inbox"
    (inbox / "emissions").mkdir(parents=True)
    (inbox / "emissions" / "cod.csv").write_text(_ROWS, "utf-8")
    (inbox / "emissions" / "other.csv").write_text("a,b\n1,2\n", "utf-8")  # is refused, so that there is an alert
    root = inbox.parent / "home"
    settings = Settings(home=root, inbox=inbox, as_of=AS_OF, threads=2, report=False)
    assert run_night(settings, lambda _: None).published
    shutil.rmtree(root / "inbox")
    inbox.rename(root / "inbox")
    return root


@pytest.fixture
def town(at_rest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    """A copy of that home that is at rest: the next night has nothing new."""
    monkeypatch.setattr(quiet, "_FRESH_NS", 0)
    shutil.copytree(at_rest, tmp_path / "home", symlinks=True)
    town = Town(tmp_path / "home")
    assert town.quiet() is None  # its files lie elsewhere now
    assert not town.ordinary().published
    assert town.quiet() is not None
    return town


def test_it_gives_the_account_of_an_ordinary_empty_night(town: Town) -> None:
    quick, ordinary = town.quiet(), town.ordinary()
    assert quick is not None
    quick_json, ordinary_json = present.account_json(quick), present.account_json(ordinary)
    assert quick_json.pop("seconds") < ordinary_json.pop("seconds")
    assert quick_json == ordinary_json


def test_it_stays_quiet_and_is_in_the_book_of_nights(town: Town) -> None:
    def nights() -> list[tuple[str, str | None]]:
        with sqlite3.connect(town.root / "work" / "alerts.sqlite") as con:
            return con.execute("SELECT started_at, ended_at FROM night_run ORDER BY started_at").fetchall()

    before = nights()
    for _ in range(3):
        assert town.quiet() is not None
    new = nights()[len(before) :]
    assert len(new) == 3
    assert all(ended for _, ended in new)


def _new_file(town: Town) -> None:
    (town.file.parent / "more.csv").write_text(_ROWS.replace("2012", "2013"), "utf-8")


def _other_bytes_of_one_length(town: Town) -> None:
    before = town.file.stat()
    town.file.write_text(_ROWS.replace("57", "58"), "utf-8")
    os.utime(town.file, ns=(before.st_atime_ns, before.st_mtime_ns))  # only the time of the change tells


def _file_gone(town: Town) -> None:
    town.file.unlink()


def _stray(town: Town) -> None:
    (town.root / "inbox" / "note.txt").write_text("?", "utf-8")


def _plan(town: Town) -> None:
    shutil.copyfile(PROJECT / "assets" / "plans" / "yixing-2012.yaml", town.root / "plans" / "yixing-2012.yaml")


def _setting(town: Town) -> None:
    town.more = {"keep_nights": 7}


def _published_gone(town: Town) -> None:
    (town.root / "published" / "current").unlink()


def _alerts_gone(town: Town) -> None:
    (town.root / "work" / "alerts.sqlite").unlink()


def _alert_taken_on(town: Town) -> None:
    with sqlite3.connect(town.root / "work" / "alerts.sqlite") as con:
        changed = con.execute("UPDATE alert SET acknowledged_by = 'somebody'").rowcount
    assert changed > 0


def _withdrawn(town: Town) -> None:
    take_back(town.settings, "emissions/cod.csv", "wrong", lambda _: None)


def _unseen_work(town: Town) -> None:
    """A night that was killed after it merged and before it published."""
    import duckdb

    with duckdb.connect(str(open_home(town.root).database)) as con:
        con.execute("INSERT INTO work.unpublished VALUES (true)")


def _killed_run(town: Town) -> None:
    book = town.root / "work" / "dagster" / "history" / "runs.db"
    with sqlite3.connect(book) as con:
        assert con.execute("UPDATE runs SET status = 'STARTED'").rowcount > 0


def _no_memory_of_rest(town: Town) -> None:
    (town.root / "work" / "quiet.json").write_text("{", "utf-8")


_CHANGES: tuple[Callable[[Town], None], ...] = (
    _new_file, _other_bytes_of_one_length, _file_gone, _stray, _plan, _setting, _published_gone, _alerts_gone,
    _alert_taken_on, _withdrawn, _unseen_work, _killed_run, _no_memory_of_rest,
)  # fmt: skip


@pytest.mark.parametrize("change", _CHANGES, ids=lambda change: change.__name__.strip("_"))
def test_a_change_makes_an_ordinary_night(change: Callable[[Town], None], town: Town) -> None:
    change(town)
    assert town.quiet() is None


def test_what_arrived_is_loaded(town: Town) -> None:
    _new_file(town)
    assert town.quiet() is None
    assert [entry.file.name for entry in town.ordinary().files] == ["more.csv"]
    assert town.quiet() is not None


def test_a_file_that_arrives_while_a_night_works_is_seen_by_the_next(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(night: Any) -> bool:
        _new_file(town)
        return True

    monkeypatch.setattr("pipelines.night._at_rest", late)
    assert not town.ordinary().published
    assert town.quiet() is None


def test_a_file_that_was_written_this_moment_is_in_doubt(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within one tick of the clock of a file system it could be written again, and look the same."""
    monkeypatch.setattr(quiet, "_FRESH_NS", 10**15)
    assert town.quiet() is None
    assert not town.ordinary().published
    monkeypatch.setattr(quiet, "_FRESH_NS", 0)
    assert town.quiet() is None  # that night could not tell how things lay
    town.ordinary()
    assert town.quiet() is not None


def test_another_day_is_another_night(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Duties fall due and series become late by the day; the as-of date alone is enough."""
    tomorrow = quiet.local_now() + timedelta(days=1)
    with monkeypatch.context() as later:
        later.setattr(quiet, "local_now", lambda: tomorrow)
        assert town.quiet() is None
    assert town.quiet() is not None
    town.more = {"as_of": AS_OF + timedelta(days=1)}
    assert town.quiet() is None


def test_another_version_of_the_program(town: Town, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    room = tmp_path / "rooms" / "sources"
    shutil.copytree(PROJECT / "sources", room)
    shutil.copytree(PROJECT / "samples" / "plans", room.parent / "samples" / "plans")
    monkeypatch.setattr(quiet, "PROJECT", room.parent)
    monkeypatch.setattr(quiet, "_ROOMS", ("sources",))
    town.ordinary()
    assert town.quiet() is not None
    (room / "units.csv").write_text((room / "units.csv").read_text("utf-8") + "\n", "utf-8")
    assert town.quiet() is None


def test_a_held_file_is_tried_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A night that leaves work is not at rest, though nothing changes."""
    _new_file(town)
    monkeypatch.setattr("assets.ingest.FileReader", _broken)
    (held,) = town.ordinary().files
    assert held.problem.startswith("more.csv: held")
    assert town.quiet() is None


def _broken(*_: object) -> None:
    raise ZeroDivisionError("a fault of the reader")


def test_escalations_and_missed_nights_come_by_the_clock(town: Town) -> None:
    town.more = {"alerts": {"escalate_after_days": 30, "missed_after_hours": 24 * 40}}
    now = quiet.local_now()
    told = {}
    with quiet.desk_of(town.settings, open_home(town.root)) as desk:
        for what in ("as it is", "one alert is open"):
            for days in (20, 35, 45):
                then = quiet.AlertDesk(desk.store, desk.settings, desk.home, partial(_later, now, days), desk.send)
                told[what, days] = quiet._by_the_clock(then, town.settings)
            key = ("yixing-2012", "pm10", "320282", "off_plan")
            desk.store.keep([Alert("0123456789abcdef", *key, "20140301-0", now, "2013 behind", "落后", "behind")])
    assert told == {
        ("as it is", 20): False, ("as it is", 35): False, ("as it is", 45): True,
        ("one alert is open", 20): False, ("one alert is open", 35): True, ("one alert is open", 45): True,
    }  # fmt: skip


def _later(now: datetime, days: int) -> datetime:
    return now + timedelta(days=days)


def test_waiting_messages_go_out(town: Town) -> None:
    """A message that no channel took is sent by a night with nothing new."""
    town.more = {"alerts": {
        "channels": {"log": {"service": "file"}},
        "audiences": {"all": {"channels": ["log"], "bodies": ["all"], "operators": True}},
    }}  # fmt: skip
    town.ordinary()  # with these settings, and it tells of the refused file
    town.ordinary()
    assert town.quiet() is not None
    log = town.root / "logs" / "alerts.jsonl"
    before = len(log.read_text("utf-8").splitlines())
    with sqlite3.connect(town.root / "work" / "alerts.sqlite") as con:
        assert con.execute("UPDATE delivery SET accepted_at = NULL, next_at = '2014-01-01T00:00:00'").rowcount == 1
    assert town.quiet() is not None
    assert len(log.read_text("utf-8").splitlines()) == before + 1


def test_nothing_heavy_is_imported(town: Town) -> None:
    code = (
        "import sys; from pipelines.cli import app\n"
        "try: app(sys.argv[1:])\n"
        "except SystemExit as end: assert not end.code\n"
        "heavy = {'dagster', 'great_expectations', 'ibis', 'polars', 'pandas', 'pyarrow', 'duckdb', 'apprise'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    environ = os.environ | {"QUALITY_CITY_THREADS": "2", "QUALITY_CITY_REPORT": "false"}
    command = [sys.executable, "-c", code, "nightly", "--home", str(town.root), "--inbox", str(town.root / "inbox")]
    for _ in "12":  # the first one finds other settings than this process had
        time.sleep(2.1)  # nothing was written this moment
        found = subprocess.run(
            [*command, "--as-of", str(AS_OF)], cwd=PROJECT, env=environ, capture_output=True, text=True, check=True
        )
    said, heavy = found.stdout.strip().splitlines()
    assert said.startswith("没有新内容 · nothing new since night ")
    assert heavy == "[]"


def test_two_at_once(town: Town) -> None:
    town.more = {"lock_wait_seconds": 0.0}
    town.ordinary()
    with locked(open_home(town.root), "a test", 0, lambda _: None), pytest.raises(LockedError, match="a test"):
        town.quiet()


def test_it_is_written_down_whole_or_not_at_all(town: Town) -> None:
    kept = json.loads((town.root / "work" / "quiet.json").read_text("utf-8"))
    assert set(kept) == {
        "inbox", "plans", "program", "libraries", "settings", "day", "working file", "published", "alerts"
    }  # fmt: skip
    assert not (town.root / "work" / "quiet.tmp").exists()


def test_byte_code_that_appears_is_no_change(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first night on a fresh machine compiles the program that it runs, folder by folder."""
    program = tmp_path / "program" / "assets"
    program.mkdir(parents=True)
    (program.parent / "samples" / "plans").mkdir(parents=True)
    (program / "air.py").write_text("LIMIT = 35\n", "utf-8")
    monkeypatch.setattr(quiet, "PROJECT", program.parent)
    monkeypatch.setattr(quiet, "_ROOMS", ("assets",))
    assert not town.ordinary().published
    assert town.quiet() is not None
    (program / "__pycache__").mkdir()
    (program / "__pycache__" / "air.pyc").write_bytes(b"\x00")
    assert town.quiet() is not None
    (program / "air.py").write_text("LIMIT = 75\n", "utf-8")
    assert town.quiet() is None


def test_what_a_linked_inbox_holds_is_looked_at(town: Town, tmp_path: Path) -> None:
    inbox = town.file.parents[1]
    inbox.rename(tmp_path / "elsewhere")
    inbox.symlink_to(tmp_path / "elsewhere")
    assert not town.ordinary().published
    assert town.quiet() is not None
    _new_file(town)
    assert town.quiet() is None
