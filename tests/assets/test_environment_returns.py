"""Environment rates from amounts: numerator and denominator by definition, and nothing guessed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.environment.index import ENVIRONMENT_INDEX_MART
from assets.environment.return_standards import RETURNS_FILE, components, definitions, parts
from assets.environment.returns import ENVIRONMENT_RETURN_MART, environment_return_contribution
from tests.assets.support_energy import MemoryWarehouse
from tests.assets.test_environment_index import city, index

SOLID = {
    "solid_waste_generated": "144",
    "solid_waste_used": "140.5",
    "solid_waste_used_earlier": "2.5",
    "solid_waste_disposed": "6.352",
    "solid_waste_disposed_earlier": "1.2",
}


def amounts(
    values: dict[str, str | None], year: int = 2013, unit: str = "10^4 t", **given: Any
) -> list[dict[str, Any]]:
    return [
        {
            "indicator_code": code, "region_code": "320282", "period": str(year), "stratum": "all", "year": year,
            "unit": unit, "value": None if value is None else Decimal(value),
        } | given
        for code, value in values.items()
    ]  # fmt: skip


def rates(*facts: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    warehouse = MemoryWarehouse()
    warehouse.core("statistical_returns", facts)
    return {(r["indicator"], r["definition"]): r for r in warehouse.build(ENVIRONMENT_RETURN_MART).to_dicts()}


def test_solid_waste_adds_disposal_and_takes_earlier_years_off() -> None:
    found = rates(*amounts(SOLID))
    plan, use = found["industrial_solid_waste_rate", "default"], found["industrial_solid_waste_rate", "use_only"]
    assert (plan["numerator"], plan["denominator"], plan["unit"]) == (Decimal("143.152"), 144, "10^4 t")
    assert plan["rate_pct"] == pytest.approx(143.152 / 1.44) and plan["headline"] and plan["complete"]
    assert use["rate_pct"] == pytest.approx(138 / 1.44) and not use["headline"]
    assert "− solid_waste_used_earlier 2.5" in plan["basis"]


def test_rural_waste_counts_and_towns_alone_are_another_definition() -> None:
    waste = {
        "household_waste_removed_urban": "30", "household_waste_removed_rural": "11.5",
        "household_waste_treated_urban": "30", "household_waste_treated_rural": "10.67",
    }  # fmt: skip
    found = rates(*amounts(waste))
    assert found["household_waste_treatment_rate", "default"]["rate_pct"] == pytest.approx(98, abs=1e-9)
    assert found["household_waste_treatment_rate", "urban_only"]["rate_pct"] == 100


@pytest.mark.parametrize(
    ("values", "indicator", "definition", "rate"),
    [
        ({"domestic_sewage_discharged": "5100", "domestic_sewage_treated_centrally": "4753.2"},
         "urban_sewage_treatment_rate", "default", 93.2),
        ({"taihu_zone1_villages": "240", "taihu_zone1_villages_treated": "180"},
         "taihu_zone1_rural_sewage_coverage", "default", 75.0),
        ({"taihu_zone1_households": "8000", "taihu_zone1_households_treated": "5200"},
         "taihu_zone1_rural_sewage_coverage", "households", 65.0),
        ({"noise_area_monitored": "60", "noise_area_compliant": "54"}, "noise_compliant_area", "default", 90.0),
    ],
)  # fmt: skip
def test_sewage_zone_one_and_noise(values: dict[str, str], indicator: str, definition: str, rate: float) -> None:
    (key,), (row,) = zip(*rates(*amounts(values)).items(), strict=True)
    assert key == (indicator, definition) and row["rate_pct"] == pytest.approx(rate)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (amounts({k: v for k, v in SOLID.items() if k != "solid_waste_disposed_earlier"}),
         "no rate: not reported solid_waste_disposed_earlier"),
        (amounts(SOLID | {"solid_waste_generated": "0"}), "the denominator must be positive"),
        ([*amounts({"solid_waste_generated": "1440000"}, unit="t"),
          *amounts({k: v for k, v in SOLID.items() if k != "solid_waste_generated"})], "in different units"),
        (amounts(SOLID | {"solid_waste_generated": None}), "not reported solid_waste_generated"),
        ([*amounts({k: v for k, v in SOLID.items() if k != "solid_waste_used"}),
          *amounts({"solid_waste_used": "140"}, lower_bound=True)], "not reported solid_waste_used"),
        ([*amounts({k: v for k, v in SOLID.items() if k != "solid_waste_used"}),
          *amounts({"solid_waste_used": "140"}, stratum="town")], "not reported solid_waste_used"),
    ],
    ids=["missing", "no denominator", "units", "empty", "bound", "town"],
)  # fmt: skip
def test_what_is_not_there_is_not_guessed(facts: list[dict[str, Any]], said: str) -> None:
    row = rates(*facts)["industrial_solid_waste_rate", "default"]
    assert (row["rate_pct"], row["complete"]) == (None, False) and said in row["basis"]


def test_above_a_hundred_is_kept_and_pointed_at() -> None:
    row = rates(*amounts(SOLID | {"solid_waste_used_earlier": "0"}))["industrial_solid_waste_rate", "default"]
    assert row["rate_pct"] > 100 and row["basis"].endswith("above 100 %: look at the amounts of earlier years")


def test_a_rate_is_contributed_with_its_counts_and_noise_enters_the_index() -> None:
    warehouse = city([], [], amounts({"noise_area_monitored": "60", "noise_area_compliant": "54"}, 2012))
    warehouse.build(ENVIRONMENT_RETURN_MART)
    (found,) = warehouse.run(environment_return_contribution(warehouse)).to_dicts()
    assert (found["value"], found["numerator"], found["denominator"], found["unit"]) == (90.0, 54.0, 60.0, "%")
    noise = index(warehouse.build(ENVIRONMENT_RETURN_MART, ENVIRONMENT_INDEX_MART), component="noise_compliant_area")
    assert noise["value"] == 90 and noise["basis"] == "mart.environment_return noise_compliant_area"


def test_every_definition_is_sound_and_an_unknown_amount_is_refused(tmp_path: Path) -> None:
    known = set(components()["code"])
    assert set(parts()["code"]) == known and set(parts()["sign"]) == {1, -1}
    heads = definitions().filter(pl.col("headline"))
    assert heads["indicator"].is_unique().all() and set(definitions()["indicator"]) == set(heads["indicator"])
    path = tmp_path / "returns.yaml"
    path.write_text(RETURNS_FILE.read_text("utf-8").replace("plus: [noise_area_compliant]", "plus: [noise]"), "utf-8")
    with pytest.raises(ValueError, match="noise"):
        parts(path)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(st.decimals("0", "9999", places=3), min_size=5, max_size=5), min_size=1, max_size=10))
def test_rates_equal_plain_fractions(cities: list[list[Decimal]]) -> None:
    facts = [
        fact
        for number, values in enumerate(cities)
        for fact in amounts(dict(zip(SOLID, map(str, values), strict=True)), region_code=f"{number:06d}")
    ]
    warehouse = MemoryWarehouse()
    warehouse.core("statistical_returns", facts)
    built = warehouse.build(ENVIRONMENT_RETURN_MART).filter(definition="default").sort("region_code")
    for (made, used, used_earlier, gone, gone_earlier), rate in zip(cities, built["rate_pct"], strict=True):
        above = used + gone - used_earlier - gone_earlier
        assert rate == (None if made == 0 or above < 0 else pytest.approx(float(above / made * 100), rel=1e-12))
