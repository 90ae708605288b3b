"""mart.region: the regions as a dimension.

Belongs here: choosing one statement of a region where several series make one. Does not belong here:
what is counted for a region (`assets.registers`), the feed (`sources.feeds.reference`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from sources.registry import MART_ORIGIN, Table, date, text
from warehouse.marts import Inputs, Mart, Upstream

REGION = Table(
    "mart.region",
    "行政区划",
    "Regions, each valid from a date",
    (
        text("code", "区划代码", "division code", required=True),
        text("name_zh", "中文名", "Chinese name"),
        text("name_en", "英文名", "English name"),
        text("level", "级别", "level of the unit"),
        text("parent_code", "上级代码", "code of the unit above"),
        date("valid_from", "有效期起", "first day of validity", required=True),
        date("valid_to", "有效期止", "first day on which it is no longer valid; empty: still valid"),
        text("series", "序列", "publication that this row comes from"),
        MART_ORIGIN,
    ),
    ("code", "valid_from"),
)


def regions(facts: ir.Table) -> ir.Table:
    """Rows of `REGION` from core.regions: one per code and valid_from.

    Where several series state the same unit, real beats synthetic, then validated provisional, then the
    latest publication; the series' name breaks ties.
    """
    order = ibis.window(
        group_by=["code", "valid_from"],
        order_by=[facts.origin, ibis.desc(facts.stage), ibis.desc(facts.published_at), facts.series],
    )
    first = facts.mutate(place=ibis.row_number().over(order)).filter(lambda t: t.place == 0)
    return first.select(*REGION.names)


def _build(inputs: Inputs) -> ir.Table:
    return regions(inputs.table("core.regions").semi_join(inputs.dirty, "code"))


REGION_MART = Mart(
    table=REGION,
    subject="reference",
    scope=("code",),
    upstream=(Upstream("core.regions"),),
    build=_build,
)
