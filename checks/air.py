"""Rules of air readings: how the columns of one record hang together.

Belongs here: conditions that select the bad rows. Does not belong here: limits of a standard or a plan,
what the registry implies (`checks.rules`).
"""

from __future__ import annotations

from checks.rules import Rule, critical, micro_under_milli, warning
from sources.adapters.air_common import MEASURED

AIR_READINGS_RULES: tuple[Rule, ...] = (
    critical(
        "something_measured",
        "a reading must hold at least one pollutant or a published AQI",
        # Asked one after another, nearly every record is out after the first.
        " AND ".join(f"{name} IS NULL" for name in MEASURED),
        "'no value'",
    ),
    critical(
        "city_series_is_daily",
        "a whole-city reading must carry the region code of six digits",
        "site_kind = 'city' AND NOT regexp_full_match(station_code, '[0-9]{6}')",
        "station_code",
    ),
    warning(
        "pm25_at_most_pm10",
        "PM2.5 is part of PM10 and should not exceed it",
        "pm25 > pm10",
        "'PM2.5 ' || pm25 || ', PM10 ' || pm10",
    ),
    micro_under_milli("co_in_milligrams", "'CO'", "co", "mg/m³", "co > 50"),
)
