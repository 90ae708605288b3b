"""mart.pass_rate: pooled counts, totals, intervals, printed rates, and series that never feed a rate."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from assets.pass_rates.rates import PASS_RATE_MART, period_name
from assets.pass_rates.standards import with_frame
from sources.adapters import ADAPTERS
from tests.assets.support_inspection import batch, built, count, inspection_inputs
from tests.assets.support_water import DATA, MemoryInputs
from warehouse.dirty import dirty_table, mark


def read(name: str) -> list[dict[str, str]]:
    with (DATA / "pass_rates" / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def inputs() -> MemoryInputs:
    return inspection_inputs()


def samr(with_total: bool) -> list[dict[str, Any]]:
    return [
        count(
            int(row["inspected"]),
            int(row["passed"]),
            series="samr_category_table",
            region_code="000000",
            programme="food_sampling",
            category=row["category"],
            period_start=date(2019, 7, 1),
            period_end=date(2019, 12, 31),
            failed=int(row["failed"]),
            published_fail_rate=Decimal(row["published_fail_rate"]),
        )
        for row in read("samr_2019h2.csv")
        if with_total or row["category"] != "all"
    ]


def test_the_published_table_of_2019(inputs: MemoryInputs) -> None:
    rows = built(inputs, samr(with_total=True), [])
    assert rows.height == 36
    categories = rows.filter(pl.col("category") != "all")
    assert (categories["inspected"].sum(), categories["passed"].sum()) == (3_673_579, 3_591_644)
    assert rows["agrees"].all()
    (total,) = rows.filter(pl.col("category") == "all").to_dicts()
    assert (total["inspected"], total["passed"], total["period"], total["counts_from"]) == (
        3_673_579,
        3_591_644,
        "2019H2",
        "published",
    )
    assert total["rate"] == 3_591_644 * 100 / 3_673_579


def test_a_total_is_pooled_only_where_none_is_printed(inputs: MemoryInputs) -> None:
    rows = built(inputs, samr(with_total=False), [])
    (total,) = rows.filter(pl.col("category") == "all").to_dicts()
    assert (total["inspected"], total["passed"], total["counts_from"]) == (3_673_579, 3_591_644, "pooled")
    assert total["agrees"] is None
    assert rows.height == 36


def test_yixing_2021(inputs: MemoryInputs) -> None:
    published = read("yixing_2021.csv")
    rows = built(
        inputs,
        [
            count(
                int(r["inspected"]),
                int(r["passed"]),
                **{k: date.fromisoformat(r[k]) for k in ("period_start", "period_end")},
            )
            for r in published
        ],
        [],
    )
    assert (
        [f"{rate:.2f}" for rate in rows["rate"]] == [r["rate_to_two_digits"] for r in published] == ["99.72", "99.09"]
    )
    assert rows["failed"].to_list() == [3, 9]
    assert rows.height == 2 and rows["period"].to_list() == ["2021-05", "2021-06"], "two rounds stay two"
    for row, (low, high) in zip(rows.to_dicts(), [(99.1720, 99.9038), (98.2865, 99.5224)], strict=True):
        assert (row["ci_low"], row["ci_high"]) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_a_printed_rate_that_its_counts_do_not_give_is_seen(inputs: MemoryInputs) -> None:
    printed = [
        ("a", {"published_rate": Decimal("89.35")}, True),
        ("b", {"published_rate": Decimal("89.3501")}, False),
        ("c", {"published_fail_rate": Decimal("10.65")}, True),
        ("d", {"published_rate": Decimal("89.3"), "published_fail_rate": Decimal("10.6499")}, False),
        ("e", {}, None),
    ]
    # 893 of 1000 is 89.3 % and 10.7 %.
    rows = built(inputs, [count(1000, 893, category=name, **more) for name, more, _ in printed], [])
    found = {row["category"]: row["agrees"] for row in rows.to_dicts() if row["category"] != "all"}
    assert found == {name: agrees for name, _, agrees in printed}


def test_batches_are_counted_by_category_and_year_of_publication(inputs: MemoryInputs) -> None:
    rows = built(
        inputs,
        [],
        [
            batch(1, "pass"),
            batch(2, "fail", repeat_no=2),
            batch(3, "pass", category=None),
            batch(4, "fail", published_on=date(2013, 1, 1)),
            batch(5, "fail", region_code=None),
        ],
    )
    found = {
        (r["year"], r["category"]): (r["inspected"], r["passed"], r["period"], r["counts_from"])
        for r in rows.filter(counted="batch").to_dicts()
    }
    assert found == {
        (2012, "all"): (3, 2, "2012", "batches"),
        (2012, "糕点"): (2, 1, "2012", "batches"),
        (2012, "unstated"): (1, 1, "2012", "batches"),
        (2013, "all"): (1, 0, "2013", "batches"),
        (2013, "糕点"): (1, 0, "2013", "batches"),
    }


@pytest.mark.parametrize("series", ["foodmate_spot_checks", "cqn_news", "rasff_alerts", "a_new_list"])
def test_lists_without_a_denominator_never_feed_a_rate(inputs: MemoryInputs, series: str) -> None:
    assert built(inputs, [], [batch(1, "fail", series=series), batch(2, "pass", series=series)]).is_empty()


def test_every_publication_has_a_frame(inputs: MemoryInputs) -> None:
    read_here = {(a.feed, a.series) for a in ADAPTERS if a.feed in ("spot_checks", "pass_rates")}
    pairs = inputs.given("pairs", pl.DataFrame(sorted(read_here), schema=["feed", "series"], orient="row"))
    framed = inputs.run(with_frame(pairs, inputs.table("standard.series_frame")))
    known = {(row["feed"], row["series"]): row for row in framed.to_dicts()}
    assert set(known) == read_here
    assert known["spot_checks", "foodmate_spot_checks"]["sampling_frame"] == "row_limited"
    assert known["spot_checks", "canonical"]["feeds_rates"]
    assert not [key for key, row in known.items() if row["sampling_frame"] == "unknown"]


def test_wilson_vectors(inputs: MemoryInputs) -> None:
    vectors = read("wilson.csv")
    rows = built(inputs, [count(int(v["inspected"]), int(v["passed"]), category=v["inspected"]) for v in vectors], [])
    found = {row["category"]: (f"{row['ci_low']:.1f}", f"{row['ci_high']:.1f}") for row in rows.to_dicts()}
    assert {v["inspected"]: found[v["inspected"]] for v in vectors} == {
        v["inspected"]: (v["low"], v["high"]) for v in vectors
    }


@pytest.mark.parametrize(("inspected", "passed"), [(0, 0), (9 * 10**18, 10**18)])
def test_no_count_stops_the_night(inputs: MemoryInputs, inspected: int, passed: int) -> None:
    rows = built(inputs, [count(inspected, passed, published_rate=Decimal("12"))], [])
    (row,) = rows.to_dicts()
    assert (row["rate"] is None, row["agrees"]) == (inspected == 0, None if inspected == 0 else False)


PERIODS = [
    ("2012-01-01", "2012-12-31", "2012"),
    ("2012-07-01", "2012-12-31", "2012H2"),
    ("2012-04-01", "2012-06-30", "2012Q2"),
    ("2012-02-01", "2012-02-29", "2012-02"),
    ("2011-02-01", "2011-02-28", "2011-02"),
    ("2012-02-01", "2012-02-28", "2012-02-01/2012-02-28"),
    ("2012-02-01", "2012-04-30", "2012-02-01/2012-04-30"),
    ("2011-07-01", "2012-06-30", "2011-07-01/2012-06-30"),
]


def test_periods_have_names(inputs: MemoryInputs) -> None:
    frame = pl.DataFrame(PERIODS, schema=["start", "end", "name"], orient="row").with_columns(
        pl.col("start", "end").str.to_date()
    )
    table = inputs.given("periods", frame)
    found = inputs.run(table.mutate(found=period_name(table.start, table.end)))
    assert found["found"].to_list() == found["name"].to_list()


def test_only_dirty_region_years_are_computed(inputs: MemoryInputs) -> None:
    whole = built(
        inputs,
        [count(10, 9), count(10, 8, region_code="320000")],
        [batch(1, "pass"), batch(2, "pass", region_code=None)],
    )
    keys = dirty_table(PASS_RATE_MART).name
    inputs.clear(keys)
    inputs.mart = PASS_RATE_MART
    mark(inputs.con, [PASS_RATE_MART], "core.spot_checks", "core.spot_checks")
    assert set(inputs.con.sql(f"FROM {keys}").fetchall()) == {("320282", 2012)}
    part = inputs.run(PASS_RATE_MART.build(inputs)).sort("category", "counts_from", "counted")
    assert (
        part.to_dicts()
        == whole.filter(pl.col("region_code") == "320282").sort("category", "counts_from", "counted").to_dicts()
    )
