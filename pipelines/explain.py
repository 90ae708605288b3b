"""`explain`: a number with everything that it rests on, and a file with every number that it touched.

Belongs here: the two answers as plain data, from the published night. Does not belong here: following
links (`pipelines.tracing`), printing (`pipelines.explain_cli`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from assets.catalog import MARTS
from pipelines.queries import QueryError, records, reporting_year
from pipelines.tracing import Trace
from sources.feeds import FEEDS
from sources.inbox import describe
from sources.outcome import Refusal
from sources.reading import raw_rows
from warehouse.dirty import depends_on
from warehouse.ledger import files_named, only
from warehouse.names import ident
from warehouse.staging import file_id

_STATUS, _VALUE = "mart.indicator_status", "mart.indicator_value"

#: Columns in which a table of a standard says which document it follows.
_CITED = ("standard", "definition", "version", "document", "clause", "source", "valid_from", "valid_to")


@dataclass(frozen=True)
class Step:
    """A table on the way: how many of its rows are meant, and the first of them."""

    table: str
    zh: str
    en: str
    total: int
    rows: list[dict[str, Any]]


@dataclass(frozen=True)
class Explanation:
    """Why an indicator has its value and its verdict. `facts`: rows of core with file, sheet, row and raw text."""

    indicator: dict[str, Any]
    region_code: str
    year: int
    value: dict[str, Any] | None
    target: dict[str, Any] | None
    status: dict[str, Any] | None
    standards: list[dict[str, Any]]
    steps: list[Step] = field(default_factory=list)
    facts: list[Step] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return plain | {name: [vars(step) for step in plain[name]] for name in ("steps", "facts")}


@dataclass(frozen=True)
class Touched:
    """What a source file reached: its ledger entry, where its records stand, rows of marts, numbers.

    `rests` of a number: `value`, or `verdict` where only an earlier value that the verdict looks at rests on it."""

    file: dict[str, Any]
    records: dict[str, int]
    marts: list[dict[str, Any]]
    numbers: list[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        return dict(vars(self))


def explain(
    con: duckdb.DuckDBPyConnection,
    indicator: str,
    region: str | None = None,
    year: int | None = None,
    plan: str | None = None,
    definition: str | None = None,
    limit: int | None = 20,
    inboxes: Iterable[Path] = (),
) -> Explanation:
    """The number of an indicator, a region and a year; by default the plan's region and its reporting year.

    `limit` rows of each table are listed (None: all). Raw text is read again from the files in `inboxes`. Raises
    `QueryError` when there is no such number, with what would be accepted.
    """
    found = records(con, "FROM mart.indicator WHERE code = ? AND plan = coalesce(?, plan)", [indicator, plan])
    if not found:
        known = [code for (code,) in con.execute("SELECT code FROM mart.indicator ORDER BY number").fetchall()]
        raise QueryError(f"indicator {indicator!r}: unknown; accepted: {', '.join(known)}")
    stated = found[0]
    region = region or stated["region_code"]
    year = year or reporting_year(con, stated["plan"], stated["region_code"])
    key: list[Any] = [stated["plan"], indicator, region, year]
    where = "plan = ? AND indicator = ? AND region_code = ? AND year = ?"
    wanted, asked = (
        (f"{where} AND definition = ?", [*key, definition]) if definition else (f"{where} AND headline", key)
    )
    status = _first(con, f"FROM {_STATUS} WHERE {wanted}", asked)
    value = _first(con, f"FROM {_VALUE} WHERE {wanted}", asked)
    if status is None and value is None:
        raise QueryError(_nothing(con, key[:2], region, year, definition))
    trace = Trace(con)
    trace.down(_STATUS if status else _VALUE, wanted, asked)
    tables = list(trace.found)
    steps = [_step(con, trace, table, limit) for table in tables if not table.startswith("core.")]
    facts = [_step(con, trace, table, limit) for table in tables if table.startswith("core.")]
    _add_raw(con, facts, inboxes)
    return Explanation(
        indicator=stated,
        region_code=region,
        year=year,
        value=value,
        target=_first(con, "FROM mart.target WHERE plan = ? AND indicator = ? AND year = ?", [*key[:2], year]),
        status=status,
        standards=_standards(con, trace, (value or status or {})["definition"]),
        steps=steps,
        facts=facts,
        files=_files(con, trace, [step.table for step in facts]),
    )


def touched_by(con: duckdb.DuckDBPyConnection, wanted: str) -> Touched:
    """Everything that the records of one file reach now: an id, `feed/name`, or a name.

    Raises `UnknownFileError` when not exactly one file is meant.
    """
    file = only(wanted, files_named(con, wanted))
    trace = Trace(con)
    stand: dict[str, int] = {}
    for part in FEEDS[file.feed].parts if file.feed in FEEDS else ():
        for schema in ("core", "history", "repeat"):
            query = f"SELECT count(*) FROM {schema}.{ident(part.name)} WHERE source_file_id = ?"
            stand[f"{schema}.{part.name}"] = con.execute(query, [file.source_file_id]).fetchall()[0][0]
        if stand[f"core.{part.name}"]:
            trace.up(f"core.{part.name}", "source_file_id = ?", [file.source_file_id])
    marts = [
        {"table": table, "zh": _named(con, table)["zh"], "rows": trace.count(table)}
        for table in trace.found
        if not table.startswith("core.")
    ]
    numbers = _numbers(con, trace) if _VALUE in trace.found else []
    (entry,) = records(con, "FROM meta.source_file WHERE source_file_id = ?", [file.source_file_id])
    return Touched(entry, stand, marts, numbers)


def _numbers(con: duckdb.DuckDBPyConnection, trace: Trace) -> list[dict[str, Any]]:
    """Values that were reached, and verdicts whose value was not: they look at an earlier one that was."""
    key = "plan, indicator, region_code, year, definition"
    values = trace.source(_VALUE)
    verdicts = trace.source(_STATUS) if _STATUS in trace.found else f"(FROM {_STATUS} LIMIT 0)"
    return records(
        con,
        f"WITH touched AS (SELECT {key}, 'value' AS rests FROM {values} UNION ALL SELECT {key}, 'verdict' "
        f"FROM {verdicts} ANTI JOIN {values} USING ({key})) "
        f"SELECT t.plan, t.indicator, i.zh, i.en, t.region_code, t.year, t.definition, rests, v.headline, v.value, "
        f"v.unit, s.status FROM touched t LEFT JOIN {_VALUE} v USING ({key}) LEFT JOIN {_STATUS} s USING ({key}) "
        f"LEFT JOIN mart.indicator i ON i.plan = t.plan AND i.code = t.indicator "
        f"ORDER BY i.number, t.region_code, t.year, t.definition",
    )


def _nothing(con: duckdb.DuckDBPyConnection, key: list[Any], region: str, year: int, definition: str | None) -> str:
    known = con.execute(
        f"SELECT DISTINCT region_code || ' ' || year || ' ' || definition FROM {_VALUE} "
        "WHERE plan = ? AND indicator = ? ORDER BY ALL LIMIT 40",
        key,
    ).fetchall()
    there = ", ".join(text for (text,) in known) or "none at all"
    named = f", definition {definition}" if definition else ""
    return f"{key[1]} has no number for region {region}, year {year}{named}; there are: {there}"


def _first(con: duckdb.DuckDBPyConnection, query: str, parameters: list[Any]) -> dict[str, Any] | None:
    return next(iter(records(con, f"{query} LIMIT 1", parameters)), None)


def _named(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, Any]:
    return records(con, "FROM meta.table WHERE table_name = ?", [table])[0]


def _step(con: duckdb.DuckDBPyConnection, trace: Trace, table: str, limit: int | None) -> Step:
    named = _named(con, table)
    order = f" ORDER BY {', '.join(map(ident, named['key'].split(', ')))}" if named["key"] else ""
    shown = "" if limit is None else f" LIMIT {limit}"
    rows = f"SELECT t.* FROM {trace.source(table)} AS t{order}{shown}"
    if table.startswith("core."):
        rows = f"SELECT t.*, f.feed, f.name AS file FROM ({rows}) AS t JOIN meta.source_file f USING (source_file_id)"
    return Step(table, named["zh"], named["en"], trace.count(table), records(con, f"SELECT * FROM ({rows}){order}"))


def _standards(con: duckdb.DuckDBPyConnection, trace: Trace, definition: str) -> list[dict[str, Any]]:
    """The standards that decided on the way, with the documents and clauses that they name; of the definition alone."""
    marts = [mart for mart in MARTS if mart.name in trace.found and mart.name not in (_VALUE, _STATUS)]
    read = {name for mart in marts for name in depends_on(mart)}
    read |= {name for link in trace.crossed for name in re.findall(r"standard\.\w+", link.beside)}
    told = []
    for table in sorted(name for name in read if name.startswith("standard.")):
        described = (
            f"SELECT column_name FROM meta.column WHERE table_name = ? AND column_name IN {_CITED} ORDER BY position"
        )
        columns = [name for (name,) in con.execute(described, [table]).fetchall()]
        names = ", ".join(map(ident, columns))
        cited = records(con, f"SELECT DISTINCT {names} FROM {table} ORDER BY ALL") if columns else []
        meant = [row for row in cited if row.get("definition") == definition]
        named = _named(con, table)
        told.append({"table": table, "zh": named["zh"], "en": named["en"], "cited": meant or cited})
    return told


def _files(con: duckdb.DuckDBPyConnection, trace: Trace, tables: list[str]) -> list[dict[str, Any]]:
    if not tables:
        return []
    rows = " UNION ALL ".join(f"SELECT source_file_id FROM {trace.source(table)}" for table in tables)
    return records(
        con,
        f"SELECT f.source_file_id, feed, name, series, origin, published_at, sha256, count(*) AS rows "
        f"FROM ({rows}) JOIN meta.source_file f USING (source_file_id) GROUP BY ALL ORDER BY feed, name",
    )


def _add_raw(con: duckdb.DuckDBPyConnection, facts: list[Step], inboxes: Iterable[Path]) -> None:
    """Give each listed fact the text of its source row, from the file as it lies in an inbox; null where it is gone."""
    wanted: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for step in facts:
        for row in step.rows:
            wanted.setdefault((row["feed"], row["file"], row["source_file_id"]), []).append(row)
    for (feed, name, identity), rows in wanted.items():
        places = pl.DataFrame(
            {name: [row[name] for row in rows] for name in ("source_sheet", "source_row")},
            schema={"source_sheet": pl.String, "source_row": pl.Int64},
        ).unique()
        raw: dict[tuple[str, int], str] = {}
        for path in (inbox / feed / name for inbox in inboxes):
            if path.is_file() and file_id(file := describe(path, feed)) == identity:
                try:
                    raw = {
                        (sheet, row): text for part in raw_rows(file, places) for sheet, row, text in part.iter_rows()
                    }
                except Refusal:
                    continue
                break
        for row in rows:
            row["raw"] = raw.get((row["source_sheet"], row["source_row"]))
