"""The standards of air as data: what is loaded equals the texts, and hangs together."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import ibis
import polars as pl
import pytest

from assets.air import AIR_MARTS, AIR_REFERENCES
from assets.air import reference as r
from assets.air.cities import CITY_DAY
from assets.air.days import STATION_DAY
from assets.air.means import DAY_ITEMS, PARTS
from assets.air.periods import in_force
from assets.air.standards import hourly_index, hourly_reports, index, indices, limit, rules, statistics
from sources.feeds import FEEDS
from tests.assets.support_air import fresh, plain_table


def test_breakpoints_equal_the_second_transcription() -> None:
    scales = index("hj633_2012").scales
    loaded = {
        f"{item}_{averaging}": [(Fraction(0), Fraction(0))]
        + [(Fraction(s.high, 1000), Fraction(s.iaqi_high)) for s in scale.segments]
        for (item, averaging), scale in scales.items()
    }
    assert loaded == plain_table()
    assert {key for key, scale in scales.items() if scale.above is None} == {("so2", "1h"), ("o3", "8h")}


@pytest.mark.parametrize("found", indices(), ids=lambda found: found.standard)
def test_segments_join_and_categories_leave_no_gap(found: object) -> None:
    for scale in index(found.standard).scales.values():  # type: ignore[attr-defined]
        for one, following in zip(scale.segments, scale.segments[1:], strict=False):
            assert (one.high, one.iaqi_high) == (following.low, following.iaqi_low)
            assert one.low < one.high
    bands = r.section(r.AIR_CATEGORY, "categories").filter(standard=found.standard).sort("position")  # type: ignore[attr-defined]
    assert bands["index_low"].to_list() == [0, *(high + 1 for high in bands["index_high"].drop_nulls())]


def test_every_row_names_its_source_and_every_column_its_meaning() -> None:
    tables = [*AIR_REFERENCES, *AIR_MARTS]
    for table in (entry.table for entry in tables):
        assert all(column.zh and column.en for column in table.columns), table.name
    for reference in AIR_REFERENCES:
        rows = reference.rows()
        assert rows.height
        for column in {"source", "clause", "confidence", "reason"} & set(rows.columns):
            assert rows[column].null_count() == 0, (reference.table.name, column)


def test_what_could_not_be_confirmed_says_so() -> None:
    by_rule = dict(r.section(r.AIR_RULE, "rules").filter(standard="hj663_2013").select("rule", "confidence").rows())
    assert by_rule["station_share"] == "memory"
    assert by_rule["windows_minimum"] == "secondary"


def test_limits_and_rules() -> None:
    assert [limit("pm25", "year"), limit("co", "24h"), limit("o3", "8h")] == [35, 4, 160]
    assert rules("gb3095_2012")["day_hours"] == 20
    assert [s.limit for s in statistics()] == [
        *map(Decimal, (60, 40, 70, 35, 4, 160)),
        None,
        None,
        None,
        None,
    ]
    assert all(PARTS % hours == 0 for hours in (6, 7, 8, 20, 21, 22, 23, 24))


def test_items_are_columns() -> None:
    readings = {column.name for column in FEEDS["air_readings"].columns}
    for found in indices():
        assert {item.reading for item in found.items["daily"]} <= set(DAY_ITEMS)
    for report in r.HOURLY_REPORTS.values:
        assert {item.reading for item in hourly_index().items[report]} <= readings
    assert {report for _, report in hourly_reports()} <= set(r.HOURLY_REPORTS.values)
    assert set(DAY_ITEMS) <= set(STATION_DAY.names) & set(CITY_DAY.names)


def test_categories_of_marts_are_those_of_the_standards() -> None:
    assert set(r.section(r.AIR_CATEGORY, "categories")["category"]) == set(r.CATEGORIES.values)


def test_marts_read_only_tables_that_are_there() -> None:
    known = {reference.table.name for reference in AIR_REFERENCES} | {mart.name for mart in AIR_MARTS}
    known |= {f"core.{part.name}" for feed in FEEDS.values() for part in feed.parts}
    for mart in AIR_MARTS:
        assert {*mart.reads, *(upstream.table for upstream in mart.upstream)} <= known


@pytest.mark.parametrize(
    ("standard", "day", "holds"),
    [
        ("api_1996", date(2012, 12, 31), True),
        ("api_1996", date(2013, 1, 1), False),
        ("hj633_2012", date(2012, 12, 31), False),
        ("hj633_2012", date(2013, 1, 1), True),
        ("hj633_2012", date(2026, 2, 28), True),
        ("hj633_2012", date(2026, 3, 1), False),
    ],
)
def test_the_switch_of_the_index(standard: str, day: date, holds: bool) -> None:
    region, when = ibis.null("string"), ibis.literal(day)
    assert fresh().run(in_force(standard, region, when).name("holds").as_table())["holds"].to_list() == [holds]


def test_a_region_with_its_own_switch_leaves_the_common_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from assets.air import periods
    from assets.air.standards import Period

    own = (Period("*", "2013-01-01", None), Period("652900", "2016-01-01", None))
    monkeypatch.setattr(periods, "standard_periods", lambda standard: own)
    day = ibis.literal(date(2014, 1, 1))
    answers = {code: in_force("any", ibis.literal(code), day) for code in ("320282", "652900")}
    row = fresh().run(ibis.range(1).unnest().name("n").as_table().select(**answers)).row(0, named=True)
    assert row == {"320282": True, "652900": False}


def test_a_column_that_names_no_pollutant_is_refused() -> None:
    with pytest.raises(ValueError, match="item is none of"):
        r.reference_frame(r.AIR_LIMIT, [{"standard": "x", "item": "dust", "averaging": "24h", "class": "2"}])


def test_tables_hold_what_is_loaded() -> None:
    stored = fresh().con.sql("FROM standard.iaqi_breakpoint").pl()
    assert stored.filter(pl.col("item") == "pm25", pl.col("iaqi_high") == 100)["conc_high"].to_list() == [75]
