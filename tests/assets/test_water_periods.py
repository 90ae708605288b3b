"""Monthly means, classes of months and years, main pollutants, compliance with the zone."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any

import pytest

from assets.water import WATER_REFERENCES
from assets.water.means import WATER_ITEM_MONTH_MART
from assets.water.periods import WATER_STATION_MONTH_MART, WATER_STATION_YEAR_MART
from tests.assets.support_cnemc import extract
from tests.assets.support_water import DATA, MemoryInputs, items, station
from warehouse.dirty import dirty_table, mark

MONTH, YEAR = (
    (WATER_ITEM_MONTH_MART, WATER_STATION_MONTH_MART),
    (WATER_ITEM_MONTH_MART, WATER_STATION_YEAR_MART),
)


@pytest.fixture(scope="module")
def inputs() -> MemoryInputs:
    return MemoryInputs(WATER_REFERENCES, ("water_samples", "stations"))


def put(inputs: MemoryInputs, samples: list[dict[str, Any]], *stations: dict[str, Any]) -> MemoryInputs:
    inputs.clear("core.water_samples", "core.stations")
    inputs.core("water_samples", samples)
    inputs.core("stations", stations)
    return inputs


def month_of(inputs: MemoryInputs, *samples: dict[str, str], **register: Any) -> dict[str, Any]:
    """The row of station A's July 2020 from one sample a day."""
    rows = [row for day, values in enumerate(samples, start=1) for row in items("A", datetime(2020, 7, day), **values)]
    (row,) = put(inputs, rows, *([station("A", **register)] if register else [])).build(*MONTH).to_dicts()
    return row


def test_means_are_exact_and_rounded_once_half_to_even(inputs: MemoryInputs) -> None:
    samples = extract(DATA / "water" / "lake_tai_2021_04.csv")
    put(inputs, [])
    inputs.add("core.water_samples", samples)
    found = {
        (row["station_code"], row["determinand"]): (row["mean"], row["samples"])
        for row in inputs.build(WATER_ITEM_MONTH_MART).iter_rows(named=True)
    }
    values: dict[tuple[str, str], list[Fraction]] = {}
    for row in samples.iter_rows(named=True):
        values.setdefault((row["station_code"], row["determinand"]), []).append(Fraction(row["value"]))
    expected = {}
    for key, group in values.items():
        mean = sum(group, Fraction(0)) / len(group)
        precise = Decimal(mean.numerator) / Decimal(mean.denominator)
        expected[key] = (precise.quantize(Decimal("1e-9"), ROUND_HALF_EVEN), len(group))
    assert found == expected
    assert len(found) == 30


def test_half_the_limit_stands_for_a_value_below_detection(inputs: MemoryInputs) -> None:
    put(
        inputs,
        [
            *items("A", ammonia_nitrogen="<0.05", ph="<7", dissolved_oxygen="<1"),
            *items("A", datetime(2020, 7, 9), ammonia_nitrogen="0.2"),
        ],
    )
    found = {row["determinand"]: row for row in inputs.build(WATER_ITEM_MONTH_MART).to_dicts()}
    ammonia = found["ammonia_nitrogen"]
    assert [ammonia[name] for name in ("mean", "mean_low", "mean_high")] == [
        Decimal("0.1125"), Decimal("0.1"), Decimal("0.125"),
    ]  # fmt: skip
    assert [ammonia[f"rounded_{name}"] for name in ("mean", "low", "high")] == [
        Decimal("0.11"), Decimal("0.1"), Decimal("0.12"),
    ]  # fmt: skip
    assert (ammonia["samples"], ammonia["below_detection"], ammonia["highest_below"]) == (
        2,
        1,
        Decimal("0.05"),
    )
    assert (found["ph"]["mean"], found["dissolved_oxygen"]["mean"]) == (7, 1)


def test_the_month_is_judged_by_its_means(inputs: MemoryInputs) -> None:
    row = month_of(inputs, {"cod": "10", "ph": "7"}, {"cod": "30", "ph": "8"})
    assert (row["class"], row["class_name"], row["compliant"], row["main_pollutants"]) == (3, "Ⅲ", True, "")
    assert (row["required_class"], row["required_by"]) == (3, "default")
    row = month_of(inputs, {"cod": "10"}, {"cod": "30.2"})
    assert (row["class"], row["compliant"], row["main_pollutants"]) == (4, False, "cod(0.00)")


BOTH_WAYS = [
    # values of two samples, class of the unrounded mean, class of the rounded mean
    ({"cod": ("20", "20.08")}, 4, 3),
    ({"cod": ("20", "20.1")}, 4, 3),  # 20.05 is halfway: to 20.0
    ({"cod": ("20.1", "20.2")}, 4, 4),  # 20.15 to 20.2
    ({"total_phosphorus": ("0.2004", "0.2004")}, 4, 3),
    ({"dissolved_oxygen": ("4.96", "4.94")}, 4, 3),  # 4.95 is halfway: to the even digit, 5.0
    ({"ph": ("9.04", "9.04")}, 6, 1),
    ({"cod": ("19.9", "20")}, 3, 3),
]


@pytest.mark.parametrize(("values", "unrounded", "rounded"), BOTH_WAYS, ids=str)
def test_a_mean_is_judged_before_or_after_rounding_as_the_data_say(
    inputs: MemoryInputs, values: dict[str, tuple[str, str]], unrounded: int, rounded: int
) -> None:
    ((name, pair),) = values.items()
    samples = [{name: value} for value in pair]
    row = month_of(inputs, *samples)
    assert (row["class"], row["judged_on"]) == (rounded, "rounded")
    inputs.con.execute("UPDATE standard.water_judging SET judged_on = 'unrounded' WHERE period = 'month'")
    try:
        row = month_of(inputs, *samples)
    finally:
        inputs.con.execute("UPDATE standard.water_judging SET judged_on = 'rounded' WHERE period = 'month'")
    assert (row["class"], row["judged_on"]) == (unrounded, "unrounded")


def test_the_way_follows_the_publication_and_the_day(inputs: MemoryInputs) -> None:
    entries = (
        "(1, 'agency%', 'month', 'unrounded', DATE '2020-07-01'), (1, 'agency%', 'month', 'rounded', DATE '2020-08-01')"
    )
    columns = "rank, series, period, judged_on, valid_from, source, confidence"
    inputs.con.execute(
        f"INSERT INTO standard.water_judging ({columns}) SELECT *, 'test', 'setting' FROM (VALUES {entries})"
    )
    try:
        rows = [
            row
            for series in ("agency_a", "canonical")
            for month in (6, 7, 8)
            for row in items("A", datetime(2020, month, 3), cod="20.04", more={"series": series})
        ]
        found = put(inputs, rows).build(*MONTH)
    finally:
        inputs.con.execute("DELETE FROM standard.water_judging WHERE source = 'test'")
    shown = [(row["series"], row["month"].month, row["judged_on"], row["class"]) for row in found.to_dicts()]
    assert shown == [
        ("agency_a", 6, "rounded", 3),
        ("agency_a", 7, "unrounded", 4),
        ("agency_a", 8, "rounded", 3),
        *(("canonical", month, "rounded", 3) for month in (6, 7, 8)),
    ]


def test_the_zone_of_the_register_decides_compliance(inputs: MemoryInputs) -> None:
    samples = {"cod": "25"}
    assert month_of(inputs, samples, function_class="4")["compliant"] is True
    assert month_of(inputs, samples, function_class="3")["compliant"] is False
    assert month_of(inputs, samples, function_class="4", valid_to=date(2020, 7, 1))["required_by"] == "default"
    assert month_of(inputs, samples, function_class="4", valid_from=date(2020, 7, 31))["required_by"] == "zone"


MAIN = [
    # Worse class before greater multiple; oxygen has no multiple; three at most.
    (
        {"cod": "31", "bod5": "5.9", "dissolved_oxygen": "1", "ammonia_nitrogen": "1.6"},
        "dissolved_oxygen,ammonia_nitrogen(0.60),cod(0.55)",
    ),
    # Within one class the greater multiple, ties in the order of the table.
    (
        {"cod": "24", "permanganate_index": "9", "bod5": "4.8"},
        "permanganate_index(0.50),cod(0.20),bod5(0.20)",
    ),
    # Heavy metals and cyanide first, whatever the class.
    ({"cod": "50", "lead": "0.06", "bod5": "5"}, "lead(0.20),cod(1.50),bod5(0.25)"),
    # Half to even: 0.125 gives 0.12.
    ({"cod": "22.5"}, "cod(0.12)"),
    # Below detection is no pollutant, though half the limit lies above class III.
    ({"mercury": "<0.001", "cod": "22"}, "cod(0.10)"),
    ({"cod": "20"}, ""),
]


@pytest.mark.parametrize(("values", "expected"), MAIN, ids=[entry[1] or "none" for entry in MAIN])
def test_main_pollutants(inputs: MemoryInputs, values: dict[str, str], expected: str) -> None:
    assert month_of(inputs, values)["main_pollutants"] == expected


HIDDEN = [
    # A limit of detection above the required class cannot be judged, even where half of it would pass.
    ({"ammonia_nitrogen": "<1.1"}, {}, None, None),
    ({"ammonia_nitrogen": "<1.0"}, {}, 2, True),
    ({"ammonia_nitrogen": "<1.1"}, {"function_class": "4"}, 3, True),
    # Another item fails anyway.
    ({"ammonia_nitrogen": "<1.1", "cod": "25"}, {}, None, False),
    # Above range: at least class V; worse than V is certain from the limit of class V on.
    ({"permanganate_index": ">14"}, {}, None, False),
    ({"permanganate_index": ">15.1"}, {}, 6, False),
    ({"dissolved_oxygen": ">5"}, {}, 3, True),
    ({"dissolved_oxygen": ">4.9"}, {}, None, None),
]


@pytest.mark.parametrize(("values", "register", "grade", "compliant"), HIDDEN, ids=[str(entry[:2]) for entry in HIDDEN])
def test_what_censored_values_hide(
    inputs: MemoryInputs,
    values: dict[str, str],
    register: dict[str, str],
    grade: int | None,
    compliant: bool | None,
) -> None:
    row = month_of(inputs, values, **register)
    assert (row["class"], row["compliant"]) == (grade, compliant)


def test_a_number_that_is_no_concentration_hides_the_mean(inputs: MemoryInputs) -> None:
    rows = [*items(cod="10"), *items(at=datetime(2020, 7, 2), cod="999999999999")]
    (row,) = put(inputs, rows).build(*MONTH).to_dicts()
    assert (row["class"], row["compliant"], row["unjudged_parameters"]) == (None, None, "cod")


def year_of(inputs: MemoryInputs, values: list[str]) -> dict[str, Any]:
    rows = [
        row for month, value in enumerate(values, start=1) for row in items("A", datetime(2020, month, 1), cod=value)
    ]
    rows += items("A", datetime(2020, 1, 2), cod=values[0])
    (row,) = put(inputs, rows).build(*YEAR).to_dicts()
    return row


def test_every_month_weighs_the_same_in_a_year(inputs: MemoryInputs) -> None:
    row = year_of(inputs, ["34", *["18"] * 7])
    assert (row["class"], row["compliant"], row["months"], row["complete"]) == (3, True, 8, True)
    assert year_of(inputs, ["34.5", *["18"] * 7])["class"] == 4  # 20.0625 is judged as 20.1


def test_a_year_of_seven_months_has_a_class_and_no_verdict(inputs: MemoryInputs) -> None:
    row = year_of(inputs, ["18"] * 7)
    assert (row["class"], row["compliant"], row["complete"]) == (3, None, False)


def test_only_dirty_months_are_computed(inputs: MemoryInputs) -> None:
    rows = [
        row
        for day in (date(2020, 6, 30), date(2020, 7, 1))
        for row in items("A", datetime(day.year, day.month, day.day), cod="18")
    ]
    whole = put(inputs, rows, station("A", water_body="lake")).build(WATER_ITEM_MONTH_MART)
    keys = dirty_table(WATER_ITEM_MONTH_MART).name
    inputs.clear(keys)
    inputs.con.execute(f"INSERT INTO {keys} VALUES ('canonical', 'A', DATE '2020-07-01')")
    assert inputs.run(WATER_ITEM_MONTH_MART.build(inputs)).to_dicts() == [whole.to_dicts()[1]]
    for mart, expected in ((WATER_STATION_MONTH_MART, 2), (WATER_STATION_YEAR_MART, 1)):
        inputs.build(mart)
        inputs.clear(dirty_table(mart).name)
        mark(inputs.con, [mart], "core.stations", "core.stations")
        assert len(inputs.con.sql(f"FROM {dirty_table(mart).name}").fetchall()) == expected
