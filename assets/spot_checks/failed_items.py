"""mart.failed_item: what each batch that did not pass failed on, held against its limit.

Belongs here: choosing the failing items of a batch, result against limit, whether an item is a mandatory
safety item. Does not belong here: reading results and limits from words (`sources.adapters.items`), rates.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.spot_checks.standards import SAFETY_ITEM, with_safety
from sources.feeds.inspection import SPOT_CHECKS
from sources.registry import MART_ORIGIN, SERIES, Table, boolean, integer, text
from warehouse.marts import Inputs, Mart, Upstream

_SAMPLE = ("series", "sample_id")
_BATCH = (
    *_SAMPLE, "programme", "region_code", "producer_region_code", "sampled_region_code", "published_on",
    "sampled_on", "product_name", "category", "subcategory", "producer_name",
)  # fmt: skip

FAILED_ITEM = Table(
    "mart.failed_item",
    "不合格项目",
    "Failing items of batches that did not pass, against their limits",
    (
        SERIES,
        text("sample_id", "抽样编号", "number of the sampled batch", required=True),
        integer("item_no", "项目序号", "number of the item; 0: the publication names none", required=True),
        integer("year", "年份", "year of publication", required=True),
        *(
            SPOT_CHECKS.column(name)
            for name in _BATCH
            if name not in _SAMPLE
        ),
        text("item_name", "检验项目", "item as published"),
        text("result_text", "检测结果", "result as published, of the first test where a repeat is told apart"),
        text("repeat_result_text", "复检结果", "result of the repeat test"),
        text("limit_text", "限量值", "limit as published"),
        boolean("beyond_limit", "超出限量", "whether the deciding result breaks the limit; empty: cannot be told"),
        text("safety_class", "项目类别", "class of the item by standard.safety_item"),
        text("standard", "标准", "standard that sets the limit of such items"),
        boolean("mandatory", "强制性安全指标", "safety item: as the body says, else by standard; empty: unknown"),
        MART_ORIGIN,
    ),
    ("series", "sample_id", "item_no"),
)  # fmt: skip


def beyond_limit(items: ir.Table) -> ir.BooleanValue:
    """Whether result_value (or its censored limit) breaks the limit; null where words, units or plans forbid it.

    A result below the limit of its method keeps every upper limit above it. What must not be found is broken
    by any measured amount above zero.
    """
    value, kind = items.result_value, items.limit_kind
    low, high = items.limit_low, items.limit_high
    below = (items.result_qualifier == "<").fill_null(False)
    known = items.limit_unit.isnull() | items.item_unit.isnull() | (items.limit_unit == items.item_unit)
    upper = kind.isin(["at_most", "below"])
    measured = ibis.cases(
        (kind == "at_most", value > high),
        (kind == "below", value >= high),
        (kind == "at_least", value < low),
        (kind == "above", value <= low),
        (kind == "between", (value < low) | (value > high)),
        else_=ibis.null("boolean"),
    )
    return ibis.cases(
        (kind == "forbidden", value > 0),
        (~known, ibis.null("boolean")),
        (below & upper & (items.result_limit <= high), ibis.literal(False)),
        (below, ibis.null("boolean")),
        else_=measured,
    )


def failed_items(batches: ir.Table, items: ir.Table, safety: ir.Table) -> ir.Table:
    """Rows of FAILED_ITEM from core.spot_checks and core.spot_check_item.

    Of a batch that did not pass: the items whose own verdict is not `pass`; without one, the items beyond
    their limit; where none can be told to be, all that are named, as bulletins name the failing ones only.
    """
    failed = batches.filter(batches.verdict != "pass")
    named = items.select(
        *_SAMPLE, "item_no", "item_name", "item_unit", "result_text", "repeat_result_text", "result_value",
        "result_qualifier", "result_limit", "limit_text", "limit_kind", "limit_low", "limit_high", "limit_unit",
        "item_verdict", "mandatory",
    )  # fmt: skip
    rows = failed.select(*_BATCH, "origin").left_join(named, list(_SAMPLE)).drop(*(f"{name}_right" for name in _SAMPLE))
    rows = rows.mutate(beyond_limit=beyond_limit(rows))
    sure = ibis.cases(
        (rows.item_verdict.notnull(), rows.item_verdict != "pass"), else_=rows.beyond_limit.fill_null(False)
    )
    rows = rows.mutate(sure=sure, cleared=(rows.item_verdict == "pass").fill_null(False))
    some = rows.sure.any().over(ibis.window(group_by=list(_SAMPLE)))
    rows = rows.mutate(kept=ibis.ifelse(some, rows.sure, ~rows.cleared))
    rows = with_safety(rows.filter(rows.kept), safety)
    return rows.mutate(
        item_no=rows.item_no.fill_null(0),
        year=rows.published_on.year().cast("int64"),
        mandatory=rows.mandatory.fill_null(rows.by_standard),
    ).select(*FAILED_ITEM.names)


def _build(inputs: Inputs) -> ir.Table:
    batches = inputs.table("core.spot_checks")
    batches = batches.mutate(year=batches.published_on.year().cast("int64")).semi_join(inputs.dirty, "year")
    return failed_items(batches, inputs.table("core.spot_check_item"), inputs.table(SAFETY_ITEM.name))


FAILED_ITEM_MART = Mart(
    table=FAILED_ITEM,
    subject="pass_rates",
    scope=("year",),
    upstream=(
        Upstream("core.spot_checks", scope={"year": "extract(year FROM published_on)"}),
        Upstream(
            "core.spot_check_item",
            via="SELECT DISTINCT extract(year FROM published_on) AS year FROM core.spot_checks "
            "SEMI JOIN {changed} USING (series, sample_id)",
        ),
    ),
    build=_build,
    reads=(SAFETY_ITEM.name,),
    heavy=True,
)
