"""The publications that can be read, one explicit list.

Belongs here: the list. Each publication stands in a small module of its own; to add one, write it
and name it here. Does not belong here: how a declaration is carried out (`sources.extract`).

A publication that the product does not ship (a test's, another city's) is read inside
`with also_reading(ADAPTER, …):`; outside of it the list is what it was. The tests' own adapters
stand in `tests/sources/adapters/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sources.adapter import Adapter
from sources.adapters.aqistudy import AQISTUDY_DAILY, AQISTUDY_MONTHLY
from sources.adapters.beijing_air import BEIJING_DAILY, BEIJING_HOURLY
from sources.adapters.canonical import CANONICAL
from sources.adapters.ceads import CEADS_ENERGY
from sources.adapters.ceads_co2 import CEADS_CO2, CEADS_CO2_TOTALS
from sources.adapters.city_daily import CITY_DAILY
from sources.adapters.cnemc_air import CNEMC_AIR, CNEMC_AIR_GEOJSON
from sources.adapters.cnemc_water import CNEMC_WATER_CSV, CNEMC_WATER_JSON
from sources.adapters.cqn import CQN_NEWS
from sources.adapters.energy_communique import ENERGY_COMMUNIQUE
from sources.adapters.foodmate import FOODMATE
from sources.adapters.nbs import NBS_BY_LINE, NBS_BY_NAME
from sources.adapters.nbs_pollutants import NBS_POLLUTANTS
from sources.adapters.pm25in import PM25IN_DUMP, PM25IN_RANKED, PM25IN_REPORT
from sources.adapters.province_panel import PANEL_ACCOUNTS, PANEL_ENERGY
from sources.adapters.samr import SAMR_CATEGORY
from sources.adapters.yixing import PUBLISHED_FIGURES, YIXING_REGIONS

#: Tried in this order; a layout with a further mark (an indicator line, markup) before the plain one.
ADAPTERS: tuple[Adapter, ...] = (
    FOODMATE,
    CQN_NEWS,
    SAMR_CATEGORY,
    CNEMC_WATER_JSON,
    CNEMC_WATER_CSV,
    CNEMC_AIR_GEOJSON,
    CNEMC_AIR,
    PM25IN_DUMP,
    PM25IN_RANKED,
    PM25IN_REPORT,
    BEIJING_DAILY,
    BEIJING_HOURLY,
    CITY_DAILY,
    AQISTUDY_DAILY,
    AQISTUDY_MONTHLY,
    CEADS_ENERGY,
    PANEL_ENERGY,
    CEADS_CO2,
    CEADS_CO2_TOTALS,
    NBS_POLLUTANTS,
    NBS_BY_LINE,
    NBS_BY_NAME,
    PANEL_ACCOUNTS,
    ENERGY_COMMUNIQUE,
    PUBLISHED_FIGURES,
    YIXING_REGIONS,
    *CANONICAL,
)


#: Further publications, tried before the others; filled by `also_reading`.
_further: list[Adapter] = []


def adapters_of(feed: str) -> tuple[Adapter, ...]:
    """The publications of one feed, in the order in which they are tried."""
    return tuple(adapter for adapter in (*_further, *ADAPTERS) if adapter.feed == feed)


@contextmanager
def also_reading(*adapters: Adapter) -> Iterator[None]:
    """Within the block these publications are read too, before those of the list.

    For this process: a night that runs inside the block reads them. Raises `ValueError` when a series
    is already another adapter's, since facts of two publications would then supersede each other.
    """
    known = {adapter.series for adapter in (*_further, *ADAPTERS)}
    if taken := sorted(known & {adapter.series for adapter in adapters}):
        raise ValueError(f"series already read by an adapter: {', '.join(taken)}")
    _further[:0] = adapters
    try:
        yield
    finally:
        for adapter in adapters:
            _further.remove(adapter)
