"""Rules of spot checks and published pass rates: how the columns of one record hang together.

Belongs here: conditions that select the bad rows. Does not belong here: limits of a standard or a plan,
what the registry implies (`checks.rules`).
"""

from __future__ import annotations

from checks.rules import Rule, critical, warning

#: Names of bodies that take, test or judge samples; no product and no item ends like this.
_BODY = (
    r"(管理局|管理总局|监督局|监管局|监督管理委员会|研究院|研究所|检验所|检验院|检测所|检测院|检测中心|检验中心|检验站)"
    r"\s*$"
)

SPOT_CHECKS_RULES: tuple[Rule, ...] = (
    critical(
        "product_is_a_product",
        "the product must not be a supervising body or a laboratory: the columns of the row have shifted",
        f"regexp_matches(product_name, '{_BODY}')",
        "product_name",
    ),
    critical(
        "item_is_an_item",
        "the item must not be a supervising body or a laboratory: the columns of the row have shifted",
        f"regexp_matches(item_name, '{_BODY}')",
        "item_name",
    ),
    critical(
        "published_after_sampling",
        "a result cannot be published before its sample was taken",
        "sampled_on > published_on",
        "'sampled ' || sampled_on || ', published ' || published_on",
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
