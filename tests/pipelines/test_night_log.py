"""QUALITY_CITY_LOG=json: a line for each step, with the night's id, and one for how it ended."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from pipelines.alerting.store import AlertStore
from pipelines.cli import app
from warehouse.home import create_home

RUN = CliRunner()
JSON = {"QUALITY_CITY_LOG": "json"}


def test_an_empty_night_logs_its_steps_and_its_end(sample_home: Path) -> None:
    shown = RUN.invoke(app, ["nightly", "--home", str(sample_home)], env=JSON)
    assert shown.exit_code == 0
    lines = [json.loads(line) for line in shown.stderr.splitlines() if line.startswith("{")]
    assert [line["event"] for line in lines] == ["step"] * (len(lines) - 1) + ["nothing_new"]
    assert all(set(line) >= {"at", "night", "event", "text"} for line in lines)
    with AlertStore(sample_home / "work" / "alerts.sqlite") as store:
        last = store.nights()[-1]["night_id"]
    assert {line["night"] for line in lines[:-1]} == {last}
    assert "sending alerts" in [line["text"] for line in lines]
    assert lines[-1]["refused"] == []


def test_a_failure_is_a_line_and_a_sentence(tmp_path: Path) -> None:
    home = create_home(tmp_path / "home", "live")
    home.inbox.rmdir()
    shown = RUN.invoke(app, ["nightly", "--home", str(home.root)], env=JSON)
    assert shown.exit_code == 1
    *lines, words = shown.stderr.splitlines()
    failed = json.loads(lines[-1])
    assert failed["event"] == "failed"
    assert "is not there" in failed["text"]
    assert failed["text"] in words
