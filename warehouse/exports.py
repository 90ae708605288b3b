"""Tables of a published night as Parquet and as CSV.

Belongs here: both formats. Does not belong here: the scorecard as a workbook (`pipelines.workbook`), the data package
of the file itself (`warehouse.dictionary_page`).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from sources.errors import MendableError
from warehouse.names import ident, quote

#: A table with more rows is written in one folder a year.
LARGE = 200_000

#: Columns that say when a fact is, in the order in which one is looked for.
_WHEN = ("year", "period_end", "day", "sampled_at", "month", "published_on", "event_date")

#: What a spreadsheet would run as a formula when it opens a text (OWASP: CSV injection).
_RUNS = r"^\s*[=+\-@]|^[\t\r]"

_BOM = b"\xef\xbb\xbf"


class ExportError(MendableError):
    """The tables or the folder cannot be used; the message says what would be."""


def tables_of(con: duckdb.DuckDBPyConnection, wanted: Sequence[str] = ()) -> list[str]:
    """The tables and views of the night that are meant: names, or schemas; all of them when none is named.

    Raises `ExportError` for a name that is neither.
    """
    known = [name for (name,) in con.execute(
        "SELECT table_name FROM meta.table WHERE kind <> 'macro' ORDER BY table_name"
    ).fetchall()]  # fmt: skip
    for name in wanted:
        if name not in known and not any(table.startswith(f"{name}.") for table in known):
            raise ExportError(f"{name!r} is neither a table nor a schema; accepted: {', '.join(known)}")
    return [table for table in known if not wanted or table in wanted or table.split(".")[0] in wanted]


def write_parquet(
    con: duckdb.DuckDBPyConnection, folder: Path, tables: Sequence[str], large: int = LARGE
) -> dict[str, int]:
    """Write `folder/<schema>/<table>.parquet`, or a folder of that name with one part a year; table → rows.

    Types are those of the database. Every file says in its key-value metadata what it is: night, names, source, and
    of each column name, meaning and unit.
    """
    written = {}
    for table in tables:
        target = folder / table.replace(".", "/")
        target.parent.mkdir(parents=True, exist_ok=True)
        ((rows,),) = con.execute(f"SELECT count(*) FROM {ident(table)}").fetchall()
        when = next((name for name in _WHEN if name in _columns(con, table)), "")
        metadata = ", ".join(f"{name}: {quote(text)}" for name, text in _described(con, table).items())
        options = f"FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{metadata}}}"
        if rows > large and when:
            part = ident(when) if when == "year" else f"year({ident(when)})"
            query = f"SELECT *, {part} AS part_year FROM {ident(table)}"
            target.mkdir(exist_ok=True)
            options += ", PARTITION_BY (part_year), OVERWRITE_OR_IGNORE"
            con.execute(f"COPY ({query}) TO {quote(str(target))} ({options})")
        else:
            con.execute(f"COPY (FROM {ident(table)}) TO {quote(f'{target}.parquet')} ({options})")
        written[table] = int(rows)
    return written


def write_csv(
    con: duckdb.DuckDBPyConnection, folder: Path, tables: Sequence[str], *, bom: bool = False
) -> dict[str, int]:
    """Write `folder/<schema>/<table>.csv` in UTF-8; table → rows. `bom`: with the mark by which Excel knows UTF-8.

    A text that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay as they are.
    """
    written = {}
    for table in tables:
        target = folder / f"{table.replace('.', '/')}.csv"
        target.parent.mkdir(parents=True, exist_ok=True)
        columns = ", ".join(
            f"{_harmless(name)} AS {ident(name)}" if kind == "VARCHAR" else ident(name)
            for name, kind in _columns(con, table).items()
        )
        plain = target.with_suffix(".tmp") if bom else target
        con.execute(f"COPY (SELECT {columns} FROM {ident(table)}) TO {quote(str(plain))} (FORMAT csv, HEADER)")
        if bom:
            with plain.open("rb") as read, target.open("wb") as write:
                write.write(_BOM)
                shutil.copyfileobj(read, write)
            plain.unlink()
        written[table] = con.execute(f"SELECT count(*) FROM {ident(table)}").fetchall()[0][0]
    return written


def _harmless(column: str) -> str:
    name = ident(column)
    return f"CASE WHEN regexp_matches({name}, {quote(_RUNS)}) THEN chr(39) || {name} ELSE {name} END"


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    rows = con.execute("SELECT column_name, type FROM meta.column WHERE table_name = ? ORDER BY position", [table])
    return dict(rows.fetchall())


def _described(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """The key-value metadata of a table's files."""
    ((zh, en, source),) = con.execute("SELECT zh, en, source FROM meta.table WHERE table_name = ?", [table]).fetchall()
    ((night,),) = con.execute("SELECT max_by(night_id, published_at) FROM meta.night").fetchall()
    rows = con.execute(
        "SELECT column_name, zh, en, unit FROM meta.column WHERE table_name = ? ORDER BY position", [table]
    )
    columns: dict[str, dict[str, Any]] = {name: {"zh": z, "en": e, "unit": u} for name, z, e, u in rows.fetchall()}
    return {
        "table_name": table, "night_id": night, "zh": zh, "en": en, "source": source,
        "columns": json.dumps(columns, ensure_ascii=False),
    }  # fmt: skip
