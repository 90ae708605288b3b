"""The composite index: published examples, missing parts, definitions as data alone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.environment.index import ENVIRONMENT_INDEX_MART, environment_contribution
from assets.environment.standards import (
    INDEX_DEFINITION,
    INDEX_FILE,
    INDEX_PART,
    INDEX_SCOPE,
    INDEX_SOURCE,
    index_definitions,
    index_parts,
    index_sources,
)
from sources.registry import Table, boolean, double, integer, text
from tests.assets.support_energy import DATA, MemoryWarehouse

_REGION_YEAR = (text("region_code", "", ""), integer("year", "", ""))
_STATE = (boolean("complete", "", ""), text("origin", "", ""))
AIR = Table(
    "mart.air_city_year",
    "",
    "",
    (*_REGION_YEAR, text("standard", "", ""), double("good_day_rate", "", ""), *_STATE),
)
SOURCES = Table("mart.source_compliance", "", "", (*_REGION_YEAR, double("volume_rate", "", ""), *_STATE))


def air(value: float | None, year: int = 2012, standard: str = "api_1996", **given: Any) -> dict[str, Any]:
    return {
        "region_code": "320282",
        "year": year,
        "standard": standard,
        "good_day_rate": value,
        "complete": True,
        "origin": "real",
    } | given


def source(value: float, year: int = 2012, **given: Any) -> dict[str, Any]:
    return {
        "region_code": "320282",
        "year": year,
        "volume_rate": value,
        "complete": True,
        "origin": "real",
    } | given


def reported(code: str, value: str | None, year: int = 2012, **given: Any) -> dict[str, Any]:
    fact = {
        "indicator_code": code,
        "region_code": "320282",
        "period": str(year),
        "stratum": "all",
        "year": year,
        "unit": "%",
    }
    return fact | {"value": None if value is None else Decimal(value)} | given


def city(airs: list[dict[str, Any]], sources: list[dict[str, Any]], returns: list[dict[str, Any]]) -> MemoryWarehouse:
    warehouse = MemoryWarehouse()
    for table, rows in ((AIR, airs), (SOURCES, sources)):
        warehouse.put(table, pl.DataFrame(rows, schema=table.polars_schema, orient="row"))
    if returns:
        warehouse.core("statistical_returns", returns)
    return warehouse


def jiangsu_city(year: int = 2012, parts: tuple[float, str, float, str] = (61.0, "30", 86.56, "70")) -> MemoryWarehouse:
    days, zone, drinking, noise = parts
    returns = [
        reported("functional_zone_compliance", zone, year),
        reported("noise_compliant_area", noise, year),
    ]
    return city([air(days, year)], [source(drinking, year)], returns)


def index(
    built: pl.DataFrame, definition: str = "eqci_default", year: int = 2012, component: str = "index"
) -> dict[str, Any]:
    wanted = {"region_code": "320282", "year": year, "definition": definition, "component": component}
    return built.row(
        by_predicate=pl.all_horizontal(pl.col(name) == value for name, value in wanted.items()), named=True
    )


@pytest.mark.parametrize(
    ("parts", "worked", "published"),
    [((61.0, "30", 86.56, "70"), 63.368, 63.4), ((85.0, "43.5", 96.0, "85"), 80.0, 80.0)],
    ids=["state of 2005", "target"],
)
def test_the_published_figures_of_jiangsu(
    parts: tuple[float, str, float, str], worked: float, published: float
) -> None:
    built = jiangsu_city(parts=parts).build(ENVIRONMENT_INDEX_MART)
    now = index(built)
    assert now["value"] == pytest.approx(worked, rel=1e-12) and round(now["value"], 1) == published
    assert (now["complete"], now["weight"], now["origin"]) == (True, 1, "real")
    components = built.filter(
        (pl.col("definition") == "eqci_default") & (pl.col("year") == 2012) & (pl.col("component") != "index")
    )
    assert components.height == 4
    assert components["contribution"].sum() == pytest.approx(now["value"])
    assert index(built, "eqci_equal")["value"] == pytest.approx(
        (parts[0] + float(parts[1]) + parts[2] + float(parts[3])) / 4
    )


def with_definitions(warehouse: MemoryWarehouse, path: Any) -> None:
    for table, rows in (
        (INDEX_DEFINITION, index_definitions),
        (INDEX_PART, index_parts),
        (INDEX_SOURCE, index_sources),
    ):
        warehouse.put(table, rows(path))


def test_another_definition_is_data_alone() -> None:
    codes = {
        "bio_abundance": "30.59",
        "vegetation": "76.93",
        "water_network": "93.94",
        "land_stress": "6.08",
        "pollution_load": "1.48",
    }
    warehouse = city([], [], [reported(code, value, 2017) for code, value in codes.items()])
    with_definitions(warehouse, DATA / "hj192_2015.yaml")
    built = warehouse.build(ENVIRONMENT_INDEX_MART)
    assert round(index(built, "ei_hj192_2015", 2017)["value"], 2) == 67.97
    assert index(built, "ei_hj192_2015", 2017, "land_stress")["value"] == pytest.approx(93.92)
    assert 2014 not in built["year"].to_list(), "the definition is valid from 2015"
    assert index(built, "ei_hj192_2015", 2015)["value"] is None
    warehouse.con.execute("UPDATE standard.environment_index_definition SET valid_to = DATE '2016-12-31'")
    assert warehouse.build(ENVIRONMENT_INDEX_MART)["year"].max() == 2015


def test_the_plan_region_has_rows_for_every_year_even_without_data() -> None:
    built = city([], [], []).build(ENVIRONMENT_INDEX_MART)
    assert built.select("region_code", "year").unique().sort("year").rows() == [
        ("320282", year) for year in range(2012, 2016)
    ]
    assert built.height == 4 * 2 * 5 and set(built["target"]) == {92}
    now = index(built)
    assert (now["value"], now["weight"], now["complete"], now["origin"]) == (None, 0, False, None)
    missing = (
        "air_good_day_rate",
        "functional_zone_compliance",
        "noise_compliant_area",
        "source_volume_compliance",
    )
    assert f"no index: missing {', '.join(missing)}" in now["basis"]
    assert "definition proposed, not in the plan" in now["basis"]
    part = index(built, component="source_volume_compliance")
    assert "mart.source_compliance or core.statistical_returns drinking_source_compliance" in part["basis"]


def test_one_missing_part_means_no_index_and_names_it() -> None:
    returns = [reported("functional_zone_compliance", "30")]
    now = index(city([air(61.0)], [source(86.56)], returns).build(ENVIRONMENT_INDEX_MART))
    assert (now["value"], now["contribution"], now["complete"]) == (None, None, False)
    assert now["weight"] == pytest.approx(0.9)
    assert now["basis"].endswith("missing noise_compliant_area; 92 is out of reach whatever the missing part is")


def test_renormalising_is_a_setting_in_the_data_and_is_marked(tmp_path: Any) -> None:
    path = tmp_path / "index.yaml"
    path.write_text(
        INDEX_FILE.read_text(encoding="utf-8").replace("renormalise_missing: false", "renormalise_missing: true"),
        encoding="utf-8",
    )
    warehouse = city([air(61.0)], [source(86.56)], [reported("functional_zone_compliance", "30")])
    with_definitions(warehouse, path)
    built = warehouse.build(ENVIRONMENT_INDEX_MART)
    now = index(built)
    assert now["value"] == pytest.approx((24.4 + 6 + 25.968) / 0.9)
    assert not now["complete"]
    assert "weights of the present parts only, missing: noise_compliant_area" in now["basis"]
    assert built.filter((pl.col("definition") == "eqci_default") & (pl.col("component") != "index"))[
        "contribution"
    ].sum() == pytest.approx(now["value"])
    assert index(built, year=2013)["value"] is None


def needed(built: pl.DataFrame, definition: str = "eqci_default") -> dict[str, float | None]:
    rows = built.filter(pl.col("definition") == definition, year=2012).filter(pl.col("component") != "index")
    return dict(rows.select("component", "needed").rows())


def test_what_would_have_to_change_to_reach_the_target() -> None:
    """95, 75, 100, 80 give 91.0: one point is 1/0.4 of air, 1/0.2 of water, 1/0.1 of noise; sources are full."""
    built = jiangsu_city(parts=(95.0, "75", 100.0, "80")).build(ENVIRONMENT_INDEX_MART)
    now = index(built)
    assert (now["value"], now["target"], now["needed"]) == (pytest.approx(91.0), 92, 92)
    assert needed(built) == {
        "air_good_day_rate": 97.5, "functional_zone_compliance": 80.0, "noise_compliant_area": 90.0,
        "source_volume_compliance": None,
    }  # fmt: skip
    assert now["basis"].endswith(
        "; 1.00 short of 92: air_good_day_rate alone to 97.50, functional_zone_compliance alone to 80.00, "
        "noise_compliant_area alone to 90.00, source_volume_compliance alone cannot"
    )
    equal = index(built, "eqci_equal")
    assert (
        "; 4.50 short of 92: air_good_day_rate alone cannot, functional_zone_compliance alone to 93.00"
        in equal["basis"]
    )


@pytest.mark.parametrize(("part", "value"), [("air_good_day_rate", 97.5), ("functional_zone_compliance", 80.0)])
def test_the_value_that_is_needed_reaches_the_target(part: str, value: float) -> None:
    parts = {"air_good_day_rate": 95.0, "functional_zone_compliance": 75.0} | {part: value}
    days, zone = parts.values()
    built = jiangsu_city(parts=(days, str(zone), 100.0, "80")).build(ENVIRONMENT_INDEX_MART)
    now = index(built)
    assert now["value"] == pytest.approx(92) and now["basis"].endswith("; reaches 92")
    assert set(needed(built).values()) == {None}


def test_the_only_missing_part_is_told_what_it_must_have() -> None:
    returns = [reported("functional_zone_compliance", "75")]
    built = city([air(95.0)], [source(100)], returns).build(ENVIRONMENT_INDEX_MART)
    now = index(built)
    assert now["basis"].endswith("missing noise_compliant_area; 92 needs noise_compliant_area of 90.00")
    assert needed(built)["noise_compliant_area"] == 90


def test_two_missing_parts_leave_it_open() -> None:
    now = index(city([air(95.0)], [source(100)], []).build(ENVIRONMENT_INDEX_MART))
    assert now["basis"].endswith("; 2 parts are missing, so nobody knows what 92 needs")


def test_an_incomplete_part_gives_a_marked_index() -> None:
    warehouse = jiangsu_city()
    warehouse.con.execute("UPDATE mart.air_city_year SET complete = false, origin = 'synthetic'")
    now = index(warehouse.build(ENVIRONMENT_INDEX_MART))
    assert round(now["value"], 2) == 63.37
    assert (now["complete"], now["origin"]) == (False, "mixed")
    assert "incomplete: air_good_day_rate" in now["basis"]


def test_sources_of_a_part_come_in_their_order() -> None:
    days = [
        air(50.0, standard="hj633_2012"),
        air(None, standard="api_1996"),
        air(10.0, standard="unlisted"),
    ]
    fallback = [reported("air_good_day_rate", "40"), reported("drinking_source_compliance", "77")]
    built = city(days, [], fallback).build(ENVIRONMENT_INDEX_MART)
    assert index(built, component="air_good_day_rate")["value"] == 50
    assert index(built, component="source_volume_compliance")["value"] == 77


def test_a_return_counts_only_as_a_whole_years_level() -> None:
    code = "noise_compliant_area"
    no_level = [
        reported(code, "60", stratum="town"),
        reported(code, "61", period="2012-06"),
        reported(code, "62", lower_bound=True, series="a"),
        reported(code, "63", unit="km2", series="b"),
        reported(code, None, series="c"),
    ]
    built = city([], [], no_level).build(ENVIRONMENT_INDEX_MART)
    assert index(built, component=code)["value"] is None
    counted = reported(code, "64", numerator=Decimal(3), denominator=Decimal(4))
    built = city([], [], [*no_level, counted, reported(code, "1", series="z")]).build(ENVIRONMENT_INDEX_MART)
    assert index(built, component=code)["value"] == 75


def test_values_are_cut_to_their_range() -> None:
    built = jiangsu_city(parts=(104.0, "30", 86.56, "-2")).build(ENVIRONMENT_INDEX_MART)
    assert index(built, component="air_good_day_rate")["value"] == 100
    assert index(built, component="noise_compliant_area")["value"] == 0
    assert index(built)["value"] == pytest.approx(40 + 6 + 25.968)


def test_a_region_year_with_one_part_has_rows_and_only_dirty_ones_are_built() -> None:
    warehouse = city([air(61.0), air(70.0, 2020, region_code="320200")], [], [])
    warehouse.put(INDEX_SCOPE, pl.DataFrame({"region_code": ["320282"], "year": [2012]}))
    built = warehouse.build(ENVIRONMENT_INDEX_MART)
    assert built.select("region_code", "year").unique().sort("year").rows() == [
        ("320282", 2012),
        ("320200", 2020),
    ]
    warehouse.con.execute("DELETE FROM work.dirty_environment_index WHERE year <> 2020")
    fresh = warehouse.run(ENVIRONMENT_INDEX_MART.build(warehouse))
    assert fresh.select("region_code", "year").unique().rows() == [("320200", 2020)]


def test_the_contribution_is_the_index_row() -> None:
    warehouse = jiangsu_city()
    warehouse.build(ENVIRONMENT_INDEX_MART)
    found = warehouse.run(environment_contribution(warehouse)).filter(pl.col("year") == 2012).sort("definition")
    assert found.select("indicator", "definition", "headline", "unit", "complete").rows() == [
        ("env_quality_composite_index", "eqci_default", True, "index", True),
        ("env_quality_composite_index", "eqci_equal", False, "index", True),
    ]
    assert found["value"].to_list() == pytest.approx([63.368, 61.89])


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(*[st.decimals("0", "100", places=3)] * 4), min_size=1, max_size=12))
def test_the_index_is_the_weighted_mean(cities: list[tuple[Decimal, ...]]) -> None:
    airs, drinking, returns = [], [], []
    for number, (days, zone, volume, noise) in enumerate(cities):
        region = {"region_code": f"{number:06d}"}
        airs.append(air(float(days), **region))
        drinking.append(source(float(volume), **region))
        returns += [
            reported("functional_zone_compliance", str(zone), **region),
            reported("noise_compliant_area", str(noise), **region),
        ]
    warehouse = city(airs, drinking, returns)
    built = warehouse.build(ENVIRONMENT_INDEX_MART)
    found = built.filter(
        (pl.col("component") == "index")
        & (pl.col("definition") == "eqci_default")
        & (pl.col("region_code") != "320282")
    )
    weighted = [(4 * days + 2 * zone + 3 * volume + noise) / 10 for days, zone, volume, noise in cities]
    assert found["value"].to_list() == pytest.approx([float(value) for value in weighted], rel=1e-12, abs=1e-12)
