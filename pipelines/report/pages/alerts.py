"""Alerts as they stood when the night was published: open, ended, by responsible body.

Belongs here: what the page shows. Does not belong here: opening or sending an alert (`pipelines.alerting`).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from pipelines.alerting.published_copy import ALERT
from pipelines.report.night import Night, origin_words
from pipelines.report.parts import Cell, Grid, Page, Section, Words, columns, figure, named, said, text

_RECENT = 100
#: State, shape, look: told apart without colour.
_LOOKS = {"alert": ("✕", "s-missed"), "warning": ("▽", "s-behind"), "operator": ("■", "s-reported")}


def page(night: Night) -> Page:
    """`alerts.html`."""
    found = night.rows("FROM mart.alert ORDER BY opened_at DESC, indicator, alert_id")
    found.sort(key=lambda row: list(_LOOKS).index(row["severity"]))
    live = [row for row in found if row["resolved_at"] is None]
    note = Words(
        "发布时刻的状态；此后的变化见 quality-city alerts list。依据示例数据的告警从不对外发送。",
        "As they stood at publication; quality-city alerts list shows them now. Alerts that rest on example data never "
        "leave the machine.",
    )
    ended = [row for row in found if row["resolved_at"] is not None][:_RECENT]
    return Page(
        "alerts.html",
        Words("告警", "Alerts"),
        sections=[
            _list(night, "open", Words("未解除", "Open"), live, Words("没有未解除的告警。", "No alert is open.")),
            _by_body(night, live),
            _list(
                night, "ended", Words("最近解除", "Ended lately"), ended, Words("没有解除的告警。", "None has ended.")
            ),
        ],
        intro=[note],
    )


def _about(night: Night, row: dict[str, Any]) -> Cell:
    own = night.indicators.get(row["indicator"]) if row["plan"] == night.card.plan else None
    if own is None:
        return text(row["indicator"])
    return Cell(Words(own["zh"], own["en"]), own["zh"], href=night.page_of(row["indicator"]))


def _list(night: Night, key: str, title: Words, found: list[dict[str, Any]], empty: Words) -> Section:
    rules, states, severities = (named(ALERT.column(name).codes) for name in ("rule", "state", "severity"))
    rows = []
    for row in found:
        shape, look = _LOOKS[row["severity"]]
        severity = severities[row["severity"]]
        rows.append(
            [
                said(f"{shape} {severity.zh}", f"{shape} {severity.en}", look=f"status {look}"),
                _about(night, row),
                said(*rules[row["rule"]]),
                said(*states[row["state"]]),
                Cell(f"{row['opened_at']:%Y-%m-%d %H:%M}"),
                text(row["resolved_at"] and f"{row['resolved_at']:%Y-%m-%d %H:%M}"),
                said(row["message_zh"], row["message"]),
                said(*origin_words(row["origin"])),
            ]
        )
    names = columns(
        ("级别", "Severity"),
        ("关于", "About"),
        ("规则", "Rule"),
        ("状态", "State"),
        ("开启", "Opened"),
        ("解除", "Ended"),
        ("内容", "Message"),
        ("数据性质", "Origin"),
    )
    return Section(key, title, grids=[Grid(title, names, rows, empty)])


def _by_body(night: Night, live: list[dict[str, Any]]) -> Section:
    bodies = {
        row["responsible_body"]: Words(row["responsible_body_zh"] or "–", row["responsible_body_en"] or "–")
        for row in night.indicators.values()
        if row["responsible_body"]
    }
    counted = Counter((row["body"], row["severity"]) for row in live)
    none = Words("未指定责任单位", "no body is named")
    rows = [
        [
            said(*(bodies.get(body, Words(body, body)) if body else none)),
            *(figure(counted[body, severity]) for severity in _LOOKS),
        ]
        for body in sorted({body for body, _ in counted}, key=lambda body: body or "")
    ]
    severities = named(ALERT.column("severity").codes)
    names = columns(("责任单位", "Body"), *((severities[name].zh, severities[name].en, True) for name in _LOOKS))
    grid = Grid(Words("未解除告警数", "Open alerts"), names, rows, Words("没有未解除的告警。", "No alert is open."))
    return Section("bodies", Words("按责任单位", "By responsible body"), grids=[grid])
