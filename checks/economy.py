"""Rules of energy, economic accounts and emissions: how the columns of one record hang together.

Belongs here: conditions that select the bad rows. Does not belong here: limits of a standard or a plan,
what the registry implies (`checks.rules`).
"""

from __future__ import annotations

from checks.rules import Rule, critical, warning

ENERGY_USE_RULES: tuple[Rule, ...] = (
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
        "gdp_positive",
        "GDP is positive",
        "account = 'gdp_current' AND value <= 0",
        "value",
    ),
)

EMISSIONS_RULES: tuple[Rule, ...] = ()
