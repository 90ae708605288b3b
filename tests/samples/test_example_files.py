"""The generated files of the example city: the committed bytes, what they say of themselves, their sums."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from decimal import Decimal
from itertools import pairwise

import pytest

from samples.example_city.__main__ import INBOX, example_files
from samples.example_city.files import PREFIX, ExampleFile, figures, shared_out, spread
from sources.inbox import describe
from sources.reading import read_file

FILES = example_files()
BY_NAME = {file.path: file for file in FILES}


def _rows(path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(BY_NAME[path].content().decode())))


def test_the_committed_files_are_the_generated_ones_byte_for_byte() -> None:
    committed = {str(path.relative_to(INBOX)): path.read_bytes() for path in INBOX.glob(f"*/{PREFIX}*")}
    assert sorted(committed) == sorted(BY_NAME)
    for path, content in committed.items():
        assert content == BY_NAME[path].content(), f"{path}: run `python -m samples.example_city`"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.path)
def test_every_file_reads_whole_and_calls_itself_synthetic(file: ExampleFile) -> None:
    read = read_file(describe(INBOX / file.path, file.feed))
    assert (read.origin, read.published_at_from) == ("synthetic", "content")
    assert read.refused.is_empty()
    assert read.records.height == len(file.rows)


@pytest.mark.parametrize("feed", sorted({file.feed for file in FILES}))
def test_the_note_of_each_folder_names_its_generated_files(feed: str) -> None:
    note = (INBOX / feed / "_README.md").read_text("utf-8")
    assert "synthetic" in note
    for file in FILES:
        if file.feed == feed:
            assert f"`{PREFIX}{file.name}.csv`" in note


def test_a_column_that_the_feed_does_not_know_is_refused() -> None:
    with pytest.raises(KeyError, match="no columns"):
        ExampleFile("emissions", "x", "2016-01-01", [{"tons": 1}]).content()


@pytest.mark.parametrize(("number", "days"), [(0, 365), (1, 365), (14, 365), (20, 366), (365, 365)])
def test_days_are_spread_evenly_and_are_as_many_as_asked(number: int, days: int) -> None:
    found = spread(number, days)
    assert len(found) == number
    gaps = {later - earlier for earlier, later in pairwise(found)}
    assert not gaps or max(gaps) - min(gaps) <= 1


def test_parts_add_up_and_lie_within_one_of_their_share() -> None:
    weights = figures("returns")["towns"]["weights"]
    for total in (0, 1, 7, 620000, 294517):
        parts = shared_out(total, weights)
        assert sum(parts) == total
        assert all(abs(part - Decimal(total) * w / sum(weights)) < 1 for part, w in zip(parts, weights, strict=True))


def test_the_towns_add_up_to_the_city_and_are_eighteen_each_year() -> None:
    city: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    for path in BY_NAME:
        if "returns_20" in path:
            for row in _rows(path):
                if row["region_code"] == "320282" and row.get("denominator"):
                    key = (row["indicator_code"], row["year"])
                    city[key] = (Decimal(row["numerator"]), Decimal(row["denominator"]))
    sums: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0), Decimal(0)])
    codes = defaultdict(set)
    for row in _rows("statistical_returns/example_returns_towns.csv"):
        key = (row["indicator_code"], row["year"])
        numerator, denominator = Decimal(row["numerator"]), Decimal(row["denominator"])
        assert numerator <= denominator
        sums[key] = [a + b for a, b in zip(sums[key], (numerator, denominator, Decimal(1)), strict=True)]
        codes[row["year"]].add(row["region_code"])
    assert set(sums) == {key for key in city if key[0] in figures("returns")["towns"]["indicators"]}
    for key, (numerator, denominator, towns) in sums.items():
        assert (numerator, denominator, towns) == (*city[key], 18)
    # 芳桥 was a town until September 2015 and is a subdistrict with a new code since.
    assert "320282111" in codes["2014"] and "320282005" in codes["2015"] and "320282111" not in codes["2015"]


def test_single_batches_are_those_of_the_figures() -> None:
    samples = figures("inspections")["samples"]
    batches = {row["sample_id"]: row for row in _rows("spot_checks/example_city_batches.csv")}
    for year, number in samples["batches"].items():
        own = [row for row in batches.values() if row["published_on"].startswith(str(year))]
        assert len(own) == number
        assert sum(row["verdict"] == "fail" for row in own) == samples["failed"][year]


def test_categories_never_exceed_their_total() -> None:
    rows = _rows("pass_rates/example_pass_rates.csv")
    key = ("region_code", "programme", "counted", "period_start", "period_end")
    totals = {tuple(row[k] for k in key): row for row in rows if row["category"] == "all"}
    parts: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        if row["category"] != "all" and tuple(row[k] for k in key) in totals:
            own = parts[tuple(row[k] for k in key)]
            own[0] += int(row["passed"])
            own[1] += int(row["inspected"]) - int(row["passed"])
    assert len(parts) > 5
    for which, (passed, failed) in parts.items():
        total = totals[which]
        assert passed <= int(total["passed"])
        assert failed <= int(total["inspected"]) - int(total["passed"])
