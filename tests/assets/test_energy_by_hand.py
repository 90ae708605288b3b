"""Energy per 10 000 yuan of GDP against numbers worked by hand: Jiangsu and the example city."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest

import assets.energy.intensity as intensity
from assets.energy.choices import accounting_choices
from assets.energy.intensity import ENERGY_PER_10K_GDP_MART
from tests.assets.support_energy import INTENSITY, MemoryWarehouse, example_city, jiangsu, read_rows, stated


@pytest.fixture(scope="module")
def province() -> MemoryWarehouse:
    warehouse = MemoryWarehouse()
    jiangsu(warehouse)
    warehouse.build(*INTENSITY)
    return warehouse


def published(province: MemoryWarehouse) -> pl.DataFrame:
    return province.rows(ENERGY_PER_10K_GDP_MART.name, ENERGY_PER_10K_GDP_MART.table.key)


def test_jiangsu_nominal_intensity(province: MemoryWarehouse) -> None:
    built = published(province)
    final = {"consumption_scope": "final", "electricity_basis": "calorific"}
    nominal = [
        round(stated(built, year, **final, price_base="current")["tce_per_10k_yuan"], 4) for year in (2012, 2013, 2014)
    ]
    assert nominal == [0.3606, 0.3640, 0.3542]
    real = stated(built, 2014, **final)
    assert real["gdp_10k_yuan"] == pytest.approx(421752000 * 1.109 * 1.102 * 1.097 * 1.086, rel=1e-14)
    assert real["gdp_series"] == "nbs_province_20y × index of nbs_province_2011_2022"
    assert built.select("complete").to_series().all()


def test_jiangsu_2012_to_2014_equals_the_numbers_worked_by_hand(province: MemoryWarehouse) -> None:
    built = published(province)
    for said in read_rows("jiangsu_final.csv"):
        now = stated(
            built,
            int(said["year"]),
            consumption_scope="final",
            **{k: said[k] for k in ("electricity_basis", "price_base")},
        )
        assert now["energy_tce"] == pytest.approx(float(said["energy"]) * 10_000, rel=1e-13)
        assert now["tce_per_10k_yuan"] == pytest.approx(float(said["ratio"]), abs=5e-7)
        assert now["published_intensity"] == Decimal(said["intensity"])
        assert now["published_change_pct"] == (Decimal(said["change"]) if said["change"] else None)
        assert (now["reduction_pct"], now["progress_pct"]) == (None, None)
        assert "fifth economic census" in now["gdp_scope"]


def test_falls_and_progress_of_jiangsu_on_its_first_year_equal_the_numbers_worked_by_hand(
    province: MemoryWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No inventory reaches back to 2010: the same data with 2012 as the base, 20 % asked by 2017."""
    monkeypatch.setattr(intensity, "accounting_choices", lambda: replace(accounting_choices(), base_year=2012))
    asked = "plan = (SELECT min(plan) FROM mart.indicator)"
    province.con.execute(f"UPDATE mart.indicator SET region_code = '320000' WHERE {asked}")
    province.con.execute("UPDATE mart.target SET target_year = 2017 WHERE indicator = 'energy_per_gdp_reduction'")
    province.mart = ENERGY_PER_10K_GDP_MART
    built = province.run(ENERGY_PER_10K_GDP_MART.build(province)).filter(consumption_scope="final")
    for said in read_rows("jiangsu_final.csv"):
        variant = {k: said[k] for k in ("electricity_basis", "price_base")}
        now = stated(built, int(said["year"]), consumption_scope="final", **variant)
        assert now["reduction_pct"] == pytest.approx(float(said["reduction"]), abs=6e-7)
        assert now["compounded_reduction_pct"] == pytest.approx(float(said["compounded"]), abs=6e-7)
        assert now["progress_pct"] == pytest.approx(float(said["progress"]), abs=6e-5)
        assert now["yearly_pace_pct"] == pytest.approx(float(said["pace"]), abs=6e-5)


def test_the_example_city_equals_the_numbers_worked_by_hand() -> None:
    built = example_city().build(*INTENSITY)
    worked = read_rows("example_city.csv")
    assert len(worked) == built.height == 2 * 2 * 2 * 6
    for said in worked:
        variant = {name: said[name] for name in ("consumption_scope", "electricity_basis", "price_base")}
        now = stated(built, int(said["year"]), **variant)
        assert now["gdp_10k_yuan"] == pytest.approx(float(said["gdp"]) * 10_000, abs=0.006)
        assert now["published_intensity"] == Decimal(said["intensity"])
        assert now["published_change_pct"] == (Decimal(said["change"]) if said["change"] else None)
        assert now["reduction_pct"] == pytest.approx(float(said["reduction"]), abs=6e-7)
        assert now["compounded_reduction_pct"] == pytest.approx(float(said["compounded"]), abs=6e-7)
        assert now["progress_pct"] == pytest.approx(float(said["progress"]), abs=6e-5)
        assert now["yearly_pace_pct"] == (pytest.approx(float(said["pace"]), abs=6e-5) if said["pace"] else None)
        assert now["complete"] and now["origin"] == "mixed"
