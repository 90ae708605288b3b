"""mart.pass_rate: pooled counts and their rate, by publication, region, period, programme and category.

Belongs here: one shape for published counts and single batches, totals, rates, the comparison with what
the source printed. Does not belong here: which of them an indicator uses (`assets.pass_rates.contribution`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.exact import origin_of, scaled
from assets.pass_rates.intervals import percent, with_interval
from assets.pass_rates.standards import FRAME_CODES, agreement_points, interval, with_frame
from assets.spot_checks.batches import ALL, REGION_YEARS, batch_counts
from assets.spot_checks.failed_items import FAILED_ITEM
from assets.spot_checks.standards import PRODUCT_CATEGORY, SETTING
from sources.feeds.inspection import COUNTED, PASS_RATES, PROGRAMMES, SPOT_CHECKS
from sources.registry import MART_ORIGIN, SERIES, Table, boolean, codes, date, decimal, double, integer, text
from warehouse.marts import Inputs, Mart, Upstream

SCOPE = ("region_code", "year")

PASS_RATE = Table(
    "mart.pass_rate",
    "合格率",
    "Pass rates from pooled counts with their interval; publications without a denominator are left out",
    (
        SERIES,
        text("region_code", "行政区划代码", "region that the counts describe", required=True),
        integer(
            "year",
            "年份",
            "year in which the period ends; of single batches by standard.spot_check_setting",
            required=True,
        ),
        text("period", "时期", "2012, 2012H1, 2012Q1, 2012-01, or first/last day", required=True),
        text("programme", "抽查类别", "level or kind of the programme", required=True, codes=PROGRAMMES),
        text(
            "category",
            "产品类别",
            "category as published; `all` = total, `unstated` = batches without one",
            required=True,
        ),
        text("category_code", "类别代码", "code of standard.product_category; empty: not in that tree"),
        text("counted", "计数单位", "what is counted", required=True, codes=COUNTED),
        text(
            "counts_from",
            "计数来源",
            "where the counts come from",
            required=True,
            codes=codes(
                ("published", "公布", "counts as published"),
                ("pooled", "合并", "sum of the published categories, where no total is printed"),
                ("batches", "逐批", "counted from single batches"),
            ),
        ),
        date("period_start", "期初", "first day of the period", required=True),
        date("period_end", "期末", "last day of the period", required=True),
        integer("inspected", "抽检数", "units inspected", required=True),
        integer("passed", "合格数", "units passed", required=True),
        integer("failed", "不合格数", "units that did not pass", required=True),
        double("rate", "合格率", "passed over inspected", unit="%"),
        double("ci_low", "置信下限", "lower end of the 95 % interval", unit="%"),
        double("ci_high", "置信上限", "upper end of the 95 % interval", unit="%"),
        text("method", "区间方法", "method of the interval", required=True),
        decimal("published_rate", 7, 4, "公布合格率", "pass rate as printed; compared, never used", unit="%"),
        decimal(
            "published_fail_rate",
            7,
            4,
            "公布不合格率",
            "fail rate as printed; compared, never used",
            unit="%",
        ),
        boolean("agrees", "一致", "whether every printed rate agrees with the counts; empty where none is printed"),
        text("sampling_frame", "抽样框", "what stands behind the counts", required=True, codes=FRAME_CODES),
        MART_ORIGIN,
    ),
    ("series", "region_code", "year", "period", "programme", "category", "counted", "counts_from"),
    warnings=("rates of other programmes, units or categories are not comparable; add counts, never average rates",),
)

#: Digits of a printed rate.
_DIGITS = PASS_RATES.column("published_rate").scale

_COUNTS = (
    "feed", "series", "region_code", "year", "period_start", "period_end", "programme", "category", "counted",
    "counts_from", "inspected", "passed", "published_rate", "published_fail_rate", "origin",
)  # fmt: skip


def period_name(start: ir.DateValue, end: ir.DateValue) -> ir.StringValue:
    """2012, 2012H1, 2012Q3, 2012-05; `first/last` for any other span."""
    year = start.year().cast("string")
    after = end + ibis.interval(days=1)
    whole = (start.day() == 1) & (after.day() == 1)
    months = (after.year() - start.year()) * 12 + after.month() - start.month()
    index = start.month() - 1
    return ibis.cases(
        (whole & (months == 12) & (index == 0), year),
        (
            whole & (months == 6) & (index % 6 == 0),
            year + "H" + (index // 6 + 1).cast("int64").cast("string"),
        ),
        (
            whole & (months == 3) & (index % 3 == 0),
            year + "Q" + (index // 3 + 1).cast("int64").cast("string"),
        ),
        (whole & (months == 1), start.strftime("%Y-%m")),
        else_=start.strftime("%Y-%m-%d") + "/" + end.strftime("%Y-%m-%d"),
    )


def published_counts(pass_rates: ir.Table) -> ir.Table:
    """core.pass_rates in the columns of _COUNTS, with a pooled total where only categories are printed."""
    rows = pass_rates.mutate(
        feed=ibis.literal(PASS_RATES.name),
        year=pass_rates.period_end.year().cast("int64"),
        counts_from=ibis.literal("published"),
    )
    total = ["feed", "series", "region_code", "year", "period_start", "period_end", "programme", "counted"]
    categories = rows.anti_join(rows.filter(rows.category == ALL), total)
    pooled = categories.group_by(total).aggregate(
        inspected=categories.inspected.sum().cast("int64"),
        passed=categories.passed.sum().cast("int64"),
        origin=origin_of(categories.origin),
    )
    pooled = pooled.mutate(
        category=ibis.literal(ALL),
        counts_from=ibis.literal("pooled"),
        published_rate=ibis.null("decimal(7, 4)"),
        published_fail_rate=ibis.null("decimal(7, 4)"),
    )
    return rows.select(*_COUNTS).union(pooled.select(*_COUNTS))


def counts_of_batches(spot_checks: ir.Table, failed_items: ir.Table) -> ir.Table:
    """`assets.spot_checks.batches.batch_counts` in the columns of _COUNTS, by calendar year."""
    sums = batch_counts(spot_checks, failed_items)
    return sums.mutate(
        feed=ibis.literal(SPOT_CHECKS.name),
        period_start=ibis.date(sums.year.cast("int32"), 1, 1),
        period_end=ibis.date(sums.year.cast("int32"), 12, 31),
        counts_from=ibis.literal("batches"),
        published_rate=ibis.null("decimal(7, 4)"),
        published_fail_rate=ibis.null("decimal(7, 4)"),
    ).select(*_COUNTS)


def _wide(count: ir.IntegerValue) -> ir.DecimalValue:
    """A count with room for products: an absurd count must not stop the night."""
    return count.cast("decimal(38, 0)")


def rates(counts: ir.Table, frames: ir.Table, tree: ir.Table) -> ir.Table:
    """Columns of PASS_RATE from rows in the columns of _COUNTS; series that may not feed a rate are left out.

    A printed rate agrees when it lies within the points of standard.pass_rate_agreement of the counts,
    compared in whole numbers.
    """
    framed = with_frame(counts, frames)
    named = tree.select("published", category_code="code")
    known = framed.filter(framed.feeds_rates)
    known = known.left_join(named, known.category == named.published).drop("published")
    rows = with_interval(known, interval())
    failed = rows.inspected - rows.passed
    tolerance = int(agreement_points() * 10**_DIGITS)
    within = [
        (_wide(rows.inspected) * scaled(printed, _DIGITS) - _wide(counted) * 100 * 10**_DIGITS).abs()
        <= _wide(rows.inspected) * tolerance
        for printed, counted in ((rows.published_rate, rows.passed), (rows.published_fail_rate, failed))
    ]
    printed = rows.published_rate.notnull() | rows.published_fail_rate.notnull()
    return rows.mutate(
        period=period_name(rows.period_start, rows.period_end),
        failed=failed,
        rate=percent(rows.passed, rows.inspected),
        method=ibis.literal(interval().method),
        agrees=ibis.ifelse(
            printed & (rows.inspected > 0),
            within[0].fill_null(True) & within[1].fill_null(True),
            ibis.null("boolean"),
        ),
    ).select(*PASS_RATE.names)


def build(inputs: Inputs) -> ir.Table:
    """The rows of mart.pass_rate for the dirty region-years."""
    published = published_counts(inputs.table("core.pass_rates"))
    batches = counts_of_batches(inputs.table("core.spot_checks"), inputs.table(FAILED_ITEM.name))
    counts = published.union(batches).semi_join(inputs.dirty, list(SCOPE))
    return rates(counts, inputs.table("standard.series_frame"), inputs.table(PRODUCT_CATEGORY.name))


PASS_RATE_MART = Mart(
    table=PASS_RATE,
    subject="pass_rates",
    scope=SCOPE,
    upstream=(
        Upstream("core.pass_rates", scope={"year": "extract(year FROM period_end)"}),
        Upstream("core.spot_checks", via=REGION_YEARS),
        Upstream(FAILED_ITEM.name, via=REGION_YEARS),
    ),
    build=build,
    reads=(
        "standard.series_frame",
        "standard.interval",
        "standard.pass_rate_agreement",
        SETTING.name,
        PRODUCT_CATEGORY.name,
    ),
    version=2,
    heavy=True,
)
