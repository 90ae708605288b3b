"""Dirty keys: which portions of which mart must be computed again.

Belongs here: the tables of dirty keys and how changed rows make them. Does not belong here:
rebuilding (`warehouse.rebuild`) or any mart's declaration (`assets`).

A key is written in the same transaction as the change that causes it, and cleared in the same
transaction as the rebuild that serves it; a crash between loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import duckdb

from sources.registry import Column, Table
from warehouse.marts import Mart, Upstream
from warehouse.names import ident

#: The key of a mart that is always rebuilt whole.
_WHOLE = Column("whole", "boolean", "整表", "the mart is rebuilt whole")


def dirty_table(mart: Mart) -> Table:
    """`work.dirty_<mart>`: the scope columns of the mart, a row for each time that a portion was marked."""
    columns = tuple(mart.table.column(name) for name in mart.scope) or (_WHOLE,)
    return Table(
        f"work.dirty_{mart.table.short_name}",
        f"待重算：{mart.table.zh}",
        f"Portions to rebuild: {mart.table.en}",
        columns,
    )


def scope_query(mart: Mart, upstream: Upstream, changed: str, known: Mapping[str, str] = MappingProxyType({})) -> str:
    """SQL that gives the mart's dirty scopes for the rows of `changed` (a table or view name).

    `known`: the columns of `changed` that hold what an expression gives, where it was computed before.
    """
    if upstream.via:
        return upstream.via.format(changed=changed)
    where = f" WHERE {known.get(upstream.where, upstream.where)}" if upstream.where else ""
    if not mart.scope:
        return f"SELECT true AS whole FROM (SELECT 1 FROM {changed}{where} LIMIT 1)"
    columns = ", ".join(f"{known.get(text, text)} AS {ident(name)}" for name, text in _scope(mart, upstream).items())
    return f"SELECT DISTINCT {columns} FROM {changed}{where}"


def _scope(mart: Mart, upstream: Upstream) -> dict[str, str]:
    """Scope column → the expression that gives it for a row of an upstream table."""
    return {name: upstream.scope.get(name, ident(name)) for name in mart.scope}


def mark(con: duckdb.DuckDBPyConnection, marts: Iterable[Mart], table: str, changed: str) -> None:
    """Mark the scopes that the rows of `changed`, which are rows of `table`, reach.

    A mart that merely reads the table cannot tell which of its scopes they reach: all of them.
    """
    marts = list(marts)
    for mart in marts:
        if table in mart.reads and con.execute(f"SELECT 1 FROM {changed} LIMIT 1").fetchall():
            mark_whole(con, mart)
    reached = [(mart, upstream) for mart in marts for upstream in mart.upstream if upstream.table == table]
    known = _reaching(con, [(mart, upstream) for mart, upstream in reached if _by_row(mart, upstream)], changed)
    for mart, upstream in reached:
        rows = ("reaching", known) if _by_row(mart, upstream) else (changed,)
        con.execute(f"INSERT INTO {ident(dirty_table(mart).name)} BY NAME {scope_query(mart, upstream, *rows)}")


def _by_row(mart: Mart, upstream: Upstream) -> bool:
    """Whether each changed row says by itself which scopes it reaches."""
    return bool(mart.scope) and not upstream.via


def _reaching(con: duckdb.DuckDBPyConnection, asked: Sequence[tuple[Mart, Upstream]], changed: str) -> dict[str, str]:
    """Make `reaching`: all that the scopes ask of the changed rows, each answer once; expression → its column.

    A million hours are a few thousand days: the rows are passed over once, however many marts rest on them.
    """
    texts = {text for mart, upstream in asked for text in (*_scope(mart, upstream).values(), upstream.where) if text}
    known = {text: f"answer_{place}" for place, text in enumerate(sorted(texts))}
    if known:
        answers = ", ".join(f"{text} AS {name}" for text, name in known.items())
        con.execute(f"CREATE OR REPLACE TEMP TABLE reaching AS SELECT DISTINCT {answers} FROM {changed}")
    return known


def mark_whole(con: duckdb.DuckDBPyConnection, mart: Mart) -> None:
    """Mark every scope of a mart: what its upstreams reach now, and what it holds now."""
    dirty = ident(dirty_table(mart).name)
    if not mart.scope:
        con.execute(f"INSERT INTO {dirty} VALUES (true)")
        return
    for upstream in mart.upstream:
        con.execute(f"INSERT INTO {dirty} BY NAME {scope_query(mart, upstream, ident(upstream.table))}")
    columns = ", ".join(ident(name) for name in mart.scope)
    con.execute(f"INSERT INTO {dirty} BY NAME SELECT DISTINCT {columns} FROM {ident(mart.name)}")


def portions(con: duckdb.DuckDBPyConnection, mart: Mart) -> int:
    """How many portions of a mart are dirty; each stands in its table once from then on."""
    dirty = ident(dirty_table(mart).name)
    once = f"SELECT DISTINCT * FROM {dirty}"
    ((marks, found),) = con.execute(f"SELECT (SELECT count(*) FROM {dirty}), count(*) FROM ({once})").fetchall()
    if found < marks:
        con.execute(f"CREATE OR REPLACE TEMP TABLE portion AS {once}")
        con.execute(f"DELETE FROM {dirty}")
        con.execute(f"INSERT INTO {dirty} FROM portion")
    return int(found)


def dirty_marts(con: duckdb.DuckDBPyConnection, marts: Sequence[Mart]) -> list[Mart]:
    """The marts that have dirty keys, in the given order."""
    return [mart for mart in marts if con.execute(f"SELECT 1 FROM {ident(dirty_table(mart).name)} LIMIT 1").fetchall()]


def in_order(marts: Sequence[Mart]) -> list[Mart]:
    """The marts sorted so that each comes after those that it is rebuilt from.

    Raises `ValueError` when they feed each other in a circle.
    """
    from graphlib import CycleError, TopologicalSorter

    by_name = {mart.name: mart for mart in marts}
    graph = {mart.name: sorted({table for table in depends_on(mart) if table in by_name}) for mart in marts}
    try:
        return [by_name[name] for name in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        raise ValueError(f"marts feed each other in a circle: {error.args[1]}") from error


def depends_on(mart: Mart) -> set[str]:
    """Every table that a mart rests on."""
    return {upstream.table for upstream in mart.upstream} | set(mart.reads)
