"""Spellings of numbers, dates, codes and file names: pairs in tests/data/sources/*.csv."""

from __future__ import annotations

import csv
from datetime import date, datetime
from decimal import Decimal, localcontext
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.conform import coded
from sources.dates import dates, timestamps
from sources.feeds import FEEDS
from sources.numerals import decimals, integers
from sources.published import named_days, named_publication

DATA = Path(__file__).resolve().parents[1] / "data" / "sources"


def cases(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.parametrize("case", cases("numbers.csv"), ids=lambda case: f"{case['text']}→{case['expected']}")
def test_a_number_is_read_exactly(case: dict[str, str]) -> None:
    width, scale = int(case["width"]), int(case["scale"])
    found = decimals(pl.Series([case["text"]]), width, scale, percent=case["percent"] == "yes")
    assert found.dtype == pl.Decimal(width, scale)
    assert found.item() == (Decimal(case["expected"]) if case["expected"] else None)


def test_a_column_of_numbers_keeps_its_order() -> None:
    texts = pl.Series([case["text"] for case in cases("numbers.csv")] + [None])
    together = decimals(texts, 38, 10, percent=True).to_list()
    alone = [decimals(pl.Series([text], dtype=pl.String), 38, 10, percent=True).item() for text in texts]
    assert together == alone


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=9, allow_nan=False, allow_infinity=False))
@settings(max_examples=60, deadline=None)
def test_rounding_is_half_even_like_decimal(number: Decimal) -> None:
    expected = number.quantize(Decimal("0.0001"), rounding="ROUND_HALF_EVEN")
    assert decimals(pl.Series([format(number, "f")]), 18, 4).item() == expected
    assert decimals(pl.Series([f"{number:e}"]), 18, 4).item() == expected


@given(
    st.lists(
        st.from_regex(r"[+-]?[0-9]{1,7}(\.[0-9]{0,3}[05]{0,40}[0-9]?)?([eE][+-]?[0-9])?", fullmatch=True), min_size=1
    )
)
@settings(max_examples=100, deadline=None)
def test_a_column_of_any_length_of_digits_is_read_like_decimal(texts: list[str]) -> None:
    step, top = Decimal("0.001"), 10**6
    with localcontext(prec=100):
        exact = [Decimal(text).quantize(step, rounding="ROUND_HALF_EVEN") for text in texts]
    expected = [number if abs(number) < top else None for number in exact]
    assert decimals(pl.Series(texts), 9, 3).to_list() == expected


@pytest.mark.parametrize("case", cases("integers.csv"), ids=lambda case: f"{case['text']}→{case['expected']}")
def test_an_integer_is_read_exactly(case: dict[str, str]) -> None:
    assert integers(pl.Series([case["text"]])).item() == (int(case["expected"]) if case["expected"] else None)


@pytest.mark.parametrize("case", cases("moments.csv"), ids=lambda case: f"{case['text']}→{case['expected']}")
def test_a_date_or_time_is_read(case: dict[str, str]) -> None:
    expected = datetime.fromisoformat(case["expected"]) if case["expected"] else None
    assert timestamps(pl.Series([case["text"]])).item() == expected
    assert dates(pl.Series([case["text"]])).item() == (expected.date() if expected else None)


@pytest.mark.parametrize("case", cases("codes.csv"), ids=lambda case: f"{case['column']}:{case['text']}")
def test_a_published_word_becomes_its_code(case: dict[str, str]) -> None:
    codes = FEEDS[case["feed"]].column(case["column"]).codes
    assert codes is not None
    assert coded(codes, pl.Series([case["text"]])).item() == (case["expected"] or None)


@pytest.mark.parametrize("case", cases("names.csv"), ids=lambda case: case["name"])
def test_a_file_name_tells_its_days(case: dict[str, str]) -> None:
    days = named_days(case["name"])
    first, last = (date.fromisoformat(case[part]) if case[part] else None for part in ("first", "last"))
    assert (days.first if days else None, days.last if days else None) == (first, last)
    published = datetime.fromisoformat(case["published"]) if case["published"] else None
    assert named_publication(case["name"]) == published
