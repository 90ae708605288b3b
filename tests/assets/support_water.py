"""An in-memory warehouse for the tests of water and pass rates: tables from the registry, rows from lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import ibis
import polars as pl

from sources.feeds import FEEDS
from sources.registry import Table
from warehouse.dirty import dirty_table, mark_whole
from warehouse.marts import Inputs, Mart, ReferenceTable
from warehouse.meta import core_table
from warehouse.names import ident
from warehouse.schema import create_schemas, create_table

DATA = Path(__file__).resolve().parents[1] / "data"
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"

CORE = {part.name: core_table(part) for feed in FEEDS.values() for part in feed.parts}

LINEAGE: dict[str, Any] = {
    "series": "canonical",
    "origin": "real",
    "stage": "validated",
    "published_at": datetime(2020, 1, 1),
    "source_file_id": "f1",
    "source_sheet": "",
    "source_row": 1,
    "record_no": 1,
}

UNITS = {"ph": "1", "water_temperature": "degC", "faecal_coliform": "count/L"}


def items(
    station: str = "A", at: datetime = datetime(2020, 7, 1, 8), more: Any = None, **values: str
) -> list[dict[str, Any]]:
    """Rows of core.water_samples: `ph="9.001"`, censored `mercury="<0.001"`; `more` goes to every row."""
    return [
        {
            "station_code": station,
            "sampled_at": at,
            "determinand": name,
            "fraction": "total",
            "value": None if text[0] in "<>" else Decimal(text),
            "qualifier": text[0] if text[0] in "<>" else None,
            "detection_limit": Decimal(text[1:]) if text[0] in "<>" else None,
            "unit": UNITS.get(name, "mg/L"),
        }
        | (more or {})
        for name, text in values.items()
    ]


def station(code: str, **more: Any) -> dict[str, Any]:
    """A row of core.stations."""
    return {"code": code, "valid_from": date(2000, 1, 1), "medium": "water", "name_zh": code} | more


@dataclass
class MemoryInputs:
    """A warehouse in memory that is also the `Inputs` of a build: every scope dirty unless told otherwise.

    The SQL of a mart is compiled once: it depends on tables and columns, not on rows.
    """

    references: Sequence[ReferenceTable] = ()
    feeds: Sequence[str] = ()
    con: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)
    mart: Mart | None = None

    def __post_init__(self) -> None:
        self.con.execute("SET threads = 2")
        self.compiled: dict[str, str] = {}
        create_schemas(self.con)
        self.con.execute("CREATE SCHEMA staging")  # tables of a test that belong to no schema of the file
        self.ibis = ibis.duckdb.from_connection(self.con)
        for feed in self.feeds:
            create_table(self.con, CORE[feed])
        for reference in self.references:
            create_table(self.con, reference.table)
            self.add(reference.table.name, reference.rows())

    def table(self, name: str) -> Any:
        schema, short = name.split(".")
        return self.ibis.table(short, database=schema)

    @property
    def dirty(self) -> Any:
        assert self.mart is not None
        return self.table(dirty_table(self.mart).name).distinct()

    @property
    def only(self) -> Any:
        return self.dirty

    def add(self, name: str, frame: pl.DataFrame) -> None:
        """Insert the rows of a frame; columns that it lacks are null."""
        self.con.register("_rows", frame.to_arrow())
        self.con.execute(f"INSERT INTO {ident(name)} BY NAME FROM _rows")
        self.con.unregister("_rows")

    def given(self, name: str, frame: pl.DataFrame) -> Any:
        """An expression on a table of its own that holds the rows of a frame."""
        self.con.register("_rows", frame.to_arrow())
        self.con.execute(f"CREATE OR REPLACE TABLE staging.{ident(name)} AS FROM _rows")
        self.con.unregister("_rows")
        return self.table(f"staging.{name}")

    def core(self, feed: str, rows: Iterable[dict[str, Any]]) -> None:
        """Insert facts; lineage and series are filled where a row does not give them."""
        table = CORE[feed]
        frame = pl.DataFrame([LINEAGE | row for row in rows], schema=table.polars_schema, orient="row")
        self.add(table.name, frame)

    def clear(self, *names: str) -> None:
        """Delete every row of the named tables."""
        for name in names:
            self.con.execute(f"DELETE FROM {ident(name)}")

    def build(self, *marts: Mart) -> pl.DataFrame:
        """Build marts one after another with every scope dirty; the rows of the last one, in key order."""
        for mart in marts:
            self.mart = mart
            keys = dirty_table(mart)
            if mart.name not in self.compiled:
                create_table(self.con, mart.table)
                create_table(self.con, keys)
            self.clear(mart.name, keys.name)
            mark_whole(self.con, mart)
            self._insert(mart)
        return self.rows(marts[-1].table)

    def _insert(self, mart: Mart) -> None:
        sql = self._sql(mart.name, mart.build)
        columns = ", ".join(f"CAST({ident(c.name)} AS {c.duckdb_type}) AS {ident(c.name)}" for c in mart.table.columns)
        self.con.execute(f"INSERT INTO {ident(mart.name)} BY NAME SELECT {columns} FROM ({sql})")

    def rows(self, table: Table) -> pl.DataFrame:
        """The stored rows of a table, in key order."""
        return self.con.sql(f"FROM {ident(table.name)} ORDER BY {', '.join(map(ident, table.key))}").pl()

    def _sql(self, name: str, build: Callable[[Inputs], Any]) -> str:
        if name not in self.compiled:
            self.compiled[name] = str(ibis.to_sql(build(self), dialect="duckdb"))
        return self.compiled[name]

    def contributed(self, contribution: Callable[[Inputs], Any]) -> pl.DataFrame:
        """The rows that a subject hands to the plan."""
        return self.con.sql(self._sql(contribution.__name__, contribution)).pl()

    def run(self, expression: Any) -> pl.DataFrame:
        """The rows of an expression, computed by the raw connection."""
        return self.con.sql(str(ibis.to_sql(expression, dialect="duckdb"))).pl()
