"""work/alerts.sqlite: alerts, what was told, the outbox, and the nights that ran.

Belongs here: its tables and the transactions on them. Does not belong here: any decision
(`pipelines.alerting.lifecycle`, `pipelines.alerting.digest`). SQLite, because a person acknowledges an alert
while a night holds the warehouse.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.alerting.digest import Telling
from pipelines.alerting.model import Alert
from sources.errors import MendableError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS alert (
    alert_id TEXT PRIMARY KEY, plan TEXT, indicator TEXT, region_code TEXT, rule TEXT, opened_night TEXT,
    opened_at TEXT, says TEXT, zh TEXT, en TEXT, body TEXT, origin TEXT, sent_at TEXT, acknowledged_at TEXT,
    acknowledged_by TEXT, acknowledged_until TEXT, escalated_at TEXT, resolved_at TEXT, resolved_by TEXT,
    cleared INTEGER, plan_row INTEGER DEFAULT 0, folders TEXT DEFAULT '');
CREATE UNIQUE INDEX IF NOT EXISTS one_open ON alert (plan, indicator, region_code, rule) WHERE resolved_at IS NULL;
CREATE TABLE IF NOT EXISTS told (
    plan TEXT, indicator TEXT, region_code TEXT, rule TEXT, recipient TEXT, kind TEXT, says TEXT, at TEXT);
CREATE TABLE IF NOT EXISTS message (
    message_id TEXT PRIMARY KEY, recipient TEXT, created_at TEXT, title TEXT, body TEXT, alerts TEXT);
CREATE TABLE IF NOT EXISTS delivery (
    message_id TEXT, channel TEXT, attempts INTEGER, next_at TEXT, error TEXT, accepted_at TEXT,
    PRIMARY KEY (message_id, channel));
CREATE TABLE IF NOT EXISTS channel (channel TEXT PRIMARY KEY, failing_since TEXT, error TEXT);
CREATE TABLE IF NOT EXISTS night_run (night_id TEXT PRIMARY KEY, started_at TEXT, ended_at TEXT, error TEXT);
"""
#: Version of the tables above, kept in the file; a file of an earlier version is brought forward when it is opened.
_VERSION = 2
_FORWARD = {2: ("ALTER TABLE alert ADD COLUMN plan_row INTEGER DEFAULT 0",
                "ALTER TABLE alert ADD COLUMN folders TEXT DEFAULT ''")}  # fmt: skip
_WAIT_SECONDS = 30.0
_TIMES = {f.name for f in fields(Alert) if "datetime" in str(f.type)}


class AlertStoreError(MendableError):
    """The file of alerts cannot be used by this program; the message says what to do."""


@dataclass(frozen=True)
class Message:
    """A digest in the outbox."""

    message_id: str
    recipient: str
    title: str
    body: str
    alerts: tuple[str, ...]


@dataclass(frozen=True)
class Due:
    """A message that waits for one channel."""

    message: Message
    channel: str
    attempts: int


class AlertStore:
    """The alerts of one home. Every method is one transaction; times are local, to the microsecond.

    Raises `AlertStoreError` for a file that a newer Quality City wrote, or that is damaged.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._con = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)
        self._con.row_factory = sqlite3.Row
        try:
            self._con.execute("PRAGMA journal_mode = WAL")
            self._bring_forward(path)
        except BaseException as error:
            self._con.close()
            if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
                raise AlertStoreError(
                    f"{path} is damaged ({error}); the next night puts it aside and makes it again from what the "
                    "working file knows: run `quality-city nightly`"
                ) from error
            raise

    def __enter__(self) -> AlertStore:
        return self

    def __exit__(self, *_: object) -> None:
        self._con.close()

    def _bring_forward(self, path: Path) -> None:
        """Make the tables, or add to those of an earlier version what they lack; all or nothing."""
        if (found := self._version()) > _VERSION:
            raise AlertStoreError(
                f"{path} has version {found}, this program knows {_VERSION}: it was written by a newer Quality City; "
                "install that one, or restore a backup of the time before"
            )
        if found == _VERSION:
            return
        with self.transaction():
            found = self._version()  # another process may have been quicker
            # Files of the first version carry no number; a new file has no table.
            older = self._con.execute("SELECT 1 FROM sqlite_master WHERE name = 'alert'").fetchone() is not None
            steps = range(max(found, 1) + 1, _VERSION + 1) if older else ()
            for statement in [sql for step in steps for sql in _FORWARD[step]] + _SCHEMA.split(";"):
                self._con.execute(statement)
            self._con.execute(f"PRAGMA user_version = {_VERSION}")

    def _version(self) -> int:
        return int(self._con.execute("PRAGMA user_version").fetchone()[0])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; other processes wait."""
        self._con.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._con.execute("ROLLBACK")
            raise
        self._con.execute("COMMIT")

    def alerts(self, rules: Iterable[str] | None = None) -> list[Alert]:
        """Every alert that was ever opened, in that order; of the given rules only."""
        wanted = None if rules is None else set(rules)
        rows = self._con.execute("SELECT * FROM alert ORDER BY opened_at, alert_id").fetchall()
        return [_alert(row) for row in rows if wanted is None or row["rule"] in wanted]

    def keep(self, alerts: Sequence[Alert]) -> None:
        """Write new and changed alerts. Resolved ones first, so that one key never has two open."""
        marks = ", ".join("?" for _ in fields(Alert))
        for alert in sorted(alerts, key=lambda alert: alert.open):
            values = [v.isoformat() if isinstance(v, datetime) else v for v in astuple(alert)]
            self._con.execute(f"INSERT OR REPLACE INTO alert VALUES ({marks})", values)

    def told(self) -> list[Telling]:
        """What every recipient was told, in order."""
        return [
            Telling((r[0], r[1], r[2], r[3]), r[4], r[5], r[6], datetime.fromisoformat(r[7]))
            for r in self._con.execute("SELECT * FROM told ORDER BY at, rowid").fetchall()
        ]

    def tell(self, tellings: Sequence[Telling]) -> None:
        rows = [(*t.key, t.recipient, t.kind, t.says, t.at.isoformat()) for t in tellings]
        self._con.executemany("INSERT INTO told VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def put(self, message: Message, channels: Sequence[str], now: datetime) -> None:
        """Put a message into the outbox, once for each channel; one that is there stays as it is."""
        at = now.isoformat()
        values = (message.message_id, message.recipient, at, message.title, message.body, json.dumps(message.alerts))
        self._con.execute("INSERT OR IGNORE INTO message VALUES (?, ?, ?, ?, ?, ?)", values)
        rows = [(message.message_id, channel, 0, at, None, None) for channel in channels]
        self._con.executemany("INSERT OR IGNORE INTO delivery VALUES (?, ?, ?, ?, ?, ?)", rows)

    def due(self, now: datetime) -> list[Due]:
        """What waits for a channel and may be tried now, oldest first."""
        rows = self._con.execute(
            "SELECT m.*, d.channel, d.attempts FROM delivery d JOIN message m USING (message_id) "
            "WHERE d.accepted_at IS NULL AND d.next_at <= ? ORDER BY m.created_at, m.rowid, d.rowid",
            [now.isoformat()],
        ).fetchall()
        return [Due(_message(row), row["channel"], row["attempts"]) for row in rows]

    def waiting(self) -> int:
        """Deliveries that no channel has accepted yet, due or not."""
        return int(self._con.execute("SELECT count(*) FROM delivery WHERE accepted_at IS NULL").fetchone()[0])

    def accepted(self, due: Due, now: datetime) -> None:
        """The channel took the message: mark it, mark its alerts as sent, and the channel as well."""
        at = now.isoformat()
        with self.transaction():
            self._con.execute(
                "UPDATE delivery SET accepted_at = ?, attempts = attempts + 1, error = NULL "
                "WHERE message_id = ? AND channel = ?",
                [at, due.message.message_id, due.channel],
            )
            self._con.executemany(
                "UPDATE alert SET sent_at = coalesce(sent_at, ?) WHERE alert_id = ?",
                [(at, alert) for alert in due.message.alerts],
            )
            self._con.execute("DELETE FROM channel WHERE channel = ?", [due.channel])

    def failed(self, due: Due, error: str, next_at: datetime, now: datetime) -> None:
        """The channel did not take the message: try again at `next_at`, and remember that it fails."""
        with self.transaction():
            self._con.execute(
                "UPDATE delivery SET attempts = attempts + 1, next_at = ?, error = ? "
                "WHERE message_id = ? AND channel = ?",
                [next_at.isoformat(), error, due.message.message_id, due.channel],
            )
            self._con.execute(
                "INSERT INTO channel VALUES (?, ?, ?) ON CONFLICT (channel) DO UPDATE SET error = excluded.error",
                [due.channel, now.isoformat(), error],
            )

    def failing(self) -> dict[str, str]:
        """Channels whose last attempt failed, and with which error."""
        return {row[0]: row[1] for row in self._con.execute("SELECT channel, error FROM channel ORDER BY 1").fetchall()}

    def begin_night(self, night_id: str, now: datetime) -> None:
        self._con.execute("INSERT OR IGNORE INTO night_run VALUES (?, ?, NULL, NULL)", [night_id, now.isoformat()])

    def end_night(self, night_id: str, now: datetime, error: str | None = None) -> None:
        self._con.execute(
            "UPDATE night_run SET ended_at = ?, error = ? WHERE night_id = ?", [now.isoformat(), error, night_id]
        )

    def nights(self) -> list[dict[str, Any]]:
        """The nights that were started, in order: night_id, started_at, ended_at, error."""
        rows = self._con.execute("SELECT * FROM night_run ORDER BY started_at").fetchall()
        return [
            {name: _time(row[name]) if name.endswith("_at") else row[name] for name in row.keys()}  # noqa: SIM118
            for row in rows
        ]

    def told_nobody(self) -> bool:
        """Whether no night of this home has ended yet."""
        return not self._con.execute("SELECT 1 FROM night_run WHERE ended_at IS NOT NULL AND error IS NULL").fetchone()


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _alert(row: sqlite3.Row) -> Alert:
    values: dict[str, Any] = {
        name: _time(row[name]) if name in _TIMES else row[name] for name in (f.name for f in fields(Alert))
    }
    return Alert(**values | {"cleared": bool(row["cleared"])})


def _message(row: sqlite3.Row) -> Message:
    return Message(row["message_id"], row["recipient"], row["title"], row["body"], tuple(json.loads(row["alerts"])))
