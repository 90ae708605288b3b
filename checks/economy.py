"""Rules of energy, economic accounts and emissions: how the columns of one record hang together.

Belongs here: conditions that select the bad rows. Does not belong here: limits of a standard or a plan,
what the registry implies (`checks.rules`).
"""

from __future__ import annotations

from checks.rules import Rule, critical, warning

_MASS, _GAS = "'10^4 t', 't'", "'10^8 m3', '10^4 m3'"
_HEAT, _POWER, _COAL = "'10^10 kJ', 'GJ'", "'10^8 kWh', '10^4 kWh'", "'10^4 tce', 'tce'"

#: What a fuel can be measured in, beside standard coal: by the fuel, else by mass.
_MEASURED = (
    f"CASE WHEN unit IN ({_COAL}) THEN TRUE WHEN fuel LIKE 'total_energy_%' OR fuel = 'other_energy' THEN FALSE "
    f"WHEN fuel = 'electricity' THEN unit IN ({_POWER}) WHEN fuel = 'heat' THEN unit IN ({_HEAT}) "
    f"WHEN fuel IN ('coke_oven_gas', 'other_gas') THEN unit IN ({_GAS}) "
    f"WHEN fuel IN ('natural_gas', 'lpg', 'refinery_gas') THEN unit IN ({_MASS}, {_GAS}) "
    f"ELSE unit IN ({_MASS}) END"
)

#: A region with a division code of six digits: a county or more, not a town.
_COUNTY = "length(region_code) = 6"

ENERGY_USE_RULES: tuple[Rule, ...] = (
    critical(
        "unit_fits_fuel", "a fuel is measured in units of its kind", f"NOT ({_MEASURED})", "fuel || ' in ' || unit"
    ),
    critical(
        "energy_in_its_unit",
        "no region uses 2 000 000 x 10^4 tce, no county less than 1 000 tce: is it wrong by 10^4 (tce for 10^4 tce)?",
        f"consumer = 'all' AND fuel LIKE 'total_energy_%' AND {_COUNTY} AND quantity > 0 AND "
        "((unit = '10^4 tce' AND quantity > 2000000) OR (unit = 'tce' AND quantity < 1000))",
        "quantity || ' ' || unit",
    ),
    warning(
        "consumption_not_negative",
        "consumption should not be negative",
        # Not `total`: what a province makes more of than it uses stands there with a minus sign.
        "flow IN ('final', 'loss', 'non_energy') AND quantity < 0",
        "fuel || ' ' || quantity",
    ),
)

ECONOMIC_ACCOUNTS_RULES: tuple[Rule, ...] = (
    critical(
        "index_looks_like_one",
        "an index with the previous year = 100 lies between 50 and 200; a level in its place is another account",
        "account = 'gdp_index_previous_year' AND NOT (value BETWEEN 50 AND 200)",
        "value",
    ),
    critical(
        "gdp_in_its_unit",
        "no region's GDP reaches 5 000 000 x 10^8 yuan, no county's lies below 50 000 x 10^4 yuan: is it wrong by 10^4 "
        "(万 for 亿)?",
        f"account IN ('gdp_current', 'gdp_constant') AND {_COUNTY} AND value > 0 AND "
        "((unit = '10^8 yuan' AND value > 5000000) OR (unit = '10^4 yuan' AND value < 50000))",
        "value || ' ' || unit",
    ),
    critical(
        "gdp_positive",
        "GDP is positive",
        "account = 'gdp_current' AND value <= 0",
        "value",
    ),
)

EMISSIONS_RULES: tuple[Rule, ...] = ()
