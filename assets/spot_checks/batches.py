"""Single batches → counts of inspected and passed units, by region, year, programme and category.

Belongs here: which year, region and verdict a batch counts for, batches, enterprises and safety items as
units. Does not belong here: pooling for an indicator, intervals, whether a list has a denominator at all
(`assets.pass_rates`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.exact import origin_of
from assets.spot_checks.standards import setting
from sources.feeds.inspection import BATCH, BATCH_SAFETY, ENTERPRISE

#: The category of a total (the feed's own word), and of batches without one.
ALL, UNSTATED = "all", "unstated"

#: SQL for the regions and years that changed batches can count for, whatever the settings say.
REGION_YEARS = (
    "SELECT DISTINCT region_code, extract(year FROM day) AS year FROM (SELECT "
    "unnest([region_code, producer_region_code, sampled_region_code]) AS region_code, published_on, sampled_on "
    "FROM {changed}) AS placed, unnest([published_on, sampled_on]) AS days (day) "
    "WHERE region_code IS NOT NULL AND day IS NOT NULL"
)

_GROUP = ["series", "region_code", "year", "programme", "category"]


def batch_counts(spot_checks: ir.Table, failed_items: ir.Table) -> ir.Table:
    """_GROUP, counted, inspected, passed, origin from core.spot_checks and mart.failed_item.

    counted: `batch` by the verdict; `batch_safety` by the mandatory safety items alone (an unknown item, or a
    failure without any item named, counts as one); `enterprise` by producer, who passes when every batch does;
    batches without a producer are in no enterprise. Repeated rows inside a file count: a second sample can
    look the same. A batch without a region describes none. Category `all` is every batch.
    """
    rows = _placed(counted_batches(spot_checks, failed_items))
    rows = rows.union(rows.mutate(category=ibis.literal(ALL)))
    firms = rows.filter(rows.producer_name.notnull())
    firms = firms.group_by([*_GROUP, "producer_name"]).aggregate(
        passes=firms.passes.all(), origin=origin_of(firms.origin)
    )
    return _sums(rows, BATCH, rows.passes).union(
        _sums(rows, BATCH_SAFETY, rows.safe), _sums(firms, ENTERPRISE, firms.passes)
    )


def counted_batches(spot_checks: ir.Table, failed_items: ir.Table) -> ir.Table:
    """core.spot_checks with counted_on, year, category, passes, safe, by the settings.

    counted_on: the day of publication, or of sampling where the setting says so and it is known.
    """
    day = spot_checks.published_on
    if setting("year_of") == "sampled":
        day = spot_checks.sampled_on.fill_null(day)
    passing = ["pass", "conditional"] if setting("conditional_passes") == "yes" else ["pass"]
    sample = ["series", "sample_id"]
    harmless = failed_items.group_by(sample).aggregate(harmless=(~failed_items.mandatory).fill_null(False).all())
    rows = spot_checks.left_join(harmless, sample).drop(*(f"{name}_right" for name in sample))
    passes = rows.verdict.isin(passing)
    return rows.mutate(
        counted_on=day,
        year=day.year().cast("int64"),
        category=rows.category.fill_null(UNSTATED),
        passes=passes,
        safe=passes | rows.harmless.fill_null(False),
    )


def _placed(batches: ir.Table) -> ir.Table:
    """Each batch once for the region of its programme and once for the town in it that the setting names."""
    known = batches.filter(batches.region_code.notnull())
    column = "producer_region_code" if setting("town_of") == "producer" else "sampled_region_code"
    town = known[column]
    inside = known.filter(town.startswith(known.region_code) & (town.length() > known.region_code.length()))
    return known.union(inside.mutate(region_code=inside[column]).select(*known.columns))


def _sums(rows: ir.Table, counted: str, passes: ir.BooleanColumn) -> ir.Table:
    sums = rows.group_by(_GROUP).aggregate(
        inspected=rows.count(), passed=passes.sum().cast("int64"), origin=origin_of(rows.origin)
    )
    return sums.mutate(counted=ibis.literal(counted))
