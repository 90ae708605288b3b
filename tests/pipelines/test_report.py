"""The report of the sample night: complete, equal to the warehouse, self-contained, escaped."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import tomllib
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import altair
import duckdb
import pytest
from rich.console import Console
from typer.testing import CliRunner

from pipelines import present, queries
from pipelines.account import NightAccount
from pipelines.cli import app
from pipelines.report import site
from pipelines.report.night import read_nights
from pipelines.report.parts import Words
from pipelines.report.render import spoken
from pipelines.report.spark import spark
from pipelines.settings import PROJECT
from pipelines.shown import digits
from support.nights import night, published
from support.readings import account, reading
from support.small_warehouse import load, open_warehouse
from warehouse.home import open_home

MEGABYTES = 10


class Links(HTMLParser):
    """What a page refers to, and its anchors."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.references: list[str] = []
        self.scripts: list[str] = []
        self.anchors: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.references += [value for name in ("href", "src") if (value := found.get(name))]
        if tag == "script" and found.get("type") != "application/json":
            self.scripts.append(found.get("src") or "inline")
        if anchor := found.get("id"):
            self.anchors.add(anchor)


@pytest.fixture(scope="module")
def report(sample_home: Path) -> Path:
    return (sample_home / "published" / "report").resolve()


@pytest.fixture(scope="module")
def pages(report: Path) -> dict[str, str]:
    return {path.relative_to(report).as_posix(): path.read_text("utf-8") for path in sorted(report.rglob("*.html"))}


@pytest.fixture(scope="module")
def con(sample_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with published(sample_home) as opened:
        yield opened


def _shown(html: str) -> str:
    """The Chinese text of a piece of HTML."""
    html = re.sub(r'<span class="badge.*', "", html)
    return unescape(re.sub(r"<[^>]+>", "", re.sub(r'<span lang="en">.*?</span>', "", html))).strip()


def test_every_value_of_the_scorecard_is_the_one_of_the_warehouse(
    pages: dict[str, str], con: duckdb.DuckDBPyConnection
) -> None:
    card = queries.scorecard(con)
    found = {
        code: (_shown(value), status)
        for code, value, status in re.findall(
            r'<tr id="(\w+)">.*?<td class="n value"[^>]*>(.*?)</td>.*?<td class="status s-(\w+)"',
            pages["index.html"],
            re.DOTALL,
        )
    }
    assert len(found) == len(card.rows) == 121
    for row in card.rows:
        shown, status = found[row["indicator"]]
        assert status == row["status"]
        if row["value"] is None:
            assert shown == "–"
        elif shown not in ("是", "否"):
            number = re.match(r"-?[\d,]+(\.\d+)?", shown)
            assert number, shown
            places = len(number[1] or ".") - 1
            assert float(number[0].replace(",", "")) == float(f"{row['value']:.{places}f}"), row["indicator"]
            assert places == 4 or round(row["value"], 4) == float(number[0].replace(",", ""))


def test_every_synthetic_value_says_so_beside_it_and_the_page_on_top(
    pages: dict[str, str], con: duckdb.DuckDBPyConnection
) -> None:
    lines = re.findall(r'<tr id="(\w+)">(.*?)</tr>', pages["index.html"], re.DOTALL)
    badged = {code for code, line in lines if "示例" in line}
    synthetic = {row["indicator"] for row in queries.scorecard(con).rows if row["origin"] == "synthetic"}
    assert badged == synthetic and synthetic
    assert all('class="banner"' in html for html in pages.values())


def test_every_link_leads_to_a_page_or_anchor_of_the_site_and_nowhere_else(pages: dict[str, str], report: Path) -> None:
    links = {name: Links(html) for name, html in pages.items()}
    for name, page in links.items():
        assert set(page.scripts) <= {f"{'../' * name.count('/')}{script}" for script in ("vega.js", "report.js")}
        for reference in page.references:
            target, _, anchor = reference.partition("#")
            assert ":" not in target or target == "data:,", (name, reference)
            if target and target != "data:,":
                path = (report / name).parent / unquote(target)
                assert path.is_file(), (name, reference)
                name_of_target = path.resolve().relative_to(report).as_posix()
            else:
                name_of_target = name
            if anchor and name_of_target in links:
                assert anchor in links[name_of_target].anchors, (name, reference)


def test_no_page_allows_a_script_that_is_not_ours(pages: dict[str, str]) -> None:
    for name, html in pages.items():
        (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)
        assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy and "unsafe" not in policy, name
        assert "http://" not in re.sub(r"<script type.*?</script>", "", html), name


def test_every_chart_is_sound_vega_lite_with_words_and_a_table(pages: dict[str, str]) -> None:
    drawn = 0
    for name, html in pages.items():
        for spec in re.findall(r'<script type="application/json">(.*?)</script>', html, re.DOTALL):
            if drawn % 10 == 0 or "/" not in name:  # the indicators' charts are alike: every tenth is enough
                altair.Chart.from_dict(json.loads(spec))
            drawn += 1
        assert html.count("<figcaption>") == html.count('role="img" aria-label') - html.count('class="spark"'), name
        for part in re.findall(r"<section.*?</section>", html, re.DOTALL):
            assert "<figure>" not in part or "<table" in part, name
    assert drawn > 100


def test_the_site_is_small_listed_and_found(report: Path, sample_home: Path) -> None:
    files = [path for path in report.rglob("*") if path.is_file()]
    pages = sum(path.suffix == ".html" for path in files)
    assert f"has\n{pages} pages" in (PROJECT / "docs" / "report.md").read_text("utf-8")
    assert sum(path.stat().st_size for path in files) < MEGABYTES * 1_000_000
    manifest = json.loads((sample_home / "published" / "current" / "manifest.json").read_text("utf-8"))
    listed = {name for name in manifest["files"] if name.startswith("report/")}
    assert listed == {f"report/{path.relative_to(report).as_posix()}" for path in files}
    told = CliRunner().invoke(app, ["report", "--home", str(sample_home)])
    assert told.exit_code == 0 and told.stdout.strip() == str(sample_home / "published" / "report" / "index.html")


def test_the_report_is_opened_from_the_nights_own_folder(sample_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or True)
    told = CliRunner().invoke(app, ["report", "--open", "--home", str(sample_home)])
    night_folder = (sample_home / "published" / "current").resolve()
    assert told.exit_code == 0 and opened == [(night_folder / "report" / "index.html").as_uri()]
    monkeypatch.setattr("webbrowser.open", lambda address: False)
    told = CliRunner().invoke(app, ["report", "--open", "--home", str(sample_home)])
    assert told.exit_code == 0 and "no browser could be started" in told.stderr


def test_the_commands_that_an_indicators_page_shows_are_answered(sample_home: Path, pages: dict[str, str]) -> None:
    shown = re.findall(r'<td class="command"[^>]*>(.*?)</td>', pages["indicator/agri_product_sampling_pass_rate.html"])
    commands = [shlex.split(unescape(command)) for command in shown]
    assert [command[:2] for command in commands] == [["quality-city", "explain"], ["quality-city", "sql"]]
    for command in commands:
        told = CliRunner().invoke(app, [*command[1:], "--json", "--home", str(sample_home)])
        assert told.exit_code == 0 and "97.47" in told.stdout, told.output


def test_a_home_without_a_report_says_what_to_do(tmp_path: Path) -> None:
    with open_warehouse(tmp_path) as warehouse:
        load(warehouse, reading("a", [account("1", "2012", 10)]))
    told = CliRunner().invoke(app, ["report", "--home", str(tmp_path / "home")])
    assert told.exit_code == 2 and "quality-city nightly --home" in told.stderr


def test_a_page_that_cannot_be_made_says_so_and_the_others_are_made(
    sample_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Any) -> Any:
        raise ValueError("no such column")

    entries = [entry._replace(make=broken) if entry.file == "about.html" else entry for entry in site.ENTRIES]
    monkeypatch.setattr(site, "ENTRIES", tuple(entries))
    monkeypatch.setattr(site, "vega_bundle", lambda cache: "")
    database = (sample_home / "published" / "warehouse.duckdb").resolve()
    assert site.make_report(database, tmp_path / "report", tmp_path) == [
        "report/about.html: ValueError: no such column"
    ]
    assert "本页未能生成" in (tmp_path / "report" / "about.html").read_text("utf-8")
    assert "本页未能生成" not in (tmp_path / "report" / "index.html").read_text("utf-8")


def _changed(sample_home: Path, folder: Path, *statements: str) -> Path:
    """A copy of the published database after some statements."""
    database = folder / "changed.duckdb"
    shutil.copyfile((sample_home / "published" / "warehouse.duckdb").resolve(), database)
    with duckdb.connect(str(database)) as con:
        for statement in statements:
            con.execute(statement)
    return database


def _make(database: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The pages made from a database, without a fault."""
    monkeypatch.setattr(site, "vega_bundle", lambda cache: "")
    assert site.make_report(database, folder, folder) == []
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.html")}


def test_a_page_without_data_says_what_to_send(
    sample_home: Path, con: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = "('plan', 'plan_reading', 'indicator', 'target', 'indicator_status', 'region', 'counted_register')"
    tables = con.execute(
        f"SELECT table_name FROM duckdb_tables() WHERE schema_name = 'mart' AND table_name NOT IN {kept}"
    ).fetchall()
    database = _changed(
        sample_home,
        tmp_path,
        *(f"DELETE FROM mart.{name}" for (name,) in tables),
        "DELETE FROM core.stations",
        "UPDATE mart.indicator_status SET value = NULL, origin = NULL, n = NULL, ci_low = NULL, ci_high = NULL",
    )
    pages = _make(database, tmp_path / "report", monkeypatch)
    folders = {
        "air.html": "air_readings", "water.html": "water_samples", "inspection.html": "spot_checks",
        "energy.html": "energy_use", "towns.html": "statistical_returns",
        "indicator/air_good_day_rate.html": "air_readings",
    }  # fmt: skip
    for name, folder in folders.items():
        assert re.search(rf'<p class="empty">.*{folder}', pages[name]), name
        assert "<figure>" not in pages[name], name
    assert "没有未解除的告警" in pages["alerts.html"]
    assert all('class="banner"' not in html for html in pages.values())


def test_a_second_plan_has_its_own_scorecard_and_pages(
    sample_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = "('air_good_day_rate', 'agri_standardisation_rate')"
    database = _changed(
        sample_home,
        tmp_path,
        "INSERT INTO mart.plan SELECT * REPLACE ('second' AS plan, '第二规划' AS title_zh) FROM mart.plan",
        f"INSERT INTO mart.indicator SELECT * REPLACE ('second' AS plan) FROM mart.indicator WHERE code IN {few}",
        "INSERT INTO mart.indicator_status SELECT * REPLACE ('second' AS plan) FROM mart.indicator_status "
        f"WHERE indicator IN {few}",
    )
    pages = _make(database, tmp_path / "report", monkeypatch)
    card = pages["plans/second-320282/index.html"]
    assert (
        card.count('<tr id="') == 2 and '<a href="../../plans/second-320282/indicator/air_good_day_rate.html">' in card
    )
    assert (
        'href="../../../plans/second-320282/index.html#air_good_day_rate"'
        in (pages["plans/second-320282/indicator/air_good_day_rate.html"])
    )
    assert pages["index.html"].count('<tr id="') == 121 and "第二规划" in pages["air.html"]


def test_what_could_not_be_made_is_told_in_the_nights_account(
    sample_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = "report/air.html: ValueError: no such column"
    told = NightAccount(open_home(sample_home), "20200102", True, 1.0, not_made=(fault,))
    monkeypatch.setattr(present, "out", Console(width=150))
    present.summary(told)
    assert f"未能生成 · could not be made: {fault}" in capsys.readouterr().out
    assert present.account_json(told)["not_made"] == [fault]


def test_what_sources_say_is_escaped() -> None:
    shown = '<span lang="zh-CN">&lt;script&gt;</span><span lang="en">a &amp; b</span>'
    assert spoken(Words("<script>", "a & b")) == shown
    assert spoken('"<b>"') == "&#34;&lt;b&gt;&#34;"


def test_the_small_line_puts_equal_values_in_the_middle_and_the_target_at_its_year() -> None:
    row = {"value": 5.0, "required": 5.0, "target": 5.0, "target_year": 2015}
    drawn = spark([{"year": 2012, **row}, {"year": 2015, **row}])
    assert drawn and drawn.dots == [(4.0, 15.0), (106.0, 15.0)] and drawn.aim == (106.0, 15.0)
    assert spark([{"year": 2012, **row, "value": None}]) is None
    rising = spark([{"year": 2012, **row, "value": 1.0}, {"year": 2013, **row, "value": 9.0}])
    assert rising and rising.dots[0][1] > rising.dots[1][1]


def test_numbers_lose_nothing_but_digits_beyond_the_fourth() -> None:
    assert [digits(value) for value in (0.0, -0.00001, 1234.5, 95.34246, -1.2, 100.0)] == [
        "0", "0", "1,234.5", "95.3425", "-1.2", "100",
    ]  # fmt: skip


def test_an_empty_night_leaves_the_report_as_it_is(sample_home: Path, report: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(sample_home, home, symlinks=True)
    before = {path: path.stat().st_mtime_ns for path in (home / "published").rglob("*.html")}
    account = night(home, report=True)
    assert not account.published
    assert before == {path: path.stat().st_mtime_ns for path in (home / "published").rglob("*.html")}


def test_the_reports_files_are_packaged() -> None:
    patterns = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"]
    room = PROJECT / "pipelines"
    packaged = {path for pattern in patterns["pipelines"] for path in room.glob(pattern)}
    assert packaged == {path for path in (room / "report").rglob("*") if path.is_file() and path.suffix[:3] != ".py"}


def test_the_night_is_read_as_published(con: duckdb.DuckDBPyConnection, sample_home: Path) -> None:
    (read,) = read_nights(con)
    assert read.night_id == (sample_home / "published" / "current").resolve().name
    assert read.city == Words("宜兴市", "Yixing")
