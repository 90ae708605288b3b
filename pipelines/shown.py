"""How a number, a unit, a status and an origin are shown, on the terminal and in the report.

Belongs here: those, as plain text. Does not belong here: colours and layout (`pipelines.present`,
`pipelines.report`), the words of verdicts (`assets.status`).
"""

from __future__ import annotations

from typing import Any

from sources.registry import MART_ORIGIN_CODES

#: A shape for each status: it must be readable without colour.
SHAPES = {
    "met": "●",
    "on_track": "◐",
    "behind": "▽",
    "missed": "✕",
    "slipped": "↘",
    "insufficient_data": "?",
    "no_data": "·",
    "not_due": "○",
    "reported": "■",
    "not_assessable": "–",
}

BADGES = {code.code: code.zh for code in MART_ORIGIN_CODES.codes if code.code != "real"}


def badge(row: dict[str, Any]) -> str:
    """示例 or 混合 beside a number that rests on synthetic rows, wholly or in part; nothing beside a real one."""
    return BADGES.get(row["origin"], "") if row["value"] is not None else ""


def digits(value: float) -> str:
    """A number as people read it: at most four decimals, none that is empty."""
    shown = f"{value:,.4f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def number(value: float | None, unit: str | None) -> str:
    """A number with its unit behind, as the tables name it; a dash for none."""
    if value is None:
        return "–"
    return f"{digits(value)} {unit}" if unit else digits(value)
