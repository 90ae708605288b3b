"""Towns: what each contributes to the city's numbers. No verdict and no ranking is given here.

Belongs here: what the page shows. Does not belong here: the values (`assets`).
"""

from __future__ import annotations

from typing import Any

from pipelines.report import charts
from pipelines.report.night import Night, measured, origin_badge, origin_words, unit_words
from pipelines.report.parts import Cell, Chart, Grid, Page, Section, Words, columns, figure, said
from pipelines.shown import digits


def page(night: Night) -> Page:
    """`towns.html`."""
    found = night.rows(
        "FROM mart.indicator_value v WHERE v.plan = ? AND v.year = ? AND v.headline "
        "AND v.region_code IN (SELECT code FROM mart.region WHERE parent_code = ?) "
        "ORDER BY v.indicator, v.region_code",
        night.card.plan,
        night.card.year,
        night.region,
    )
    by_indicator: dict[str, list[dict[str, Any]]] = {}
    for row in found:
        by_indicator.setdefault(row["indicator"], []).append(row)
    order = sorted(by_indicator, key=lambda code: night.indicators[code]["number"])
    note = Words(
        "本页列出各镇、街道、园区对全市指标的贡献，按区划代码排列，不作判定，也不排名。",
        "What towns, subdistricts and zones contribute to the city's numbers, in the order of their codes: no verdict, "
        "no ranking.",
    )
    sections = [_indicator(night, code, by_indicator[code]) for code in order] or [_nothing()]
    return Page(
        "towns.html",
        Words(f"镇与街道 {night.card.year}年", f"Towns, {night.card.year}"),
        sections=sections,
        intro=[note],
    )


def _indicator(night: Night, code: str, rows: list[dict[str, Any]]) -> Section:
    own = night.indicators[code]
    name = Words(f"{own['number']}. {own['zh']}", f"{own['number']}. {own['en']}")
    unit = unit_words(rows[0]["unit"])
    bars = [
        {"name": night.region_name(row["region_code"]), "value": row["value"], "text": digits(row["value"])}
        for row in rows
        if row["value"] is not None
    ]
    drawn = []
    if bars:
        alt = Words(f"各镇街：{own['zh']}。", f"Towns: {own['en']}.")
        title = Words(unit.zh or "数量", unit.en or "number")
        drawn = [Chart(charts.bars(bars, title), alt)]
    lines = [
        [
            said(*night.region_name(row["region_code"]), row["region_code"]),
            measured(row["value"], row, origin_badge(row)),
            figure(row["numerator"]),
            figure(row["denominator"]),
            said("是", "yes") if row["complete"] else said("否", "no", look="s-behind"),
            said(*origin_words(row["origin"])),
        ]
        for row in rows
    ]
    city = next(
        (row for row in night.statuses.get(code, []) if row["year"] == night.card.year and row["headline"]), None
    )
    if city:
        total = [
            Cell(Words("全市", "The city"), "~", href=night.page_of(code)),
            measured(city["value"], city, origin_badge(city)),
            Cell("–"),
            Cell("–"),
            said("是", "yes") if city["complete"] else said("否", "no", look="s-behind"),
            said(*origin_words(city["origin"])),
        ]
        lines.append(total)
    names = columns(
        ("地区", "Town"),
        ("值", "Value", True),
        ("分子", "Numerator", True),
        ("分母", "Denominator", True),
        ("完整", "Complete"),
        ("数据性质", "Origin"),
    )
    return Section(code, name, charts=drawn, grids=[Grid(Words("各镇街的值", "Values by town"), names, lines)])


def _nothing() -> Section:
    send = Words(
        "没有分镇数据。请在报送 statistical_returns、register_events 等时填写镇、街道的区划代码（9位）。",
        "No data by town. Fill in the town's code (nine digits) in returns, registers and the like.",
    )
    return Section(
        "nothing",
        Words("各镇街的值", "Values by town"),
        grids=[Grid(Words("各镇街的值", "Values by town"), [], [], send)],
    )
