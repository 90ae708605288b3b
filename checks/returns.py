"""Rules of register events and statistical returns: how the columns of one record hang together.

Belongs here: conditions that select the bad rows. Does not belong here: limits of a standard or a plan,
what the registry implies (`checks.rules`).
"""

from __future__ import annotations

from checks.rules import Rule, critical

REGISTER_EVENTS_RULES: tuple[Rule, ...] = ()

STATISTICAL_RETURNS_RULES: tuple[Rule, ...] = (
    critical(
        "something_reported",
        "a return must hold a value, a numerator with its denominator, or a zero report",
        "value IS NULL AND (numerator IS NULL OR denominator IS NULL) AND nothing_to_report IS NOT TRUE "
        "AND complete_to IS NULL",
        "'no value'",
    ),
    critical(
        "denominator_positive",
        "a denominator must be positive",
        "denominator <= 0",
        "denominator",
    ),
)
