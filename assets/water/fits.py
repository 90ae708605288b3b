"""mart.water_type_fit: river or lake, whichever reading reproduces a section's published classes better.

Belongs here: counting the fit. Does not belong here: using it. Nothing here enters a class: the counts
over the shared publications were stored once as standard.water_section_type, and a new section waits
until a person puts it into the register.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.exact import origin_of
from assets.water.samples import STATION_CODE, WATER_SAMPLE_CLASS
from assets.water.standards import BODIES, LAKE, RIVER
from sources.feeds.reference import STATIONS
from sources.registry import MART_ORIGIN, SERIES, Table, integer, text
from warehouse.marts import Inputs, Mart, Upstream

SCOPE = ("series", "station_code")

WATER_TYPE_FIT = Table(
    "mart.water_type_fit",
    "水体类型拟合",
    "How often a section's published classes are ours with the limits of rivers and with those of lakes",
    (
        SERIES,
        STATION_CODE,
        integer("compared", "可比数", "samples with a published class and one of ours", required=True),
        integer("agree_river", "按河流一致数", "published class is ours with river limits", required=True),
        integer("agree_lake", "按湖库一致数", "published class is ours with lake limits", required=True),
        text(
            "fits",
            "更符合",
            "the reading with more agreement; empty when both agree equally often",
            codes=STATIONS.column("water_body").codes,
        ),
        text("used", "采用", "the reading that classes this section", required=True),
        MART_ORIGIN,
    ),
    SCOPE,
)


def type_fits(classes: ir.Table) -> ir.Table:
    """Columns of WATER_TYPE_FIT from rows of mart.water_sample_class."""
    compared = classes.filter(classes.published_class.notnull() & (classes.items_assessed > 0))
    counts = compared.group_by(list(SCOPE)).aggregate(
        compared=compared.count(),
        **{
            f"agree_{body}": (compared[f"class_{body}"] == compared.published_class).fill_null(False).sum()
            for body in BODIES
        },
        used=compared.water_body.last(order_by=compared.sampled_at),
        origin=origin_of(compared.origin),
    )
    return counts.mutate(
        fits=ibis.cases(
            (counts.agree_lake > counts.agree_river, LAKE),
            (counts.agree_river > counts.agree_lake, RIVER),
            else_=ibis.null("string"),
        )
    ).select(*WATER_TYPE_FIT.names)


def build(inputs: Inputs) -> ir.Table:
    """The rows of mart.water_type_fit for the dirty sections."""
    return type_fits(inputs.table(WATER_SAMPLE_CLASS.name).semi_join(inputs.dirty, list(SCOPE)))


WATER_TYPE_FIT_MART = Mart(
    table=WATER_TYPE_FIT,
    subject="water",
    scope=SCOPE,
    upstream=(Upstream(WATER_SAMPLE_CLASS.name),),
    build=build,
)
