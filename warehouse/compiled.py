"""Marts as SQL: building their expressions, and keeping the texts.

Belongs here: what a mart's build sees of the warehouse, its text for DuckDB, the folder of texts. Does not belong
here: running them (`warehouse.rebuild`), the text for Spark (`warehouse.spark`).

Compiling an expression takes longer than running it on a night's news, so what was made of it is kept in
`warehouse.compiled` until code, data or compilers change. Texts name tables of the warehouse and no home, so that
homes may share the folder.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sources.fingerprint import calculation_fingerprint
from warehouse import dirty
from warehouse.column_lineage import columns_behind
from warehouse.marts import Mart
from warehouse.schema import PRIVATE_SCHEMAS
from warehouse.store import Warehouse

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class _WarehouseInputs:
    """The `Inputs` that a mart's build sees: Ibis tables on the working file."""

    warehouse: Warehouse
    mart: Mart
    whole: bool = False

    @property
    def dirty(self) -> ir.Table:
        return self.table(dirty.dirty_table(self.mart).name)  # without repeats, as `warehouse.rebuild` leaves it

    @property
    def only(self) -> ir.Table | None:
        return None if self.whole else self.dirty

    def table(self, name: str) -> ir.Table:
        schema, table = name.split(".")
        return self.warehouse.ibis.table(table, database=schema)


@dataclass(frozen=True)
class Compiled:
    """A mart's build over its dirty scopes as SQL, and its column lineage: (column, from table, from column)."""

    sql: str
    lineage: tuple[tuple[str, str, str], ...]


def compiled(warehouse: Warehouse, mart: Mart, whole: bool = False) -> Compiled:
    """The SQL of a mart's build for DuckDB, and what each of its columns is computed from.

    `whole`: every portion is dirty.
    """
    whole = whole and mart.wholly

    def make() -> dict[str, Any]:
        expression = expression_of(warehouse, mart, whole)
        lineage = sorted(
            (column, *origin)
            for column, origins in columns_behind(expression).items()
            for origin in origins
            if origin[0].split(".")[0] not in PRIVATE_SCHEMAS
        )
        return {"sql": str(warehouse.ibis.compile(expression)), "lineage": lineage}

    kept = keep(warehouse, mart, "whole " if whole else "", make)
    return Compiled(kept["sql"], tuple((a, b, c) for a, b, c in kept["lineage"]))


def expression_of(warehouse: Warehouse, mart: Mart, whole: bool = False) -> ir.Table:
    """A mart's build over its dirty scopes. `whole`: they are all that there are."""
    return mart.build(_WarehouseInputs(warehouse, mart, whole))


def keep(warehouse: Warehouse, mart: Mart, kind: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What was made of a mart's build, of a kind, as it was kept; else made now."""
    build = f"{kind}{mart.name} {mart.build.__module__}.{mart.build.__qualname__} {calculation_fingerprint()}"
    kept = warehouse.compiled / f"{hashlib.sha256(build.encode()).hexdigest()}.json"
    if not kept.is_file():
        with _uncollected():
            made = make()
        kept.parent.mkdir(parents=True, exist_ok=True)
        written = kept.with_suffix(f".{os.getpid()}.tmp")
        written.write_text(json.dumps(made, ensure_ascii=False), "utf-8")
        written.replace(kept)
    found: dict[str, Any] = json.loads(kept.read_text("utf-8"))
    return found


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for garbage: expressions are some million objects that are all needed until they are text."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
