"""What was said on a day is one query; every change of a verdict has its cause."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from assets.catalog import AS_OF
from assets.status.history import HISTORY, keep_history
from assets.status.marts import INDICATOR_STATUS_MART
from warehouse.home import create_home
from warehouse.marts import ReferenceTable
from warehouse.rebuild import load_references
from warehouse.store import Warehouse
from warehouse.upgrade import SchemaError

AS_OF_REFERENCE = ReferenceTable(AS_OF, lambda: pl.DataFrame({"as_of": [date(2014, 3, 1)]}))


def _open(folder: Path, **more: Any) -> Warehouse:
    home = create_home(folder / "home", "live")
    return Warehouse(
        home, feeds=(), marts=(INDICATOR_STATUS_MART,), references=(AS_OF_REFERENCE,), threads=1,
        **({"kept": (HISTORY,)} | more),
    )  # fmt: skip


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    with _open(tmp_path) as opened:
        load_references(opened, [AS_OF_REFERENCE])
        yield opened


def _say(warehouse: Warehouse, day: int, status: str, **more: Any) -> int:
    row = {"value": 95.0, "target": 97.0, "complete": True, "origin": "real"} | more
    warehouse.con.execute("DELETE FROM mart.indicator_status")
    warehouse.con.execute(
        "INSERT INTO mart.indicator_status BY NAME SELECT 'p' AS plan, 'pass' AS indicator, '320282' AS region_code, "
        "2013 AS year, 'd' AS definition, true AS headline, 'f' AS finding, $day AS reason, 'z' AS reason_zh, "
        "$status AS status, CAST($value AS DOUBLE) AS value, CAST($target AS DOUBLE) AS target, "
        "$complete AS complete, $origin AS origin",
        {"day": f"said on {day}", "status": status} | row,
    )
    return keep_history(warehouse, f"night-{day}", datetime(2014, 3, day, 2))


def _said(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    return warehouse.rows(
        f"SELECT day(said_from), day(said_until), status_before, status, cause FROM {HISTORY.name} ORDER BY said_from"
    )


def test_every_change_has_its_cause(warehouse: Warehouse) -> None:
    _say(warehouse, 1, "no_data", value=None, complete=None)
    _say(warehouse, 2, "missed", complete=False)
    _say(warehouse, 3, "met", value=97.0)
    _say(warehouse, 4, "missed", value=96.0)
    _say(warehouse, 5, "met", value=96.0, target=96.0)
    warehouse.con.execute("INSERT INTO meta.fingerprint VALUES ('standard.limit', 'another')")
    _say(warehouse, 6, "missed", value=94.0, target=96.0)
    _say(warehouse, 7, "slipped", value=94.0, target=96.0)
    warehouse.con.execute("UPDATE meta.as_of SET as_of = DATE '2014-03-08'")
    _say(warehouse, 8, "not_due", value=94.0, target=96.0)
    assert _said(warehouse) == [
        (1, 2, None, "no_data", "first"),
        (2, 3, "no_data", "missed", "new_data"),
        (3, 4, "missed", "met", "new_data"),
        (4, 5, "met", "missed", "correction"),
        (5, 6, "missed", "met", "plan"),
        (6, 7, "met", "missed", "standard"),
        (7, 8, "missed", "slipped", "calculation"),
        (8, None, "slipped", "not_due", "date"),
    ]


def test_the_same_again_and_other_words_add_nothing(warehouse: Warehouse) -> None:
    assert [_say(warehouse, day, "missed") for day in (1, 2, 3)] == [1, 0, 0]
    assert _said(warehouse) == [(1, None, None, "missed", "first")]


def test_what_was_said_on_a_day_is_one_query(warehouse: Warehouse) -> None:
    for day, status in ((1, "missed"), (4, "met"), (9, "missed")):
        _say(warehouse, day, status, value=float(day))
    text = (Path(__file__).parents[2] / "docs" / "read-a-status.md").read_text("utf-8")
    query = next(block.split("```")[0] for block in text.split("```sql\n")[1:] if HISTORY.name in block)
    columns = [column[0] for column in warehouse.con.execute(query).description or []]
    assert columns[:5] == ["indicator", "year", "status", "value", "reason"]
    for asked, status in ((3, "missed"), (4, "met"), (8, "met"), (9, "missed")):
        rows = warehouse.rows(query.replace("2014-03-02", f"2014-03-{asked + 1:02}"))
        assert [row[2] for row in rows] == [status]


def test_a_verdict_that_is_no_longer_given_ends(warehouse: Warehouse) -> None:
    _say(warehouse, 1, "missed")
    warehouse.con.execute("DELETE FROM mart.indicator_status")
    assert keep_history(warehouse, "night-2", datetime(2014, 3, 2, 2)) == 0
    assert _said(warehouse) == [(1, 2, None, "missed", "first")]


def test_history_is_never_dropped_for_another_shape(tmp_path: Path) -> None:
    with _open(tmp_path) as opened:
        load_references(opened, [AS_OF_REFERENCE])
        _say(opened, 1, "missed")
        opened.con.execute(f"ALTER TABLE {HISTORY.name} DROP COLUMN standards")
    with pytest.raises(SchemaError, match="indicator_status_history"):
        _open(tmp_path)
