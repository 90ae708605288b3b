"""Refused records: shown, exported, mended by a person, replayed; and read again by a mended adapter."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from checks.conservation import imbalances
from pipelines import present, quarantine
from pipelines.cli import app
from pipelines.settings import SAMPLE_INBOX
from sources.adapter import Adapter
from sources.adapters import also_reading
from sources.feeds import FEEDS
from support.nights import night, state
from support.workbooks import edited, formulas
from warehouse.home import open_home

RUN = CliRunner()
HEADER = "series,region_code,period,account,value,unit,price_base,remark\n"
ROW = "city,320282,{},{},{},10^8 yuan,current,{}\n"
BAD = (
    HEADER
    + ROW.format(2012, "gdp_current", "1080.5", "")
    + ROW.format(2013, "gdp_current", "many", "=HYPERLINK(1)")
    + ROW.format(2014, "gnp", "1200", "")
    + ROW.format(2015, "gdp_current", "-5", "")
)
WATER = "五牧_2021-04.csv"


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an inbox and a live home after its night: two files hold refused records."""
    root = tmp_path_factory.mktemp("quarantine")
    accounts, water = root / "inbox" / "economic_accounts", root / "inbox" / "water_samples"
    accounts.mkdir(parents=True)
    water.mkdir()
    (accounts / "bad.csv").write_text(BAD, "utf-8")
    text = (SAMPLE_INBOX / "water_samples" / WATER).read_text("utf-8")
    assert text.count(",17.4,7.88,6.90,556.3,") == 1
    (water / WATER).write_text(text.replace(",17.4,7.88,6.90,556.3,", ",17.4,7.88,six,556.3,"), "utf-8")
    night(root / "home", inbox=root / "inbox", as_of="2021-07-01")
    return root


@pytest.fixture
def home(first_night: Path, tmp_path: Path) -> Path:
    """A copy of that home, with its inbox beside it."""
    shutil.copytree(first_night, tmp_path / "copy", symlinks=True)
    return tmp_path / "copy" / "home"


@contextmanager
def working(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The working file: what the next night will publish."""
    with duckdb.connect(str(open_home(home).database), read_only=True) as con:
        yield con


def run(*arguments: str, home: Path) -> Any:
    shown = RUN.invoke(app, [*arguments, "--home", str(home), "--json"], env={"QUALITY_CITY_INBOX": str(inbox(home))})
    assert shown.exit_code == 0, shown.output
    return json.loads(shown.stdout)


def inbox(home: Path) -> Path:
    return home.parent / "inbox"


def ask(home: Path, query: str) -> list[tuple[Any, ...]]:
    with working(home) as con:
        assert [found for feed in FEEDS.values() for found in imbalances(con, feed)] == []
        return con.execute(query).fetchall()


ACCOUNTS = "SELECT period, account, value::DOUBLE FROM core.economic_accounts ORDER BY ALL"
GATED = [("2012", "gdp_current", 1080.5)]
MENDED = [*GATED, ("2013", "gdp_current", 1150.0), ("2014", "gdp_current", 1200.0)]


def export(home: Path, file: str, into: str) -> Path:
    path = home.parent / into
    with working(home) as con:
        quarantine.export(con, file, path)
    return path


def test_mended_records_and_only_these_are_accepted_and_a_wrong_one_says_its_new_reason(home: Path) -> None:
    listed = run("quarantine", "list", home=home)
    assert [(row["file"], row["rule"], row["records"]) for row in listed] == [
        ("bad.csv", "code:account", 1), ("bad.csv", "gdp_positive", 1), ("bad.csv", "type:value", 1),
        (WATER, "type:value", 1),
    ]  # fmt: skip
    shown = run("quarantine", "show", listed[0]["source_file_id"], home=home)
    assert [row["source_row"] for row in shown] == [3, 4, 5]
    book = home.parent / "mend.xlsx"
    told = run("quarantine", "export", "bad.csv", "-o", str(book), home=home)
    assert (told["rows"], told["records"], told["left_out"]) == (3, 3, [])
    assert formulas(book) == []
    mended = edited(book, {"many": "1150", "gnp": "gdp_current", "-5": "-7"}, home.parent / "mended.xlsx")

    (first,) = run("quarantine", "replay", str(mended), home=home)
    assert (first["before"], first["after"], first["accepted"]) == (3, 1, 2)
    assert "still refused, row 5: " in first["note"]
    assert "-7" in first["note"]
    assert ask(home, ACCOUNTS) == MENDED
    assert ask(home, "SELECT source_row, replayed_by IS NOT NULL FROM quarantine.economic_accounts q JOIN "
               "meta.source_file USING (source_file_id) WHERE name = 'bad.csv' ORDER BY 1") == [
        (3, True), (4, True), (5, True),
    ]  # fmt: skip
    assert ask(
        home,
        "SELECT name, adapter, series, rows_read, rows_accepted, rows_quarantined, rows_set_aside "
        "FROM meta.source_file WHERE feed = 'economic_accounts' ORDER BY name",
    ) == [("bad.csv", "canonical", "city", 5, 1, 3, 1), ("mends/mended.xlsx", "canonical", "city", 4, 2, 1, 1)]
    traced = ask(home, "SELECT c.period, f.name, c.source_sheet, c.source_row, m.mends_row FROM "
                 "core.economic_accounts c JOIN meta.source_file f USING (source_file_id) JOIN meta.mend m "
                 "USING (source_file_id, source_sheet, source_row, record_no) ORDER BY 1")  # fmt: skip
    assert traced == [
        ("2013", "mends/mended.xlsx", "记录 records", 3, 3), ("2014", "mends/mended.xlsx", "记录 records", 4, 4),
    ]  # fmt: skip
    assert (inbox(home) / "economic_accounts" / "mends" / "mended.xlsx").read_bytes() == mended.read_bytes()

    # The same workbook, and the same records saved anew, change nothing.
    (again,) = run("quarantine", "replay", str(mended), home=home)
    assert "already" in again["note"]
    resaved = edited(book, {"many": "1150", "gnp": "gdp_current", "-5": "-8"}, home.parent / "resaved.xlsx")
    (second,) = run("quarantine", "replay", str(resaved), home=home)
    assert (second["before"], second["after"], second["accepted"]) == (1, 1, 0)
    assert second["set_aside"] == {"mended already": 2}
    assert ask(home, ACCOUNTS) == MENDED

    # The workbook that was exported first mends the rest; withdrawn, its record waits again.
    last = edited(book, {"many": "9", "gnp": "gdp_current", "-5": "1300"}, home.parent / "last.xlsx")
    (third,) = run("quarantine", "replay", str(last), home=home)
    assert (third["before"], third["after"], third["accepted"]) == (1, 0, 1)
    assert ask(home, ACCOUNTS) == [*MENDED, ("2015", "gdp_current", 1300.0)]
    run("withdraw", "mends/last.xlsx", "--reason", "a guess", home=home)
    assert ask(home, ACCOUNTS) == MENDED
    with working(home) as con:
        waiting = [row for row in quarantine.listed(con) if row["feed"] == "economic_accounts"]
    assert [(row["file"], row["rule"]) for row in waiting] == [("mends/resaved.xlsx", "gdp_positive")]

    # What a mend left open is exported from the mend, for the publication that it speaks for.
    chained = export(home, "mends/resaved.xlsx", "chained.xlsx")
    right = edited(chained, {"-8": "1300"}, home.parent / "right.xlsx")
    (fourth,) = run("quarantine", "replay", str(right), home=home)
    assert (fourth["before"], fourth["after"], fourth["accepted"]) == (1, 0, 1)


def test_one_mended_cell_of_a_wide_row_gives_what_the_right_file_gives(home: Path, tmp_path: Path) -> None:
    ((before,),) = ask(home, "SELECT count(*) FROM core.water_samples")
    book = edited(export(home, WATER, "w.xlsx"), {"six": "6.90"}, tmp_path / "water.xlsx")
    (told,) = run("quarantine", "replay", str(book), home=home)
    assert (told["before"], told["after"], told["accepted"], told["duplicate"]) == (1, 0, 1, 0)
    assert set(told["set_aside"]) == {"record beside the refused one"}
    other = tmp_path / "other"
    (other / "inbox" / "water_samples").mkdir(parents=True)
    shutil.copy(SAMPLE_INBOX / "water_samples" / WATER, other / "inbox" / "water_samples")
    night(other / "home", inbox=other / "inbox", as_of="2021-07-01")
    content = "SELECT station_code, sampled_at, determinand, value, unit, series FROM core.water_samples ORDER BY ALL"
    assert ask(home, content) == ask(other / "home", content)
    assert len(ask(home, content)) == before + 1
    # And so do the marts that rest on it.
    night(home, inbox=inbox(home), as_of="2021-07-01")
    ours, theirs = state(home), state(other / "home")
    for mart in ("mart.water_sample_class", "mart.water_station_month"):
        assert ours[mart] == theirs[mart] != []


def test_a_workbook_says_what_is_wrong_with_it(home: Path, tmp_path: Path) -> None:
    def refused(*arguments: str) -> str:
        shown = RUN.invoke(app, ["quarantine", *arguments, "--home", str(home)])
        assert shown.exit_code == 2, shown.output
        return shown.stderr

    book = export(home, "bad.csv", "book.xlsx")
    assert "exists already" in refused("export", "bad.csv", "-o", str(book))
    assert "not a workbook of" in refused("replay", str(inbox(home) / "economic_accounts" / "bad.csv"))
    assert "no such file" in refused("replay", "nothing.xlsx")
    assert "give the mended workbook, or --refused" in refused("replay")
    assert "is not in the ledger" in refused("show", "nothing.csv")
    # Of another home: nothing here was refused.
    (listed, *_) = run("quarantine", "list", home=home)
    foreign = edited(book, {listed["source_file_id"]: "0123456789abcdef", "many": "1150"}, tmp_path / "foreign.xlsx")
    (told,) = run("quarantine", "replay", str(foreign), home=home)
    assert (told["accepted"], told["set_aside"]) == (0, {"mends no refused record of this home": 3})
    assert ask(home, ACCOUNTS) == GATED


BROKEN = Adapter(
    series="test_accounts",
    feed="economic_accounts",
    zh="试验",
    en="accounts of a test",
    publisher="a test",
    terms="none",
    address="",
    required=("region_code", "period", "account", "value"),
    columns={"region_code": ("地区",), "period": ("年份",), "account": ("指标",), "value": ("数",)},
    constants={"unit": "10^8 yuan", "price_base": "current"},
)
FIXED = replace(
    BROKEN,
    recode={"account": {"国民总收入": "gdp_current"}},
    columns={**BROKEN.columns, "value": ("数", "金额")},
    constants={**BROKEN.constants, "remark": "read by the mended adapter"},
)


def test_after_an_adapter_is_mended_the_refused_records_and_only_these_are_read_again(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "inbox" / "economic_accounts"
    folder.mkdir(parents=True)
    (folder / "part.csv").write_text(
        "地区,年份,指标,数\n1,2012,gdp_current,10\n1,2013,国民总收入,11\n1,2014,?,12\n", "utf-8"
    )
    (folder / "whole.csv").write_text("地区,年份,指标,金额\n1,2015,国民总收入,13\n", "utf-8")
    (folder / "gone.csv").write_text("地区,年份,指标,数\n2,2012,国民总收入,1\n", "utf-8")
    with also_reading(BROKEN):
        night(home, inbox=tmp_path / "inbox")
    (folder / "gone.csv").unlink()
    with also_reading(FIXED):
        told = {entry["name"].split("/")[1]: entry for entry in run("quarantine", "replay", "--refused", home=home)}
        assert (told["part.csv"]["before"], told["part.csv"]["after"], told["part.csv"]["accepted"]) == (2, 1, 1)
        assert (told["whole.csv"]["accepted"], told["whole.csv"]["note"]) == (1, "loaded now")
        assert (told["gone.csv"]["before"], told["gone.csv"]["after"]) == (1, 1)
        assert "not in the inbox" in told["gone.csv"]["note"]
        rows = ask(home, "SELECT period, remark, f.name, source_row FROM core.economic_accounts "
                   "JOIN meta.source_file f USING (source_file_id) ORDER BY 1")  # fmt: skip
        assert rows == [
            ("2012", None, "part.csv", 2),  # accepted before: as it was
            ("2013", "read by the mended adapter", "part.csv", 3),
            ("2015", "read by the mended adapter", "whole.csv", 2),
        ]
        assert ask(home, "SELECT rows_read, rows_accepted, rows_quarantined, rows_set_aside FROM meta.source_file "
                   "WHERE name = 'part.csv'") == [(4, 2, 1, 1)]  # fmt: skip
        assert ask(home, "SELECT refused_before, accepted, refused_after FROM meta.reread") == [(2, 1, 1)]
        (again,) = run("quarantine", "replay", "--refused", "part.csv", home=home)
        assert (again["before"], again["after"], again["accepted"]) == (1, 1, 0)
        assert rows == ask(home, "SELECT period, remark, f.name, source_row FROM core.economic_accounts "
                           "JOIN meta.source_file f USING (source_file_id) ORDER BY 1")  # fmt: skip


def test_drift_reaches_the_operator(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A year whose unit no earlier file of the series uses: loaded, and told on screen, in JSON and in a table."""
    later = inbox(home) / "economic_accounts" / "later.csv"
    later.write_text((HEADER + ROW.format(2016, "gdp_current", 11300000, "")).replace("10^8", "10^4"), "utf-8")
    account = night(home, inbox=inbox(home), as_of="2021-07-01")
    told = "单位改变 · unit of gdp_current is 10^4 yuan; 1 earlier file of the series: 10^8 yuan"
    assert [entry["drift"] for entry in present.account_json(account)["files"]] == [[told]]
    present.summary(account)
    assert "漂移 · drift: economic_accounts/later.csv" in capsys.readouterr().out
    assert ask(home, "SELECT kind, item, found, usual, compared FROM meta.drift") == [
        ("unit_changed", "gdp_current", "10^4 yuan", "10^8 yuan", 1)
    ]
