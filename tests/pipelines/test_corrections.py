"""A correction changes the facts that it names and what derives from them; `withdraw` undoes it exactly."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.settings import SAMPLE_INBOX
from support.nights import night, published, state
from warehouse.home import open_home

RUN = CliRunner()
STATIONS = ("五牧", "姚巷桥")
CORRECTION = "corrections/五牧_2021-04.csv"
State = dict[str, list[tuple[Any, ...]]]


class Story(NamedTuple):
    """A home, and its published state after the first night, the correction, and its withdrawal."""

    home: Path
    first: State
    corrected: State
    undone: State
    told: dict[str, Any]
    moments: tuple[Any, Any, Any]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    root = tmp_path_factory.mktemp("corrections")
    home, water = root / "home", root / "inbox" / "water_samples"
    water.mkdir(parents=True)
    for station in STATIONS:
        shutil.copy(SAMPLE_INBOX / "water_samples" / f"{station}_2021-04.csv", water)
    shutil.copytree(SAMPLE_INBOX / "stations", root / "inbox" / "stations")
    states, moments = [], []

    def one_night() -> None:
        assert night(home, inbox=root / "inbox", as_of="2021-07-01").published
        states.append(state(home))
        with published(home) as con:
            moments.append(con.execute("SELECT max(published_at) FROM meta.night").fetchall()[0][0])

    one_night()
    lines = (water / f"{STATIONS[0]}_2021-04.csv").read_text("utf-8").splitlines()
    wrong = lines[1]
    assert ",6.90," in wrong  # dissolved oxygen of 1 April 04:00
    (water / "corrections").mkdir()
    (water / CORRECTION).write_text("\n".join([lines[0], wrong.replace(",6.90,", ",1.90,")]) + "\n", "utf-8")
    one_night()
    shown = RUN.invoke(app, ["withdraw", CORRECTION, "--reason", "wrong sheet", "--home", str(home), "--json"])
    assert shown.exit_code == 0, shown.output
    one_night()
    return Story(home, *states, json.loads(shown.stdout), tuple(moments))


def _changed(before: State, after: State) -> dict[str, set[tuple[Any, ...]]]:
    """Rows that stand on one side only, by table."""
    found = {name: set(before[name]) ^ set(after[name]) for name in before}
    return {name: rows for name, rows in found.items() if rows}


def test_a_correction_changes_the_facts_it_names_and_what_derives_from_them(story: Story) -> None:
    changed = _changed(story.first, story.corrected)
    facts = changed.pop("core.water_samples")
    # One row was sent again with one value changed: the rest of it is the same facts, from a later file.
    assert all("2021-04-01 04:00:00" in map(str, row) for row in facts)
    assert any("1.900000" in map(str, row) for row in facts)
    assert {name.split(".")[0] for name in changed} <= {"mart", "history", "repeat", "meta"}
    for name, rows in changed.items():
        if name.startswith("mart."):
            assert not any(STATIONS[1] in map(str, row) for row in rows), name
    classes = changed["mart.water_sample_class"]
    assert all("2021-04-01 04:00:00" in map(str, row) for row in classes)
    assert len(classes) == 2  # before and after


def test_withdraw_undoes_it_exactly(story: Story) -> None:
    changed = _changed(story.first, story.undone)
    history = changed.pop("history.water_samples")
    assert all(row[-1] is True for row in history)  # withdrawn, and nothing else
    (entry,) = changed.pop("meta.source_file")
    assert CORRECTION in entry
    assert "withdrawn" in entry
    assert changed == {}
    assert (story.told["facts_removed"], story.told["facts_restored"]) == (0, len(history))
    assert "mart.water_sample_class" in story.told["next_night_computes"]


def test_what_was_known_at_each_night_is_what_was_published_then(story: Story) -> None:
    first, corrected, undone = story.moments
    with published(story.home) as con:
        for moment, then in ((first, story.first), (corrected, story.corrected), (undone, story.undone)):
            rows = con.execute("FROM core.water_samples_as_known_at(?) ORDER BY ALL", [moment]).fetchall()
            assert rows == then["core.water_samples"]
        before = first - timedelta(days=1)
        assert con.execute("SELECT count(*) FROM core.water_samples_as_known_at(?)", [before]).fetchall() == [(0,)]


def test_the_oldest_supported_client_can_ask_what_was_known(story: Story) -> None:
    old = Path(sys.prefix) / "duckdb-1.4"
    if not old.is_dir():
        pytest.skip("duckdb 1.4 is not installed beside the environment (make test installs it)")
    database = open_home(story.home).published_database.resolve()
    query = f"SELECT count(*) FROM core.water_samples_as_known_at('{story.moments[0]}')"
    code = f"import duckdb; print(duckdb.connect({str(database)!r}, read_only=True).execute({query!r}).fetchall())"
    shown = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(old)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.strip() == f"[({len(story.first['core.water_samples'])},)]"


def test_a_withdrawn_file_in_the_inbox_stays_withdrawn(story: Story) -> None:
    inbox = story.home.parent / "inbox"
    assert (inbox / "water_samples" / CORRECTION).exists()
    quiet = night(story.home, inbox=inbox, as_of="2021-07-01")
    assert not quiet.published
    assert quiet.files == ()


def test_withdraw_says_what_it_needs(story: Story) -> None:
    home = ["--home", str(story.home)]
    again = RUN.invoke(app, ["withdraw", CORRECTION, "--reason", "again", *home])
    assert again.exit_code == 2
    assert "withdrawn" in again.stderr
    unreasoned = RUN.invoke(app, ["withdraw", "五牧_2021-04.csv", "--reason", " ", *home])
    assert unreasoned.exit_code == 2
    assert "--reason: found nothing" in unreasoned.stderr
    nowhere = RUN.invoke(app, ["withdraw", "x", "--reason", "y", "--home", str(story.home / "none")])
    assert nowhere.exit_code == 2
    assert "is not a home" in nowhere.stderr
