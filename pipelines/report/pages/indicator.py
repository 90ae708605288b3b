"""One page per indicator: its course, how it is computed, what it rests on, what was said of it before.

Belongs here: what the page shows. Does not belong here: values and verdicts (`assets`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from assets.plan.words import COMPARATORS, KINDS, MEASURES, PATHS
from assets.status.history import CAUSES
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

Rows = list[dict[str, Any]]

#: The difference of two percentages is in points.
_UNIT_OF_GAP = {"%": "points"}


@dataclass(frozen=True)
class Facts:
    """Rows of all indicators, by code: own values, provincial values, margins, periods, history."""

    values: dict[str, Rows]
    province: dict[str, Rows]
    margins: dict[str, Rows]
    periods: dict[str, Rows]
    history: dict[str, Rows]


def read_facts(night: Night) -> Facts:
    """What the pages of indicators show, in one query a table."""
    plan, region = night.card.plan, night.region

    def rows(query: str, *parameters: Any) -> dict[str, Rows]:
        found: dict[str, Rows] = defaultdict(list)
        for row in night.rows(query, *parameters):
            found[row["indicator"]].append(row)
        return found

    def own(table: str, order: str) -> dict[str, Rows]:
        return rows(f"FROM {table} WHERE plan = ? AND region_code = ? ORDER BY {order}", plan, region)

    return Facts(
        values=own("mart.indicator_value", "year, NOT headline, definition"),
        province=rows(
            "SELECT v.* FROM mart.indicator_value v JOIN mart.indicator i ON i.plan = v.plan AND i.code = v.indicator "
            "WHERE v.plan = ? AND v.region_code = i.province_code AND v.headline ORDER BY year",
            plan,
        ),
        margins=own("mart.pass_rate_margin", "year, NOT headline, definition"),
        periods=own("mart.indicator_period", "period_start, definition"),
        history=own("mart.indicator_status_history", "NOT headline, definition, year, said_from"),
    )


def page(night: Night, facts: Facts, code: str) -> Page:
    """`indicator/CODE.html`."""
    row = night.indicators[code]
    statuses = [entry for entry in night.statuses.get(code, []) if entry["headline"]]
    now = next((entry for entry in statuses if entry["year"] == night.card.year), None)
    sections = [
        _course(night, facts, code, statuses),
        _computed(night, row, now),
        _rests_on(night, facts, code),
        _history(night, facts, code),
        _rows(night, row),
    ]
    return Page(
        night.page_of(code),
        Words(f"{row['number']}. {row['zh']}", f"{row['number']}. {row['en']}"),
        sections=[section for section in sections if section],
        template="indicator.html",
        more={"row": row, "now": _now(night, now) if now else None},
    )


def _now(night: Night, now: dict[str, Any]) -> dict[str, Any]:
    """The verdict of the reporting year on top of the page."""
    facts = [
        (Words("值", "Value"), measured(now["value"], now, origin_badge(now))),
        (Words("目标", "Target"), measured(now["target"], now)),
        (Words("目标年", "Target year"), text(now["target_year"])),
        (Words("当年要求", "Asked this year"), measured(now["required"], now)),
        (Words("差距", "Gap"), figure(now["gap"], unit_words(_UNIT_OF_GAP.get(now["unit"], now["unit"])))),
        (Words("95%置信区间", "95 % interval"), interval(now)),
        (Words("样本数", "Rests on (n)"), figure(now["n"])),
        (Words("数据完整", "Complete"), yes_no(now["complete"]) if now["value"] is not None else text(None)),
    ]
    return {
        "status": night.status(now["status"]),
        "reason": Words(now["reason_zh"], now["reason"]),
        "facts": facts,
        "year": now["year"],
    }


def _course(night: Night, facts: Facts, code: str, statuses: Rows) -> Section:
    unit = unit_words(night.indicators[code]["unit"])
    judged = {row["year"] for row in statuses}
    before = [row for row in facts.values.get(code, []) if row["headline"] and row["year"] not in judged]
    plotted = [
        _point(row, charts.VALUE, "value", low=row["ci_low"], high=row["ci_high"]) for row in (*before, *statuses)
    ]
    plotted += [_point(row, charts.ASKED, "required") for row in statuses]
    plotted += [_point(row, charts.TARGET, "target") for row in statuses if row["target_year"] == row["year"]]
    plotted += [_point(row, charts.PROVINCE, "value") for row in facts.province.get(code, [])]
    plotted = sorted((row for row in plotted if row["value"] is not None), key=lambda row: row["year"])
    name = Words(night.indicators[code]["zh"], night.indicators[code]["en"])
    drawn = []
    if any(row["series"] == charts.VALUE for row in plotted):
        title = Words(f"值（{unit.zh}）", f"Value ({unit.en})") if unit.zh else charts.VALUE
        alt = Words(
            f"{name.zh}：历年值、当年要求和目标；竖条为95%置信区间。数字见下表。",
            f"{name.en}: values, what was asked, targets; bars are 95 % intervals. The numbers stand in the table.",
        )
        drawn = [Chart(charts.course(plotted, title), alt)]
    province = {row["year"]: row for row in facts.province.get(code, [])}
    rows = [
        [
            Cell(str(row["year"]), row["year"]),
            measured(row["value"], row, origin_badge(row)),
            measured(row.get("required"), row),
            measured(row.get("target"), row),
            interval(row),
            measured(province[row["year"]]["value"], row, origin_badge(province[row["year"]]))
            if row["year"] in province
            else text(None),
            figure(row["n"]),
            yes_no(row["complete"]) if row["value"] is not None else text(None),
            night.status(row["status"]) if "status" in row else text(None),
        ]
        for row in (*before, *statuses)
    ]
    names = columns(
        ("年份", "Year"),
        ("值", "Value", True),
        ("当年要求", "Asked", True),
        ("目标", "Target", True),
        ("95%区间", "95 % interval", True),
        ("全省", "Province", True),
        ("样本数", "n", True),
        ("完整", "Complete"),
        ("状态", "Status"),
    )
    return Section(
        "course",
        Words("历年情况", "Over the years"),
        charts=drawn,
        grids=[Grid(Words("历年值与判定", "Values and verdicts"), names, rows), *_periods(night, facts, code)],
    )


def _point(row: dict[str, Any], series: Words, field: str, **more: Any) -> dict[str, Any]:
    return {"year": row["year"], "series": series, "value": row[field], **more}


def _periods(night: Night, facts: Facts, code: str) -> list[Grid]:
    found = facts.periods.get(code)
    if not found:
        return []
    rows = [
        [
            text(row["period"]),
            text(row["definition"]),
            measured(row["value"], night.indicators[code], origin_badge(row)),
            figure(row["n"]),
            yes_no(row["complete"]),
        ]
        for row in found
    ]
    names = columns(
        ("报告期", "Period"),
        ("口径", "Definition"),
        ("值", "Value", True),
        ("样本数", "n", True),
        ("完整", "Complete"),
    )
    return [Grid(Words("各报告期（要求各期均达到）", "Reported periods (the level must hold in each)"), names, rows)]


def _computed(night: Night, row: dict[str, Any], now: dict[str, Any] | None) -> Section:
    """Definition, clause, comparator: how the number and the verdict come about."""
    entries = [
        (Words("条款", "Clause"), text(row["clause"])),
        (Words("定义与公式", "Definition and formula"), text(row["definition"])),
        (Words("类别", "Kind"), said(*word(named(KINDS), row["kind"]))),
        (Words("度量", "Measure"), said(*word(named(MEASURES), row["measure"]))),
        (Words("比较方式", "Held against what is asked as"), said(*word(named(COMPARATORS), row["comparator"]))),
        (Words("年度路径", "Path between targets"), said(*word(named(PATHS), row["path"]))),
        (Words("主口径", "Definition that counts"), text(now and now["definition"])),
        (Words("文件中有定义", "Defined in the plan"), yes_no(row["definition_in_plan"])),
        (
            Words("责任单位", "Responsible body"),
            said(row["responsible_body_zh"] or "未指定", row["responsible_body_en"] or "not named"),
        ),
        (Words("解读说明", "How the text was read"), text(row["note"])),
        (Words("需要的数据", "Data that it needs"), said(row["feeds_zh"] or "–", row["feeds_en"] or "–")),
        (Words("收件夹", "Inbox folders"), text(row["inbox_folders"])),
    ]
    rows = [[said(*name), value] for name, value in entries if value.text not in ("–", Words("–", "–"))]
    return Section(
        "computed",
        Words("如何计算", "How it is computed"),
        grids=[
            Grid(Words("定义与依据条款", "Definition and clause"), columns(("项目", "What"), ("内容", "Words")), rows)
        ],
    )


def _rests_on(night: Night, facts: Facts, code: str) -> Section:
    """Every definition of every year: numerator, denominator, and what they rest on."""
    row = night.indicators[code]
    rows = [
        [
            Cell(str(value["year"]), value["year"]),
            said(value["definition"] + "（主口径）", value["definition"] + " (counts)")
            if value["headline"]
            else text(value["definition"]),
            figure(value["value"], unit_words(value["unit"]), origin_badge(value)),
            figure(value["numerator"]),
            figure(value["denominator"]),
            said(*origin_words(value["origin"])),
            text(value["basis"]),
        ]
        for value in facts.values.get(code, [])
    ]
    names = columns(
        ("年份", "Year"),
        ("口径", "Definition"),
        ("值", "Value", True),
        ("分子", "Numerator", True),
        ("分母", "Denominator", True),
        ("数据性质", "Origin"),
        ("依据", "Rests on"),
    )
    folders = row["inbox_folders"] or "statistical_returns"
    empty = Words(
        f"尚无数据。请把{row['feeds_zh'] or '所需数据'}放入收件夹 {folders}。",
        f"No data yet. Put {row['feeds_en'] or 'the data'} into the inbox folder {folders}.",
    )
    grids = [Grid(Words("各口径的值与依据", "Values of every definition and what they rest on"), names, rows, empty)]
    if margins := facts.margins.get(code):
        grids.append(_margins(margins))
    return Section("basis", Words("数据依据", "What it rests on"), grids=grids)


def _margins(found: Rows) -> Grid:
    rows = [
        [
            Cell(str(row["year"]), row["year"]),
            said(row["definition"] + "（主口径）", row["definition"] + " (counts)")
            if row["headline"]
            else text(row["definition"]),
            figure(row["rate"], "%"),
            said(
                f"{row['passed']:,} / {row['inspected']:,}",
                f"{row['passed']:,} / {row['inspected']:,}",
                row["inspected"],
            ),
            figure(row["province_rate"], "%"),
            said(
                f"{row['province_passed']:,} / {row['province_inspected']:,}",
                f"{row['province_passed']:,} / {row['province_inspected']:,}",
                row["province_inspected"],
            ),
            figure(row["difference"], unit_words("points"), origin_badge(row)),
            interval(row),
        ]
        for row in found
    ]
    names = columns(
        ("年份", "Year"),
        ("口径", "Definition"),
        ("本市合格率", "City rate", True),
        ("合格/抽检", "Passed / inspected", True),
        ("全省合格率", "Province rate", True),
        ("全省合格/抽检", "Province passed / inspected", True),
        ("差距", "Difference", True),
        ("95%区间", "95 % interval", True),
    )
    return Grid(Words("与全省比较", "Against the province"), names, rows)


def _history(night: Night, facts: Facts, code: str) -> Section:
    causes = {cause.code: Words(cause.zh, cause.en) for cause in CAUSES.codes}
    rows = [
        [
            Cell(str(row["year"]), row["year"]),
            Cell(f"{row['said_from']:%Y-%m-%d %H:%M}"),
            Cell(f"{row['said_until']:%Y-%m-%d %H:%M}") if row["said_until"] else said("至今", "until now"),
            night.status(row["status"]),
            measured(row["value"], row, origin_badge(row)),
            said(*causes[row["cause"]]),
        ]
        for row in facts.history.get(code, [])
        if row["headline"]
    ]
    names = columns(
        ("年份", "Year"),
        ("自", "Said from"),
        ("至", "Until"),
        ("状态", "Status"),
        ("值", "Value", True),
        ("变化原因", "Why it changed"),
    )
    return Section(
        "history",
        Words("判定历史", "What was said before"),
        grids=[Grid(Words("每次发布对各年的判定", "What each published night said"), names, rows)],
    )


def _rows(night: Night, row: dict[str, Any]) -> Section:
    """How to follow the number to the file, sheet and row that it comes from."""
    code = row["code"]
    query = (
        "SELECT year, definition, value, unit, origin, basis FROM mart.indicator_value "
        f"WHERE indicator = '{code}' AND region_code = '{night.region}' ORDER BY year"
    )
    commands = [
        (
            Words("从数值到公式、逐行数据、文件和行号", "from the number to its formula, rows, file and line"),
            f"quality-city explain {code} --region {night.region} --year {night.card.year} --plan {night.card.plan}",
        ),
        (Words("各年各口径的值", "values of every year and definition"), f'quality-city sql "{query}"'),
    ]
    note = Words(
        "同一夜的数据库 warehouse.duckdb 就在本报告所在文件夹的上一级，任何DuckDB客户端都能打开。",
        "The night's database, warehouse.duckdb, lies one folder above this report; any DuckDB client opens it.",
    )
    rows = [[said(*what), Cell(command, look="command")] for what, command in commands]
    grid = Grid(Words("命令", "Commands"), columns(("取什么", "What"), ("命令", "Command")), rows)
    return Section("rows", Words("取数与溯源", "Get the rows"), [note], grids=[grid])
