"""A value in µg under a heading in mg is found, and the message names both readings."""

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


def test_micrograms_under_milligrams_in_air() -> None:
    rows = "SELECT unnest([0.9, 900]::DECIMAL(9,3)[]) AS co"
    assert found(AIR_READINGS_RULES, "co_in_milligrams", rows) == [
        "CO: as labelled 900.000 mg/m³; if it is µg/m³, 0.9 mg/m³"
    ]
