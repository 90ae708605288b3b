"""The dictionary in the database: meta.table, meta.column, meta.column_lineage.

Belongs here: those tables and their rows, from what is declared. Does not belong here: the same as a
page or a package (`warehouse.dictionary_page`), any description: those stand beside what they describe.

Written in the transaction that enters a night, so that every published file describes itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl

from sources.registry import LINEAGE, Column, Table, boolean, codes, integer, text
from warehouse import meta
from warehouse.dirty import depends_on
from warehouse.known_at import known_at_table
from warehouse.names import ident
from warehouse.schema import PRIVATE_SCHEMAS

if TYPE_CHECKING:
    from warehouse.store import Warehouse

KINDS = codes(("table", "表", "table"), ("view", "视图", "view"), ("macro", "宏", "macro"))

_TABLE_NAME = text("table_name", "表名", "schema and table", required=True)

TABLE = Table(
    "meta.table",
    "数据表目录",
    "Every table, view and macro that analysts can read",
    (
        _TABLE_NAME,
        text("kind", "种类", "table, view or macro", required=True, codes=KINDS),
        text("zh", "中文说明", "what a row is, in Chinese", required=True),
        text("en", "英文说明", "what a row is, in English", required=True),
        text("key", "主键", "columns that name one row, joined by comma; empty: none is promised"),
        text("source", "来源", "where its rows come from", required=True),
        text("warnings", "注意事项", "what is known to mislead"),
    ),
    ("table_name",),
)

COLUMN = Table(
    "meta.column",
    "字段目录",
    "Every column of every table and view that analysts can read",
    (
        _TABLE_NAME,
        integer("position", "次序", "place in the table, from 1", required=True),
        text("column_name", "字段名", "column", required=True),
        text("type", "类型", "type in DuckDB", required=True),
        text("zh", "中文名", "name in Chinese", required=True),
        text("en", "英文说明", "meaning in English", required=True),
        text("unit", "单位", "unit; empty where it has none or stands in a column of its own"),
        text("codes", "代码", "every value that can occur, as code = Chinese · English; empty: not a closed set"),
        boolean("required", "必填", "a row without it does not exist", required=True),
        text("source", "来源", "columns that it is computed from, or who fills it in", required=True),
        text("warnings", "注意事项", "what is known to mislead"),
    ),
    ("table_name", "position"),
)

COLUMN_LINEAGE = Table(
    "meta.column_lineage",
    "字段血缘",
    "From which columns each column of a mart is computed, read off its calculation",
    (
        _TABLE_NAME,
        text("column_name", "字段名", "column of the mart", required=True),
        text("from_table", "来源表", "table that it is computed from", required=True),
        text("from_column", "来源字段", "column there", required=True),
    ),
    ("table_name", "column_name", "from_table", "from_column"),
)

TABLES = (TABLE, COLUMN, COLUMN_LINEAGE)

#: What the source itself says stands in columns of this name; `published_at` is a time.
_CLAIM = "published_"
_CLAIM_WARNING = "what the source itself claims: compared with ours, never used as ours"


@dataclass(frozen=True)
class Entry:
    """One table of the dictionary: its declaration, where its rows come from, and who fills its columns in."""

    table: Table
    source: str
    filled_by: str
    kind: str = "table"


def entries(warehouse: Warehouse) -> Iterator[Entry]:
    """Every table that analysts can read, with its source in words."""
    for feed in warehouse.feeds.values():
        inbox = f"files in inbox/{feed.name}/"
        for part in feed.parts:
            for table in (meta.core_table(part), meta.history_table(part), meta.repeat_table(part)):
                yield Entry(table, inbox, inbox)
        yield Entry(meta.quarantine_table(feed), inbox, "the pipeline")
    for mart in warehouse.marts.values():
        yield Entry(mart.table, "computed from " + ", ".join(sorted(depends_on(mart))), "the calculation")
    for reference in warehouse.references.values():
        yield Entry(reference.table, reference.source, reference.source)
    for view in warehouse.views:
        yield Entry(view.table, "computed when it is asked for", "the view", "view")
    for macro in warehouse.macros:
        yield Entry(macro.table, "computed when it is asked for", "the macro", "macro")
    for feed in warehouse.feeds.values():
        for part in feed.parts:
            yield Entry(known_at_table(part), "core, history and repeat of the part", "the macro", "macro")
    for table in (*meta.META_TABLES, *TABLES, *warehouse.kept):
        if table.schema != "work":
            yield Entry(table, "the pipeline", "the pipeline")


def write(warehouse: Warehouse) -> None:
    """Write meta.table and meta.column anew, within the transaction of the caller."""
    known = list(entries(warehouse))
    _fill(warehouse, TABLE, (table_row(entry) for entry in known))
    _fill(warehouse, COLUMN, (row for entry in known for row in column_rows(entry)))
    warehouse.con.execute(
        f"UPDATE {ident(COLUMN.name)} AS c SET source = l.source FROM ("
        f"SELECT table_name, column_name, string_agg(source, '; ' ORDER BY source) AS source FROM ("
        f"SELECT table_name, column_name, from_table || ' (' || string_agg(from_column, ', ' ORDER BY from_column) "
        f"|| ')' AS source FROM {COLUMN_LINEAGE.name} GROUP BY table_name, column_name, from_table) GROUP BY ALL) AS l "
        f"WHERE l.table_name = c.table_name AND l.column_name = c.column_name"
    )


def undescribed(con: duckdb.DuckDBPyConnection) -> list[str]:
    """What analysts can read and the dictionary, or the file's comments, say nothing of."""
    found = con.execute(
        f"WITH there AS (SELECT schema_name || '.' || table_name AS name, NULL AS column_name, comment "
        f"FROM duckdb_tables() WHERE NOT internal UNION ALL SELECT schema_name || '.' || view_name, NULL, comment "
        f"FROM duckdb_views() WHERE NOT internal UNION ALL "
        f"SELECT schema_name || '.' || table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal), "
        f"known AS (SELECT table_name AS name, NULL AS column_name FROM {TABLE.name} WHERE zh <> '' AND en <> '' "
        f"AND source <> '' UNION ALL SELECT table_name, column_name FROM {COLUMN.name} WHERE zh <> '' AND en <> '' "
        f"AND source <> '') "
        f"SELECT name || coalesce('.' || column_name, '') FROM there "
        f"WHERE split_part(name, '.', 1) NOT IN {PRIVATE_SCHEMAS} AND (comment IS NULL OR NOT EXISTS (FROM known "
        f"WHERE known.name = there.name AND known.column_name IS NOT DISTINCT FROM there.column_name)) ORDER BY ALL"
    ).fetchall()
    return [name for (name,) in found]


def write_lineage(warehouse: Warehouse, table: str, lineage: Iterable[tuple[str, str, str]]) -> None:
    """Keep the lineage of a mart, (column, from table, from column), where it differs from what is kept."""
    rows = sorted(lineage)
    if rows != lineage_of(warehouse, table):
        warehouse.con.execute(f"DELETE FROM {COLUMN_LINEAGE.name} WHERE table_name = ?", [table])
        named = (dict(zip(COLUMN_LINEAGE.names, (table, *row), strict=True)) for row in rows)
        _insert(warehouse, COLUMN_LINEAGE, named)


def lineage_of(warehouse: Warehouse, table: str) -> list[tuple[str, str, str]]:
    """(column, from table, from column) of a mart, as it was last rebuilt."""
    return warehouse.rows(
        f"SELECT column_name, from_table, from_column FROM {COLUMN_LINEAGE.name} WHERE table_name = ? ORDER BY ALL",
        [table],
    )


def table_row(entry: Entry) -> dict[str, Any]:
    """One row of `TABLE`."""
    table = entry.table
    return {
        "table_name": table.name,
        "kind": entry.kind,
        "zh": table.zh,
        "en": table.en,
        "key": ", ".join(table.key) or None,
        "source": entry.source,
        "warnings": "; ".join(table.warnings) or None,
    }


def column_rows(entry: Entry) -> Iterator[dict[str, Any]]:
    """The rows of `COLUMN` for one table."""
    ours = {column.name for column in LINEAGE} | set(meta.NOT_CURRENT)
    for position, column in enumerate(entry.table.columns, 1):
        filled_by = "the pipeline" if column.ours or column.name in ours else entry.filled_by
        claim = column.name.startswith(_CLAIM) and column.name not in ("published_at", "published_at_from")
        yield {
            "table_name": entry.table.name,
            "position": position,
            "column_name": column.name,
            "type": column.duckdb_type,
            "zh": column.zh,
            "en": column.en,
            "unit": column.unit or None,
            "codes": _codes(column),
            "required": column.required,
            "source": filled_by,
            "warnings": _CLAIM_WARNING if claim else None,
        }


def _codes(column: Column) -> str | None:
    if column.codes is None:
        return None
    return "; ".join(f"{code.code} = {code.zh} · {code.en}" for code in column.codes.codes)


def _fill(warehouse: Warehouse, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    warehouse.con.execute(f"DELETE FROM {ident(table.name)}")
    _insert(warehouse, table, rows)


def _insert(warehouse: Warehouse, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    frame = pl.DataFrame(list(rows), schema=table.polars_schema, orient="row")
    warehouse.con.register("_dictionary", frame.to_arrow())
    warehouse.con.execute(f"INSERT INTO {ident(table.name)} BY NAME FROM _dictionary")
    warehouse.con.unregister("_dictionary")
