"""Why a published class is not ours: each cause by a small case, and the causes in a real extract."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from assets.water import WATER_REFERENCES
from assets.water.mismatches import CAUSES, WATER_CLASS_MISMATCH_MART
from assets.water.samples import WATER_SAMPLE_CLASS_MART
from tests.assets.support_cnemc import extract
from tests.assets.support_water import DATA, MemoryInputs, items, station


@pytest.fixture(scope="module")
def inputs() -> MemoryInputs:
    return MemoryInputs(WATER_REFERENCES, ("water_samples", "stations"))


def mismatches(inputs: MemoryInputs, samples: list[dict[str, Any]], *stations: dict[str, Any]) -> list[dict[str, Any]]:
    inputs.clear("core.water_samples", "core.stations")
    inputs.core("water_samples", samples)
    inputs.core("stations", stations)
    return inputs.build(WATER_SAMPLE_CLASS_MART, WATER_CLASS_MISMATCH_MART).to_dicts()


def printed(published: str, at: int = 8, **values: str) -> list[dict[str, Any]]:
    """One sample of section S with the text of each value as published and the printed class."""
    when = datetime(2021, 4, 1, at)
    return [
        row
        for name, text in values.items()
        for row in items("S", when, {"published_class": published, "value_text": text}, **{name: text})
    ]


CASES = [
    # samples of a section in their order; the cause of the last one
    ([printed("2", ammonia_nitrogen="0.15")], "rounding"),  # 0.151 is printed as 0.15
    ([printed("1", ammonia_nitrogen="0.2")], "rounding"),  # one digit: 0.15 to 0.25
    ([printed("1", ammonia_nitrogen="0.20")], "unexplained"),  # two digits: 0.195 to 0.205
    ([printed("4", dissolved_oxygen="5.00")], "rounding"),
    ([printed("6", ph="9.00")], "rounding"),
    ([printed("3", 4, cod="18"), printed("3", 8, cod="12")], "earlier_sample"),
    ([printed("6", 4, ph="9.00"), printed("6", 8, ph="8.76")], "earlier_sample"),  # as printed before, not as ours
    ([printed("3", cod="12", total_phosphorus="0.04")], "river_or_lake"),
    ([printed("2", cod="12", total_phosphorus="0.010")], "river_or_lake"),  # by rounding with a lake's limit of 0.01
    ([printed("3", total_nitrogen="4")], "contradiction"),  # a class, and no value that the class could rest on
    ([printed("5", cod="12")], "unexplained"),
]


@pytest.mark.parametrize(("samples", "cause"), CASES, ids=[f"{n} {case[1]}" for n, case in enumerate(CASES)])
def test_causes(inputs: MemoryInputs, samples: list[list[dict[str, Any]]], cause: str) -> None:
    rows = mismatches(inputs, [row for sample in samples for row in sample], station("S", water_body="river"))
    assert rows[-1]["cause"] == cause


def test_an_unrounded_value_is_not_explained_by_rounding(inputs: MemoryInputs) -> None:
    shown = {"value_shown": Decimal("0.15"), "value_text": "0.1500", "published_class": "2"}
    (row,) = mismatches(inputs, items("S", more=shown, ammonia_nitrogen="0.1500"))
    assert (row["cause"], row["best_by_rounding"], row["worst_by_rounding"]) == ("unexplained", 1, 1)


def test_rows_that_agree_or_print_nothing_are_no_mismatch(inputs: MemoryInputs) -> None:
    assert mismatches(inputs, [*printed("1", cod="12"), *items("T", cod="12")]) == []


def test_causes_of_lake_tai(inputs: MemoryInputs) -> None:
    inputs.clear("core.water_samples", "core.stations")
    inputs.core("stations", [station(code, water_body="lake") for code in ("兰山嘴", "西山", "拖山", "胥湖心")])
    inputs.add("core.water_samples", extract(DATA / "water" / "lake_tai_2021_04.csv"))
    rows = inputs.build(WATER_SAMPLE_CLASS_MART, WATER_CLASS_MISMATCH_MART)
    assert rows["station_code"].to_list() == ["兰山嘴(老)"] * 2
    assert set(rows["cause"]) <= set(CAUSES.values)
