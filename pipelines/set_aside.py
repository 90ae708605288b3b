"""SQLite files of a home that are damaged: noticed, and put aside under another name.

Belongs here: those two. Does not belong here: what is made in their place (`pipelines.dagster_home`,
`pipelines.alerting.rebuilt`).
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

#: Files that SQLite keeps beside a database; they belong to it.
_BESIDE = ("-wal", "-shm", "-journal")


def fault_of(database: Path) -> str:
    """What is wrong with the bytes of a SQLite file, in SQLite's words; empty when it is whole, or not there.

    A file that is busy, or that we may not read, is not damaged.
    """
    if not database.exists():
        return ""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(database))}?mode=rw", uri=True)) as con:
            found = str(con.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.OperationalError:
        return ""
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if found == "ok" else found


def put_aside(file: Path, now: datetime) -> Path:
    """Rename a file, and what SQLite keeps beside it, so that a new one can be made; returns its new name."""
    aside = file.with_name(f"{file.name}.damaged-{now:%Y%m%d-%H%M%S}")
    for suffix in _BESIDE:
        beside = file.with_name(file.name + suffix)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + suffix))
    return file.rename(aside)
