"""Rules of energy and economic accounts at the gate: units that cannot be, by fuel and by size."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest

from checks.economy import ECONOMIC_ACCOUNTS_RULES, ENERGY_USE_RULES
from checks.rules import Rule


def broken(rules: tuple[Rule, ...], **cells: object) -> set[str]:
    """Names of the rules that a record with these cells breaks."""
    with duckdb.connect() as con:
        columns = ", ".join(
            f"{name} {'DECIMAL(24,6)' if isinstance(v, Decimal) else 'TEXT'}" for name, v in cells.items()
        )
        con.execute(f"CREATE TABLE staged ({columns})")
        con.execute(f"INSERT INTO staged VALUES ({', '.join('?' for _ in cells)})", list(cells.values()))
        return {r.name for r in rules if con.execute(f"SELECT {r.reason} FROM staged WHERE {r.bad_rows}").fetchall()}


def energy(fuel: str, unit: str, quantity: str = "500", consumer: str = "all", region: str = "320282") -> set[str]:
    cells = {"fuel": fuel, "unit": unit, "quantity": Decimal(quantity), "consumer": consumer}
    return broken(ENERGY_USE_RULES, **cells, region_code=region, flow="total")


@pytest.mark.parametrize(
    ("fuel", "unit"),
    [
        ("raw_coal", "10^4 t"), ("electricity", "10^8 kWh"), ("heat", "GJ"), ("natural_gas", "t"),
        ("other_gas", "10^4 m3"), ("coke", "tce"), ("total_energy_calorific", "10^4 tce"), ("other_energy", "10^4 tce"),
    ],
)  # fmt: skip
def test_a_fuel_in_a_unit_of_its_kind_passes(fuel: str, unit: str) -> None:
    assert energy(fuel, unit, consumer="x") == set()


@pytest.mark.parametrize(
    ("fuel", "unit"),
    [
        ("coke", "10^8 m3"), ("electricity", "t"), ("heat", "10^4 kWh"), ("other_gas", "t"),
        ("total_energy_equivalent", "t"),
    ],
)  # fmt: skip
def test_a_fuel_in_a_unit_of_another_kind_is_refused(fuel: str, unit: str) -> None:
    assert energy(fuel, unit) == {"unit_fits_fuel"}


@pytest.mark.parametrize(
    ("quantity", "unit", "region", "slipped"),
    [
        ("885", "10^4 tce", "320282", False),
        ("8850000", "tce", "320282", False),
        ("596000", "10^4 tce", "000000", False),
        ("8850000", "10^4 tce", "320282", True),
        ("885", "tce", "320282", True),
        ("885", "tce", "320282101", False),
    ],
)
def test_energy_that_is_wrong_by_ten_thousand_is_refused(quantity: str, unit: str, region: str, slipped: bool) -> None:
    assert energy("total_energy_equivalent", unit, quantity, region=region) == (
        {"energy_in_its_unit"} if slipped else set()
    )
    assert energy("total_energy_equivalent", unit, quantity, consumer="x") == set()


@pytest.mark.parametrize(
    ("value", "unit", "region", "slipped"),
    [
        ("1085", "10^8 yuan", "320282", False),
        ("10850000", "10^4 yuan", "320282", False),
        ("1349083.5", "10^8 yuan", "000000", False),
        ("10850000", "10^8 yuan", "320282", True),
        ("1085", "10^4 yuan", "320282", True),
        ("15310", "10^4 yuan", "320282002", False),
    ],
)
def test_gdp_that_is_wrong_by_ten_thousand_is_refused(value: str, unit: str, region: str, slipped: bool) -> None:
    cells = {"account": "gdp_current", "value": Decimal(value), "unit": unit, "region_code": region}
    assert broken(ECONOMIC_ACCOUNTS_RULES, **cells) == ({"gdp_in_its_unit"} if slipped else set())
