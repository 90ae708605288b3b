"""Running heavy marts on a Spark cluster.

Belongs here: the session, what a mart reads as views over the lake, its rows as files, and what happens when the
cluster cannot do it. Does not belong here: the text (`warehouse.spark.compiler`), the files (`warehouse.spark.lake`).

The rows are the same whoever computes them, so a cluster that does not answer costs time and no night: DuckDB
computes the mart, and the night says so.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from warehouse import dirty
from warehouse.compiled import expression_of, keep
from warehouse.marts import LakeTable, Mart
from warehouse.names import ident, quote
from warehouse.spark.lake import Lake
from warehouse.store import Warehouse

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Seconds in which the cluster's master has to take a connection.
_ANSWER_SECONDS = 5

#: What makes Spark mean what DuckDB means. Given options come after these, and may not change them.
MEANING = {
    "spark.sql.session.timeZone": "UTC",  # times are local and have no zone
    "spark.sql.ansi.enabled": "true",  # an overflow is an error and no other number
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",  # a product keeps every digit after the point
    "spark.sql.caseSensitive": "false",
}

_QUIET = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.maxPlanStringLength": "1000",  # it writes its plans out at each step: for a large mart 40 s and 1 GB
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
}


@dataclass(frozen=True)
class Cluster:
    """Where Spark runs: `master` as Spark writes it, `options` of its own, `portions_from`: fewer stay with DuckDB."""

    master: str
    options: Mapping[str, str]
    portions_from: int


class SparkEngine:
    """The `Engine` that computes heavy marts on a cluster. Close it: its driver is a process of its own."""

    def __init__(self, cluster: Cluster, lake: Path, tables: Sequence[LakeTable], say: Callable[[str], None]) -> None:
        self._cluster = cluster
        self._lake = Lake(lake, {table.name: table for table in tables}, say)
        self._say = say
        self._session: SparkSession | None = None
        self._unreachable = ""

    def rows(self, warehouse: Warehouse, mart: Mart, scopes: int) -> str | None:
        """A query over the files that Spark made; None for a mart or a night that is small, or when Spark cannot."""
        if not mart.heavy or scopes < self._cluster.portions_from or self._unreachable:
            return None
        session = self._connected()
        if session is None:
            return None
        try:
            return self.computed(session, warehouse, mart)
        except Exception as error:  # of any kind: Python's, Java's, a worker's
            self._say(f"Spark could not compute {mart.name} ({_first_line(error)}); DuckDB computes it")
            return None

    def computed(self, session: SparkSession, warehouse: Warehouse, mart: Mart) -> str:
        """A query over the rows of a mart's dirty portions, which Spark computes now."""

        def make() -> dict[str, object]:
            from warehouse.spark.compiler import spark_sql, tables_of

            expression = expression_of(warehouse, mart)
            return {"sql": spark_sql(expression, _view), "tables": tables_of(expression)}

        kept = keep(warehouse, mart, "spark ", make)
        for table in kept["tables"]:
            files = self._lake.files(warehouse, table, self._months(warehouse, mart, table))
            session.read.parquet(*map(str, files)).createOrReplaceTempView(_view(table))
        self._say(f"computing {mart.name} on {self._cluster.master}")
        made = self._lake.results(mart.name)
        session.sql(kept["sql"]).write.parquet(str(made))
        return f"SELECT * FROM read_parquet({quote(str(made / '*.parquet'))})"

    def connect(self) -> SparkSession:
        """The session, begun when first asked for. Raises `OSError` without answer; else what Spark does."""
        if self._session is None:
            self._answers()
            logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)  # prints every error as JSON
            logging.getLogger("py4j").setLevel(logging.CRITICAL)
            from pyspark.sql import SparkSession

            builder = SparkSession.Builder().appName("Quality City").master(self._cluster.master)
            for name, value in (_QUIET | dict(self._cluster.options) | MEANING).items():
                builder = builder.config(name, value)
            self._say(f"starting Spark on {self._cluster.master}")
            self._session = builder.getOrCreate()
        return self._session

    def close(self) -> None:
        """End the session and remove what it made."""
        if self._session is not None:
            self._session.stop()
            self._session = None
        self._lake.forget_results()

    def _connected(self) -> SparkSession | None:
        try:
            return self.connect()
        except Exception as error:  # of any kind: no Java, no answer, a refusal of the cluster
            self._unreachable = _first_line(error)
            self._say(
                f"Spark at {self._cluster.master} cannot be used ({self._unreachable}); DuckDB computes this night"
            )
            return None

    def _answers(self) -> None:
        """That something listens where the master should be: Spark itself would ask for minutes."""
        place = urlsplit(self._cluster.master)
        if place.scheme == "spark":
            hosts = [host.rpartition(":") for host in place.netloc.split(",")]
            problem: OSError | None = None
            for host, _, port in hosts:
                try:
                    socket.create_connection((host.strip("[]"), int(port)), _ANSWER_SECONDS).close()
                    return
                except OSError as error:
                    problem = error
            raise OSError(f"no answer: {problem}")

    def _months(self, warehouse: Warehouse, mart: Mart, table: str) -> list[date] | None:
        """The months of a table that a mart's dirty portions read; None for all.

        Rows that reach only portions of their own day are read of the months of these days.
        """
        of_table = [upstream for upstream in mart.upstream if upstream.table == table]
        placed = self._lake.tables.get(table)
        if placed is None or not of_table or "day" not in mart.scope or table in mart.reads:
            return None
        if any(upstream.via or upstream.scope.get("day", "day") != placed.day for upstream in of_table):
            return None
        keys = ident(dirty.dirty_table(mart).name)
        months = f"SELECT DISTINCT CAST(date_trunc('month', day) AS DATE) FROM {keys} ORDER BY ALL"
        return [month for (month,) in warehouse.rows(months)]


def _view(table: str) -> str:
    """What a table of the warehouse is called in Spark."""
    return table.replace(".", "__")


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else 'no message'}"
