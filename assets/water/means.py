"""mart.water_item_month: the mean of each determinand over a station's month.

Belongs here: substitution below detection, exact means, their rounding. Does not belong here: classes
of periods (`assets.water.periods`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.exact import half_even_div, origin_of, scaled
from assets.water.grading import levels
from assets.water.judging import DIGITS, LEVEL, USABLE, rounded_ratio
from assets.water.samples import STATION_CODE
from assets.water.standards import rule
from sources.feeds.water import DETERMINANDS, WATER_UNITS
from sources.registry import MART_ORIGIN, SERIES, Table, date, decimal, integer, text
from warehouse.marts import Inputs, Mart, Upstream

MONTH_KEY = ("series", "station_code", "month")

WATER_ITEM_MONTH = Table(
    "mart.water_item_month",
    "断面指标月均值",
    "Monthly mean of each determinand with a limit or a place in an index, at a section",
    (
        SERIES,
        STATION_CODE,
        date("month", "月份", "first day of the month", required=True),
        text("determinand", "指标", "what was measured", required=True, codes=DETERMINANDS),
        decimal(
            "mean",
            28,
            DIGITS,
            "均值",
            "mean in `unit`, half the limit for values below detection; empty without a usable value",
        ),
        decimal("mean_low", 28, DIGITS, "均值下界", "the same with nothing for values below detection"),
        decimal("mean_high", 28, DIGITS, "均值上界", "the same with the whole limit for values below detection"),
        *(
            decimal(f"rounded_{name}", 28, DIGITS, f"{zh}修约值", f"{en}, rounded once to the digits of the comparison")
            for name, zh, en in (
                ("mean", "均值", "mean"),
                ("low", "下界", "lower bound"),
                ("high", "上界", "upper bound"),
            )
        ),
        text("unit", "单位", "unit of the mean", required=True, codes=WATER_UNITS),
        integer("samples", "样品数", "samples in the mean", required=True),
        integer("below_detection", "未检出数", "samples below the limit of detection", required=True),
        decimal("highest_below", 28, DIGITS, "最高检出限", "highest limit that a value was below"),
        decimal("lowest_above", 28, DIGITS, "最低上限", "lowest limit that a value was above"),
        integer("unusable", "不可用数", "samples whose unit or number cannot be used", required=True),
        MART_ORIGIN,
    ),
    (*MONTH_KEY, "determinand"),
)


def month_of(at: ir.TimestampValue) -> ir.DateValue:
    """The first day of the month."""
    return ibis.date(at.year(), at.month(), 1)


def substituted(rows: ir.Table) -> dict[str, ir.IntegerValue]:
    """entered, entered_low, entered_high: what rows of `levels` put into a mean, in units of 10^-DIGITS.

    A value below the limit of an item with an upper limit enters with half of it (monitoring practice,
    standard.water_rule), and with nothing and the whole for the bounds; below the limit of oxygen or pH with the
    limit, and with nothing for the lower bound. A value above a limit enters with the limit.
    """
    whole = scaled(ibis.ifelse(rows.usable, rows.level, ibis.null(LEVEL)).cast(USABLE), DIGITS)
    share, of = rule("below_detection_share").as_integer_ratio()
    return {
        "entered": ibis.ifelse(rows.below & ~rows.lower_limited, half_even_div(whole * share, of), whole),
        "entered_low": ibis.ifelse(rows.below, whole * 0, whole),
        "entered_high": whole,
    }


def period_means(sums: ir.Table, items: ir.Table) -> ir.Table:
    """Sums of one period and item with mean, mean_low, mean_high, the three rounded ones, and unit.

    `sums`: determinand; total, total_low, total_high (units of 10^-DIGITS) and number, what they are
    divided by. Each is rounded once, from the exact ratio.
    """
    named = sums.join(items.select("determinand", "mean_digits", "judged_digits", unit="limit_unit"), "determinand")
    count = named.number.nullif(0)
    totals = {"mean": named.total, "low": named.total_low, "high": named.total_high}
    stored = {name: rounded_ratio(total, count, named.mean_digits) for name, total in totals.items()}
    rounded = {f"rounded_{name}": rounded_ratio(total, count, named.judged_digits) for name, total in totals.items()}
    return named.mutate(mean=stored["mean"], mean_low=stored["low"], mean_high=stored["high"], **rounded)


def item_means(samples: ir.Table, items: ir.Table, units: ir.Table) -> ir.Table:
    """Columns of WATER_ITEM_MONTH from rows of core.water_samples.

    Mean = exact sum ÷ count. What a censored value enters with: `substituted`; `highest_below` and
    `lowest_above` keep its limit.
    """
    rows = levels(samples, items, units)
    rows = rows.mutate(month=month_of(rows.sampled_at), **substituted(rows))
    key = [*MONTH_KEY, "determinand"]
    sums = rows.group_by(key).aggregate(
        total=rows.entered.sum(),
        total_low=rows.entered_low.sum(),
        total_high=rows.entered_high.sum(),
        number=rows.entered.count(),
        samples=rows.entered.count(),
        below_detection=rows.count(where=rows.below),
        highest_below=rows.level.max(where=rows.below),
        lowest_above=rows.level.min(where=rows.above),
        unusable=rows.count(where=~rows.usable),
        origin=origin_of(rows.origin),
    )
    return period_means(sums, items).select(*WATER_ITEM_MONTH.names)


def build(inputs: Inputs) -> ir.Table:
    """The rows of mart.water_item_month for the dirty station-months."""
    samples, items, dirty = (
        inputs.table("core.water_samples"),
        inputs.table("standard.water_item"),
        inputs.dirty,
    )
    taken = samples.semi_join(
        dirty,
        [
            samples.series == dirty.series,
            samples.station_code == dirty.station_code,
            month_of(samples.sampled_at) == dirty.month,
        ],
    )
    return item_means(taken, items, inputs.table("standard.water_unit"))


WATER_ITEM_MONTH_MART = Mart(
    table=WATER_ITEM_MONTH,
    subject="water",
    scope=MONTH_KEY,
    upstream=(Upstream("core.water_samples", scope={"month": "CAST(date_trunc('month', sampled_at) AS DATE)"}),),
    build=build,
    reads=("standard.water_item", "standard.water_unit", "standard.water_rule"),
    heavy=True,
)
