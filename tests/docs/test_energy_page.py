"""docs/energy.md: its tables are what the marts say."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from assets.energy.choices import accounting_choices
from assets.energy.contribution import energy_contribution
from pipelines.settings import PROJECT
from tests.assets.support_energy import INTENSITY, MemoryWarehouse, example_city, jiangsu, stated

PAGE = (PROJECT / "docs" / "energy.md").read_text("utf-8")


def table(first: str) -> list[list[str]]:
    """The body of the table whose head begins with `first`, cells as they stand, a minus sign for a machine."""
    lines = PAGE[PAGE.index(f"| {first}") :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip().strip("*").replace("−", "-") for cell in line.strip("|").split("|")] for line in lines]


def test_one_city_year_by_all_variants_and_the_one_that_the_plan_means() -> None:
    warehouse = example_city()
    built = warehouse.build(*INTENSITY).filter(year=2015)
    told = table("consumption |")
    assert len(told) == built.height == 8
    for scope, electricity, prices, *numbers in told:
        now = stated(built, 2015, consumption_scope=scope, electricity_basis=electricity, price_base=prices)
        computed = (
            f"{now['published_intensity']:.4f}", f"{now['published_change_pct']:.2f}", f"{now['reduction_pct']:.2f}",
            f"{now['compounded_reduction_pct']:.2f}", f"{now['progress_pct']:.1f}",
        )  # fmt: skip
        assert tuple(numbers) == computed
    meant = warehouse.run(energy_contribution(warehouse)).filter(year=2015, headline=True)
    assert meant.select("definition", pl.col("value").round(2)).rows() == [("equivalent_2010_prices", 20.39)]
    assert told[0][:3] == ["total", "equivalent", "2010"] and float(told[0][5]) == 20.39
    lowest = built["reduction_pct"].min()
    assert isinstance(lowest, float) and f"{20 - lowest:.1f}" == "3.6"


def test_jiangsu_is_told_as_it_is_computed() -> None:
    warehouse = MemoryWarehouse()
    jiangsu(warehouse)
    built = warehouse.build(*INTENSITY)
    for words, *numbers in table("Jiangsu"):
        electricity = words.split()[2]
        for year, number in zip((2012, 2013, 2014), numbers, strict=True):
            now = stated(built, year, consumption_scope="final", electricity_basis=electricity)
            assert now["published_intensity"] == Decimal(number) and now["reduction_pct"] is None
            assert "no comparable figure of 2010" in now["basis"]


def test_the_range_that_is_told_is_the_one_in_the_data() -> None:
    choices = accounting_choices()
    assert f"outside {choices.lowest}–{choices.highest:g} tce per 10⁴ yuan has no value" in PAGE
