"""Main pollutants against 2010: one scope, all four, the worst decides."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.environment.emissions import EMISSION_REDUCTION_MART, emission_contribution
from tests.assets.support_energy import MemoryWarehouse

FOUR = ("cod", "nh3n", "so2", "nox")
SCOPE = "census_2010_update"


def fact(year: int, pollutant: str, tonnes: str, scope: str = SCOPE, **given: Any) -> dict[str, Any]:
    return {
        "region_code": "320282",
        "year": year,
        "pollutant": pollutant,
        "scope": scope,
        "consumer": "all",
        "fuel": "all",
        "tonnes": Decimal(tonnes),
    } | given


def city(*facts: dict[str, Any]) -> MemoryWarehouse:
    warehouse = MemoryWarehouse()
    warehouse.core("emissions", facts)
    return warehouse


def contributed(warehouse: MemoryWarehouse, *definitions: str) -> list[dict[str, Any]]:
    """Contributions of the plan's reading, or of other definitions."""
    warehouse.build(EMISSION_REDUCTION_MART)
    found = warehouse.run(emission_contribution(warehouse)).sort("year", "definition")
    return found.filter(pl.col("definition").is_in(definitions or ("default",))).to_dicts()


BASE = [fact(2010, pollutant, "1000") for pollutant in FOUR]


def test_reduction_on_2010() -> None:
    built = city(fact(2010, "cod", "8000.5"), fact(2012, "cod", "7200.45"), fact(2011, "cod", "8800.55")).build(
        EMISSION_REDUCTION_MART
    )
    assert built.select("year", "tonnes", "base_tonnes", "complete").rows() == [
        (2010, 8000.5, 8000.5, True),
        (2011, 8800.55, 8000.5, True),
        (2012, 7200.45, 8000.5, True),
    ]
    assert built["reduction_pct"].to_list() == pytest.approx([0, -10, 10])


@pytest.mark.parametrize("percent", [6, 7, 14, 18, 20, 28, 55])
def test_a_whole_per_cent_is_exactly_that(percent: int) -> None:
    built = city(fact(2010, "cod", "1000"), fact(2012, "cod", str(1000 - 10 * percent))).build(EMISSION_REDUCTION_MART)
    assert built.filter(year=2012)["reduction_pct"].item() == percent


def test_a_base_on_another_scope_is_no_base() -> None:
    built = city(fact(2010, "cod", "8000", "industry_and_towns"), fact(2012, "cod", "9000")).build(
        EMISSION_REDUCTION_MART
    )
    now = built.row(by_predicate=pl.col("year") == 2012, named=True)
    assert (now["base_tonnes"], now["reduction_pct"], now["complete"]) == (None, None, False)


def test_the_worst_of_the_four_decides() -> None:
    values = {"cod": "790", "nh3n": "801", "so2": "700", "nox": "810.5"}
    (found,) = contributed(city(*BASE, *(fact(2015, p, t) for p, t in values.items())))
    assert found["value"] == pytest.approx(18.95)
    assert (found["indicator"], found["unit"], found["n"]) == ("main_pollutant_reduction", "%", 4)
    assert (found["complete"], found["headline"], found["origin"]) == (True, True, "real")
    assert "COD 21.00 %, NH3-N 19.90 %, NOx 18.95 %, SO2 30.00 %" in found["basis"]


def test_each_of_the_four_is_shown_beside_the_worst() -> None:
    values = {"cod": "790", "nh3n": "801", "so2": "700", "nox": "810.5"}
    found = contributed(city(*BASE, *(fact(2015, p, t) for p, t in values.items())), *FOUR)
    assert {row["definition"]: round(row["value"], 2) for row in found} == {
        "cod": 21.0, "nh3n": 19.9, "so2": 30.0, "nox": 18.95,
    }  # fmt: skip
    assert not any(row["headline"] for row in found)
    assert found[0]["basis"] == f"scope {SCOPE}: COD 21.00 %"


def test_the_example_city_by_scope_and_census() -> None:
    """The example city of 2015; its bases of 2007 count no farming and are no bases for later years."""
    tonnes = {"cod": ("12000", "9480"), "nh3n": ("1500", "1200"), "so2": ("20000", "15600"), "nox": ("16000", "12640")}
    facts = [fact(year, p, t) for p, pair in tonnes.items() for year, t in zip((2010, 2015), pair, strict=True)]
    warehouse = city(*facts, fact(2010, "cod", "9000", "census_2007"), fact(2010, "nh3n", "1150", "census_2007"))
    built = warehouse.build(EMISSION_REDUCTION_MART).filter(year=2015)
    assert dict(built.select("pollutant", "reduction_pct").rows()) == pytest.approx(
        {"cod": 21.0, "nh3n": 20.0, "so2": 22.0, "nox": 21.0}
    )
    assert set(built["census"]) == {"first pollution census (2007), dynamic update of 2010"}
    assert contributed(warehouse)[-1]["value"] == pytest.approx(20.0)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ([*BASE, *(fact(2012, p, "900") for p in FOUR[:3])], "NOx missing"),
        ([*BASE[:3], *(fact(2012, p, "900") for p in FOUR)], "NOx without 2010"),
        (
            [fact(2010, "nox", "1000", "other"), *BASE[:3], *(fact(2012, p, "900") for p in FOUR)],
            "NOx without 2010",
        ),
    ],
    ids=["one missing in the year", "one missing in 2010", "one with its base on another scope"],
)
def test_without_all_four_there_is_no_value_but_a_reason(facts: list[dict[str, Any]], said: str) -> None:
    found = contributed(city(*facts))[-1]
    assert (found["value"], found["complete"]) == (None, False)
    assert said in found["basis"]
    assert "needs all 4 pollutants" in found["basis"]


def test_a_scope_with_all_four_comes_before_one_without_and_the_listed_one_first() -> None:
    other = [fact(year, p, t, "a_scope") for p in FOUR for year, t in ((2010, "1000"), (2012, "500"))]
    whole = [fact(2012, p, "900") for p in FOUR]
    (found,) = contributed(city(*BASE, *whole, *other))
    assert found["value"] == pytest.approx(10)
    (found,) = contributed(city(*BASE, *whole[:3], *other))
    assert found["value"] == pytest.approx(50)


def test_a_sector_or_a_fuel_is_not_the_whole() -> None:
    parts = [fact(2012, p, "1", consumer="Textile Industry") for p in FOUR] + [
        fact(2012, p, "2", fuel="coke") for p in FOUR
    ]
    (found,) = contributed(city(*BASE, *parts, *(fact(2012, p, "900") for p in FOUR)))
    assert found["value"] == pytest.approx(10)


def test_a_synthetic_base_makes_a_mixed_value() -> None:
    base = [row | {"origin": "synthetic"} for row in BASE]
    (found,) = contributed(city(*base, *(fact(2012, p, "900") for p in FOUR)))
    assert found["origin"] == "mixed"


def test_of_two_publications_the_listed_one_is_taken_once() -> None:
    twice = [fact(2012, p, "100", series="a_bulletin") for p in FOUR]
    (found,) = contributed(city(*BASE, *twice, *(fact(2012, p, "900") for p in FOUR)))
    assert found["value"] == pytest.approx(10)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(st.decimals("1", "99999", places=4), min_size=8, max_size=8), min_size=1, max_size=10))
def test_the_value_is_the_smallest_fall(cities: list[list[Decimal]]) -> None:
    facts = [
        fact(year, pollutant, str(tonnes[place]), region_code=f"{number:06d}")
        for number, tonnes in enumerate(cities)
        for place, (year, pollutant) in enumerate((y, p) for y in (2010, 2012) for p in FOUR)
    ]
    found = {row["region_code"]: row["value"] for row in contributed(city(*facts))}
    for number, tonnes in enumerate(cities):
        worst = min(float((1 - tonnes[4 + place] / tonnes[place]) * 100) for place in range(4))
        assert found[f"{number:06d}"] == pytest.approx(worst, rel=1e-9, abs=1e-9)
