"""How a mart is declared: its table, what it is rebuilt from, in which portions, and what may compute it.

Belongs here: the declaration types that `assets` fills in and `warehouse.rebuild` executes.
Does not belong here: any calculation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from sources.registry import Table

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import polars as pl

    from warehouse.store import Warehouse


class Inputs(Protocol):
    """What a mart's `build` may read. Tables are Ibis expressions on the warehouse."""

    @property
    def dirty(self) -> ir.Table:
        """The portions to rebuild: one row per dirty scope, with the mart's scope columns."""

    @property
    def only(self) -> ir.Table | None:
        """`dirty`; None where every portion is to be rebuilt, so that millions of rows need not be looked up in it."""

    def table(self, name: str) -> ir.Table:
        """A table of the warehouse by qualified name, e.g. `core.air_readings`, `standard.iaqi_breakpoint`."""


@dataclass(frozen=True)
class Upstream:
    """A table whose changed rows make scopes of a mart dirty.

    `scope` maps each scope column of the mart to a SQL expression over one row of `table`
    (`{"day": "CAST(period_end - INTERVAL 1 HOUR AS DATE)"}`); a column of the same name needs no
    entry. `where` leaves out rows that cannot matter. `via` is an optional SQL query text with
    `{changed}` in place of the changed rows, for scopes that need a join; it gives the scope columns.
    """

    table: str
    scope: Mapping[str, str] = field(default_factory=dict)
    where: str = ""
    via: str = ""


@dataclass(frozen=True)
class ReferenceTable:
    """A standard, plan or setting as a warehouse table, loaded from data under `assets/`.

    When its content changes, every mart that reads it is dirty as a whole. `worth_publishing`: whether
    such a change makes a new night by itself; where not, only what it changes in a mart does. `source`: where
    the rows come from, in words.
    """

    table: Table
    rows: Callable[[], pl.DataFrame]
    worth_publishing: bool = True
    source: str = "dated data in assets/standards/"


@dataclass(frozen=True)
class LakeTable:
    """A large table that heavy marts read, and how it is divided in the lake.

    `region` and `day` are SQL expressions over one row (`record`), of which the day's month counts; `beside` is
    joined to it where the region stands elsewhere, and gives at most one row.
    """

    name: str
    region: str
    day: str
    beside: str = ""


class Engine(Protocol):
    """What may compute a mart in place of DuckDB, from the same expression."""

    def rows(self, warehouse: Warehouse, mart: Mart, scopes: int) -> str | None:
        """A query for DuckDB that gives the rows of so many dirty portions; None where DuckDB is to compute them."""


@dataclass(frozen=True)
class Mart:
    """A derived table: rebuilt scope by scope from its upstream tables.

    `scope`: the columns whose values name a portion that is deleted and inserted together (empty =
    always rebuilt whole). `upstream`: tables whose changes make scopes dirty. `reads`: further
    tables it rests on; a change in one makes every scope dirty. `build` gives the rows of the dirty
    scopes, in the table's columns. Raise `version` when the calculation changes: every scope is
    then dirty. `subject` is the Dagster group. `heavy`: it grows with hours or batches, so that many portions
    of it may be computed by another engine. `wholly`: `build` asks for `Inputs.only`, so it has another text
    where every portion is dirty.
    """

    table: Table
    subject: str
    scope: tuple[str, ...]
    upstream: tuple[Upstream, ...]
    build: Callable[[Inputs], ir.Table]
    reads: tuple[str, ...] = ()
    version: int = 1
    heavy: bool = False
    wholly: bool = False

    @property
    def name(self) -> str:
        return self.table.name
