"""Parts of a night that fail: it publishes what it can prove, says what it could not do, and goes on by itself later.

One small city, in a copy for each test; a new file lies in the inbox of every copy.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from checks.rules import Rule
from checks.subjects import SUBJECT_RULES
from pipelines.account import NightAccount
from pipelines.alerting.steps import desk_of
from pipelines.cli import app
from pipelines.report import FOLDER
from pipelines.run import run_night
from pipelines.settings import PROJECT, load_settings
from support.nights import SAID, published
from support.receivers import Hook, serving
from warehouse.home import Home, create_home, open_home

RUN = CliRunner()
AS_OF = date(2014, 3, 1)
HEADER = "region_code,year,pollutant,scope,tonnes\n"
YEARS = "SELECT year FROM core.emissions ORDER BY 1"
GARBAGE = b"this is no database " * 500


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """After its first night, which told operators of a file that nobody recognises."""
    home = create_home(tmp_path_factory.mktemp("city") / "home", "live")
    home.settings_file.write_text(
        "alerts:\n  channels: {log: {service: file}}\n"
        "  audiences: {operators: {channels: [log], operators: true, bodies: [all]}}\n", "utf-8",
    )  # fmt: skip
    emissions = home.inbox / "emissions"
    emissions.mkdir()
    (emissions / "first.csv").write_text(HEADER + "320282,2012,cod,z,55.5\n", "utf-8")
    (emissions / "unknown.csv").write_text("alpha,beta\n1,2\n", "utf-8")
    assert _night(home).published
    return home


@pytest.fixture
def home(city: Home, tmp_path: Path) -> Home:
    """The city, and a new file in its inbox."""
    shutil.copytree(city.root, tmp_path / "home", symlinks=True)
    copy = open_home(tmp_path / "home")
    (copy.inbox / "emissions" / "second.csv").write_text(HEADER + "320282,2013,cod,z,54\n", "utf-8")
    return copy


def _night(home: Home) -> NightAccount:
    SAID.clear()
    return run_night(load_settings(home=home.root, as_of=AS_OF, threads=2, report=False), SAID.append)


def _years(home: Home) -> list[int]:
    with published(home.root) as con:
        return [row[0] for row in con.execute(YEARS).fetchall()]


def _one(home: Home, query: str) -> list[tuple[object, ...]]:
    with published(home.root) as con:
        return con.execute(query).fetchall()


def test_without_great_expectations_fonts_and_browser_files_are_held_and_the_rest_is_published(
    home: Home, tmp_path: Path
) -> None:
    absent = tmp_path / "absent"
    absent.mkdir()
    (absent / "great_expectations.py").write_text("raise ImportError('no such library: a test took it away')\n")
    (absent / "fonts.conf").write_text("<fontconfig></fontconfig>\n", "utf-8")
    (home.inbox / "emissions" / "unknown2.csv").write_text("gamma,delta\n1,2\n", "utf-8")
    shown = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "nightly", "--home", str(home.root), "--as-of", str(AS_OF)],
        cwd=PROJECT, capture_output=True, text=True, check=False,
        env={
            **os.environ, "PYTHONPATH": str(absent), "FONTCONFIG_FILE": str(absent / "fonts.conf"), "PATH": str(absent),
            "COLUMNS": "400",
        },
    )  # fmt: skip
    assert shown.returncode == 0, shown.stderr
    said = shown.stdout
    assert "emissions/second.csv: held: required:series could not run (ImportError: no such library" in said
    assert said.count("ImportError") == 2  # for the file, and once for all rules
    assert re.search(r"rule could not run: required:series, .* and \d+ more: ImportError", said)
    assert "unknown2.csv" in said
    assert "已发布 · published" in said
    assert "could not be made" not in said
    assert (home.published / FOLDER / "index.html").is_file()
    assert _years(home) == [2012]
    assert _one(home, "SELECT state FROM meta.source_file WHERE name = 'second.csv'") == [("held",)]
    assert _night(home).published
    assert _years(home) == [2012, 2013]


def test_the_report_names_a_family_that_every_machine_has_after_each_chinese_font() -> None:
    static = PROJECT / "pipelines" / "report" / "static"
    (page,) = re.findall(r"html \{ font: ([^;]*);", (static / "report.css").read_text("utf-8"))
    (charts,) = re.findall(r"font: '([^']*)'", (static / "report.js").read_text("utf-8"))
    for family in (page, charts):
        assert "Noto Sans CJK SC" in family
        assert family.endswith("sans-serif")


def test_a_broken_warning_is_said_and_holds_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Rule("broken", "warning", "cannot run", "tonnes", bad_rows="no_such_column > 0")
    monkeypatch.setitem(SUBJECT_RULES, "emissions", (*SUBJECT_RULES.get("emissions", ()), broken))
    (said,) = _night(home).errored_rules
    assert said.startswith("broken: ")
    assert "no_such_column" in said
    assert _years(home) == [2012, 2013]
    assert _one(home, "SELECT severity, success FROM meta.validation_result WHERE error <> ''") == [("warning", None)]


def test_a_dead_channel_keeps_its_message_for_the_next_night(home: Home) -> None:
    with serving(Hook()) as hook:
        home.settings_file.write_text(
            home.settings_file.read_text("utf-8").replace(
                "{service: file}", f'{{service: webhook, url: "http://127.0.0.1:{hook.server_port}/in"}}'
            )
            + "  retry_minutes: 0.001\n",
            "utf-8",
        )
        (home.inbox / "emissions" / "unknown2.csv").write_text("gamma,delta\n1,2\n", "utf-8")
        hook.answer = 503
        assert _night(home).published
        assert _waiting(home) == 1
        hook.answer = 200
        assert not _night(home).published
        assert _waiting(home) == 0
    bodies = [body for _, _, body in hook.posts]
    assert bodies[0] in bodies[1:]  # the same message, with the same number
    assert _years(home) == [2012, 2013]


def _waiting(home: Home) -> int:
    with desk_of(load_settings(home=home.root), home) as desk:
        return desk.store.waiting()


def test_damaged_books_of_dagster_are_put_aside_and_the_night_goes_on(home: Home) -> None:
    runs, index = home.dagster / "history" / "runs.db", home.dagster / "history" / "runs" / "index.db"
    for book in (runs, index, home.dagster / "schedules" / "schedules.db"):
        assert book.is_file()
        book.write_bytes(GARBAGE)
    (home.dagster / "dagster.yaml").write_bytes(b"\x00 [")
    made = _night(home)
    assert made.published
    assert len(made.mended) == 4
    assert set(made.mended) <= set(SAID)
    assert "history/runs.db was damaged (file is not a database) and now lies in runs.db.damaged-2" in made.mended[1]
    (kept,) = runs.parent.glob("runs.db.damaged-*")
    assert kept.read_bytes() == GARBAGE
    with closing(sqlite3.connect(runs)) as con:
        assert con.execute("SELECT status FROM runs").fetchall() == [("SUCCESS",)]
    assert _years(home) == [2012, 2013]
    assert _night(home).mended == ()


def test_what_fails_after_the_publication_is_said_and_done_by_the_next_night(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("no way out")

    (home.inbox / "emissions" / "unknown2.csv").write_text("gamma,delta\n1,2\n", "utf-8")
    with monkeypatch.context() as patched:
        patched.setattr("pipelines.alerting.glue.tell_after", broken)
        made = _night(home)
    assert made.published
    assert made.not_made == (
        "after the publication: step published__alerts: OSError: no way out; the next night does it",
    )
    before = (home.logs / "alerts.jsonl").read_text("utf-8")
    assert _night(home).not_made == ()
    assert "unknown2.csv" in (home.logs / "alerts.jsonl").read_text("utf-8").removeprefix(before)


@pytest.mark.parametrize("way", ["overwritten", "one page", "gone"])
def test_alerts_whose_file_is_lost_are_made_again_with_their_ids(home: Home, way: str) -> None:
    file = home.work / "alerts.sqlite"
    with desk_of(load_settings(home=home.root), home) as desk:
        before = desk.store.alerts()
    assert {alert.rule for alert in before} >= {"refused_file"}
    log = home.logs / "alerts.jsonl"
    told = log.read_text("utf-8").splitlines()
    for journal in home.work.glob("alerts.sqlite-*"):
        journal.unlink()
    if way == "gone":
        file.unlink()
    else:
        content = bytearray(file.read_bytes())
        start, end = (0, len(content)) if way == "overwritten" else (4096, 8192)
        content[start:end] = (GARBAGE * 20)[: end - start]
        file.write_bytes(content)
    if way == "overwritten":
        shown = RUN.invoke(app, ["alerts", "list", "--home", str(home.root)])
        assert (shown.exit_code, "is damaged (file is not a database); the next night" in shown.stderr) == (2, True)
    made = _night(home)
    assert made.published
    (said,) = made.mended
    assert f"{len(before)} alerts with the same ids" in said
    assert len(list(home.work.glob("alerts.sqlite.damaged-*"))) == (way != "gone")
    with desk_of(load_settings(home=home.root), home) as desk:
        after = {alert.alert_id: alert for alert in desk.store.alerts()}
        assert desk.store.waiting() == 0
    for alert in before:  # the rest stands in the lost file only, and comes from tonight's conditions
        known = replace(alert, sent_at=None, opened_night="", folders="", plan_row=0)
        assert replace(after[alert.alert_id], sent_at=None, opened_night="", folders="", plan_row=0) == known
    assert len(log.read_text("utf-8").splitlines()) == len(told) + 1  # told again, in one digest
    assert _night(home).mended == ()
    assert len(log.read_text("utf-8").splitlines()) == len(told) + 1
