"""One publication per item, region and year, and the origin of what rests on several rows.

Belongs here: choosing between series by the preference table, joining origins. Does not belong here:
the preferences themselves (`assets/standards/energy_accounting.yaml`).
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from assets.exact import origin_of


def joint_origin(*origins: ir.StringValue) -> ir.StringValue:
    """The common origin of a row's parts, or `mixed`; null parts do not count, null when all are."""
    if len(origins) == 1:
        return origins[0]
    low, high = ibis.least(*origins), ibis.greatest(*origins)
    return ibis.cases((low.isnull(), ibis.null("string")), (low == high, low), else_="mixed")


def chosen_series(rows: ir.Table, preference: ir.Table, item: str, keys: Sequence[str]) -> ir.Table:
    """`rows` of the one series that is taken for each combination of `keys` (which hold region_code).

    Real before anything else, then the rank of `standard.economy_series_preference` for `item` (one
    for the region itself replaces the general one, unlisted last), then the series' name.
    `rows` carry series and origin; the answer has the same columns.
    """
    listed = preference.filter(preference.item == item)
    own = listed.select("region_code", "series", own_rank=listed.rank)
    general = listed.filter(listed.region_code == "*").select("series", general_rank=listed.rank)
    candidates = rows.group_by([*keys, "series"]).aggregate(origin=origin_of(rows.origin))
    ranked = candidates.left_join(own, ["region_code", "series"]).drop("region_code_right", "series_right")
    ranked = ranked.left_join(general, "series").drop("series_right")
    order = [
        (ranked.origin != "real").asc(),
        ibis.coalesce(ranked.own_rank, ranked.general_rank).asc(nulls_first=False),
        ranked.series.asc(),
    ]
    place = ibis.row_number().over(ibis.window(group_by=[ranked[key] for key in keys], order_by=order))
    first = ranked.mutate(place=place).filter(ibis._.place == 0).select(*keys, "series")
    return rows.semi_join(first, [*keys, "series"])
