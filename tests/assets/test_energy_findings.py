"""What does not hold in energy, GDP and emissions is found, named, and changes nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from assets.energy.marts import MARTS
from sources.inbox import describe
from sources.reading import read_file
from tests.assets.support_energy import SHARED, MemoryWarehouse, account_row, energy_row, of_core

SOUND_ENERGY = [
    energy_row(period="2011", quantity="500"),
    energy_row(period="2012", quantity="515"),
    energy_row(period="2012", consumer="all", fuel="coke", unit="10^4 t", flow="final", quantity="30"),
    energy_row(period="2012", consumer="Steel", fuel="coke", unit="10^4 t", flow="final", quantity="20"),
    energy_row(period="2012", consumer="Cement", fuel="coke", unit="10^4 t", flow="final", quantity="10"),
    energy_row(period="2012", consumer="all", fuel="coke", unit="10^4 t", flow="transformation", quantity="-8"),
    energy_row(period="2012", consumer="Coking", fuel="coke", unit="10^4 t", flow="transformation", quantity="-8"),
    energy_row(period="2012", consumer="all", fuel="coke", unit="10^4 t", flow="loss", quantity="2"),
    energy_row(period="2012", consumer="all", fuel="coke", unit="10^4 t", flow="total", quantity="24"),
]
SOUND_ACCOUNTS = [
    account_row(2011, "gdp_current", "920"),
    account_row(2012, "gdp_current", "1030"),
    account_row(2012, "gdp_index_previous_year", "110"),
]


def emission(year: int, tonnes: str, scope: str = "census_2010_update") -> dict[str, Any]:
    fact = {"region_code": "320282", "year": year, "pollutant": "cod", "scope": scope, "consumer": "all", "fuel": "all"}
    return fact | {"tonnes": Decimal(tonnes)}


def found(*spoil: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The findings of a sound city after these statements spoiled it, by check and item."""
    warehouse = MemoryWarehouse()
    warehouse.core("energy_use", SOUND_ENERGY)
    warehouse.core("economic_accounts", SOUND_ACCOUNTS)
    warehouse.core("emissions", [emission(2011, "1000"), emission(2012, "960"), emission(2012, "3000", "other")])
    for statement in spoil:
        warehouse.con.execute(statement)
    return {(row["check"], row["item"]): row for row in warehouse.build(*MARTS).to_dicts()}


def test_nothing_is_found_where_everything_holds() -> None:
    assert found() == {}


def test_parts_that_do_not_sum() -> None:
    row = found("UPDATE core.energy_use SET quantity = 10.5 WHERE consumer = 'Cement'")["sector_sum", "final coke"]
    assert (row["found"], row["expected"]) == (30, 30.5)
    assert row["statement"] == "2 parts of final coke sum to 30.5 10^4 t; printed is 30"
    assert row["statement_zh"] == "final coke：2项之和为30.5，公布合计为30"


def test_a_balance_that_does_not_close_and_one_that_leaves_out_losses() -> None:
    losses = found("UPDATE core.energy_use SET quantity = 22 WHERE flow = 'total' AND fuel = 'coke'")
    assert losses["balance", "coke"]["statement"] == "coke: the printed total leaves out losses of 2 10^4 t"
    other = found("UPDATE core.energy_use SET quantity = 25 WHERE flow = 'total' AND fuel = 'coke'")
    assert other["balance", "coke"]["statement"] == "coke: printed 25, by sign 24 10^4 t"


def test_signs_that_a_flow_cannot_have() -> None:
    rows = found(
        "UPDATE core.energy_use SET quantity = 8 WHERE flow = 'transformation'",
        "UPDATE core.energy_use SET quantity = -2 WHERE flow = 'loss'",
    )
    assert rows["sign", "loss coke all"]["statement"] == "loss coke all cannot be negative; found -2 10^4 t"
    assert "is put out, so it must be negative" in rows["sign", "transformation coke Coking"]["statement"]


@pytest.mark.parametrize(
    ("spoil", "item"),
    [
        ("UPDATE core.energy_use SET unit = 'tce' WHERE period = '2012' AND fuel LIKE 'total%'",
         "energy total equivalent by printed total"),
        ("UPDATE core.economic_accounts SET unit = '10^4 yuan' WHERE period = '2011'", "gdp_current"),
        ("UPDATE core.emissions SET tonnes = tonnes * 10000 WHERE year = 2012", "cod census_2010_update"),
    ],
    ids=["energy", "gdp", "emissions"],
)  # fmt: skip
def test_a_slip_by_ten_thousand_is_caught_and_named(spoil: str, item: str) -> None:
    row = found(spoil)["unit_slip", item]
    assert "万 and 亿 confused?" in row["statement"] and "是否混淆“万”与“亿”" in row["statement_zh"]


def test_jumps_are_told_apart_from_slips_and_scopes_are_never_compared() -> None:
    rows = found("UPDATE core.emissions SET tonnes = 400 WHERE year = 2012 AND scope <> 'other'")
    assert set(rows) == {("jump", "cod census_2010_update")}
    (row,) = rows.values()
    assert row["statement"].startswith("cod census_2010_update: 400 t after 1000 in 2011, -60 %")


def test_gdp_that_its_index_does_not_allow() -> None:
    rows = found("UPDATE core.economic_accounts SET value = 80 WHERE account LIKE '%index%'")
    assert set(rows) == {("gdp_index", "gdp_current and its index")}
    (row,) = rows.values()
    assert row["found"] == pytest.approx(1030 / 920 * 100) and row["expected"] == 80
    assert "prices would be 139.9457" in row["statement"]


def test_the_whole_inventories_and_exports() -> None:
    """Losses that printed totals leave out, processes that do not sum, and five jumps of CO2: all real."""
    if not SHARED.exists():
        pytest.skip("the full inventories (shared/data/energy) are not beside the project")
    warehouse = MemoryWarehouse()
    files = {
        "energy_use": ("ceads_energy/province_energy_inventory_2013.xlsx",),
        "economic_accounts": ("nbs/gdp_province_2006_2024_gb18030.csv", "nbs/gdp_index_province_2011_2022.csv"),
        "emissions": ("ceads_co2/EmissionsAgg.csv",),
    }
    for feed, names in files.items():
        for name in names:
            records = read_file(describe(SHARED / "energy" / name, feed)).records
            warehouse.add(f"core.{feed}", of_core(records, feed))
    rows = warehouse.build(*MARTS)
    assert dict(rows.group_by("check").len().iter_rows()) == {"balance": 66, "sector_sum": 6, "jump": 5}
    assert rows.filter(check="balance")["statement"].str.contains("the printed total leaves out losses of").all()
    jumps = rows.filter(check="jump").select("region_code", "year").sort("region_code", "year").rows()
    assert jumps == [("460000", 2002), ("460000", 2003), ("530000", 2005), ("640000", 2000), ("640000", 2003)]
