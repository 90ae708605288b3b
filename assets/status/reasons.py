"""A finding put in words, English and Chinese.

Belongs here: filling the wording of a finding with the numbers of its row. Does not belong here: the
wording itself (`assets.status.findings`), which finding holds (`assets.status.verdict`).
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter

import ibis
import ibis.expr.types as ir

from assets.plan.model import RELATIVE, Comparator
from assets.plan.units import SAID_EN, SAID_ZH
from assets.status.comparators import one_of, satisfies
from assets.status.findings import FINDINGS
from assets.status.words import STATUSES

#: comparator → (en, zh); {than} becomes "at least" or "more than".
_ASKED: dict[Comparator, tuple[str, str]] = {
    Comparator.AT_LEAST: ("{than_en} {number_en}", "{than_zh}{number_zh}"),
    Comparator.MORE_THAN: ("more than {number_en}", "高于{number_zh}"),
    Comparator.AT_MOST: ("{under_en} {number_en}", "{under_zh}{number_zh}"),
    Comparator.EXACTLY: ("exactly {number_en}", "等于{number_zh}"),
    Comparator.CUMULATIVE_COUNT: (
        "{than_en} {number_en} since {window_start}", "自{window_start}起累计{than_zh}{number_zh}"),
    Comparator.PER_YEAR_AT_LEAST: ("{than_en} {number_en} a year", "每年{than_zh}{number_zh}"),
    Comparator.AVERAGE_PER_YEAR: (
        "{than_en} {number_en} a year on average since {base_year}",
        "自{base_year}年起年均{than_zh}{number_zh}"),
    Comparator.ABOVE_PROVINCE: (
        "{than_en} {number_en} above the province", "与全省平均之差{than_zh}{number_zh}"),
    Comparator.REDUCTION_ON_BASE: (
        "down by {than_en} {number_en} on {base_year}", "比{base_year}年降幅{than_zh}{number_zh}"),
    Comparator.RISING_EVERY_YEAR: ("above the year before{compared_en}", "高于上年{compared_zh}"),
    Comparator.RISING_AGAINST_BASE: ("above the base year{compared_en}", "高于基年{compared_zh}"),
    Comparator.FALLING: ("below {earlier_en}{compared_en}", "低于{earlier_zh}{compared_zh}"),
    Comparator.QUALITATIVE: ("no number", "无数值要求"),
}  # fmt: skip

#: Findings that already say that a level was lost.
_FALLS = ("fell_back", "period_fell_back")

#: Prefix of the columns that hold a row's words.
_WORD = "said_"


def with_reasons(rows: ir.Table) -> ir.Table:
    """`rows` of `assets.status.verdict.judged` with reason (English) and reason_zh."""
    rows = _with_cited(rows)
    rows = rows.mutate(**{_WORD + name: said.fill_null("–") for name, said in _row_words(rows).items()})
    rows = rows.mutate(
        **{
            f"{_WORD}asked_{language}": _said_by(rows, "comparator", {c: _ASKED[c][which] for c in _ASKED})
            for which, language in enumerate(("en", "zh"))
        }
    )
    return rows.mutate(
        reason=_said_by(rows, "finding", {f.code: f.en for f in FINDINGS}) + _further(rows, "en"),
        reason_zh=_said_by(rows, "finding", {f.code: f.zh for f in FINDINGS}) + _further(rows, "zh"),
    )


def shown(number: ir.NumericColumn) -> ir.StringColumn:
    """A number as a person reads it: at most four digits after the point, none where they are zero."""
    return number.round(4).cast("string").re_replace(r"\.0+$", "")


def _with_cited(rows: ir.Table) -> ir.Table:
    """With the verdict of the target year, for years after the last target."""
    verdicts = rows.select("plan", "indicator", "definition", cited_year=rows.year, cited=rows.status)
    keys = ["plan", "indicator", "definition"]
    joined = rows.left_join(verdicts, [*keys, rows.target_year == verdicts.cited_year])
    return joined.drop(*(f"{key}_right" for key in keys), "cited_year")


def _row_words(r: ir.Table) -> dict[str, ir.StringValue]:
    unit = r.value_unit.fill_null(r.unit)
    number, relative = r.needed.fill_null(r.target), one_of(r.comparator, RELATIVE)
    known = relative & r.compared.notnull()
    year_before = r.base_year.isnull()
    names = {code.code: code for code in STATUSES.codes}
    return {
        "year": r.year.cast("string"),
        "last_year": r.last_year.cast("string"),
        "target_year": r.target_year.cast("string"),
        "held_year": r.held_year.cast("string"),
        "reached_year": r.reached_year.cast("string"),
        "held_before": r.held_period.fill_null(r.held_year.cast("string")),
        "failed_period": r.failed_period,
        "failed_en": shown(r.failed_value) + _said(unit, SAID_EN, " "),
        "failed_zh": shown(r.failed_value) + _said(unit, SAID_ZH, ""),
        "judged": shown(r.judged_value),
        "tolerance": shown(r.tolerance),
        "stretch_en": shown(r.stretch) + _said(r.unit, SAID_EN, " "),
        "stretch_zh": shown(r.stretch) + _said(r.unit, SAID_ZH, ""),
        "base_year": r.base_year.cast("string"),
        "window_start": r.window_start.cast("string"),
        "feeds_en": r.feeds_en,
        "feeds_zh": r.feeds_zh,
        "inbox_folders": r.inbox_folders,
        "basis": r.basis,
        "value_en": shown(r.value) + _said(unit, SAID_EN, " "),
        "value_zh": shown(r.value) + _said(unit, SAID_ZH, ""),
        "number_en": shown(number) + _said(r.unit, SAID_EN, " "),
        "number_zh": shown(number) + _said(r.unit, SAID_ZH, ""),
        "than_en": ibis.ifelse(r.strict, "more than", "at least"),
        "than_zh": ibis.ifelse(r.strict, "超过", "不低于"),
        "under_en": ibis.ifelse(r.strict, "less than", "at most"),
        "under_zh": ibis.ifelse(r.strict, "低于", "不高于"),
        "earlier_en": ibis.ifelse(year_before, "the year before", "the base year"),
        "earlier_zh": ibis.ifelse(year_before, "上年", "基年"),
        "compared_en": ibis.ifelse(known, " (" + shown(r.compared) + " in " + r.compared_year.cast("string") + ")", ""),
        "compared_zh": ibis.ifelse(
            known, "（" + r.compared_year.cast("string") + "年为" + shown(r.compared) + "）", ""
        ),
        "source_en": ibis.cases(
            (r.source == "text", "set by the plan, " + r.clause),
            (relative, "on the way to " + r.target_year.cast("string")),
            (r.source == "path", "on the path to " + shown(r.target) + " in " + r.target_year.cast("string")),
            else_="by " + r.target_year.cast("string"),
        ),
        "source_zh": ibis.cases(
            (r.source == "text", "文件规定，" + r.clause),
            (relative, r.target_year.cast("string") + "年目标之前"),
            (r.source == "path", "按到" + r.target_year.cast("string") + "年" + shown(r.target) + "的路径"),
            else_="到" + r.target_year.cast("string") + "年",
        ),
        "cited_en": _by(r.cited, {code: names[code].en for code in names}),
        "cited_zh": _by(r.cited, {code: names[code].zh for code in names}),
        "definition": r.definition,
        "headline_definition": r.headline_definition,
        "ci": shown(r.ci_low) + "–" + shown(r.ci_high),
    }


def _further(r: ir.Table, language: str) -> ir.StringColumn:
    """What a reader must know beside the finding; empty where nothing applies."""
    english = language == "en"
    weighed = r.value.notnull() & (r.source != "ended")
    fell = (r.reached_year.notnull() & ~(r.finding.isin(_FALLS))) & r.status.isin(["missed", "behind", "not_due"])
    well = r.status.isin(["met", "on_track"])
    stretched = satisfies(r.comparator, r.judged_value, r.stretch, r.strict, r.tolerance)
    notes = (
        (weighed & r.decimals.notnull() & (r.judged_value != r.value),
         " Compared as {judged}, rounded half to even." if english else " 按修约值{judged}比较（四舍六入五成双）。"),
        (weighed & (r.tolerance > 0),
         " A miss of {tolerance} is tolerated." if english else " 允差{tolerance}。"),
        (weighed & fell.fill_null(False),
         " It was reached in {reached_year}." if english else " {reached_year}年曾达到。"),
        (weighed & well & stretched,
         " The stretch of {stretch_en} is reached too." if english else " 已达到争取值{stretch_zh}。"),
        (weighed & well & ~stretched,
         " The stretch of {stretch_en} is not reached." if english else " 未达到争取值{stretch_zh}。"),
        (weighed & r.includes_target.fill_null(False),
         " The 95 % interval {ci} includes what is asked." if english else " 95%置信区间{ci}包含要求值。"),
        (~r.definition_in_plan,
         " Definition proposed, not in the plan." if english else " 指标定义为建议口径，文件未规定。"),
        (~r.headline,
         " Follows definition {definition}; the plan means {headline_definition}." if english
         else " 口径为{definition}，文件所指口径为{headline_definition}。"),
    )  # fmt: skip
    said = ibis.literal("")
    for applies, sentence in notes:
        said = said + ibis.ifelse(applies, _fill(r, sentence), "")
    return said


def _said_by(rows: ir.Table, column: str, templates: Mapping[str, str]) -> ir.StringColumn:
    return ibis.cases(*((rows[column] == str(code), _fill(rows, text)) for code, text in templates.items()))


def _by(column: ir.StringColumn, texts: Mapping[str, str]) -> ir.StringColumn:
    return ibis.cases(*((column == str(code), text) for code, text in texts.items()))


def _said(unit: ir.StringColumn, spoken: Mapping[str, str], space: str) -> ir.StringColumn:
    """A unit after its number; nothing for a bare number."""
    special = ((unit == code, space + said if said else "") for code, said in spoken.items())
    return ibis.cases(*special, else_=space + unit)


def _fill(rows: ir.Table, template: str) -> ir.StringValue:
    """A wording with every {word} replaced by the column that holds it."""
    said: ir.StringValue = ibis.literal("")
    for before, name, _, _ in Formatter().parse(template):
        said = said + before + (rows[_WORD + name] if name else "")
    return said
