"""What is a reason to alert about the works themselves: nights, channels.

Belongs here: conditions that nobody needs the warehouse for, so that a night with nothing new does not open it.
Does not belong here: conditions of data (`pipelines.alerting.conditions`), what becomes of an alert
(`pipelines.alerting.lifecycle`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from pipelines.alerting.model import Condition


def of_works(rule: str, subject: str, says: str, zh: str, en: str) -> Condition:
    """A condition for operators that belongs to no indicator."""
    return Condition("", subject, "", rule, says, zh, en)


def night_conditions(nights: Sequence[dict[str, Any]], now: datetime, missed_after: timedelta) -> Iterator[Condition]:
    """The night did not run: the last one that was started before `now` is too long ago."""
    started = [night["started_at"] for night in nights if night["started_at"] < now]
    if started and now - started[-1] > missed_after:
        yield missed_night(started[-1])


def missed_night(last: datetime) -> Condition:
    """No night has begun since `last`."""
    return of_works(
        "night_missed", "night", f"{last:%Y-%m-%d %H:%M}",
        f"上一次夜间运行始于 {last:%Y-%m-%d %H:%M}，此后到期未运行；请检查计划任务与机器",
        f"the last night began {last:%Y-%m-%d %H:%M}, and the next one did not run in time; check schedule and machine",
    )  # fmt: skip


def failed_night(night_id: str, error: str) -> Condition:
    """The night did not publish."""
    return of_works(
        "night_failed", "night", error,
        f"夜次 {night_id} 未发布，分析人员所见不变：{error}",
        f"night {night_id} did not publish, what analysts see is unchanged: {error}",
    )  # fmt: skip


def channel_conditions(failing: dict[str, str]) -> Iterator[Condition]:
    """Channels that did not take their last message."""
    for name, error in failing.items():
        yield of_works(
            "channel_failing", f"channel:{name}", "failing",
            f"渠道 {name} 未能送达：{error}；消息保留并重试",
            f"channel {name} took nothing: {error}; its messages are kept and tried again",
        )  # fmt: skip
