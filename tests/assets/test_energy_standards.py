"""The data of energy accounting: exact numbers, complete coverage, refusal of what is unsound."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from assets.energy.flows import conversions
from assets.energy.standards import (
    ENERGY_REFERENCES,
    ENERGY_UNIT,
    MONEY_UNIT,
    STANDARD_COAL_FACTOR,
    STANDARD_COAL_FILE,
    factor_sets,
    factors,
)
from assets.environment.standards import ENVIRONMENT_REFERENCES
from assets.reference import load, reference_frame
from sources.feeds.economy import ENERGY_UNITS, FUELS
from tests.assets.support_energy import MemoryWarehouse, read_rows


def test_tonnes_of_standard_coal_in_one_unit_are_exact() -> None:
    warehouse = MemoryWarehouse()
    found = warehouse.run(
        conversions(warehouse.table("standard.standard_coal_factor"), warehouse.table("standard.energy_unit"))
    )
    by_key = {
        row[:4]: row[4]
        for row in found.select("factor_set", "electricity_basis", "fuel", "unit", "tce_per_unit").rows()
    }
    expected = {
        (row["factor_set"], row["electricity_basis"], row["fuel"], row["unit"]): Decimal(row["tce"])
        for row in read_rows("standard_coal.csv")
    }
    assert {key: by_key.get(key) for key in expected} == expected


def test_the_set_in_use_converts_every_fuel_and_every_unit_is_known() -> None:
    used = factor_sets().drop_nulls("used_from")["factor_set"].to_list()
    rows = factors().drop_nulls("kgce")
    for basis in ("calorific", "equivalent"):
        own = rows.filter(rows["electricity_basis"].is_in([basis, "both"]) & rows["factor_set"].is_in(used))
        other = "equivalent" if basis == "calorific" else "calorific"
        assert set(own["fuel"]) == set(FUELS.values) - {f"total_energy_{other}"}
    units = next(reference for reference in ENERGY_REFERENCES if reference.table is ENERGY_UNIT).rows()
    assert set(units["unit"]) == set(ENERGY_UNITS.values)


def test_a_range_without_a_value_does_not_convert() -> None:
    gas = factors().filter((factors()["fuel"] == "natural_gas") & (factors()["factor_set"] == "gbt2589_2008"))
    assert gas.select("kgce", "low", "high").rows() == [(None, Decimal("1.2143"), Decimal("1.33"))]


@pytest.mark.parametrize("reference", [*ENERGY_REFERENCES, *ENVIRONMENT_REFERENCES], ids=lambda r: r.table.name)
def test_every_reference_table_has_rows_in_its_declared_columns(reference) -> None:  # type: ignore[no-untyped-def]
    frame = reference.rows()
    assert frame.height > 0
    assert frame.schema == reference.table.polars_schema


SOUND = {
    "factor_set": "s",
    "fuel": "coke",
    "physical_unit": "kg",
    "electricity_basis": "both",
    "year_from": "1949",
    "kgce": "0.9714",
    "clause": "c",
    "source": "s",
    "confidence": "secondary",
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fule": "coke"}, "unknown keys"),
        ({"clause": ""}, "clause is missing"),
        ({"fuel": "peat"}, "fuel is none of"),
        ({"kgce": "0.97145678"}, "does not fit"),
        ({"kgce": "1e2"}, "does not fit"),
        ({"kgce": "123.4"}, "does not fit"),
    ],
)
def test_an_unsound_entry_is_refused_in_words(change: dict[str, str], message: str) -> None:
    assert reference_frame(STANDARD_COAL_FACTOR, [SOUND]).height == 1
    with pytest.raises(ValueError, match=message):
        reference_frame(STANDARD_COAL_FACTOR, [SOUND | change])


def test_a_repeated_key_is_refused() -> None:
    with pytest.raises(ValueError, match="is repeated"):
        reference_frame(MONEY_UNIT, [{"unit": "yuan", "in_10k_yuan": "1"}, {"unit": "yuan", "in_10k_yuan": "2"}])


@pytest.mark.parametrize(("used_to", "accepted"), [("", False), ("1949", False), ("1948", True)])
def test_two_sets_for_one_year_are_refused(tmp_path: Path, used_to: str, accepted: bool) -> None:
    head = "factor_sets:\n"
    entry = (
        "  - {{factor_set: {}, name_zh: a, name_en: a, document: d, kj_per_kgce: 29307, used_from: {}, used_to: {}}}\n"
    )
    path = tmp_path / "sets.yaml"
    path.write_text(head + entry.format("first", "1900", used_to or '""') + entry.format("second", "1949", '""'))
    if accepted:
        assert factor_sets(path).height == 2
    else:
        with pytest.raises(ValueError, match="first"):
            factor_sets(path)


@pytest.mark.parametrize(("year_to", "accepted"), [("", False), ("2012", False), ("2011", True)])
def test_two_factors_for_one_year_are_refused(tmp_path: Path, year_to: str, accepted: bool) -> None:
    path = tmp_path / "factors.yaml"
    entry = "{{fuel: coke, kgce: 0.97, year_from: {}, year_to: {}}}"
    fixed = "{physical_unit: kg, electricity_basis: both, clause: c, source: s, confidence: memory}"
    rows = f"[{entry.format(1949, year_to or chr(39) * 2)}, {entry.format(2012, chr(39) * 2)}]"
    path.write_text(f"factor_sets:\n  - {{factor_set: a, defaults: {fixed}, factors: {rows}}}\n", "utf-8")
    if accepted:
        assert factors(path).height == 2
    else:
        with pytest.raises(ValueError, match="coke"):
            factors(path)


def test_a_number_is_read_from_its_text() -> None:
    heat = [f for s in load(STANDARD_COAL_FILE)["factor_sets"] for f in s["factors"] if f["fuel"] == "heat"]
    assert {factor["kgce"] for factor in heat} == {"0.03412"}
