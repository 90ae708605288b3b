"""The sample home: one night on the bundled inbox, and what README and the issue promise of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.settings import PROJECT
from sources.feeds import FEEDS
from support.nights import differences, night, published, state

RUN = CliRunner()


@pytest.fixture(scope="module")
def home(sample_home: Path) -> Path:
    return sample_home


def _value(home: Path, query: str) -> object:
    with published(home) as con:
        row = con.execute(query).fetchone()
        return row if row and len(row) > 1 else row[0] if row else None


def test_every_file_balances(home: Path) -> None:
    assert _value(home, "SELECT count(*) FROM meta.source_file") >= 20  # type: ignore[operator]
    unbalanced = (
        "SELECT count(*) FROM meta.source_file WHERE rows_read = 0 OR "
        "rows_read <> rows_accepted + rows_quarantined + rows_duplicate + rows_set_aside"
    )
    assert _value(home, unbalanced) == 0


def test_every_feed_holds_facts_and_only_the_example_city_is_synthetic(home: Path) -> None:
    with published(home) as con:
        feeds = con.execute("SELECT feed, sum(rows_accepted) FROM meta.source_file GROUP BY feed").fetchall()
        assert {feed for feed, accepted in feeds if accepted} == set(FEEDS)
        wrong = "SELECT name FROM meta.source_file WHERE (origin = 'synthetic') <> starts_with(name, 'example_')"
        assert con.execute(wrong).fetchall() == []
        assert con.execute("SELECT count(*) FROM mart.agreement WHERE series = 'canonical'").fetchone() == (0,)


def test_the_air_snapshot_agrees_on_every_row(home: Path) -> None:
    agreed = (
        "SELECT count(*) FILTER (WHERE published_aqi IS NOT NULL), count(*) FILTER (WHERE agrees), count(*) "
        "FROM mart.air_station_hour WHERE series = 'cnemc_air_snapshot'"
    )
    assert _value(home, agreed) == (1462, 1462, 1463)


def test_the_official_2019_table_is_reproduced_to_the_unit(home: Path) -> None:
    found = (
        "SELECT count(*), sum(inspected)::BIGINT, sum(passed)::BIGINT FROM mart.pass_rate "
        "WHERE series = 'samr_category_table' AND region_code = '000000' AND category <> 'all'"
    )
    assert _value(home, found) == (35, 3_673_579, 3_591_644)
    total = "SELECT inspected, passed FROM mart.pass_rate WHERE series = 'samr_category_table' AND category = 'all'"
    assert _value(home, total) == (3_673_579, 3_591_644)


def test_water_classes_agree_as_the_source_notes_say_they_can(home: Path) -> None:
    with published(home) as con:
        agreed = {
            series: (compared, equal)
            for series, compared, equal in con.execute(
                "SELECT series, count(*) FILTER (WHERE published_class IS NOT NULL), count(*) FILTER (WHERE agrees) "
                "FROM mart.water_sample_class GROUP BY series"
            ).fetchall()
        }
    compared, equal = agreed["cnemc_water_csv"]
    assert compared > 100
    assert equal / compared >= 0.984
    assert agreed["cnemc_water_json"][0] > 50


def test_biased_series_never_feed_a_pass_rate(home: Path) -> None:
    assert _value(home, "SELECT count(*) FROM core.spot_checks WHERE series = 'foodmate_spot_checks'") > 100  # type: ignore[operator]
    assert _value(home, "SELECT count(*) FROM mart.pass_rate WHERE series = 'foodmate_spot_checks'") == 0


def test_all_121_rows_stand_for_each_plan_year_with_a_reason(home: Path) -> None:
    with published(home) as con:
        years = con.execute(
            "SELECT year, count(DISTINCT indicator) FROM mart.indicator_status "
            "WHERE region_code = '320282' AND headline AND year <= 2015 GROUP BY year ORDER BY year"
        ).fetchall()
        assert years == [(2012, 121), (2013, 121), (2014, 121), (2015, 121)]
        stray = con.execute(
            "SELECT count(*) FROM mart.indicator_status WHERE status NOT IN (SELECT code FROM meta.status) "
            "OR reason IS NULL OR length(reason) < 10 OR status IS NULL"
        ).fetchone()
        assert stray == (0,)


def test_no_status_of_the_city_rests_on_another_region(home: Path) -> None:
    assert _value(home, "SELECT count(*) FROM mart.indicator_status WHERE region_code <> '320282'") == 0


def test_everything_published_is_described(home: Path) -> None:
    assert _value(home, "SELECT count(*) FROM duckdb_tables() WHERE coalesce(comment, '') = ''") == 0
    assert _value(home, "SELECT count(*) FROM duckdb_columns() WHERE NOT internal AND coalesce(comment, '') = ''") == 0


def test_a_second_night_says_nothing_new_and_changes_nothing(home: Path) -> None:
    before, published_night = state(home), (home / "published" / "current").readlink()
    account = night(home)
    assert not account.published
    assert account.files == ()
    assert (home / "published" / "current").readlink() == published_night
    assert differences(before, state(home)) == {}


def test_an_empty_night_imports_neither_dagster_nor_gx_nor_apprise(home: Path) -> None:
    """With a channel that takes files, so that there is something to settle and to tell."""
    alerts = {"channels": {"log": {"service": "file"}}, "audiences": {"all": {"channels": ["log"], "operators": True}}}
    code = (
        "import sys; from pathlib import Path; from support.nights import night; night(Path(sys.argv[1]))\n"
        "print([n for n in ('dagster', 'great_expectations', 'apprise', 'pandas') if n in sys.modules])"
    )
    env = os.environ | {"PYTHONPATH": f"{PROJECT}:{PROJECT / 'tests'}", "QUALITY_CITY_ALERTS": json.dumps(alerts)}
    shown = subprocess.run(
        [sys.executable, "-c", code, str(home)], capture_output=True, text=True, check=False, env=env
    )
    assert shown.stdout.strip() == "[]", shown.stdout + shown.stderr


def test_a_rebuild_from_nothing_gives_the_same_state(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "home"
    night(other)
    assert differences(state(home), state(other)) == {}


@pytest.mark.parametrize(
    "arguments",
    [
        ["status"],
        ["status", "--year", "2013", "--json"],
        ["sql", "SELECT 1 AS one", "--json"],
        ["sql", "FROM meta.night"],
        ["dictionary"],
        ["dictionary", "mart.air_city_year"],
        ["dictionary", "--json"],
        ["quarantine", "list"],
        ["quarantine", "list", "--json"],
    ],
    ids=" ".join,
)
def test_verbs_on_the_published_night(home: Path, arguments: list[str]) -> None:
    shown = RUN.invoke(app, [*arguments, "--home", str(home)])
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.strip()
    if "--json" in arguments:
        import json

        json.loads(shown.stdout)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["sql", "SELECT nonsense"], "nonsense"),
        (["sql", "CREATE TABLE x (a INT)"], "read-only"),
        (["dictionary", "mart.nothing"], "unknown; accepted: "),
        (["status", "--region", "999999"], "has no status; accepted: 320282"),
        (["status", "--year", "1999"], "accepted: 2012"),
        (["quarantine", "show", "nothing.csv"], "not in the ledger"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_questions_exit_2_and_say_what_is_accepted(home: Path, arguments: list[str], says: str) -> None:
    shown = RUN.invoke(app, [*arguments, "--home", str(home)])
    assert shown.exit_code == 2
    assert says in shown.stderr
    assert "Traceback" not in shown.output + shown.stderr
