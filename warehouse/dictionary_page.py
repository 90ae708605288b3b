"""The dictionary of a published night as a page and as a data package.

Belongs here: Markdown and `datapackage.json` from meta.table and meta.column. Does not belong here:
what they say (`warehouse.dictionary`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from warehouse.schema import SCHEMAS

DATAPACKAGE = "datapackage.json"

#: Schemas whose tables repeat the columns of core; the page names them and does not list these again.
_REPEATING = ("history", "repeat", "quarantine")

#: Type of DuckDB → type of the data package's table schema.
_FIELD_TYPES = {
    "VARCHAR": "string",
    "BIGINT": "integer",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "datetime",
    "DOUBLE": "number",
}


def page(con: duckdb.DuckDBPyConnection) -> str:
    """The dictionary in Markdown: every table with its columns, zh and en, unit, codes, source, warnings."""
    lines = [
        "# Dictionary · 数据字典",
        "",
        "Made by `quality-city dictionary --page docs/dictionary.md`; a test holds it against the database. The same "
        "stands in the published file: `meta.table`, `meta.column`, `meta.column_lineage`, and the comments of "
        "tables and columns.",
        "",
    ]
    tables = _rows(con, "FROM meta.table ORDER BY table_name")
    columns: dict[str, list[dict[str, Any]]] = {}
    for column in _rows(con, "FROM meta.column ORDER BY table_name, position"):
        columns.setdefault(column["table_name"], []).append(column)
    for schema, meaning in SCHEMAS.items():
        own = [table for table in tables if table["table_name"].startswith(f"{schema}.")]
        if own:
            lines += [f"## {schema}", "", meaning, ""]
        if schema in _REPEATING and own:
            lines += _repeating(
                own, columns, {c["column_name"] for t in columns if t[:5] == "core." for c in columns[t]}
            )
        else:
            lines += [line for table in own for line in _section(table, columns.get(table["table_name"], []))]
    return "\n".join(lines).rstrip() + "\n"


def _section(table: dict[str, Any], columns: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield from (f"### {table['table_name']}", "", f"{table['zh']} · {table['en']}", "")
    facts = [f"Key: {table['key']}." if table["key"] else "", f"Source: {table['source']}."]
    yield from (" ".join(fact for fact in facts if fact), "")
    if table["warnings"]:
        yield from (f"**! {table['warnings']}**", "")
    if columns:
        said = [c | {"source": "" if c["source"] == table["source"] else c["source"]} for c in columns]
        yield from _table(["column", "type", "中文", "meaning", "unit", "source"], map(_cells, said))


def _cells(column: dict[str, Any]) -> list[str]:
    meaning = column["en"]
    if column["codes"]:
        meaning += f" ({column['codes']})"
    if column["warnings"]:
        meaning += f" **! {column['warnings']}**"
    return [f"`{column['column_name']}`", column["type"], column["zh"], meaning, column["unit"] or "", column["source"]]


def _repeating(
    tables: Sequence[dict[str, Any]], columns: dict[str, list[dict[str, Any]]], known: set[str]
) -> Iterator[str]:
    """Tables of one shape: a line each, and the columns that core does not have."""
    yield from _table(["table", "中文", "meaning"], ([f"`{t['table_name']}`", t["zh"], t["en"]] for t in tables))
    own = {
        c["column_name"]: c for table in tables for c in columns[table["table_name"]] if c["column_name"] not in known
    }
    if own:
        yield from ("Besides columns of core:", "")
        yield from _table(["column", "type", "中文", "meaning", "unit", "source"], map(_cells, own.values()))


def _table(head: Sequence[str], rows: Iterator[list[str]] | map[list[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |"
    yield ""


def package(con: duckdb.DuckDBPyConnection, database: str) -> dict[str, Any]:
    """A data package (datapackage.org, version 2) whose resources are the tables of the file `database`."""
    (night,) = con.execute(
        "SELECT night_id, published_at FROM meta.night ORDER BY published_at DESC LIMIT 1"
    ).fetchall()
    fields: dict[str, list[dict[str, Any]]] = {}
    for column in _rows(con, "FROM meta.column ORDER BY table_name, position"):
        fields.setdefault(column["table_name"], []).append(_field(column))
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "quality-city",
        "title": "Quality City",
        "id": night[0],
        "created": night[1].isoformat() + "+08:00",
        "resources": [
            _resource(table, fields[table["table_name"]], database)
            for table in _rows(con, "FROM meta.table WHERE kind <> 'macro' ORDER BY table_name")
        ],
    }


def write_package(database: Path, target: Path) -> Sequence[str]:
    """Write `datapackage.json` beside a published file (a companion of the night)."""
    with duckdb.connect(str(database), read_only=True) as con:
        document = package(con, database.name)
    target.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return ()


def _resource(table: dict[str, Any], fields: list[dict[str, Any]], database: str) -> dict[str, Any]:
    schema, name = table["table_name"].split(".")
    described: dict[str, Any] = {"fields": fields}
    if table["key"]:
        described["primaryKey"] = table["key"].split(", ")
    resource = {
        "name": table["table_name"].replace("_", "-"),
        "title": table["zh"],
        "description": table["en"] + (f" ! {table['warnings']}" if table["warnings"] else ""),
        "path": database,
        "format": "duckdb",
        "dialect": {"namespace": schema, "table": name},
        "schema": described,
    }
    return resource | {"sources": [{"title": table["source"]}]}


def _field(column: dict[str, Any]) -> dict[str, Any]:
    field = {
        "name": column["column_name"],
        "type": _FIELD_TYPES.get(column["type"], "number"),
        "title": column["zh"],
        "description": column["en"] + (f" ! {column['warnings']}" if column["warnings"] else ""),
        "unit": column["unit"],
        "constraints": {"required": True} if column["required"] else None,
    }
    return {name: value for name, value in field.items() if value is not None}


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = con.execute(query)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
