"""What statistical returns contribute directly: a figure sent under an indicator's own code.

Belongs here: which returned figure is a value of an indicator, and which is not. Does not belong
here: counting registers (`assets.registers`), values computed from other feeds (`assets.<subject>`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.contribution import contribution
from assets.pass_rates.intervals import Ends, wilson
from assets.pass_rates.standards import interval
from assets.plan.model import Comparator, Measure
from assets.plan.tables import SUPPORTING, plan_statements
from warehouse.marts import Inputs

DEFAULT = "default"
#: Definition of a returned figure where the plan means one that this house computes.
AS_RETURNED = "as_returned"

#: How far a figure may lie from its counts: half of its last digit, where it is printed with one.
_ROUNDING = 0.05 + 1e-9

#: Units in which a share, change or margin must be returned; counts and amounts name what they count.
_POINTED = ("%", "points")


def is_coverage_only(returns: ir.Table) -> ir.BooleanColumn:
    """Whether a return only says how far a register is complete (零报告), and gives no figure."""
    silent = returns.value.isnull() & returns.numerator.isnull()
    return silent & (returns.nothing_to_report.fill_null(False) | returns.complete_to.notnull())


def chosen_returns(returns: ir.Table, indicators: ir.Table, supporting: ir.Table) -> ir.Table:
    """The rows of core.statistical_returns that are a code's figure, one per indicator, region and year.

    With indicator, returned_unit, statements, and unit, measure, comparator, headline_definition of the code.
    """
    known = _codes(indicators, supporting)
    rows = returns.rename(indicator="indicator_code", returned_unit="unit").join(known, "indicator")
    rows = rows.filter(
        rows.stratum == "all",
        rows.period.isin([rows.year.cast("string"), rows.year.cast("string") + "年"]),
        (rows.comparator != Comparator.CUMULATIVE_COUNT.value).fill_null(True),
        ~is_coverage_only(rows),
    )
    return _preferred(rows)


def returned_values(returns: ir.Table, indicators: ir.Table, supporting: ir.Table) -> ir.Table:
    """Rows of assets.contribution.CONTRIBUTION from core.statistical_returns, one per code, region, year.

    A figure counts when its code is the plan's or a supporting one, it is for the whole (stratum `all`)
    and its period is the whole year. Counts decide where both are given: share = 100 · numerator ÷
    denominator in %, ratio = numerator ÷ denominator. Lower bounds, and figures in another unit than
    the plan's, give no value and say so in `basis`. Evidence keeps its own figure and unit; where only
    counts are given it is their share in %. Cumulative counts come from registers only: a
    returned number does not say whether it is the year's or the total. A survey (sample_size given) has
    an interval, see `survey_interval`. A bare figure that its counts do not give is named in `basis`.
    Where several series return the same figure: real before synthetic, validated before provisional, counts
    before a bare figure, then the latest publication; the number of others is in `basis`.
    """
    rows = chosen_returns(returns, indicators, supporting)
    counted = rows.numerator.notnull() & (rows.denominator > 0).fill_null(False)
    evidence = rows.measure == Measure.EVIDENCE.value
    # Evidence may be any figure; counts alone are shown as the share that they give.
    shared = evidence & counted & rows.value.isnull()
    ratio = counted & rows.measure.isin([Measure.SHARE.value, Measure.RATIO.value]) | shared
    floor = rows.lower_bound.fill_null(False)
    foreign = ~ratio & ~evidence & rows.unit.isin(_POINTED) & (rows.returned_unit != rows.unit).fill_null(False)
    whole = ibis.ifelse(shared | (rows.measure == Measure.SHARE.value), 100.0, 1.0)
    quotient = rows.numerator.cast("float64") * whole / rows.denominator.cast("float64")
    own = rows.headline_definition == DEFAULT
    said_by = rows.reporting_body.fill_null(rows.source_title).fill_null(rows.series)
    kind = ibis.cases(
        (floor, "the source gives only a lower bound"),
        (ratio, "returned counts"),
        (foreign, "returned in " + rows.returned_unit + ", the plan counts in " + rows.unit),
        else_="returned figure",
    )
    value = ibis.cases((floor | foreign, ibis.null("float64")), (ratio, quotient), else_=rows.value.cast("float64"))
    low, high = survey_interval(rows, value)
    apart = (ratio & ((rows.value.cast("float64") - quotient).abs() > _ROUNDING)).fill_null(False)
    differs = "; the figure returned beside them is " + rows.value.cast("float64").round(2).cast("string")
    said_unit = ibis.ifelse(shared & (rows.returned_unit != "%").fill_null(False), " (" + rows.returned_unit + ")", "")
    unused = "; " + (rows.statements - 1).cast("string") + " other series not used"
    return contribution(
        rows.mutate(
            definition=ibis.ifelse(own, DEFAULT, AS_RETURNED),
            headline=own,
            value=value,
            ci_low=low,
            ci_high=high,
            unit=ibis.cases((shared, "%"), (evidence, rows.returned_unit.fill_null(rows.unit)), else_=rows.unit),
            n=rows.sample_size,
            complete=~floor & (rows.complete_to >= ibis.date(rows.year, 12, 31)).fill_null(True),
            basis=kind
            + said_unit
            + " of "
            + said_by
            + ibis.ifelse(apart, differs, "")
            + ibis.ifelse(rows.statements > 1, unused, ""),
        )
    )


def survey_interval(rows: ir.Table, value: ir.FloatingValue) -> Ends:
    """Both ends of the interval of a survey's share or score on a scale from 0 to 100; null for anything else.

    Of a share it is Wilson's, on the answers. Of a mean score it is the same formula on the score: answers
    between 0 and 100 with mean m vary no more than yes-and-no answers of which m per cent are yes, so that
    the true interval is no wider. Only figures with a sample size are surveys: a share of an area has none.
    """
    shares = rows.measure.isin([Measure.SHARE.value, Measure.SCORE.value])
    on_scale = (rows.sample_size > 0) & (value >= 0) & (value <= 100) & shares
    low, high = wilson(value / 100 * rows.sample_size, rows.sample_size, interval("wilson95").z)
    nothing = ibis.null("float64")
    known = on_scale.fill_null(False)
    return ibis.ifelse(known, low, nothing), ibis.ifelse(known, high, nothing)


def _codes(indicators: ir.Table, supporting: ir.Table) -> ir.Table:
    """Every code that a return may use: plan, indicator, unit, measure, comparator, headline_definition."""
    extra = supporting.select(
        "plan",
        indicator=supporting.code,
        unit=supporting.unit,
        measure=supporting.measure,
        comparator=ibis.null("string"),
        headline_definition=ibis.literal(DEFAULT),
    )
    return indicators.select(*extra.columns).union(extra)


def _preferred(rows: ir.Table) -> ir.Table:
    """One row per plan, indicator, region and year; `statements` = how many series had one."""
    same = ibis.window(group_by=["plan", "indicator", "region_code", "year"])
    order = ibis.window(
        group_by=["plan", "indicator", "region_code", "year"],
        order_by=[
            rows.origin,
            ibis.desc(rows.stage),
            rows.numerator.isnull() | rows.denominator.isnull(),
            ibis.desc(rows.published_at),
            rows.series,
            rows.period,
        ],
    )
    ranked = rows.mutate(place=ibis.row_number().over(order), statements=rows.series.count().over(same))
    return ranked.filter(ranked.place == 0)


def returned_contribution(inputs: Inputs) -> ir.Table:
    """The contribution of returns, from the warehouse."""
    return returned_values(
        inputs.table("core.statistical_returns"), plan_statements(inputs), inputs.table(SUPPORTING.name)
    )
