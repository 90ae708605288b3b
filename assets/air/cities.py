"""mart.air_city_day: concentrations and index of each region's day.

Belongs here: means over stations, the choice between publications. Does not belong here: the days of
stations (`assets.air.days`), their regions (`assets.air.sites`), preferences (data in
`assets/standards/air_assessment.yaml`).

HJ 663-2013: the stations' concentrations are averaged first, then comes the index; never the mean or the
worst of the stations' indices. The mean is of unrounded concentrations and is rounded once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ibis
import ibis.expr.types as ir

from assets.air.days import (
    AGREES,
    ASSESSED,
    CONCENTRATIONS,
    IN_FORCE,
    STANDARD,
    compared,
    computed,
    daily_concentrations,
)
from assets.air.means import DAY_ITEMS, parts_column
from assets.air.periods import EVERYWHERE, is_mean_of_hours
from assets.air.reference import POLLUTANTS
from assets.air.sites import registered_stations, valid_on
from assets.air.standards import Index, agreed_rule, indices, of_every_day, series_preference
from assets.exact import origin_of
from sources.registry import MART_ORIGIN, Table, date, integer, text
from warehouse.marts import Inputs, Mart, Upstream

CITY_DAY = Table(
    "mart.air_city_day",
    "城市日空气质量",
    "Concentrations and index of each region's day, by each standard",
    (
        text("region_code", "行政区划代码", "region", required=True),
        date("day", "日期", "calendar day", required=True),
        STANDARD,
        text("series", "序列", "publications chosen, joined by comma; empty when none has a value"),
        *CONCENTRATIONS,
        *ASSESSED,
        IN_FORCE,
        integer("stations", "参评站点数", "stations in the best-covered mean; 0 for a city's own value"),
        integer("network", "站网站点数", "stations of the network on that day; 0 for a city's own value"),
        integer("readings", "读数行数", "rows of core.air_readings behind the best-covered pollutant"),
        integer(
            "published_aqi",
            "发布AQI",
            "daily index printed by the source; compared, never used; empty where it is a mean of hours",
        ),
        text("published_category", "发布级别", "category word printed by the source"),
        AGREES,
        MART_ORIGIN,
    ),
    ("region_code", "day", "standard"),
)

_ITEMS_OF = {
    pollutant: tuple(item for item in DAY_ITEMS if item.split("_")[0] == pollutant) for pollutant in POLLUTANTS.values
}


def _count(item: str) -> str:
    return f"{item}_sites"


def candidates(sites: ir.Table, stations: ir.Table) -> ir.Table:
    """What each series offers for a region's day: per item the sum of its sites' parts and their number.

    `sites`: rows of mart.air_station_day of one standard, region known. An item is null when too few
    stations of the network have it (HJ 663-2013: 75 %, and 50 % where there are fewer than four). The
    network is the register's stations of that day, if the series has any of them, plus the unregistered
    ones that reported; without a register, all that reported. A city's own value passes as it is.
    """
    keys = ["series", "region_code", "day", "site_kind"]
    own_index = (sites.site_kind == "city") & ~is_mean_of_hours(sites.series, sites.day)
    offers = sites.group_by(keys).aggregate(
        reporting=sites.count(),
        unregistered=sites.count(where=sites.mapped_by != "register"),
        readings=sites.readings.sum(),
        published_aqi=sites.published_aqi.max(where=own_index),
        published_category=sites.published_category.max(where=sites.site_kind == "city"),
        origin=origin_of(sites.origin),
        **{parts_column(item): sites[parts_column(item)].sum() for item in DAY_ITEMS},
        **{_count(item): sites[parts_column(item)].count() for item in DAY_ITEMS},
    )
    offers = offers.left_join(_networks(sites, stations), ["region_code", "day"])
    offers = offers.drop("region_code_right", "day_right")
    registered = ibis.ifelse(offers.reporting > offers.unregistered, offers.registered.coalesce(0), 0)
    is_city = offers.site_kind == "city"
    offers = offers.mutate(network=ibis.ifelse(is_city, 0, registered + offers.unregistered))
    enough = {item: is_city | _enough(offers[_count(item)], offers.network) for item in DAY_ITEMS}
    return offers.mutate(
        **{
            column(item): ibis.ifelse(enough[item], offers[column(item)], ibis.null("int64"))
            for item in DAY_ITEMS
            for column in (parts_column, _count)
        }
    )


def _networks(sites: ir.Table, stations: ir.Table) -> ir.Table:
    """region_code, day, registered: the register's stations of that day."""
    register = registered_stations(stations)
    wanted = sites.select("region_code", "day").distinct()
    found = wanted.join(register, [wanted.region_code == register.region_code, valid_on(wanted.day, register)])
    return found.group_by("region_code", "day").aggregate(registered=found.code.count())


def _enough(count: ir.IntegerValue, network: ir.IntegerValue) -> ir.BooleanValue:
    small = network < agreed_rule("few_stations")
    share = ibis.ifelse(small, agreed_rule("station_share_few"), agreed_rule("station_share"))
    return (count > 0) & (count * 100 >= share * network)


def chosen(offers: ir.Table) -> ir.Table:
    """One series per region, day and pollutant; then one row per region and day with every item.

    A series with a value before one without, real before synthetic, then the preference for the
    pollutant and region, a city's own value before our mean, the larger share of its network, its name.
    Both items of ozone come from one series.
    """
    by_pollutant = _ranked(offers)
    best = ibis.row_number().over(
        ibis.window(
            group_by=[by_pollutant.region_code, by_pollutant.day, by_pollutant.pollutant],
            order_by=[
                by_pollutant.has_value.desc(),
                (by_pollutant.origin != "real").asc(),
                by_pollutant.rank.asc(nulls_first=False),
                (by_pollutant.site_kind == "city").desc(),
                by_pollutant.share.desc(),
                by_pollutant.series.asc(),
                by_pollutant.site_kind.asc(),
            ],
        )
    )
    best_of = by_pollutant.mutate(best=best).filter(ibis._.best == 0)
    with_value = best_of.has_value
    one_series = best_of.series.nunique(where=with_value) == 1
    return best_of.group_by("region_code", "day").aggregate(
        series=best_of.series.collect(where=with_value, distinct=True, order_by=best_of.series).join(","),
        stations=best_of.sites.max(),
        network=best_of.network.max(),
        readings=best_of.readings.max(),
        # What a source printed can be compared only when every value is its own.
        published_aqi=ibis.ifelse(one_series, best_of.published_aqi.max(where=with_value), ibis.null("int64")),
        published_category=ibis.ifelse(
            one_series, best_of.published_category.max(where=with_value), ibis.null("string")
        ),
        origin=ibis.ifelse(
            with_value.any(),
            origin_of(ibis.ifelse(with_value, best_of.origin, ibis.null("string"))),
            origin_of(best_of.origin),
        ),
        **{
            column(item): best_of[column(item)].max(where=best_of.pollutant == pollutant)
            for pollutant, items in _ITEMS_OF.items()
            for item in items
            for column in (parts_column, _count)
        },
    )


def _ranked(offers: ir.Table) -> ir.Table:
    """Each offer once for each pollutant, with what the choice is made by."""
    offers = offers.mutate(pollutant=ibis.literal(list(POLLUTANTS.values), "array<string>")).unnest("pollutant")
    offers = offers.mutate(
        known=_of_pollutant(offers, lambda items: ibis.greatest(*(offers[_count(item)] for item in items))).coalesce(0),
        has_value=_of_pollutant(
            offers, lambda items: ibis.coalesce(*(offers[parts_column(item)] for item in items)).notnull()
        ),
        rank=ibis.cases(*((offers.pollutant == pollutant, _rank(offers, pollutant)) for pollutant in _ITEMS_OF)),
    )
    return offers.mutate(
        share=offers.known / ibis.greatest(offers.network, 1),
        sites=ibis.ifelse(offers.site_kind == "city", 0, offers.known),
    )


def _of_pollutant(offers: ir.Table, of: Callable[[Sequence[str]], ir.Value]) -> ir.Value:
    """What `of` makes of the items of the row's pollutant."""
    return ibis.cases(*((offers.pollutant == pollutant, of(items)) for pollutant, items in _ITEMS_OF.items()))


def _rank(offers: ir.Table, pollutant: str) -> ir.IntegerValue:
    """The rank of each offer's series for its region; the entry for the region itself goes first."""
    listed = [
        (
            (offers.series == entry.series) & ((entry.region == EVERYWHERE) | (offers.region_code == entry.region)),
            entry.rank,
        )
        for entry in series_preference(pollutant)
    ]
    return ibis.cases((ibis.literal(False), ibis.null("int64")), *listed, else_=ibis.null("int64"))


def city_days(inputs: Inputs) -> ir.Table:
    """Rows of CITY_DAY for the dirty (region_code, day)."""
    sites = inputs.table("mart.air_station_day")
    sites = sites.filter(sites.standard == of_every_day().standard)
    sites = sites.semi_join(inputs.dirty, ["region_code", "day"])
    offers = candidates(sites, inputs.table("core.stations")).alias("offers")
    days = chosen(offers).alias("city_day")
    return ibis.union(*(_of_standard(days, index) for index in indices()))


def _of_standard(days: ir.Table, index: Index) -> ir.Table:
    counts = {item: _count(item) for item in DAY_ITEMS}
    return compared(daily_concentrations(computed(days, index), index, counts)).select(*CITY_DAY.names)


CITY_DAY_MART = Mart(
    table=CITY_DAY,
    subject="air",
    scope=("region_code", "day"),
    upstream=(
        Upstream("mart.air_station_day", where="region_code IS NOT NULL"),
        Upstream(
            "core.stations",
            via="SELECT DISTINCT region_code, day FROM mart.air_station_day "
            "WHERE region_code IN (SELECT region_code FROM {changed})",
        ),
    ),
    build=city_days,
    reads=(
        "standard.iaqi_breakpoint",
        "standard.air_category",
        "standard.air_item",
        "standard.air_rule",
        "standard.air_series_preference",
        "standard.air_published_index",
        "standard.air_standard",
        "standard.air_standard_period",
    ),
    heavy=True,
)
