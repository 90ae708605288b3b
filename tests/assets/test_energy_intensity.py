"""Energy per 10 000 yuan of GDP: prices, chains, comparability, the plan's readings."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction
from math import prod

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.energy.contribution import energy_contribution
from assets.energy.intensity import ENERGY_PER_10K_GDP_MART
from tests.assets.support_energy import (
    INTENSITY,
    MemoryWarehouse,
    account_row,
    energy_row,
    example_city,
    reporting_city,
    stated,
)

ENERGY = {2010: "500", 2011: "510", 2012: "515"}
GDP = {2010: "800", 2011: "920", 2012: "1080.5"}
INDICES = {2011: "111.5", 2012: "110"}


def test_a_missing_year_breaks_the_compounding_but_not_the_fall() -> None:
    warehouse = example_city()
    warehouse.con.execute("DELETE FROM core.energy_use WHERE period = '2012'")
    now = stated(warehouse.build(*INTENSITY), 2014)
    assert now["reduction_pct"] == pytest.approx(16.898584, abs=1e-6)
    assert (now["compounded_reduction_pct"], now["progress_pct"], now["yearly_pace_pct"]) == (None, None, None)


def test_progress_is_told_of_the_plans_region_only() -> None:
    warehouse = example_city()
    for table in ("energy_use", "economic_accounts"):
        warehouse.con.execute(f"UPDATE core.{table} SET region_code = '320281'")
    now = stated(warehouse.build(*INTENSITY), 2012)
    assert now["compounded_reduction_pct"] == pytest.approx(7.91704) and now["progress_pct"] is None


@pytest.mark.parametrize(
    "slip",
    [
        "UPDATE core.energy_use SET quantity = quantity * 10000 WHERE period = '2012'",
        "UPDATE core.energy_use SET unit = 'tce' WHERE period = '2012'",
    ],
    ids=["energy ten thousand times too large", "energy in tce under a count of 10^4 tce"],
)
def test_a_slip_by_ten_thousand_gives_no_value_and_is_named(slip: str) -> None:
    warehouse = example_city()
    warehouse.con.execute(slip)
    built = warehouse.build(*INTENSITY)
    now = stated(built, 2012)
    assert (now["tce_per_10k_yuan"], now["reduction_pct"], now["complete"]) == (None, None, False)
    assert "is a unit of energy or GDP wrong by 10^4 (万 for 亿)?" in now["basis"]
    assert stated(built, 2013)["reduction_pct"] == pytest.approx(12.905284, abs=1e-6)
    assert stated(built, 2013)["change_pct"] is None


def test_a_slip_in_the_base_year_leaves_every_fall_empty() -> None:
    warehouse = example_city()
    warehouse.con.execute("UPDATE core.economic_accounts SET unit = '10^4 yuan' WHERE account = 'gdp_current'")
    built = warehouse.build(*INTENSITY).filter(price_base="2010")
    assert built["tce_per_10k_yuan"].null_count() == built.height and built["basis"].str.contains("万 for 亿").all()


def test_final_and_total_consumption_are_never_compared() -> None:
    warehouse = reporting_city({}, GDP, INDICES)
    warehouse.core(
        "energy_use",
        [energy_row(period="2010", quantity="500", flow="final"), energy_row(period="2011", quantity="400")],
    )
    built = warehouse.build(*INTENSITY)
    now = stated(built, 2011)
    assert (now["change_pct"], now["reduction_pct"], now["published_change_pct"]) == (None, None, None)
    assert stated(built, 2010, consumption_scope="final")["published_intensity"] == Decimal("0.625")


def test_reduction_at_2010_prices() -> None:
    built = reporting_city(ENERGY, GDP, INDICES).build(*INTENSITY)
    for year, volume in ((2011, Fraction(1115, 1000)), (2012, Fraction(1115, 1000) * Fraction(11, 10))):
        now = stated(built, year)
        fall = 1 - Fraction(ENERGY[year]) / volume / 500
        assert now["reduction_pct"] == pytest.approx(float(fall * 100), rel=1e-13)
        assert now["gdp_10k_yuan"] == pytest.approx(float(8_000_000 * volume), rel=1e-15)
        assert now["complete"]
    assert stated(built, 2012)["change_pct"] == pytest.approx((515 / 510 / 1.1 - 1) * 100, rel=1e-12)
    assert stated(built, 2010)["reduction_pct"] == 0
    assert stated(built, 2010)["change_pct"] is None
    nominal = stated(built, 2012, price_base="current")
    assert nominal["tce_per_10k_yuan"] == pytest.approx(5_150_000 / 10_805_000, rel=1e-15)


def test_without_the_base_year_there_is_no_reduction_but_a_reason() -> None:
    late = {year: value for year, value in ENERGY.items() if year > 2010}
    now = stated(reporting_city(late, GDP, INDICES).build(*INTENSITY), 2012)
    assert (now["reduction_pct"], now["complete"]) == (None, True)
    assert now["change_pct"] == pytest.approx((515 / 510 / 1.1 - 1) * 100)
    assert "no comparable figure of 2010" in now["basis"]


@pytest.mark.parametrize(
    ("gdp", "indices"),
    [
        (GDP, {2012: "110"}),
        ({2012: "1080.5"}, INDICES),
        ({}, {}),
    ],
    ids=["gap in the chain", "no GDP of 2010", "no accounts"],
)
def test_a_broken_chain_gives_no_gdp_and_says_what_it_needs(gdp: dict[int, str], indices: dict[int, str]) -> None:
    now = stated(reporting_city(ENERGY, gdp, indices).build(*INTENSITY), 2012)
    assert (now["gdp_10k_yuan"], now["tce_per_10k_yuan"], now["complete"]) == (None, None, False)
    assert "no GDP at prices of 2010" in now["basis"]


def test_years_of_different_publications_or_methods_are_not_compared() -> None:
    warehouse = reporting_city({2012: "515"}, GDP, INDICES)
    warehouse.core("energy_use", [energy_row(period="2010", quantity="500", series="someone_else")])
    assert stated(warehouse.build(*INTENSITY), 2012)["reduction_pct"] is None

    by_fuel = reporting_city({2012: "515"}, GDP, INDICES)
    by_fuel.core("energy_use", [energy_row(period="2010", quantity="700", fuel="raw_coal", unit="10^4 t")])
    built = by_fuel.build(*INTENSITY)
    assert stated(built, 2012)["reduction_pct"] is None
    base = stated(built, 2010)
    assert (base["energy_tce"], base["energy_method"], base["complete"]) == (5_000_100, "fuels", False)
    assert "1 of 20 fuels" in base["basis"]


def test_an_incomplete_base_year_makes_the_fall_incomplete() -> None:
    warehouse = reporting_city({}, GDP, INDICES)
    coal = [energy_row(period=year, quantity="700", fuel="raw_coal", unit="10^4 t") for year in ("2010", "2012")]
    others = [
        energy_row(period="2012", quantity="0", fuel=fuel, unit="10^4 t")
        for fuel in warehouse.run(
            warehouse.table("standard.standard_coal_factor").fuel.name("fuel").as_table().distinct()
        )["fuel"]
        if fuel != "raw_coal" and not fuel.startswith("total_energy")
    ]
    warehouse.core("energy_use", coal + others)
    now = stated(warehouse.build(*INTENSITY), 2012)
    assert now["reduction_pct"] == pytest.approx((1 - 1 / (1.115 * 1.1)) * 100)
    assert not now["complete"]
    assert "the figure of 2010 is incomplete" in now["basis"]


def test_an_unconvertible_fuel_leaves_the_total_empty() -> None:
    warehouse = reporting_city({}, GDP, INDICES)
    warehouse.core(
        "energy_use",
        [
            energy_row(quantity="5", fuel="coke", unit="10^8 m3"),
            energy_row(quantity="5", fuel="diesel", unit="t"),
        ],
    )
    now = stated(warehouse.build(*INTENSITY), 2012)
    assert (now["energy_tce"], now["complete"]) == (None, False)
    assert "no factor for the unit of: coke" in now["basis"]


def test_the_preferred_publication_is_taken_and_a_synthetic_one_never_before_a_real_one() -> None:
    warehouse = reporting_city({2012: "515"}, GDP, INDICES)
    warehouse.core(
        "energy_use",
        [energy_row(quantity="900", series="ceads_energy"), energy_row(quantity="901", series="another")],
    )
    assert stated(warehouse.build(*INTENSITY), 2012)["energy_series"] == "canonical"
    warehouse.con.execute("UPDATE core.energy_use SET origin = 'synthetic' WHERE series = 'canonical'")
    now = stated(warehouse.build(*INTENSITY), 2012)
    assert (now["energy_series"], now["energy_tce"], now["origin"]) == ("ceads_energy", 9_000_000, "real")


def test_origin_is_mixed_when_energy_and_gdp_or_the_base_differ() -> None:
    warehouse = reporting_city(ENERGY, GDP, INDICES)
    warehouse.con.execute("UPDATE core.energy_use SET origin = 'synthetic' WHERE period = '2010'")
    built = warehouse.build(*INTENSITY)
    assert [stated(built, year)["origin"] for year in (2010, 2011)] == ["mixed", "mixed"]
    assert stated(built, 2011, price_base="current")["reduction_pct"] is not None
    warehouse.con.execute("UPDATE core.energy_use SET origin = 'real'")
    warehouse.con.execute(
        "UPDATE core.economic_accounts SET origin = 'synthetic' "
        "WHERE period = '2011' AND account = 'gdp_index_previous_year'"
    )
    built = warehouse.build(*INTENSITY)
    assert [stated(built, year)["origin"] for year in (2010, 2011, 2012)] == ["real", "mixed", "mixed"]


def test_only_dirty_regions_are_built() -> None:
    warehouse = reporting_city(ENERGY, GDP, INDICES)
    warehouse.core("energy_use", [energy_row(region_code="320281", quantity="1")])
    warehouse.build(*INTENSITY)
    warehouse.con.execute("DELETE FROM work.dirty_energy_per_10k_gdp WHERE region_code <> '320281'")
    assert set(warehouse.run(ENERGY_PER_10K_GDP_MART.build(warehouse))["region_code"]) == {"320281"}


def test_the_plan_means_total_energy_by_equivalent_value_at_2010_prices() -> None:
    warehouse = reporting_city(ENERGY, GDP, INDICES)
    final = [
        energy_row(period=str(y), quantity=q, flow="final", fuel="total_energy_calorific") for y, q in ENERGY.items()
    ]
    warehouse.core("energy_use", final)
    warehouse.build(*INTENSITY)
    found = warehouse.run(energy_contribution(warehouse)).sort("year", "definition")
    assert found.select("year", "definition", "headline").rows() == [
        (2011, "equivalent_2010_prices", True),
        (2011, "final_calorific_2010_prices", False),
        (2012, "equivalent_2010_prices", True),
        (2012, "final_calorific_2010_prices", False),
    ]
    headline = found.row(2, named=True)
    assert headline["value"] == pytest.approx((1 - 515 / 500 / 1.115 / 1.1) * 100)
    assert (headline["indicator"], headline["unit"], headline["complete"]) == (
        "energy_per_gdp_reduction",
        "%",
        True,
    )


def test_no_value_is_a_row_with_the_reason() -> None:
    warehouse = reporting_city({2012: "515"}, GDP, INDICES)
    warehouse.build(*INTENSITY)
    (found,) = warehouse.run(energy_contribution(warehouse)).to_dicts()
    assert (found["value"], found["complete"], found["headline"]) == (None, False, True)
    assert "no comparable figure of 2010" in found["basis"]


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.lists(st.decimals("80", "125", places=3), min_size=1, max_size=8), min_size=1, max_size=12),
    st.integers(0, 10**6),
)
def test_chains_equal_plain_fractions_in_any_order_of_rows(chains: list[list[Decimal]], seed: int) -> None:
    energy, accounts = [], []
    for place, chain in enumerate(chains):
        region = f"{place:06d}"
        accounts.append(account_row(2010, "gdp_current", "800.25", region_code=region))
        for year, index in enumerate(chain, start=2011):
            accounts.append(account_row(year, "gdp_index_previous_year", str(index), region_code=region))
        for year in (2010, 2010 + len(chain)):
            energy.append(energy_row(region_code=region, period=str(year), quantity="500.125"))
    answers = []
    for shuffled in (False, True):
        if shuffled:
            random.Random(seed).shuffle(energy)
            random.Random(seed).shuffle(accounts)
        warehouse = MemoryWarehouse()
        warehouse.core("energy_use", energy)
        warehouse.core("economic_accounts", accounts)
        answers.append(warehouse.build(*INTENSITY))
    assert answers[0].equals(answers[1])
    for place, chain in enumerate(chains):
        now = stated(answers[0], 2010 + len(chain), region_code=f"{place:06d}")
        volume = prod((Fraction(index) / 100 for index in chain), start=Fraction(1))
        assert now["gdp_10k_yuan"] == pytest.approx(float(8_002_500 * volume), rel=1e-14)
        assert now["reduction_pct"] == pytest.approx(float((1 - 1 / volume) * 100), rel=1e-9, abs=1e-11)


def test_the_year_before_is_the_calendar_year_before() -> None:
    energy = {year: value for year, value in ENERGY.items() if year != 2011}
    now = stated(reporting_city(energy, GDP, INDICES).build(*INTENSITY), 2012)
    assert now["change_pct"] is None
    assert now["reduction_pct"] is not None


def test_a_synthetic_link_of_the_chain_makes_the_value_mixed() -> None:
    warehouse = reporting_city({2012: "515"}, GDP, INDICES)
    warehouse.con.execute("UPDATE core.economic_accounts SET origin = 'synthetic' WHERE period = '2011'")
    built = warehouse.build(*INTENSITY)
    assert stated(built, 2012)["origin"] == "mixed"
    assert stated(built, 2012, price_base="current")["origin"] == "real"


def test_a_preference_for_the_region_comes_before_the_general_one() -> None:
    warehouse = reporting_city({2012: "515"}, GDP, INDICES)
    warehouse.core("energy_use", [energy_row(quantity="900", series="city_bureau")])
    own = {"item": "energy", "region_code": "320282", "series": "city_bureau", "rank": 0, "reason": "its own"}
    warehouse.add("standard.economy_series_preference", pl.DataFrame([own]))
    assert stated(warehouse.build(*INTENSITY), 2012)["energy_series"] == "city_bureau"
    assert stated(reporting_city({2012: "515"}, GDP, INDICES).build(*INTENSITY), 2012)["energy_series"] == "canonical"
