"""Rebuilding marts from their dirty keys, and noticing when a definition changed.

Belongs here: executing what `warehouse.marts` declares. Does not belong here: any calculation.

One transaction per mart: read its dirty keys, compute those portions, replace the rows that differ,
mark what rests on them, clear the keys. A crash leaves the mart wholly old with its keys still there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from warehouse import dictionary, dirty
from warehouse.compiled import compiled
from warehouse.marts import Mart, ReferenceTable
from warehouse.names import ident
from warehouse.store import Warehouse

#: More portions than this are written as they come: sorting the hours of a province takes longer than computing them.
_SORTED_SCOPES = 200_000

#: Written to the fingerprint of a mart that was marked as a whole, until it is rebuilt.
_WHOLE = ", every portion dirty"


@dataclass(frozen=True)
class Rebuilt:
    """What one rebuild did: portions computed, rows now in the mart, rows that differ from before; where."""

    mart: str
    scopes: int
    rows: int
    changed: int
    elsewhere: bool = False


def rebuild(warehouse: Warehouse, mart: Mart) -> Rebuilt:
    """Rebuild the dirty portions of one mart and mark the marts that rest on what changed."""
    con, keys, table = warehouse.con, ident(dirty.dirty_table(mart).name), ident(mart.name)
    with warehouse.transaction():
        scopes = dirty.portions(con, mart)
        if not scopes:
            return Rebuilt(mart.name, 0, warehouse.value(f"SELECT count(*) FROM {table}"), 0)
        whole = _stored(warehouse).get(mart.name, "").endswith(_WHOLE)
        made = compiled(warehouse, mart, whole)
        columns = ", ".join(f"CAST({ident(c.name)} AS {c.duckdb_type}) AS {ident(c.name)}" for c in mart.table.columns)
        elsewhere = warehouse.engine.rows(warehouse, mart, scopes) if warehouse.engine else None
        query = f"SELECT {columns} FROM ({elsewhere or made.sql})"
        if warehouse.rows(f"{_stale(mart)} LIMIT 1"):
            changed = _replace(warehouse, mart, query)
        else:
            changed = _fill(warehouse, mart, query, scopes)
        if changed:
            dirty.mark(con, list(warehouse.marts.values()), mart.name, "changed_rows")
            warehouse.note_change()
        dictionary.write_lineage(warehouse, mart.name, made.lineage)
        con.execute(f"DELETE FROM {keys}")
        if whole:
            _store(warehouse, mart.name, _version(mart))
        rows = warehouse.value(f"SELECT count(*) FROM {table}")
        return Rebuilt(mart.name, scopes, rows, changed, elsewhere is not None)


def _stale(mart: Mart) -> str:
    """SQL for the rows of a mart that lie in its dirty portions."""
    keys = ident(dirty.dirty_table(mart).name)
    return f"SELECT * FROM {ident(mart.name)}" + (f" SEMI JOIN {keys} USING ({_scope(mart)})" if mart.scope else "")


def _scope(mart: Mart) -> str:
    return ", ".join(ident(name) for name in mart.scope)


def _fill(warehouse: Warehouse, mart: Mart, query: str, scopes: int) -> int:
    """Write portions of which the mart holds nothing, straight from the query; `changed_rows` are those.

    A first load is as large as the mart: it is not held a second time to be compared with nothing, and not sorted.
    """
    con, table = warehouse.con, ident(mart.name)
    everything = not warehouse.rows(f"SELECT 1 FROM {table} LIMIT 1")
    order = "" if scopes > _SORTED_SCOPES else _order(mart)
    ((filled,),) = con.execute(f"INSERT INTO {table} BY NAME {query}{order}").fetchall()
    con.execute(f"CREATE OR REPLACE TEMP VIEW changed_rows AS {f'FROM {table}' if everything else _stale(mart)}")
    return int(filled)


def _replace(warehouse: Warehouse, mart: Mart, query: str) -> int:
    """Write portions of which the mart holds rows; `changed_rows` are those that go and those that come."""
    con, table = warehouse.con, ident(mart.name)
    con.execute(f"CREATE OR REPLACE TEMP TABLE fresh AS {query}")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE difference AS ({_stale(mart)} EXCEPT ALL FROM fresh) "
        f"UNION ALL (FROM fresh EXCEPT ALL {_stale(mart)})"
    )
    con.execute("CREATE OR REPLACE TEMP VIEW changed_rows AS FROM difference")
    changed = int(warehouse.value("SELECT count(*) FROM changed_rows"))
    if changed:
        keys = ident(dirty.dirty_table(mart).name)
        where = f" WHERE ({_scope(mart)}) IN (SELECT ({_scope(mart)}) FROM {keys})" if mart.scope else ""
        con.execute(f"DELETE FROM {table}{where}")
        con.execute(f"INSERT INTO {table} BY NAME FROM fresh{_order(mart)}")
    return changed


def _order(mart: Mart) -> str:
    """Rows of a mart lie in the order of its key: a station's or a city's days are then read from few blocks."""
    return f" ORDER BY {', '.join(ident(name) for name in mart.table.key)}" if mart.table.key else ""


def load_references(warehouse: Warehouse, references: Iterable[ReferenceTable]) -> list[str]:
    """Load the standards, plan and settings that changed; every mart that rests on one is dirty as a whole.

    Returns the names of the tables that changed. In one transaction: a commit for each would take as long as all else.
    """
    stored, changed = _stored(warehouse), []
    with warehouse.transaction():
        for reference in references:
            frame = reference.rows().select(reference.table.names).cast(reference.table.polars_schema)  # type: ignore[arg-type]
            fingerprint = _fingerprint(frame)
            if stored.get(reference.table.name) == fingerprint:
                continue
            name = ident(reference.table.name)
            warehouse.con.execute(f"DELETE FROM {name}")
            warehouse.con.register("_reference", frame.to_arrow())
            warehouse.con.execute(f"INSERT INTO {name} BY NAME FROM _reference")
            warehouse.con.unregister("_reference")
            _store(warehouse, reference.table.name, fingerprint)
            if reference.worth_publishing:
                warehouse.note_change()
            changed.append(reference.table.name)
        for mart in warehouse.marts.values():
            if dirty.depends_on(mart).intersection(changed):
                dirty.mark_whole(warehouse.con, mart)
    return changed


def notice_changed_marts(warehouse: Warehouse, marts: Sequence[Mart]) -> list[str]:
    """Mark every mart dirty as a whole whose declared version or columns changed since it was built."""
    stored, changed = _stored(warehouse), []
    with warehouse.transaction():
        for mart in marts:
            if stored.get(mart.name, "").removesuffix(_WHOLE) != _version(mart):
                dirty.mark_whole(warehouse.con, mart)
                # What comes until it is rebuilt is marked besides, so that every portion stays dirty.
                _store(warehouse, mart.name, _version(mart) + _WHOLE)
                changed.append(mart.name)
    return changed


def _version(mart: Mart) -> str:
    return f"version {mart.version}"


def _fingerprint(frame: pl.DataFrame) -> str:
    return hashlib.sha256(frame.write_csv(include_header=True).encode()).hexdigest()


def _stored(warehouse: Warehouse) -> dict[str, str]:
    """Name of a reference table or mart → the fingerprint that it was made with."""
    return dict(warehouse.rows("SELECT name, fingerprint FROM meta.fingerprint"))


def _store(warehouse: Warehouse, name: str, fingerprint: str) -> None:
    warehouse.con.execute("DELETE FROM meta.fingerprint WHERE name = ?", [name])
    warehouse.con.execute("INSERT INTO meta.fingerprint VALUES (?, ?)", [name, fingerprint])
