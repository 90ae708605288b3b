"""Drift: what differs from the earlier files of a series warns once; what wanders within their range does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from checks.drift import Drift, find_drift, thresholds
from sources.outcome import WholeReading
from support.readings import NOON, account, reading
from support.small_warehouse import emptied, load, open_warehouse
from warehouse.staging import file_id
from warehouse.store import Warehouse
from warehouse.validation import write_drift


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with open_warehouse(tmp_path_factory.mktemp("drift")) as opened:
        yield opened


def monthly(month: int, value: float = 100, rows: int = 20, **more: Any) -> WholeReading:
    """A file of one month: `rows` regions whose values lie around `value`."""
    facts = [
        account(str(place), f"2012-{month:02}", str(value * (1 + 0.05 * (place % 3 - 1))), **{"remark": "x", **more})
        for place in range(rows)
    ]
    return reading(f"m{month}", facts, published_at=NOON + timedelta(days=30 * month))


def drift_of(warehouse: Warehouse, *files: WholeReading) -> list[Drift]:
    """What is said of the last file after all were loaded in order."""
    load(emptied(warehouse), *files)
    key = file_id(files[-1].file)
    return find_drift(warehouse.con, [key])[key]


USUAL = [monthly(1), monthly(2, 130), monthly(3, 80)]


def test_first_files_and_usual_ones_say_nothing(warehouse: Warehouse) -> None:
    odd = monthly(1, 1000, rows=500)
    assert drift_of(warehouse, odd) == []
    assert drift_of(warehouse, monthly(1), monthly(2, 99999, rows=500, remark=None)) == []
    assert drift_of(warehouse, *USUAL, monthly(4, 200, rows=30)) == []


def kinds(found: list[Drift]) -> list[tuple[str, str, str]]:
    return [(drift.kind, drift.item, drift.column) for drift in found]


def test_each_kind_is_found_and_told_in_words(warehouse: Warehouse) -> None:
    found = drift_of(warehouse, *USUAL, monthly(4, 100_000, rows=90, remark=None, unit="10^4 yuan"))
    assert kinds(found) == [
        ("column_gone", "", "remark"),
        ("median_jump", "gdp_current", "value"),
        ("rows_jump", "", ""),
        ("unit_changed", "gdp_current", "unit"),
    ]
    assert [(d.found, d.usual, d.compared) for d in found] == [
        ("empty", "filled in at least 100 %", 3),
        ("1e+05", "80 to 130", 3),
        ("90", "20 to 20", 3),
        ("10^4 yuan", "10^8 yuan", 3),
    ]
    assert (
        str(found[1])
        == "中位数突变 · median of value of gdp_current is 1e+05; 3 earlier files of the series: 80 to 130"
    )
    assert "column remark is empty" in str(found[0])
    write_drift(warehouse, "night", {"f": found})
    assert warehouse.value("SELECT count(*) FROM meta.drift WHERE source_file_id = 'f'") == 4


def test_a_code_never_seen_and_a_rise_of_missing_cells(warehouse: Warehouse) -> None:
    new = monthly(4, account="urban_population_year_end")
    assert kinds(drift_of(warehouse, *USUAL, new)) == [("code_new", "", "account")]
    half = [account(str(n), "2012-04", 100, remark="x" if n % 2 else None) for n in range(20)]
    found = drift_of(warehouse, *USUAL, reading("m4", half, published_at=NOON + timedelta(days=120)))
    assert [(d.kind, d.column, d.found, d.usual) for d in found] == [("missing_jump", "remark", "50 %", "at most 0 %")]


def test_a_file_is_compared_with_its_own_series_and_its_own_past_only(warehouse: Warehouse) -> None:
    other = monthly(4, 100_000)
    object.__setattr__(other, "series", "another")
    assert drift_of(warehouse, *USUAL, other) == []
    late = [monthly(5), monthly(6), monthly(7), monthly(1, 100_000)]  # the last is published before the others
    assert drift_of(warehouse, *late) == []
    # What the series never reported before may fill other columns.
    people = monthly(4, account="population_year_end", remark=None)
    assert kinds(drift_of(warehouse, *USUAL, people)) == [("code_new", "", "account")]


def test_every_threshold_has_its_reason() -> None:
    for kind, setting in thresholds()["kinds"].items():
        assert setting["reason"] and setting["zh"], kind
        assert setting["earlier"] >= 1
