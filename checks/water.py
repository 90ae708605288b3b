"""Rules of water samples and drinking-water volumes: how the columns of one record hang together.

Belongs here: conditions that select the bad rows. Does not belong here: limits of a standard or a plan,
what the registry implies (`checks.rules`).
"""

from __future__ import annotations

from checks.rules import Rule, critical, micro_under_milli, warning

#: mg/L that surface water hardly ever exceeds: a judgement of ours, many times the worst class and many
#: times less than the usual value in µg/L; it only asks a person to look.
_SELDOM_ABOVE = {
    "chlorophyll_a": 1,
    "mercury": 0.1,
    "cadmium": 1,
    "selenium": 1,
    "arsenic": 5,
    "lead": 5,
    "chromium_vi": 5,
    "cyanide": 5,
    "volatile_phenol": 5,
    "copper": 50,
    "zinc": 50,
    "total_phosphorus": 50,
    "ammonia_nitrogen": 300,
    "total_nitrogen": 500,
}

#: determinand → (from, to, unit). Beyond it no water lies, so that sensor, unit or point is wrong: oxygen
#: of twice the saturation of ice-cold water, hotter than any outfall, saltier than brine.
_PHYSICAL = {
    "dissolved_oxygen": (0, 30, "mg/L"),
    "water_temperature": (0, 45, "degC"),
    "ph": (2, 13, "1"),
    "conductivity": (1, 200_000, "uS/cm"),
    "transparency": (0, 50, "m"),
}

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
        "within_physical_bounds",
        "a value lies where water can be ("
        + "; ".join(f"{name} {low} to {high} {unit}" for name, (low, high, unit) in _PHYSICAL.items())
        + "); zero is told apart, as a dead sensor",
        "value > 0 AND CASE "
        + " ".join(
            f"WHEN determinand = '{name}' AND unit = '{unit}' THEN value NOT BETWEEN {low} AND {high}"
            for name, (low, high, unit) in _PHYSICAL.items()
        )
        + " ELSE false END",
        "determinand || ' ' || value || ' ' || unit",
    ),
    micro_under_milli(
        "micrograms_under_milligrams",
        "determinand",
        "value",
        "mg/L",
        "unit = 'mg/L' AND value > CASE determinand "
        + " ".join(f"WHEN '{name}' THEN {most}" for name, most in _SELDOM_ABOVE.items())
        + " END",
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
