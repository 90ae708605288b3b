"""Registers of events and statistical returns (also surveys, hotline counts, zero reports).

Belongs here: the columns of the two feeds. Does not belong here: what counts for a target
(`assets/plans`, `assets.returns`).
"""

from __future__ import annotations

from decimal import Decimal

from sources.registry import SERIES, Feed, Part, boolean, codes, date, decimal, integer, text

REGISTER_EVENTS = Feed(
    name="register_events",
    zh="名录事件",
    en="Register events",
    parts=(
        Part(
            name="register_events",
            zh="名录事件（一项授予、标准、工程、撤销……一行）",
            en="Register events: one row per award, standard, project … and one per revocation",
            key=("register", "event_id", "event_kind"),
            columns=(
                SERIES,
                text(
                    "register",
                    "名录",
                    "which register the event belongs to (plan code, or a supporting register)",
                    required=True,
                    example="provincial_brand_new_count",
                ),
                text(
                    "event_id",
                    "编号",
                    "number in its register; a renewal or revocation has the number of its title, or its own",
                    required=True,
                    example="苏名牌2012-001",
                ),
                text(
                    "of_event_id",
                    "所指编号",
                    "of a renewal or revocation with a number of its own: the number of the title that it means",
                ),
                date("event_date", "日期", "date on which the event counts", required=True, example="2012-11-08"),
                text(
                    "event_kind",
                    "事件类型",
                    "what happened",
                    required=True,
                    codes=codes(
                        ("granted", "授予", "granted, approved or recorded"),
                        ("renewed", "复评", "renewed"),
                        ("revoked", "撤销", "revoked"),
                    ),
                    example="granted",
                ),
                text(
                    "level",
                    "级别",
                    "level of the title",
                    codes=codes(
                        ("international", "国际", "international"),
                        ("national", "国家", "national"),
                        ("provincial", "省", "provincial"),
                        ("prefecture", "地级市", "prefecture"),
                        ("city", "市", "city"),
                    ),
                    example="provincial",
                ),
                text("holder_name", "获得单位", "firm, body or project that holds the title", example="示例企业"),
                text("title", "名称", "what was granted", example="江苏名牌产品"),
                text("region_code", "行政区划代码", "region of the holder", required=True, example="320282"),
                text("document_no", "文号", "document that decided it"),
            ),
        ),
    ),
)

STATISTICAL_RETURNS = Feed(
    name="statistical_returns",
    zh="统计报送",
    en="Statistical returns",
    parts=(
        Part(
            name="statistical_returns",
            zh="统计报送数据（含满意度调查、热线、零报告）",
            en="Statistical returns, with surveys, hotline counts and zero reports",
            key=("indicator_code", "region_code", "period", "stratum"),
            columns=(
                SERIES,
                text(
                    "indicator_code",
                    "指标代码",
                    "the plan's code, or a supporting code",
                    required=True,
                    example="agri_standardisation_rate",
                ),
                text("region_code", "行政区划代码", "region", required=True, example="320282"),
                text("period", "时期", "year, quarter, month or span as published", required=True, example="2012"),
                text(
                    "stratum", "分组", "group within the indicator; `all` for the whole", required=True, example="all"
                ),
                integer(
                    "year",
                    "年份",
                    "year that the figure belongs to",
                    required=True,
                    minimum=Decimal(1949),
                    maximum=Decimal(2100),
                    example="2012",
                ),
                decimal("value", 24, 8, "数值", "figure in `unit`", example="51.2"),
                text("unit", "单位", "unit as published", example="%"),
                decimal("numerator", 24, 6, "分子", "numerator, where reported", example="5120"),
                decimal("denominator", 24, 6, "分母", "denominator, where reported", example="10000"),
                boolean("lower_bound", "仅为下限", "the source gives only a lower bound; never used as a level"),
                integer("sample_size", "样本量", "answers in a survey", minimum=Decimal(0)),
                boolean(
                    "nothing_to_report", "零报告", "the body states that it had nothing to report up to complete_to"
                ),
                date("complete_to", "数据截至", "date up to which the register behind it is complete"),
                text("reporting_body", "报送单位", "body that reports", example="市农林局"),
                text("remark", "说明", "what the source says about the figure"),
                text("source_title", "来源", "where the figure was published"),
                text("source_address", "来源地址", "address of the source"),
                text("confidence", "可信程度", "how the figure was read"),
            ),
        ),
    ),
)
