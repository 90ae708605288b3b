"""What the register of stations says about a section on a day or over a period.

Belongs here: choosing the entry that was valid, and one publication where several list the section.
Does not belong here: what follows from river or lake (`assets.water.grading`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.water.standards import BODIES


def sections_at(spans: ir.Table, stations: ir.Table) -> ir.Table:
    """The register's entry for each span: station_code, first, last, water_body, required_class.

    `spans`: station_code, first, last (dates, both included). An entry counts when it is valid on any
    day of the span (no entry, no row); real before synthetic, one that says river or lake before one
    that does not, then the latest, then the name of its series.
    """
    water = stations.filter(stations.medium == "water").select(
        "code", "valid_from", "valid_to", "water_body", "function_class", "origin", "series"
    )
    listed = spans.distinct().join(
        water,
        [
            spans.station_code == water.code,
            water.valid_from <= spans["last"],
            water.valid_to.isnull() | (water.valid_to > spans["first"]),
        ],
    )
    place = ibis.row_number().over(
        ibis.window(
            group_by=[listed.station_code, listed["first"], listed["last"]],
            order_by=[
                (listed.origin != "real").asc(),
                (~listed.water_body.isin(BODIES).fill_null(False)).asc(),
                listed.valid_from.desc(),
                listed.series.asc(),
            ],
        )
    )
    return (
        listed.mutate(place=place)
        .filter(ibis._.place == 0)
        .select(
            "station_code",
            "first",
            "last",
            "water_body",
            required_class=ibis._.function_class.try_cast("int64"),
        )
    )


def with_section(rows: ir.Table, stations: ir.Table) -> ir.Table:
    """`rows` (station_code, first, last, …) with water_body, required_class; null where unknown."""
    found = sections_at(rows.select("station_code", "first", "last"), stations)
    joined = rows.left_join(found, ["station_code", "first", "last"])
    return joined.drop(*(column for column in joined.columns if column.endswith("_right")))


#: SQL for Upstream.via: the station codes of changed register rows, as `code`.
CHANGED_SECTIONS = "(SELECT DISTINCT code FROM {changed} WHERE medium = 'water')"
