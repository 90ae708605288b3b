"""What a night makes of its alerts: opened, changed, escalated, resolved.

Belongs here: the pure step from yesterday's alerts and today's conditions to today's alerts. Does not belong
here: who is told (`pipelines.alerting.digest`), storing (`pipelines.alerting.store`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pipelines.alerting.model import Alert, Condition, Key, Severity, alert_id

#: Name under which a condition that went away resolves an alert.
BY_ITSELF = "the data"


def latest(alerts: Iterable[Alert]) -> dict[Key, Alert]:
    """The last opened alert of every key."""
    found: dict[Key, Alert] = {}
    for alert in sorted(alerts, key=lambda alert: (alert.opened_at, alert.alert_id)):
        found[alert.key] = alert
    return found


def transition(
    alerts: Sequence[Alert],
    conditions: Iterable[Condition],
    undecided: Collection[Key],
    night_id: str,
    now: datetime,
    escalate_after: timedelta,
) -> list[Alert]:
    """The alerts that are new or differ from before.

    `alerts`: all that were ever opened under the rules that are looked at. A key that is neither among the
    conditions nor `undecided` is well again. An alert that a person resolved stays resolved until its
    condition went away, or says something else.
    """
    holding = {condition.key: condition for condition in conditions}
    known = latest(alerts)
    made: list[Alert] = []
    for key, condition in holding.items():
        before = known.get(key)
        if before is None or not (before.open or _put_down(before, condition)):
            made.append(_opened(condition, night_id, now))
        elif before.open:
            after = replace(
                before, says=condition.says, zh=condition.zh, en=condition.en, body=condition.body,
                origin=condition.origin, plan_row=condition.plan_row, folders=condition.folders,
            )  # fmt: skip
            made.append(_escalated(after, now, escalate_after))
    for key, before in known.items():
        if key in holding:
            continue
        if key in undecided:
            if before.open:
                made.append(_escalated(before, now, escalate_after))
        elif before.open:
            made.append(replace(before, resolved_at=now, resolved_by=BY_ITSELF))
        elif not before.cleared:
            made.append(replace(before, cleared=True))
    stored = {alert.alert_id: alert for alert in alerts}
    return [alert for alert in made if stored.get(alert.alert_id) != alert]


def escalation_due(alerts: Iterable[Alert], now: datetime, escalate_after: timedelta) -> bool:
    """Whether an open alert escalates by the passing of time alone."""
    return any(alert.open and _escalated(alert, now, escalate_after) != alert for alert in latest(alerts).values())


def _put_down(alert: Alert, condition: Condition) -> bool:
    """Whether a person resolved the alert and nothing has changed since."""
    by_person = alert.resolved_by not in ("", BY_ITSELF)
    return by_person and not alert.cleared and alert.says == condition.says


def _opened(condition: Condition, night_id: str, now: datetime) -> Alert:
    return Alert(
        alert_id(condition.key, night_id), *condition.key, night_id, now, condition.says, condition.zh, condition.en,
        condition.body, condition.origin, plan_row=condition.plan_row, folders=condition.folders,
    )  # fmt: skip


def _escalated(alert: Alert, now: datetime, after: timedelta) -> Alert:
    """Escalated once, when nobody has taken on an alert for too long. Warnings and works are not."""
    waits = alert.severity is Severity.ALERT and alert.escalated_at is None and not alert.acknowledged(now)
    return replace(alert, escalated_at=now) if waits and now - alert.opened_at >= after else alert
