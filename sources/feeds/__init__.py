"""The twelve feeds, by inbox folder name.

Belongs here: the list. Each feed stands in the module of its subject, declared with
`sources.registry`. Does not belong here: how a publication is read (`sources.adapters`).
"""

from __future__ import annotations

from sources.feeds.air import AIR_READINGS
from sources.feeds.economy import ECONOMIC_ACCOUNTS, EMISSIONS, ENERGY_USE
from sources.feeds.inspection import PASS_RATES, SPOT_CHECKS
from sources.feeds.reference import REGIONS, STATIONS
from sources.feeds.returns import REGISTER_EVENTS, STATISTICAL_RETURNS
from sources.feeds.water import SOURCE_INTAKES, WATER_SAMPLES
from sources.registry import Feed

FEEDS: dict[str, Feed] = {
    feed.name: feed
    for feed in (
        SPOT_CHECKS,
        PASS_RATES,
        AIR_READINGS,
        WATER_SAMPLES,
        SOURCE_INTAKES,
        ENERGY_USE,
        ECONOMIC_ACCOUNTS,
        EMISSIONS,
        REGISTER_EVENTS,
        STATISTICAL_RETURNS,
        REGIONS,
        STATIONS,
    )
}
