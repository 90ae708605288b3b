"""Measured heat, dated electricity, the total by sign, sectors and enterprises, key users."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.energy.consumers import ENERGY_BY_CONSUMER_MART, KEY_ENERGY_USER_MART
from assets.energy.fuels import ENERGY_BY_FUEL_MART
from assets.energy.standards import STANDARD_COAL_FACTOR, STANDARD_COAL_FILE, factors
from sources.inbox import describe
from sources.reading import read_file
from tests.assets.support_energy import MemoryWarehouse, energy_row

USERS = (ENERGY_BY_CONSUMER_MART, KEY_ENERGY_USER_MART)


def city(*rows: dict[str, Any]) -> MemoryWarehouse:
    warehouse = MemoryWarehouse()
    warehouse.core("energy_use", [energy_row(**row) for row in rows])
    return warehouse


def firm(name: str, tce: str, **given: Any) -> dict[str, Any]:
    return {"consumer": name, "quantity": tce, "unit": "tce"} | given


def fuel(name: str, quantity: str, unit: str = "t", **given: Any) -> dict[str, Any]:
    return {"fuel": name, "quantity": quantity, "unit": unit, "flow": "final"} | given


def tce(built: pl.DataFrame, **where: Any) -> Decimal | None:
    (found,) = built.filter(**where)["energy_tce"].to_list()
    return found  # type: ignore[no-any-return]


def test_a_measured_calorific_value_beats_the_table() -> None:
    measured = fuel("raw_coal", "1000", calorific_value=Decimal("23445.6"))
    warehouse = city(measured, fuel("diesel", "10"))
    built = warehouse.build(ENERGY_BY_FUEL_MART).filter(electricity_basis="calorific")
    coal = built.filter(fuel="raw_coal").row(0, named=True)
    assert coal["measured"] and coal["energy_tce"] == pytest.approx(Decimal(800), abs=Decimal("1e-9"))
    assert tce(built, fuel="diesel") == Decimal("14.571") and not built.filter(fuel="diesel")["measured"].item()
    table = city(fuel("raw_coal", "1000")).build(ENERGY_BY_FUEL_MART)
    assert set(table["energy_tce"]) == {Decimal("714.3")}


def test_gas_by_volume_and_heat_by_energy() -> None:
    rows = (
        fuel("natural_gas", "3", "10^4 m3", calorific_value=Decimal("38931")),
        fuel("heat", "2000", "GJ"),
        fuel("heat", "0.0002", "10^10 kJ", consumer="x"),
    )
    built = city(*rows[:2]).build(ENERGY_BY_FUEL_MART).filter(electricity_basis="calorific")
    assert float(tce(built, fuel="natural_gas") or 0) == pytest.approx(30_000 * 38931 / 29307 / 1000, rel=1e-12)
    assert tce(built, fuel="heat") == Decimal("68.24")
    small = city(rows[2]).build(ENERGY_BY_FUEL_MART).filter(electricity_basis="calorific")
    assert tce(small, fuel="heat") == Decimal("0.06824")


def test_a_fuel_reported_in_standard_coal_counts_as_it_is_but_electricity_does_not() -> None:
    built = city(fuel("coke", "12.5", "tce"), fuel("electricity", "9", "tce")).build(ENERGY_BY_FUEL_MART)
    assert set(built.filter(fuel="coke")["energy_tce"]) == {Decimal("12.5")}
    assert built.filter(fuel="electricity").select("energy_tce", "converted").rows() == [(None, False)] * 2


def test_electricity_by_both_values_and_by_the_year(tmp_path: Path) -> None:
    power = [fuel("electricity", "2", "10^8 kWh", period=year) for year in ("2011", "2012")]
    warehouse = city(*power)
    built = warehouse.build(ENERGY_BY_FUEL_MART)
    assert {row["electricity_basis"]: row["energy_tce"] for row in built.filter(year=2012).to_dicts()} == {
        "calorific": Decimal(24580), "equivalent": Decimal(80800),
    }  # fmt: skip
    dated = tmp_path / "dated.yaml"
    old = "electricity_basis: equivalent, kgce: 0.4040, clause: table"
    text = STANDARD_COAL_FILE.read_text("utf-8")
    assert text.count(old) == 1
    line = next(line for line in text.splitlines() if old in line)
    new = line.replace("0.4040", "0.3250").replace("{fuel", "{year_from: 2012, fuel")
    dated.write_text(text.replace(line, line.replace("{fuel", "{year_to: 2011, fuel") + "\n" + new), "utf-8")
    warehouse.put(STANDARD_COAL_FACTOR, factors(dated))
    built = warehouse.build(ENERGY_BY_FUEL_MART).filter(electricity_basis="equivalent")
    assert built.sort("year")["energy_tce"].to_list() == [Decimal(80800), Decimal(65000)]


def test_the_total_is_final_plus_transformation_plus_losses_by_sign() -> None:
    balance = (
        fuel("raw_coal", "100", "10^4 t"),
        fuel("raw_coal", "300", "10^4 t", flow="transformation", consumer="Thermal Power"),
        fuel("raw_coal", "40", "10^4 t", flow="transformation", consumer="Coking"),
        fuel("electricity", "90", "10^8 kWh"),
        fuel("electricity", "-70", "10^8 kWh", flow="transformation"),
        fuel("electricity", "5", "10^8 kWh", flow="loss"),
        fuel("electricity", "20", "10^8 kWh", flow="total"),
        fuel("gasoline", "7", flow="total"),
    )
    total = city(*balance).build(ENERGY_BY_FUEL_MART).filter(consumption_scope="total")
    calorific = total.filter(electricity_basis="calorific")
    assert calorific.select("fuel", "taken_from").rows() == [
        ("electricity", "balance"), ("gasoline", "printed"), ("raw_coal", "balance"),
    ]  # fmt: skip
    assert tce(calorific, fuel="raw_coal") == 440 * 7143
    assert tce(calorific, fuel="electricity") == 25 * 12290
    assert tce(total, electricity_basis="equivalent", fuel="electricity") == 25 * 40400


def test_an_enterprise_is_part_of_its_sector_and_never_added_to_the_region() -> None:
    rows = (
        fuel("raw_coal", "100", consumer="Textile Industry"),
        fuel("raw_coal", "60", consumer="甲纺织有限公司"),
        fuel("raw_coal", "20", consumer="乙", consumer_kind="enterprise"),
    )
    warehouse = city(*rows)
    assert set(warehouse.build(ENERGY_BY_FUEL_MART)["energy_tce"]) == {Decimal("71.43")}
    built = warehouse.build(ENERGY_BY_CONSUMER_MART).filter(electricity_basis="calorific")
    assert built.select("consumer", "kind", pl.col("energy_tce").cast(pl.Float64)).sort("energy_tce").rows() == [
        ("乙", "enterprise", 14.286), ("甲纺织有限公司", "enterprise", 42.858), ("Textile Industry", "sector", 71.43),
    ]  # fmt: skip


def test_key_users_are_found_from_the_data_by_the_threshold_in_the_data() -> None:
    warehouse = city(
        firm("甲水泥有限公司", "62300"),
        firm("乙陶瓷厂", "5000"),
        firm("丙有限公司", "4999.99"),
        firm("丁集团", "90000", fuel="total_energy_calorific"),
        firm("Smelting", "900000"),
        fuel("electricity", "1300", "10^4 kWh", consumer="戊有限公司"),
        fuel("electricity", "1200", "10^4 kWh", consumer="己有限公司"),
        {"quantity": "885"},
    )
    found = warehouse.build(*USERS)
    assert found.sort("place").select("place", "consumer", pl.col("energy_tce").cast(pl.Float64)).rows() == [
        (1, "甲水泥有限公司", 62300.0), (2, "戊有限公司", 5252.0), (3, "乙陶瓷厂", 5000.0),
    ]  # fmt: skip
    assert set(found["rule"]) == {"plan_5000_tce"} and set(found["electricity_basis"]) == {"equivalent"}
    warehouse.con.execute("UPDATE standard.key_energy_user_rule SET threshold_tce = 60000")
    assert warehouse.build(*USERS)["consumer"].to_list() == ["甲水泥有限公司"]
    warehouse.con.execute("UPDATE standard.key_energy_user_rule SET electricity_basis = 'calorific'")
    assert warehouse.build(*USERS)["consumer"].to_list() == ["丁集团"]


def test_an_enterprises_own_total_comes_before_its_fuels_and_total_before_final() -> None:
    both = city(
        fuel("raw_coal", "9000", consumer="甲厂"),
        firm("甲厂", "7000"),
        fuel("raw_coal", "8000", consumer="乙厂"),
        fuel("heat", "-20000", "GJ", consumer="乙厂", flow="transformation"),
        fuel("heat", "1000", "GJ", consumer="乙厂"),
        fuel("raw_coal", "4000", consumer="乙厂", flow="transformation"),
    ).build(*USERS)
    found = {row["consumer"]: (row["energy_tce"], row["consumption_scope"]) for row in both.to_dicts()}
    own = 12000 * Decimal("0.7143") - 19000 * Decimal("0.03412")
    assert found == {"甲厂": (Decimal(7000), "total"), "乙厂": (own, "total")}


def test_an_unknown_fuel_or_unit_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "energy.csv"
    path.write_text(
        "region_code,period,consumer,fuel,flow,quantity,unit\n"
        "320282,2012,all,原煤,final,5,万吨\n320282,2012,all,peat,final,5,万吨\n320282,2012,all,焦炭,final,5,车\n",
        "utf-8",
    )
    reading = read_file(describe(path, "energy_use"))
    assert reading.records.select("fuel", "unit").rows() == [("raw_coal", "10^4 t")]
    assert reading.refused.select("rule", pl.col("reason").str.extract('"(.*?)"')).rows() == [
        ("code:fuel", "peat"), ("unit:unit", "车"),
    ]  # fmt: skip


FACTORS = {"raw_coal": "0.7143", "coke": "0.9714", "diesel": "1.4571"}


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(FACTORS)),
            st.sampled_from(["final", "transformation", "loss"]),
            st.sampled_from(["甲厂", "乙厂", "sector a", "sector b"]),
            st.decimals("-999", "99999", places=4),
        ),
        max_size=30,
        min_size=1,
        unique_by=lambda row: row[:3],
    )
)
def test_consumers_equal_a_plain_sum(rows: list[tuple[str, str, str, Decimal]]) -> None:
    warehouse = city(*(fuel(f, str(q), flow=flow, consumer=who) for f, flow, who, q in rows))
    built = warehouse.build(ENERGY_BY_CONSUMER_MART).filter(electricity_basis="equivalent")
    expected: dict[tuple[str, str], Decimal] = {}
    for who in {row[2] for row in rows}:
        for name, factor in FACTORS.items():
            flows = {flow: q for f, flow, w, q in rows if (f, w) == (name, who)}
            if "final" in flows:
                expected[who, "final"] = expected.get((who, "final"), Decimal(0)) + flows["final"] * Decimal(factor)
            if {"final", "transformation"} <= set(flows):
                whole = sum(flows.values()) * Decimal(factor)
                expected[who, "total"] = expected.get((who, "total"), Decimal(0)) + whole
    assert {
        (who, scope): q for who, scope, q in built.select("consumer", "consumption_scope", "energy_tce").rows()
    } == expected
