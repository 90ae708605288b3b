"""Spot checks (sampled batches and their tested items) and published pass-rate counts.

Belongs here: the columns of the two feeds. Does not belong here: pooling, intervals, verdicts on a
city (`assets.pass_rates`).
"""

from __future__ import annotations

from decimal import Decimal

from sources.registry import SERIES, Feed, Part, boolean, codes, date, decimal, integer, text

VERDICT = codes(
    ("pass", "合格", "pass"), ("fail", "不合格", "fail"), ("conditional", "有条件合格", "pass with conditions")
)

#: What a pass rate counts.
BATCH, BATCH_SAFETY, ENTERPRISE, PROJECT = "batch", "batch_safety", "enterprise", "project"
COUNTED = codes(
    (BATCH, "批次", "batch"),
    (BATCH_SAFETY, "批次（强制性安全指标）", "batch, mandatory safety items alone"),
    (ENTERPRISE, "企业", "enterprise"),
    (PROJECT, "工程", "project"),
)

PROGRAMMES = codes(
    ("national", "国家监督抽查", "national supervision"),
    ("provincial", "省级监督抽查", "provincial supervision"),
    ("city", "市级监督抽查", "city supervision"),
    ("county", "县级监督抽查", "county supervision"),
    ("food_sampling", "食品安全监督抽检", "food safety sampling, all levels"),
    ("agri_monitoring", "农产品质量安全例行监测", "routine monitoring of farm products"),
    ("export_inspection", "出口商品检验", "export inspection"),
    ("project_acceptance", "工程验收", "acceptance of construction projects"),
    ("licence_inspection", "许可证后监管检查", "inspection of licensed producers"),
    ("metrology_inspection", "计量专项检查", "special metrology inspection"),
    ("body_inspection", "质量技术机构检查", "inspection of testing and inspection bodies"),
    ("unstated", "未注明", "not stated by the source"),
)

LIMIT_KINDS = codes(
    ("at_most", "不超过", "at most"),
    ("below", "小于", "below"),
    ("at_least", "不低于", "at least"),
    ("above", "大于", "above"),
    ("between", "区间", "between two bounds"),
    ("unsigned", "未标符号", "a number whose direction only the standard knows"),
    ("forbidden", "不得检出", "must not be found or used"),
    ("plan", "分级采样方案", "sampling plan n, c, m, M"),
)

_SAMPLE_ID = text("sample_id", "抽样编号", "number of the sampled batch", required=True, example="SC2012-0001")

SPOT_CHECKS = Feed(
    name="spot_checks",
    zh="监督抽检样品",
    en="Spot checks",
    identity="sample_id",
    parts=(
        Part(
            name="spot_checks",
            zh="监督抽检批次（一批次一行）",
            en="Spot checks: one row per sampled batch or inspection",
            key=("sample_id",),
            columns=(
                SERIES,
                _SAMPLE_ID,
                integer(
                    "repeat_no",
                    "重复序号",
                    "1 for the first; more where the same row stands again (a real second sample can look the same)",
                    required=True,
                    minimum=Decimal(1),
                    example="1",
                ),
                text(
                    "programme",
                    "抽查类别",
                    "level or kind of the programme",
                    required=True,
                    codes=PROGRAMMES,
                    example="city",
                ),
                text("product_name", "产品名称", "product as published", required=True, example="小麦粉"),
                text("category", "产品大类", "main category as published", example="粮食加工品"),
                text("subcategory", "产品小类", "subcategory as published", example="小麦粉"),
                text("producer_name", "生产企业", "producer as published"),
                text("producer_address", "生产企业地址", "address of the producer as published"),
                text("producer_region_code", "生产企业所在地", "region, best the town, of the producer"),
                text("sampled_at_name", "被抽样单位", "firm where the sample was taken"),
                text("sampled_at_address", "被抽样单位地址", "address of that firm as published"),
                text("sampled_region_code", "抽样地", "region, best the town, where the sample was taken"),
                date("sampled_on", "抽样日期", "day on which the sample was taken", example="2012-05-28"),
                date("production_date", "生产日期", "production date; empty where the source copies another date"),
                text("batch_no", "批号", "batch number as published"),
                text("verdict", "判定", "verdict on the batch", required=True, codes=VERDICT, example="合格"),
                text("publisher", "发布单位", "body that published the result"),
                date("published_on", "发布日期", "date of publication", required=True, example="2012-06-15"),
                text("region_code", "行政区划代码", "region of the programme", example="320282"),
                text("remark", "备注", "remark as published"),
            ),
        ),
        Part(
            name="spot_check_item",
            zh="监督抽检检验项目（一批次一项目一行）",
            en="Tested items of spot checks: one row per batch and item",
            key=("sample_id", "item_no"),
            present="item_name",
            named_by="item_name",
            columns=(
                SERIES,
                _SAMPLE_ID,
                integer(
                    "item_no",
                    "项目序号",
                    "number of the item within the batch; from 1 000 000 000 on it was made from the item's name",
                    minimum=Decimal(1),
                    maximum=Decimal(999_999_999),
                    example="1",
                ),
                boolean("item_no_given", "序号由来源给出", "whether the publication gave the number", ours=True),
                text("item_name", "检验项目", "item as published", example="镉(以Cd计)"),
                text("item_class", "项目类别", "class of the item as published", example="重金属"),
                text("item_unit", "单位", "unit as published", example="mg/kg"),
                text(
                    "result_text",
                    "检测结果",
                    "result as published, of the first test where a repeat is told apart",
                    example="0.13mg/kg",
                ),
                text("repeat_result_text", "复检结果", "result of the repeat test; it decides where there is one"),
                decimal("result_value", 30, 12, "结果数值", "number of the deciding test in `item_unit`; read from it"),
                text(
                    "result_qualifier",
                    "结果符号",
                    "below or above a limit of the method; then result_value is empty",
                    codes=codes(("<", "低于", "below"), (">", "高于", "above")),
                ),
                decimal("result_limit", 30, 12, "方法限", "limit of the method of a result below or above it"),
                text("limit_text", "限量值", "limit as published", example="≤0.1mg/kg"),
                text("limit_kind", "限量类型", "what the limit asks; read from limit_text", codes=LIMIT_KINDS),
                decimal("limit_low", 30, 12, "限量下限", "lower bound, or m of a sampling plan, in `limit_unit`"),
                decimal("limit_high", 30, 12, "限量上限", "upper bound, or M of a sampling plan, in `limit_unit`"),
                text("limit_unit", "限量单位", "unit of the limit as published"),
                text("item_verdict", "项目判定", "verdict on the item; empty: as the batch", codes=VERDICT),
                boolean("mandatory", "强制性安全指标", "whether the item is a mandatory safety item, as the body says"),
            ),
        ),
    ),
)

PASS_RATES = Feed(
    name="pass_rates",
    zh="合格率汇总",
    en="Pass-rate counts",
    parts=(
        Part(
            name="pass_rates",
            zh="公布的抽检批次与合格数",
            en="Published counts of inspected and passed units",
            key=("region_code", "programme", "category", "counted", "period_start", "period_end"),
            columns=(
                SERIES,
                text(
                    "region_code",
                    "行政区划代码",
                    "region that the counts describe (000000 = the nation)",
                    required=True,
                    example="320282",
                ),
                text(
                    "programme",
                    "抽查类别",
                    "level or kind of the programme",
                    required=True,
                    codes=PROGRAMMES,
                    example="city",
                ),
                text(
                    "category",
                    "产品类别",
                    "product category as published; `all` for the total",
                    required=True,
                    example="all",
                ),
                text(
                    "counted",
                    "计数单位",
                    "what is counted",
                    required=True,
                    codes=COUNTED,
                    example="batch",
                ),
                date("period_start", "期初", "first day of the period", required=True, example="2012-01-01"),
                date("period_end", "期末", "last day of the period", required=True, example="2012-12-31"),
                integer("inspected", "抽检数", "units inspected", required=True, minimum=Decimal(0), example="1061"),
                integer("passed", "合格数", "units passed", required=True, minimum=Decimal(0), example="1058"),
                integer("failed", "不合格数", "units failed, where printed", minimum=Decimal(0), example="3"),
                decimal(
                    "published_rate",
                    7,
                    4,
                    "公布合格率",
                    "pass rate as printed; compared, never used",
                    unit="%",
                    minimum=Decimal(0),
                    maximum=Decimal(100),
                ),
                decimal(
                    "published_fail_rate",
                    7,
                    4,
                    "公布不合格率",
                    "fail rate as printed; compared, never used",
                    unit="%",
                    minimum=Decimal(0),
                    maximum=Decimal(100),
                ),
            ),
        ),
    ),
)
