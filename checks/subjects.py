"""Rules of the feeds that the registry does not imply: how the columns of one record hang together.

Belongs here: which feed has which rules. Does not belong here: a rule (the modules of the
subjects), limits of a standard or a plan.

A critical rule names a contradiction that makes the record unusable; a warning names something that
a person should look at while the record stays.
"""

from __future__ import annotations

from checks import air, economy, inspection, reference, returns, water
from checks.rules import Rule

SUBJECT_RULES: dict[str, tuple[Rule, ...]] = {
    "spot_checks": inspection.SPOT_CHECKS_RULES,
    "pass_rates": inspection.PASS_RATES_RULES,
    "air_readings": air.AIR_READINGS_RULES,
    "water_samples": water.WATER_SAMPLES_RULES,
    "source_intakes": water.SOURCE_INTAKES_RULES,
    "energy_use": economy.ENERGY_USE_RULES,
    "economic_accounts": economy.ECONOMIC_ACCOUNTS_RULES,
    "register_events": returns.REGISTER_EVENTS_RULES,
    "statistical_returns": returns.STATISTICAL_RETURNS_RULES,
    "emissions": economy.EMISSIONS_RULES,
    "regions": reference.REGIONS_RULES,
    "stations": reference.STATIONS_RULES,
}
