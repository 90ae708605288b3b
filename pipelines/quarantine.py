"""Questions about refused records, asked of the published night: list, show, export.

Belongs here: those answers as plain data, and the workbook of one file. Does not belong here:
printing (`pipelines.quarantine_cli`), loading what was mended (`pipelines.replay`).
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.queries import QueryError, records
from pipelines.settings import SettingsError
from sources.mend_workbook import MAX_CELL, RefusedRow, write_mend
from sources.mends import Control
from warehouse.ledger import LedgerFile, files_named, only
from warehouse.mends import open_records
from warehouse.names import quote

#: Rows of one workbook; a person does not mend more, and Excel stays quick.
MAX_ROWS = 50_000


@dataclass(frozen=True)
class Exported:
    """A workbook to mend: where it is, whose records it holds, and what it could not hold."""

    path: Path
    file: LedgerFile
    rows: int
    records: int
    left_out: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "path": str(self.path),
            "source_file_id": self.file.source_file_id,
            "feed": self.file.feed,
            "name": self.file.name,
            "rows": self.rows,
            "records": self.records,
            "left_out": list(self.left_out),
        }


def command(verb: str, home: Path, *arguments: str) -> str:
    """A command line that a person can copy: `quality-city quarantine VERB …` for this home."""
    return shlex.join(["quality-city", "quarantine", verb, *arguments, "--home", str(home)])


def listed(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Open refused records by file and rule, and files refused whole or held.

    Columns: feed, file, rule (or state and reason), records, source_file_id.
    """
    union = " UNION ALL ".join(
        f"SELECT {quote(feed)} AS feed, source_file_id, rule FROM ({open_records(feed)})" for feed in _feeds(con)
    )
    return records(
        con,
        f"SELECT q.feed, f.name AS file, q.rule, count(*) AS records, q.source_file_id FROM ({union}) q "
        "JOIN meta.source_file f USING (source_file_id) GROUP BY ALL UNION ALL "
        "SELECT feed, name, state || ': ' || reason, NULL, source_file_id FROM meta.source_file "
        "WHERE state IN ('refused', 'held') ORDER BY 1, 2, 4 DESC, 3",
    )


def shown(con: duckdb.DuckDBPyConnection, wanted: str, limit: int) -> list[dict[str, Any]]:
    """Open refused records of one file: feed, file, place, rule, reason, raw; the reason alone of a refused file.

    Raises `UnknownFileError` when not exactly one file with refused records is meant.
    """
    file = _file(con, wanted)
    if file.state in ("refused", "held"):
        return records(
            con,
            "SELECT feed, name AS file, source_file_id, NULL AS source_sheet, NULL AS source_row, NULL AS record_no, "
            "state AS rule, reason, NULL AS raw FROM meta.source_file WHERE source_file_id = ?",
            [file.source_file_id],
        )
    return records(
        con,
        f"SELECT ? AS feed, ? AS file, source_file_id, source_sheet, source_row, record_no, rule, reason, raw "
        f"FROM ({open_records(file.feed)}) WHERE source_file_id = ? "
        f"ORDER BY source_sheet, source_row, record_no LIMIT ?",
        [file.feed, file.name, file.source_file_id, limit],
    )


def export(con: duckdb.DuckDBPyConnection, wanted: str, path: Path | None) -> Exported:
    """Write the workbook in which the open refused records of one file can be mended.

    Raises `QueryError` when the file has none, `SettingsError` when the workbook exists already.
    """
    file = _file(con, wanted)
    found = records(
        con,
        f"SELECT source_sheet, source_row, list(record_no ORDER BY record_no) AS numbers, "
        f"string_agg(DISTINCT reason, '; ' ORDER BY reason) AS reason, any_value(raw) AS raw "
        f"FROM ({open_records(file.feed)}) WHERE source_file_id = ? GROUP BY source_sheet, source_row "
        f"ORDER BY source_sheet, source_row",
        [file.source_file_id],
    )
    if not found:
        raise QueryError(f"{file}: no record of it waits to be mended")
    rows = [RefusedRow(r["source_sheet"], r["source_row"], tuple(r["numbers"]), r["reason"], r["raw"]) for r in found]
    unfit = [row for row in rows if row.longest > MAX_CELL]
    left_out = [f"row {row.row}: a cell of more characters than Excel holds; correct it at the source" for row in unfit]
    fit = [row for row in rows if row.longest <= MAX_CELL]
    if len(fit) > MAX_ROWS:
        left_out.append(f"{len(fit) - MAX_ROWS} more rows: replay these, then export again")
    path = path or Path(f"mend_{Path(file.name).stem}_{file.source_file_id[:6]}.xlsx")
    if path.exists():
        raise SettingsError(f"{path} exists already; choose another name with --output (nothing was written)")
    write_mend(path, _control(con, file), _heads(con, file), fit[:MAX_ROWS])
    count = sum(len(row.records) for row in fit[:MAX_ROWS])
    return Exported(path, file, len(fit[:MAX_ROWS]), count, tuple(left_out))


def _file(con: duckdb.DuckDBPyConnection, wanted: str) -> LedgerFile:
    """The file that is meant: of several with one name, the one that has refused records."""
    found = files_named(con, wanted)
    waiting = [file for file in found if file.state in ("refused", "held") or _has_open(con, file)]
    return only(wanted, waiting or found)


def _has_open(con: duckdb.DuckDBPyConnection, file: LedgerFile) -> bool:
    if file.feed not in _feeds(con):
        return False
    query = f"SELECT 1 FROM ({open_records(file.feed)}) WHERE source_file_id = ? LIMIT 1"
    return bool(con.execute(query, [file.source_file_id]).fetchall())


def _feeds(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The feeds that have a table of refused records."""
    query = "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'quarantine' ORDER BY 1"
    return [name for (name,) in con.execute(query).fetchall()]


def _control(con: duckdb.DuckDBPyConnection, file: LedgerFile) -> Control:
    """What the mend has to know of the file. Of a mend's own records it is the file that was published."""
    (entry,) = records(
        con,
        "SELECT p.name, f.adapter, p.modified_at, f.stage, f.published_at, f.published_at_from, f.origin "
        "FROM meta.source_file f JOIN meta.source_file p ON p.source_file_id = coalesce("
        "(SELECT any_value(mends_file_id) FROM meta.mend WHERE source_file_id = f.source_file_id), f.source_file_id) "
        "WHERE f.source_file_id = ?",
        [file.source_file_id],
    )
    return Control(source_file_id=file.source_file_id, feed=file.feed, **entry)


def _heads(con: duckdb.DuckDBPyConnection, file: LedgerFile) -> dict[str, list[str]]:
    """Sheet → its rows down to the header, as read (JSON)."""
    heads: dict[str, list[str]] = {}
    for sheet, raw in con.execute(
        "SELECT source_sheet, raw FROM meta.file_head WHERE source_file_id = ? ORDER BY source_sheet, source_row",
        [file.source_file_id],
    ).fetchall():
        heads.setdefault(sheet, []).append(raw)
    return heads
