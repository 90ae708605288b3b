"""Rules of regions and stations: how the columns of one record hang together.

Belongs here: conditions that select the bad rows. Does not belong here: limits of a standard or a plan,
what the registry implies (`checks.rules`).
"""

from __future__ import annotations

from checks.rules import Rule, critical

REGIONS_RULES: tuple[Rule, ...] = (
    critical(
        "validity_runs_forward",
        "a validity must end after it begins",
        "valid_to <= valid_from",
        "valid_from || ' to ' || valid_to",
    ),
)

STATIONS_RULES: tuple[Rule, ...] = (
    critical(
        "validity_runs_forward",
        "a validity must end after it begins",
        "valid_to <= valid_from",
        "valid_from || ' to ' || valid_to",
    ),
)
