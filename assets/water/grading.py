"""The class of each determinand, and the worst of them: GB 3838-2002 as Ibis expressions.

Belongs here: units, what a censored value leaves open, class of an item, class of a group of items.
Does not belong here: limits and items (`assets.water.standards`), means (`assets.water.means`).

A value below or above the limit of a method could lie anywhere on one side of it. So every item has
two classes: the one that it surely meets (`worst`) and the one that it could have (`best`); for a
measured value they are the same. A pass is ≤ the limit (≥ for oxygen), equal passes, a limit shared
by two classes gives the better one, what fails class V is 6 (GB 3838-2002, 5.1).
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from assets.water.judging import LEVEL
from assets.water.standards import BEYOND, BODIES, CLASSES, RIVER, rule


def wide_limits(limits: ir.Table) -> ir.Table:
    """standard.water_limit with one row for each item and reading of the water body.

    determinand, reading (river | lake), low_1 … low_5, high_1 … high_5 (null = not limited). A limit
    for any water body counts under both readings, one without classes in every class.
    """
    readings = ibis.union(
        *(limits.filter(limits.water_body.isin(["any", body])).mutate(reading=ibis.literal(body)) for body in BODIES)
    )
    return readings.group_by(["determinand", "reading"]).aggregate(
        **{
            f"{side}_{grade}": readings[side].max(where=readings["class"].isin([0, grade]))
            for grade in CLASSES
            for side in ("low", "high")
        }
    )


def limit_of(rows: ir.Table, side: str, grade: ir.IntegerValue) -> ir.DecimalValue:
    """The limit on one side (low | high) of the class that `grade` names, from the columns of wide_limits."""
    return ibis.cases(*((grade == k, rows[f"{side}_{k}"]) for k in CLASSES))


def levels(samples: ir.Table, items: ir.Table, units: ir.Table) -> ir.Table:
    """The rows of core.water_samples that can be judged, in the units of the limits.

    `items`: the rows of standard.water_item to judge. Adds place, automatic, lower_limited, judged_digits; level (the
    value, or the limit of a censored one; decimal), below and above (the true value lies on that side
    of level), usable (false where the unit does not lead to the limits' unit, or the number is no
    concentration). Whole samples only: what is dissolved is less than the limits speak of.
    """
    judged = items.select("determinand", "place", "limit_unit", "automatic", "lower_limited", "judged_digits")
    whole = samples.filter(
        (samples.fraction == "total")
        & (samples.value.notnull() | (samples.qualifier.notnull() & samples.detection_limit.notnull()))
    )
    known = whole.join(judged, "determinand").left_join(units, ["unit", "limit_unit"])
    level = (ibis.coalesce(known.value, known.detection_limit).cast("decimal(28, 6)") * known.factor).cast(LEVEL)
    censored = known.value.isnull()
    return known.drop("unit_right", "limit_unit_right").mutate(
        level=level,
        below=censored & (known.qualifier == "<"),
        above=censored & (known.qualifier == ">"),
        usable=(level <= ibis.literal(rule("largest_level"))).fill_null(False),
    )


def class_of(rows: ir.Table, level: ir.DecimalValue) -> ir.IntegerValue:
    """The best class whose limits a known level meets; `rows` carry the columns of wide_limits."""
    met = [
        (rows[f"low_{k}"].isnull() | (level >= rows[f"low_{k}"]))
        & (rows[f"high_{k}"].isnull() | (level <= rows[f"high_{k}"]))
        for k in CLASSES
    ]
    return ibis.cases(*zip(met, CLASSES, strict=True), else_=BEYOND)


def grade_levels(judged: ir.Table, wide: ir.Table) -> ir.Table:
    """The rows of `levels` for each reading (river, lake), with `best` and `worst` class."""
    rows = judged.join(wide, "determinand")
    measured = rows.usable & ~rows.below & ~rows.above
    from_zero, unbounded = ~rows.usable | rows.below, ~rows.usable | rows.above
    surely, possibly = [], []
    for k in CLASSES:
        low, high = rows[f"low_{k}"], rows[f"high_{k}"]
        surely.append(
            (low.isnull() | (~from_zero & (rows.level >= low))) & (high.isnull() | (~unbounded & (rows.level <= high)))
        )
        possibly.append(
            (low.isnull() | unbounded | (rows.level > low)) & (high.isnull() | from_zero | (rows.level < high))
        )
    exact = class_of(rows, rows.level)
    return rows.mutate(
        worst=ibis.ifelse(measured, exact, ibis.cases(*zip(surely, CLASSES, strict=True), else_=BEYOND)),
        best=ibis.ifelse(measured, exact, ibis.cases(*zip(possibly, CLASSES, strict=True), else_=BEYOND)),
    )


def summary(graded: ir.Table, keys: Sequence[str]) -> ir.Table:
    """The class of a group of graded items: the worst of them, under the group's reading and under both.

    `graded`: keys, determinand, place, automatic, reading, water_body (null = unknown: river), best,
    worst. Gives keys, class, class_at_best, class_river, class_lake, assessable, deciding_parameters (the items of
    the worst class in the order of table 1, joined by a comma; empty for class 1, where every item is
    at its best), unjudged_parameters, items_assessed, item_set. A censored value is no verdict where
    it leaves open whether class V is met: assessable is then false and class null, unless another item
    is worse than V anyway.
    """
    own = graded.reading == graded.water_body.fill_null(RIVER)
    worst = graded.worst.max().over(ibis.window(group_by=[*(graded[key] for key in keys), graded.reading]))
    rows = graded.mutate(own=own, group_worst=worst)
    unjudged = (rows.worst == BEYOND) & (rows.best < BEYOND)

    def named(where: ir.BooleanValue) -> ir.StringValue:
        return rows.determinand.group_concat(",", where=rows.own & where, order_by=rows.place).fill_null("")

    sums = rows.group_by(list(keys)).aggregate(
        best=rows.best.max(where=rows.own),
        worst=rows.worst.max(where=rows.own),
        **{
            f"{body}_{side}": rows[side].max(where=rows.reading == body)
            for body in BODIES
            for side in ("best", "worst")
        },
        deciding=named((rows.worst == rows.group_worst) & (rows.worst > CLASSES[0])),
        unjudged_parameters=named(unjudged),
        items_assessed=rows.count(where=rows.own),
        others=rows.count(where=rows.own & ~rows.automatic),
    )
    nothing = ibis.null("int64")

    def known(best: ir.IntegerValue, worst: ir.IntegerValue) -> ir.BooleanValue:
        return (worst < BEYOND) | (best == BEYOND)

    assessable = known(sums.best, sums.worst)
    of_bodies = {
        f"class_{body}": ibis.ifelse(known(sums[f"{body}_best"], sums[f"{body}_worst"]), sums[f"{body}_worst"], nothing)
        for body in BODIES
    }
    return sums.select(
        *keys,
        "unjudged_parameters",
        "items_assessed",
        **{"class": ibis.ifelse(assessable, sums.worst, nothing)},
        class_at_best=sums.best,
        class_at_worst=sums.worst,
        **of_bodies,
        assessable=assessable,
        deciding_parameters=ibis.ifelse(assessable, sums.deciding, ""),
        item_set=ibis.ifelse(sums.others == 0, "automatic_5", "table1_21"),
    )


def references(graded: ir.Table, keys: Sequence[str]) -> ir.Table:
    """keys, reference_items: each graded item by itself as `item:class`, in the order of table 1.

    Under the group's own reading; an item that its reading does not limit (total nitrogen of rivers) or
    that censoring leaves open is not named.
    """
    own = graded.filter(
        (graded.reading == graded.water_body.fill_null(RIVER)) & ((graded.worst < BEYOND) | (graded.best == BEYOND))
    )
    label = own.determinand + ":" + own.worst.cast("string")
    return (
        own.mutate(label=label)
        .group_by(list(keys))
        .aggregate(reference_items=ibis._.label.group_concat(",", order_by=ibis._.place))
    )
