"""Publications that print one hour of a station in two files: their records side by side again.

Belongs here: which records belong together, and joining them. Does not belong here: which publications do so (data
in `assets/standards/air_assessment.yaml`), reading them (`sources.adapters`), choosing between publications.

Each file stays a publication of its own in core.air_readings, with its rows and versions; only the marts join them.
"""

from __future__ import annotations

from functools import reduce

import ibis
import ibis.expr.types as ir

from assets.air.standards import series_parts
from assets.exact import origin_of
from sources.adapters.air_common import MEASURES

_SITE_HOUR = ("series", "station_code", "period_end", "averaging")
_PUBLISHED = ("published_aqi", "published_primary", "published_category")


def whole_series_sql(series: str) -> str:
    """SQL for the series that a record counts in; `series`: SQL for the one that it was published in."""
    cases = "".join(f" WHEN '{part}' THEN '{whole}'" for part, whole in series_parts().items())
    return f"CASE {series}{cases} ELSE {series} END" if cases else series


def in_whole_series(readings: ir.Table, keys: ir.Table | None) -> ir.Table:
    """Rows of core.air_readings with `day` in the scopes `keys` (series, station_code, day), by their whole series.

    All of them where `keys` is None.

    The records of one station and hour of a series that comes in parts are one row: each value is that of the
    record that has it (the larger, should both), flags of all stand joined by comma.
    """
    scope = ["series", "station_code", "day"]
    parts = series_parts()
    if not parts:
        return readings if keys is None else readings.semi_join(keys, scope)
    split = sorted({*parts, *parts.values()})
    columns = [*_SITE_HOUR, "day", "site_kind", "station_name", "area_name", *MEASURES, *_PUBLISHED, "flags", "origin"]
    plain = readings.select(*columns)
    if keys is None:
        plain = plain.filter(plain.series.notin(split))
    else:  # no key bears the name of a part, so the keys alone keep the split series out: no look at every record's
        plain = plain.semi_join(keys.filter(keys.series.notin(split)), scope)
    pieces = readings.filter(readings.series.isin(split)).select(*columns)
    whole = reduce(lambda series, part: ibis.ifelse(pieces.series == part, parts[part], series), parts, pieces.series)
    pieces = pieces.mutate(series=whole)
    if keys is not None:
        pieces = pieces.semi_join(keys, scope)
    joined = pieces.group_by(*_SITE_HOUR, "day").aggregate(
        **{name: pieces[name].max() for name in columns if name not in (*_SITE_HOUR, "day", "flags", "origin")},
        flags=pieces.flags.group_concat(",", order_by=pieces.flags),
        origin=origin_of(pieces.origin),
    )
    return plain.union(joined.select(*columns))
