"""Compliance of a region's sections: rates, the sections and items beside them, breaks of the series."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from assets.water import WATER_REFERENCES
from assets.water.compliance import WATER_SECTION_COMPLIANCE_MART
from assets.water.groups import WATER_GROUP_MEMBER_MART
from assets.water.means import WATER_ITEM_MONTH_MART
from assets.water.periods import WATER_STATION_MONTH_MART, WATER_STATION_YEAR_MART
from tests.assets.support_water import MemoryInputs, items, station
from warehouse.dirty import dirty_table, mark

MARTS = (
    WATER_ITEM_MONTH_MART, WATER_STATION_MONTH_MART, WATER_STATION_YEAR_MART,
    WATER_GROUP_MEMBER_MART, WATER_SECTION_COMPLIANCE_MART,
)  # fmt: skip

REGION = "320282"


@pytest.fixture(scope="module")
def inputs() -> MemoryInputs:
    return MemoryInputs(WATER_REFERENCES, ("water_samples", "stations"))


def year_of(code: str, year: int, months: int = 12, more: Any = None, **values: str) -> list[dict[str, Any]]:
    return [row for month in range(1, months + 1) for row in items(code, datetime(year, month, 5), more, **values)]


def rates(
    inputs: MemoryInputs, samples: list[dict[str, Any]], *stations: dict[str, Any]
) -> dict[tuple[str, int], dict[str, Any]]:
    inputs.clear("core.water_samples", "core.stations")
    inputs.core("water_samples", samples)
    inputs.core("stations", stations)
    return {(row["section_set"], row["year"]): row for row in inputs.build(*MARTS).to_dicts()}


def section(code: str, **more: Any) -> dict[str, Any]:
    return station(code, region_code=REGION, **more)


def test_zones_and_all_sections_by_year_and_by_month(inputs: MemoryInputs) -> None:
    """A meets its class IV all year, B misses class III by its mean in five months of twelve, C has no zone."""
    register = [section("A", function_class="4"), section("B", function_class="3"), section("C"), station("elsewhere")]
    samples = [
        *year_of("A", 2013, cod="25"),
        *(row for month in range(1, 13)
          for row in items("B", datetime(2013, month, 5), cod="60" if month < 6 else "10")),
        *year_of("C", 2013, bod5="3", cod="10"),
        *year_of("elsewhere", 2013, cod="99"),
    ]  # fmt: skip
    found = rates(inputs, samples, *register)
    zone, every = found["zone", 2013], found["all", 2013]
    assert (zone["sections"], zone["sections_compliant"], zone["section_rate"]) == (2, 1, 50)
    assert (zone["section_months"], zone["section_months_compliant"]) == (24, 19)
    assert zone["month_rate"] == pytest.approx(100 * 19 / 24, abs=1e-12)
    assert (zone["section_list"], zone["item_list"], zone["complete"]) == ("A,B", "cod", True)
    assert (every["sections"], every["section_list"], every["item_list"]) == (3, "A,B,C", "cod,bod5")
    assert every["section_rate"] == pytest.approx(200 / 3, abs=1e-12)


def test_a_section_without_a_verdict_does_not_comply_and_leaves_the_year_incomplete(inputs: MemoryInputs) -> None:
    samples = [*year_of("A", 2013, cod="10"), *year_of("B", 2013, 7, cod="10")]
    row = rates(inputs, samples, section("A"), section("B"))["all", 2013]
    assert (row["section_rate"], row["sections_judged"], row["complete"]) == (50, 1, False)
    assert row["month_rate"] == 100
    hidden = rates(inputs, year_of("A", 2013, mercury="<0.01"), section("A"))["all", 2013]
    assert (hidden["section_rate"], hidden["sections"], hidden["complete"]) == (None, 1, False)


def test_breaks_and_changes_of_sections_and_items_are_marked(inputs: MemoryInputs) -> None:
    samples = [
        *(row for year in (2012, 2013) for row in year_of("A", year, cod="10")),
        *year_of("A", 2014, cod="10", bod5="3"),
        *(row for code in "AB" for row in year_of(code, 2018, cod="10")),
        *(row for code in "AB" for row in year_of(code, 2019, cod="10")),
    ]
    found = rates(inputs, samples, section("A"), section("B"))
    shown = {
        year: (row["comparable_from"], row["same_sections"], row["same_items"]) for (_, year), row in found.items()
    }
    assert shown == {
        2012: (None, None, None),
        2013: (None, True, True),
        2014: (2014, True, False),
        2018: (2017, None, None),  # without 2017 nothing is compared
        2019: (2017, True, True),
    }
    assert found["all", 2013]["break_note"] == ""
    assert "all items are judged" in found["all", 2014]["break_note"]


def test_one_publication_judges_a_section_and_a_changed_fact_reaches_its_region(inputs: MemoryInputs) -> None:
    samples = [
        *year_of("A", 2013, more={"series": "another"}, cod="99", bod5="99"),
        *year_of("A", 2013, more={"series": "cnemc_water_csv"}, cod="10"),
    ]
    row = rates(inputs, samples, section("A"))["all", 2013]
    assert (row["sections"], row["section_rate"], row["item_list"]) == (1, 100, "cod")
    keys = dirty_table(WATER_SECTION_COMPLIANCE_MART).name
    for upstream in WATER_SECTION_COMPLIANCE_MART.upstream:
        inputs.clear(keys)
        mark(inputs.con, [WATER_SECTION_COMPLIANCE_MART], upstream.table, upstream.table)
        assert set(inputs.con.sql(f"FROM {keys}").fetchall()) == {(REGION,)}, upstream.table
