"""Who is told what: one digest per recipient, made of what changed since they were last told.

Belongs here: the pure step from alerts and what was told to the items of a digest. Does not belong here: the
words (`pipelines.alerting.words`), sending (`pipelines.alerting.outbox`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pipelines.alerting.lifecycle import latest
from pipelines.alerting.model import Alert, Key, Severity

#: Changes of one alert that a recipient is told within one interval; more of them are flapping, and wait.
MOST_CHANGES = 3

#: How an alert of a home's first night is entered: its recipients know it by the one digest of the home.
FIRST_NIGHT = "first_night"

UNASSIGNED = "unassigned"
EVERY_BODY = "all"


class Told(StrEnum):
    """Why an alert stands in a digest."""

    OPENED = "opened"
    REOPENED = "reopened"
    CHANGED = "changed"
    ESCALATED = "escalated"
    REMINDER = "reminder"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class Recipient:
    """Those who get one digest: an audience, by its channels that stay on the machine or those that leave it.

    `bodies`: codes of responsible bodies whose alerts they get, or `all`, or `unassigned` for alerts that
    nobody answers for. `outside`: whether the channels leave the machine.
    """

    name: str
    channels: tuple[str, ...]
    outside: bool
    bodies: frozenset[str] = frozenset()
    operators: bool = False
    escalations: bool = False
    language: str = "both"

    def concerns(self, alert: Alert) -> bool:
        """Whether the alert is theirs, and may reach them."""
        if self.outside and alert.made_up:
            return False
        if alert.severity is Severity.OPERATOR:
            return self.operators
        return EVERY_BODY in self.bodies or (alert.body or UNASSIGNED) in self.bodies

    def hears(self, alert: Alert) -> bool:
        """Whether an escalation reaches them, who are not told otherwise."""
        escalated = alert.escalated_at is not None and not (self.outside and alert.made_up)
        return self.escalations and escalated and not self.concerns(alert)


@dataclass(frozen=True)
class Item:
    """One line of a digest."""

    alert: Alert
    kind: Told
    #: Whether this is the last change that is told for now.
    flapping: bool = False


@dataclass(frozen=True)
class Telling:
    """What a recipient was told of a key, and when. `says` is empty when they were told that it is over."""

    key: Key
    recipient: str
    kind: str
    says: str
    at: datetime


def items_for(
    recipient: Recipient, alerts: Sequence[Alert], told: Iterable[Telling], now: datetime, interval: timedelta
) -> list[Item]:
    """The items of the recipient's digest, most urgent first; empty when there is nothing to tell."""
    past: dict[Key, list[Telling]] = {}
    for telling in sorted((entry for entry in told if entry.recipient == recipient.name), key=lambda entry: entry.at):
        past.setdefault(telling.key, []).append(telling)
    items = [
        item
        for key, alert in latest(alerts).items()
        if recipient.concerns(alert) or recipient.hears(alert)
        for item in _item(recipient, alert, past.get(key, []), now, interval)
    ]
    order = list(Told)
    return sorted(items, key=lambda item: (order.index(item.kind), item.alert.severity, item.alert.key))


def _item(
    recipient: Recipient, alert: Alert, past: Sequence[Telling], now: datetime, interval: timedelta
) -> Iterable[Item]:
    last = past[-1] if past else None
    told = last.says if last else ""
    says = alert.says if alert.open else ""
    if says == told:
        due = last is not None and now - last.at >= interval
        if says and due and not alert.acknowledged(now) and recipient.concerns(alert):
            yield Item(alert, Told.REMINDER)
        return
    lately = [entry for entry in past if entry.kind not in (Told.REMINDER, FIRST_NIGHT) and now - entry.at < interval]
    if len(lately) >= MOST_CHANGES:
        return
    yield Item(alert, _kind(recipient, alert, says, told, lately), flapping=len(lately) == MOST_CHANGES - 1)


def _kind(recipient: Recipient, alert: Alert, says: str, told: str, lately: Sequence[Telling]) -> Told:
    if not says:
        return Told.RESOLVED
    if told:
        return Told.CHANGED
    if recipient.hears(alert):
        return Told.ESCALATED
    return Told.REOPENED if lately else Told.OPENED


def message_id(recipient: str, items: Sequence[Item], told: Iterable[Telling]) -> str:
    """The id of a digest: the same when a killed night makes it again, another when the same is told later."""
    count: dict[Key, int] = {}
    for entry in told:
        if entry.recipient == recipient:
            count[entry.key] = count.get(entry.key, 0) + 1
    parts = [f"{i.alert.alert_id} {i.kind} {i.alert.says} {count.get(i.alert.key, 0)}" for i in items]
    return "qc-" + hashlib.sha256("\n".join([recipient, *sorted(parts)]).encode()).hexdigest()[:20]
