"""Energy, economy and published figures: each publication on its extract, and every whole file where present."""

from __future__ import annotations

import csv
import shutil
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from sources.adapters import also_reading
from sources.inbox import describe
from sources.outcome import Reading, Refusal
from sources.reading import read_file
from tests.sources.adapters.owid import OWID

DATA = Path(__file__).resolve().parents[1] / "data" / "energy"
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def read(feed: str, name: str, folder: Path = DATA) -> Reading:
    reading = read_file(describe(folder / name, feed))
    assert reading.rows_read == reading.records.height + reading.refused.height + reading.set_aside.height
    return reading


def asides(reading: Reading) -> dict[str, int]:
    return dict(reading.set_aside.group_by("reason").len().iter_rows())


def value(reading: Reading, column: str, **where: object) -> object:
    (found,) = reading.records.filter(**where)[column].to_list()
    return found


def co2_workbook(folder: Path, unit: str = "Mt CO2") -> Path:
    """The sheet of Jiangsu as a workbook, as CEADs publishes it, with the sheet of notes."""
    path = folder / "inventory.xlsx"
    with xlsxwriter.Workbook(path) as book, (DATA / "jiangsu_co2_2012.csv").open(encoding="utf-8", newline="") as rows:
        book.add_worksheet("NOTE").write(0, 0, "Introduction/简介")
        sheet = book.add_worksheet("Jiangsu2012")
        for number, row in enumerate(csv.reader(rows)):
            for place, cell in enumerate(row):
                if cell and number > 2 and place:
                    sheet.write_number(number, place, float(cell))
                elif cell:
                    sheet.write_string(number, place, cell.replace("Mt CO2", unit))
    return path


def test_a_co2_inventory_by_sector_and_fuel(tmp_path: Path) -> None:
    co2_workbook(tmp_path)
    reading = read("emissions", "inventory.xlsx", tmp_path)
    records = reading.records
    assert (reading.series, records.height, reading.refused.height) == ("ceads_co2", 48 * 22, 0)
    assert asides(reading) == {"header": 2, "blank row": 1, "sheet of notes": 1}
    total = {"region_code": "320000", "year": 2012, "pollutant": "co2", "scope": "scope_1", "consumer": "all"}
    assert round(value(reading, "tonnes", fuel="all", **total) / 10**6, 6) == Decimal("656.742258")  # type: ignore[operator]
    assert value(reading, "tonnes", fuel="process", **total) == Decimal("49118170.98")
    whole = records.filter(scope="scope_1")
    for kept, summed in (("consumer", "fuel"), ("fuel", "consumer")):
        parts = whole.filter(pl.col(summed) != "all").group_by(kept).agg(own=pl.col("tonnes").sum())
        both = parts.join(whole.filter(pl.col(summed) == "all"), on=kept)
        assert both.filter((pl.col("own") - pl.col("tonnes")).abs() > Decimal("0.001")).is_empty()
    assert records.filter(scope="scope_2")["fuel"].unique().sort().to_list() == ["electricity", "heat"]


def test_an_inventory_in_another_unit_is_refused_and_says_which(tmp_path: Path) -> None:
    co2_workbook(tmp_path, unit="kt CO2")
    with pytest.raises(Refusal, match=r"another unit: Raw Coal\|kt CO2"):
        read("emissions", "inventory.xlsx", tmp_path)


def test_published_co2_totals_are_tonnes() -> None:
    reading = read("emissions", "co2_totals.csv")
    assert (reading.series, reading.records.height, reading.refused.height) == ("ceads_co2_totals", 44, 0)
    assert value(reading, "tonnes", region_code="320000", year=2012) == Decimal(656742258)
    assert set(reading.records["region_code"]) == {"320000", "630000"}


@pytest.mark.parametrize(("name", "records", "footers"), [("gas", 47, 1), ("water", 152, 2)])
def test_national_pollutants_are_tonnes_whatever_the_label_says(name: str, records: int, footers: int) -> None:
    (path,) = DATA.glob(f"waste_{name}_*.xls")
    reading = read("emissions", path.name)
    assert (reading.series, reading.records.height, reading.refused.height) == ("nbs_pollutants", records, 0)
    assert asides(reading) == {"preface": 2, "header": 1, "footer": footers}


def test_national_pollutants_keep_the_breaks_of_scope_apart() -> None:
    water = read("emissions", "waste_water_pollutants_national_2006_2025.xls")
    cod = water.records.filter(pollutant="cod").select("year", "scope", pl.col("tonnes").cast(pl.Int64)).rows()
    found = {year: (scope, tonnes) for year, scope, tonnes in cod}
    assert found[2010] == ("nbs_to_2010", 12_381_000)
    assert found[2011] == ("nbs_2011_2015", 24_998_600)
    assert found[2012] == ("nbs_2011_2015", 24_240_000)
    assert found[2016] == ("nbs_2016_2019", 6_581_000)
    assert found[2020] == ("nbs_from_2020", 25_647_600)
    assert value(water, "tonnes", pollutant="mercury", year=2020) == Decimal("1.129")
    assert value(water, "tonnes", pollutant="petroleum", year=2024) == Decimal("1564.5")
    gas = read("emissions", "waste_gas_pollutants_national_2006_2024.xls")
    assert value(gas, "tonnes", pollutant="nox", year=2012) == 23_377_600
    assert (
        gas.records.filter(pollutant="particulate")["year"].min() == 2016
        and 2016 not in gas.records.filter(pollutant="smoke_dust")["year"].to_list()
    )


def test_an_unknown_pollutant_or_unit_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "数据库：年度数据\n时间：最近20年\n指标,2013年,2012年\n化学需氧量排放量(万吨),1,2\n"
        "化学需氧量排放量(亿吨),3,\n臭氧排放量(吨),4,5\n",
        "utf-8",
    )
    reading = read("emissions", "a.csv", tmp_path)
    assert reading.records["tonnes"].to_list() == [Decimal(10000), Decimal(20000)]
    assert reading.refused["rule"].to_list() == ["code:pollutant"] * 3
    assert [said.split('"')[1] for said in reading.refused["reason"]] == ["化学需氧量排放量(亿吨)", "臭氧", "臭氧"]


def test_the_panel_gives_accounts_and_energy_each_in_its_own_folder() -> None:
    accounts = read("economic_accounts", "province_panel.csv")
    assert (accounts.series, accounts.records.height) == ("province_panel", 24 * 7)
    jiangsu = {"region_code": "320000", "period": "2012"}
    real = accounts.records.filter(account="gdp_constant", **jiangsu).row(0, named=True)
    assert (real["price_base"], real["unit"], real["value"]) == ("2011", "10^8 yuan", Decimal("54757.829000"))
    energy = read("energy_use", "province_panel.csv")
    assert (energy.series, energy.records.height, asides(energy)) == (
        "province_panel_energy", 12, {"header": 1, "no value reported": 12},
    )  # fmt: skip
    assert value(energy, "quantity", **jiangsu) == Decimal("19708.4905013")


def test_the_communique_keeps_level_and_change_with_their_units() -> None:
    reading = read("statistical_returns", "energy_communique_2008_by_province.txt")
    assert (reading.series, reading.records.height, asides(reading)) == (
        "energy_communique", 24 * 6, {"preface": 1, "header": 1},
    )  # fmt: skip
    jiangsu = reading.records.filter(region_code="320000")
    assert jiangsu.select("indicator_code", pl.col("value").cast(pl.Float64), "unit").rows() == [
        ("energy_per_gdp", 0.803, "tce/10^4 yuan"),
        ("energy_per_gdp_change", -5.85, "%"),
        ("energy_per_industrial_value_added", 1.265, "tce/10^4 yuan"),
        ("energy_per_industrial_value_added_change", -10.35, "%"),
        ("electricity_per_gdp", 1149.44, "kWh/10^4 yuan"),
        ("electricity_per_gdp_change", -5.89, "%"),
    ]
    assert jiangsu["remark"].unique().to_list() == ["GDP at 2005 prices"] and jiangsu["year"].unique().item() == 2008
    assert reading.records["region_code"].str.contains(r"^\d{6}$").all()
    assert value(reading, "value", region_code="000000", indicator_code="energy_per_gdp") == Decimal("1.102")


def owid(folder: Path, name: str) -> Reading:
    with also_reading(OWID):
        return read("statistical_returns", name, folder)


def disagreeing(records: pl.DataFrame, code: str) -> pl.DataFrame:
    """Rows whose ratio is not energy (TWh, so times 10^9) over the denominator, within their printed digits.

    Ratio and energy are printed with three digits each; for a small country those of energy weigh more.
    """
    half = 0.00051
    below = pl.col("denominator").cast(pl.Float64)
    own = pl.col("numerator").cast(pl.Float64) * 1e9 / below
    off = (own - pl.col("value").cast(pl.Float64)).abs()
    return records.filter(indicator_code=code).filter(off > half + half * 1e9 / below)


def test_a_foreign_table_gives_ratios_with_what_they_are_made_of() -> None:
    reading = owid(DATA, "owid.csv")
    assert reading.series == "owid_co2" and asides(reading) == {"header": 1, "no value reported": 2}
    china = reading.records.filter(region_code="CHN", year=2012, indicator_code="energy_per_gdp").row(0, named=True)
    assert (china["value"], china["unit"]) == (Decimal("2.277"), "kWh/$")
    assert disagreeing(reading.records, "energy_per_gdp").is_empty()
    with pytest.raises(Refusal):
        read("statistical_returns", "owid.csv")


#: file → the feed it belongs to, its records, its rows set aside.
WHOLE = {
    "energy/ceads_energy/province_energy_inventory_2012.xlsx": ("energy_use", 36000, None),
    "energy/ceads_energy/province_energy_inventory_2013.xlsx": ("energy_use", 36000, None),
    "energy/ceads_energy/province_energy_inventory_2014.xlsx": ("energy_use", 36000, None),
    "energy/published/panel_data_with_tibet_audit.csv": ("energy_use", 360, 13),
    "energy/ceads_co2/Emission_Inventories_for_30_Provinces_2012.xlsx": ("emissions", 31680, 106),
    "energy/ceads_co2/Emission_Inventories_for_30_Provinces_2013.xlsx": ("emissions", 31680, 106),
    "energy/ceads_co2/EmissionsAgg.csv": ("emissions", 660, 1),
    "energy/nbs/waste_gas_pollutants_national_2006_2024.xls": ("emissions", 47, 4),
    "energy/nbs/waste_water_pollutants_national_2006_2025.xls": ("emissions", 152, 5),
    "energy/nbs/employment_private_province_2006_2025_gb18030.csv": ("economic_accounts", 434, 8),
    "energy/nbs/gdp_index_province_2011_2022.csv": ("economic_accounts", 372, 5),
    "energy/nbs/gdp_province_2006_2024_gb18030.csv": ("economic_accounts", 589, 6),
    "energy/nbs/gdp_province_2011_2022.csv": ("economic_accounts", 372, 5),
    "energy/nbs/population_province_2011_2022.csv": ("economic_accounts", 372, 4),
    "energy/nbs/secondary_industry_province_2011_2022.csv": ("economic_accounts", 372, 4),
    "energy/published/energy_communique_2008_by_province.txt": ("statistical_returns", 144, 2),
    "yixing/published_figures.csv": ("statistical_returns", 211, 1),
    "yixing/regions.csv": ("regions", 51, 1),
}

#: Read by an adapter of the test tree (`tests/sources/adapters/owid.py`).
FOREIGN = {"energy/owid/owid-co2-data_2020-11-27.csv"}

whole_files = pytest.mark.skipif(not SHARED.is_dir(), reason="the whole publications (shared/data) are not present")


@whole_files
def test_no_file_of_the_folders_is_left_out() -> None:
    found = {
        str(path.relative_to(SHARED))
        for folder in ("energy", "yixing")
        for path in (SHARED / folder).rglob("*")
        if path.is_file() and path.name != "README.md"
    }
    assert found == set(WHOLE) | FOREIGN


@whole_files
def test_every_ratio_of_the_whole_foreign_table_recomputes() -> None:
    (name,) = FOREIGN
    reading = owid(SHARED, name)
    ratios = dict(reading.records.group_by("indicator_code").len().iter_rows())
    assert ratios["energy_per_gdp"] == 6096 and reading.refused.height == 0
    assert reading.set_aside.height == 24_017 - reading.records["source_row"].n_unique()
    assert disagreeing(reading.records, "energy_per_gdp").is_empty()
    assert disagreeing(reading.records, "energy_per_capita").is_empty()


@whole_files
@pytest.mark.parametrize("name", WHOLE)
def test_every_whole_file_is_read_and_every_row_has_its_fate(name: str, tmp_path: Path) -> None:
    """Under a name that says nothing, except the exports whose indicator stands nowhere else."""
    feed, records, aside = WHOLE[name]
    silent = name if "_2011_2022" in name else f"x{Path(name).suffix}"
    if silent != name:
        shutil.copy(SHARED / name, tmp_path / silent)
    reading = read(feed, silent, SHARED if silent == name else tmp_path)
    assert (reading.records.height, reading.refused.height) == (records, 0)
    assert aside is None or reading.set_aside.height == aside
