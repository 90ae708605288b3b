"""Vega-Lite specifications of the report's charts, as plain dictionaries.

Belongs here: what is drawn how. Does not belong here: where the numbers come from (`pages/`), fonts and
sizes (`static/report.js`). A text in a chart holds both languages; the page's script shows one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.report.parts import Words

_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"

VALUE = Words("实际值", "Value")
ASKED = Words("当年要求", "Asked")
TARGET = Words("目标", "Target")
PROVINCE = Words("全省", "Province")

#: series → colour, dashes, shape: told apart without colour.
_LINES: Mapping[Words, tuple[str, list[int], str]] = {
    VALUE: ("#0b4f9c", [1, 0], "circle"),
    ASKED: ("#7a4d00", [5, 4], "triangle-up"),
    TARGET: ("#a3201a", [1, 0], "square"),
    PROVINCE: ("#17663a", [2, 3], "diamond"),
}


def both(words: Words | str) -> str:
    """A text of a chart in both languages, as the page's script reads it."""
    if isinstance(words, str):
        return words
    return words.zh if words.zh == words.en else f"{words.zh} ¦ {words.en}"


def chart(height: int | dict[str, int], **more: Any) -> dict[str, Any]:
    """A specification as wide as its place."""
    return {
        "$schema": _SCHEMA,
        "width": "container",
        "height": height,
        "autosize": {"type": "fit", "contains": "padding"},
    } | more


def course(rows: Sequence[dict[str, Any]], title: Words, height: int = 260) -> dict[str, Any]:
    """Values, path, target and province over the years, with intervals.

    `rows`: year, series (a key of the lines above), value; the value's rows also low and high.
    """
    used = [series for series in _LINES if any(row["series"] == series for row in rows)]
    data = [
        {"year": str(row["year"]), "series": both(row["series"]), "value": row["value"]}
        | {name: row[name] for name in ("low", "high") if row.get(name) is not None}
        for row in rows
        if row["value"] is not None
    ]
    domain = [both(series) for series in used]
    series = {"field": "series", "type": "nominal", "title": None}
    colour, dashes, shapes = zip(*(_LINES[series] for series in used), strict=True)
    x = {"field": "year", "type": "ordinal", "title": both(Words("年份", "Year"))}
    y = {
        "field": "value",
        "type": "quantitative",
        "title": both(title),
        "scale": {"zero": False, "nice": True, "padding": 8},
    }
    told = {
        "color": series | {"scale": {"domain": domain, "range": list(colour)}},
        "shape": series | {"scale": {"domain": domain, "range": list(shapes)}},
    }
    dashed = series | {"scale": {"domain": domain, "range": list(dashes)}, "legend": None}
    spread = {
        "transform": [{"filter": "isValid(datum.low)"}],
        "mark": {"type": "rule", "strokeWidth": 5, "opacity": 0.3, "color": _LINES[VALUE][0]},
        "encoding": {"x": x, "y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}},
    }
    layers: list[dict[str, Any]] = [
        {
            "transform": [{"filter": {"not": {"field": "series", "equal": both(TARGET)}}}],
            "mark": {"type": "line", "strokeWidth": 2},
            "encoding": {"x": x, "y": y, "color": told["color"], "strokeDash": dashed},
        },
        {"mark": {"type": "point", "size": 70, "filled": True, "opacity": 1}, "encoding": {"x": x, "y": y, **told}},
    ]
    if any("low" in row for row in data):
        layers.insert(0, spread)
    return chart(height, data={"values": data}, layer=layers)
