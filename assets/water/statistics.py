"""mart.water_item_year: what was measured of each determinand at a section in a year, censoring intact.

Belongs here: counts, extremes and means with their bounds, of every determinand in its own unit. Does not
belong here: limits and verdicts (`assets.water.periods`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.exact import origin_of
from assets.water.samples import STATION_CODE
from assets.water.standards import rule
from sources.feeds.water import DETERMINANDS, WATER_SAMPLES, WATER_UNITS
from sources.registry import MART_ORIGIN, SERIES, Table, boolean, decimal, double, integer, text
from warehouse.marts import Inputs, Mart, Upstream

SCOPE = ("series", "station_code", "year")
KEY = (*SCOPE, "determinand", "fraction", "unit")

WATER_ITEM_YEAR = Table(
    "mart.water_item_year",
    "断面指标年度统计",
    "Yearly statistics of every determinand at a section, whole and filtered apart, each unit apart",
    (
        SERIES,
        STATION_CODE,
        integer("year", "年份", "calendar year", required=True),
        text("determinand", "指标", "what was measured", required=True, codes=DETERMINANDS),
        text(
            "fraction",
            "形态",
            "whole sample or filtered",
            required=True,
            codes=WATER_SAMPLES.column("fraction").codes,
        ),
        text("unit", "单位", "unit of all numbers of the row", required=True, codes=WATER_UNITS),
        integer("samples", "样品数", "results", required=True),
        integer("below_detection", "未检出数", "results below a limit of detection", required=True),
        integer("above_range", "超量程数", "results above the range of the method", required=True),
        decimal("lowest", 18, 6, "最低测定值", "lowest measured value"),
        decimal("highest", 18, 6, "最高测定值", "highest measured value"),
        decimal("lowest_limit", 18, 6, "最低检出限", "lowest limit that a result was below"),
        decimal("highest_limit", 18, 6, "最高检出限", "highest limit that a result was below"),
        decimal("highest_range", 18, 6, "最高上限", "highest limit that a result was above"),
        double("mean_low", "均值下界", "mean with nothing for results below detection"),
        double("mean", "均值", "mean with half the limit for results below detection"),
        double("mean_high", "均值上界", "mean with the whole limit for results below detection"),
        boolean("open_above", "上界未知", "a result above range: the true mean may lie above mean_high", required=True),
        MART_ORIGIN,
    ),
    KEY,
)


def item_years(samples: ir.Table) -> ir.Table:
    """Columns of WATER_ITEM_YEAR from rows of core.water_samples.

    Each mean is one exact decimal sum divided once. A result without value and without limit is no result.
    """
    below = samples.value.isnull() & (samples.qualifier == "<").fill_null(False) & samples.detection_limit.notnull()
    above = samples.value.isnull() & (samples.qualifier == ">").fill_null(False) & samples.detection_limit.notnull()
    rows = samples.mutate(year=samples.sampled_at.year().cast("int64"), below=below, above=above).filter(
        samples.value.notnull() | below | above
    )
    known = ibis.coalesce(rows.value, rows.detection_limit)

    def entered(share: str) -> ir.DecimalValue:
        return (
            ibis.ifelse(rows.below, ibis.literal(share).cast("decimal(2, 1)"), 1).cast("decimal(2, 1)") * known
        ).cast("decimal(38, 7)")

    sums = rows.group_by(list(KEY)).aggregate(
        samples=rows.count(),
        below_detection=rows.count(where=rows.below),
        above_range=rows.count(where=rows.above),
        lowest=rows.value.min(),
        highest=rows.value.max(),
        lowest_limit=rows.detection_limit.min(where=rows.below),
        highest_limit=rows.detection_limit.max(where=rows.below),
        highest_range=rows.detection_limit.max(where=rows.above),
        total_low=entered("0").sum(),
        total=entered(f"{rule('below_detection_share'):f}").sum(),
        total_high=entered("1").sum(),
        origin=origin_of(rows.origin),
    )
    count = sums.samples.cast("float64")
    return sums.mutate(
        mean_low=sums.total_low.cast("float64") / count,
        mean=sums.total.cast("float64") / count,
        mean_high=sums.total_high.cast("float64") / count,
        open_above=sums.above_range > 0,
    ).select(*WATER_ITEM_YEAR.names)


def build(inputs: Inputs) -> ir.Table:
    """The rows of mart.water_item_year for the dirty section-years."""
    samples, dirty = inputs.table("core.water_samples"), inputs.dirty
    return item_years(
        samples.semi_join(
            dirty,
            [
                samples.series == dirty.series,
                samples.station_code == dirty.station_code,
                samples.sampled_at.year() == dirty.year,
            ],
        )
    )


WATER_ITEM_YEAR_MART = Mart(
    table=WATER_ITEM_YEAR,
    subject="water",
    scope=SCOPE,
    upstream=(Upstream("core.water_samples", scope={"year": "extract(year FROM sampled_at)"}),),
    build=build,
    reads=("standard.water_rule",),
)
