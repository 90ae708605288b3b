"""What would have to change for the composite index to reach its target, part by part.

Belongs here: the distance to the target and the value that one part alone would need. Does not belong
here: the index (`assets.environment.index`), the target (the plan), verdicts.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

INDEX_ROW = "index"

_KEY = ["region_code", "year", "definition"]

#: Digits of a needed value that are kept; below them lies the dust of binary fractions.
_DIGITS = 6


def with_reach(index: ir.Table, bounds: ir.Table, targets: ir.Table) -> ir.Table:
    """`index` (rows of parts and of the index) with target and needed, and the distance added to `basis`.

    `bounds`: definition, component, lower, upper. `targets`: region_code, target. needed of a part = the
    value with which it alone, the others as they are, brings the index to the target; of the only part
    that is missing = the value that it must at least have; null where no value within its range does,
    where the target is reached, or where more than one part is missing. needed of the index = the target.
    """
    asked = index.left_join(targets, "region_code").drop("region_code_right", "target_year")
    parts = asked.filter(asked.component != INDEX_ROW)
    own = asked.filter(asked.component == INDEX_ROW)
    whole = own.select(*_KEY, index_value=own.value, divisor=ibis.ifelse(own.value.isnull(), 1.0, own.weight))
    there = parts.group_by(_KEY).aggregate(
        gathered=parts.contribution.sum(), missing=parts.value.isnull().cast("int64").sum()
    )
    rows = parts.join(whole, _KEY).join(there, _KEY)
    rows = rows.left_join(bounds.select("definition", "component", "lower", "upper"), ["definition", "component"])
    rows = rows.drop(*(name for name in rows.columns if name.endswith("_right")))
    share = rows.weight / rows.divisor
    only_missing = rows.value.isnull() & rows.index_value.isnull() & (rows.missing == 1)
    short = rows.index_value < rows.target
    wanted = ibis.cases(
        (only_missing, (rows.target - rows.gathered) / share),
        (short & rows.value.notnull(), rows.value + (rows.target - rows.index_value) / share),
        else_=ibis.null("float64"),
    ).round(_DIGITS)
    # `greatest` leaves nulls out in DuckDB: what is not wanted must not become the lower end.
    least = ibis.ifelse(wanted.isnull(), ibis.null("float64"), ibis.greatest(wanted, rows.lower.cast("float64")))
    rows = rows.mutate(wanted=least, only_missing=only_missing)
    rows = rows.mutate(
        needed=ibis.ifelse(rows.wanted <= rows.upper.cast("float64"), rows.wanted, ibis.null("float64")),
        asked_of=rows.wanted.notnull(),
    )
    said = rows.component + ibis.ifelse(
        rows.needed.isnull(), " alone cannot", ibis.ifelse(rows.only_missing, " of ", " alone to ") + _up(rows.needed)
    )
    ways = rows.group_by(_KEY).aggregate(
        ways=said.group_concat(", ", where=rows.asked_of, order_by=rows.component),
        only_missing=rows.only_missing.any(),
        enough=(rows.only_missing & rows.needed.notnull()).any(),
        missing=rows.missing.max(),
    )
    told = own.left_join(ways, _KEY)
    told = told.drop(*(name for name in told.columns if name.endswith("_right")))
    goal = told.target.cast("decimal(12, 2)").cast("string").re_replace(r"\.?0+$", "")
    distance = ibis.cases(
        (told.target.isnull(), ""),
        (told.value >= told.target, "; reaches " + goal),
        (told.value.notnull(), "; " + _up(told.target - told.value) + " short of " + goal + ": " + told.ways),
        (told.only_missing & told.enough, "; " + goal + " needs " + told.ways),
        (told.only_missing, "; " + goal + " is out of reach whatever the missing part is"),
        else_="; " + told.missing.cast("string") + " parts are missing, so nobody knows what " + goal + " needs",
    )
    names = [*index.columns, "target", "needed"]
    return rows.select(*names).union(
        told.mutate(needed=told.target, basis=told.basis + distance.fill_null("")).select(*names)
    )


def _up(number: ir.NumericValue) -> ir.StringValue:
    """A number that suffices, to two digits: rounded up."""
    return ((number * 100 - 1e-4).ceil() / 100).cast("decimal(12, 2)").cast("string")
