"""Every situation that a year of an indicator can be in, the status it gives, and how it is put in words.

Belongs here: the closed list of findings with their wording. Does not belong here: which finding
holds (`assets.status.verdict`), filling the words in (`assets.status.reasons`).

Words in braces are columns of the judged row; see `assets.status.reasons`.
"""

from __future__ import annotations

from dataclasses import dataclass

from assets.status.words import STATUSES


@dataclass(frozen=True)
class Finding:
    """One situation: its code, the status it gives, its wording in English and Chinese."""

    code: str
    status: str
    en: str
    zh: str

    def __post_init__(self) -> None:
        if self.status not in STATUSES.values:
            raise ValueError(f"{self.code}: unknown status {self.status!r}")


FINDINGS: tuple[Finding, ...] = (
    Finding("plan_ended", "not_due",
            "Plan ended in {last_year}: the value goes on, the verdict does not.",
            "规划已于{last_year}年结束：数值继续更新，不再判定。"),
    Finding("year_not_begun", "not_due",
            "{year} has not begun.",
            "{year}年尚未开始。"),
    Finding("milestone_over", "reported",
            "The plan set a milestone for {target_year} only; its verdict was: {cited_en}.",
            "文件仅对{target_year}年规定目标，当年判定为：{cited_zh}。"),
    Finding("evidence", "reported",
            "Duty without a number; evidence for {year}: {value_en}.",
            "无数值目标的任务；{year}年佐证：{value_zh}。"),
    Finding("year_running_no_value", "not_due",
            "{year} ends on {year}-12-31; nothing usable yet from {feeds_en} (inbox folder {inbox_folders}).",
            "{year}年截至12月31日；尚无可用的{feeds_zh}数据（收件夹 {inbox_folders}）。"),
    Finding("nothing_received", "no_data",
            "Missing for {year}: {feeds_en} (inbox folder {inbox_folders}).",
            "缺少{year}年{feeds_zh}数据（收件夹 {inbox_folders}）。"),
    Finding("not_computable", "insufficient_data",
            "No value can be computed for {year}: {basis}.",
            "{year}年数据无法计算出数值：{basis}。"),
    Finding("impossible", "not_assessable",
            "{value_en} goes beyond {asked_en}, which cannot be; check the source.",
            "{value_zh}超出“{asked_zh}”，不可能成立，请核查来源。"),
    Finding("earlier_missing", "insufficient_data",
            "{value_en}; a complete earlier value to compare with is missing (asked: {asked_en}).",
            "{value_zh}；缺少可比的以往完整数值（要求：{asked_zh}）。"),
    Finding("period_fell_back", "slipped",
            "{value_en} for the year, but {failed_en} in {failed_period}; asked of every reported period: "
            "{asked_en} ({source_en}). Reached in {held_before}, fallen back since.",
            "全年{value_zh}，但{failed_period}为{failed_zh}；文件要求各报告期均{asked_zh}（{source_zh}）。"
            "{held_before}曾达到，现已回落。"),
    Finding("period_failed", "missed",
            "{value_en} for the year, but {failed_en} in {failed_period}; asked of every reported period: "
            "{asked_en} ({source_en}). Not reached.",
            "全年{value_zh}，但{failed_period}为{failed_zh}；文件要求各报告期均{asked_zh}（{source_zh}）。未达到。"),
    Finding("reached_early", "met",
            "{value_en} before the end of {year}; asked: {asked_en} ({source_en}). The count suffices.",
            "{year}年尚未结束，已为{value_zh}；要求：{asked_zh}（{source_zh}），计数已足够。"),
    Finding("broken_early", "missed",
            "{value_en} before the end of {year}; asked: {asked_en} ({source_en}). It cannot be made good.",
            "{year}年尚未结束，已为{value_zh}；要求：{asked_zh}（{source_zh}），无法挽回。"),
    Finding("running_well", "on_track",
            "{value_en} so far; asked for {year}: {asked_en} ({source_en}). The year is not over.",
            "目前{value_zh}；{year}年要求：{asked_zh}（{source_zh}）。年度未结束。"),
    Finding("running_short", "not_due",
            "{value_en} so far; asked for {year}: {asked_en} ({source_en}). Judged after {year}-12-31.",
            "目前{value_zh}；{year}年要求：{asked_zh}（{source_zh}）。{year}年12月31日后判定。"),
    Finding("target_reached_ahead", "on_track",
            "{value_en}; the plan asks for {asked_en} by {target_year}: reached already.",
            "{value_zh}；文件要求到{target_year}年{asked_zh}：已提前达到。"),
    Finding("nothing_asked_yet", "not_due",
            "{value_en}; the plan asks for {asked_en} by {target_year}, and sets no path to it.",
            "{value_zh}；文件要求到{target_year}年{asked_zh}，未规定路径。"),
    Finding("lower_bound_short", "insufficient_data",
            "At least {value_en}; asked: {asked_en} ({source_en}). No statement that the register is "
            "complete to the end of {year} (inbox folder statistical_returns).",
            "至少{value_zh}，要求：{asked_zh}（{source_zh}）；缺少名录截至{year}年末完整的零报告"
            "（收件夹 statistical_returns）。"),
    Finding("zero_unproven", "no_data",
            "Nothing is recorded, but nobody states that the register is complete to the end of {year} "
            "(inbox folder statistical_returns).",
            "名录无记录，但缺少截至{year}年末完整的零报告（收件夹 statistical_returns）。"),
    Finding("incomplete_complies", "insufficient_data",
            "{value_en} complies with {asked_en}, but the data of {year} are incomplete: {basis}.",
            "{value_zh}符合“{asked_zh}”，但{year}年数据不完整：{basis}。"),
    Finding("incomplete_missed", "missed",
            "{value_en}; asked: {asked_en} ({source_en}). Not reached, on incomplete data: {basis}.",
            "{value_zh}；要求：{asked_zh}（{source_zh}）。数据不完整，但已未达到：{basis}。"),
    Finding("incomplete_behind", "behind",
            "{value_en}; asked: {asked_en} ({source_en}). Behind, on incomplete data: {basis}.",
            "{value_zh}；要求：{asked_zh}（{source_zh}）。数据不完整，但已落后：{basis}。"),
    Finding("reached", "met",
            "{value_en}; asked: {asked_en} ({source_en}). Reached.",
            "{value_zh}；要求：{asked_zh}（{source_zh}）。达到。"),
    Finding("on_path", "on_track",
            "{value_en}; asked: {asked_en} ({source_en}). On the way.",
            "{value_zh}；要求：{asked_zh}（{source_zh}）。符合进度。"),
    Finding("fell_back", "slipped",
            "{value_en}; asked: {asked_en} ({source_en}). Reached in {held_year}, fallen back since.",
            "{value_zh}；要求：{asked_zh}（{source_zh}）。{held_year}年曾达到，现已回落。"),
    Finding("not_reached", "missed",
            "{value_en}; asked: {asked_en} ({source_en}). Not reached.",
            "{value_zh}；要求：{asked_zh}（{source_zh}）。未达到。"),
    Finding("behind_path", "behind",
            "{value_en}; asked: {asked_en} ({source_en}). Behind.",
            "{value_zh}；要求：{asked_zh}（{source_zh}）。落后于进度。"),
)  # fmt: skip

STATUS_OF: dict[str, str] = {finding.code: finding.status for finding in FINDINGS}
