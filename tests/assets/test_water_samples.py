"""mart.water_sample_class: deciding items, censored values, river or lake, published class, portions."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.water import WATER_REFERENCES, standards
from assets.water.samples import SCOPE, WATER_SAMPLE_CLASS, WATER_SAMPLE_CLASS_MART
from assets.water.standards import water_items
from tests.assets.support_water import MemoryInputs, items, station
from warehouse.dirty import dirty_table, mark


@pytest.fixture(scope="module")
def inputs() -> MemoryInputs:
    return MemoryInputs(WATER_REFERENCES, ("water_samples", "stations"))


def classes(inputs: MemoryInputs, samples: list[dict[str, Any]], *stations: dict[str, Any]) -> list[dict[str, Any]]:
    inputs.clear("core.water_samples", "core.stations")
    inputs.core("water_samples", samples)
    inputs.core("stations", stations)
    return inputs.build(WATER_SAMPLE_CLASS_MART).to_dicts()


def test_unrounded_values_decide(inputs: MemoryInputs) -> None:
    shown = {"value_shown": Decimal("5.00"), "published_class": "4"}
    rows = classes(
        inputs,
        [
            *items("oxygen", dissolved_oxygen="4.995", more=shown),
            *items("ph", ph="9.001"),
            *items("ph on it", ph="9.000"),
        ],
    )
    found = {row["station_code"]: (row["class"], row["class_name"], row["values_given"], row["agrees"]) for row in rows}
    assert found == {
        "oxygen": (4, "Ⅳ", "unrounded", True),
        "ph": (6, "劣Ⅴ", "as published", None),
        "ph on it": (1, "Ⅰ", "as published", None),
    }


def test_the_worst_item_decides_and_all_of_them_are_named_in_table_order(inputs: MemoryInputs) -> None:
    (row,) = classes(
        inputs,
        items(
            total_phosphorus="0.25",
            ph="7",
            dissolved_oxygen="4.9",
            cod="25",
            total_nitrogen="9",
            ammonia_nitrogen="0.1",
            bod5="3.5",
        ),
    )
    assert row["class"] == 4
    assert row["deciding_parameters"] == "dissolved_oxygen,cod,total_phosphorus"
    assert (row["items_assessed"], row["item_set"]) == (6, "table1_21")


def test_class_1_has_no_deciding_item_and_five_items_are_named_as_such(inputs: MemoryInputs) -> None:
    (row,) = classes(inputs, items(ph="7", dissolved_oxygen="9", water_temperature="20", faecal_coliform="90000"))
    assert (row["class"], row["deciding_parameters"], row["item_set"]) == (1, "", "automatic_5")


def test_phosphorus_follows_the_register_on_the_day(inputs: MemoryInputs) -> None:
    days = (datetime(2019, 12, 31, 23), datetime(2020, 1, 1))
    samples = [row for at in days for row in items("S", at, total_phosphorus="0.04")]
    rows = classes(
        inputs,
        [*samples, *items("unknown", total_phosphorus="0.04")],
        station("S", valid_to=date(2020, 1, 1), water_body="river"),
        station("S", valid_from=date(2020, 1, 1), water_body="lake"),
        station("unknown", medium="air", water_body="lake"),
    )
    shown = ("station_code", "class", "class_river", "class_lake", "water_body", "water_body_from")
    assert [tuple(row[name] for name in shown) for row in rows] == [
        ("S", 2, 2, 3, "river", "register"),
        ("S", 3, 2, 3, "lake", "register"),
        ("unknown", 2, 2, 3, "river", "default"),
    ]


def test_where_the_register_is_silent_the_inferred_type_of_that_publication_counts(inputs: MemoryInputs) -> None:
    found = classes(
        inputs,
        [
            row
            for series in ("cnemc_water_csv", "canonical")
            for code in ("拖山", "沙渚")
            for row in items(code, total_phosphorus="0.04", more={"series": series})
        ],
        station("沙渚"),
    )
    shown = [(r["series"], r["station_code"], r["class"], r["water_body_from"]) for r in found]
    assert shown == [
        ("canonical", "拖山", 2, "default"),
        ("canonical", "沙渚", 2, "default"),
        ("cnemc_water_csv", "拖山", 3, "inferred"),
        ("cnemc_water_csv", "沙渚", 2, "inferred"),
    ]


def test_two_registers_of_one_section_give_one_row(inputs: MemoryInputs) -> None:
    rows = classes(
        inputs,
        items("S", total_phosphorus="0.04"),
        station("S", series="a", water_body="river", origin="synthetic"),
        station("S", series="b", water_body="lake"),
        station("S", series="c", valid_from=date(2019, 1, 1)),
    )
    assert [row["water_body"] for row in rows] == ["lake"]


CENSORED = [
    # values, class, class_at_best, assessable, unjudged
    ({"ammonia_nitrogen": "<0.15"}, 1, 1, True, ""),
    ({"ammonia_nitrogen": "<0.16"}, 2, 1, True, ""),
    ({"ammonia_nitrogen": "<2.0"}, 5, 1, True, ""),
    ({"ammonia_nitrogen": "<2.1"}, None, 1, False, "ammonia_nitrogen"),
    ({"ammonia_nitrogen": "<2.1", "cod": "41"}, 6, 6, True, "ammonia_nitrogen"),
    ({"permanganate_index": ">15"}, 6, 6, True, ""),
    ({"permanganate_index": ">14.9"}, None, 5, False, "permanganate_index"),
    ({"dissolved_oxygen": ">7.5"}, 1, 1, True, ""),
    ({"dissolved_oxygen": ">5.5"}, 3, 1, True, ""),
    ({"dissolved_oxygen": "<2"}, 6, 6, True, ""),
    ({"dissolved_oxygen": "<2.5"}, None, 5, False, "dissolved_oxygen"),
    ({"ph": "<6"}, 6, 6, True, ""),
    ({"ph": ">8"}, None, 1, False, "ph"),
]


@pytest.mark.parametrize(("values", "grade", "best", "assessable", "unjudged"), CENSORED, ids=str)
def test_censored_values(
    inputs: MemoryInputs,
    values: dict[str, str],
    grade: int | None,
    best: int,
    assessable: bool,
    unjudged: str,
) -> None:
    (row,) = classes(inputs, items(**values))
    assert (row["class"], row["class_at_best"], row["assessable"]) == (grade, best, assessable)
    assert row["unjudged_parameters"] == unjudged


@pytest.mark.parametrize("more", [{"unit": "degC"}, {"value": Decimal("999999999999")}], ids=["unit", "number"])
def test_what_cannot_be_used_gives_no_class_and_stops_nothing(inputs: MemoryInputs, more: dict[str, Any]) -> None:
    (row,) = classes(inputs, items(cod="10", more=more))
    assert (row["class"], row["assessable"], row["unjudged_parameters"]) == (None, False, "cod")


def test_a_sample_without_an_assessed_item_still_has_a_row(inputs: MemoryInputs) -> None:
    rows = classes(inputs, [*items(total_nitrogen="3"), *items("B", cod="1", more={"fraction": "dissolved"})])
    assert [(row["class"], row["items_assessed"], row["assessable"]) for row in rows] == [(None, 0, False)] * 2


def test_the_published_class_of_the_latest_record_counts(inputs: MemoryInputs) -> None:
    early = {"published_class": "5", "published_at": datetime(2020, 7, 2), "source_file_id": "z"}
    late = {"published_class": "2", "published_at": datetime(2020, 7, 3), "source_file_id": "a"}
    later_row = late | {"source_row": 2, "published_class": "3"}
    (row,) = classes(
        inputs,
        [*items(ph="7", more=early), *items(cod="18", more=later_row), *items(bod5="1", more=late)],
    )
    assert (row["published_class"], row["class"], row["agrees"]) == (3, 3, True)


def test_a_latest_record_without_a_class_leaves_none(inputs: MemoryInputs) -> None:
    early = {"published_class": "5", "published_at": datetime(2020, 7, 2)}
    late = {"published_class": None, "published_at": datetime(2020, 7, 3)}
    (row,) = classes(inputs, [*items(ph="7", more=early), *items(cod="18", more=late)])
    assert (row["published_class"], row["agrees"]) == (None, None)


def test_origins_of_a_sample_are_joined(inputs: MemoryInputs) -> None:
    (row,) = classes(inputs, [*items(ph="7"), *items(cod="1", more={"origin": "synthetic"})])
    assert row["origin"] == "mixed"


def test_only_dirty_portions_are_computed_and_a_register_change_reaches_every_day(
    inputs: MemoryInputs,
) -> None:
    samples = [
        row
        for code in ("A", "B")
        for at in (datetime(2020, 7, 1), datetime(2020, 7, 1, 23, 59), datetime(2020, 7, 2))
        for row in items(code, at, cod="10")
    ]
    whole = classes(inputs, samples, station("B", water_body="river"))
    keys = dirty_table(WATER_SAMPLE_CLASS_MART).name
    inputs.clear(keys)
    inputs.con.execute(f"INSERT INTO {keys} VALUES ('canonical', 'A', DATE '2020-07-01')")
    part = inputs.run(WATER_SAMPLE_CLASS_MART.build(inputs)).sort("sampled_at")
    assert part.to_dicts() == [row for row in whole if row["station_code"] == "A" and row["day"] == date(2020, 7, 1)]

    inputs.clear(keys)
    mark(inputs.con, [WATER_SAMPLE_CLASS_MART], "core.stations", "core.stations")
    marked = inputs.con.sql(f"SELECT DISTINCT {', '.join(SCOPE)} FROM {keys} ORDER BY ALL").fetchall()
    assert marked == [("canonical", "B", date(2020, 7, day)) for day in (1, 2)]


def test_the_build_gives_the_declared_columns(inputs: MemoryInputs) -> None:
    classes(inputs, items(ph="7"))
    assert WATER_SAMPLE_CLASS_MART.build(inputs).columns == WATER_SAMPLE_CLASS.names


levels = st.fixed_dictionaries(
    {
        "ph": st.decimals("5.5", "9.5", places=2),
        "dissolved_oxygen": st.decimals("0", "12", places=2),
        "permanganate_index": st.decimals("0", "18", places=2),
        "ammonia_nitrogen": st.decimals("0", "2.5", places=3),
        "total_phosphorus": st.decimals("0", "0.5", places=3),
        "mercury": st.decimals("0", "0.0012", places=6),
    }
)
WORSE = {"ph": "-0.6", "dissolved_oxygen": "-0.7"}


@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.lists(levels, min_size=1, max_size=25), st.randoms(use_true_random=False))
def test_worsening_an_item_never_improves_the_class_and_order_does_not_matter(
    inputs: MemoryInputs, samples: list[dict[str, Decimal]], chance: Any
) -> None:
    rows = []
    for number, values in enumerate(samples):
        for name in ("", *values):
            moved = dict(values)
            if name:
                # Below 6 a lower pH is worse, above it is pushed over 9.
                step = Decimal("3.6") if name == "ph" and values["ph"] > 6 else Decimal(WORSE.get(name, "0.3"))
                moved[name] = max(moved[name] + step, Decimal(0))
            rows += items(f"{number} {name}", **{key: str(value) for key, value in moved.items()})
    found = {row["station_code"]: row["class"] for row in classes(inputs, rows)}
    assert all(found[code] >= found[code.split(" ")[0] + " "] for code in found)

    chance.shuffle(rows)
    assert {row["station_code"]: row["class"] for row in classes(inputs, rows)} == found
    # What the other sections are changes nothing: those of the first sample alone have the same classes.
    alone = classes(inputs, [row for row in rows if row["station_code"].startswith("0 ")])
    assert len(alone) == 1 + len(samples[0])
    assert {row["station_code"]: row["class"] for row in alone}.items() <= found.items()
    assert pl.Series(list(found.values())).is_between(1, 6).all()


def test_total_nitrogen_is_shown_beside_the_class_of_a_lake_and_never_part_of_it(inputs: MemoryInputs) -> None:
    values = {"total_nitrogen": "3", "faecal_coliform": "15000", "cod": "10"}
    rows = classes(
        inputs,
        [*items("lake", **values), *items("river", **values)],
        station("lake", water_body="lake"),
        station("river", water_body="river"),
    )
    shown = [(row["station_code"], row["class"], row["items_assessed"], row["reference_items"]) for row in rows]
    assert shown == [
        ("lake", 1, 1, "total_nitrogen:6,faecal_coliform:4"),
        ("river", 1, 1, "faecal_coliform:4"),
    ]
    # The switch of standard.water_rule makes it one of the items; a river has no limit for it all the same.
    switched = "UPDATE standard.water_item SET assessed = {0}, reference = NOT {0} WHERE determinand = 'total_nitrogen'"
    inputs.con.execute(switched.format("true"))
    try:
        lake, river = inputs.build(WATER_SAMPLE_CLASS_MART).to_dicts()
    finally:
        inputs.con.execute(switched.format("false"))
    assert (lake["class"], lake["deciding_parameters"], river["class"]) == (6, "total_nitrogen", 1)


def test_the_switch_of_total_nitrogen_is_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    def assessed() -> list[str]:
        return water_items().filter("assessed")["determinand"].to_list()

    assert "total_nitrogen" not in assessed()
    monkeypatch.setattr(standards, "rule", lambda name: Decimal(name == "total_nitrogen_judges_lakes"))
    assert "total_nitrogen" in assessed() and len(assessed()) == 22


def test_samples_are_judged_after_rounding_where_the_data_say_so(inputs: MemoryInputs) -> None:
    samples = [*items("oxygen", dissolved_oxygen="4.95"), *items("ph", ph="9.05"), *items("cod", cod="20.05")]
    unrounded = {row["station_code"]: row["class"] for row in classes(inputs, samples)}
    inputs.con.execute("UPDATE standard.water_judging SET judged_on = 'rounded' WHERE period = 'sample' AND rank = 2")
    try:
        rows = classes(inputs, samples)
    finally:
        inputs.con.execute("UPDATE standard.water_judging SET judged_on = 'unrounded' WHERE period = 'sample'")
    assert unrounded == {"oxygen": 4, "ph": 6, "cod": 4}
    # Half to even: 4.95 to 5.0, 9.05 to 9.0, 20.05 to 20.0.
    assert {row["station_code"]: row["class"] for row in rows} == {"oxygen": 3, "ph": 1, "cod": 3}
    assert {row["judged_on"] for row in rows} == {"rounded"}
