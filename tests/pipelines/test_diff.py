"""`diff`: the numbers that two nights say differently, each with the file behind it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.diff import Difference, diff, night_of
from pipelines.queries import QueryError
from support.nights import night
from warehouse.home import Home, open_home

HEAD = "indicator_code,region_code,period,year,stratum,value,unit,numerator,denominator,published_at,reporting_body"
SHARE, OTHER = "excellence_base_cluster_share", "agri_standardisation_rate"


def _line(code: str, year: int, part: int, published: str) -> str:
    return f"{code},320282,{year},{year},all,,%,{part},8,{published},市质监局"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Two nights: a return, then one that corrects a year of it, and one of another year."""
    root = tmp_path_factory.mktemp("diff")
    folder = root / "inbox" / "statistical_returns"
    folder.mkdir(parents=True)
    lines = [_line(SHARE, 2012, 6, "2013-01-10"), _line(OTHER, 2012, 5, "2013-01-10")]
    (folder / "first.csv").write_text("\n".join([HEAD, *lines]) + "\n", "utf-8")
    assert night(root / "home", inbox=root / "inbox", as_of="2014-06-30").published
    (folder / "corrected.csv").write_text(f"{HEAD}\n{_line(SHARE, 2012, 8, '2013-05-02')}\n", "utf-8")
    (folder / "later.csv").write_text(f"{HEAD}\n{_line(SHARE, 2013, 7, '2014-01-10')}\n", "utf-8")
    assert night(root / "home", inbox=root / "inbox", as_of="2014-06-30").published
    return open_home(root / "home")


@pytest.fixture(scope="module")
def found(home: Home) -> Difference:
    first, second = sorted(path.name for path in home.nights.iterdir())
    return diff(night_of(home, first), night_of(home, second))


def test_what_changed_and_because_of_which_file(found: Difference) -> None:
    assert [(file["name"], file["before"], file["now"]) for file in found.files] == [
        ("corrected.csv", None, "loaded"),
        ("later.csv", None, "loaded"),
    ]
    said = {(n["indicator"], n["year"]): (n["value_before"], n["value_after"], n["because"]) for n in found.numbers}
    assert said[SHARE, 2012] == (75.0, 100.0, ["statistical_returns/corrected.csv"])
    assert said[SHARE, 2013] == (None, 87.5, ["statistical_returns/later.csv"])
    assert all(indicator != OTHER for indicator, _ in said)  # what did not change is not told


def test_the_other_way_round_and_with_itself(home: Home, found: Difference) -> None:
    back = diff(night_of(home, found.after), night_of(home, found.before))
    assert {(n["value_before"], n["value_after"]) for n in back.numbers} >= {(100.0, 75.0), (87.5, None)}
    same = diff(night_of(home, "current"), night_of(home, found.after))
    assert (same.files, same.definitions, same.numbers) == ([], [], [])


def test_the_verb_and_its_nights(home: Home, found: Difference) -> None:
    def run(*arguments: str) -> Any:
        return CliRunner().invoke(app, ["diff", *arguments, "--home", str(home.root)])

    shown = run(found.before, "current")
    assert shown.exit_code == 0, shown.output
    assert SHARE in shown.output and "75 → 100 %" in shown.output and "corrected.csv" in shown.output
    document = json.loads(run(found.before, found.after, "--json").stdout)
    assert document == json.loads(json.dumps(found.as_json(), default=str))
    wrong = run("1999", "current")
    assert wrong.exit_code == 2 and f"accepted: current, {found.before}" in wrong.stderr
    with pytest.raises(QueryError, match="means 2 nights"):
        night_of(home, found.before[:4])
