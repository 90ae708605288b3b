"""TLI(Σ) and the CCME index: published examples, vectors of the facts, a plain recomputation, what is not enough."""

from __future__ import annotations

import csv
import math
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.water import WATER_REFERENCES
from assets.water.ccme import WATER_QUALITY_INDEX_MART, ccme_index
from assets.water.means import WATER_ITEM_MONTH_MART
from assets.water.trophic import TROPHIC_STATE_MART, trophic_index
from tests.assets.support_cnemc import extract
from tests.assets.support_water import DATA, MemoryInputs, items, station

LAKE = {"water_body": "lake"}


@pytest.fixture(scope="module")
def inputs() -> MemoryInputs:
    return MemoryInputs(WATER_REFERENCES, ("water_samples", "stations"))


def put(inputs: MemoryInputs, samples: list[dict[str, Any]], *stations: dict[str, Any]) -> MemoryInputs:
    inputs.clear("core.water_samples", "core.stations")
    inputs.core("water_samples", samples)
    inputs.core("stations", stations)
    return inputs


# --- trophic state -------------------------------------------------------------------------------------------

VECTOR = {
    "chlorophyll_a": ("20", 57.53),
    "total_phosphorus": ("0.05", 45.71),
    "total_nitrogen": ("1.2", 57.62),
    "transparency": ("0.5", 64.63),
    "permanganate_index": ("4.0", 37.98),
}

#: Hulun Lake, August means: year, chlorophyll a, phosphorus, nitrogen, transparency, Σ and state as published.
HULUN = [
    (2011, 37.749, 69.802, 68.909, 81.743, 61.837, "中度富营养"),
    (2012, 48.321, 60.681, 66.362, 77.199, 61.607, "中度富营养"),
    (2013, 43.745, 64.437, 67.866, 77.837, 61.452, "中度富营养"),
    (2014, 37.101, 82.332, 64.888, 80.690, 63.391, "中度富营养"),
    (2015, 50.054, 72.340, 68.334, 79.757, 65.861, "中度富营养"),
]


def lake_month(
    inputs: MemoryInputs, values: dict[str, str], code: str = "L", at: datetime = datetime(2020, 7, 1)
) -> Any:
    units = {"chlorophyll_a": {"unit": "ug/L"}, "transparency": {"unit": "m"}}
    rows = [row for name, text in values.items() for row in items(code, at, more=units.get(name), **{name: text})]
    built = put(inputs, rows, station(code, **LAKE)).build(WATER_ITEM_MONTH_MART, TROPHIC_STATE_MART)
    return {(row["period"], row["definition"]): row for row in built.to_dicts()}


def test_the_vector_of_the_facts_to_the_hundredth(inputs: MemoryInputs) -> None:
    found = lake_month(inputs, {name: text for name, (text, _) in VECTOR.items()})
    for period in ("2020-07", "2020"):
        row = found[period, "tli5"]
        parts = dict(entry.split(":") for entry in row["parts"].split(","))
        assert {name: float(text) for name, text in parts.items()} == pytest.approx(
            {name: expected for name, (_, expected) in VECTOR.items()}, abs=0.011
        )
        assert row["tli"] == pytest.approx(53.04, abs=0.01)
        assert (row["state"], row["version"], row["status"], row["samples"]) == ("轻度富营养", "2001", None, 1)


def inverse(determinand: str, tli: float) -> float:
    """The value whose TLI is published, by the coefficients of the facts file typed again."""
    intercept, slope = {
        "chlorophyll_a": (2.5, 1.086),
        "total_phosphorus": (9.436, 1.624),
        "total_nitrogen": (5.453, 1.694),
        "transparency": (5.118, -1.94),
    }[determinand]
    return math.exp((tli / 10 - intercept) / slope)


def test_hulun_lake_as_published(inputs: MemoryInputs) -> None:
    names = ("chlorophyll_a", "total_phosphorus", "total_nitrogen", "transparency")
    means = [
        {"series": "s", "station_code": "Hulun", "year": year, "period": f"{year}-08", "determinand": name,
         "mean": Decimal(f"{inverse(name, part):.10f}"), "samples": 3, "origin": "real"}
        for year, *parts, _, _ in HULUN
        for name, part in zip(names, parts, strict=True)
    ]  # fmt: skip
    frame = pl.DataFrame(means, schema_overrides={"mean": pl.Decimal(28, 10), "year": pl.Int64})
    tables = [inputs.table(f"standard.trophic_{name}") for name in ("definition", "parameter", "band")]
    found = inputs.run(trophic_index(inputs.given("hulun", frame), *tables))
    ours = {row["year"]: row for row in found.filter(definition="tli4_no_permanganate").to_dicts()}
    for year, *_, published, state in HULUN:
        assert ours[year]["tli"] == pytest.approx(published, abs=0.001)
        assert ours[year]["state"] == state
    five = found.filter(definition="tli5")
    assert set(five["status"]) == {"insufficient_data"} and five["tli"].null_count() == 5
    assert set(five["missing_parameters"]) == {"permanganate_index"}


BANDS = [(29.99, "贫营养"), (30.0, "中营养"), (50.0, "中营养"), (50.01, "轻度富营养"), (60.0, "轻度富营养"),
         (70.0, "中度富营养"), (70.01, "重度富营养")]  # fmt: skip


def test_fifty_is_still_mesotrophic(inputs: MemoryInputs) -> None:
    from assets.water.trophic import with_band

    rows = pl.DataFrame({"n": list(range(len(BANDS))), "tli": [value for value, _ in BANDS]})
    found = inputs.run(
        with_band(inputs.given("bands", rows), ["n"], "tli", inputs.table("standard.trophic_band"), "state")
    )
    assert found.sort("n")["state"].to_list() == [state for _, state in BANDS]


def test_automatic_stations_have_the_index_without_transparency_and_rivers_have_none(inputs: MemoryInputs) -> None:
    values = {name: text for name, (text, _) in VECTOR.items() if name != "transparency"}
    found = lake_month(inputs, values)
    assert found["2020-07", "tli4_no_transparency"]["tli"] is not None
    assert found["2020-07", "tli5"]["missing_parameters"] == "transparency"
    assert put(inputs, items("R", **values), station("R", water_body="river")).build(
        WATER_ITEM_MONTH_MART, TROPHIC_STATE_MART
    ).is_empty()  # fmt: skip


def test_milligrams_of_chlorophyll_are_a_thousand_micrograms_and_zero_is_no_value(inputs: MemoryInputs) -> None:
    values = {name: text for name, (text, _) in VECTOR.items()}
    rows = [
        row
        for name, text in values.items()
        if name != "chlorophyll_a"
        for row in items("L", **{name: text}, more={"unit": "m"} if name == "transparency" else None)
    ]
    milligrams = put(inputs, [*rows, *items("L", chlorophyll_a="0.020")], station("L", **LAKE))
    found = milligrams.build(WATER_ITEM_MONTH_MART, TROPHIC_STATE_MART).filter(definition="tli5", period="2020-07")
    assert found["tli"].item() == pytest.approx(53.04, abs=0.01)
    dead = put(inputs, [*rows, *items("L", chlorophyll_a="0")], station("L", **LAKE))
    found = dead.build(WATER_ITEM_MONTH_MART, TROPHIC_STATE_MART).filter(definition="tli5", period="2020-07")
    assert (found["tli"].item(), found["missing_parameters"].item()) == (None, "chlorophyll_a")


# --- CCME ----------------------------------------------------------------------------------------------------


def devon() -> pl.DataFrame:
    """The worked example as tests: an empty value is none, a zero is below detection."""
    with (DATA / "water" / "foreign" / "ccme.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["Value"]]

    def number(text: str) -> Decimal | None:
        return Decimal(text) if text else None

    tests = [
        {
            "place": "Devon",
            "determinand": row["Variable"],
            "level": number(row["DetectionLimit"] if Decimal(row["Value"]) == 0 else row["Value"]),
            "below": Decimal(row["Value"]) == 0,
            "above": False,
            "low": number(row["LowerLimit"]),
            "high": number(row["UpperLimit"]),
        }
        for row in rows
    ]
    kind = pl.Decimal(28, 10)
    return pl.DataFrame(tests, schema_overrides=dict.fromkeys(("level", "low", "high"), kind), infer_schema_length=None)


def wqi(inputs: MemoryInputs, tests: pl.DataFrame) -> dict[str, Any]:
    tables = (inputs.table("standard.ccme_definition"), inputs.table("standard.ccme_band"))
    (row,) = inputs.run(ccme_index(inputs.given("tests", tests), *tables, ["place"])).to_dicts()
    return row


def test_the_worked_example_of_the_manual(inputs: MemoryInputs) -> None:
    row = wqi(inputs, devon())
    assert (row["variables"], row["variables_failed"], row["tests"], row["tests_failed"]) == (10, 2, 103, 4)
    assert row["f1"] == 20
    assert row["f2"] == pytest.approx(3.88, abs=0.005)
    assert row["f3"] == pytest.approx(2.78, abs=0.005)
    assert row["wqi"] == pytest.approx(88.1, abs=0.05)
    assert (row["rating"], row["status"], row["version"]) == ("良", None, "1.0")


def test_three_variables_or_three_samples_are_not_enough(inputs: MemoryInputs) -> None:
    three = devon().filter(pl.col("determinand").is_in(["DO", "pH", "TP"]))
    few = devon().group_by("determinand", maintain_order=True).head(3)
    for tests in (three, few):
        row = wqi(inputs, tests)
        assert (row["wqi"], row["rating"], row["status"]) == (None, None, "insufficient_data")
        assert row["f1"] is not None  # what there is is still shown


def test_what_censoring_hides_is_no_test(inputs: MemoryInputs) -> None:
    row = wqi(
        inputs,
        devon().with_columns(
            level=pl.when(pl.col("below")).then(pl.col("high") * 2).otherwise("level").cast(pl.Decimal(28, 10))
        ),
    )
    assert (row["tests"], row["tests_unknown"]) == (72, 31)


def plain_wqi(tests: list[tuple[str, Decimal, Decimal]]) -> float:
    """The manual's formulas with upper limits only, in Python, one test after another."""
    failed = [(name, value / high - 1) for name, value, high in tests if value > high]
    f1 = 100 * len({name for name, _ in failed}) / len({name for name, _, _ in tests})
    f2 = 100 * len(failed) / len(tests)
    nse = float(sum((excursion for _, excursion in failed), Decimal(0))) / len(tests)
    return 100 - math.sqrt(f1**2 + f2**2 + (100 * nse / (nse + 1)) ** 2) / 1.732


concentration = st.decimals("0.001", "9", places=3)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(
    st.lists(st.lists(concentration, min_size=4, max_size=6), min_size=4, max_size=6), st.randoms(use_true_random=False)
)
def test_the_index_is_that_of_a_plain_recomputation_in_any_order(
    inputs: MemoryInputs, variables: list[list[Decimal]], chance: Any
) -> None:
    tests = [(f"v{n}", value, Decimal(3)) for n, values in enumerate(variables) for value in values]

    def ours() -> float:
        frame = pl.DataFrame(
            [
                {"place": "a", "determinand": n, "level": v, "below": False, "above": False, "low": None, "high": h}
                for n, v, h in tests
            ],
            schema_overrides=dict.fromkeys(("level", "low", "high"), pl.Decimal(28, 10)),
        )
        return float(wqi(inputs, frame)["wqi"])

    first = ours()
    assert first == pytest.approx(plain_wqi(tests), abs=1e-5)
    chance.shuffle(tests)
    assert ours() == first


def test_a_section_is_held_to_the_class_that_it_must_meet(inputs: MemoryInputs) -> None:
    values = {"ph": "7", "dissolved_oxygen": "4", "cod": "25", "ammonia_nitrogen": "0.5"}
    rows = [row for code in "AB" for day in (1, 2, 3, 4) for row in items(code, datetime(2020, 7, day), **values)]
    register = [station("A", function_class="4"), station("B")]
    found = {
        row["station_code"]: row for row in put(inputs, rows, *register).build(WATER_QUALITY_INDEX_MART).to_dicts()
    }
    assert (found["A"]["wqi"], found["A"]["rating"], found["A"]["required_class"]) == (100, "优", 4)
    assert (found["B"]["variables_failed"], found["B"]["tests_failed"], found["B"]["required_class"]) == (2, 8, 3)
    # Excursions 5/4 − 1 and 25/20 − 1, eight tests of sixteen: nse = 0.125.
    assert found["B"]["f3"] == pytest.approx(100 * 0.125 / 1.125, abs=1e-5)


def test_lake_tai_in_five_days(inputs: MemoryInputs) -> None:
    put(inputs, [], *(station(code, **LAKE) for code in ("兰山嘴", "西山", "拖山", "胥湖心")))
    inputs.add("core.water_samples", extract(DATA / "water" / "lake_tai_2021_04.csv"))
    rows = inputs.build(WATER_QUALITY_INDEX_MART)
    assert set(rows["status"]) == {None} and rows["tests"].sum() > 500
    assert rows["year"].unique().to_list() == [2021] and date(2021, 4, 1).year == 2021
