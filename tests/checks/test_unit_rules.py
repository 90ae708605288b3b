"""What a value gives away: µg under a heading in mg (with both readings), dead sensors, what no water can be."""

from __future__ import annotations

import duckdb
import pytest

from checks.air import AIR_READINGS_RULES
from checks.rules import Rule
from checks.water import WATER_SAMPLES_RULES


def found(rules: tuple[Rule, ...], name: str, row: str) -> list[str]:
    (rule,) = [rule for rule in rules if rule.name == name]
    assert rule.severity == "warning"
    query = f"SELECT {rule.found} FROM ({row}) WHERE {rule.bad_rows}"
    return [text for (text,) in duckdb.connect().execute(query).fetchall()]


@pytest.mark.parametrize(
    ("determinand", "value", "told"),
    [
        ("total_phosphorus", "108", True),
        ("total_phosphorus", "0.108", False),
        ("mercury", "0.5", True),
        ("water_temperature", "25", False),
    ],
)
def test_micrograms_under_milligrams_in_water(determinand: str, value: str, told: bool) -> None:
    row = f"SELECT '{determinand}' AS determinand, {value}::DECIMAL(18,6) AS value, 'mg/L' AS unit"
    texts = found(WATER_SAMPLES_RULES, "micrograms_under_milligrams", row)
    assert bool(texts) is told
    if told and value == "108":
        assert texts == ["total_phosphorus: as labelled 108.000000 mg/L; if it is µg/L, 0.108 mg/L"]


@pytest.mark.parametrize(
    ("determinand", "value", "unit", "rules"),
    [
        ("dissolved_oxygen", "0", "mg/L", {"dead_sensor_zero"}),
        ("dissolved_oxygen", "14.6", "mg/L", set()),
        ("dissolved_oxygen", "146", "mg/L", {"within_physical_bounds"}),
        ("ph", "74", "1", {"ph_on_its_scale", "within_physical_bounds"}),
        ("ph", "0", "1", {"dead_sensor_zero"}),
        ("water_temperature", "0", "degC", set()),
        ("water_temperature", "85", "degC", {"within_physical_bounds"}),
        ("conductivity", "0", "uS/cm", {"dead_sensor_zero"}),
        ("conductivity", "0.48", "uS/cm", {"within_physical_bounds"}),  # mS/cm under a heading in µS/cm
        ("conductivity", "0.48", "mS/cm", set()),
        ("transparency", "60", "m", {"within_physical_bounds"}),
        ("cod", "0", "mg/L", set()),
    ],
)
def test_dead_sensors_and_what_no_water_can_be(determinand: str, value: str, unit: str, rules: set[str]) -> None:
    row = f"SELECT '{determinand}' AS determinand, {value}::DECIMAL(18,6) AS value, '{unit}' AS unit"
    con = duckdb.connect()
    told = {
        rule.name
        for rule in WATER_SAMPLES_RULES
        if rule.name != "value_or_limit" and con.execute(f"FROM ({row}) WHERE {rule.bad_rows}").fetchall()
    }
    assert told == rules


def test_micrograms_under_milligrams_in_air() -> None:
    rows = "SELECT unnest([0.9, 900]::DECIMAL(9,3)[]) AS co"
    assert found(AIR_READINGS_RULES, "co_in_milligrams", rows) == [
        "CO: as labelled 900.000 mg/m³; if it is µg/m³, 0.9 mg/m³"
    ]


def test_fine_particles_are_part_of_particles() -> None:
    rows = "SELECT unnest([40, 41, NULL]::DECIMAL(9,3)[]) AS pm25, 40::DECIMAL(9,3) AS pm10"
    assert found(AIR_READINGS_RULES, "pm25_at_most_pm10", rows) == ["PM2.5 41.000, PM10 40.000"]
