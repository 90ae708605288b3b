"""Which region a site stands for on a day.

Belongs here: sites → regions by the register of stations, else by the published name of the city. Does
not belong here: readings, means, the register itself (core.stations, core.regions).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

#: Levels of region that a published city name can mean.
CITY_LEVELS = ("prefecture", "county")

#: Publications print 无锡 or 无锡市; the ending is no part of the name. The same in SQL for dirty keys.
_CITY_ENDING = "市$"
SHORT_NAME_SQL = "regexp_replace({name}, '市$', '')"


def valid_on(day: ir.DateValue, units: ir.Table) -> ir.BooleanValue:
    """Whether a unit (valid_from, and valid_to = first day on which it is no longer valid) holds on a day."""
    return (units.valid_from <= day) & (units.valid_to.isnull() | (day < units.valid_to))


def with_region(days: ir.Table, stations: ir.Table, regions: ir.Table) -> ir.Table:
    """`days` (station_code, day, site_kind, area_name) with region_code and mapped_by.

    mapped_by: `city` (the site is the region), `register` (core.stations names its region on that day),
    `name` (its area_name is the name of exactly one city or county), null = stands for no known region.
    """
    register = registered_stations(stations).select("code", "valid_from", "valid_to", registered="region_code")
    named = _named(days, regions)
    days = days.left_join(register, [days.station_code == register.code, valid_on(days.day, register)])
    days = days.drop("code", "valid_from", "valid_to")
    days = days.left_join(named, ["area_name", "day"]).drop("area_name_right", "day_right")
    is_city = days.site_kind == "city"
    return days.mutate(
        region_code=ibis.ifelse(is_city, days.station_code, ibis.coalesce(days.registered, days.named)),
        mapped_by=ibis.cases(
            (is_city, "city"),
            (days.registered.notnull(), "register"),
            (days.named.notnull(), "name"),
            else_=ibis.null("string"),
        ),
    ).drop("registered", "named")


def registered_stations(stations: ir.Table) -> ir.Table:
    """code, region_code, valid_from, valid_to of air stations; at most one row of a station on any day.

    A later entry of the register ends the earlier ones; of those that begin together the lowest region
    code counts.
    """
    air = stations.filter((stations.medium == "air") & stations.region_code.notnull())
    entries = air.select("code", "region_code", "valid_from", "valid_to").distinct()
    following = entries.valid_from.lead().over(
        ibis.window(group_by=entries.code, order_by=[entries.valid_from.asc(), entries.region_code.desc()])
    )
    return entries.mutate(following=following).select(
        "code", "region_code", "valid_from", valid_to=ibis.least(ibis._.valid_to, ibis._.following)
    )


def _named(days: ir.Table, regions: ir.Table) -> ir.Table:
    """area_name, day, named: the one city or county of that name; no row where several bear it."""
    cities = regions.filter(regions.level.isin(list(CITY_LEVELS)))
    short = cities.name_zh.re_replace(_CITY_ENDING, "")
    cities = cities.select("code", "valid_from", "valid_to", short=short)
    wanted = days.filter(days.area_name.notnull()).select("area_name", "day").distinct()
    wanted = wanted.mutate(short=wanted.area_name.re_replace(_CITY_ENDING, ""))
    found = wanted.join(cities, [wanted.short == cities.short, valid_on(wanted.day, cities)])
    named = found.group_by("area_name", "day").aggregate(named=found.code.min(), bearers=found.code.nunique())
    return named.filter(named.bearers == 1).drop("bearers")
