"""mart.pass_rate_reconciliation: published counts against the single batches of the same place and time.

Belongs here: counting the batches inside a published period and holding them against what was published.
Does not belong here: the rates (`assets.pass_rates.rates`); neither side is corrected by the other.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.exact import origin_of
from assets.pass_rates.standards import with_frame
from assets.spot_checks.batches import ALL, REGION_YEARS, counted_batches
from assets.spot_checks.failed_items import FAILED_ITEM
from assets.spot_checks.standards import SETTING
from sources.feeds.inspection import BATCH, COUNTED, PROGRAMMES, SPOT_CHECKS
from sources.registry import MART_ORIGIN, SERIES, Table, boolean, codes, date, integer, text
from warehouse.marts import Inputs, Mart, Upstream

FINDINGS = codes(
    ("equal", "一致", "counts are equal"),
    ("more_batches", "批次多于公布数", "more batches are listed than were published"),
    ("fewer_batches", "批次少于公布数", "fewer batches are listed than were published"),
    ("other_verdicts", "合格数不一致", "as many batches, but other verdicts"),
)

RECONCILIATION = Table(
    "mart.pass_rate_reconciliation",
    "合格率核对",
    "Published batch counts against the single batches of the same region, programme, category and period",
    (
        SERIES,
        text("batch_series", "批次序列", "publication of the single batches", required=True),
        text("region_code", "行政区划代码", "region", required=True),
        integer("year", "年份", "year in which the period ends", required=True),
        text("programme", "抽查类别", "programme", required=True, codes=PROGRAMMES),
        text("category", "产品类别", "category as published; `all` = total", required=True),
        text("counted", "计数单位", "what is counted", required=True, codes=COUNTED),
        date("period_start", "期初", "first day", required=True),
        date("period_end", "期末", "last day", required=True),
        integer("inspected", "公布抽检数", "batches inspected, as published", required=True),
        integer("passed", "公布合格数", "of these passed, as published", required=True),
        integer("batches", "逐批抽检数", "single batches of the period", required=True),
        integer("batches_passed", "逐批合格数", "of these passed", required=True),
        boolean("agrees", "一致", "whether both counts are equal", required=True),
        text("finding", "核对结果", "how the two differ", required=True, codes=FINDINGS),
        MART_ORIGIN,
    ),
    ("series", "batch_series", "region_code", "year", "programme", "category", "counted", "period_start", "period_end"),
)


def reconciled(pass_rates: ir.Table, batches: ir.Table, frames: ir.Table) -> ir.Table:
    """Rows of RECONCILIATION: every published batch count that single batches stand beside.

    `batches`: `counted_batches` of core.spot_checks. Only lists with a denominator take part. A count beside
    which no batch of its programme and period is listed has nothing to be held against, and no row.
    """
    framed = with_frame(batches.mutate(feed=ibis.literal(SPOT_CHECKS.name)), frames)
    listed = framed.filter(framed.feeds_rates, framed.region_code.notnull())
    listed = listed.union(listed.mutate(category=ibis.literal(ALL)))
    listed = listed.select(
        "region_code", "programme", "category", "counted_on", "passes", batch_series="series", b_origin="origin"
    )
    published = pass_rates.filter(pass_rates.counted == BATCH)
    pairs = published.join(
        listed,
        [
            *(published[name] == listed[name] for name in ("region_code", "programme", "category")),
            listed.counted_on >= published.period_start,
            listed.counted_on <= published.period_end,
        ],
    )
    key = [
        "series", "batch_series", "region_code", "programme", "category", "counted", "period_start", "period_end",
        "inspected", "passed", "origin",
    ]  # fmt: skip
    sums = pairs.group_by(key).aggregate(
        batches=pairs.count(), batches_passed=pairs.passes.sum().cast("int64"), b_origin=origin_of(pairs.b_origin)
    )
    finding = ibis.cases(
        (sums.batches > sums.inspected, "more_batches"),
        (sums.batches < sums.inspected, "fewer_batches"),
        (sums.batches_passed != sums.passed, "other_verdicts"),
        else_="equal",
    )
    return sums.mutate(
        year=sums.period_end.year().cast("int64"),
        finding=finding,
        agrees=finding == "equal",
        origin=ibis.ifelse(sums.origin == sums.b_origin, sums.origin, "mixed"),
    ).select(*RECONCILIATION.names)


def _build(inputs: Inputs) -> ir.Table:
    batches = counted_batches(inputs.table("core.spot_checks"), inputs.table(FAILED_ITEM.name))
    published = inputs.table("core.pass_rates")
    published = published.mutate(year=published.period_end.year().cast("int64"))
    dirty = published.semi_join(inputs.dirty, ["region_code", "year"])
    return reconciled(dirty, batches, inputs.table("standard.series_frame"))


RECONCILIATION_MART = Mart(
    table=RECONCILIATION,
    subject="pass_rates",
    scope=("region_code", "year"),
    upstream=(
        Upstream("core.pass_rates", scope={"year": "extract(year FROM period_end)"}),
        # A period may end in the year after a batch of it was published.
        Upstream(
            "core.spot_checks",
            via=f"SELECT region_code, year + later AS year FROM ({REGION_YEARS}) AS reached, "
            "unnest([0, 1]) AS years (later)",
        ),
    ),
    build=_build,
    reads=("standard.series_frame", SETTING.name),
)
