"""The small line in a row of the scorecard: values, the asked path and the target over the years, as SVG.

Belongs here: its geometry and its words. Does not belong here: the charts of pages (`charts`). A hundred
of them stand on one page, so they are drawn when the page is made and need no script.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.report.parts import Words
from pipelines.shown import digits

WIDTH, HEIGHT, _EDGE = 110.0, 30.0, 4.0


@dataclass(frozen=True)
class Spark:
    """Points of the values, polylines of values and path, place of the target, and the whole in words."""

    dots: Sequence[tuple[float, float]]
    value: str
    path: str
    aim: tuple[float, float] | None
    alt: Words


def spark(rows: Sequence[dict[str, Any]]) -> Spark | None:
    """The line of one indicator's headline rows (year, value, required, target, target_year); None without a value."""
    values = [(row["year"], row["value"]) for row in rows if row["value"] is not None]
    if not values:
        return None
    asked = [(row["year"], row["required"]) for row in rows if row["required"] is not None]
    last = rows[-1]
    aim = [(last["target_year"], last["target"])] if last["target"] is not None and last["required"] is not None else []
    points = [*values, *asked, *aim]
    years, heights = [year for year, _ in points], [height for _, height in points]
    first, span = min(years), max(max(years) - min(years), 1)
    low, rise = min(heights), max(heights) - min(heights)

    def place(year: int, height: float) -> tuple[float, float]:
        x = _EDGE + (year - first) / span * (WIDTH - 2 * _EDGE)
        share = (height - low) / rise if rise else 0.5
        return round(x, 1), round(HEIGHT - _EDGE - share * (HEIGHT - 2 * _EDGE), 1)

    told = [f"{year}: {digits(value)}" for year, value in values]
    goal = [f"{digits(value)} ({year})" for year, value in aim]
    return Spark(
        dots=[place(*point) for point in values],
        value=_line([place(*point) for point in values]),
        path=_line([place(*point) for point in asked]),
        aim=place(*aim[0]) if aim else None,
        alt=Words(
            "历年值 " + "，".join(told) + ("；目标 " + goal[0] if goal else ""),
            "values " + ", ".join(told) + ("; target " + goal[0] if goal else ""),
        ),
    )


def _line(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
