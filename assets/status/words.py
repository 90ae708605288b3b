"""The closed set of status words.

Belongs here: the ten words, their names and explanations, and their table `meta.status`. Does not
belong here: when a word is given (`assets.status.findings`).
"""

from __future__ import annotations

import polars as pl

from sources.registry import Codes, Table, codes, integer, text
from warehouse.marts import ReferenceTable

#: (status, zh, en, explanation zh, explanation en), in the order in which a scorecard lists them.
_WORDS = (
    ("met", "达标", "met",
     "达到文件对该年规定的要求。", "What the plan asks for this year is reached."),
    ("on_track", "达序时进度", "on track",
     "文件未对该年规定数值，实际值达到路径要求或已达最终目标。",
     "The plan sets nothing for this year; the value is on the path, or already at the final target."),
    ("behind", "落后序时进度", "behind",
     "文件未对该年规定数值，实际值落后于路径要求。",
     "The plan sets nothing for this year; the value is behind the path."),
    ("missed", "未达标", "missed",
     "未达到文件对该年规定的要求。", "What the plan asks for this year is not reached."),
    ("slipped", "达标后回落", "slipped",
     "规划要求稳定保持，曾经达到，现低于要求。",
     "The plan asks that the level be held; it was reached, and is below now."),
    ("insufficient_data", "数据不足", "insufficient data",
     "有数据，但不足以判定。", "There are data, but not enough for a verdict."),
    ("no_data", "无数据", "no data",
     "没有可用数据。", "There are no data that can be used."),
    ("not_due", "未到期", "not due",
     "判定时点未到，或规划期已结束。", "The time of judgement has not come, or the plan has ended."),
    ("reported", "已报告", "reported",
     "无数值目标的任务已有佐证，或里程碑年份已过。",
     "A duty without a number has evidence, or the milestone lies behind."),
    ("not_assessable", "无法判定", "not assessable",
     "数值本身不可能，需核查来源。", "The value cannot be what it claims to be; its source must be checked."),
)  # fmt: skip

STATUSES: Codes = codes(*((word, zh, en) for word, zh, en, _, _ in _WORDS))

STATUS = Table(
    "meta.status",
    "状态词",
    "Status words",
    (
        text("code", "状态", "status word", required=True),
        integer("position", "次序", "order in which a scorecard lists it"),
        text("zh", "中文名", "name in Chinese"),
        text("en", "英文名", "name in English"),
        text("meaning_zh", "含义", "meaning in Chinese"),
        text("meaning_en", "英文含义", "meaning in English"),
    ),
    ("code",),
)


def status_frame() -> pl.DataFrame:
    """Rows of `STATUS`, one per word."""
    return pl.DataFrame(
        [(word, position, *names) for position, (word, *names) in enumerate(_WORDS, 1)],
        schema=STATUS.polars_schema,
        orient="row",
    )


STATUS_REFERENCE = ReferenceTable(STATUS, status_frame, source="fixed by this software")
