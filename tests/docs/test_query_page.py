"""docs/query.md: every answer on the page is what each client gets; the example notebook runs."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import nbformat
import polars as pl
import pytest
from nbclient import NotebookClient

from assets.views import MACROS, VIEWS
from pipelines.settings import PROJECT
from warehouse.home import open_home

PAGE = (PROJECT / "docs" / "query.md").read_text("utf-8")
NOTEBOOK = PROJECT / "samples" / "notebooks" / "first-questions.ipynb"
OLD = Path(sys.prefix) / "duckdb-1.4"

#: Query and the table below it.
SHOWN = re.findall(r"```sql\n([^`]*?);\n```\n\n((?:\|.*\n)+)", PAGE)
QUERIES = [query for query, _ in SHOWN]

_OLD_CLIENT = """
import json, sys, duckdb
assert duckdb.__version__.startswith("1.4"), duckdb.__version__
con = duckdb.connect(sys.argv[1], read_only=True)
print(json.dumps([con.execute(query).fetchall() for query in json.load(sys.stdin)], default=str))
"""

Answer = list[list[str]]


@pytest.fixture(scope="module")
def database(sample_home: Path) -> str:
    return str(open_home(sample_home).published_database.resolve())


def _plain(cell: Any) -> str:
    """A cell as text, the same from every client: 3, 3.0 and Decimal 3 are one number, a date has no hour."""
    if (
        cell is None
        or cell is pl.Null
        or (isinstance(cell, float) and math.isnan(cell))
        or str(cell) in ("", "NaT", "<NA>")
    ):
        return ""
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    if str(cell) in ("True", "False"):
        return str(cell)
    try:
        return f"{Decimal(str(cell)):.9f}".rstrip("0").rstrip(".")
    except ArithmeticError:
        return str(cell)


def _answer(rows: Any) -> Answer:
    return [[_plain(cell) for cell in row] for row in rows]


def _page() -> list[Answer]:
    tables = [
        [re.split(r"\s*(?<!\\)\|\s*", line.strip())[1:-1] for line in shown.splitlines()[2:]] for _, shown in SHOWN
    ]
    return [_answer(table) for table in tables]


def _duckdb(database: str) -> list[Answer]:
    with duckdb.connect(database, read_only=True) as con:
        return [_answer(con.execute(query).fetchall()) for query in QUERIES]


def _oldest(database: str) -> list[Answer]:
    if not OLD.is_dir():
        pytest.skip("duckdb 1.4 is not installed beside the environment (make test installs it)")
    done = subprocess.run(
        [sys.executable, "-c", _OLD_CLIENT, database],
        input=json.dumps(QUERIES), capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(OLD)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [_answer(rows) for rows in json.loads(done.stdout)]


def _polars(database: str) -> list[Answer]:
    with duckdb.connect(database, read_only=True) as con:
        return [_answer(pl.read_database(query, con).iter_rows()) for query in QUERIES]


def _pandas(database: str) -> list[Answer]:
    with duckdb.connect(database, read_only=True) as con:
        return [_answer(con.sql(query).df().itertuples(index=False)) for query in QUERIES]


def _ibis(database: str) -> list[Answer]:
    import ibis

    con = ibis.duckdb.connect(database, read_only=True)
    try:
        for view in VIEWS:  # expressions too
            schema, name = view.table.name.split(".")
            table = con.table(name, database=schema)
            rows = con.raw_sql(f"SELECT count(*) FROM {view.table.name}").fetchall()
            assert rows == [(table.count().execute(),)] and table.columns == view.table.names
        return [_answer(con.raw_sql(query).fetchall()) for query in QUERIES]
    finally:
        con.disconnect()


def _sqlalchemy(database: str) -> list[Answer]:
    from sqlalchemy import create_engine, text

    engine = create_engine(f"duckdb:///{database}", connect_args={"read_only": True})
    try:
        with engine.connect() as con:
            return [_answer(con.execute(text(query.replace(":=", r"\:="))).fetchall()) for query in QUERIES]
    finally:
        engine.dispose()


@pytest.mark.parametrize(
    "client", [_duckdb, _oldest, _polars, _pandas, _ibis, _sqlalchemy], ids=lambda c: c.__name__[1:]
)
def test_every_client_gets_the_answers_of_the_page(database: str, client: Any) -> None:
    expected = _page()
    assert len(expected) == len(QUERIES) == 11
    for query, found, shown in zip(QUERIES, client(database), expected, strict=True):
        assert found == shown, query


def test_every_view_and_function_is_shown(database: str) -> None:
    assert len(VIEWS) == 10
    assert all(any(view.table.name in query for query in QUERIES) for view in VIEWS)
    asked = re.findall(r"```sql\n([^`]*)```", PAGE)
    assert all(any(macro.name in query for query in asked) for macro in MACROS)
    with duckdb.connect(database, read_only=True) as con:
        there = con.execute("SELECT table_name FROM meta.table WHERE kind = 'view' ORDER BY 1").fetchall()
    assert [name for (name,) in there] == sorted(view.table.name for view in VIEWS)


def test_the_interval_is_that_of_the_pass_rates_and_the_categories_those_of_the_marts(database: str) -> None:
    with duckdb.connect(database, read_only=True) as con:
        low, high = con.execute(
            "SELECT max(abs(mart.wilson_interval(passed, inspected).low - ci_low)), "
            "max(abs(mart.wilson_interval(passed, inspected).high - ci_high)) FROM mart.pass_rate "
            "WHERE method LIKE 'wilson%'"
        ).fetchone() or (1, 1)
        assert low < 1e-9 and high < 1e-9
        assert con.execute("SELECT mart.wilson_interval(0, 0)").fetchall() == [(None,)]
        for standard in ("hj633_2012", "api_1996"):
            wrong = con.execute(
                "SELECT count(*) FROM mart.air_city_day d JOIN standard.air_category c USING (standard, category) "
                "WHERE d.aqi IS NOT NULL AND d.standard = $1 "
                "AND mart.aqi_category(d.aqi, of_standard := $1) IS DISTINCT FROM c.name_zh || ' ' || c.name_en",
                [standard],
            ).fetchall()
            assert wrong == [(0,)]
        named = "SELECT count(*) FROM mart.water_station_year WHERE mart.water_class_name(class) <> class_name"
        assert con.execute(named).fetchall() == [(0,)]


def test_what_was_said_at_a_moment_is_what_the_night_says_then_and_nothing_before_it(database: str) -> None:
    said = "FROM mart.indicator_status_as_said_at(?::TIMESTAMP)"
    key = "plan, indicator, region_code, year, definition, value, status"
    with duckdb.connect(database, read_only=True) as con:
        ((night,),) = con.execute("SELECT max(published_at) FROM meta.night").fetchall()
        now = con.execute(f"SELECT {key} {said} ORDER BY ALL", [night]).fetchall()
        assert now == con.execute(f"SELECT {key} FROM mart.indicator_status ORDER BY ALL").fetchall()
        assert con.execute(said, [night.replace(year=night.year - 1)]).fetchall() == []


def test_the_example_notebook_runs(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUALITY_CITY_DATABASE", database)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells), "outputs are not kept in the repository"
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    shown = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert len(shown) == sum(cell.cell_type == "code" for cell in notebook.cells)
    assert not any(output.output_type == "error" for output in shown)
