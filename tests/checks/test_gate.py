"""The gate: rules run by Great Expectations inside DuckDB, on our own connection."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from checks import gate, gx
from checks.rules import Rule, base_rules
from sources.feeds import FEEDS
from support.readings import account, reading
from support.small_warehouse import open_warehouse
from warehouse import staging

ACCOUNTS = FEEDS["economic_accounts"]
RULES = [
    Rule(
        "known_account",
        "critical",
        "account is known",
        "account",
        "ExpectColumnValuesToBeInSet",
        {"column": "account", "value_set": ["gdp_current"]},
    ),
    Rule("positive", "critical", "value is positive", "value", bad_rows="value <= 0"),
    Rule("small", "warning", "value is small", "value", bad_rows="value > 1000"),
    Rule("broken", "warning", "cannot run", "value", bad_rows="no_such_column > 0"),
]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory):
    """One staged batch with one record for each situation, judged once (GX takes seconds to import)."""
    records = [
        account("1", "2012", 10),
        account("2", "2012", -1),
        account("3", "2012", 5000),
        account("4", "2012", 10, account="brand_new"),
    ]
    with open_warehouse(tmp_path_factory.mktemp("gate")) as warehouse:
        staging.open_staging(warehouse, ACCOUNTS)
        staging.stage(warehouse, ACCOUNTS, reading("a", records))
        results = {r.rule.name: r for r in gx.run_rules(warehouse.con, ACCOUNTS.name, RULES)}
        yield warehouse, results


def test_success_failure_and_error_are_told_apart(judged) -> None:
    _, results = judged
    assert {name: r.success for name, r in results.items()} == {
        "known_account": False,
        "positive": False,
        "small": False,
        "broken": None,
    }
    assert "no_such_column" in results["broken"].error
    assert results["broken"].unexpected == 0


def test_counts_and_samples_name_the_source_row(judged) -> None:
    _, results = judged
    assert [(r.evaluated, r.unexpected) for r in results.values()] == [(4, 1), (4, 1), (4, 1), (0, 0)]
    (sample,) = results["positive"].samples
    assert (sample["source_row"], sample["found"]) == (3, "-1.000000")
    (sample,) = results["known_account"].samples
    assert (sample["source_row"], sample["found"]) == (5, "brand_new")


def test_only_critical_rules_refuse(judged) -> None:
    warehouse, results = judged
    assert not results["small"].refused_query
    for name in ("known_account", "positive"):
        result = results[name]
        assert staging.refuse(warehouse, ACCOUNTS, name, result.rule.reason, result.refused_query) == 1
    assert warehouse.rows("SELECT source_row, rule, reason FROM staging.refused ORDER BY source_row") == [
        (3, "positive", "value is positive; found -1.000000"),
        (5, "known_account", "account is known; found brand_new"),
    ]


def test_gx_failing_as_a_whole_is_an_error_of_every_rule(judged, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse, _ = judged

    def fail(*_: object) -> None:
        raise ImportError("great_expectations is missing")

    monkeypatch.setattr(gx, "_validate", fail)
    results = gx.run_rules(warehouse.con, ACCOUNTS.name, RULES)
    assert [r.success for r in results] == [None] * 4
    assert all("great_expectations is missing" in r.error for r in results)
    assert [r.rule.name for r in gate.broken(results)] == ["known_account", "positive"]


@pytest.mark.parametrize("feed", FEEDS.values(), ids=lambda feed: feed.name)
def test_every_feed_has_rules_for_required_codes_and_bounds(feed) -> None:
    names = {rule.name for rule in gate.rules_of(feed)}
    assert names >= {rule.name for rule in base_rules(feed)}
    for column in feed.columns:
        if column.codes:
            assert f"code:{column.name}" in names
        if column.minimum is not None:
            assert f"bounds:{column.name}" in names


@pytest.mark.parametrize("feed", FEEDS.values(), ids=lambda feed: feed.name)
def test_every_rule_is_sql_that_runs(feed, tmp_path: Path) -> None:
    with open_warehouse(tmp_path) as warehouse:
        staging.open_staging(warehouse, feed)
        for rule in gate.rules_of(feed):
            if rule.bad_rows:
                warehouse.rows(f"SELECT {rule.reason} FROM staging.{feed.name} WHERE {rule.bad_rows}")


def test_importing_the_gate_does_not_import_gx() -> None:
    code = "import sys, checks.gate; sys.exit('great_expectations' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(gate.__file__).parents[1]).returncode == 0
