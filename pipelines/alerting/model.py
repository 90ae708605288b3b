"""What an alert is: its rule, its condition, its states.

Belongs here: the closed sets and the records. Does not belong here: when a condition holds
(`pipelines.alerting.conditions`), what happens to an alert (`pipelines.alerting.lifecycle`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Where an alert stands, the latest that applies."""

    OPENED = "opened"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    ESCALATED = "escalated"
    RESOLVED = "resolved"


class Severity(StrEnum):
    """What kind of attention is asked: a promise is not kept, a promise is uncertain, or the works need a hand."""

    ALERT = "alert"
    WARNING = "warning"
    OPERATOR = "operator"


@dataclass(frozen=True)
class Rule:
    """One reason to alert."""

    code: str
    severity: Severity
    zh: str
    en: str


RULES: dict[str, Rule] = {
    rule.code: rule
    for rule in (
        Rule("off_plan", Severity.ALERT, "未达规划要求", "off the plan"),
        Rule("interval_includes_target", Severity.WARNING, "置信区间含要求值", "interval includes the target"),
        Rule("no_data", Severity.OPERATOR, "无数据", "no data"),
        Rule("not_assessable", Severity.OPERATOR, "数值不可能", "impossible value"),
        Rule("refused_file", Severity.OPERATOR, "文件被拒收", "file refused"),
        Rule("check_failed", Severity.OPERATOR, "校验未通过", "check failed"),
        Rule("check_errored", Severity.OPERATOR, "校验未能运行", "check could not run"),
        Rule("drift", Severity.OPERATOR, "数据漂移", "data drifted"),
        Rule("late_series", Severity.OPERATOR, "数据迟报", "series is late"),
        Rule("night_failed", Severity.OPERATOR, "夜间运行失败", "night failed"),
        Rule("night_missed", Severity.OPERATOR, "夜间未运行", "night did not run"),
        Rule("channel_failing", Severity.OPERATOR, "通知渠道失效", "channel fails"),
    )
}

#: (plan, indicator, region_code, rule): at most one alert is open for it. Operator alerts that belong to no
#: indicator have no plan and no region; their `indicator` names the thing: `file:…`, `check:…`, `series:…`.
Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Condition:
    """A reason to alert that holds now.

    `says`: the word by which a change is noticed, e.g. the status. `body`: code of the responsible body, empty
    when nobody is named. `origin`: of the rows it rests on; empty when it rests on none. `plan_row`, `folders`:
    number of the row in the plan (0: none) and the inbox folders that would carry its data, by which a digest
    puts many alike on one line.
    """

    plan: str
    indicator: str
    region_code: str
    rule: str
    says: str
    zh: str
    en: str
    body: str = ""
    origin: str = ""
    plan_row: int = 0
    folders: str = ""

    @property
    def key(self) -> Key:
        return self.plan, self.indicator, self.region_code, self.rule


@dataclass(frozen=True)
class Alert:
    """One alert from its opening to its end. Times are local time of the city."""

    alert_id: str
    plan: str
    indicator: str
    region_code: str
    rule: str
    opened_night: str
    opened_at: datetime
    says: str
    zh: str
    en: str
    body: str = ""
    origin: str = ""
    sent_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    acknowledged_until: datetime | None = None
    escalated_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: str = ""
    #: After a person resolved it: whether the condition has been away since.
    cleared: bool = False
    plan_row: int = 0
    folders: str = ""

    @property
    def key(self) -> Key:
        return self.plan, self.indicator, self.region_code, self.rule

    @property
    def severity(self) -> Severity:
        return RULES[self.rule].severity

    @property
    def open(self) -> bool:
        return self.resolved_at is None

    @property
    def made_up(self) -> bool:
        """Whether it rests on rows that are not real, and so may never leave the machine."""
        return self.origin in ("synthetic", "mixed")

    def acknowledged(self, now: datetime) -> bool:
        """Whether somebody has taken it on and the time for it is not over."""
        return self.acknowledged_until is not None and now <= self.acknowledged_until

    def state(self, now: datetime) -> State:
        if not self.open:
            return State.RESOLVED
        if self.acknowledged(now):
            return State.ACKNOWLEDGED
        if self.escalated_at:
            return State.ESCALATED
        return State.SENT if self.sent_at else State.OPENED


def alert_id(key: Key, opened_night: str) -> str:
    """The id of the alert that a night opens for a key: the same when a killed night is repeated with it."""
    return hashlib.sha256("\x1f".join((*key, opened_night)).encode()).hexdigest()[:16]
