"""A city of a few indicators whose verdicts a test sets by hand, with a clock and channels of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from assets.catalog import AS_OF
from assets.plan.tables import INDICATOR
from assets.session import NightSession
from assets.status.marts import INDICATOR_STATUS_MART
from assets.status.words import STATUS_REFERENCE
from pipelines.alerting import nightly, steps
from pipelines.alerting.outbox import NotTakenError, Send
from pipelines.alerting.published_copy import ALERT_COPY
from pipelines.alerting.settings import AlertSettings, Channel
from pipelines.alerting.store import Message
from pipelines.settings import Settings
from warehouse.home import create_home
from warehouse.ledger import NightStamp
from warehouse.marts import ReferenceTable
from warehouse.rebuild import load_references
from warehouse.store import Warehouse

REGION = "320282"


class Killed(BaseException):
    """The process is gone."""


@dataclass
class City:
    """One home. `sent`: (time, channel, message) in order of sending. `dead`, `kill_after`: names of channels."""

    warehouse: Warehouse
    settings: Settings
    now: datetime
    sent: list[tuple[datetime, str, Message]] = field(default_factory=list)
    dead: set[str] = field(default_factory=set)
    kill_after: str = ""
    nights: int = 0

    def judge(
        self, indicator: str, status: str, *, body: str = "", includes: bool = False, origin: str = "real"
    ) -> None:
        """The verdict on an indicator of the running year, from now on."""
        con = self.warehouse.con
        con.execute("DELETE FROM mart.indicator_status WHERE indicator = ?", [indicator])
        if not con.execute("SELECT 1 FROM mart.indicator WHERE code = ?", [indicator]).fetchall():
            con.execute(
                "INSERT INTO mart.indicator BY NAME SELECT 'p' AS plan, ? AS code, "
                "(SELECT count(*) + 1 FROM mart.indicator) AS number, ? AS zh, ? AS en, "
                "nullif(?, '') AS responsible_body",
                [indicator, f"{indicator}率", f"{indicator} rate", body],
            )
        con.execute(
            "INSERT INTO mart.indicator_status BY NAME SELECT 'p' AS plan, ? AS indicator, ? AS region_code, "
            "2013 AS year, 'd' AS definition, 1.0 AS value, ? AS status, 'f' AS finding, ? AS reason, ? AS reason_zh, "
            "true AS headline, ? AS includes_target, ? AS origin",
            [indicator, REGION, status, f"it is {status}", f"判为{status}", includes, origin],
        )

    def deliver(self, series: str, published: date) -> None:
        """A file of a series is loaded now."""
        name = f"{series}-{published}.csv"
        self.warehouse.con.execute(
            "INSERT INTO meta.source_file BY NAME SELECT ? AS source_file_id, 'air_readings' AS feed, ? AS series, "
            "? AS name, 'x' AS sha256, 'real' AS origin, 'loaded' AS state, 1 AS rows_read, 1 AS rows_accepted, "
            "0 AS rows_quarantined, 0 AS rows_duplicate, 0 AS rows_set_aside, 0 AS undated_conflicts, "
            "CAST(? AS TIMESTAMP) AS published_at, 'content' AS published_at_from, 1 AS bytes, ? AS modified_at, "
            "? AS loaded_at, 'n' AS night_id, 'r' AS reader",
            [name, series, name, published, self.now, self.now],
        )

    def night(self) -> list[tuple[str, Message]]:
        """Steps 3 and 5 of a night; returns what was sent, by channel."""
        self.nights += 1
        stamp = NightStamp(f"night-{self.nights}", self.now, "reader")
        session = NightSession(self.warehouse, stamp, self.now, {}, (), {}, lambda _: None, 30)
        before = len(self.sent)
        nightly.settle(self.settings, session)
        nightly.tell_after(self.settings, session)
        return [(channel, message) for _, channel, message in self.sent[before:]]

    def look(self) -> list[tuple[str, Message]]:
        """A look at the outbox between nights."""
        before = len(self.sent)
        nightly.look_at_outbox(self.settings)
        return [(channel, message) for _, channel, message in self.sent[before:]]

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def send(self, name: str, _channel: Channel, message: Message) -> None:
        """Every channel of the city."""
        if name in self.dead:
            raise NotTakenError("nobody answers")
        self.sent.append((self.now, name, message))
        if self.kill_after == name:
            raise Killed


@contextmanager
def city(
    folder: Path, alerts: AlertSettings, monkeypatch: pytest.MonkeyPatch, real_channels: bool = False
) -> Iterator[City]:
    """A new home at 02:00 on 1 March 2013. Its channels are the city's own, unless real ones are asked for."""
    home = create_home(folder / "home", "live")
    as_of = ReferenceTable(AS_OF, lambda: pl.DataFrame({"as_of": [date(2013, 3, 1)]}))
    indicators = ReferenceTable(INDICATOR, lambda: pl.DataFrame(schema=INDICATOR.polars_schema))
    references = (as_of, indicators, STATUS_REFERENCE, ALERT_COPY)
    with Warehouse(home, feeds=(), marts=(INDICATOR_STATUS_MART,), references=references, threads=1) as warehouse:
        load_references(warehouse, [as_of, STATUS_REFERENCE])
        made = City(warehouse, Settings(home=home.root, alerts=alerts), datetime(2013, 3, 1, 2))
        monkeypatch.setattr(steps, "local_now", lambda: made.now)
        if not real_channels:
            own: Send = made.send
            monkeypatch.setattr(steps, "sender", lambda *_: own)
        yield made
