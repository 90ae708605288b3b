"""`quality-city health`: what is in order, what is not, and its exit code."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.alerting.settings import AlertSettings
from pipelines.alerting.store import AlertStore, Message
from pipelines.cli import app
from pipelines.health import Finding, examine
from pipelines.settings import PROJECT
from warehouse.home import Home, create_home, holder, locked

RUN = CliRunner()
NOW = datetime(2013, 3, 2, 9)
PLENTY = 1 << 40


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with one published night that began at two."""
    made = create_home(tmp_path / "home", "live")
    night = made.nights / "n1"
    night.mkdir()
    (night / "warehouse.duckdb").write_bytes(b"")
    (night / "manifest.json").write_text(json.dumps({"published_at": "2013-03-02 02:01:00", "faults": []}), "utf-8")
    made.current.symlink_to(Path("nights") / "n1")
    made.published_database.symlink_to(Path("current") / "warehouse.duckdb")
    with AlertStore(made.work / "alerts.sqlite") as store:
        store.begin_night("n1", datetime(2013, 3, 2, 2))
        store.end_night("n1", datetime(2013, 3, 2, 2, 1))
    return made


def _bad(home: Home, now: datetime = NOW, free: int = PLENTY, **settings: object) -> list[tuple[str, str]]:
    found = examine(home, AlertSettings.model_validate(settings), now, free)
    assert found[0].what == "night"
    return [(finding.what, finding.seen) for finding in found if not finding.ok]


def test_a_home_in_order(home: Home) -> None:
    assert _bad(home) == []
    seen = {f.what: f.seen for f in examine(home, AlertSettings(), NOW, PLENTY)}
    assert seen["night"] == "n1 began 2013-03-02 02:00, ended 02:01"


def test_a_night_that_failed_died_or_is_too_long_ago(home: Home) -> None:
    assert _bad(home, NOW + timedelta(hours=30)) == [
        ("night", "n1 began 2013-03-02 02:00, 37 h ago; one is due after 36 h")
    ]
    with AlertStore(home.work / "alerts.sqlite") as store:
        store.begin_night("n2", datetime(2013, 3, 2, 3))
    assert [text.split(" and ")[1] for _, text in _bad(home)] == [
        "died before its end; the next night repairs what it left"
    ]
    with locked(home, "a night", 0, lambda _: None):
        assert _bad(home) == []  # it runs
        assert holder(home).startswith("a night (process ")
    assert holder(home) == ""
    with AlertStore(home.work / "alerts.sqlite") as store:
        store.end_night("n2", datetime(2013, 3, 2, 3, 1), "disk full")
    assert _bad(home) == [("night", "n2 began 2013-03-02 03:00 and failed: disk full")]


def test_no_night_and_nothing_published(tmp_path: Path) -> None:
    bare = create_home(tmp_path / "bare", "live")
    assert [what for what, _ in _bad(bare)] == ["night", "published"]
    assert not holder(bare)


def test_a_part_that_could_not_be_made_is_named(home: Home) -> None:
    manifest = {"published_at": "2013-03-02 02:01:00", "faults": ["report was not made: no font"]}
    (home.current / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    assert _bad(home) == [("published", "report was not made: no font")]


def test_a_disk_that_is_nearly_full(home: Home) -> None:
    home.database.write_bytes(b"x" * (3 << 20))
    enough = (1 << 30) + 2 * (3 << 20)
    assert _bad(home, free=enough) == []
    assert [what for what, _ in _bad(home, free=enough - 1)] == ["disk"]


def test_messages_that_nobody_sends_and_a_channel_that_fails(home: Home) -> None:
    with AlertStore(home.work / "alerts.sqlite") as store:
        store.put(Message("qc-1", "all", "t", "b", ()), ["hook"], NOW - timedelta(minutes=30))
        assert _bad(home) == []
        assert [what for what, _ in _bad(home, NOW + timedelta(hours=1))] == ["outbox"]
        assert _bad(home, NOW + timedelta(hours=1), quiet_hours={"start": "09:30", "end": "12:00"}) == []
        store.failed(store.due(NOW)[0], "nobody answers", NOW + timedelta(hours=5), NOW)
    assert _bad(home) == [("channel", "hook took nothing: nobody answers")]


def test_the_command_and_its_exit_codes(home: Home) -> None:
    asked = ["health", "--home", str(home.root)]
    shown = RUN.invoke(app, [*asked, "--quiet"])  # the clock of today: the night is long ago
    assert shown.exit_code == 1
    assert len(shown.stdout.splitlines()) == 1
    assert "BAD  night" in shown.stdout
    document = json.loads(RUN.invoke(app, [*asked, "--json"]).stdout)
    assert document["ok"] is False
    assert Finding(**document["findings"][1]) == Finding("published", True, "n1, published 2013-03-02 02:01:00")
    assert RUN.invoke(app, ["health", "--home", str(home.root / "none")]).exit_code == 2


def test_a_night_that_just_ran_is_in_order(sample_home: Path) -> None:
    shown = RUN.invoke(app, ["health", "--home", str(sample_home), "--quiet"])
    assert (shown.exit_code, shown.stdout) == (0, "")


def test_the_units_of_systemd_are_sound(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    for unit in (PROJECT / "deploy").glob("quality-city*"):
        text = unit.read_text("utf-8").replace("/opt/quality-city/.venv/bin/quality-city", "/bin/true")
        (tmp_path / unit.name).write_text(text, "utf-8")
    units = [str(path) for path in tmp_path.glob("quality-city*.*")]
    assert len(units) == 4
    shown = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (shown.returncode, shown.stderr) == (0, "")
