"""Two writers of one home at once, as real processes: one goes on, the other waits or says who holds the home.

One small city, in a copy for each test; whoever comes first, the end is the state of an undisturbed night.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from pipelines.dagster_home import prepare
from pipelines.quarantine import export
from pipelines.replay import replay_mend
from pipelines.settings import PROJECT, Settings
from pipelines.withdraw import take_back
from support.kill_checks import published_faults
from support.nights import differences, night, published, state
from support.workbooks import edited
from warehouse.home import Home, create_home, holder, locked, open_home

AS_OF = date(2014, 3, 1)
FILES = {
    "first.csv": "region_code,year,pollutant,scope,tonnes\n320282,2011,cod,z,57\n320282,2012,cod,z,many\n",
    "wrong.csv": "region_code,year,pollutant,scope,tonnes\n320282,2010,cod,z,5.8\n",
}
NEWS = "region_code,year,pollutant,scope,tonnes\n320282,2013,cod,z,54\n"
SECONDS = 120


class Writer:
    """A command as a process of its own; what it says is kept in a file."""

    def __init__(self, home: Home, *command: str, **environ: str) -> None:
        self.heard = home.root.parent / f"heard-{len(list(home.root.parent.iterdir()))}"
        with self.heard.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command], cwd=PROJECT, stdout=said, stderr=said,
                env={
                    **os.environ, "QUALITY_CITY_HOME": str(home.root), "QUALITY_CITY_AS_OF": str(AS_OF),
                    "QUALITY_CITY_REPORT": "false", "QUALITY_CITY_THREADS": "2", "QUALITY_CITY_LOG": "json",
                    "DAGSTER_HOME": str(prepare(home.dagster)), **environ,
                },
            )  # fmt: skip

    @property
    def said(self) -> str:
        return self.heard.read_text("utf-8")

    def until(self, words: str) -> None:
        """Wait until the process has said `words`."""
        _until(lambda: words in self.said or self.process.poll() is not None)
        assert words in self.said, self.said

    def end(self) -> int:
        return self.process.wait(SECONDS)


def _until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _nightly(home: Home, **environ: str) -> Writer:
    return Writer(home, "pipelines.cli", "nightly", **environ)


def _quiet_night(home: Home) -> None:
    night(home.root, as_of=AS_OF)


def _statuses(home: Home) -> list[str]:
    with closing(sqlite3.connect(home.dagster / "history" / "runs.db")) as con:
        return [row[0] for row in con.execute("SELECT status FROM runs ORDER BY id").fetchall()]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """After its first night; a new file lies in its inbox, and `mend.xlsx` beside it mends the refused record."""
    home = create_home(tmp_path_factory.mktemp("city") / "home", "live")
    (home.inbox / "emissions").mkdir()
    for name, text in FILES.items():
        (home.inbox / "emissions" / name).write_text(text, "utf-8")
    _quiet_night(home)
    with published(home.root) as con:
        export(con, "first.csv", home.root.parent / "export.xlsx")
    edited(home.root.parent / "export.xlsx", {"many": "55"}, home.root.parent / "mend.xlsx")
    (home.inbox / "emissions" / "news.csv").write_text(NEWS, "utf-8")
    return home


def _copy(city: Home, folder: Path) -> Home:
    shutil.copytree(city.root.parent, folder / "city", symlinks=True)
    return open_home(folder / "city" / "home")


@pytest.fixture(scope="module")
def undisturbed(city: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The city after a night that nobody disturbed."""
    home = _copy(city, tmp_path_factory.mktemp("undisturbed"))
    _quiet_night(home)
    return home


def _whole(home: Home, undisturbed: Home) -> None:
    """No file is corrupt, nothing is left over, every fact is there once."""
    assert published_faults(home.root) == []
    assert list(home.nights.glob("*.tmp")) == []
    assert differences(state(undisturbed.root), state(home.root)) == {}
    with closing(sqlite3.connect(home.work / "alerts.sqlite")) as con:
        assert con.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_two_nights_and_one_of_dagster_load_a_file_once(city: Home, undisturbed: Home, tmp_path: Path) -> None:
    home = _copy(city, tmp_path)
    with locked(home, "a test", 0, lambda _: None):  # all three wait at the same door
        nights = [_nightly(home), _nightly(home)]
        dagster = Writer(home, "dagster", "job", "execute", "-m", "pipelines.definitions", "-j", "nightly")
        for one in (*nights, dagster):
            one.until(f"waiting for a test (process {os.getpid()}, since ")
    assert [one.end() for one in (*nights, dagster)] == [0, 0, 0], [one.said for one in (*nights, dagster)]
    events = [json.loads(line)["event"] for one in nights for line in one.said.splitlines() if line.startswith("{")]
    # Whichever came first published; nobody else had anything to say, and no run was taken for a dead one.
    assert events.count("published") <= 1
    assert events.count("published") + events.count("nothing_new") == 2
    assert set(_statuses(home)) == {"SUCCESS"}
    assert len(list(home.nights.iterdir())) == 2
    _whole(home, undisturbed)


def test_a_night_that_hangs_is_named_and_a_killed_one_leaves_no_lock(
    city: Home, undisturbed: Home, tmp_path: Path
) -> None:
    home = _copy(city, tmp_path)
    hanging = _nightly(home)
    hanging.until('"text": "computing')
    hanging.process.send_signal(signal.SIGSTOP)
    second = _nightly(home, QUALITY_CITY_LOCK_WAIT_SECONDS="0.5")
    assert second.end() == 1
    refusal = second.said.splitlines()[-1]
    assert refusal.startswith("quality-city: nothing was done; what analysts see is unchanged: ")
    assert f"is being written by a night (process {hanging.process.pid}, since 20" in refusal
    assert "end that process: a killed night loses nothing" in refusal
    assert "Traceback" not in second.said
    hanging.process.kill()
    assert hanging.end() == -signal.SIGKILL
    assert (home.work / "lock").read_text("utf-8").startswith("a night (process")  # its name is still there
    assert holder(home) == ""
    third = _nightly(home, QUALITY_CITY_LOCK_WAIT_SECONDS="0")
    assert third.end() == 0, third.said
    assert "waiting" not in third.said
    assert _statuses(home).count("FAILURE") == 1
    assert holder(home) == (home.work / "lock").read_text("utf-8") == ""
    _whole(home, undisturbed)


def test_a_night_beside_a_withdrawal_and_a_replay(city: Home, undisturbed: Home, tmp_path: Path) -> None:
    """The last test of this file: the undisturbed city goes on here."""
    home = _copy(city, tmp_path)
    settings = Settings(home=undisturbed.root, as_of=AS_OF, threads=2, report=False)
    take_back(settings, "wrong.csv", "unit", lambda _: None)
    replay_mend(settings, undisturbed.root.parent / "mend.xlsx", lambda _: None)
    _quiet_night(undisturbed)
    with locked(home, "a test", 0, lambda _: None):
        writers = [
            _nightly(home),
            Writer(home, "pipelines.cli", "withdraw", "wrong.csv", "--reason", "unit"),
            Writer(home, "pipelines.cli", "quarantine", "replay", str(home.root.parent / "mend.xlsx")),
        ]
        for one in writers:
            one.until("waiting for a test")
    assert [one.end() for one in writers] == [0, 0, 0], [one.said for one in writers]
    _quiet_night(home)
    _whole(home, undisturbed)
    with published(home.root) as con:
        assert con.execute("SELECT year FROM core.emissions ORDER BY 1").fetchall() == [(2011,), (2012,), (2013,)]
