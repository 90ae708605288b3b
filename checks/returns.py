"""Rules of register events and statistical returns: how the columns of one record hang together.

Belongs here: conditions that select the bad rows. Does not belong here: limits of a standard or a plan,
what the registry implies (`checks.rules`).
"""

from __future__ import annotations

from checks.rules import Rule, critical, warning

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
    warning(
        "rate_agrees_with_counts",
        "a rate in % should be numerator ÷ denominator, within the rounding of one decimal",
        "unit IN ('%', '％') AND denominator > 0 AND abs(value - 100.0 * numerator / denominator) > 0.0501",
        "value || ' % beside ' || numerator || ' of ' || denominator",
    ),
    warning(
        "part_of_the_whole",
        "the numerator of a share is a part of its denominator",
        "unit IN ('%', '％') AND numerator > denominator",
        "numerator || ' of ' || denominator",
    ),
    warning(
        "answers_are_the_denominator",
        "the answers of a survey are the denominator of its share",
        "sample_size IS NOT NULL AND unit IN ('%', '％') AND denominator <> sample_size",
        "sample_size || ' answers, denominator ' || denominator",
    ),
)
