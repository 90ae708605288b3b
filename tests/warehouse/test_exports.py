"""Exports read again: types, numbers to the last digit, and texts that cannot run."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from support.nights import published
from support.readings import account, reading
from support.small_warehouse import load, open_warehouse
from warehouse import dictionary
from warehouse.exports import ExportError, tables_of, write_csv, write_parquet

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "=HYPERLINK(\"http://x\")"]  # fmt: skip
HARMLESS = ["宜兴", "a=b", "5-1", "'=1", ""]


@pytest.fixture(scope="module")
def con(sample_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with published(sample_home) as opened:
        yield opened


def test_parquet_has_the_types_the_rows_and_the_meaning(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    tables = ["core.economic_accounts", "mart.air_city_year", "mart.indicator_status", "meta.night"]
    written = write_parquet(con, tmp_path, tables)
    for table in tables:
        file = tmp_path / f"{table.replace('.', '/')}.parquet"
        back = pl.read_parquet(file)
        rows = con.sql(f"FROM {table}").pl()
        assert written[table] == back.height == rows.height
        assert back.schema == rows.schema
        assert back.sort(pl.all()).equals(rows.sort(pl.all()))
        metadata = {key.decode(): value.decode() for key, value in pq.read_schema(file).metadata.items()}
        assert metadata["table_name"] == table and metadata["source"]
    assert json.loads(metadata["columns"])["night_id"]["en"] == "the nightly run"
    stored = pq.read_schema(tmp_path / "mart" / "air_city_year.parquet").metadata[b"columns"]
    (told,) = con.execute(
        "SELECT {'zh': zh, 'en': en, 'unit': unit} FROM meta.column "
        "WHERE table_name = 'mart.air_city_year' AND column_name = 'good_day_rate'"
    ).fetchone() or ({},)
    assert json.loads(stored)["good_day_rate"] == told and told["unit"] == "%"


def test_a_large_table_is_one_folder_a_year_and_reads_as_one(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    write_parquet(con, tmp_path, ["core.air_readings"], large=100)
    parts = sorted(path.name for path in (tmp_path / "core" / "air_readings").iterdir())
    years = con.execute("SELECT DISTINCT year(period_end) FROM core.air_readings ORDER BY 1").fetchall()
    assert parts == [f"part_year={year}" for (year,) in years]
    back = pl.read_parquet(tmp_path / "core" / "air_readings" / "**" / "*.parquet")
    rows = con.sql("FROM core.air_readings").pl()
    columns = rows.columns
    assert back.select(columns).sort(columns).equals(rows.sort(columns))


def test_csv_reads_back_and_excel_is_told_the_encoding(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    write_csv(con, tmp_path / "plain", ["mart.indicator_value"])
    write_csv(con, tmp_path / "bom", ["mart.indicator_value"], bom=True)
    plain, marked = (tmp_path / name / "mart" / "indicator_value.csv" for name in ("plain", "bom"))
    assert marked.read_bytes() == b"\xef\xbb\xbf" + plain.read_bytes()
    assert [path.name for path in marked.parent.iterdir()] == ["indicator_value.csv"]
    with plain.open(encoding="utf-8", newline="") as file:
        told = sorted(
            (row["indicator"], row["region_code"], row["year"], row["definition"], row["value"])
            for row in csv.DictReader(file)
        )
    found = con.execute("SELECT indicator, region_code, year, definition, value FROM mart.indicator_value").fetchall()
    assert [(*key, float(value) if value else None) for *key, value in told] == sorted(
        ((i, r, str(y), d, v) for i, r, y, d, v in found), key=lambda row: row[:4]
    )  # every double comes back to the last digit


def test_no_text_of_a_csv_can_run(tmp_path: Path) -> None:
    texts = [*DANGEROUS, *HARMLESS]
    records = [account(str(number), "2012", number - 3, remark=text) for number, text in enumerate(texts)]
    with open_warehouse(tmp_path) as warehouse:
        load(warehouse, reading("a", records))
        with warehouse.transaction():
            dictionary.write(warehouse)
        write_csv(warehouse.con, tmp_path, ["core.economic_accounts"])
    with (tmp_path / "core" / "economic_accounts.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: int(row["region_code"]))
    assert [row["remark"] for row in rows] == [f"'{text}" for text in DANGEROUS] + HARMLESS
    assert [row["value"] for row in rows[:3]] == ["-3.000000", "-2.000000", "-1.000000"]  # a number is no formula


def test_names_that_are_no_table_are_refused(con: duckdb.DuckDBPyConnection) -> None:
    assert tables_of(con, ["mart.air_city_year"]) == ["mart.air_city_year"]
    assert {name.split(".")[0] for name in tables_of(con, ["core"])} == {"core"}
    with pytest.raises(ExportError, match=r"'cores' is neither a table nor a schema; accepted: core\.air_readings"):
        tables_of(con, ["cores"])


def test_the_verb_writes_each_format(sample_home: Path, tmp_path: Path) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["export", *arguments, "--home", str(sample_home)])
        return done.exit_code, done.output

    assert run(str(tmp_path / "a"), "--format", "csv", "--table", "meta.night", "--bom")[0] == 0
    assert (tmp_path / "a" / "meta" / "night.csv").is_file()
    assert run(str(tmp_path / "b"), "--format", "parquet", "--table", "meta.night")[0] == 0
    assert (tmp_path / "b" / "meta" / "night.parquet").is_file()
    assert run(str(tmp_path / "c"), "--format", "xlsx")[0] == 0
    assert (tmp_path / "c" / "scorecard.xlsx").is_file()
    assert run(str(tmp_path / "c"), "--format", "xlsx", "--bom")[0] == 2
