"""Bad input: one clear message each, the night goes on without it and exits 0."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from support.nights import published

RUN = CliRunner()
GOOD = (
    "series,region_code,period,account,value,unit,price_base\ncity,320282,2012,gdp_current,1080.5,10^8 yuan,current\n"
)


@pytest.fixture(scope="module")
def bad_night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, dict]:
    """One live home with one good file and one file for each way of being wrong; its night, once."""
    root = tmp_path_factory.mktemp("bad")
    inbox = root / "inbox"
    accounts = inbox / "economic_accounts"
    accounts.mkdir(parents=True)
    (accounts / "good.csv").write_text(GOOD, "utf-8")
    (accounts / "unknown-layout.csv").write_text("alpha,beta\n1,2\n", "utf-8")
    (accounts / "empty.csv").write_bytes(b"")
    (accounts / "missing-column.csv").write_text(GOOD.replace(",unit", "").replace(",10^8 yuan", ""), "utf-8")
    (accounts / "unreadable.csv").write_bytes(b"\x81\xff\xfe\x00\xff\x80" * 50)
    synthetic = GOOD.replace("price_base\n", "price_base,origin\n").replace("current\n", "current,synthetic\n")
    (accounts / "example_accounts.csv").write_text(synthetic, "utf-8")
    (accounts / "error-page.csv").write_text("<!DOCTYPE html><html><body>Not Found</body></html>", "utf-8")
    (accounts / "bad-cells.csv").write_text(
        GOOD + "city,320282,2013,gdp_current,many,10^8 yuan,current\ncity,320282,2014,gnp,12,10^8 yuan,current\n"
        "city,320282,2015,gdp_current,-5,10^8 yuan,current\n",
        "utf-8",
    )
    (inbox / "weather").mkdir()
    (inbox / "weather" / "rain.csv").write_text("a,b\n1,2\n")
    (inbox / "loose.csv").write_text("a,b\n1,2\n")
    home = root / "home"
    shown = RUN.invoke(app, ["nightly", "--home", str(home), "--inbox", str(inbox), "--json"])
    assert shown.exit_code == 0, shown.output
    return home, shown.stderr, json.loads(shown.stdout)


@pytest.mark.parametrize(
    ("file", "found"),
    [
        ("unknown-layout.csv", "alpha"),
        ("empty.csv", "empty"),
        ("missing-column.csv", "unit"),
        ("unreadable.csv", "encoding"),
        ("error-page.csv", "web page"),
        ("example_accounts.csv", "a live home never holds synthetic ones"),
    ],
)
def test_a_refused_file_says_found_accepted_and_what_to_do(bad_night: tuple, file: str, found: str) -> None:
    home, _, document = bad_night
    (entry,) = [entry for entry in document["files"] if entry["name"] == file]
    for word in (file, found, "accepted: ", "to do: "):
        assert word in entry["problem"]
    with published(home) as con:
        state, reason, read = con.execute(
            "SELECT state, reason, rows_read FROM meta.source_file WHERE name = ?", [file]
        ).fetchone()
    assert (state, read) == ("refused", 0)
    assert reason == entry["problem"]


def test_files_for_no_feed_are_named_with_the_accepted_feeds(bad_night: tuple) -> None:
    _, _, document = bad_night
    strays = "\n".join(document["strays"])
    assert "weather" in strays
    assert "loose.csv" in strays
    assert "economic_accounts" in strays


def test_bad_records_are_quarantined_and_the_good_ones_stay(bad_night: tuple) -> None:
    home, _, _ = bad_night
    with published(home) as con:
        refused = con.execute(
            "SELECT source_row, rule FROM quarantine.economic_accounts JOIN meta.source_file USING (source_file_id) "
            "ORDER BY 1"
        ).fetchall()
        raw = con.execute("SELECT raw FROM quarantine.economic_accounts WHERE source_row = 3").fetchone()[0]
        kept = con.execute("SELECT count(*) FROM core.economic_accounts").fetchone()
    assert refused == [(3, "type:value"), (4, "code:account"), (5, "gdp_positive")]
    assert "many" in raw
    assert kept == (1,)


def test_the_night_after_is_quiet_and_refused_files_stay_known(bad_night: tuple) -> None:
    home, _, _ = bad_night
    shown = RUN.invoke(app, ["nightly", "--home", str(home), "--inbox", str(home.parent / "inbox")])
    assert shown.exit_code == 0, shown.output
    assert "nothing new" in shown.stdout


def test_quarantine_show_prints_place_reason_and_raw(bad_night: tuple) -> None:
    home, _, _ = bad_night
    shown = RUN.invoke(app, ["quarantine", "show", "bad-cells.csv", "--home", str(home)])
    assert shown.exit_code == 0, shown.output
    for word in ("row 3", "type:value", "many", "row 5", "GDP is positive"):
        assert word in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        (["nightly", "--home", "{tmp}/h", "--plan", "{tmp}/none.yaml"], {}, "none.yaml"),
        (["nightly", "--home", "{tmp}/h", "--inbox", "{tmp}/none"], {}, "is not a folder"),
        (["nightly", "--home", "{tmp}/h"], {"QUALITY_CITY_KEEP_NIGHTS": "-3"}, "QUALITY_CITY_KEEP_NIGHTS"),
        (["nightly", "--home", "{tmp}/h"], {"QUALITY_CITY_MEMORY_LIMIT": "much"}, "for example 3GB"),
        (["nightly", "--home", "{tmp}/h", "--as-of", "yesterday"], {}, "yesterday"),
        (["status", "--home", "{tmp}/h"], {}, "is not a home"),
        (["template", "weather"], {}, "accepted: spot_checks"),
        (["check", "{tmp}/none.csv"], {}, "no such file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_settings_errors_exit_2_before_anything_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], environment: dict[str, str], says: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    shown = RUN.invoke(app, [argument.format(tmp=tmp_path) for argument in arguments])
    assert shown.exit_code == 2, shown.output
    assert says in shown.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_dropped_into_a_sample_home_is_refused_with_the_way_out(tmp_path: Path) -> None:
    from pipelines.night import open_night
    from pipelines.settings import Settings
    from warehouse.home import create_home

    home = create_home(tmp_path / "home", "sample")
    (home.inbox / "economic_accounts").mkdir()
    (home.inbox / "economic_accounts" / "mine.csv").write_text(GOOD, "utf-8")
    with open_night(Settings(home=home.root), lambda _: None) as session:
        (problem,) = [p for p in session.strays if "mine.csv" in p.file]
        assert "quality-city init DIR" in problem.action
        assert all(file.name != "mine.csv" for files in session.pending.values() for file in files)


def test_a_live_home_refuses_synthetic_rows(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox" / "economic_accounts"
    inbox.mkdir(parents=True)
    header, row = GOOD.splitlines()
    (inbox / "made-up.csv").write_text(f"{header},origin\n{row},synthetic\n", "utf-8")
    shown = RUN.invoke(app, ["nightly", "--home", str(tmp_path / "home"), "--inbox", str(tmp_path / "inbox"), "--json"])
    assert shown.exit_code == 0, shown.output
    (entry,) = json.loads(shown.stdout)["files"]
    assert "never holds synthetic" in entry["problem"]


def test_check_tells_the_fates_without_storing_anything(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(GOOD + "city,320282,2013,gdp_current,many,10^8 yuan,current\n", "utf-8")
    shown = RUN.invoke(app, ["check", str(file), "--json"])
    assert shown.exit_code == 0, shown.output
    document = json.loads(shown.stdout)
    assert document["feed"] == "economic_accounts"
    assert (document["ledger"]["rows_accepted"], document["ledger"]["rows_quarantined"]) == (1, 1)
    (refused,) = document["refused"]
    assert "many" in refused["raw"] and "many" in refused["reason"] and refused["source_row"] == 3
    assert (refused["columns"], refused["to_do"]) == (["value"], "write the cell as accepted")
    assert [path.name for path in tmp_path.iterdir()] == ["bad.csv"]


def test_check_says_why_a_file_is_refused_whole_and_what_the_nearest_layout_is(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("account,region_code,period\ngdp_current,320282,2012\n", "utf-8")
    shown = RUN.invoke(app, ["check", str(file), "--json"])
    assert shown.exit_code == 2, shown.output
    problem = json.loads(shown.stdout)["problem"]
    assert problem["row"] == 1 and "economic_accounts" not in problem["found"]
    assert "value" in problem["accepted"] and problem["action"]
    assert "refused whole" in RUN.invoke(app, ["check", str(file)]).stdout


def test_check_says_what_the_file_is_and_what_was_mended(tmp_path: Path) -> None:
    file = tmp_path / "twice.csv"
    name = "宜兴市统计局".encode().decode("latin-1")
    file.write_text(GOOD.replace("current\n", f"{name}\n"), "utf-8")
    shown = RUN.invoke(app, ["check", str(file), "--json"])
    assert shown.exit_code == 0, shown.output
    document = json.loads(shown.stdout)
    assert document["publication"]["series"] == "canonical"
    assert (document["publication"]["format"], document["publication"]["encoding"]) == ("delimited text", "utf-8")
    assert "read as Latin-1" in document["warnings"][0] and "line 2" in document["warnings"][0]
    assert document["ledger"]["notes"] in document["warnings"][0]


def test_init_makes_a_home_that_a_night_accepts(tmp_path: Path) -> None:
    home = tmp_path / "city"
    assert RUN.invoke(app, ["init", str(home)]).exit_code == 0
    folders = sorted(path.name for path in (home / "inbox").iterdir())
    assert len(folders) == 12
    assert (home / "inbox" / "spot_checks" / "_template.xlsx").exists()
    (home / "inbox" / "economic_accounts" / "gdp.csv").write_text(GOOD, "utf-8")
    shown = RUN.invoke(app, ["nightly", "--home", str(home), "--json"])
    assert shown.exit_code == 0, shown.output
    document = json.loads(shown.stdout)
    assert [(entry["name"], entry["accepted"]) for entry in document["files"]] == [("gdp.csv", 1)]
    assert document["strays"] == []
