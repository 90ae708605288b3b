"""The lake: tables of the warehouse as Parquet files, for engines on other machines.

Belongs here: writing the portions that changed. Does not belong here: what a portion is (`assets.lake`), reading
them (`warehouse.spark.engine`).

A large table lies in one folder for each region and month, a small one in one file. A folder's files bear the
fingerprint of the rows in them, so that the lake needs no memory of its own: what a killed night left half
written, or somebody deleted, is told from the names and written again.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from warehouse.marts import LakeTable
from warehouse.names import ident, quote
from warehouse.store import Warehouse

_REGION, _MONTH = "lake_region", "lake_month"
#: Region → folder name of what no region is known of.
NO_REGION = "none"


@dataclass(frozen=True)
class _Portion:
    """One region and month of a table: where it lies, and what is there when it is complete."""

    region: str
    month: date
    fingerprint: str

    @property
    def folder(self) -> str:
        return f"{_REGION}={self.region}/{_MONTH}={self.month:%Y-%m-%d}"


class Lake:
    """The Parquet files of one home. `tables`: those that lie in portions, by their names in the warehouse."""

    def __init__(self, root: Path, tables: Mapping[str, LakeTable], say: Callable[[str], None]) -> None:
        self.root = root
        self.tables = tables
        self._say = say

    def files(self, warehouse: Warehouse, name: str, months: Sequence[date] | None) -> list[Path]:
        """The files that hold a table's rows as they are now: of some months, or all (None).

        There is always one, if only with the columns.
        """
        table = self.tables.get(name)
        if table is None:
            return [self._small(warehouse, name)]
        shape = self._write(warehouse, f"FROM {ident(name)} LIMIT 0", self.root / name / "columns.parquet")
        portions = self._portions(warehouse, table, months)
        stale = [portion for portion in portions if not self._complete(name, portion)]
        self._refresh(warehouse, table, stale)
        if months is None:
            self._forget(name, portions)
        files = [file for portion in portions for file in sorted((self.root / name / portion.folder).iterdir())]
        return [shape, *files]

    def results(self, name: str) -> Path:
        """An empty place for what an engine makes."""
        folder = self.root / "results" / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        return folder

    def forget_results(self) -> None:
        """Remove what engines made: it is in the warehouse now, or will be made again."""
        shutil.rmtree(self.root / "results", ignore_errors=True)

    def _small(self, warehouse: Warehouse, name: str) -> Path:
        return self._write(warehouse, f"FROM {ident(name)}", self.root / name / "all.parquet")

    def _write(self, warehouse: Warehouse, query: str, file: Path) -> Path:
        file.parent.mkdir(parents=True, exist_ok=True)
        written = file.with_suffix(".tmp")
        warehouse.con.execute(f"COPY ({query}) TO {quote(str(written))} (FORMAT parquet)")
        written.replace(file)
        return file

    def _portions(self, warehouse: Warehouse, table: LakeTable, months: Sequence[date] | None) -> list[_Portion]:
        """The portions of a table, each with the fingerprint of its rows and of the columns that they have."""
        shape = _shape(warehouse, table)
        region, month, rows = _placed(table)
        of_months = "" if months is None else f" WHERE {_MONTH} IN ({', '.join(map(_sql_date, months))})"
        return [
            _Portion(name, when, f"{count}-{digest:x}-{shape}")
            for name, when, count, digest in warehouse.rows(
                f"SELECT {_REGION}, {_MONTH}, count(*), sum(digest) % (1::HUGEINT << 62) FROM "
                f"(SELECT {region} AS {_REGION}, {month} AS {_MONTH}, hash(record)::HUGEINT AS digest FROM {rows})"
                f"{of_months} GROUP BY ALL ORDER BY ALL"
            )
        ]

    def _complete(self, name: str, portion: _Portion) -> bool:
        folder = self.root / name / portion.folder
        found = sorted(file.name for file in folder.iterdir()) if folder.is_dir() else []
        return bool(found) and found == _names(portion, len(found))

    def _refresh(self, warehouse: Warehouse, table: LakeTable, stale: Sequence[_Portion]) -> None:
        """Write portions anew, month by month: with every month of a year open at once memory runs out."""
        for month in sorted({portion.month for portion in stale}):
            of_month = {portion.region: portion for portion in stale if portion.month == month}
            self._say(f"writing the lake: {table.name}, {month:%Y-%m}, {len(of_month)} regions")
            made = self.root / "writing"
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir(parents=True)
            place, when, rows = _placed(table)
            warehouse.con.execute(
                f"COPY (SELECT record.*, {place} AS {_REGION} FROM {rows} WHERE {when} = {_sql_date(month)} "
                f"AND {place} IN ({', '.join(map(quote, of_month))})) TO {quote(str(made))} "
                f"(FORMAT parquet, PARTITION_BY ({_REGION}), OVERWRITE_OR_IGNORE)"
            )
            for region, portion in of_month.items():
                self._swap(table.name, portion, made / f"{_REGION}={region}")
            shutil.rmtree(made)

    def _swap(self, name: str, portion: _Portion, made: Path) -> None:
        """Put the files of a portion in place of those before; complete when the last one is there."""
        folder = self.root / name / portion.folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        files = sorted(made.iterdir())
        for file, final in zip(files, _names(portion, len(files)), strict=True):
            file.replace(folder / final)

    def _forget(self, name: str, portions: Sequence[_Portion]) -> None:
        """Remove portions of which the table holds no row any more."""
        there = {portion.folder for portion in portions}
        for folder in (self.root / name).glob(f"{_REGION}=*/{_MONTH}=*"):
            if str(folder.relative_to(self.root / name)) not in there:
                shutil.rmtree(folder)


def _names(portion: _Portion, count: int) -> list[str]:
    return [f"{portion.fingerprint}-{number:04}-of-{count:04}.parquet" for number in range(1, count + 1)]


def _placed(table: LakeTable) -> tuple[str, str, str]:
    """SQL for the region and the month of each row of a table, and for the rows, which are called `record`."""
    return (
        f"coalesce({table.region}, {quote(NO_REGION)})",
        f"CAST(date_trunc('month', {table.day}) AS DATE)",
        f"{ident(table.name)} AS record {table.beside}",
    )


def _sql_date(day: date) -> str:
    return f"DATE {quote(str(day))}"


def _shape(warehouse: Warehouse, table: LakeTable) -> str:
    """The first digits of a hash over a table's columns: with others, its files are of no use."""
    ((digest,),) = warehouse.rows(
        "SELECT md5(string_agg(column_name || ' ' || data_type, ',' ORDER BY column_index)) FROM duckdb_columns() "
        "WHERE database_name = current_database() AND schema_name || '.' || table_name = ?",
        [table.name],
    )
    return str(digest)[:8]
