"""Rules of the feeds that the registry does not imply: how the columns of one record hang together.

Belongs here: one tuple of rules per feed, each a condition that selects the bad rows. Does not
belong here: limits of a standard or a plan; comparison of our results with published ones
(`checks.invariants`).

A critical rule names a contradiction that makes the record unusable; a warning names something that
a person should look at while the record stays.
"""

from __future__ import annotations

from checks.rules import Rule


def _critical(name: str, statement: str, bad_rows: str, found: str) -> Rule:
    return Rule(name, "critical", statement, found, bad_rows=bad_rows)


def _warning(name: str, statement: str, bad_rows: str, found: str) -> Rule:
    return Rule(name, "warning", statement, found, bad_rows=bad_rows)


SUBJECT_RULES: dict[str, tuple[Rule, ...]] = {
    "spot_checks": (
        _critical(
            "item_numbered",
            "an item must have a number within its batch",
            "item_name IS NOT NULL AND item_no IS NULL",
            "item_name",
        ),
        _critical(
            "published_after_production",
            "a batch cannot be published before it was produced",
            "production_date > published_on",
            "'produced ' || production_date || ', published ' || published_on",
        ),
    ),
    "pass_rates": (
        _critical(
            "passed_at_most_inspected",
            "no more units can pass than were inspected",
            "passed > inspected",
            "passed || ' passed of ' || inspected",
        ),
        _critical(
            "failed_adds_up",
            "passed and failed must add up to inspected",
            "failed IS NOT NULL AND passed + failed <> inspected",
            "passed || ' + ' || failed || ' of ' || inspected",
        ),
        _critical(
            "period_runs_forward",
            "a period must end after it begins",
            "period_end < period_start",
            "period_start || ' to ' || period_end",
        ),
        _warning(
            "published_fail_rate_agrees",
            "the printed fail rate should be failed ÷ inspected, within the rounding of one decimal",
            "published_fail_rate IS NOT NULL AND inspected > 0 AND "
            "abs(published_fail_rate - 100.0 * (inspected - passed) / inspected) > 0.0501",
            "published_fail_rate || ' % printed'",
        ),
    ),
    "air_readings": (
        _critical(
            "something_measured",
            "a reading must hold at least one pollutant or a published AQI",
            "coalesce(so2, no2, pm10, pm25, co, o3, o3_8h, pm10_24h, pm25_24h) IS NULL AND published_aqi IS NULL",
            "'no value'",
        ),
        _critical(
            "city_series_is_daily",
            "a whole-city reading must carry the region code of six digits",
            "site_kind = 'city' AND NOT regexp_full_match(station_code, '[0-9]{6}')",
            "station_code",
        ),
        _warning(
            "pm25_at_most_pm10",
            "PM2.5 is part of PM10 and should not exceed it",
            "pm25 > pm10",
            "'PM2.5 ' || pm25 || ', PM10 ' || pm10",
        ),
        _warning(
            "co_in_milligrams",
            "CO above 50 mg/m³ is usually µg/m³ under an mg/m³ header",
            "co > 50",
            "'CO ' || co",
        ),
    ),
    "water_samples": (
        _critical(
            "value_or_limit",
            "a determinand needs a value, or a qualifier with its limit",
            "value IS NULL AND (qualifier IS NULL OR detection_limit IS NULL)",
            "value_text",
        ),
        _critical(
            "ph_on_its_scale",
            "pH lies between 0 and 14",
            "determinand = 'ph' AND value > 14",
            "'pH ' || value",
        ),
        _warning(
            "dead_sensor_zero",
            "zero oxygen, pH or conductivity usually means a dead sensor",
            "value = 0 AND determinand IN ('dissolved_oxygen', 'ph', 'conductivity')",
            "determinand || ' 0'",
        ),
        _warning(
            "chlorophyll_in_milligrams",
            "chlorophyll a above 1 mg/L is usually µg/L under an mg/L header",
            "determinand = 'chlorophyll_a' AND unit = 'mg/L' AND value > 1",
            "'chlorophyll a ' || value || ' mg/L'",
        ),
    ),
    "source_intakes": (
        _critical(
            "first_of_month",
            "month is given by its first day",
            "extract(day FROM month) <> 1",
            "month",
        ),
    ),
    "energy_use": (
        _warning(
            "consumption_not_negative",
            "consumption should not be negative",
            # Not `total`: what a province makes more of than it uses stands there with a minus sign.
            "flow IN ('final', 'loss', 'non_energy') AND quantity < 0",
            "fuel || ' ' || quantity",
        ),
    ),
    "economic_accounts": (
        _critical(
            "index_looks_like_one",
            "an index with the previous year = 100 lies between 50 and 200; a level in its place is another account",
            "account = 'gdp_index_previous_year' AND NOT (value BETWEEN 50 AND 200)",
            "value",
        ),
        _critical(
            "gdp_positive",
            "GDP is positive",
            "account = 'gdp_current' AND value <= 0",
            "value",
        ),
    ),
    "register_events": (),
    "statistical_returns": (
        _critical(
            "something_reported",
            "a return must hold a value, a numerator with its denominator, or a zero report",
            "value IS NULL AND (numerator IS NULL OR denominator IS NULL) AND nothing_to_report IS NOT TRUE "
            "AND complete_to IS NULL",
            "'no value'",
        ),
        _critical(
            "denominator_positive",
            "a denominator must be positive",
            "denominator <= 0",
            "denominator",
        ),
    ),
    "emissions": (),
    "regions": (
        _critical(
            "validity_runs_forward",
            "a validity must end after it begins",
            "valid_to <= valid_from",
            "valid_from || ' to ' || valid_to",
        ),
    ),
    "stations": (
        _critical(
            "validity_runs_forward",
            "a validity must end after it begins",
            "valid_to <= valid_from",
            "valid_from || ' to ' || valid_to",
        ),
    ),
}
