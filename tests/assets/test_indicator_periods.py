"""Values of the reported periods inside a year: pooled like the year, half by half."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from assets.pass_rates.periods import period_rates
from tests.assets.support_plan import MemoryInputs

_HALVES = {"2015": ((1, 1), (12, 31)), "2015H1": ((1, 1), (6, 30)), "2015H2": ((7, 1), (12, 31))}


def _row(programme: str, period: str, inspected: int, passed: int, **more: Any) -> dict[str, Any]:
    first, last = _HALVES[period]
    return {
        "series": "canonical", "region_code": "320282", "year": 2015, "period": period, "programme": programme,
        "category": "all", "counted": "batch", "counts_from": "published", "period_start": date(2015, *first),
        "period_end": date(2015, *last), "inspected": inspected, "passed": passed, "origin": "real",
    } | more  # fmt: skip


@pytest.fixture(scope="module")
def periods() -> dict[tuple[str, str], dict[str, Any]]:
    inputs = MemoryInputs()
    inputs.con.execute("CREATE SCHEMA standard")
    readings = {"both": ["national", "provincial"], "one": ["agri_monitoring"]}
    inputs.frame(
        "standard.pass_rate_indicator",
        pl.DataFrame(
            [
                {"indicator": code, "definition": "pooled", "programme": programme, "counted": "batch"}
                for code, programmes in readings.items()
                for programme in programmes
            ]
        ),
    )
    inputs.frame(
        "standard.pass_rate_category",
        pl.DataFrame([{"indicator": code, "definition": "pooled", "category": "all"} for code in readings]),
    )
    inputs.frame(
        "standard.series_frame",
        pl.DataFrame(
            [{"feed": "pass_rates", "series": "%", "frame": "published_counts", "feeds_rates": True, "rank": 1}]
        ),
    )
    rows = [
        _row("national", "2015H1", 40, 39), _row("provincial", "2015H1", 60, 57), _row("national", "2015H2", 50, 50),
        _row("national", "2015", 90, 89), _row("agri_monitoring", "2015H1", 0, 0),
        _row("agri_monitoring", "2015", 10, 10),
    ]  # fmt: skip
    inputs.frame("mart.pass_rate", pl.DataFrame(rows))
    tables = ("mart.pass_rate", "standard.pass_rate_indicator", "standard.pass_rate_category", "standard.series_frame")
    found = inputs.run(period_rates(*(inputs.table(name) for name in tables)))
    return {(row["indicator"], row["period"]): row for row in found.iter_rows(named=True)}


def test_programmes_of_a_half_are_pooled(periods: dict[tuple[str, str], dict[str, Any]]) -> None:
    half = periods["both", "2015H1"]
    assert (half["value"], half["n"], half["complete"]) == (pytest.approx(96.0), 100, True)


def test_a_half_without_one_programme_is_incomplete(periods: dict[tuple[str, str], dict[str, Any]]) -> None:
    half = periods["both", "2015H2"]
    assert (half["value"], half["complete"]) == (pytest.approx(100.0), False)


def test_the_year_itself_is_no_period_and_nothing_inspected_has_no_rate(
    periods: dict[tuple[str, str], dict[str, Any]],
) -> None:
    assert set(periods) == {("both", "2015H1"), ("both", "2015H2"), ("one", "2015H1")}
    assert periods["one", "2015H1"]["value"] is None
