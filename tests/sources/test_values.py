"""Printed results, limits, several values in a cell, units: tables of cases in tests/data/sources/*.csv."""

from __future__ import annotations

import csv
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.censored import split_censored
from sources.dates import anchored, timestamps
from sources.limits import KINDS, limits
from sources.numerals import decimals
from sources.quantities import quantities
from sources.several import first_and_repeat, item_list, one_row_each, result_list
from sources.units import accepted_units, converted, factor, units, unknown

DATA = Path(__file__).resolve().parents[1] / "data" / "sources"


def cases(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def one(frame: pl.DataFrame) -> dict[str, object]:
    (row,) = frame.iter_rows(named=True)
    return row


@pytest.mark.parametrize("case", cases("quantities.csv"), ids=lambda case: case["text"])
def test_a_printed_result_is_taken_apart(case: dict[str, str]) -> None:
    found = one(quantities(pl.Series([case["text"]])))
    assert found == {name: case[name] or None for name in ("qualifier", "number", "detection_limit", "unit")}


def test_a_column_of_results_keeps_its_order_and_its_nulls() -> None:
    texts = pl.Series([case["text"] for case in cases("quantities.csv")] + [None, "0.981"])
    alone = [one(quantities(pl.Series([text], dtype=pl.String))) for text in texts]
    assert quantities(texts).rows(named=True) == alone


@given(
    st.sampled_from(["", "<", "＜", ">", "≤"]),
    st.decimals(min_value=0, max_value=10**6, places=4, allow_nan=False),
    st.integers(min_value=-9, max_value=9),
    st.sampled_from(["", "mg/kg", "CFU/g", "g/100mL", "μg/m³", "%"]),
)
@settings(max_examples=80, deadline=None)
def test_sign_number_power_and_unit_are_recovered_exactly(sign: str, number: Decimal, power: int, unit: str) -> None:
    raised = str(power).translate(str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"))
    found = one(quantities(pl.Series([f"{sign}{number}×10{raised}{unit}"])))
    printed = found["detection_limit"] if sign else found["number"]
    exact = decimals(pl.Series([printed]), 38, 15).item()
    assert exact == number * Decimal(10) ** power
    assert found["unit"] == (unit or None)
    assert found["qualifier"] == ({"": None, ">": ">"}.get(sign, "<"))


def test_a_limit_in_its_own_column_is_kept_and_measured_rows_are_not_touched() -> None:
    frame = pl.DataFrame({"value": ["未检出", "<0.5", "3.2"], "detection_limit": ["0.01", None, "0.01"]})
    found = split_censored(frame).select("value", "qualifier", "detection_limit", "value_text")
    assert found.rows() == [(None, "<", "0.01", "未检出"), (None, "<", "0.5", "<0.5"), ("3.2", None, "0.01", None)]


@pytest.mark.parametrize("case", cases("limits.csv"), ids=lambda case: case["text"])
def test_a_printed_limit_is_read(case: dict[str, str]) -> None:
    found = one(limits(pl.Series([case["text"]])))
    assert found["kind"] in (*KINDS, None)
    assert found == {
        "kind": case["kind"] or None,
        "unit": case["unit"] or None,
        **{name: Decimal(case[name]) if case[name] else None for name in ("low", "high")},
        **{name: int(case[name]) if case[name] else None for name in ("n", "c")},
    }


@pytest.mark.parametrize("case", cases("lists.csv"), ids=lambda case: case["text"])
def test_several_in_one_cell_are_cut_in_order(case: dict[str, str]) -> None:
    texts, pieces = pl.Series([case["text"]]), case["pieces"].split("|")
    if case["cut"] == "repeat":
        assert first_and_repeat(texts).row(0) == (pieces[0], pieces[1] if len(pieces) > 1 else None)
    else:
        assert {"items": item_list, "results": result_list}[case["cut"]](texts).item().to_list() == pieces


def test_items_share_out_what_pairs_up_and_nothing_else() -> None:
    frame = pl.DataFrame(
        {
            "source_row": [2, 3, 4],
            "item": ["大肠菌群、霉菌", "铅", "总酸、糖精钠"],
            "result": ["10CFU/g；20CFU/g", "0.1；0.2；0.3", "不合格"],
        }
    )
    assert one_row_each(frame, "item", ("result",)).rows() == [
        (2, "大肠菌群", "10CFU/g"),
        (2, "霉菌", "20CFU/g"),
        (3, "铅", "0.1；0.2；0.3"),
        (4, "总酸", "不合格"),
        (4, "糖精钠", "不合格"),
    ]


def test_times_without_a_year_are_anchored_by_the_days_of_the_file() -> None:
    texts = pl.Series(["12-31 20:00", "01-01 08:00", "1月1日8时", "07-15 08:00", "x"])
    found = anchored(texts, date(2020, 12, 31), date(2021, 1, 1))
    assert found.rows() == [
        (datetime(2020, 12, 31, 20), False),
        (datetime(2021, 1, 1, 8), False),
        (datetime(2021, 1, 1, 8), False),
        (datetime(2020, 7, 15, 8), True),
        (None, False),
    ]


def test_an_order_that_the_publication_declares_settles_what_is_ambiguous() -> None:
    texts = pl.Series(["06-01-2020 17:16:27", "10/11/2021"])
    assert timestamps(texts).to_list() == [None, None]
    assert timestamps(texts, "dmy").to_list() == [datetime(2020, 1, 6, 17, 16, 27), datetime(2021, 11, 10)]
    assert timestamps(texts, "mdy").to_list() == [datetime(2020, 6, 1, 17, 16, 27), datetime(2021, 10, 11)]


@given(st.dates(min_value=date(1970, 1, 1), max_value=date(2068, 12, 31)))
@settings(max_examples=80, deadline=None)
def test_every_written_form_of_a_day_is_that_day(day: date) -> None:
    digits = str(day.year).translate(str.maketrans("0123456789", "〇一二三四五六七八九"))
    forms = [
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{digits}年{chinese(day.month)}月{chinese(day.day)}日",
        f"{day:%y}年{day.month}月{day.day}日",
        f"{day:%B} {day.day}, {day.year}",
        f"{day.day}-{day:%b}-{day.year}",
        str((day - date(1899, 12, 30)).days),
    ]
    assert timestamps(pl.Series(forms)).dt.date().to_list() == [day] * len(forms)


def chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("", "十", "二十", "三十")[tens] + "零一二三四五六七八九"[ones] * bool(ones)


def test_every_factor_agrees_with_pint() -> None:
    """Units that Pint does not know are defined here: money and standard coal, which only scale."""
    import pint

    registry = pint.UnitRegistry(non_int_type=Fraction)
    registry.define("yuan = [currency]")
    registry.define("tce = [standard_coal]")
    registry.define("mho = siemens") if "mho" not in registry else None
    by_base: dict[str, str] = {}
    for spelling, spans in units().items():
        for unit in spans:
            if unit.factor == 1:
                by_base.setdefault(unit.base, unit.pint)
            assert unit.pint, spelling
    wrong = [
        (spelling, unit.factor, ratio)
        for spelling, spans in units().items()
        for unit in spans
        if (ratio := registry(unit.pint).to(registry(by_base[unit.base]).units).magnitude)
        / registry(by_base[unit.base]).magnitude
        != unit.factor
    ]
    assert wrong == []


@given(
    st.lists(
        st.tuples(
            st.decimals(min_value=-(10**6), max_value=10**6, places=7, allow_nan=False),
            st.sampled_from(["mg/L", "ug/L", "μg/L", "g/L", "ng/L", None, "furlong"]),
        ),
        min_size=1,
        max_size=20,
    )
)
@settings(max_examples=60, deadline=None)
def test_conversion_is_exact_and_rounds_once(pairs: list[tuple[Decimal, str | None]]) -> None:
    powers = {"mg/L": 0, "ug/L": -3, "μg/L": -3, "g/L": 3, "ng/L": -6, None: 0}
    found = converted(
        pl.Series([f"{number:f}" for number, _ in pairs]),
        pl.Series([unit for _, unit in pairs], dtype=pl.String),
        "mg/L",
        18,
        6,
    ).to_list()
    assert found == [
        number.scaleb(powers[unit]).quantize(Decimal("0.000001"), rounding=ROUND_HALF_EVEN) if unit in powers else None
        for number, unit in pairs
    ]


def test_units_are_known_by_their_spellings_and_by_nothing_else() -> None:
    assert factor("μg/m³", "mg/m3") == Fraction(1, 1000)
    assert factor("µg/L", "mg/L") == factor("UG/L", "MG/L") == Fraction(1, 1000)
    assert factor("亿元", "万元") == 10_000
    assert factor("mg/kg", "mg/L") is None and factor("ppm", "mg/L") is None
    assert factor("亩", "m²", on=date(1980, 1, 1)) is None
    assert converted(pl.Series(["3"]), pl.Series(["亩"]), "m²", 18, 4).item() == 2000
    assert unknown(pl.Series(["mg/L", None, "xx"]), "mg/L").to_list() == [False, False, True]
    assert "μg/L" in accepted_units("mg/L") and "mg/kg" not in accepted_units("mg/L")
