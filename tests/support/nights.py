"""Running real nights in temporary homes, and comparing what they leave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from pipelines.account import NightAccount
from pipelines.run import run_night
from pipelines.settings import Settings
from warehouse.home import open_home

#: Columns that say when, not what; two nights of the same files may differ in them.
TIME_COLUMNS = {"loaded_at", "night_id", "started_at", "published_at"}
SAID: list[str] = []


def night(home: Path, *, report: bool = False, **more: Any) -> NightAccount:
    """One night in this process, without its report unless it is asked for; what it says goes to `SAID`."""
    return run_night(Settings(home=home, threads=2, report=report, **more), SAID.append)


def published(home: Path) -> duckdb.DuckDBPyConnection:
    """The published night of a home, read-only."""
    return duckdb.connect(str(open_home(home).published_database.resolve()), read_only=True)


def state(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of core, history, quarantine and marts, in one order: the state that must not depend on luck."""
    found = {}
    with published(home) as con:
        tables = con.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables() "
            "WHERE schema_name IN ('core', 'history', 'quarantine', 'mart', 'standard') "
            # Numbers of alerts and what was said come from the nights, not from the files.
            "AND table_name NOT IN ('alert', 'indicator_status_history') ORDER BY 1"
        ).fetchall()
        for (name,) in tables:
            # Whether a file was taken back is of the state, when is not.
            kept = "* REPLACE (withdrawn_at IS NOT NULL AS withdrawn_at)" if name.startswith("history.") else "*"
            found[name] = con.execute(f"SELECT {kept} FROM {name} ORDER BY ALL").fetchall()
        found["meta.source_file"] = con.execute(
            "SELECT source_file_id, feed, name, state, rows_read, rows_quarantined, rows_set_aside, "
            "rows_accepted + rows_duplicate FROM meta.source_file ORDER BY ALL"
        ).fetchall()
    return found


def differences(left: dict[str, list[tuple[Any, ...]]], right: dict[str, list[tuple[Any, ...]]]) -> dict[str, Any]:
    """Tables whose rows differ: name → rows on one side only (a few of each)."""
    return {
        name: (
            sorted(set(map(str, left.get(name, []))) - set(map(str, right.get(name, []))))[:3],
            sorted(set(map(str, right.get(name, []))) - set(map(str, left.get(name, []))))[:3],
        )
        for name in sorted({*left, *right})
        if left.get(name) != right.get(name)
    }
