"""The standards of air as data: what is loaded equals the texts, and hangs together."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import ibis
import polars as pl
import pytest

from assets.air import AIR_MARTS, AIR_REFERENCES, choices
from assets.air import reference as r
from assets.air import standards as s
from assets.air.cities import CITY_DAY
from assets.air.days import STATION_DAY
from assets.air.means import DAY_ITEMS, PARTS
from assets.air.periods import in_force
from assets.air.standards import (
    agreed_limit,
    agreed_rule,
    hourly_indices,
    hourly_reports,
    index,
    indices,
    of_every_day,
    statistics,
)
from sources.feeds import FEEDS
from tests.assets.support_air import fresh, plain_table, read_rows


@pytest.mark.parametrize("standard", ["api_1996", "hj633_2012", "hj633_2026"])
def test_breakpoints_equal_the_second_transcription(standard: str) -> None:
    scales = index(standard).scales
    loaded = {
        f"{item}_{averaging}": [(Fraction(0), Fraction(0))]
        + [(Fraction(s.high, 1000), Fraction(s.iaqi_high)) for s in scale.segments]
        for (item, averaging), scale in scales.items()
    }
    assert loaded == plain_table(standard)
    other_averaging = {("so2", "1h"), ("o3", "8h")} if standard == "hj633_2012" else set()
    assert {key for key, scale in scales.items() if scale.above is None} == other_averaging


@pytest.mark.parametrize("found", indices(), ids=lambda found: found.standard)
def test_segments_join_and_categories_leave_no_gap(found: object) -> None:
    for scale in index(found.standard).scales.values():  # type: ignore[attr-defined]
        for one, following in zip(scale.segments, scale.segments[1:], strict=False):
            assert (one.high, one.iaqi_high) == (following.low, following.iaqi_low)
            assert one.low < one.high
    bands = r.section(r.AIR_CATEGORY, "categories").filter(standard=found.standard).sort("position")  # type: ignore[attr-defined]
    assert bands["index_low"][0] == (1 if found.standard == "hj633_2026" else 0)  # type: ignore[attr-defined]
    assert bands["index_low"].to_list()[1:] == [*(high + 1 for high in bands["index_high"].drop_nulls())]


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
    assert (agreed_rule("day_hours"), agreed_limit("o3", "8h")) == (20, 160)
    limits = r.section(r.AIR_LIMIT, "limits").filter(pl.col("class") == 2, standard="gb3095_2012")
    stated = {(item, averaging): conc for item, averaging, conc in limits.select("item", "averaging", "conc").rows()}
    rows = r.section(r.AIR_STATISTIC, "statistics").filter("in_index").sort("position")
    in_index = [stated[of] for of in rows.select("pollutant", "averaging").rows()]
    assert in_index == [*map(Decimal, (60, 40, 70, 35, 4, 160))]
    assert {statistic.item for statistic in statistics()} == {"so2", "no2", "pm10", "pm25", "co", "o3_8h"}
    assert all(PARTS % hours == 0 for hours in (6, 7, 8, 20, 21, 22, 23, 24))


def test_items_are_columns() -> None:
    readings = {column.name for column in FEEDS["air_readings"].columns}
    for found in indices():
        assert {item.reading for item in found.items["daily"]} <= set(DAY_ITEMS)
    for found in hourly_indices():
        for report in set(found.items) & set(r.HOURLY_REPORTS.values):
            assert {item.reading for item in found.items[report]} <= readings
    assert all(row.report in index(row.standard).items for row in hourly_reports())
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
        ("hj633_2026", date(2026, 2, 28), False),
        ("hj633_2026", date(2026, 3, 1), True),
        ("hj633_2026", date(2031, 1, 1), True),
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
    at_100 = stored.filter(item="pm25", iaqi_high=100)
    assert dict(at_100.select("standard", "conc_high").rows()) == {"hj633_2012": 75, "hj633_2026": 60}


def test_limits_of_2026_equal_the_second_transcription() -> None:
    """Class II of the transition and the final limits, class I of the final ones, as the facts state them."""
    typed = read_rows("gb3095_2026_limits.csv")
    stored = r.section(r.AIR_LIMIT, "limits")
    for row in typed:
        for column in ("gb3095_2026_transition/2", "gb3095_2026/2", "gb3095_2026/1"):
            standard, area = column.split("/")
            found = stored.filter(
                standard=standard, item=row["item"], averaging=row["averaging"], **{"class": int(area)}
            )
            assert found["conc"].to_list() == ([Decimal(row[column])] if row[column] else []), (row, column)
    assert stored.filter(standard="gb3095_2026").height == 2 * len(typed)


def test_the_index_of_2026_changed_only_for_particles() -> None:
    old, new = index("hj633_2012").scales, index("hj633_2026").scales
    assert set(old) == set(new)
    changed = {key for key in old if old[key].segments != new[key].segments}
    assert changed == {("pm10", "24h"), ("pm25", "24h")}
    at_100 = {key[0]: segment.high for key in changed for segment in new[key].segments if segment.iaqi_high == 100}
    assert at_100 == {"pm10": 120_000, "pm25": 60_000}
    assert (new["so2", "1h"].above, new["o3", "8h"].above) == (200, 300)


def test_every_year_of_an_index_has_at_most_one_set_of_limits() -> None:
    for year in (2013, 2026, 2030, 2031, 2040):
        for found in indices():
            rows = (
                choices.rows(choices.AIR_LIMITS_OF_YEAR, "limits_of_years")
                .filter(standard=found.standard)
                .rows(named=True)
            )
            fits = [row["limits"] for row in rows if (row["first_year"] or year) <= year <= (row["last_year"] or year)]
            expected = {"api_1996": [], "hj633_2012": ["gb3095_2012"]}.get(
                found.standard, ["gb3095_2026" if year > 2030 else "gb3095_2026_transition"]
            )
            assert fits == expected


def test_one_index_is_computed_every_day() -> None:
    assert of_every_day().standard in ("api_1996", "hj633_2012")
    assert {found.standard: found.computed_from for found in indices()} == {
        "api_1996": None, "hj633_2012": None, "hj633_2026": "2026-01-01",
    }  # fmt: skip


def test_documents_that_differ_on_a_shared_number_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = r.section(r.AIR_RULE, "rules")
    other = rules.with_columns(
        value=pl.when(standard="gb3095_2026", rule="day_hours").then(18).otherwise("value").cast(pl.Int64)
    )
    monkeypatch.setattr(s, "_rules", lambda: other)
    with pytest.raises(ValueError, match=r"day_hours: the standards must state one number.*'gb3095_2026': 18"):
        agreed_rule("day_hours")
