"""The two steps of a night: alerts are opened and resolved before publication, told after it.

Belongs here: putting store, life cycle, digests and outbox together. Does not belong here: any decision of
theirs, the order of a night (`pipelines.run`, `pipelines.alerting.nightly`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from pipelines.alerting.digest import EVERY_BODY, FIRST_NIGHT, Item, Recipient, Telling, items_for, message_id
from pipelines.alerting.lifecycle import transition
from pipelines.alerting.model import RULES, Alert, Condition, Key
from pipelines.alerting.outbox import OutboxLook, Send, deliver, sender
from pipelines.alerting.settings import AlertSettings
from pipelines.alerting.store import AlertStore, Message
from pipelines.alerting.words import digest
from pipelines.alerting.works import channel_conditions, failed_night
from pipelines.settings import Settings, local_now
from warehouse.home import Home

#: Rules that a night's data do not decide: they have their own moments.
_OWN_MOMENT = ("night_failed", "channel_failing")
_OF_NIGHTS = tuple(rule for rule in RULES if rule not in _OWN_MOMENT)


@dataclass(frozen=True)
class AlertDesk:
    """What the steps need of a home: its store, settings, clock and way of sending."""

    store: AlertStore
    settings: AlertSettings
    home: Home
    clock: Callable[[], datetime]
    send: Send

    @classmethod
    def of(cls, store: AlertStore, settings: AlertSettings, home: Home, clock: Callable[[], datetime]) -> AlertDesk:
        return cls(store, settings, home, clock, sender(home.logs, os.environ))


@contextmanager
def desk_of(settings: Settings, home: Home) -> Iterator[AlertDesk]:
    """The alerts of a home, open."""
    with AlertStore(home.work / "alerts.sqlite") as store:
        yield AlertDesk.of(store, settings.alerts, home, local_now)


def update(
    desk: AlertDesk,
    conditions: Iterable[Condition],
    undecided: Collection[Key],
    night_id: str,
    rules: Iterable[str] = _OF_NIGHTS,
) -> list[Alert]:
    """Open, change, escalate and resolve the alerts of `rules`; returns those that changed."""
    with desk.store.transaction():
        changed = transition(
            desk.store.alerts(rules), conditions, undecided, night_id, desk.clock(), desk.settings.escalate_after
        )
        desk.store.keep(changed)
    return changed


def tell(desk: AlertDesk, night_id: str) -> OutboxLook:
    """After publication: end the night, put one digest per recipient into the outbox, and send what is due.

    The digests and what is remembered of them are one transaction: killed before it, the next night makes
    them again with the same ids; killed after it, they wait in the outbox.
    """
    update(desk, (), (), night_id, rules=("night_failed",))
    with desk.store.transaction():
        _fill_outbox(desk)
        desk.store.end_night(night_id, desk.clock())
    return send_due(desk)


def tell_failure(desk: AlertDesk, night_id: str, error: str) -> OutboxLook:
    """The night failed: operators are told at once, and nothing else is."""
    update(desk, [failed_night(night_id, error)], (), night_id, rules=("night_failed",))
    with desk.store.transaction():
        _fill_outbox(desk, rules=("night_failed",))
        desk.store.begin_night(night_id, desk.clock())
        desk.store.end_night(night_id, desk.clock(), error)
    return send_due(desk)


def tell_missed(desk: AlertDesk, missed: Condition) -> None:
    """A night did not run: operators are told by whoever noticed, and nothing else is."""
    rules = ("night_missed",)
    update(desk, [missed], (), f"{desk.clock():%Y%m%d-%H%M%S-%f}", rules=rules)
    with desk.store.transaction():
        _fill_outbox(desk, rules=rules)


def send_due(desk: AlertDesk) -> OutboxLook:
    """One look at the outbox; a channel that fails is reported on another one in the same look."""
    lock = desk.home.work / "outbox.lock"
    look = deliver(desk.store, desk.settings, lock, desk.clock, desk.send)
    if _report_failing(desk):
        again = deliver(desk.store, desk.settings, lock, desk.clock, desk.send)
        look.sent += again.sent
        look.failed |= again.failed
    return look


def _fill_outbox(desk: AlertDesk, rules: Iterable[str] | None = None) -> None:
    now, told, alerts = desk.clock(), desk.store.told(), desk.store.alerts(rules)
    if rules is None and desk.store.told_nobody():
        _fill_first_night(desk, alerts, told, now)
        return
    for recipient in desk.settings.recipients():
        items = items_for(recipient, alerts, told, now, desk.settings.interval)
        _put(desk, recipient, items, told, now)


def _fill_first_night(desk: AlertDesk, alerts: Sequence[Alert], told: Sequence[Telling], now: datetime) -> None:
    """One digest for the whole home; everybody else counts as told."""
    chosen = desk.settings.first_night_recipient()
    if chosen is None:
        return
    everything = replace(chosen, bodies=frozenset({EVERY_BODY}), operators=True)
    _put(desk, everything, items_for(everything, alerts, told, now, desk.settings.interval), told, now, first=True)
    for recipient in desk.settings.recipients():
        items = items_for(recipient, alerts, told, now, desk.settings.interval)
        desk.store.tell([_telling(item, recipient, FIRST_NIGHT, now) for item in items if recipient != chosen])


def _put(
    desk: AlertDesk, recipient: Recipient, items: Sequence[Item], told: Sequence[Telling], now: datetime,
    first: bool = False,
) -> None:  # fmt: skip
    if not items:
        return
    identity = message_id(recipient.name, items, told)
    title, body = digest(items, recipient.language, identity, now.date(), first)
    message = Message(identity, recipient.name, title, body, tuple(item.alert.alert_id for item in items))
    desk.store.put(message, recipient.channels, now)
    desk.store.tell([_telling(item, recipient, FIRST_NIGHT if first else item.kind, now) for item in items])


def _telling(item: Item, recipient: Recipient, kind: str, now: datetime) -> Telling:
    return Telling(item.alert.key, recipient.name, kind, item.alert.says if item.alert.open else "", now)


def _report_failing(desk: AlertDesk) -> bool:
    """Open and resolve alerts of channels; put the new ones into the outbox by channels that work.

    Returns whether there is anything new to send.
    """
    failing = desk.store.failing()
    night_id = f"{desk.clock():%Y%m%d-%H%M%S}"
    changed = update(desk, channel_conditions(failing), (), night_id, rules=("channel_failing",))
    opened = [alert for alert in changed if alert.open]
    if not opened:
        return False
    working = [name for name in desk.settings.channels if name not in failing]
    told, now, reached = desk.store.told(), desk.clock(), False
    with desk.store.transaction():
        for recipient in desk.settings.recipients():
            living = tuple(name for name in recipient.channels if name in working)
            if recipient.operators and living:
                items = items_for(recipient, opened, told, now, desk.settings.interval)
                _put(desk, replace(recipient, channels=living), items, told, now)
                reached = True
        if not reached and working:
            stand_in = Recipient("stand-in", (working[0],), outside=True, operators=True)
            _put(desk, stand_in, items_for(stand_in, opened, told, now, desk.settings.interval), told, now)
    return bool(working)
