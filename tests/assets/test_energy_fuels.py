"""Fuels in standard coal against the published panel, and sectors against printed totals."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from assets.energy.fuels import ENERGY_BY_FUEL_MART, sector_sum_check
from sources.inbox import describe
from sources.reading import read_file
from tests.assets.support_energy import SHARED, MemoryWarehouse, energy_row, jiangsu, of_core, read_rows

#: 10^4 tce, column total_energy_tce of the published panel; the digits of ours are exact sums.
PUBLISHED = {2012: "19708.4905013", 2013: "22026.3586016", 2014: "23457.3699678"}
FINAL = (pl.col("consumption_scope") == "final") & (pl.col("electricity_basis") == "calorific")


def totals(frame: pl.DataFrame) -> dict[Any, Decimal]:
    """(region, year) → 10^4 tce of final consumption, calorific, all fuels."""
    sums = frame.filter(FINAL).group_by("region_code", "year").agg(pl.col("energy_tce").sum())
    return {(region, year): tce / 10000 for region, year, tce in sums.rows()}


@pytest.fixture(scope="module")
def province() -> MemoryWarehouse:
    warehouse = MemoryWarehouse()
    jiangsu(warehouse)
    return warehouse


def test_jiangsu_equals_the_published_panel_exactly(province: MemoryWarehouse) -> None:
    found = totals(province.build(ENERGY_BY_FUEL_MART))
    assert found == {("320000", year): Decimal(value) for year, value in PUBLISHED.items()}


def test_sectors_sum_to_the_printed_total(province: MemoryWarehouse) -> None:
    found = province.run(sector_sum_check(province.table("core.energy_use")))
    assert found.select("region_code", "period").unique().rows() == [("320000", "2012")]
    assert (found.height, found["agrees"].sum(), found["sectors"].unique().to_list()) == (20, 20, [47])


def test_without_a_printed_total_the_sectors_are_added(province: MemoryWarehouse) -> None:
    sectors = MemoryWarehouse()
    rows = [row for row in read_rows("jiangsu_energy.csv") if row["period"] == "2012" and row["consumer"] != "all"]
    sectors.core("energy_use", [energy_row(**row, region_code="320000") for row in rows])
    built = sectors.build(ENERGY_BY_FUEL_MART)
    assert set(built["taken_from"]) == {"sectors"}
    assert set(built["consumers"]) == {47}
    assert totals(built)[("320000", 2012)] == pytest.approx(Decimal(PUBLISHED[2012]), rel=Decimal("1e-9"))
    assert set(province.build(ENERGY_BY_FUEL_MART)["taken_from"]) == {"printed"}


def test_a_sector_that_was_altered_is_noticed() -> None:
    warehouse = MemoryWarehouse()
    coal = [row for row in read_rows("jiangsu_energy.csv") if row["period"] == "2012" and row["fuel"] == "raw_coal"]
    facts = [energy_row(**row) for row in coal]
    facts[5]["quantity"] += Decimal("0.0000001")
    warehouse.core("energy_use", facts)
    assert warehouse.run(sector_sum_check(warehouse.table("core.energy_use")))["agrees"].to_list() == [False]


def test_a_quantity_without_a_factor_is_never_dropped_silently() -> None:
    warehouse = MemoryWarehouse()
    rows = [("coke", "10^8 m3", "5"), ("diesel", "10^8 m3", "0"), ("gasoline", "10^4 t", "2")]
    warehouse.core("energy_use", [energy_row(fuel=fuel, unit=unit, quantity=n) for fuel, unit, n in rows])
    built = warehouse.build(ENERGY_BY_FUEL_MART).filter(pl.col("electricity_basis") == "calorific")
    assert built.select("fuel", "energy_tce", "converted").rows() == [
        ("coke", None, False),
        ("diesel", Decimal(0), True),
        ("gasoline", Decimal(29428), True),
    ]


def test_printed_totals_count_under_their_own_basis_and_months_do_not_count() -> None:
    warehouse = MemoryWarehouse()
    facts = [
        energy_row(quantity="510.5"),
        energy_row(quantity="480", fuel="total_energy_calorific"),
        energy_row(quantity="40", period="2012-03"),
        energy_row(quantity="7", flow="loss"),
    ]
    warehouse.core("energy_use", facts)
    built = warehouse.build(ENERGY_BY_FUEL_MART)
    assert built.select("consumption_scope", "electricity_basis", "energy_tce").rows() == [
        ("total", "calorific", Decimal(4800000)),
        ("total", "equivalent", Decimal(5105000)),
    ]


def test_the_order_of_rows_changes_no_digit() -> None:
    rows = [row for row in read_rows("jiangsu_energy.csv") if row["period"] == "2012" and row["consumer"] != "all"]
    answers = []
    for seed in (1, 2, 3):
        random.Random(seed).shuffle(rows)
        warehouse = MemoryWarehouse()
        warehouse.core("energy_use", [energy_row(**row) for row in rows])
        answers.append(warehouse.build(ENERGY_BY_FUEL_MART))
    assert answers[0].equals(answers[1]) and answers[1].equals(answers[2])


def test_thirty_provinces_equal_the_published_panel() -> None:
    """The whole workbooks and the panel, each by its own adapter."""
    if not SHARED.exists():
        pytest.skip("the full inventories (shared/data/energy) are not beside the project")
    warehouse = MemoryWarehouse()
    for year in (2012, 2013, 2014):
        path = SHARED / "energy" / "ceads_energy" / f"province_energy_inventory_{year}.xlsx"
        read = read_file(describe(path, "energy_use"))
        assert (read.records.height, read.refused.height) == (36_000, 0)
        warehouse.add("core.energy_use", of_core(read.records))
    sums = warehouse.run(sector_sum_check(warehouse.table("core.energy_use")))
    assert (sums.height, sums["agrees"].sum()) == (1800, 1800)

    panel = read_file(describe(SHARED / "energy" / "published" / "panel_data_with_tibet_audit.csv", "energy_use"))
    published = {
        (region, int(period)): quantity
        for region, period, quantity in panel.records.select("region_code", "period", "quantity").rows()
        if period in ("2012", "2013", "2014")
    }
    found = totals(warehouse.build(ENERGY_BY_FUEL_MART))
    assert len(published) == 90
    assert found.keys() == published.keys()
    assert max(abs(found[key] / published[key] - 1) for key in published) < Decimal("1e-9")
