"""mart.water_item_month: the mean of each determinand over a station's month.

Belongs here: substitution below detection, exact means, their rounding. Does not belong here: classes
of periods (`assets.water.periods`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.exact import half_even_div, origin_of, scaled, unscaled
from assets.water.grading import DIGITS, LEVEL, levels
from assets.water.samples import STATION_CODE
from assets.water.standards import rule
from sources.feeds.water import DETERMINANDS, WATER_UNITS
from sources.registry import MART_ORIGIN, SERIES, Table, date, decimal, integer, text
from warehouse.marts import Inputs, Mart, Upstream

#: Holds every usable level; times 10^DIGITS it still is a whole number of 64 bits.
USABLE = f"decimal(18, {DIGITS})"

MONTH_KEY = ("series", "station_code", "month")

WATER_ITEM_MONTH = Table(
    "mart.water_item_month",
    "断面指标月均值",
    "Monthly mean of each assessed determinand at a section",
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
        decimal(
            "mean_at_best",
            28,
            DIGITS,
            "最低均值",
            "the same with nothing for values below detection (oxygen, pH: the limit)",
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


def rounded_mean(total: ir.IntegerValue, count: ir.IntegerValue, digits: ir.IntegerValue) -> ir.DecimalValue:
    """total ÷ count to `digits` digits, half to even (GB/T 8170); total in units of 10^-DIGITS."""
    step = ibis.cases(*((digits == d, 10 ** (DIGITS - d)) for d in range(DIGITS))).cast("int64")
    return unscaled(half_even_div(total, count * step) * step, DIGITS, 28, DIGITS)


def item_means(samples: ir.Table, items: ir.Table, units: ir.Table) -> ir.Table:
    """Columns of WATER_ITEM_MONTH from rows of core.water_samples.

    Mean = exact sum ÷ count, rounded once to the digits of `standard.water_item`. Below the limit of
    an item with an upper limit half the limit stands in (环办[2011]22号 practice, standard.water_rule);
    any other censored value enters with its limit, and `highest_below`, `lowest_above` say so.
    """
    rows = levels(samples, items, units)
    whole = scaled(ibis.ifelse(rows.usable, rows.level, ibis.null(LEVEL)).cast(USABLE), DIGITS)
    share, of = rule("below_detection_share").as_integer_ratio()
    absent = rows.below & ~rows.lower_limited
    rows = rows.mutate(
        month=month_of(rows.sampled_at),
        entered=ibis.ifelse(absent, half_even_div(whole * share, of), whole),
        entered_at_best=ibis.ifelse(absent, whole * 0, whole),
    )
    key = [*MONTH_KEY, "determinand"]
    sums = rows.group_by(key).aggregate(
        total=rows.entered.sum(),
        total_at_best=rows.entered_at_best.sum(),
        samples=rows.entered.count(),
        below_detection=rows.count(where=rows.below),
        highest_below=rows.level.max(where=rows.below),
        lowest_above=rows.level.min(where=rows.above),
        unusable=rows.count(where=~rows.usable),
        origin=origin_of(rows.origin),
    )
    named = sums.join(items.select("determinand", "mean_digits", unit="limit_unit"), "determinand")
    count = named.samples.nullif(0)
    return named.mutate(
        mean=rounded_mean(named.total, count, named.mean_digits),
        mean_at_best=rounded_mean(named.total_at_best, count, named.mean_digits),
    ).select(*WATER_ITEM_MONTH.names)


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
    judged = items.filter(items.assessed | items.of_sources)
    return item_means(taken, judged, inputs.table("standard.water_unit"))


WATER_ITEM_MONTH_MART = Mart(
    table=WATER_ITEM_MONTH,
    subject="water",
    scope=MONTH_KEY,
    upstream=(Upstream("core.water_samples", scope={"month": "CAST(date_trunc('month', sampled_at) AS DATE)"}),),
    build=build,
    reads=("standard.water_item", "standard.water_unit", "standard.water_rule"),
)
