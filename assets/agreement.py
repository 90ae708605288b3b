"""Our numbers against the numbers that the publications print beside their data.

Belongs here: `mart.agreement`, one row per publication, subject and year. Does not belong here: the
comparison of a single row (each mart's `agrees`), or using a published number as ours.
"""

from __future__ import annotations

from functools import reduce

import ibis
import ibis.expr.types as ir

from assets.air.cities import CITY_DAY
from assets.air.hours import STATION_HOUR
from assets.air.mismatches import AIR_MISMATCH, DAILY, HOURLY
from assets.air.years import CITY_YEAR
from assets.energy.fuels import sector_sum_check
from assets.exact import origin_of
from assets.pass_rates.rates import PASS_RATE
from assets.water.samples import WATER_SAMPLE_CLASS
from sources.registry import MART_ORIGIN, SERIES, Table, integer, text
from warehouse.marts import Inputs, Mart, Upstream

AGREEMENT = Table(
    "mart.agreement",
    "复算一致率",
    "Own numbers against published ones, by publication and subject",
    (
        SERIES,
        text("subject", "内容", "what is compared", required=True),
        text("period", "时期", "year, or empty where all years stand together", required=True),
        integer("records", "记录数", "rows of ours", required=True),
        integer("compared", "可比数", "rows for which the publication prints a number", required=True),
        integer("equal", "一致数", "rows on which both agree", required=True),
        text("example", "例", "one total: own | published"),
        text("classes", "不一致类别", "air: classes of the differences with their numbers, see mart.air_mismatch"),
        MART_ORIGIN,
    ),
    ("series", "subject", "period"),
)

#: The standard whose city days the daily publications print.
_DAILY_STANDARD = "hj633_2012"


def _counted(
    rows: ir.Table, subject: str, published: ir.Value, agrees: ir.BooleanValue, period: ir.StringValue | None = None
) -> ir.Table:
    """Rows of AGREEMENT without examples: one per series (and period) that prints anything."""
    marked = rows.select(
        "series",
        "origin",
        period=ibis.literal("") if period is None else period,
        printed=published.notnull(),
        same=agrees.fill_null(False),
    )
    counts = marked.group_by("series", "period").aggregate(
        records=marked.count(),
        compared=marked.printed.sum(),
        equal=(marked.printed & marked.same).sum(),
        origin=origin_of(marked.origin),
    )
    return counts.filter(counts.compared > 0).mutate(subject=ibis.literal(subject))


def hours(station_hour: ir.Table) -> list[ir.Table]:
    """Hourly AQI and primary pollutants of station series."""
    return [
        _counted(station_hour, HOURLY, station_hour.published_aqi, station_hour.agrees),
        _counted(
            station_hour, "hourly primary pollutants", station_hour.published_primary, station_hour.agrees_primary
        ),
    ]


def days(city_day: ir.Table, city_year: ir.Table) -> ir.Table:
    """Daily AQI of cities, per year, with the good days of the year as the example."""
    ruled = city_day.filter(city_day.standard == _DAILY_STANDARD)
    counts = _counted(ruled, DAILY, ruled.published_aqi, ruled.agrees, ruled.day.year().cast("string"))
    years = city_year.filter(city_year.standard == _DAILY_STANDARD)
    regions = ruled.group_by("series", period=ruled.day.year().cast("string")).aggregate(
        region_code=ruled.region_code.min(), regions=ruled.region_code.nunique()
    )
    one = regions.filter(regions.regions == 1)
    joined = one.join(years, [one.region_code == years.region_code, one.period == years.year.cast("string")])
    told = joined.select(
        "series",
        "period",
        example=ibis.literal("good days ")
        + joined.good_days.cast("string")
        + " | "
        + joined.published_good_days.cast("string"),
    )
    return counts.left_join(told, ["series", "period"]).drop("series_right", "period_right")


def classes(sample_class: ir.Table) -> ir.Table:
    """Water classes of samples."""
    return _counted(sample_class, "water class", sample_class.published_class, sample_class.agrees)


def rates(pass_rate: ir.Table) -> ir.Table:
    """Fail and pass rates recomputed from the counts, with the published total as the example."""
    printed = pass_rate.published_fail_rate.coalesce(pass_rate.published_rate)
    counts = _counted(pass_rate, "rate from counts", printed, pass_rate.agrees)
    total = pass_rate.filter(pass_rate.category == "all")
    told = total.group_by("series").aggregate(
        example=(
            total.passed.cast("string")
            + " of "
            + total.inspected.cast("string")
            + " pass | fail rate "
            + total.published_fail_rate.cast("decimal(7, 1)").cast("string")
            + " %"
        ).max(),
        totals=total.count(),
    )
    return counts.left_join(told.filter(told.totals == 1).drop("totals"), "series").drop("series_right")


def sums(energy_use: ir.Table) -> ir.Table:
    """Sector sums of final energy consumption against the printed totals."""
    checked = sector_sum_check(energy_use)
    origins = energy_use.group_by("series").aggregate(origin=origin_of(energy_use.origin))
    rows = checked.join(origins, "series")
    return _counted(rows, "fuel totals from sectors", rows.printed, rows.agrees)


def mismatch_classes(mismatch: ir.Table) -> ir.Table:
    """series, subject, period, classes: `rounding 94, missing_item 40` of the differences of air, most first."""
    period = ibis.ifelse(mismatch.subject == DAILY, mismatch.day.year().cast("string"), "")
    counts = mismatch.group_by("series", "subject", "class", period=period).aggregate(number=mismatch.count())
    told = counts["class"] + " " + counts.number.cast("string")
    by_number = [counts.number.desc(), counts["class"].asc()]
    return counts.group_by("series", "subject", "period").aggregate(classes=told.collect(order_by=by_number).join(", "))


def agreement(parts: list[ir.Table], classes: ir.Table) -> ir.Table:
    """Rows of AGREEMENT from the subjects' parts; `classes`: see `mismatch_classes`."""
    bare = [name for name in AGREEMENT.names if name != "classes"]
    shaped = [
        (part if "example" in part.columns else part.mutate(example=ibis.null("string"))).select(*bare)
        for part in parts
    ]
    rows = reduce(lambda left, right: left.union(right), shaped)
    return rows.left_join(classes, ["series", "subject", "period"]).select(*AGREEMENT.names)


def _build(inputs: Inputs) -> ir.Table:
    return agreement(
        [
            *hours(inputs.table(STATION_HOUR.name)),
            days(inputs.table(CITY_DAY.name), inputs.table(CITY_YEAR.name)),
            classes(inputs.table(WATER_SAMPLE_CLASS.name)),
            rates(inputs.table(PASS_RATE.name)),
            sums(inputs.table("core.energy_use")),
        ],
        mismatch_classes(inputs.table(AIR_MISMATCH.name)),
    )


AGREEMENT_MART = Mart(
    table=AGREEMENT,
    subject="scorecard",
    scope=(),
    upstream=tuple(
        Upstream(name)
        for name in (
            STATION_HOUR.name,
            CITY_DAY.name,
            CITY_YEAR.name,
            AIR_MISMATCH.name,
            WATER_SAMPLE_CLASS.name,
            PASS_RATE.name,
            "core.energy_use",
        )
    ),
    build=_build,
)
