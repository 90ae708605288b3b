"""mart.pass_rate_margin: a city's pass rates against its province's, like with like.

Belongs here: matching programme, product list and period of the two sides, the difference and its interval.
Does not belong here: which rate an indicator compares and what margin is asked (`assets/plans`), margins of
other figures (`assets.margins`), verdicts: the point value decides them (`assets.status`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.contribution import contribution
from assets.exact import origin_of
from assets.pass_rates.contribution import READING, chosen_counts, widest_periods
from assets.pass_rates.intervals import newcombe, percent, with_interval
from assets.pass_rates.standards import interval
from assets.plan.model import Comparator
from assets.plan.tables import INDICATOR, TARGET, plan_statements
from assets.spot_checks.batches import ALL
from sources.registry import MART_ORIGIN, Table, boolean, double, integer, text
from warehouse.marts import Inputs, Mart, Upstream

PASS_RATE_MARGIN = Table(
    "mart.pass_rate_margin",
    "合格率与全省比较",
    "Pass rates of a region less those of its province, on the same programmes, products and periods",
    (
        text("plan", "规划", "plan", required=True),
        text("indicator", "指标代码", "indicator of the margin", required=True),
        text("compare_with", "比较指标", "indicator whose two rates are compared", required=True),
        text("definition", "口径", "definition of the rate", required=True),
        text("region_code", "行政区划代码", "region", required=True),
        text("province_code", "所在省代码", "its province", required=True),
        integer("year", "年份", "calendar year", required=True),
        integer("inspected", "抽检数", "units inspected in the region that have a like in the province", required=True),
        integer("passed", "合格数", "of these passed", required=True),
        double("rate", "合格率", "rate of the region", unit="%"),
        integer("province_inspected", "全省抽检数", "units inspected in the province", required=True),
        integer("province_passed", "全省合格数", "of these passed", required=True),
        double("province_rate", "全省合格率", "rate of the province", unit="%"),
        double("difference", "差距", "rate of the region less that of the province", unit="points"),
        double("ci_low", "置信下限", "lower end of the 95 % interval of the difference", unit="points"),
        double("ci_high", "置信上限", "upper end of the 95 % interval of the difference", unit="points"),
        double("margin", "要求差距", "margin that the plan asks in the year", unit="points"),
        boolean("spans_margin", "区间含要求值", "whether the interval of the difference spans the margin asked"),
        text("matched", "可比范围", "programmes, products and periods that stand on both sides"),
        text("left_out", "不可比范围", "what the region has and the province has not"),
        boolean("headline", "主口径", "whether the plan means this definition of the rate", required=True),
        boolean("complete", "完整", "whether nothing was left out and every programme covers the year", required=True),
        MART_ORIGIN,
    ),
    ("plan", "indicator", "definition", "region_code", "year"),
    warnings=("the verdict follows the difference; spans_margin says that chance alone could turn it",),
)

_SIDE = ["plan", "indicator", "definition", "year"]
_SPAN = ["first", "last", "days"]
_LIKE = [*_SIDE, "programme", "kind", *_SPAN]


def like_counts(rates: ir.Table, readings: ir.Table, categories: ir.Table, frames: ir.Table) -> ir.Table:
    """The rows of mart.pass_rate that `like_rows` adds up, with READING and what `widest_periods` adds."""
    wanted = readings.select("indicator", "definition", "programme", "counted").join(
        categories, ["indicator", "definition"]
    )
    named = rates.join(wanted.filter(wanted.category != ALL), ["programme", "category", "counted"])
    total = wanted.filter(wanted.category == ALL).drop("category")
    rows = named.union(rates.join(total, ["programme", "counted"]).select(*named.columns))
    return widest_periods(chosen_counts(rows, frames))


def like_rows(rates: ir.Table, readings: ir.Table, categories: ir.Table, frames: ir.Table) -> ir.Table:
    """Counts that a reading could compare, one row per product list entry and programme of a region and year.

    READING, programme, kind, is_total, first, last, days (the span that the counts cover), inspected, passed,
    origin, whole_list. kind: the category's code, else its name. A reading of the total takes the categories
    too; whole_list: they add up to the total, so that the product list of the programme is known.
    """
    taken = like_counts(rates, readings, categories, frames)
    taken = taken.mutate(kind=taken.category_code.fill_null(taken.category), is_total=taken.category == ALL)
    sums = taken.group_by([*READING, "programme", "kind", "is_total"]).aggregate(
        first=taken.period_start.min(),
        last=taken.period_end.max(),
        days=taken.covered_days.sum().cast("int64"),
        inspected=taken.inspected.sum().cast("int64"),
        passed=taken.passed.sum().cast("int64"),
        overlaps=taken.overlaps.any(),
        origin=origin_of(taken.origin),
    )
    sums = sums.filter(~sums.overlaps).drop("overlaps")
    programme = ibis.window(group_by=[sums[name] for name in [*READING, "programme"]])
    listed = sums.inspected.sum(where=~sums.is_total).over(programme)
    whole = sums.inspected.sum(where=sums.is_total).over(programme)
    return sums.mutate(whole_list=(listed == whole).fill_null(False), has_total=sums.is_total.any().over(programme))


def matched_rows(rows: ir.Table, compared: ir.Table) -> ir.Table:
    """Rows of a region beside the like ones of its province; the province's columns are null without one.

    `compared`: plan, indicator (of the rate), region_code, province_code. Like: same programme, product and
    span of days. Where both sides list every product of a programme, products are matched; else its totals.
    """
    own = rows.join(compared, ["indicator", "region_code"])
    whose = compared.select("plan", "indicator", "province_code")
    other = rows.join(whose, [rows.indicator == whose.indicator, rows.region_code == whose.province_code])
    other = other.select(
        *_LIKE, p_inspected="inspected", p_passed="passed", p_origin="origin", p_whole_list="whole_list"
    )  # fmt: skip
    lists = other.group_by([*_SIDE, "programme"]).aggregate(p_lists=other.p_whole_list.any())
    pairs = own.left_join(other, _LIKE).drop(*(f"{name}_right" for name in _LIKE))
    pairs = pairs.left_join(lists, [*_SIDE, "programme"]).drop(*(f"{name}_right" for name in [*_SIDE, "programme"]))
    by_list = pairs.whole_list & pairs.p_lists.fill_null(False)
    return pairs.mutate(by_list=by_list).filter(lambda t: ~t.has_total | (t.is_total != t.by_list))


def counts_compared(
    rates: ir.Table, readings: ir.Table, categories: ir.Table, frames: ir.Table, indicators: ir.Table
) -> ir.Table:
    """The rows of mart.pass_rate that a margin compares, of both sides: plan, own_region, and `like_counts`."""
    compared = _compared_regions(indicators)
    pairs = matched_rows(like_rows(rates, readings, categories, frames), compared)
    pairs = pairs.filter(pairs.p_inspected.notnull())
    taken = like_counts(rates, readings, categories, frames)
    taken = taken.mutate(kind=taken.category_code.fill_null(taken.category), is_total=taken.category == ALL)
    product = ["indicator", "definition", "year", "programme", "kind", "is_total"]
    sides = (
        pairs.select("plan", *product, own_region="region_code", region_code=side).distinct()
        for side in ("region_code", "province_code")
    )
    return taken.join(ibis.union(*sides), [*product, "region_code"])


def _compared_regions(indicators: ir.Table) -> ir.Table:
    """plan, region_code, province_code, and `indicator`, the rate that is compared."""
    asked = indicators.filter(
        indicators.compare_with.notnull(), indicators.comparator == Comparator.ABOVE_PROVINCE.value
    )
    return asked.select("plan", "region_code", "province_code", indicator="compare_with").distinct()


def margins(
    rates: ir.Table, readings: ir.Table, categories: ir.Table, frames: ir.Table, indicators: ir.Table, targets: ir.Table
) -> ir.Table:
    """Rows of PASS_RATE_MARGIN. `indicators`: plan_statements; `targets`: mart.target; the rest as in contribution.

    No row where the province has no counts of that rate in the year at all; a row without a difference where
    it has none that are like the region's.
    """
    asked = indicators.filter(
        indicators.compare_with.notnull(), indicators.comparator == Comparator.ABOVE_PROVINCE.value
    )
    compared = _compared_regions(indicators)
    rows = like_rows(rates, readings, categories, frames)
    pairs = matched_rows(rows, compared)
    there = pairs.p_inspected.notnull()
    span = pairs["first"].strftime("%Y-%m-%d") + "/" + pairs["last"].strftime("%Y-%m-%d")
    name = pairs.programme + " " + pairs.kind + " " + span
    lines = pairs.mutate(line=name, there=there)
    needed = readings.group_by(["indicator", "definition"]).aggregate(
        programmes=readings.programme.nunique(), headline=readings.headline.any()
    )
    sums = lines.group_by([*_SIDE, "region_code", "province_code"]).aggregate(
        inspected=lines.inspected.sum(where=lines.there).fill_null(0).cast("int64"),
        passed=lines.passed.sum(where=lines.there).fill_null(0).cast("int64"),
        province_inspected=lines.p_inspected.sum().fill_null(0).cast("int64"),
        province_passed=lines.p_passed.sum().fill_null(0).cast("int64"),
        found=lines.programme.nunique(where=lines.there).fill_null(0),
        whole_year=(lines.days >= _days_of(lines.year)).all(where=lines.there),
        matched=lines.line.group_concat(", ", where=lines.there, order_by=lines.line),
        left_out=lines.line.group_concat(", ", where=~lines.there, order_by=lines.line),
        own_origin=origin_of(lines.origin),
        p_origin=origin_of(lines.p_origin),
    )
    known = rows.select("indicator", "definition", "year", province_code=rows.region_code).distinct()
    sums = sums.semi_join(known, ["indicator", "definition", "year", "province_code"])
    sums = sums.join(needed, ["indicator", "definition"])
    return _told(_compared(sums), asked, targets)


def _days_of(year: ir.IntegerValue) -> ir.IntegerValue:
    first, last = (ibis.date(year.cast("int32"), *day) for day in ((1, 1), (12, 31)))
    return last.delta(first, unit="day") + 1


def _compared(sums: ir.Table) -> ir.Table:
    """`sums` with both rates, their difference and its interval."""
    own = with_interval(sums, interval())
    both = with_interval(
        own.rename(own_inspected="inspected", own_passed="passed", own_low="ci_low", own_high="ci_high").rename(
            inspected="province_inspected", passed="province_passed"
        ),
        interval(),
    )
    rate = percent(both.own_passed, both.own_inspected)
    province = percent(both.passed, both.inspected)
    low, high = newcombe(rate, (both.own_low, both.own_high), province, (both.ci_low, both.ci_high))
    return (
        both.mutate(rate=rate, province_rate=province, difference=rate - province, low=low, high=high)
        .drop("ci_low", "ci_high")
        .rename(province_inspected="inspected", province_passed="passed")
        .rename(inspected="own_inspected", passed="own_passed", ci_low="low", ci_high="high")
    )


def _told(sums: ir.Table, asked: ir.Table, targets: ir.Table) -> ir.Table:
    """Rows of PASS_RATE_MARGIN: the comparison under the code of its margin, beside what the plan asks."""
    margin = asked.select("plan", "region_code", "compare_with", code=asked.indicator)
    rows = sums.rename(compare_with="indicator").join(margin, ["plan", "region_code", "compare_with"])
    required = targets.select("plan", "year", code=targets.indicator, margin=targets.required)
    rows = rows.left_join(required, ["plan", "code", "year"]).drop("plan_right", "code_right", "year_right")
    same = (rows.own_origin == rows.p_origin) | rows.p_origin.isnull()
    return rows.mutate(
        indicator=rows.code,
        spans_margin=(rows.ci_low <= rows.margin) & (rows.margin <= rows.ci_high),
        complete=(rows.left_out.isnull() & (rows.found >= rows.programmes) & rows.whole_year).fill_null(False),
        origin=ibis.ifelse(same, rows.own_origin, "mixed"),
    ).select(*PASS_RATE_MARGIN.names)


def margin_contribution(inputs: Inputs) -> ir.Table:
    """Rows of CONTRIBUTION from mart.pass_rate_margin, in points, with what was and was not compared."""
    own = plan_statements(inputs).select("plan", "indicator", "headline_definition")
    rows = inputs.table(PASS_RATE_MARGIN.name).join(own, ["plan", "indicator"])
    nothing = rows["difference"].isnull()
    return contribution(
        rows.mutate(
            definition=ibis.ifelse(rows.headline, rows.headline_definition, rows.definition),
            value=rows["difference"],
            unit=ibis.literal("points"),
            n=rows.inspected,
            basis=ibis.ifelse(
                nothing,
                "the province has no counts of the same programme, products and period",
                rows.passed.cast("string")
                + "/"
                + rows.inspected.cast("string")
                + " of the region less "
                + rows.province_passed.cast("string")
                + "/"
                + rows.province_inspected.cast("string")
                + " of the province",
            )
            + ibis.ifelse(rows.left_out.isnull(), "", "; not compared: " + rows.left_out),
        )
    )


def _build(inputs: Inputs) -> ir.Table:
    return margins(
        inputs.table("mart.pass_rate"),
        inputs.table("standard.pass_rate_indicator"),
        inputs.table("standard.pass_rate_category"),
        inputs.table("standard.series_frame"),
        plan_statements(inputs),
        inputs.table(TARGET.name),
    )


PASS_RATE_MARGIN_MART = Mart(
    table=PASS_RATE_MARGIN,
    subject="pass_rates",
    scope=(),
    upstream=(Upstream("mart.pass_rate"),),
    build=_build,
    reads=(
        "standard.pass_rate_indicator",
        "standard.pass_rate_category",
        "standard.series_frame",
        "standard.interval",
        INDICATOR.name,
        TARGET.name,
    ),
)
