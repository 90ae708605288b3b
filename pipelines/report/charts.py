"""Vega-Lite specifications of the report's charts, as plain dictionaries.

Belongs here: what is drawn how. Does not belong here: where the numbers come from (`pages/`), fonts and
sizes (`static/report.js`). A text in a chart holds both languages; the page's script shows one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import cos, radians
from typing import Any

from pipelines.report.parts import Words

_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"

_MAP_WIDTH = 620
#: How wide (pixels) the names beside lying bars may be.
_LABEL = 480
#: What axis titles and a legend take of a chart's height.
_FRAME = 70

VALUE = Words("实际值", "Value")
ASKED = Words("当年要求", "Asked")
TARGET = Words("目标", "Target")
PROVINCE = Words("全省", "Province")

#: Colour, dashes, shape: told apart without colour.
Style = tuple[str, list[int], str]
LINES: Mapping[Words, Style] = {
    VALUE: ("#0b4f9c", [1, 0], "circle"),
    ASKED: ("#7a4d00", [5, 4], "triangle-up"),
    TARGET: ("#a3201a", [1, 0], "square"),
    PROVINCE: ("#17663a", [2, 3], "diamond"),
}
_MORE: Sequence[Style] = (
    ("#0b4f9c", [1, 0], "circle"),
    ("#17663a", [6, 2], "diamond"),
    ("#6b2fa0", [2, 2], "triangle-down"),
    ("#a15c00", [8, 3, 2, 3], "cross"),
)


def both(words: Words | str) -> str:
    """A text of a chart in both languages, as the page's script reads it."""
    if isinstance(words, str):
        return words
    return words.zh if words.zh == words.en else f"{words.zh} ¦ {words.en}"


def chart(height: int, **more: Any) -> dict[str, Any]:
    """A specification as wide as its place, `height` high with axes and legend."""
    sized = {"width": "container", "height": height, "autosize": {"type": "fit", "contains": "padding"}}
    return {"$schema": _SCHEMA, **sized, **more}


def palette(names: Sequence[Words]) -> dict[Words, Style]:
    """Lines of their own for `names`, besides the ones that every course has."""
    return {**{name: _MORE[place % len(_MORE)] for place, name in enumerate(names)}, **LINES}


def course(
    rows: Sequence[dict[str, Any]], title: Words, height: int = 260, lines: Mapping[Words, Style] | None = None
) -> dict[str, Any]:
    """Values, path, target and province over the years, with intervals.

    `rows`: year, series (a key of `lines`), value; the value's rows also low and high.
    """
    lines = lines or LINES
    used = [series for series in lines if any(row["series"] == series for row in rows)]
    data = [
        {"year": str(row["year"]), "series": both(row["series"]), "value": row["value"]}
        | {name: row[name] for name in ("low", "high") if row.get(name) is not None}
        for row in rows
        if row["value"] is not None
    ]
    domain = [both(series) for series in used]
    series = {"field": "series", "type": "nominal", "title": None}
    colour, dashes, shapes = zip(*(lines[series] for series in used), strict=True)
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
    dashed = series | {"scale": {"domain": domain, "range": list(dashes)}}
    spread = {
        "transform": [{"filter": "isValid(datum.low)"}],
        "mark": {"type": "rule", "strokeWidth": 5, "opacity": 0.3, "color": LINES[VALUE][0]},
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


def stacked(
    rows: Sequence[dict[str, Any]],
    x: Words,
    y: Words,
    parts: Sequence[tuple[Words, str]],
    height: int = 260,
) -> dict[str, Any]:
    """Counts by part, one bar a place on the x axis. `rows`: at, part (words), count; `parts`: words and colour."""
    domain = [both(words) for words, _ in parts]
    data = [
        {
            "at": both(row["at"]),
            "part": both(row["part"]),
            "count": row["count"],
            "place": domain.index(both(row["part"])),
        }
        for row in rows
    ]
    order = list(dict.fromkeys(row["at"] for row in data))
    return chart(
        height,
        data={"values": data},
        mark={"type": "bar", "stroke": "#1d2126", "strokeWidth": 0.5},
        encoding={
            "x": {"field": "at", "type": "ordinal", "sort": order, "title": both(x)},
            "y": {"field": "count", "type": "quantitative", "title": both(y), "axis": {"tickMinStep": 1}},
            "color": {
                "field": "part",
                "type": "nominal",
                "title": None,
                "sort": domain,
                "scale": {"domain": domain, "range": [colour for _, colour in parts]},
            },
            "order": {"field": "place"},
            "tooltip": [
                {"field": "at", "title": both(x)},
                {"field": "part", "title": both(Words("分类", "Part"))},
                {"field": "count", "title": both(y)},
            ],
        },
    )


def lying(
    rows: Sequence[dict[str, Any]], x: Words, parts: Sequence[tuple[Words, str]], step: int = 26
) -> dict[str, Any]:
    """Shares of a whole as lying bars, a row a place, each as long as the others.

    `rows`: at, part (words), count; `x`: what is counted, told beside the pointer.
    """
    names = list(dict.fromkeys(both(row["at"]) for row in rows))
    upright = stacked(rows, x, x, parts)
    encoding = upright["encoding"]
    share = {"title": both(Words("占比", "Share")), "stack": "normalize", "axis": {"format": ".0%", "tickCount": 10}}
    across = encoding["y"] | share
    place = {"field": "at", "type": "nominal", "sort": names, "title": None, "axis": {"labelLimit": _LABEL}}
    return upright | {"height": _FRAME + step * len(names), "encoding": encoding | {"x": across, "y": place}}


def calendar(days: Sequence[dict[str, Any]], bands: Sequence[tuple[Words, str]]) -> dict[str, Any]:
    """A year as twelve rows of days, coloured by band, the index written in. `days`: day (date), index, band."""
    domain = [both(words) for words, _ in bands]
    data = [
        {"month": entry["day"].month, "day": entry["day"].day, "index": entry["index"], "band": both(entry["band"])}
        for entry in days
    ]
    dark = [both(words) for words, colour in bands if _is_dark(colour)]
    x = {"field": "day", "type": "ordinal", "title": both(Words("日", "Day"))}
    y = {"field": "month", "type": "ordinal", "title": both(Words("月", "Month"))}
    return chart(
        _FRAME + 24 * len({row["month"] for row in data}),
        data={"values": data},
        layer=[
            {
                "mark": {"type": "rect", "stroke": "#ffffff", "strokeWidth": 1},
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": {
                        "field": "band",
                        "type": "nominal",
                        "title": None,
                        "scale": {"domain": domain, "range": [colour for _, colour in bands]},
                    },
                },
            },
            {
                "mark": {"type": "text", "fontSize": 10},
                "encoding": {
                    "x": x,
                    "y": y,
                    "text": {"field": "index", "type": "quantitative"},
                    "color": {
                        "condition": {"test": {"field": "band", "oneOf": dark}, "value": "#ffffff"},
                        "value": "#1d2126",
                    },
                },
            },
        ],
    )


def _is_dark(colour: str) -> bool:
    """Whether white text reads better on a colour (#rrggbb) than dark text."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 110


def bars(
    rows: Sequence[dict[str, Any]],
    x: Words,
    *,
    aim: float | None = None,
    zero: bool = True,
    most: float | None = None,
    step: int = 26,
) -> dict[str, Any]:
    """Lying bars, the longest name at the left in full. `rows`: name, value, text (as written), maybe low and high.

    With low and high a bar becomes a point with its interval; `aim` draws a line; without `zero` the axis
    holds the values only; no tick lies above `most`, beyond which no value can be.
    """
    data = [
        {"name": both(row["name"]), "value": row["value"], "text": both(row["text"])}
        | {key: row[key] for key in ("low", "high") if row.get(key) is not None}
        for row in rows
    ]
    y = {"field": "name", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": _LABEL}}
    # The text beside the last mark needs room.
    whole = zero and min(row["value"] for row in data) >= 0
    scale = {"domain": [0, 1.15 * max(row["value"] for row in data) or 1]} if whole else {"zero": zero, "padding": 70}
    axis: dict[str, Any] = {"format": "~g", "tickMinStep": 0.01 if not zero else 1}
    if most is not None:
        lowest = min(row.get("low", row["value"]) for row in data) // 5 * 5
        axis["values"] = [lowest + 5 * tick for tick in range(int((most - lowest) // 5) + 1)]
    across = {"field": "value", "type": "quantitative", "title": both(x), "scale": scale, "axis": axis}
    layers: list[dict[str, Any]] = []
    if any("low" in row for row in data):
        spread = {"y": y, "x": across | {"field": "low"}, "x2": {"field": "high"}}
        layers.append(
            {"mark": {"type": "rule", "strokeWidth": 4, "opacity": 0.4, "color": "#0b4f9c"}, "encoding": spread}
        )
        layers.append(
            {
                "mark": {"type": "point", "filled": True, "size": 80, "color": "#0b4f9c"},
                "encoding": {"y": y, "x": across},
            }
        )
        write = {"type": "text", "align": "center", "dy": -10}
    else:
        layers.append({"mark": {"type": "bar", "color": "#0b4f9c"}, "encoding": {"y": y, "x": across}})
        write = {"type": "text", "align": "left", "dx": 4}
    layers.append({"mark": write, "encoding": {"y": y, "x": across, "text": {"field": "text", "type": "nominal"}}})
    if aim is not None:
        line = {"type": "rule", "color": "#a3201a", "strokeDash": [5, 4]}
        layers.append(
            {
                "data": {"values": [{"aim": aim}]},
                "mark": line,
                "encoding": {"x": {"field": "aim", "type": "quantitative"}},
            }
        )
    return chart(_FRAME + step * len(data), data={"values": data}, layer=layers)


def waterfall(steps: Sequence[dict[str, Any]], title: Words, height: int = 300) -> dict[str, Any]:
    """From a first value by steps to a last one. `steps`: name, start, end, text; whole bars start at zero."""
    data = [
        {"name": both(step["name"]), "start": step["start"], "end": step["end"], "text": step["text"]}
        | {"kind": "whole" if step["start"] == 0 else "down" if step["end"] < step["start"] else "up"}
        | {"top": max(step["start"], step["end"])}
        for step in steps
    ]
    x = {"field": "name", "type": "ordinal", "sort": None, "title": None}
    colour = {
        "field": "kind",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": ["whole", "down", "up"], "range": ["#0b4f9c", "#17663a", "#a3201a"]},
    }
    y = {"type": "quantitative", "title": both(title)}
    return chart(
        height,
        data={"values": data},
        layer=[
            {
                "mark": {"type": "bar", "size": 46},
                "encoding": {"x": x, "y": {"field": "start", **y}, "y2": {"field": "end"}, "color": colour},
            },
            {
                "mark": {"type": "text", "dy": -8},
                "encoding": {"x": x, "y": {"field": "top", **y}, "text": {"field": "text", "type": "nominal"}},
            },
        ],
    )


def places(rows: Sequence[dict[str, Any]], parts: Sequence[tuple[Words, str]]) -> dict[str, Any]:
    """Stations on the ground, a degree of latitude as long as it is. `rows`: name, longitude, latitude, part."""
    data = [
        {"name": row["name"], "x": float(row["longitude"]), "y": float(row["latitude"]), "part": both(row["part"])}
        for row in rows
    ]
    east, north = [row["x"] for row in data], [row["y"] for row in data]
    margin = max(max(east) - min(east), max(north) - min(north), 0.05) * 0.12
    wide, high = max(east) - min(east) + 2 * margin, max(north) - min(north) + 2 * margin
    height = round(min(max(_MAP_WIDTH * high / (wide * cos(radians(north[0]))), 200), 640))
    axes = {
        "x": _degrees("x", Words("东经（度）", "Longitude (° E)"), min(east) - margin, max(east) + margin),
        "y": _degrees("y", Words("北纬（度）", "Latitude (° N)"), min(north) - margin, max(north) + margin),
    }
    scale = {"domain": [both(words) for words, _ in parts], "range": [shade for _, shade in parts]}
    dot = {"type": "point", "filled": True, "size": 130, "stroke": "#1d2126", "strokeWidth": 1, "opacity": 1}
    colour = {"field": "part", "type": "nominal", "title": None, "scale": scale}
    name = {"field": "name", "type": "nominal"}
    layers = [
        {"mark": dot, "encoding": {**axes, "color": colour}},
        {"mark": {"type": "text", "align": "left", "dx": 9}, "encoding": {**axes, "text": name}},
    ]
    return {"$schema": _SCHEMA, "width": _MAP_WIDTH, "height": height, "data": {"values": data}, "layer": layers}


def _degrees(field: str, title: Words, low: float, high: float) -> dict[str, Any]:
    scale = {"domain": [round(low, 3), round(high, 3)], "nice": False}
    return {"field": field, "type": "quantitative", "title": both(title), "scale": scale, "axis": {"format": ".2f"}}
