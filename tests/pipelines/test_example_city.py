"""The example city after one night: every target worked by hand, every planted situation, and no false pretence."""

from __future__ import annotations

import ast
import csv
import json
import operator
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from assets.plan.load import load_plan
from assets.plan.model import Kind
from assets.status.words import STATUSES
from pipelines.cli import app
from pipelines.settings import DEFAULT_PLAN, PROJECT
from support.nights import published

RUN = CliRunner()
EXPECTED = PROJECT / "tests" / "data" / "example" / "expected.csv"
with EXPECTED.open(encoding="utf-8") as lines:
    WORKED: dict[tuple[str, int], dict[str, str]] = {(r["indicator"], int(r["year"])): r for r in csv.DictReader(lines)}
PLAN = load_plan(DEFAULT_PLAN)

_OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def exactly(worked: str) -> Fraction:
    """The value of an arithmetic expression, in fractions."""

    def value(node: ast.expr) -> Fraction:
        if isinstance(node, ast.BinOp):
            return _OPERATORS[type(node.op)](value(node.left), value(node.right))
        assert isinstance(node, ast.Constant), ast.dump(node)
        return Fraction(ast.get_source_segment(worked, node))

    return value(ast.parse(worked, mode="eval").body)


@pytest.fixture(scope="module")
def con(sample_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with published(sample_home) as con:
        yield con


@pytest.fixture(scope="module")
def statuses(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, int], dict[str, Any]]:
    cursor = con.execute("SELECT * FROM mart.indicator_status WHERE headline")
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {(row["indicator"], row["year"]): row for row in rows}


def test_every_numeric_and_relative_target_is_worked_for_each_year() -> None:
    targets = {entry.code for entry in PLAN.indicators if entry.kind is not Kind.DUTY}
    assert len(targets) == 36 + 19
    assert set(WORKED) == {(code, year) for code in targets for year in PLAN.years}


@pytest.mark.parametrize("code", sorted({code for code, _ in WORKED}))
def test_values_and_verdicts_are_those_worked_by_hand(
    statuses: dict[tuple[str, int], dict[str, Any]], code: str
) -> None:
    for year in PLAN.years:
        hand, found = WORKED[code, year], statuses[code, year]
        if hand["worked"]:
            exact = exactly(hand["worked"])
            assert round(float(exact), 4) == float(hand["value"]), f"{code} {year}: the hand-worked value is wrong"
            assert found["value"] == pytest.approx(float(exact), abs=1e-9), f"{code} {year}: {found['reason']}"
            assert found["origin"] == "synthetic"
        else:
            assert found["value"] is None, f"{code} {year}"
        assert found["status"] == hand["status"], f"{code} {year}: {found['reason']}"


def test_every_status_word_stands_somewhere(statuses: dict[tuple[str, int], dict[str, Any]]) -> None:
    assert {row["status"] for row in statuses.values()} == set(STATUSES.values)


def test_no_value_of_the_city_passes_for_real(con: duckdb.DuckDBPyConnection) -> None:
    real = con.execute(
        "SELECT indicator, year FROM mart.indicator_value WHERE origin <> 'synthetic' AND region_code = '320282' "
        "AND value IS NOT NULL"
    ).fetchall()
    assert real == [("innovation_capacity", 2014)]


def test_what_is_shown_says_example_in_its_title_and_beside_every_number(sample_home: Path) -> None:
    shown = RUN.invoke(app, ["status", "--home", str(sample_home)])
    assert shown.exit_code == 0
    (title,) = [line for line in shown.stdout.splitlines() if "Scorecard" in line]
    assert title.startswith("示例数据 / EXAMPLE, not the results of 宜兴市 Yixing")
    said = RUN.invoke(app, ["status", "--home", str(sample_home), "--json"])
    document = json.loads(said.stdout)
    assert document["example"] is True
    assert document["heading"] == title.rstrip()
    rows = document["indicators"]
    with_number = [row for row in rows if row["value"] is not None]
    assert all(row["origin"] in ("synthetic", "mixed") for row in with_number)
    lines = [line for line in shown.stdout.splitlines() if line.split(" ")[0].isdigit() or line[:3].strip().isdigit()]
    assert len(lines) == 121
    assert sum(" 示例" in line for line in lines) >= len(with_number)


Statuses = dict[tuple[str, int], dict[str, Any]]
Con = duckdb.DuckDBPyConnection


def _one(con: Con, query: str) -> Any:
    row = con.execute(query).fetchone()
    return row[0] if row and len(row) == 1 else row


def test_the_page_lists_the_planted_situations_and_their_tests() -> None:
    page = (PROJECT / "docs" / "example-city.md").read_text("utf-8")
    named = re.findall(r"\| `(test_\w+)` \|", page)
    assert len(named) == len(set(named)) >= 15
    assert all(name in globals() for name in named)


def test_a_falling_pass_rate(statuses: Statuses) -> None:
    rows = [statuses["prov_supervision_pass_rate", year] for year in (2012, 2013, 2014)]
    assert [round(row["value"], 2) for row in rows] == [95.42, 96.0, 95.0]
    assert rows[2]["gap"] < 0


def test_a_quarter_below_the_level(con: Con, statuses: Statuses) -> None:
    quarters = con.execute(
        "SELECT period, round(rate, 2) FROM mart.pass_rate WHERE region_code = '320282' AND year = 2015 "
        "AND programme = 'agri_monitoring' ORDER BY period"
    ).fetchall()
    assert quarters == [("2015Q1", 98.16), ("2015Q2", 96.46), ("2015Q3", 97.48), ("2015Q4", 97.76)]
    assert round(statuses["agri_product_sampling_pass_rate", 2015]["value"], 2) == 97.47


def test_a_late_correction(con: Con) -> None:
    where = "programme = 'export_inspection' AND region_code = '320282' AND period_end = '2014-12-31'"
    assert _one(con, f"SELECT passed, published_at::DATE::VARCHAR FROM core.pass_rates WHERE {where}") == (
        2548, "2015-05-18",
    )  # fmt: skip
    assert _one(con, f"SELECT passed FROM history.pass_rates WHERE {where}") == 2587


def test_no_number_of_the_province(statuses: Statuses) -> None:
    row = statuses["key_food_pass_rate_vs_province", 2014]
    assert (row["value"], row["status"]) == (None, "insufficient_data")
    assert "no provincial value" in row["reason"]


def test_equal_is_not_above(statuses: Statuses) -> None:
    above, at_least = "key_food_pass_rate_vs_province", "agri_product_pass_rate_vs_province"
    assert (statuses[above, 2015]["value"], statuses[above, 2015]["status"] != "met") == (0, True)
    assert (statuses[at_least, 2012]["value"], statuses[at_least, 2012]["status"]) == (0, "met")


def test_a_revoked_brand(con: Con, statuses: Statuses) -> None:
    row = statuses["provincial_brand_new_count", 2014]
    assert (statuses["provincial_brand_new_count", 2013]["value"], row["value"]) == (29, 40)
    basis = "SELECT basis FROM mart.indicator_value WHERE region_code = '320282' AND indicator = '{}'"
    basis = basis.format("provincial_brand_new_count")
    assert "1 of them revoked" in _one(con, basis + " AND year = 2014")
    assert "0 of them revoked" in _one(con, basis + " AND year = 2013")


def test_a_renewal_and_a_second_award(con: Con, statuses: Statuses) -> None:
    register = "FROM core.register_events WHERE register = 'provincial_brand_new_count' AND event_kind"
    assert _one(con, f"SELECT count(*) {register} = 'granted' AND event_date < '2016-01-01'") == 14 + 14 + 10 + 16 + 1
    assert _one(con, f"SELECT count(*) {register} = 'renewed'") == 1
    assert statuses["provincial_brand_new_count", 2015]["value"] == 14 + 14 + 10 + 16 + 4 - 1


def test_no_zero_report(statuses: Statuses) -> None:
    short = statuses["std_innovation_station_new_count", 2014]
    assert (short["value"], short["status"]) == (25, "insufficient_data")
    assert [statuses["systemic_safety_accidents", year]["status"] for year in (2014, 2015)] == ["met", "no_data"]
    # An incomplete register that suffices anyway.
    assert statuses["excellence_enterprise_per_year", 2015]["status"] == "met"


def test_a_missing_month(con: Con, statuses: Statuses) -> None:
    found = "SELECT months_complete, volume_rate, complete FROM mart.source_compliance WHERE year = 2014"
    assert _one(con, found) == (11, 100.0, False)
    assert statuses["drinking_source_compliance", 2014]["status"] == "insufficient_data"


def test_a_source_below_its_class(con: Con) -> None:
    months = con.execute(
        "SELECT source_code, month::VARCHAR, failing_parameters FROM mart.source_month WHERE NOT compliant"
    ).fetchall()
    assert months == [("youche", "2013-08-01", "total_phosphorus")]
    rates = _one(
        con, "SELECT volume_rate, volume_rate_exempt, count_rate FROM mart.source_compliance WHERE year = 2013"
    )
    assert rates == (pytest.approx(100 * (1 - 440 / 13170)), 100, 50)


def test_an_incomplete_air_year(con: Con, statuses: Statuses) -> None:
    found = (
        "SELECT valid_days, good_days, complete FROM mart.air_city_year WHERE region_code = '320282' AND year = 2014 "
    )
    assert _one(con, found + "AND standard = 'api_1996'") == (323, 311, False)
    assert statuses["air_good_day_rate", 2014]["status"] == "insufficient_data"


def test_a_rate_that_contradicts_its_counts(con: Con, statuses: Statuses) -> None:
    assert statuses["household_waste_treatment_rate", 2014]["value"] == pytest.approx(99)
    printed = "SELECT value FROM core.statistical_returns WHERE indicator_code = 'household_waste_treatment_rate' "
    assert _one(con, printed + "AND year = 2014 AND region_code = '320282'") == 100


def test_a_bare_rate(statuses: Statuses) -> None:
    row = statuses["urban_sewage_treatment_rate", 2014]
    assert (row["value"], row["ci_low"], row["n"]) == (95, None, None)


def test_more_than_all(statuses: Statuses) -> None:
    assert statuses["industrial_solid_waste_rate", 2013]["status"] == "not_assessable"


def test_exactly_the_limit(statuses: Statuses) -> None:
    row = statuses["agri_standardisation_rate", 2015]
    assert (row["value"], row["status"]) == (58, "missed")


def test_a_late_return(con: Con) -> None:
    days = con.execute(
        "SELECT DISTINCT published_at::DATE::VARCHAR FROM core.statistical_returns WHERE year = 2015 "
        "AND region_code = '320282' AND origin = 'synthetic' ORDER BY ALL"
    ).fetchall()
    assert days == [("2016-03-07",), ("2016-09-12",)]


def test_a_scope_that_breaks(con: Con) -> None:
    later = "SELECT count(*) FROM mart.emission_reduction WHERE scope = 'census_2007' AND year > 2010"
    assert _one(con, later) == 0
    base = "SELECT base_tonnes FROM mart.emission_reduction WHERE pollutant = 'cod' AND year = 2015 "
    assert _one(con, base + "AND region_code = '320282'") == 12000


def test_a_missing_part(statuses: Statuses) -> None:
    row = statuses["env_quality_composite_index", 2013]
    assert (row["value"], row["status"]) == (None, "insufficient_data")
    assert "noise_compliant_area" in row["reason"]
    assert "Definition proposed, not in the plan" in row["reason"]


def test_a_town_that_became_a_subdistrict(con: Con) -> None:
    places = con.execute(
        "SELECT year, count(DISTINCT region_code), "
        "max(region_code) FILTER (WHERE region_code IN ('320282005', '320282111')) "
        "FROM mart.indicator_value WHERE indicator = 'household_waste_treatment_rate' AND length(region_code) = 9 "
        "GROUP BY year ORDER BY year"
    ).fetchall()
    assert places == [
        (2012, 18, "320282111"),
        (2013, 18, "320282111"),
        (2014, 18, "320282111"),
        (2015, 18, "320282005"),
    ]


def test_towns_are_judged_by_the_invented_town_plan_and_none_has_a_place(con: Con) -> None:
    rows = con.execute(
        "SELECT indicator, year, count(*), count(*) FILTER (WHERE value IS NOT NULL), count(rank), "
        "list(DISTINCT coalesce(origin, '')), list(DISTINCT unranked_because) FROM mart.town_status "
        "WHERE town_plan = 'example-towns-2012' AND headline GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    assert rows == [
        (indicator, year, 18, 18, 0, ["synthetic"], ["synthetic"])
        for indicator in ("agri_standardisation_rate", "household_waste_treatment_rate")
        for year in (2012, 2013, 2014, 2015)
    ]
    verdicts = con.execute(
        "SELECT status, count(*) FROM mart.town_status WHERE year = 2015 GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    assert {status for status, _ in verdicts} == {"met", "missed"}


def test_the_towns_of_the_example_city_add_up_to_it(con: Con) -> None:
    apart = con.execute(
        "SELECT indicator, year, sum(contribution), max(city_value) FROM mart.town_contribution GROUP BY ALL "
        "HAVING abs(sum(contribution) - max(city_value)) > 1e-9"
    ).fetchall()
    assert apart == []
    rest = "SELECT indicator, max(abs(numerator)) FROM mart.town_contribution WHERE part = 'rest' GROUP BY ALL"
    assert {found for _, found in con.execute(rest).fetchall()} == {0}


def test_a_real_figure_beside_an_invented_one(con: Con, statuses: Statuses) -> None:
    row = statuses["innovation_capacity", 2014]
    assert (row["value"], row["origin"]) == (250.93, "real")
    invented = (
        "SELECT value FROM core.statistical_returns WHERE indicator_code = 'innovation_capacity' AND year = 2014 "
        "AND region_code = '320282' AND origin = 'synthetic'"
    )
    assert _one(con, invented) == 240
