"""Rivers, lakes, basins and regions: shares of classes, means over sections, wording, main pollution items."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

from assets.water import WATER_REFERENCES
from assets.water.group_quality import WATER_GROUP_QUALITY_MART
from assets.water.groups import WATER_GROUP_MEAN_MART, WATER_GROUP_MEMBER_MART
from assets.water.means import WATER_ITEM_MONTH_MART
from assets.water.periods import WATER_STATION_MONTH_MART, WATER_STATION_YEAR_MART
from tests.assets.support_cnemc import extract
from tests.assets.support_water import DATA, MemoryInputs, items, station
from warehouse.dirty import dirty_table, mark

MARTS = (
    WATER_ITEM_MONTH_MART, WATER_STATION_MONTH_MART, WATER_STATION_YEAR_MART,
    WATER_GROUP_MEMBER_MART, WATER_GROUP_MEAN_MART, WATER_GROUP_QUALITY_MART,
)  # fmt: skip

JULY = datetime(2020, 7, 1)


@pytest.fixture(scope="module")
def inputs() -> MemoryInputs:
    return MemoryInputs(WATER_REFERENCES, ("water_samples", "stations"))


def sections(count: int, at: datetime = JULY, river: str = "荆溪", **values: str) -> list[dict[str, Any]]:
    """Samples of sections 1 to `count` of one river, all with the same values."""
    more = {"river_name": river, "basin_name": "太湖流域"}
    return [row for n in range(count) for row in items(f"{river}{n:02}", at, more, **values)]


def groups(
    inputs: MemoryInputs, samples: list[dict[str, Any]], *stations: dict[str, Any]
) -> dict[tuple[str, str, str, str], dict[str, Any]]:
    inputs.clear("core.water_samples", "core.stations")
    inputs.core("water_samples", samples)
    inputs.core("stations", stations)
    rows = inputs.build(*MARTS).to_dicts()
    return {(row["group_kind"], row["group_code"], row["water_body"], row["period"]): row for row in rows}


def july(inputs: MemoryInputs, samples: list[dict[str, Any]]) -> dict[str, Any]:
    return groups(inputs, samples)["river", "太湖流域/荆溪", "river", "2020-07"]


#: Oxygen that gives each class.
OXYGEN = {1: "8", 2: "6", 3: "5", 4: "3", 5: "2", 6: "1"}

WORDS = [
    # classes of the sections; the wording by their shares
    ([2] * 9 + [6], "优"),  # 90 % exactly
    ([2] * 8 + [4, 6], "良好"),
    ([3] * 6 + [4] * 2, "良好"),  # 75 % exactly
    ([3] * 7 + [4] * 3, "轻度污染"),
    ([3] * 5 + [4] * 4 + [6], "轻度污染"),
    ([3] * 4 + [6], "良好"),  # 80 % good: worse than V counts only below 75 %
    ([4] * 4 + [6], "中度污染"),  # 20 % exactly
    ([4] * 3 + [6] * 2, "重度污染"),  # 40 % exactly
]


def test_five_sections_are_worded_by_their_shares(inputs: MemoryInputs) -> None:
    samples = [
        row
        for case, (classes, _) in enumerate(WORDS)
        for n, k in enumerate(classes)
        for row in items(f"{case}s{n:02}", JULY, {"river_name": f"r{case}"}, dissolved_oxygen=OXYGEN[k])
    ]
    found = groups(inputs, samples)
    for case, (classes, word) in enumerate(WORDS):
        row = found["river", f"r{case}", "river", "2020-07"]
        assert (row["method"], row["quality"], row["share_quality"]) == ("share", word, word), classes
        counted = Counter(classes)
        assert [row[f"sections_{k}"] for k in range(1, 7)] == [counted[k] for k in range(1, 7)]
        good = sum(counted[k] for k in (1, 2, 3))
        assert row["share_good"] == pytest.approx(100 * good / len(classes), abs=1e-12)
        assert row["section_list"] == ",".join(f"{case}s{n:02}" for n in range(len(classes)))


def test_fewer_than_five_sections_are_classed_by_their_mean(inputs: MemoryInputs) -> None:
    samples = [*sections(3, cod="15"), *items("x", JULY, {"river_name": "荆溪", "basin_name": "太湖流域"}, cod="39")]
    row = july(inputs, samples)
    # 21.0 is class IV, though three of four sections are of class I; 0.05 above the limit of 20.
    assert (row["method"], row["mean_class"], row["quality"]) == ("mean", 4, "轻度污染")
    assert (row["share_quality"], row["main_pollutants"]) == ("良好", "cod(0.05)")
    five = july(inputs, [*samples, *items("y", JULY, {"river_name": "荆溪", "basin_name": "太湖流域"}, cod="15")])
    assert (five["method"], five["quality"], five["mean_class"]) == ("share", "良好", 3)


def test_main_items_of_shares_are_those_that_most_sections_exceed(inputs: MemoryInputs) -> None:
    samples = [
        *sections(3, cod="25", ammonia_nitrogen="3", total_phosphorus="0.1", bod5="1"),
        *(row for n in (3, 4) for row in items(f"荆溪{n:02}", JULY, {"river_name": "荆溪", "basin_name": "太湖流域"},
          cod="25", bod5="9", permanganate_index="20", total_phosphorus="0.9")),
    ]  # fmt: skip
    assert july(inputs, samples)["main_pollutants"] == "cod(100.0%),ammonia_nitrogen(60.0%),permanganate_index(40.0%)"


def test_a_section_without_a_class_is_counted_and_leaves_the_group_incomplete(inputs: MemoryInputs) -> None:
    more = {"river_name": "荆溪", "basin_name": "太湖流域"}
    row = july(inputs, [*sections(4, cod="15"), *items("z", JULY, more, mercury="<0.01")])
    assert (row["sections"], row["sections_classed"], row["share_good"], row["complete"]) == (5, 4, 100, False)
    nothing = july(inputs, items("z", JULY, more, mercury="<0.01"))
    assert (nothing["quality"], nothing["share_good"], nothing["complete"]) == (None, None, False)


def test_rivers_and_lakes_stand_apart_and_the_points_of_a_lake_are_always_averaged(inputs: MemoryInputs) -> None:
    register = [station(f"太湖{n:02}", water_body="lake", region_code="320282") for n in range(6)]
    samples = [*sections(6, river="太湖", total_phosphorus="0.06"), *sections(6, total_phosphorus="0.06")]
    found = groups(inputs, samples, *register)
    lake = found["river", "太湖流域/太湖", "lake", "2020-07"]
    assert (lake["method"], lake["mean_class"], lake["quality"]) == ("mean", 4, "轻度污染")
    assert found["river", "太湖流域/荆溪", "river", "2020-07"]["quality"] == "优"
    assert found["basin", "太湖流域", "lake", "2020-07"]["method"] == "share"
    assert found["region", "320282", "lake", "2020"]["sections"] == 6
    assert ("region", "320282", "river", "2020") not in found


def test_a_lake_is_averaged_over_points_first_and_a_river_over_its_sections_years(inputs: MemoryInputs) -> None:
    """Point a in two months, b in one: a lake has (mean(10, 50) + 10) ÷ 2 = 20, a river (10 + 50) ÷ 2 = 30."""

    def of(name: str) -> list[dict[str, Any]]:
        more = {"river_name": name}
        return [
            *items(f"{name}a", JULY, more, cod="10"),
            *items(f"{name}a", datetime(2020, 8, 1), more, cod="10"),
            *items(f"{name}b", JULY, more, cod="50"),
        ]  # fmt: skip

    register = [station(f"湖{point}", water_body="lake") for point in "ab"]
    found = groups(inputs, [*of("湖"), *of("河")], *register)
    assert found["river", "湖", "lake", "2020"]["mean_class"] == 3
    assert found["river", "河", "river", "2020"]["mean_class"] == 4
    assert found["river", "河", "river", "2020"]["complete"] is False  # two months are no year


def test_adding_a_section_changes_no_other_group_and_order_changes_no_digit(inputs: MemoryInputs) -> None:
    samples = [*sections(3, cod="15.3", ph="8.123456"), *sections(3, datetime(2020, 8, 1), cod="0.000001")]
    before = groups(inputs, samples)
    after = groups(inputs, [*sections(1, river="漕桥河", cod="99"), *reversed(samples)])
    key = ("river", "太湖流域/荆溪", "river")
    assert all(after[(*key, period)] == before[(*key, period)] for period in ("2020-07", "2020-08", "2020"))
    assert after["basin", "太湖流域", "river", "2020-07"]["sections"] == 4


def test_lake_tai_is_the_exact_mean_of_its_points(inputs: MemoryInputs) -> None:
    inputs.clear("core.water_samples", "core.stations")
    inputs.core("stations", [station(code, water_body="lake") for code in ("兰山嘴", "西山", "拖山", "胥湖心")])
    samples = extract(DATA / "water" / "lake_tai_2021_04.csv").with_columns(river_name=pl.lit("太湖"))
    inputs.add("core.water_samples", samples)
    rows = inputs.build(*MARTS).filter(water_body="lake", period="2021-04")
    means = inputs.rows(WATER_GROUP_MEAN_MART.table).filter(water_body="lake", period="2021-04")
    found = dict(means.select("determinand", "mean").iter_rows())
    values: dict[str, dict[str, list[Fraction]]] = {}
    for code, name, value in samples.select("station_code", "determinand", "value").iter_rows():
        if code in ("兰山嘴", "西山", "拖山", "胥湖心"):
            values.setdefault(name, {}).setdefault(code, []).append(Fraction(value))
    for name, points in values.items():
        mean = sum(sum(point, Fraction(0)) / len(point) for point in points.values()) / len(points)
        assert abs(Fraction(found[name]) - mean) <= Fraction(1, 10**9), name
    assert (rows["sections"].to_list(), rows["method"].to_list()) == ([4], ["mean"])


def test_new_facts_and_a_changed_register_reach_the_year(inputs: MemoryInputs) -> None:
    groups(inputs, sections(2, cod="15"), station("荆溪00"))
    of_marts = (
        (WATER_GROUP_MEMBER_MART, ("core.water_samples", "core.stations", "mart.water_station_year")),
        (WATER_GROUP_MEAN_MART, ("mart.water_item_month", "mart.water_group_member")),
        (WATER_GROUP_QUALITY_MART, ("mart.water_station_month", "mart.water_station_year", "mart.water_group_mean")),
    )
    for mart, table in ((mart, table) for mart, tables in of_marts for table in tables):
        keys = dirty_table(mart).name
        inputs.clear(keys)
        mark(inputs.con, [mart], table, table)
        assert set(inputs.con.sql(f"FROM {keys}").fetchall()) == {("canonical", 2020)}
