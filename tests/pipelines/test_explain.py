"""`explain`: values are recomputed from the rows that it returns, and every file leads back to its numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from math import prod
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.explain import Explanation, explain, touched_by
from pipelines.queries import QueryError
from pipelines.settings import SAMPLE_INBOX
from pipelines.tracing import Trace
from support.nights import published

CITY, PROVINCE = "320282", "320000"
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def con(sample_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with published(sample_home) as opened:
        yield opened


def _rows(found: Explanation, table: str) -> Rows:
    return next((step.rows for step in [*found.steps, *found.facts] if step.table == table), [])


def _share(rows: Rows, part: str, whole: str) -> float:
    return 100 * float(sum(row[part] for row in rows)) / float(sum(row[whole] for row in rows))


def _good_days(found: Explanation) -> float:
    days = _rows(found, "mart.air_city_day")
    assert len(days) == len(_rows(found, "core.air_readings")) == 365
    return 100 * sum(bool(day["good"]) for day in days) / sum(day["valid"] for day in days)


def _water(found: Explanation) -> float:
    months = _rows(found, "mart.source_month")
    drawn = {(row["source_code"], row["month"]): row["intake_10k_t"] for row in _rows(found, "core.source_intakes")}
    assert len(drawn) == len(months) == 24
    kept = sum(drawn[row["source_code"], row["month"]] for row in months if row["compliant"])
    return float(100 * kept / sum(drawn.values()))


def _counts_over_province(found: Explanation) -> float:
    rows = _rows(found, "core.pass_rates")
    sides = [[row for row in rows if row["region_code"] == code] for code in (CITY, PROVINCE)]
    assert all(sides)
    own, other = (_share(side, "passed", "inspected") for side in sides)
    return own - other


def _figures_over_province(found: Explanation) -> float:
    values = {row["region_code"]: float(row["value"]) for row in _rows(found, "core.statistical_returns")}
    return values[CITY] - values[PROVINCE]


def _brand_share(found: Explanation) -> float:
    rows = {(row["account"], row["period"]): row["value"] for row in _rows(found, "core.economic_accounts")}
    last, first = (
        100 * rows["brand_producer_sales", year] / rows["above_scale_industrial_sales", year]
        for year in ("2015", "2011")
    )
    return float(last - first) / 4


def _titles(found: Explanation, year: int | None = None) -> float:
    """Titles (holder and name) first granted, in that year if one is given, and not revoked since."""
    events = _rows(found, "core.register_events")
    named = {
        (e["register"], e["event_id"]): (e["holder_name"], e["title"]) for e in events if e["event_kind"] == "granted"
    }
    titles: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for event in events:
        own = (event["holder_name"], event["title"])
        is_grant = event["event_kind"] == "granted"
        grant = None if is_grant else named.get((event["register"], event["of_event_id"] or event["event_id"]))
        titles.setdefault(grant or own, []).append(event)
    first = {
        title: min(e["event_date"] for e in them if e["event_kind"] == "granted") for title, them in titles.items()
    }
    return float(
        sum(
            year in (None, first[title].year) and all(e["event_kind"] != "revoked" for e in them)
            for title, them in titles.items()
        )
    )


def _growth(found: Explanation) -> float:
    now, before = _titles(found, 2015), _titles(found, 2014)
    return 100 * (now - before) / before


def _energy(found: Explanation) -> float:
    accounts = _rows(found, "core.economic_accounts")
    volume = prod(float(row["value"]) / 100 for row in accounts if row["account"] == "gdp_index_previous_year")
    used = {row["period"]: float(row["quantity"]) for row in _rows(found, "core.energy_use")}
    assert set(used) == {"2010", "2015"} and len(accounts) == 6
    return 100 * (1 - used["2015"] / used["2010"] / volume)


def _pollutants(found: Explanation) -> float:
    tonnes = {(row["pollutant"], row["year"]): row["tonnes"] for row in _rows(found, "core.emissions")}
    names = {name for name, _ in tonnes}
    assert len(names) == 4 and len(tonnes) == 8
    return min(float(100 * (tonnes[name, 2010] - tonnes[name, 2015]) / tonnes[name, 2010]) for name in names)


def _worse_of_two(found: Explanation) -> float:
    rows = {(row["account"], row["period"]): row["value"] for row in _rows(found, "core.economic_accounts")}
    return min(float(100 * rows[name, "2015"] / rows[name, "2011"]) for name in ("brand_output_value", "brand_profit"))


def _support(found: Explanation) -> float:
    rows = {row["period"]: row for row in _rows(found, "core.economic_accounts")}
    assert {"2014", "2015"} <= set(rows) and rows["2015"]["unit"] == "10^4 yuan"
    return float(rows["2015"]["value"])


def _returned(found: Explanation) -> float:
    return _share(
        [row for row in _rows(found, "core.statistical_returns") if row["year"] == 2015], "numerator", "denominator"
    )


def _food_change(found: Explanation) -> float:
    years = [
        [row for row in _rows(found, "core.pass_rates") if row["period_end"].year == year] for year in (2015, 2014)
    ]
    now, before = (_share(rows, "passed", "inspected") for rows in years)
    return now - before


def _composite(found: Explanation) -> float:
    parts = [row for row in _rows(found, "mart.environment_index") if row["component"] != "index"]
    days = _rows(found, "mart.air_city_day")
    air = next(part for part in parts if part["basis"].startswith("mart.air_city_year"))
    assert air["value"] == pytest.approx(100 * sum(bool(d["good"]) for d in days) / sum(d["valid"] for d in days))
    returned = {row["indicator_code"]: row for row in _rows(found, "core.statistical_returns")}
    for part in parts:
        if part["basis"].startswith("core.statistical_returns"):
            row = returned[part["basis"].split()[1]]
            share = row["value"] if row["numerator"] is None else 100 * row["numerator"] / row["denominator"]
            assert part["value"] == pytest.approx(float(share))
    return float(sum(part["weight"] * part["value"] for part in parts))


#: One or more indicators of every comparator that the plan uses, with how a person would compute them from the rows.
RECOMPUTED: tuple[tuple[str, str, Callable[[Explanation], float]], ...] = (
    ("at_least", "air_good_day_rate", _good_days),
    ("at_least", "env_quality_composite_index", _composite),
    ("exactly", "drinking_source_compliance", _water),
    ("exactly", "excellence_base_cluster_share", _returned),
    ("above_province", "key_industry_pass_rate_margin", _counts_over_province),
    ("above_province", "mfg_quality_competitiveness_lead", _figures_over_province),
    ("average_per_year", "brand_economy_share_growth", _brand_share),
    ("cumulative_count", "national_brand_new_count", _titles),
    ("cumulative_count", "provincial_brand_new_count", _titles),
    ("per_year_at_least", "intl_standard_adoption_growth", _growth),
    ("reduction_on_base", "energy_per_gdp_reduction", _energy),
    ("reduction_on_base", "main_pollutant_reduction", _pollutants),
    ("rising_every_year", "fiscal_support_growth", _support),
    ("rising_against_base", "brand_value_benefit_rising", _worse_of_two),
    ("falling", "key_industry_quality_loss_rate", _returned),
    ("qualitative", "city_sampling_intensity", lambda found: float(len(_rows(found, "core.spot_checks")))),
    ("qualitative", "key_food_status_stable", _food_change),
)


@pytest.mark.parametrize(("comparator", "indicator", "compute"), RECOMPUTED, ids=[entry[1] for entry in RECOMPUTED])
def test_a_value_is_recomputed_from_the_rows_and_its_files_lead_back_to_it(
    con: duckdb.DuckDBPyConnection, comparator: str, indicator: str, compute: Callable[[Explanation], float]
) -> None:
    found = explain(con, indicator, year=2015, limit=None)
    assert found.indicator["comparator"] == comparator
    assert found.value and found.status and found.status["value"] == found.value["value"]
    assert compute(found) == pytest.approx(found.value["value"], rel=1e-12, abs=1e-9)
    for step in found.facts:
        assert step.total == len(step.rows) > 0
        assert all(row["file"] and row["source_row"] > 0 for row in step.rows)
    number = (indicator, CITY, 2015, found.value["definition"])
    for file in found.files:
        reached = touched_by(con, file["source_file_id"]).numbers
        assert number in [(n["indicator"], n["region_code"], n["year"], n["definition"]) for n in reached], file["name"]


def test_every_comparator_that_has_a_value_is_recomputed(con: duckdb.DuckDBPyConnection) -> None:
    there = con.execute(
        "SELECT DISTINCT comparator FROM mart.indicator_status WHERE headline AND value IS NOT NULL"
    ).fetchall()
    assert {name for (name,) in there} == {comparator for comparator, *_ in RECOMPUTED}


def test_every_value_rests_on_facts_and_every_kind_of_value_has_its_links(con: duckdb.DuckDBPyConnection) -> None:
    trace = Trace(con)
    facts = "SELECT table_name FROM meta.table WHERE table_name LIKE 'core.%' AND kind = 'table'"
    for (table,) in con.execute(facts).fetchall():
        trace.up(table, "true")
    unexplained = con.execute(
        f"SELECT computed_by, indicator, region_code, year, definition FROM mart.indicator_value "
        f"WHERE value IS NOT NULL EXCEPT SELECT computed_by, indicator, region_code, year, definition "
        f"FROM {trace.source('mart.indicator_value')}"
    ).fetchall()
    assert unexplained == []


def test_the_raw_text_is_that_of_the_row_in_the_file(con: duckdb.DuckDBPyConnection) -> None:
    found = explain(con, "excellence_base_cluster_share", year=2015, inboxes=[SAMPLE_INBOX])
    (row,) = _rows(found, "core.statistical_returns")
    lines = (SAMPLE_INBOX / "statistical_returns" / row["file"]).read_text("utf-8-sig").splitlines()
    cells = [cell for cell in json.loads(row["raw"]).values() if cell]
    assert cells and all(cell in lines[row["source_row"] - 1] for cell in cells)
    gone = explain(con, "excellence_base_cluster_share", year=2015, inboxes=[])
    assert _rows(gone, "core.statistical_returns")[0]["raw"] is None


def test_limits_show_the_first_rows_and_say_how_many_there_are(con: duckdb.DuckDBPyConnection) -> None:
    found = explain(con, "air_good_day_rate", year=2015, limit=3)
    step = next(step for step in found.facts if step.table == "core.air_readings")
    assert (step.total, len(step.rows)) == (365, 3)
    assert [entry["cited"] for entry in found.standards if entry["table"] == "standard.air_definition"]


def test_what_cannot_be_explained_says_what_can(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(QueryError, match=r"unknown; accepted: .*air_good_day_rate"):
        explain(con, "air")
    with pytest.raises(QueryError, match=r"no number for region 999999.*there are: .*320282 2015"):
        explain(con, "air_good_day_rate", region="999999")


def test_the_verb_answers_both_ways(sample_home: Path) -> None:
    def run(*arguments: str) -> Any:
        return CliRunner().invoke(app, ["explain", *arguments, "--home", str(sample_home)])

    shown = run("air_good_day_rate", "--year", "2015", "--rows", "2")
    assert shown.exit_code == 0, shown.output
    for text in ("95.3425 %", "348 good of 365", "判定 · verdict", "example_air_daily.csv", "as published"):
        assert text in shown.output
    document = json.loads(run("national_brand_new_count", "--year", "2015", "--json").stdout)
    assert document["value"]["value"] == 4 and document["status"]["reason"]
    assert [step["table"] for step in document["facts"]] == ["core.register_events", "core.statistical_returns"]
    reached = json.loads(run("--file", "example_air_daily.csv", "--json").stdout)
    assert {"air_good_day_rate", "env_monitoring_assessment"} <= {number["indicator"] for number in reached["numbers"]}
    assert run().exit_code == 2 and run("air_good_day_rate", "--file", "x").exit_code == 2
    assert "not in the ledger" in run("--file", "nothing.csv").stderr
