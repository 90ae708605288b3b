"""The scorecard: every statement of the plan in the reporting year, by chapter.

Belongs here: what a line of it shows. Does not belong here: verdicts (`assets.status`).
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

from pipelines.report.night import Night, interval, measured, origin_badge
from pipelines.report.parts import Cell, Grid, Page, Section, Words, columns, figure, said
from pipelines.report.spark import spark
from pipelines.shown import SHAPES

#: Verdicts whose reason stands under the name: somebody has to act on them.
_EXPLAINED = {"behind", "missed", "slipped", "insufficient_data", "no_data", "not_assessable"}


def page(night: Night) -> Page:
    """`index.html` of a plan."""
    card = night.card
    chapters = [
        {
            "key": chapter,
            "title": Words(rows[0]["chapter_zh"], rows[0]["chapter_en"]),
            "lines": [_line(night, row) for row in rows],
        }
        for chapter, found in groupby(card.rows, key=lambda row: row["chapter_zh"])
        if (rows := list(found))
    ]
    counts = card.counts()
    tiles = [
        {"code": code, "shape": SHAPES[code], "words": words, "count": counts.get(code, 0)}
        for code, words in night.words.items()
        if counts.get(code)
    ]
    return Page(
        f"{night.place}index.html",
        Words(f"{night.city.zh}质量记分卡 {card.year}年", f"Scorecard of {night.city.en}, {card.year}"),
        sections=[_chapters(night)],
        template="scorecard.html",
        more={"chapters": chapters, "tiles": tiles, "total": len(card.rows)},
    )


def _line(night: Night, row: dict[str, Any]) -> dict[str, Any]:
    rows = [entry for entry in night.statuses[row["indicator"]] if entry["headline"]]
    other_year = row["target"] is not None and row["target_year"] != row["year"]
    target = measured(row["target"], row)
    if other_year and isinstance(target.text, Words):
        target = Cell(Words(f"{target.text.zh}（{row['target_year']}年）", f"{target.text.en} ({row['target_year']})"))
    return {
        "number": row["number"],
        "name": Words(row["zh"], row["en"]),
        "href": night.page_of(row["indicator"]),
        "value": measured(row["value"], row, origin_badge(row)),
        "incomplete": row["value"] is not None and row["complete"] is False,
        "target": target,
        "required": measured(row["required"], row),
        "interval": interval(row),
        "spark": spark(rows),
        "status": night.status(row["status"]),
        "code": row["indicator"],
        "why": Words(row["reason_zh"], row["reason"]) if row["status"] in _EXPLAINED else None,
    }


def _chapters(night: Night) -> Section:
    """Counts of each chapter and its score, with the plan's own at the end."""
    rolled = night.rows(
        "SELECT r.*, coalesce(i.chapter_no, 1000) AS place FROM mart.status_rollup r LEFT JOIN "
        "(SELECT DISTINCT plan, chapter, chapter_no FROM mart.indicator) i ON i.plan = r.plan AND i.chapter = r.code "
        "WHERE r.plan = ? AND r.region_code = ? AND r.year = ? AND r.level IN ('chapter', 'plan') ORDER BY place",
        night.card.plan,
        night.region,
        night.card.year,
    )
    rows = [
        [
            said(row["zh"] or "全部条目", row["en"] or "The whole plan", row["place"]),
            *(figure(row[name]) for name in ("indicators", "met", "on_track", "behind", "missed", "slipped")),
            figure(row["insufficient_data"] + row["no_data"] + row["not_assessable"]),
            figure(row["reported"]),
            figure(row["not_due"]),
            figure(row["score"]) if row["score"] is not None else said("不计分", "no score", ""),
        ]
        for row in rolled
    ]
    names = columns(
        ("章节", "Chapter"),
        ("指标", "Statements", True),
        ("达标", "Met", True),
        ("达序时进度", "On track", True),
        ("落后", "Behind", True),
        ("未达标", "Missed", True),
        ("回落", "Slipped", True),
        ("无法判定", "Not judged", True),
        ("已报告", "Reported", True),
        ("未到期", "Not due", True),
        ("得分", "Score", True),
    )
    note = Words(
        "得分满分100，只计有判定的指标；无法判定（无数据或数据不足）的过多时，该章不计分。任务类条目（已报告）不计分。",
        "Scores run to 100 and count judged statements only; a chapter with too many that could not be judged, for "
        "want of data, has none. Duties that are reported carry no score.",
    )
    return Section(
        "chapters",
        Words("各章概览", "Chapters"),
        [note],
        grids=[Grid(Words("各章状态数", "Statuses by chapter"), names, rows)],
    )
