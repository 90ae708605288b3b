"""The pages on plans do what they say: two plans in one home, a target that a document changes, towns."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.new_home import make_live_home
from pipelines.settings import PROJECT
from support.nights import night, published

DOCS = PROJECT / "docs"
RUN = CliRunner()
AS_OF = date(2017, 3, 31)
COUNTY, YIXING = "example-county-2013", "yixing-2012"


def _page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def _blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", _page(name), re.DOTALL)


def _table(name: str) -> list[list[str]]:
    lines = [line for line in _page(name).splitlines() if line.startswith("| `")]
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines]


@dataclass(frozen=True)
class City:
    """A live home with two plans before and after an amendment."""

    home: Path
    before: Path
    shown: dict[str, Any]
    difference: dict[str, Any]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    folder = tmp_path_factory.mktemp("plans")
    home = make_live_home(folder / "home")
    (home.plans / "example-county-2013.yaml").write_text(_blocks("write-a-plan.md", "yaml")[0], "utf-8")
    (home.plans / "towns.yaml").write_text(_blocks("add-a-town.md", "yaml")[0], "utf-8")
    county, returns, events = _blocks("write-a-plan.md", "csv")
    regions, rates = _blocks("add-a-town.md", "csv")
    (home.inbox / "regions" / "county.csv").write_text(county, "utf-8")
    (home.inbox / "regions" / "towns.csv").write_text(regions, "utf-8")
    (home.inbox / "pass_rates" / "towns.csv").write_text(rates, "utf-8")
    (home.inbox / "statistical_returns" / "county.csv").write_text(returns, "utf-8")
    (home.inbox / "register_events" / "county.csv").write_text(events, "utf-8")
    (own,) = _blocks("change-a-target.md", "csv")
    (home.inbox / "statistical_returns" / "yixing.csv").write_text(own, "utf-8")
    account = night(home.root, as_of=AS_OF)
    assert account.published
    assert (account.strays, [entry.problem for entry in account.files if entry.problem]) == ((), [])
    assert sum(entry.fates.quarantined for entry in account.files if entry.fates) == 0
    amendment = folder / "amendment-2014.yaml"
    amendment.write_text(_blocks("change-a-target.md", "yaml")[0], "utf-8")
    shown = RUN.invoke(app, ["status", "--home", str(home.root), "--json"])
    asked = RUN.invoke(
        app,
        ["plan", "diff", str(home.plans), str(amendment), "--home", str(home.root), "--as-of", "2017-03-31", "--json"],
    )
    assert (shown.exit_code, asked.exit_code) == (0, 0), asked.output
    before = folder / "before.duckdb"
    shutil.copyfile(home.published_database.resolve(), before)
    shutil.move(amendment, home.plans)
    assert night(home.root, as_of=AS_OF).published
    return City(home.root, before, json.loads(shown.stdout), json.loads(asked.stdout))


@pytest.fixture(scope="module")
def con(city: City) -> Iterator[duckdb.DuckDBPyConnection]:
    with published(city.home) as con:
        yield con


Con = duckdb.DuckDBPyConnection


def test_a_home_with_two_plans_has_two_scorecards(city: City) -> None:
    cards = {card["plan"]: card for card in (city.shown, *city.shown["others"])}
    assert {plan: (card["region_code"], card["year"]) for plan, card in cards.items()} == {
        COUNTY: ("320281", 2016),
        YIXING: ("320282", 2015),
    }
    assert [len(cards[plan]["indicators"]) for plan in (COUNTY, YIXING)] == [4, 121]


def test_the_second_plan_is_judged_as_the_page_shows(con: Con) -> None:
    told = {}
    for code, *cells in _table("write-a-plan.md"):
        for year, cell in zip(range(2013, 2017), cells, strict=True):
            value, status = cell.split()
            told[code, year] = (None if value == "–" else float(value), status)
    found = con.execute(
        "SELECT indicator, year, round(value, 6), status FROM mart.indicator_status WHERE plan = ? AND headline",
        [COUNTY],
    ).fetchall()
    assert {(code, year): (value, status) for code, year, value, status in found} == told


def test_each_plan_counts_from_its_own_day(con: Con) -> None:
    """The brand of December 2012 counts since 2012 and not since 2013."""
    found = con.execute(
        "SELECT plan, value FROM mart.indicator_value WHERE indicator = 'provincial_brand_new_count' "
        "AND region_code = '320281' AND (plan, year) IN (('yixing-2012', 2015), ('example-county-2013', 2015))"
    ).fetchall()
    assert sorted(found) == [(COUNTY, 2.0), (YIXING, 3.0)]


def test_no_verdict_of_one_plan_is_given_twice_or_for_the_other_region(con: Con) -> None:
    rows = con.execute(
        "SELECT plan, count(*), count(DISTINCT (indicator, year)), list(DISTINCT region_code) "
        "FROM mart.indicator_status WHERE headline GROUP BY plan ORDER BY plan"
    ).fetchall()
    assert rows == [(COUNTY, 16, 16, ["320281"]), (YIXING, 484, 484, ["320282"])]


def test_each_plan_has_its_alerts_and_no_town_has_any(con: Con) -> None:
    found = con.execute(
        "SELECT plan, indicator, region_code, state = 'resolved' FROM mart.alert WHERE rule = 'off_plan' ORDER BY ALL"
    ).fetchall()
    assert found == [
        (COUNTY, "river_patrol_rate", "320281", False),
        (YIXING, "agri_product_sampling_pass_rate", "320282", False),
        (YIXING, "agri_standardisation_rate", "320282", True),  # the amendment resolved it
    ]


def test_plan_diff_tells_what_the_amendment_changes_and_stores_nothing(city: City) -> None:
    (change,) = city.difference["changes"]
    assert (change["field"], change["before"], change["after"]) == ("targets.2015", "> 58", "> 55")
    assert (change["document"], change["valid_from"]) == ("示例〔2014〕7号 第二条", "2014-07-01")
    found = [
        [row["indicator"], str(row["year"]), row["status_before"], row["status_after"]]
        for row in city.difference["verdicts"]
    ]
    assert found == _table("change-a-target.md")
    assert city.difference["judged"] == 500 + 6  # three towns in two years
    with duckdb.connect(str(city.before), read_only=True) as before:
        assert before.execute("SELECT count(*) FROM mart.plan_amendment").fetchall() == [(0,)]


def test_what_was_foretold_is_what_the_next_night_says(city: City, con: Con) -> None:
    verdict = "SELECT plan, indicator, year, status FROM mart.indicator_status WHERE headline"
    with duckdb.connect(str(city.before), read_only=True) as before:
        changed = set(con.execute(verdict).fetchall()) - set(before.execute(verdict).fetchall())
    told = {(r["plan"], r["indicator"], r["year"], r["status_after"]) for r in city.difference["verdicts"]}
    assert changed == told != set()


def test_a_year_that_ended_before_keeps_its_target_its_path_and_its_verdict(city: City, con: Con) -> None:
    asked = "SELECT * FROM mart.target WHERE indicator = 'agri_standardisation_rate' AND year {} ORDER BY ALL"
    with duckdb.connect(str(city.before), read_only=True) as before:
        for query in (asked.format("< 2014"), "SELECT * FROM mart.indicator_status WHERE year < 2014 ORDER BY ALL"):
            assert con.execute(query).fetchall() == before.execute(query).fetchall()
    rows = con.execute(
        "SELECT year, required, status, reason FROM mart.indicator_status WHERE plan = 'yixing-2012' "
        "AND indicator = 'agri_standardisation_rate' ORDER BY year"
    ).fetchall()
    assert [(year, round(required, 4), status) for year, required, status, _ in rows] == [
        (2012, 50, "met"), (2013, 52.6667, "behind"), (2014, 53.3333, "on_track"), (2015, 55, "met"),
    ]  # fmt: skip
    said = rows[3][3]
    assert said in _page("change-a-target.md").replace("\n", " ")


def test_the_history_names_the_plan_as_the_cause(con: Con) -> None:
    amendments, history = _blocks("change-a-target.md", "sql")
    assert con.execute(amendments).fetchall() == [
        ("示例〔2014〕7号", date(2014, 7, 1), "agri_standardisation_rate", 2015, 58.0, 55.0)
    ]
    assert [row[:4] for row in con.execute(history).fetchall()] == [
        (2014, "behind", "on_track", "plan"),
        (2015, "missed", "met", "plan"),
    ]
    events = con.execute(
        "SELECT count(*) FROM mart.indicator_status_history WHERE cause <> 'first' AND cause <> 'plan'"
    ).fetchall()
    assert events == [(0,)]


@pytest.mark.parametrize("place", [0, 1])
def test_towns_contribute_and_stand_where_the_page_shows(con: Con, place: int) -> None:
    found = [
        ["" if cell is None else str(cell) for cell in row]
        for row in con.execute(_blocks("add-a-town.md", "sql")[place]).fetchall()
    ]
    shown = [row for row in _table("add-a-town.md") if len(row) == len(found[0]) and row[0].startswith("20") == place]
    assert found == shown


def test_towns_have_no_verdict_without_a_town_plan_and_none_of_the_citys_targets(con: Con) -> None:
    rows = con.execute("SELECT DISTINCT town_plan, indicator FROM mart.town_status").fetchall()
    assert rows == [("yixing-towns-2014", "agri_product_sampling_pass_rate")]
    towns = "SELECT count(*) FROM mart.indicator_status WHERE length(region_code) = 9"
    assert con.execute(towns).fetchall() == [(0,)]


def test_what_towns_contribute_adds_up_to_the_citys_value(con: Con) -> None:
    apart = con.execute(
        "SELECT indicator, year FROM mart.town_contribution GROUP BY ALL "
        "HAVING abs(sum(contribution) - max(city_value)) > 1e-9 OR abs(sum(weight) - 100) > 1e-9"
    ).fetchall()
    assert apart == []


def test_the_folder_is_sound_and_checked_as_a_whole(city: City) -> None:
    checked = RUN.invoke(app, ["plan", "check", str(city.home / "plans"), "--json"])
    assert checked.exit_code == 0
    summary = json.loads(checked.stdout)["summary"]
    assert (summary["plan"], summary["others"][0]["plan"]) == (COUNTY, YIXING)
    assert summary["amendments"] == ["示例〔2014〕7号"]


def test_a_comparison_without_a_home_tells_what_is_asked(city: City, tmp_path: Path) -> None:
    plan = city.home / "plans" / "yixing-2012.yaml"
    other = tmp_path / "other.yaml"
    other.write_text(plan.read_text("utf-8").replace("held_from: 2015", "held_from: 2014", 1), "utf-8")
    shown = RUN.invoke(app, ["plan", "diff", str(plan), str(other), "--home", str(tmp_path / "none")])
    assert shown.exit_code == 0
    for words in ("agri_product_sampling_pass_rate", "held_from", "2014", "no published night"):
        assert words in shown.stdout
    same = RUN.invoke(app, ["plan", "diff", str(plan), str(plan), "--home", str(tmp_path / "none")])
    assert "they ask the same" in same.stdout


def test_a_night_with_a_broken_amendment_says_so_and_keeps_all_plans_as_they_were(city: City) -> None:
    verdicts = "SELECT plan, indicator, region_code, year, status, reason FROM mart.indicator_status ORDER BY ALL"
    with published(city.home) as con:
        before = con.execute(verdicts).fetchall()
    late = city.home / "plans" / "late.yaml"
    given = _blocks("change-a-target.md", "yaml")[0]
    late.write_text(given.replace("valid_from: 2014-07-01", "valid_from: 2016-07-01"), "utf-8")
    try:
        (problem,) = night(city.home, as_of=AS_OF).strays
    finally:
        late.unlink()
    assert problem.file == "late.yaml"
    assert "which ended before 2016-07-01" in problem.found
    with published(city.home) as con:
        assert con.execute(verdicts).fetchall() == before
        ledger = con.execute("SELECT state FROM meta.source_file WHERE name = 'late.yaml'").fetchall()
    assert ledger == [("refused",)]
