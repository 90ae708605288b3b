"""Towns: what each has in the city's numbers, and their verdicts where the city supplies a plan for towns.

Belongs here: what the page shows. Does not belong here: contributions, verdicts, places (`assets.towns`).
"""

from __future__ import annotations

from typing import Any

from assets.towns.contribution import REST
from assets.towns.ranking import UNRANKED
from pipelines.report import charts
from pipelines.report.night import Night, interval, measured, origin_badge, origin_words, unit_words
from pipelines.report.parts import (
    Cell,
    Chart,
    Grid,
    Page,
    Section,
    Words,
    columns,
    figure,
    named,
    said,
    text,
    word,
    yes_no,
)
from pipelines.shown import digits

Rows = list[dict[str, Any]]

_UNRANKED = named(UNRANKED)
_REST = Words("其余（全市减各镇街）", "the rest (city less towns)")
_SEND = Words(
    "没有分镇数据。请在报送 statistical_returns、register_events 等时填写镇、街道的区划代码（9位）。",
    "No data by town. Fill in the town's code (nine digits) in statistical_returns, register_events and the like.",
)


def page(night: Night) -> Page:
    """`towns.html`."""
    found = night.rows(
        "FROM mart.town_contribution WHERE plan = ? AND year = ? ORDER BY indicator, part DESC, region_code",
        night.card.plan,
        night.card.year,
    )
    by_indicator: dict[str, Rows] = {}
    for row in found:
        by_indicator.setdefault(row["indicator"], []).append(row)
    order = sorted(by_indicator, key=lambda code: night.indicators[code]["number"])
    nothing = Section("nothing", _CAPTION, grids=[Grid(_CAPTION, [], [], _SEND)])
    intro = [
        Words(
            "按区划代码排列。贡献既反映好坏，也反映大小：大镇在好与坏中都占得多，请比较数值而不是贡献。",
            "In the order of their codes. A contribution says how large a town is as much as how good: compare values, "
            "not contributions.",
        ),
        Words(
            "有镇街方案时才有判定和名次。",
            "Towns have verdicts and places by a town plan of the city only.",
        ),
    ]
    return Page(
        "towns.html",
        Words(f"镇与街道 {night.card.year}年", f"Towns, {night.card.year}"),
        sections=[*([_indicator(night, code, by_indicator[code]) for code in order] or [nothing]), _verdicts(night)],
        intro=intro,
    )


_CAPTION = Words("各镇街的值与贡献", "Values and contributions of towns")


def _indicator(night: Night, code: str, rows: Rows) -> Section:
    own = night.indicators[code]
    unit = unit_words(rows[0]["unit"])
    bars = [
        {"name": night.region_name(row["region_code"]), "value": row["value"], "text": digits(row["value"])}
        for row in rows
        if row["part"] != REST and row["value"] is not None
    ]
    drawn = []
    if bars:
        alt = Words(f"各镇街：{own['zh']}。", f"Towns: {own['en']}.")
        drawn = [Chart(charts.bars(bars, Words(unit.zh or "数量", unit.en or "number")), alt)]
    lines = [
        [
            said(*_REST, "~")
            if row["part"] == REST
            else said(*night.region_name(row["region_code"]), row["region_code"]),
            measured(row["value"], row, origin_badge(row)),
            figure(row["numerator"]),
            figure(row["denominator"]),
            figure(row["weight"], "%"),
            figure(row["contribution"]),
            figure(row["effect"]),
            yes_no(row["complete"]),
            said(*origin_words(row["origin"])),
        ]
        for row in rows
    ]
    city = rows[0]["city_value"]
    total = [Cell(Words("全市", "The city"), "~~", href=night.page_of(code)), measured(city, rows[0])]
    lines.append([*total, *(text(None) for _ in range(3)), figure(city), *(text(None) for _ in range(3))])
    names = columns(
        ("地区", "Town"),
        ("值", "Value", True),
        ("分子", "Numerator", True),
        ("分母", "Denominator", True),
        ("权重", "Weight", True),
        ("贡献", "Contribution", True),
        ("影响", "Effect", True),
        ("完整", "Complete"),
        ("数据性质", "Origin"),
    )
    name = Words(f"{own['number']}. {own['zh']}", f"{own['number']}. {own['en']}")
    note = Words(
        "贡献之和等于全市数值；影响为全市数值减去没有该镇街时的数值。",
        "Contributions add up to the city's value; the effect is the city's value less what it would be without the "
        "town.",
    )
    return Section(code, name, [note], charts=drawn, grids=[Grid(_CAPTION, names, lines)])


def _place(row: dict[str, Any]) -> Cell:
    if row["rank"] is not None:
        return figure(row["rank"])
    return said(*word(_UNRANKED, row["unranked_because"]))


def _verdicts(night: Night) -> Section:
    """Verdicts and places by the town plan, where there is one."""
    found = night.rows(
        "FROM mart.town_status WHERE plan = ? AND year = ? AND headline ORDER BY town_plan, indicator, region_code",
        night.card.plan,
        night.card.year,
    )
    rows = [
        [
            said(*night.region_name(row["region_code"]), row["region_code"]),
            Cell(Words(own["zh"], own["en"]), own["zh"], href=night.page_of(row["indicator"])),
            measured(row["value"], row, origin_badge(row)),
            interval(row),
            measured(row["required"], row),
            night.status(row["status"]),
            _place(row),
            said(row["reason_zh"], row["reason"]),
        ]
        for row in found
        if (own := night.indicators.get(row["indicator"]))
    ]
    names = columns(
        ("地区", "Town"),
        ("指标", "Indicator"),
        ("值", "Value", True),
        ("95%区间", "95 % interval", True),
        ("当年要求", "Asked", True),
        ("状态", "Status"),
        ("名次", "Place"),
        ("理由", "Why"),
    )
    title = Words("按镇街方案的判定", "Verdicts by the town plan")
    empty = Words(
        "没有镇街方案，因此没有判定和名次。写法见 docs/add-a-town.md。",
        "There is no town plan, hence no verdict and no place: docs/add-a-town.md says how to write one.",
    )
    return Section("verdicts", title, grids=[Grid(title, names, rows, empty)])
