"""An in-memory warehouse for the tests of energy and environment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import ibis
import polars as pl

from assets.energy.fuels import ENERGY_BY_FUEL_MART
from assets.energy.intensity import ENERGY_PER_10K_GDP_MART
from assets.energy.marts import REFERENCES as ENERGY
from assets.environment.marts import REFERENCES as ENVIRONMENT
from assets.environment.returns import ENVIRONMENT_RETURN
from assets.plan.folder import PlanInForce
from assets.plan.load import load_plan
from assets.plan.rows import plan_references
from sources.feeds import FEEDS
from sources.registry import Table
from warehouse.dirty import dirty_table, mark_whole
from warehouse.marts import Mart
from warehouse.meta import core_table
from warehouse.names import ident
from warehouse.schema import create_schemas, declared_columns

DATA = Path(__file__).resolve().parents[1] / "data" / "energy"
PLAN = Path(__file__).resolve().parents[2] / "assets" / "plans" / "yixing-2012.yaml"
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"

#: What energy per 10 000 yuan of GDP is built from, itself last.
INTENSITY = (ENERGY_BY_FUEL_MART, ENERGY_PER_10K_GDP_MART)

CORE = {part.name: core_table(part) for feed in FEEDS.values() for part in feed.parts}

LINEAGE = {
    "series": "canonical",
    "origin": "real",
    "stage": "validated",
    "published_at": datetime(2013, 1, 1),
    "source_file_id": "f1",
    "source_sheet": "",
    "source_row": 1,
    "record_no": 1,
}


#: The SQL of each mart's build: it depends on the tables' columns alone, and compiling takes longest.
_SQL: dict[str, str] = {}


@cache
def _reference_rows() -> list[tuple[Table, pl.DataFrame]]:
    plan = plan_references([PlanInForce(load_plan(PLAN))])
    return [(reference.table, reference.rows()) for reference in (*ENERGY, *ENVIRONMENT, *plan)]


@dataclass
class MemoryWarehouse:
    """A warehouse in memory, and the `Inputs` of a build: every table that was filled, all scopes dirty."""

    con: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)
    mart: Mart | None = None

    def __post_init__(self) -> None:
        create_schemas(self.con)
        self.ibis = ibis.duckdb.from_connection(self.con)
        for feed in ("energy_use", "economic_accounts", "emissions", "statistical_returns"):
            self.make(CORE[feed])
        self.make(ENVIRONMENT_RETURN)
        for table, rows in _reference_rows():
            self.put(table, rows)

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

    def make(self, table: Table) -> None:
        """Create a declared table if it is missing, without the comments, which take most of the time."""
        columns = ", ".join(f"{ident(name)} {kind}" for name, kind in declared_columns(table))
        self.con.execute(f"CREATE TABLE IF NOT EXISTS {ident(table.name)} ({columns})")

    def put(self, table: Table, frame: pl.DataFrame) -> None:
        """Replace the rows of a declared table."""
        self.make(table)
        self.con.execute(f"DELETE FROM {ident(table.name)}")
        self.add(table.name, frame)

    def add(self, name: str, frame: pl.DataFrame) -> None:
        """Insert the rows of a frame; columns that it lacks are null."""
        self.con.register("_rows", frame.to_arrow())
        self.con.execute(f"INSERT INTO {ident(name)} BY NAME FROM _rows")
        self.con.unregister("_rows")

    def core(self, feed: str, rows: Iterable[dict[str, Any]]) -> None:
        """Insert facts; lineage and series are filled where a row does not give them."""
        table = CORE[feed]
        complete = [LINEAGE | row for row in rows]
        self.add(table.name, pl.DataFrame(complete, schema=table.polars_schema, orient="row"))

    def build(self, *marts: Mart) -> pl.DataFrame:
        """Build marts one after another with every scope dirty; the rows of the last one, in key order."""
        for mart in marts:
            self.mart = mart
            keys = dirty_table(mart)
            for table in (mart.table, keys):
                self.make(table)
                self.con.execute(f"DELETE FROM {ident(table.name)}")
            mark_whole(self.con, mart)
            sql = _SQL.get(mart.name) or str(ibis.to_sql(mart.build(self), dialect="duckdb"))
            _SQL[mart.name] = sql
            columns = ", ".join(
                f"CAST({ident(c.name)} AS {c.duckdb_type}) AS {ident(c.name)}" for c in mart.table.columns
            )
            self.con.execute(f"INSERT INTO {ident(mart.name)} BY NAME SELECT {columns} FROM ({sql})")
        return self.rows(marts[-1].name, marts[-1].table.key)

    def rows(self, name: str, key: Sequence[str]) -> pl.DataFrame:
        found: pl.DataFrame = self.con.sql(f"FROM {ident(name)} ORDER BY {', '.join(map(ident, key))}").pl()
        return found

    def run(self, expression: Any) -> pl.DataFrame:
        """The rows of an expression, computed by the raw connection."""
        found: pl.DataFrame = self.con.sql(str(ibis.to_sql(expression, dialect="duckdb"))).pl()
        return found


def read_rows(name: str) -> list[dict[str, Any]]:
    """A CSV of the test data, every cell as text."""
    return pl.read_csv(DATA / name, infer_schema=False).to_dicts()


def of_core(records: pl.DataFrame, feed: str = "energy_use") -> pl.DataFrame:
    """What an adapter read, as real facts of the feed."""
    known = [column for column in records.columns if column in CORE[feed].names]
    return records.select(*known, pl.lit("real").alias("origin"))


def energy_row(**given: Any) -> dict[str, Any]:
    """One fact of energy_use; a printed total in standard coal unless it says otherwise."""
    return (
        {
            "region_code": "320282",
            "period": "2012",
            "consumer": "all",
            "fuel": "total_energy_equivalent",
            "flow": "total",
            "unit": "10^4 tce",
        }
        | given
        | {"quantity": Decimal(given["quantity"])}
    )


def account_row(period: int | str, account: str, value: str, **given: Any) -> dict[str, Any]:
    """One economic account: GDP in 10^8 yuan, an index as it is."""
    unit = "10^8 yuan" if account == "gdp_current" else "index"
    fact = {
        "region_code": "320282",
        "period": str(period),
        "account": account,
        "value": Decimal(value),
        "unit": unit,
    }
    return fact | given


def jiangsu(warehouse: MemoryWarehouse) -> None:
    """Jiangsu's provincial inventories of 2012-2014 and its GDP, as facts."""
    energy = [{**row, "region_code": "320000", "series": "ceads_energy"} for row in read_rows("jiangsu_energy.csv")]
    warehouse.core("energy_use", [energy_row(**row) for row in energy])
    accounts = [
        {**row, "region_code": "320000", "value": Decimal(row["value"])} for row in read_rows("jiangsu_accounts.csv")
    ]
    warehouse.core("economic_accounts", accounts)


def reporting_city(energy: dict[int, str], gdp: dict[int, str], indices: dict[int, str]) -> MemoryWarehouse:
    """A city that reports printed totals (10^4 tce), GDP (10^8 yuan) and indices."""
    warehouse = MemoryWarehouse()
    warehouse.core("energy_use", [energy_row(period=str(year), quantity=value) for year, value in energy.items()])
    accounts = [account_row(year, "gdp_current", value) for year, value in gdp.items()]
    accounts += [account_row(year, "gdp_index_previous_year", value) for year, value in indices.items()]
    if accounts:
        warehouse.core("economic_accounts", accounts)
    return warehouse


TOTAL = {"consumption_scope": "total", "electricity_basis": "equivalent", "price_base": "2010"}


def stated(built: pl.DataFrame, year: int, **given: Any) -> dict[str, Any]:
    """The one row of a year and of TOTAL, unless it says otherwise."""
    return built.row(
        by_predicate=pl.all_horizontal(pl.col(k) == v for k, v in ({"year": year} | TOTAL | given).items()),
        named=True,
    )


_YEARS = range(2010, 2016)
#: The example city (synthetic): 10^4 tce by scope and electricity, 10^8 yuan, previous year = 100.
EXAMPLE = {
    ("total", "equivalent"): ("780", "836", "885", "914", "937.5", "961"),
    ("total", "calorific"): ("640", "690", "735", "757", "780", "800"),
    ("final", "equivalent"): ("757", "811", "859", "886", "909", "932"),
    ("final", "calorific"): ("566", "610", "650", "669", "690", "707"),
}
EXAMPLE_GDP = dict(zip(_YEARS, ("860", "1010", "1085", "1160", "1233.89", "1286"), strict=True))
EXAMPLE_INDICES = dict(zip(_YEARS[1:], ("111.5", "110.5", "109.2", "107.5", "107.0"), strict=True))


def example_city() -> MemoryWarehouse:
    """The example city with every printed total, so that every variant of the intensity can be computed."""
    warehouse = reporting_city({}, EXAMPLE_GDP, EXAMPLE_INDICES)
    totals = [
        energy_row(period=str(year), quantity=tce, flow=scope, fuel=f"total_energy_{basis}", origin="synthetic")
        for (scope, basis), quantities in EXAMPLE.items()
        for year, tce in zip(_YEARS, quantities, strict=True)
    ]
    warehouse.core("energy_use", totals)
    return warehouse
