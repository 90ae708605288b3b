"""The index of a concentration: vectors, every breakpoint, order, ties, notes, words."""

from __future__ import annotations

import itertools
from decimal import Decimal
from fractions import Fraction
from typing import Any

import ibis
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.air.index import Concentration, assess, category_of_word, iaqi, same_names
from assets.air.standards import Scale, index
from tests.assets.support_air import PLAIN_COLUMNS, fresh, plain_iaqi, plain_table, read_rows

HJ633 = index("hj633_2012")
DAILY = HJ633.items["daily"]


def scale(standard: str, item: str, averaging: str) -> Scale:
    """The scale of a pollutant and averaging, whatever report uses it."""
    return index(standard).scales[item, averaging]


def indices(of: Scale, concs: list[str | None]) -> list[int | None]:
    """The index of each concentration, as the database computes it."""
    warehouse = fresh()
    schema = {"n": pl.Int64, "conc": pl.Decimal(9, 3)}
    rows = [(n, None if c is None else Decimal(c)) for n, c in enumerate(concs)]
    frame = pl.DataFrame(rows, schema, orient="row")
    warehouse.con.register("_concs", frame.to_arrow())
    warehouse.con.execute("CREATE OR REPLACE TEMP TABLE concs AS FROM _concs")
    table = ibis.table({"n": "int64", "conc": "decimal(9, 3)"}, name="concs")
    expression = table.select(n=table.n, iaqi=iaqi(Concentration.of(table.conc), of)).order_by("n")
    return warehouse.run(expression)["iaqi"].to_list()


def test_vectors() -> None:
    cases: dict[tuple[Any, ...], dict[str | None, int | None]] = {}
    for row in read_rows("index_vectors.csv"):
        of = (row["standard"], row["item"], row["averaging"])
        cases.setdefault(of, {})[row["conc"]] = int(row["iaqi"]) if row["iaqi"] else None
    for of, expected in cases.items():
        assert dict(zip(expected, indices(scale(*of), list(expected)), strict=True)) == expected, of


@pytest.mark.parametrize(("standard", "column"), PLAIN_COLUMNS)
def test_every_breakpoint_and_its_neighbours(standard: str, column: str) -> None:
    item, averaging = column.split("_")
    edges = [conc for conc, _ in plain_table(standard)[column]]
    middles = [(low + high) / 2 for low, high in itertools.pairwise(edges)]
    around = [edge + step * Fraction(1, 1000) for edge in [*edges, *middles] for step in (-1, 0, 1)]
    concs = sorted(conc for conc in around if conc >= 0)
    expected = [plain_iaqi(column, conc, standard) for conc in concs]
    found = indices(scale(standard, item, averaging), [str(float(conc)) for conc in concs])
    assert found == expected


@settings(max_examples=12, deadline=None)
@given(
    concs=st.lists(st.integers(0, 999_999_999), min_size=2, max_size=200),
    of=st.sampled_from(PLAIN_COLUMNS),
)
def test_index_is_monotone_and_equals_fractions(concs: list[int], of: tuple[str, str]) -> None:
    standard, column = of
    item, averaging = column.split("_")
    texts: list[str | None] = [str(Decimal(conc).scaleb(-3)) for conc in sorted(concs)]
    found = indices(scale(standard, item, averaging), texts)
    assert found == [plain_iaqi(column, Fraction(text), standard) for text in texts if text]
    known = [value for value in found if value is not None]
    assert known == sorted(known)


def test_an_unrounded_mean_is_exact() -> None:
    # A twenty-fourth of 0.001 above the breakpoint of 100 is 101 already.
    total, of = ibis.literal(75_000 * 24), scale("hj633_2012", "pm25", "24h")
    found = {f"plus_{extra}": iaqi(Concentration(total + extra, 24), of) for extra in (-1, 0, 1)}
    row = fresh().run(ibis.range(1).unnest().name("n").as_table().select(**found)).row(0)
    assert row == (100, 100, 101)


def assessed(*days: dict[str, str]) -> list[dict[str, object]]:
    """The daily index of each day's concentrations."""
    warehouse, names = fresh(), [item.name for item in DAILY]
    rows = [
        {"n": n} | {name: Decimal(day[name]) if name in day else None for name in names} for n, day in enumerate(days)
    ]
    frame = pl.DataFrame(rows, schema={"n": pl.Int64} | {name: pl.Decimal(9, 3) for name in names})
    warehouse.con.register("_days", frame.to_arrow())
    warehouse.con.execute("CREATE OR REPLACE TEMP TABLE days AS FROM _days")
    table = ibis.table({"n": "int64"} | dict.fromkeys(names, "decimal(9, 3)"), name="days")
    answer = assess(table, HJ633, DAILY, {name: Concentration.of(table[name]) for name in names})
    return warehouse.run(answer.order_by("n")).rows(named=True)


def test_worked_example_of_a_day() -> None:
    (row,) = assessed({"pm25": "120", "pm10": "180", "so2": "65", "no2": "150", "co": "8", "o3_8h": "200"})
    parts = {name: row[f"iaqi_{name}"] for name in ("pm25", "pm10", "so2", "no2", "co", "o3_8h")}
    assert parts == {"pm25": 158, "pm10": 115, "so2": 58, "no2": 135, "co": 120, "o3_8h": 137}
    assert (row["aqi"], row["primary_pollutants"], row["category"]) == (158, "pm25", "moderate")
    assert row["exceeding"] == "no2,pm10,pm25,co,o3_8h"


def test_ties_are_all_primary_in_the_standards_order() -> None:
    (row,) = assessed({"pm25": "75", "pm10": "150", "so2": "20", "no2": "80", "o3": "200"})
    assert (row["aqi"], row["primary_pollutants"], row["exceeding"]) == (100, "no2,pm10,pm25,o3", "")


def test_no_primary_pollutant_up_to_fifty() -> None:
    assert [row["primary_pollutants"] for row in assessed({"pm25": "35"}, {"pm25": "35.001"})] == ["", "pm25"]


def test_ozone_above_800_takes_the_one_hour_index() -> None:
    (row,) = assessed({"o3_8h": "850", "o3": "900", "pm25": "10"})
    assert (row["iaqi_o3_8h"], row["iaqi_o3"], row["aqi"], row["primary_pollutants"]) == (
        None,
        350,
        350,
        "o3",
    )


def test_a_missing_pollutant_is_left_out_and_nothing_gives_nothing() -> None:
    some, nothing = assessed({"pm10": "60"}, {})
    assert some["aqi"] == 55
    assert [nothing[name] for name in ("aqi", "primary_pollutants", "exceeding", "category")] == [None] * 4


def test_category_edges() -> None:
    edges = ("35", "35.1", "75", "75.1", "115", "115.1", "150", "150.1", "250", "250.1")
    codes = [row["category"] for row in assessed(*({"pm25": edge} for edge in edges))]
    assert codes == [
        "excellent", "good", "good", "light", "light", "moderate", "moderate", "heavy", "heavy", "severe",
    ]  # fmt: skip


def test_words_of_publications_and_sets_of_names() -> None:
    words = ["轻度", "轻度污染", "优秀", None]
    codes = {f"w{n}": category_of_word(ibis.literal(word, "string"), HJ633.categories) for n, word in enumerate(words)}
    lists = ["pm25,pm10", "pm10", "", None]
    same = {
        f"s{n}": same_names(ibis.literal("pm10,pm25"), ibis.literal(other, "string")) for n, other in enumerate(lists)
    }
    row = fresh().run(ibis.range(1).unnest().name("n").as_table().select(**codes, **same)).row(0)
    assert row == ("light", "light", None, None, True, False, False, None)
