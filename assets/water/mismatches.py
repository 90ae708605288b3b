"""mart.water_class_mismatch: every sample whose published class is not ours, and what explains it.

Belongs here: the causes and their order. Does not belong here: our class (`assets.water.samples`), or
using a published class as ours.

A cause is a statement that can be checked on the row: rounding (some value within half a unit of its last
published digit gives the published class), the class of the sample before, the other reading of the water
body, a contradiction in the source itself. What none of them explains is `unexplained`.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.joins import beside
from assets.water.grading import class_of, levels, wide_limits
from assets.water.judging import LEVEL
from assets.water.samples import CLASS, KEY, STATION_CODE, WATER_SAMPLE_CLASS
from sources.registry import MART_ORIGIN, SERIES, Table, codes, integer, text, timestamp
from warehouse.marts import Inputs, Mart, Upstream

SCOPE = ("series", "station_code")

CAUSES = codes(
    ("rounding", "修约", "a value within half a unit of its last published digit gives the published class"),
    ("earlier_sample", "滞后一次", "the published class is that of the sample before, ours or as printed"),
    ("river_or_lake", "河流或湖库", "the published class follows the limits of the other kind of water body"),
    ("contradiction", "来源自相矛盾", "the source printed a class and no value that gives one"),
    ("unexplained", "未解释", "none of these"),
)

WATER_CLASS_MISMATCH = Table(
    "mart.water_class_mismatch",
    "水质类别不一致",
    "Samples whose published class is not ours, with the cause",
    (
        SERIES,
        STATION_CODE,
        timestamp("sampled_at", "采样时间", "time of the sample, local", required=True),
        CLASS,
        integer("published_class", "发布类别", "class printed by the source", required=True),
        text("cause", "原因", "the first of the causes that holds, in their order", required=True, codes=CAUSES),
        integer("best_by_rounding", "修约最好类别", "best class that the published digits allow"),
        integer("worst_by_rounding", "修约最差类别", "worst class that the published digits allow"),
        integer("class_before", "上次类别", "our class of the sample before"),
        integer("published_before", "上次发布类别", "class printed for the sample before"),
        integer(
            "best_other", "另一水体最好类别", "best class by rounding with the limits of the other kind of water body"
        ),
        integer("worst_other", "另一水体最差类别", "worst class by rounding with the limits of the other kind"),
        MART_ORIGIN,
    ),
    tuple(KEY),
)

#: Digits after the point of a number as published; empty where it has none.
_DIGITS = r"\.([0-9]+)\s*$"


def half_unit(text: ir.StringValue) -> ir.DecimalValue:
    """Half a unit of the last digit of a number as published: 0.005 for `1.20`; nothing from six digits on."""
    digits = text.re_extract(_DIGITS, 1).length()
    halves = [(digits == d, ibis.literal(f"{5 * 10 ** -(d + 1):.6f}").cast("decimal(28, 6)")) for d in range(6)]
    return ibis.cases(*halves, else_=ibis.literal("0").cast("decimal(28, 6)"))


def by_rounding(samples: ir.Table, bodies: ir.Table, items: ir.Table, limits: ir.Table, units: ir.Table) -> ir.Table:
    """KEY and the classes that the published digits of a sample allow, under its own reading and the other.

    best_by_rounding, worst_by_rounding, best_other, worst_other. `samples`: rows of core.water_samples.
    `bodies`: KEY, water_body. A value whose text is not known, and one that the source gives unrounded, is
    taken as exact.
    """
    rows = levels(samples, items.filter(items.assessed), units).join(bodies, list(KEY))
    rows = rows.join(wide_limits(limits), "determinand").filter(lambda t: t.usable & t.value.notnull())
    exact = rows.value_shown.notnull() | rows.value_text.isnull()
    half = (half_unit(ibis.ifelse(exact, "1.000000", rows.value_text)) * rows.factor).cast(LEVEL)
    ends = [class_of(rows, level) for level in (rows.level - half, rows.level, rows.level + half)]
    own = rows.reading == rows.water_body
    graded = rows.mutate(best=ibis.least(*ends), worst=ibis.greatest(*ends), own=own)
    return graded.group_by(list(KEY)).aggregate(
        best_by_rounding=graded.best.max(where=graded.own),
        worst_by_rounding=graded.worst.max(where=graded.own),
        best_other=graded.best.max(where=~graded.own),
        worst_other=graded.worst.max(where=~graded.own),
    )


def class_mismatches(
    classes: ir.Table, samples: ir.Table, items: ir.Table, limits: ir.Table, units: ir.Table
) -> ir.Table:
    """Columns of WATER_CLASS_MISMATCH from all samples of some sections and their classes."""
    before = ibis.window(group_by=[classes.series, classes.station_code], order_by=classes.sampled_at)
    dated = classes.mutate(
        class_before=classes["class"].lag().over(before), published_before=classes.published_class.lag().over(before)
    )
    off = dated.filter(dated.published_class.notnull() & ~dated.agrees.fill_null(False))
    of_these = samples.semi_join(off, list(KEY))
    found = beside(off, by_rounding(of_these, off.select(*KEY, "water_body"), items, limits, units), KEY)
    published = found.published_class
    return found.mutate(
        cause=ibis.cases(
            (published.between(found.best_by_rounding, found.worst_by_rounding), "rounding"),
            ((published == found.class_before) | (published == found.published_before), "earlier_sample"),
            (published.between(found.best_other, found.worst_other), "river_or_lake"),
            (found["class"].isnull(), "contradiction"),
            else_="unexplained",
        )
    ).select(*WATER_CLASS_MISMATCH.names)


_REFERENCES = ("standard.water_item", "standard.water_limit", "standard.water_unit")


def build(inputs: Inputs) -> ir.Table:
    """The rows of mart.water_class_mismatch for the dirty sections."""
    classes = inputs.table(WATER_SAMPLE_CLASS.name).semi_join(inputs.dirty, list(SCOPE))
    samples = inputs.table("core.water_samples").semi_join(inputs.dirty, list(SCOPE))
    return class_mismatches(classes, samples, *(inputs.table(name) for name in _REFERENCES))


WATER_CLASS_MISMATCH_MART = Mart(
    table=WATER_CLASS_MISMATCH,
    subject="water",
    scope=SCOPE,
    upstream=(Upstream(WATER_SAMPLE_CLASS.name),),
    build=build,
    reads=_REFERENCES,
)
