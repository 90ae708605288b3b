"""A digest in words, Chinese and English.

Belongs here: the templates. Does not belong here: what stands in a digest (`pipelines.alerting.digest`), the
sentence of a verdict (`assets.status.reasons`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from pipelines.alerting.digest import Item, Told
from pipelines.alerting.model import RULES, Severity

_HEAD = {
    Told.OPENED: ("新告警", "New"),
    Told.REOPENED: ("再次出现", "Back again"),
    Told.CHANGED: ("情况有变", "Changed"),
    Told.ESCALATED: ("升级：长期无人认领", "Escalated: nobody has taken it on"),
    Told.REMINDER: ("提醒：仍未解决", "Reminder: still open"),
    Told.RESOLVED: ("已恢复", "Resolved"),
}
_SEVERITY = {Severity.ALERT: ("告警", "alerts"), Severity.WARNING: ("警示", "warnings"),
             Severity.OPERATOR: ("运维", "for operators")}  # fmt: skip
_FIRST_NIGHT = (
    "首夜汇总：以下为建库时已存在的告警，此后各单位仅在情况有变或到提醒间隔时收到通知。",
    "First night of this home: these alerts stood when it was made. From now on each audience is told when "
    "something changes, or after the interval.",
)
_FLAPPING = ("（反复变化，间隔期内不再通知）", " (it flaps: no further notice within the interval)")
_HOW = (
    "认领：quality-city alerts ack 编号 --by 姓名 --until 日期；查看：quality-city alerts list",
    "Take one on: quality-city alerts ack ID --by NAME --until DATE; see all: quality-city alerts list",
)
_MADE_UP = ("【示例数据】", "[EXAMPLE] ")
#: More alerts than these that lack data from the same folders and body are one line with their rows in the plan.
_FEW = 3
_MANY_ALIKE = (
    "- {mark}{label}：{year}年 {count} 项，收件夹 {folders}{body}：规划第 {rows} 项",
    "- {mark}{label}: {count} indicators of {year}, inbox folder {folders}{body}: rows {rows} of the plan",
)
_ANSWERS = ("，责任单位 {body}", ", responsible: {body}")


def digest(
    items: Sequence[Item], language: str, message_id: str, day: date, first_night: bool = False
) -> tuple[str, str]:
    """Title and text of a digest. `language`: zh, en or both."""
    languages = {"zh": (0,), "en": (1,)}.get(language, (0, 1))
    title = " · ".join(_title(items, which, day) for which in languages)
    parts = [_body(items, which, first_night) for which in languages]
    return title, "\n\n".join([*parts, f"{message_id}"])


def _title(items: Sequence[Item], which: int, day: date) -> str:
    bad = sum(item.kind is not Told.RESOLVED for item in items)
    well = len(items) - bad
    if which == 0:
        said = "，".join(said for said in (f"{bad} 项告警" * bool(bad), f"{well} 项恢复" * bool(well)) if said)
        return f"质量之城 {day}：{said}"
    said = ", ".join(said for said in (f"{bad} open" * bool(bad), f"{well} resolved" * bool(well)) if said)
    return f"Quality City {day}: {said}"


def _body(items: Sequence[Item], which: int, first_night: bool) -> str:
    lines = [_FIRST_NIGHT[which], ""] if first_night else []
    for (kind, severity), group in groupby(items, key=lambda item: (item.kind, item.alert.severity)):
        lines.append(f"■ {_HEAD[kind][which]} · {_SEVERITY[severity][which]}")
        lines += _lines(list(group), which)
        lines.append("")
    return "\n".join([*lines, _HOW[which]])


def _lines(items: Sequence[Item], which: int) -> list[str]:
    """One line an alert; alerts without data that are many and alike share one, where the first of them stood."""
    alike: dict[tuple[str, str, str], list[Item]] = {}
    for item in items:
        if (kind := _without_data(item)) is not None:
            alike.setdefault(kind, []).append(item)
    lines = []
    for item in items:
        kind = _without_data(item)
        if kind is None or len(alike[kind]) <= _FEW:
            lines.append(_line(item, which))
        elif item is alike[kind][0]:
            lines.append(_line_of_many(alike[kind], which))
    return lines


def _without_data(item: Item) -> tuple[str, str, str] | None:
    """Year, folders and body, which alerts of missing data that are alike share; None for every other alert."""
    alert = item.alert
    if alert.rule != "no_data" or not alert.plan_row or item.flapping:
        return None
    return alert.says, alert.folders, alert.body


def _line_of_many(items: Sequence[Item], which: int) -> str:
    alert, label = items[0].alert, _label(items[0], which)
    made_up = any(item.alert.made_up for item in items)
    return _MANY_ALIKE[which].format(
        mark=_MADE_UP[which] * made_up,
        label=label,
        year=alert.says,
        count=len(items),
        folders=alert.folders,
        body=_ANSWERS[which].format(body=alert.body) if alert.body else "",
        rows=("、", ", ")[which].join(str(row) for row in sorted(item.alert.plan_row for item in items)),
    )


def _line(item: Item, which: int) -> str:
    alert = item.alert
    mark = _MADE_UP[which] if alert.made_up else ""
    flaps = _FLAPPING[which] if item.flapping else ""
    return f"- [{alert.alert_id}] {mark}{_label(item, which)}: {(alert.zh, alert.en)[which]}{flaps}"


def _label(item: Item, which: int) -> str:
    rule = RULES[item.alert.rule]
    label = (rule.zh, rule.en)[which]
    return (f"（曾）{label}", f"(was) {label}")[which] if item.kind is Told.RESOLVED else label
