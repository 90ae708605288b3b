"""work/alerts.sqlite made again from the working file, when it is damaged or gone.

Belongs here: what the warehouse still knows of alerts and nights. Does not belong here: the store itself
(`pipelines.alerting.store`). The caller holds the home's lock.

Alerts keep their ids, times and states as the last night knew them. What only the lost file knew is gone: who was told
what, what waited in the outbox, and by which word a change is noticed. So the next digests tell every open alert
again rather than none, and an alert that a person had resolved may be opened anew.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines.alerting.model import Alert
from pipelines.alerting.store import AlertStore
from pipelines.set_aside import fault_of, put_aside

_ALERTS = """
SELECT alert_id, plan, indicator, region_code, rule, '' AS opened_night, opened_at, '' AS says, message_zh AS zh,
  message AS en, coalesce(body, '') AS body, coalesce(origin, '') AS origin, sent_at, acknowledged_at,
  coalesce(acknowledged_by, '') AS acknowledged_by, acknowledged_until, escalated_at, resolved_at,
  coalesce(resolved_by, '') AS resolved_by
FROM mart.alert ORDER BY opened_at, alert_id
"""


def mend_store(file: Path, con: duckdb.DuckDBPyConnection, now: datetime) -> str:
    """Make the file of alerts again where that is needed; what was done, in words, else an empty text."""
    fault = fault_of(file)
    if file.exists() and not fault:
        return ""
    alerts = [Alert(*row) for row in con.execute(_ALERTS).fetchall()]
    nights = con.execute("SELECT night_id, started_at, published_at FROM meta.night ORDER BY started_at").fetchall()
    if not (fault or alerts or nights):
        return ""  # a new home
    reason = f"was damaged ({fault}) and now lies in {put_aside(file, now).name}" if fault else "was gone"
    unfinished = file.with_name(f"{file.name}.tmp")
    unfinished.unlink(missing_ok=True)
    with AlertStore(unfinished) as store, store.transaction():
        store.keep(alerts)
        for night_id, started, published in nights:
            store.begin_night(night_id, started)
            store.end_night(night_id, published)
    with sqlite3.connect(unfinished) as whole:  # one file, without a journal beside it
        whole.execute("PRAGMA journal_mode = DELETE")
    whole.close()
    unfinished.rename(file)
    return (
        f"{file} {reason}. It was made again from the working file: {len(alerts)} alerts with the same ids. Who was "
        "told what, and messages that waited, are lost: open alerts are told again"
    )
