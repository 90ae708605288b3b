"""The closed sets of words in the plan's tables, with their names in both languages.

Belongs here: names of comparators, kinds, measures, directions, path rules and sources of a
requirement. Does not belong here: the sets themselves (`assets.plan.model`), status words
(`assets.status.words`).
"""

from __future__ import annotations

from assets.plan.model import Better, Comparator, Kind, Measure, PathRule
from sources.registry import Codes, codes

COMPARATORS: Codes = codes(
    (Comparator.AT_LEAST, "不低于", "at least"),
    (Comparator.MORE_THAN, "高于", "more than"),
    (Comparator.AT_MOST, "不高于", "at most"),
    (Comparator.EXACTLY, "等于", "exactly"),
    (Comparator.CUMULATIVE_COUNT, "累计数不少于", "cumulative count of at least"),
    (Comparator.PER_YEAR_AT_LEAST, "每年不少于", "at least, every year"),
    (Comparator.AVERAGE_PER_YEAR, "年均不少于", "at least, on average a year"),
    (Comparator.ABOVE_PROVINCE, "高于全省平均", "above the provincial average"),
    (Comparator.REDUCTION_ON_BASE, "比基年下降", "reduction on the base year"),
    (Comparator.RISING_EVERY_YEAR, "逐年提高", "rising every year"),
    (Comparator.RISING_AGAINST_BASE, "比基年提高", "rising against the base year"),
    (Comparator.FALLING, "下降", "falling"),
    (Comparator.QUALITATIVE, "定性", "qualitative"),
)
KINDS: Codes = codes(
    (Kind.NUMERIC_TARGET, "定量目标", "numeric target"),
    (Kind.RELATIVE_TARGET, "相对目标", "relative target"),
    (Kind.DUTY, "工作任务", "duty without a number"),
)
MEASURES: Codes = codes(
    (Measure.SHARE, "占比", "100 · numerator ÷ denominator"),
    (Measure.RATIO, "比值", "numerator ÷ denominator"),
    (Measure.COUNT, "计数", "number of events or things"),
    (Measure.SCORE, "得分", "score or index"),
    (Measure.AMOUNT, "数额", "amount"),
    (Measure.CHANGE, "变化", "change or reduction"),
    (Measure.MARGIN, "差距", "difference to the province"),
    (Measure.EVIDENCE, "佐证", "evidence of a duty"),
)
BETTER: Codes = codes((Better.HIGHER, "越高越好", "higher"), (Better.LOWER, "越低越好", "lower"))
PATHS: Codes = codes(
    (PathRule.STRAIGHT_LINE, "直线", "straight line"),
    (PathRule.CONSTANT_RATE, "等速率", "constant yearly rate"),
    (PathRule.TABLE, "逐年给定", "a number given for each year"),
    (PathRule.NONE, "无", "none"),
)
#: Where the requirement of a year comes from.
SOURCES: Codes = codes(
    ("text", "文件规定", "set by the text for this year"),
    ("path", "路径推算", "on the path to a later target"),
    ("ahead", "目标在后", "a later year has a target, this year none and no path"),
    ("past", "目标已过", "the last target lies before this year"),
    ("none", "无目标", "the text sets no target"),
)
