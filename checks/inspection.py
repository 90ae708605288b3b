"""Rules of spot checks and published pass rates: how the columns of one record hang together.

Belongs here: conditions that select the bad rows. Does not belong here: limits of a standard or a plan,
what the registry implies (`checks.rules`).
"""

from __future__ import annotations

from checks.rules import Rule, critical, warning

SPOT_CHECKS_RULES: tuple[Rule, ...] = (
    critical(
        "item_numbered",
        "an item must have a number within its batch",
        "item_name IS NOT NULL AND item_no IS NULL",
        "item_name",
    ),
    critical(
        "published_after_production",
        "a batch cannot be published before it was produced",
        "production_date > published_on",
        "'produced ' || production_date || ', published ' || published_on",
    ),
)

PASS_RATES_RULES: tuple[Rule, ...] = (
    critical(
        "passed_at_most_inspected",
        "no more units can pass than were inspected",
        "passed > inspected",
        "passed || ' passed of ' || inspected",
    ),
    critical(
        "failed_adds_up",
        "passed and failed must add up to inspected",
        "failed IS NOT NULL AND passed + failed <> inspected",
        "passed || ' + ' || failed || ' of ' || inspected",
    ),
    critical(
        "period_runs_forward",
        "a period must end after it begins",
        "period_end < period_start",
        "period_start || ' to ' || period_end",
    ),
    warning(
        "published_fail_rate_agrees",
        "the printed fail rate should be failed ÷ inspected, within the rounding of one decimal",
        "published_fail_rate IS NOT NULL AND inspected > 0 AND "
        "abs(published_fail_rate - 100.0 * (inspected - passed) / inspected) > 0.0501",
        "published_fail_rate || ' % printed'",
    ),
)
