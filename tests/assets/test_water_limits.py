"""Limits of GB 3838-2002 against a list typed by hand, and the class on and just beyond every limit."""

from __future__ import annotations

import csv
from decimal import Decimal

import polars as pl
import pytest

from assets.water import WATER_REFERENCES
from assets.water.grading import class_of, grade_levels, levels, wide_limits
from assets.water.standards import BEYOND, WATER_LIMIT, rule, water_items, water_limits
from tests.assets.support_water import DATA, MemoryInputs

LAST_DIGIT = Decimal("0.000001")


def hand_list() -> list[dict[str, str]]:
    with (DATA / "water" / "gb3838_limits.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def limits_of(row: dict[str, str]) -> list[Decimal]:
    return [Decimal(row[name]) for name in ("I", "II", "III", "IV", "V")]


def readings_of(row: dict[str, str]) -> list[str]:
    return ["river", "lake"] if row["water_body"] == "any" else [row["water_body"]]


@pytest.fixture(scope="module")
def inputs() -> MemoryInputs:
    return MemoryInputs(WATER_REFERENCES, ("water_samples",))


def test_every_limit_is_the_printed_one(inputs: MemoryInputs) -> None:
    wide = inputs.run(wide_limits(inputs.table("standard.water_limit")))
    ours = {
        (row["determinand"], row["reading"], side): [row[f"{side}_{k}"] for k in range(1, 6)]
        for row in wide.iter_rows(named=True)
        for side in ("low", "high")
        if row[f"{side}_1"] is not None
    }
    assert ours == {
        (row["determinand"], reading, row["side"]): limits_of(row)
        for row in hand_list()
        for reading in readings_of(row)
    }


def test_the_21_items_of_the_assessment() -> None:
    items = water_items()
    basic = items.filter(pl.col("clause").str.contains("table 1"))
    assert basic.height == 24
    assert set(basic.filter(~pl.col("assessed"))["determinand"]) == {
        "water_temperature",
        "total_nitrogen",
        "faecal_coliform",
    }
    assert items["assessed"].sum() == 21
    assert items["automatic"].sum() == 5
    assert items["of_sources"].sum() == 26 + 37
    assert items.filter("reference")["determinand"].to_list() == ["total_nitrogen", "faecal_coliform"]
    assert items.filter(clause="trophic index")["determinand"].to_list() == ["chlorophyll_a", "transparency"]
    assert items.filter("lower_limited")["determinand"].to_list() == ["ph", "dissolved_oxygen"]


def test_limits_never_tighten_from_class_to_class() -> None:
    limits = water_limits().filter(pl.col("class") > 0).sort("class")
    for _, group in limits.group_by("determinand", "water_body"):
        assert group["high"].drop_nulls().is_sorted()
        assert group["low"].drop_nulls().is_sorted(descending=True)


def judged(row: dict[str, str], value: Decimal) -> int:
    """The class that the printed limits give, worked out apart from the code."""
    passes = [value >= limit if row["side"] == "low" else value <= limit for limit in limits_of(row)]
    return passes.index(True) + 1 if True in passes else BEYOND


def test_equal_passes_and_one_digit_beyond_does_not(inputs: MemoryInputs) -> None:
    cases = [
        (row, value)
        for row in hand_list()
        for limit in sorted(set(limits_of(row)))
        for value in (limit - LAST_DIGIT, limit, limit + LAST_DIGIT)
        if limit % LAST_DIGIT == 0  # benzo(a)pyrene's limit has a seventh digit, a record has six
    ]
    inputs.clear("core.water_samples")
    inputs.core(
        "water_samples",
        [
            {
                "station_code": str(number),
                "determinand": row["determinand"],
                "fraction": "total",
                "value": value,
                "unit": row["unit"],
            }
            for number, (row, value) in enumerate(cases)
        ],
    )
    graded = grade_levels(
        levels(*(inputs.table(name) for name in ("core.water_samples", "standard.water_item", "standard.water_unit"))),
        wide_limits(inputs.table("standard.water_limit")),
    )
    found = {
        (int(row["station_code"]), row["reading"]): (row["best"], row["worst"])
        for row in inputs.run(graded.select("station_code", "reading", "best", "worst")).iter_rows(named=True)
    }
    wrong = [
        (row["determinand"], reading, value, found[number, reading])
        for number, (row, value) in enumerate(cases)
        for reading in readings_of(row)
        if found[number, reading] != (judged(row, value), judged(row, value))
    ]
    assert len(cases) == 270 + 37 * 3 - 3
    assert wrong == []


def test_micrograms_are_converted_exactly(inputs: MemoryInputs) -> None:
    inputs.clear("core.water_samples")
    # Classes I and II share a limit of 0.05 ug/L, IV and V one of 1 ug/L: the better class counts.
    values = {"0.05": 1, "0.050001": 3, "0.1": 3, "0.100001": 4, "1": 4, "1.000001": 6}
    inputs.core(
        "water_samples",
        [
            {
                "station_code": text,
                "determinand": "mercury",
                "fraction": "total",
                "value": Decimal(text),
                "unit": "ug/L",
            }
            for text in values
        ],
    )
    rows = levels(*(inputs.table(n) for n in ("core.water_samples", "standard.water_item", "standard.water_unit")))
    graded = grade_levels(rows, wide_limits(inputs.table("standard.water_limit"))).filter(
        lambda t: t.reading == "river"
    )
    found = dict(inputs.run(graded.select("station_code", "worst")).iter_rows())
    assert found == values


def test_a_rule_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        rule("no_such_rule")


def test_limits_carry_their_clause() -> None:
    frame = water_limits()
    assert frame["clause"].str.contains(r"^GB 3838-2002 table [123] item \d+$").all()
    unread = frame.filter(pl.col("confidence") != "standard")
    assert unread["clause"].str.contains("table 3").all() and unread.height == 37
    assert frame.columns == list(WATER_LIMIT.names)


def test_class_of_a_mean_uses_the_same_limits(inputs: MemoryInputs) -> None:
    wide = wide_limits(inputs.table("standard.water_limit"))
    oxygen = wide.filter((wide.determinand == "dissolved_oxygen") & (wide.reading == "river"))
    level = oxygen.low_3.cast("decimal(28, 10)")
    assert inputs.run(oxygen.select(grade=class_of(oxygen, level)))["grade"].to_list() == [3]
