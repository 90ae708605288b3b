"""Rules of water samples and drinking-water volumes: how the columns of one record hang together.

Belongs here: conditions that select the bad rows. Does not belong here: limits of a standard or a plan,
what the registry implies (`checks.rules`).
"""

from __future__ import annotations

from checks.rules import Rule, critical, warning

WATER_SAMPLES_RULES: tuple[Rule, ...] = (
    critical(
        "value_or_limit",
        "a determinand needs a value, or a qualifier with its limit",
        "value IS NULL AND (qualifier IS NULL OR detection_limit IS NULL)",
        "value_text",
    ),
    critical(
        "ph_on_its_scale",
        "pH lies between 0 and 14",
        "determinand = 'ph' AND value > 14",
        "'pH ' || value",
    ),
    warning(
        "dead_sensor_zero",
        "zero oxygen, pH or conductivity usually means a dead sensor",
        "value = 0 AND determinand IN ('dissolved_oxygen', 'ph', 'conductivity')",
        "determinand || ' 0'",
    ),
    warning(
        "chlorophyll_in_milligrams",
        "chlorophyll a above 1 mg/L is usually µg/L under an mg/L header",
        "determinand = 'chlorophyll_a' AND unit = 'mg/L' AND value > 1",
        "'chlorophyll a ' || value || ' mg/L'",
    ),
)

SOURCE_INTAKES_RULES: tuple[Rule, ...] = (
    critical(
        "first_of_month",
        "month is given by its first day",
        "extract(day FROM month) <> 1",
        "month",
    ),
)
