"""mart.alert: the alerts as they stood when the night was published.

Belongs here: the table and its rows. Does not belong here: the alerts themselves, which live in
work/alerts.sqlite and may be newer (`quality-city alerts list`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from pipelines.alerting.model import RULES, Alert, Severity, State
from sources.registry import MART_ORIGIN_CODES, Table, codes, text, timestamp
from warehouse.marts import ReferenceTable

_STATES = codes(
    (State.OPENED.value, "新开", "opened"),
    (State.SENT.value, "已通知", "sent"),
    (State.ACKNOWLEDGED.value, "已认领", "acknowledged"),
    (State.ESCALATED.value, "已升级", "escalated"),
    (State.RESOLVED.value, "已解除", "resolved"),
)
_SEVERITIES = codes(
    (Severity.ALERT.value, "告警", "a promise is not kept"),
    (Severity.WARNING.value, "警示", "a promise is uncertain"),
    (Severity.OPERATOR.value, "运维", "the works need a hand"),
)

_RULES = codes(*((rule.code, rule.zh, rule.en) for rule in RULES.values()))

ALERT = Table(
    "mart.alert",
    "告警（发布时刻的副本）",
    "Alerts as they stood when the night was published; `quality-city alerts list` shows them now",
    (
        text("alert_id", "告警编号", "id of the alert", required=True),
        text("plan", "规划", "plan; empty for alerts of the works", required=True),
        text("indicator", "指标代码", "code of the indicator, or what the alert is about", required=True),
        text("region_code", "行政区划代码", "region; empty for alerts of the works", required=True),
        text("rule", "规则", "why it was opened", required=True, codes=_RULES),
        text("severity", "级别", "what kind of attention is asked", required=True, codes=_SEVERITIES),
        text("state", "状态", "where it stands", required=True, codes=_STATES),
        timestamp("opened_at", "开启时间", "when it was opened", required=True),
        timestamp("sent_at", "首次送达时间", "when a channel first took a message about it"),
        timestamp("acknowledged_at", "认领时间", "when somebody took it on"),
        text("acknowledged_by", "认领人", "who took it on"),
        timestamp("acknowledged_until", "认领期限", "until when it is not repeated"),
        timestamp("escalated_at", "升级时间", "when it was escalated"),
        timestamp("resolved_at", "解除时间", "when it ended"),
        text("resolved_by", "解除人", "who resolved it; `the data` when its reason went away"),
        text("body", "责任单位代码", "responsible body, where one is named"),
        text("message", "内容（英文）", "what it says, in English", required=True),
        text("message_zh", "内容", "what it says, in Chinese", required=True),
        text("origin", "数据性质", "of the rows that it rests on; empty for the works", codes=MART_ORIGIN_CODES),
    ),
    ("alert_id",),
)  # fmt: skip


def published_alerts(alerts: Sequence[Alert], now: datetime) -> ReferenceTable:
    """`mart.alert` with `alerts` as rows. A change of alerts alone is no reason to publish."""
    rows = [
        {
            "alert_id": a.alert_id, "plan": a.plan, "indicator": a.indicator, "region_code": a.region_code,
            "rule": a.rule, "severity": a.severity.value, "state": a.state(now).value, "opened_at": a.opened_at,
            "sent_at": a.sent_at, "acknowledged_at": a.acknowledged_at, "acknowledged_by": a.acknowledged_by or None,
            "acknowledged_until": a.acknowledged_until, "escalated_at": a.escalated_at,
            "resolved_at": a.resolved_at, "resolved_by": a.resolved_by or None, "body": a.body or None,
            "message": a.en, "message_zh": a.zh, "origin": a.origin or None,
        }
        for a in alerts
    ]  # fmt: skip
    return ReferenceTable(
        ALERT,
        lambda: pl.DataFrame(rows, schema=ALERT.polars_schema),
        worth_publishing=False,
        source="work/alerts.sqlite, as the night was published",
    )


#: The empty table, for every home from its first night on.
ALERT_COPY = published_alerts((), datetime.min)
