"""The publications that can be read, one explicit list.

Belongs here: the list. Each publication stands in a small module of its own; to add one, write it
and name it here. Does not belong here: how a declaration is carried out (`sources.extract`).
"""

from __future__ import annotations

from functools import cache

from sources.adapter import Adapter
from sources.adapters.beijing_air import BEIJING_DAILY
from sources.adapters.canonical import CANONICAL
from sources.adapters.ceads import CEADS_ENERGY
from sources.adapters.cnemc_air import CNEMC_AIR
from sources.adapters.cnemc_water import CNEMC_WATER_CSV, CNEMC_WATER_JSON
from sources.adapters.foodmate import FOODMATE
from sources.adapters.nbs import NBS_BY_LINE, NBS_BY_NAME
from sources.adapters.samr import SAMR_CATEGORY
from sources.adapters.yixing import PUBLISHED_FIGURES, YIXING_REGIONS

#: Tried in this order; a layout with a further mark (an indicator line, markup) before the plain one.
ADAPTERS: tuple[Adapter, ...] = (
    FOODMATE,
    SAMR_CATEGORY,
    CNEMC_WATER_JSON,
    CNEMC_WATER_CSV,
    CNEMC_AIR,
    BEIJING_DAILY,
    CEADS_ENERGY,
    NBS_BY_LINE,
    NBS_BY_NAME,
    PUBLISHED_FIGURES,
    YIXING_REGIONS,
    *CANONICAL,
)


@cache
def adapters_of(feed: str) -> tuple[Adapter, ...]:
    """The publications of one feed, in the order in which they are tried."""
    return tuple(adapter for adapter in ADAPTERS if adapter.feed == feed)
