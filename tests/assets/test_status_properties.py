"""What must hold of verdicts whatever the numbers are, and the whole plan at once."""

from __future__ import annotations

from datetime import date
from functools import cache

import ibis
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.plan.load import load_plan
from assets.status.marts import INDICATOR_STATUS_MART, REFERENCES
from assets.status.words import STATUS, STATUSES
from tests.assets.support_plan import BUNDLED, MemoryInputs, small_plan, value_row

#: A higher rank is a better verdict; what waits for time or data stands between failure and success.
RANK = {
    "missed": 0,
    "behind": 0,
    "slipped": 0,
    "no_data": 1,
    "insufficient_data": 1,
    "not_due": 1,
    "on_track": 2,
    "met": 2,
}
HIGHER, LOWER = "at_least", "at_most"
YEARS = (2012, 2013, 2015)
SIZE = 30


@cache
def _inputs() -> tuple[MemoryInputs, str]:
    """Every comparator and its twin, `worse` and `better`; with the SQL of the mart, compiled once."""
    inputs = MemoryInputs()
    targets = {
        HIGHER: {2012: {"value": 80}, 2015: {"value": 90}},
        LOWER: {2012: {"value": 90}, 2015: {"value": 80}},
    }
    plan = small_plan(
        {
            "code": f"{comparator}_{number}_{side}",
            "comparator": comparator,
            "targets": targets[comparator],
            "path": "straight_line",
            "better": "higher" if comparator == HIGHER else "lower",
        }
        for comparator in (HIGHER, LOWER)
        for number in range(SIZE)
        for side in ("worse", "better")
    )
    inputs.plan(plan)
    return inputs, str(ibis.to_sql(INDICATOR_STATUS_MART.build(inputs), dialect="duckdb"))


level = st.integers(700, 1000).map(lambda tenths: tenths / 10)
pair = st.tuples(level, level, level | st.none(), st.sampled_from(YEARS), st.booleans())


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    pairs=st.lists(pair, min_size=SIZE, max_size=SIZE),
    as_of=st.sampled_from([date(2012, 7, 1), date(2013, 12, 31), date(2015, 6, 30), date(2016, 6, 30)]),
)
def test_a_better_value_never_gets_a_worse_status(
    pairs: list[tuple[float, float, float | None, int, bool]], as_of: date
) -> None:
    inputs, sql = _inputs()
    rows = []
    for comparator in (HIGHER, LOWER):
        for number, (one, other, before, year, complete) in enumerate(pairs):
            ordered = sorted((one, other), reverse=comparator == LOWER)
            for side, value in zip(("worse", "better"), ordered, strict=True):
                code = f"{comparator}_{number}_{side}"
                rows.append(value_row(code, year, value, complete=complete))
                if before is not None:
                    rows.append(value_row(code, year - 1, before))
    inputs.values(rows)
    inputs.as_of(as_of)
    found = {
        (row[0], row[1]): row[2]
        for row in inputs.con.execute(f"SELECT indicator, year, status FROM ({sql})").fetchall()
    }
    for comparator in (HIGHER, LOWER):
        for number, (*_, year, _complete) in enumerate(pairs):
            worse = found[f"{comparator}_{number}_worse", year]
            better = found[f"{comparator}_{number}_better", year]
            assert RANK[better] >= RANK[worse], (comparator, pairs[number], worse, better)


history = st.tuples(*(level | st.none() for _ in range(4)), st.booleans())


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    histories=st.lists(history, min_size=SIZE, max_size=SIZE),
    as_of=st.sampled_from([date(2013, 7, 1), date(2014, 12, 31), date(2016, 6, 30)]),
)
def test_the_mirror_image_of_a_value_gets_the_same_status(
    histories: list[tuple[float | None, float | None, float | None, float | None, bool]], as_of: date
) -> None:
    """The two targets mirror each other around 85: at least 80, then 90; at most 90, then 80."""
    inputs, sql = _inputs()
    rows = []
    for number, (*values, complete) in enumerate(histories):
        for year, value in enumerate(values, 2012):
            if value is not None:
                rows.append(value_row(f"{HIGHER}_{number}_worse", year, value, complete=complete))
                rows.append(value_row(f"{LOWER}_{number}_worse", year, 170 - value, complete=complete))
    inputs.values(rows)
    inputs.as_of(as_of)
    found = inputs.con.sql(
        f"SELECT regexp_replace(indicator, '^at_(least|most)_', '') AS twin, year, count(*) AS twins, "
        f"count(DISTINCT status) AS words, count(DISTINCT finding) AS findings FROM ({sql}) GROUP BY ALL"
    ).pl()
    assert found["twins"].unique().to_list() == [2]
    assert found.filter((pl.col("words") > 1) | (pl.col("findings") > 1)).rows() == []


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories=st.lists(history, min_size=SIZE, max_size=SIZE), known=st.sampled_from([2012, 2013, 2014]))
def test_a_past_year_does_not_depend_on_later_data(
    histories: list[tuple[float | None, float | None, float | None, float | None, bool]], known: int
) -> None:
    inputs, sql = _inputs()
    rows = [
        value_row(f"{comparator}_{number}_worse", year, value, complete=complete)
        for comparator in (HIGHER, LOWER)
        for number, (*values, complete) in enumerate(histories)
        for year, value in enumerate(values, 2012)
        if value is not None
    ]
    inputs.as_of(date(2016, 6, 30))
    inputs.values(rows)
    past = f"SELECT * FROM ({sql}) WHERE year <= {known} ORDER BY ALL"
    with_all = inputs.con.execute(past).fetchall()
    inputs.values([row for row in rows if row["year"] <= known])
    assert inputs.con.execute(past).fetchall() == with_all


@pytest.fixture(scope="module")
def whole_plan() -> MemoryInputs:
    inputs = MemoryInputs()
    inputs.plan(load_plan(BUNDLED))
    for reference in REFERENCES:
        inputs.frame(reference.table.name, reference.rows())
    return inputs


def _statuses(inputs: MemoryInputs) -> pl.DataFrame:
    return inputs.con.sql(_inputs()[1]).pl()


def test_every_indicator_stands_for_every_year(whole_plan: MemoryInputs) -> None:
    found = _statuses(whole_plan)
    assert found.height == 121 * 4
    assert found.select("indicator", "year").n_unique() == 121 * 4
    assert found["headline"].all()
    assert set(found["status"]) == {"no_data", "reported"}
    over = found.filter(pl.col("status") == "reported")
    assert set(over["indicator"]) == {"quality_credit_evaluation_share"}
    assert sorted(over["year"]) == [2013, 2014, 2015]
    air = found.filter(pl.col("indicator") == "air_good_day_rate")
    assert set(air["definition"]) == {"api"}
    assert air["reason"].str.contains("air monitoring (inbox folder air_readings)", literal=True).all()


def test_the_composite_index_says_whose_definition_it_is(whole_plan: MemoryInputs) -> None:
    found = _statuses(whole_plan).filter(pl.col("indicator") == "env_quality_composite_index")
    assert found["reason"].str.contains("Definition proposed, not in the plan.", literal=True).all()
    assert found["reason_zh"].str.contains("指标定义为建议口径", literal=True).all()


def test_values_of_other_regions_and_before_the_plan_are_not_judged(whole_plan: MemoryInputs) -> None:
    given = {"plan": "yixing-2012", "definition": "api"}
    whole_plan.values(
        [
            value_row("air_good_day_rate", 2011, 90, **given),
            value_row("air_good_day_rate", 2013, 99, **given | {"region_code": "320000"}),
            value_row("air_good_day_rate", 2016, 70, **given),
            value_row("air_good_day_rate", 2017, 60, **given | {"definition": "aqi", "headline": False}),
        ]
    )
    found = _statuses(whole_plan)
    whole_plan.values([])
    assert set(found["region_code"]) == {"320282"}
    assert found.height == 121 * 4 + 2
    later = found.filter(pl.col("year") > 2015).sort("year")
    assert list(later.select("year", "status", "headline").iter_rows()) == [
        (2016, "not_due", True),
        (2017, "not_due", False),
    ]
    air = found.filter(pl.col("indicator") == "air_good_day_rate", pl.col("year") == 2013)
    assert list(air["status"]) == ["no_data"]


def test_status_words_are_the_closed_set(whole_plan: MemoryInputs) -> None:
    words = whole_plan.con.sql("FROM meta.status ORDER BY position").pl()
    assert tuple(words["code"]) == STATUSES.values
    assert tuple(words.columns) == STATUS.names
    assert words.height == 10
    assert dict(words.select("code", "zh").iter_rows())["behind"] == "落后序时进度"
