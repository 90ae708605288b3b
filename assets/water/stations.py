"""What the register of stations says about a section on a day or over a period.

Belongs here: choosing the entry that was valid, one publication where several list the section, and
what stands in where the register does not say river or lake. Does not belong here: what follows from
it (`assets.water.grading`), how it was inferred (`assets.water.fits`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.joins import beside
from assets.water.standards import BODIES


def sections_at(spans: ir.Table, stations: ir.Table) -> ir.Table:
    """The register's entry for each span: station_code, first, last, water_body, region_code,
    required_class.

    `spans`: station_code, first, last (dates, both included). An entry counts when it is valid on any
    day of the span (no entry, no row); real before synthetic, one that says river or lake before one
    that does not, then the latest, then the name of its series.
    """
    water = stations.filter(stations.medium == "water").select(
        "code", "valid_from", "valid_to", "water_body", "function_class", "region_code", "origin", "series"
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
            "region_code",
            required_class=ibis._.function_class.try_cast("int64"),
        )
    )


def with_section(rows: ir.Table, stations: ir.Table, types: ir.Table) -> ir.Table:
    """`rows` (series, station_code, first, last, …) with water_body, water_body_from, region_code,
    required_class.

    `water_body`: as the register says; else as standard.water_section_type infers for the row's
    publication; else null. `water_body_from`: register, inferred, or default where it is null.
    """
    found = sections_at(rows.select("station_code", "first", "last"), stations)
    joined = beside(rows, found, ["station_code", "first", "last"])
    inferred = types.select(typed_code="station_code", typed_series="series", inferred="water_body")
    typed = joined.left_join(
        inferred, [joined.station_code == inferred.typed_code, joined.series.like(inferred.typed_series)]
    ).drop("typed_code", "typed_series")
    return typed.mutate(
        water_body=ibis.coalesce(typed.water_body, typed.inferred),
        water_body_from=ibis.cases(
            (typed.water_body.notnull(), "register"), (typed.inferred.notnull(), "inferred"), else_="default"
        ),
    ).drop("inferred")


#: SQL for Upstream.via: the station codes of changed register rows, as `code`.
CHANGED_SECTIONS = "(SELECT DISTINCT code FROM {changed} WHERE medium = 'water')"
