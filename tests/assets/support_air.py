"""An in-memory warehouse for the tests of air, and the index once more in plain fractions."""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import ibis
import polars as pl

from assets.air import AIR_MARTS, AIR_REFERENCES
from sources.feeds import FEEDS
from sources.inbox import describe
from sources.reading import read_file
from sources.registry import Table
from warehouse.dirty import dirty_table, mark, mark_whole
from warehouse.marts import Mart
from warehouse.meta import core_table
from warehouse.names import ident
from warehouse.schema import create_schemas, create_table

DATA = Path(__file__).resolve().parents[1] / "data" / "air"
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "air"
CORE = {name: core_table(FEEDS[name].parts[0]) for name in ("air_readings", "stations", "regions", "register_events")}
LINEAGE: dict[str, Any] = {
    "series": "s",
    "origin": "real",
    "stage": "validated",
    "published_at": datetime(2020, 1, 1),
    "source_file_id": "f1",
    "source_sheet": "",
    "source_row": 1,
    "record_no": 1,
}
DEFAULTS: dict[str, dict[str, Any]] = {
    "air_readings": {"station_code": "A", "averaging": "1h", "site_kind": "station"},
    "stations": {"medium": "air", "valid_from": datetime(2000, 1, 1).date(), "name_zh": "站"},
    "regions": {"level": "county", "valid_from": datetime(2000, 1, 1).date()},
    "register_events": {"register": "air_exceptional_event", "event_kind": "granted"},
}
MEASURES = ("so2", "no2", "pm10", "pm25", "co", "o3", "o3_8h", "pm10_24h", "pm25_24h")


@dataclass
class AirWarehouse:
    """Feeds and standards in memory; the `Inputs` of a mart's build with the scopes that are marked."""

    con: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)
    mart: Mart | None = None
    compiled: dict[tuple[str, bool], str] = field(default_factory=dict)
    whole: bool = False

    def __post_init__(self) -> None:
        self.con.execute("SET threads = 1")
        create_schemas(self.con)
        self.ibis = ibis.duckdb.from_connection(self.con)
        for table in self.tables:
            create_table(self.con, table)
        for reference in AIR_REFERENCES:
            create_table(self.con, reference.table)
            self.add(reference.table.name, reference.rows())

    @property
    def tables(self) -> list[Table]:
        return [*CORE.values(), *(mart.table for mart in AIR_MARTS), *map(dirty_table, AIR_MARTS)]

    def cleared(self) -> AirWarehouse:
        """Itself, without facts and marts."""
        for table in self.tables:
            self.con.execute(f"DELETE FROM {ident(table.name)}")
        return self

    def table(self, name: str) -> Any:
        schema, short = name.split(".")
        return self.ibis.table(short, database=schema)

    @property
    def dirty(self) -> Any:
        assert self.mart is not None
        return self.table(dirty_table(self.mart).name).distinct()

    @property
    def only(self) -> Any:
        return None if self.whole else self.dirty

    def add(self, name: str, frame: pl.DataFrame) -> None:
        """Insert the rows of a frame; columns that it lacks are null."""
        self.con.register("_rows", frame.to_arrow())
        self.con.execute(f"INSERT INTO {ident(name)} BY NAME FROM _rows")
        self.con.unregister("_rows")

    def core(self, feed: str, rows: Iterable[dict[str, Any]]) -> None:
        """Insert facts of a feed and mark what they reach; lineage and defaults fill what a row lacks.

        Measures are given as text or whole numbers, so that they are exact.
        """
        table = CORE[feed]
        complete = [LINEAGE | DEFAULTS[feed] | exact(row) for row in rows]
        frame = pl.DataFrame(complete, schema=table.polars_schema, orient="row")
        self.add(table.name, frame)
        self.con.register("_changed", frame.to_arrow())
        mark(self.con, AIR_MARTS, table.name, "_changed")
        self.con.unregister("_changed")

    def publications(self, *paths: Path, one_version: bool = True) -> pl.DataFrame:
        """Publications of air by their adapters as facts, nothing marked; every record as read, with its lineage.

        `one_version`: of the records of one key the one in the highest row stands, as in a merge; else all
        do, so that rows as printed can be compared.
        """
        table = CORE["air_readings"]
        readings = [(path.name, read_file(describe(path, "air_readings"))) for path in paths]
        lineage = {"origin": "real", "stage": "validated"}
        records = pl.concat(
            [
                found.records.with_columns(
                    source_file_id=pl.lit(name),
                    published_at=found.published_at,
                    **{key: pl.lit(value) for key, value in lineage.items()},
                )
                for name, found in readings
            ],
            how="diagonal",
        )
        facts = records.unique(list(table.key), keep="last", maintain_order=True) if one_version else records
        self.add(table.name, facts.select(name for name in table.names if name in facts.columns))
        return records

    def build(self, *marts: Mart) -> pl.DataFrame:
        """Build marts one after another with every scope dirty; the rows of the last one, in key order.

        A mart that has another text for that must give the same rows by both.
        """
        for mart in marts:
            self.con.execute(f"DELETE FROM {ident(mart.name)}")
            mark_whole(self.con, mart)
            self.rebuild(mart)
            if mart.wholly:
                self.con.execute(f"CREATE OR REPLACE TEMP TABLE whole AS {self.text(mart, whole=True)}")
                of_both = "(FROM {0} EXCEPT ALL FROM {1})"
                pair = (ident(mart.name), "whole")
                differing = f"{of_both.format(*pair)} UNION ALL {of_both.format(*reversed(pair))}"
                assert self.con.execute(differing).fetchall() == []
        return self.rows(marts[-1])

    def text(self, mart: Mart, whole: bool = False) -> str:
        """A mart's SQL, which depends on no row; making it costs more than running it."""
        if (mart.name, whole) not in self.compiled:
            self.mart, self.whole = mart, whole
            columns = ", ".join(
                f"CAST({ident(c.name)} AS {c.duckdb_type}) AS {ident(c.name)}" for c in mart.table.columns
            )
            query = ibis.to_sql(mart.build(self), dialect="duckdb")
            self.compiled[mart.name, whole] = f"SELECT {columns} FROM ({query})"
            self.whole = False
        return self.compiled[mart.name, whole]

    def rebuild(self, mart: Mart) -> None:
        """Replace the rows of the scopes that are marked, mark what rests on them, clear the marks."""
        self.mart = mart
        if self.run(self.dirty).is_empty():
            return
        keys, scope = ident(dirty_table(mart).name), ", ".join(map(ident, mart.scope))
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE fresh AS {self.text(mart)}")
        self.con.execute(f"DELETE FROM {ident(mart.name)} WHERE ({scope}) IN (SELECT ({scope}) FROM {keys})")
        self.con.execute(f"INSERT INTO {ident(mart.name)} BY NAME FROM fresh")
        mark(self.con, AIR_MARTS, mart.name, "fresh")
        self.con.execute(f"DELETE FROM {keys}")

    def rows(self, mart: Mart) -> pl.DataFrame:
        """The rows of a mart in key order."""
        key = ", ".join(map(ident, mart.table.key))
        return self.con.sql(f"FROM {ident(mart.name)} ORDER BY {key}").pl()

    def run(self, expression: Any) -> pl.DataFrame:
        """The rows of an expression, computed by the raw connection."""
        return self.con.sql(str(ibis.to_sql(expression, dialect="duckdb"))).pl()


@cache
def _shared() -> AirWarehouse:
    return AirWarehouse()


def fresh() -> AirWarehouse:
    """A warehouse without facts; every call gives the same one, because making it is slow."""
    return _shared().cleared()


def exact(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its measures as decimals."""
    return {
        name: Decimal(str(value)) if name in MEASURES and value is not None else value for name, value in row.items()
    }


def hours(day: datetime, **columns: Sequence[Any]) -> list[dict[str, Any]]:
    """Hourly readings of one day: the n-th value of each column is of the hour that ends at n (from 1).

    An hour in which every column is None is left out.
    """
    return [
        {"period_end": day + timedelta(hours=hour + 1)} | dict(zip(columns, values, strict=True))
        for hour, values in enumerate(zip(*columns.values(), strict=True))
        if any(value is not None for value in values)
    ]


def daily(day: datetime, **values: Any) -> dict[str, Any]:
    """A daily reading of one calendar day: it ends at the midnight that follows."""
    return {"period_end": day + timedelta(days=1), "averaging": "24h"} | values


def read_rows(name: str) -> list[dict[str, str | None]]:
    """Rows of a CSV of tests/data/air as text; an empty cell is None."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return [{key: value or None for key, value in row.items()} for row in csv.DictReader(file)]


_TABLES = {
    "api_1996": "api_table.csv",
    "hj633_2012": "hj633_table1.csv",
    "hj633_2026": "hj633_2026_table1.csv",
}
#: Columns of 2012 that end before the last index: another averaging takes over above.
_TAKEN_OVER = {("hj633_2012", "so2_1h"), ("hj633_2012", "o3_8h")}


@cache
def plain_table(standard: str = "hj633_2012") -> dict[str, list[tuple[Fraction, Fraction]]]:
    """A standard's table 1 as typed for the tests: (concentration, index) points by `<item>_<averaging>`."""
    rows = read_rows(_TABLES[standard])
    return {
        column: [(Fraction(row[column]), Fraction(row["index"])) for row in rows if row[column]]  # type: ignore[arg-type]
        for column in rows[0]
        if column != "index"
    }


#: Every column of every standard's table.
PLAIN_COLUMNS = [(standard, column) for standard in _TABLES for column in sorted(plain_table(standard))]


def plain_iaqi(column: str, conc: Fraction | None, standard: str = "hj633_2012") -> int | None:
    """The individual index in fractions, by the text of the standard."""
    if conc is None:
        return None
    points = plain_table(standard)[column]
    for (low, index_low), (high, index_high) in itertools.pairwise(points):
        if conc <= high:
            return math.ceil(index_low + (index_high - index_low) * (conc - low) / (high - low))
    return None if (standard, column) in _TAKEN_OVER else int(points[-1][1])


def plain_round(value: Fraction, digits: int = 0) -> Fraction:
    """Half to even at `digits` digits after the point."""
    return Fraction(round(value * 10**digits), 10**digits)
