"""Drinking-water sources: verdicts of months, rates by volume and by count, the contribution."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from assets.contribution import CONTRIBUTION
from assets.water import WATER_REFERENCES, water_contribution
from assets.water.means import WATER_ITEM_MONTH_MART
from assets.water.source_rates import SOURCE_COMPLIANCE_MART
from assets.water.sources import SOURCE_MONTH_MART
from tests.assets.support_water import MemoryInputs, items, station
from warehouse.dirty import dirty_table, mark

MARTS = (WATER_ITEM_MONTH_MART, SOURCE_MONTH_MART, SOURCE_COMPLIANCE_MART)


@pytest.fixture(scope="module")
def inputs() -> MemoryInputs:
    return MemoryInputs(WATER_REFERENCES, ("water_samples", "stations", "source_intakes"))


def intake(source: str, month: int, volume: str, section: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "source_code": source,
        "month": date(2012, month, 1),
        "region_code": "320282",
        "station_code": section or source,
        "intake_10k_t": Decimal(volume),
    } | more


def build(
    inputs: MemoryInputs,
    intakes: list[dict[str, Any]],
    samples: list[dict[str, Any]],
    *stations: dict[str, Any],
) -> dict[str, Any]:
    inputs.clear("core.water_samples", "core.stations", "core.source_intakes")
    inputs.core("source_intakes", intakes)
    inputs.core("water_samples", samples)
    inputs.core("stations", stations)
    (row,) = inputs.build(*MARTS).to_dicts()
    return row


def verdicts(inputs: MemoryInputs) -> list[bool | None]:
    return inputs.rows(SOURCE_MONTH_MART.table)["compliant"].to_list()


def month(number: int) -> datetime:
    return datetime(2012, number, 15)


def test_a_full_year_by_volume_and_by_count(inputs: MemoryInputs) -> None:
    """横山水库 and 油车水库 with their volumes of December 2023; one month of the smaller one fails."""
    intakes = [row for m in range(1, 13) for row in (intake("横山水库", m, "702"), intake("油车水库", m, "353"))]
    samples = [row for m in range(1, 13) for row in items("横山水库", month(m), cod="20")]
    samples += [row for m in range(1, 13) for row in items("油车水库", month(m), cod="20.000001" if m == 5 else "15")]
    row = build(inputs, intakes, samples)
    assert (row["volume_total_10k_t"], row["volume_compliant_10k_t"]) == (12 * 1055, 12 * 1055 - 353)
    assert row["volume_rate"] == pytest.approx(100 * (12 * 1055 - 353) / (12 * 1055), abs=1e-12)
    assert (row["sources"], row["sources_compliant"], row["count_rate"]) == (2, 1, 50.0)
    assert (row["months_complete"], row["complete"]) == (12, True)
    values = {r["definition"]: r for r in inputs.contributed(water_contribution).to_dicts()}
    assert set(values) == {"volume", "volume_exempt", "count"}
    assert [name for name, value in values.items() if value["headline"]] == ["volume"]
    assert (values["volume"]["value"], values["volume"]["n"]) == (row["volume_rate"], 24)
    assert (values["count"]["numerator"], values["count"]["denominator"]) == (1, 2)
    assert {value["indicator"] for value in values.values()} == {"drinking_source_compliance"}
    assert list(values["volume"]) == [column.name for column in CONTRIBUTION]


def test_a_month_without_water_data_is_incomplete_and_never_compliant(inputs: MemoryInputs) -> None:
    row = build(inputs, [intake("a", 1, "60"), intake("a", 2, "40")], items("a", month(1), cod="10"))
    assert verdicts(inputs) == [True, None]
    assert (row["volume_rate"], row["count_rate"]) == (60.0, 0.0)
    assert (row["months_complete"], row["source_months_judged"], row["complete"]) == (1, 1, False)


def test_without_any_verdict_there_is_no_rate(inputs: MemoryInputs) -> None:
    row = build(inputs, [intake("a", 1, "60")], [])
    assert (row["volume_rate"], row["count_rate"], row["complete"]) == (None, None, False)
    assert inputs.contributed(water_contribution)["value"].null_count() == 3


def test_a_source_that_is_missing_in_a_month_leaves_the_month_incomplete(inputs: MemoryInputs) -> None:
    samples = [row for name in "ab" for m in (1, 2) for row in items(name, month(m), cod="10")]
    row = build(inputs, [intake("a", 1, "1"), intake("b", 1, "1"), intake("a", 2, "1")], samples)
    assert (row["volume_rate"], row["months_complete"]) == (100.0, 1)


def test_lake_phosphorus_is_the_exempt_item(inputs: MemoryInputs) -> None:
    samples = items("a", month(1), total_phosphorus="0.06", cod="10")
    row = build(inputs, [intake("a", 1, "10")], samples, station("a", water_body="lake"))
    assert (row["volume_rate"], row["volume_rate_exempt"]) == (0.0, 100.0)
    row = build(inputs, [intake("a", 1, "10")], samples, station("a", water_body="river"))
    assert (row["volume_rate"], row["volume_rate_exempt"]) == (100.0, 100.0)
    row = build(inputs, [intake("a", 1, "10")], items("a", month(1), total_phosphorus="0.21"))
    assert (row["volume_rate"], row["volume_rate_exempt"]) == (0.0, 0.0)


def test_items_of_table_2_count_at_sources(inputs: MemoryInputs) -> None:
    build(
        inputs,
        [intake("a", 1, "1"), intake("b", 1, "1")],
        [
            *items("a", month(1), iron="0.3", cod="9"),
            *items("b", month(1), iron="0.31", cod="9", total_nitrogen="9"),
        ],
    )
    rows = inputs.rows(SOURCE_MONTH_MART.table).to_dicts()
    assert [(row["compliant"], row["failing_parameters"]) for row in rows] == [(True, ""), (False, "iron")]


def test_one_publication_judges_a_section(inputs: MemoryInputs) -> None:
    bad = {"series": "canonical", "origin": "synthetic"}
    samples = [
        *items("a", month(1), cod="10", more={"series": "cnemc_water_csv"}),
        *items("a", month(1), cod="30", bod5="9", more={"series": "another"}),
        *items("a", month(1), cod="50", more=bad),
    ]
    build(inputs, [intake("a", 1, "1"), intake("a", 1, "9", series="another")], samples)
    (row,) = inputs.rows(SOURCE_MONTH_MART.table).to_dicts()
    assert (row["water_series"], row["intake_series"], row["compliant"]) == (
        "cnemc_water_csv",
        "canonical",
        True,
    )
    assert row["origin"] == "real"


def test_the_printed_verdict_is_compared(inputs: MemoryInputs) -> None:
    build(inputs, [intake("a", 1, "1", published_compliant=True)], items("a", month(1), cod="30"))
    assert inputs.rows(SOURCE_MONTH_MART.table)["agrees"].to_list() == [False]


def test_new_water_data_reach_the_year_of_the_source(inputs: MemoryInputs) -> None:
    build(
        inputs,
        [intake("a", 1, "1"), intake("b", 1, "1", section="c")],
        items("c", month(1), cod="1"),
        station("c"),
    )
    keys = dirty_table(SOURCE_MONTH_MART).name
    for table in ("mart.water_item_month", "core.stations", "core.source_intakes"):
        inputs.clear(keys)
        mark(inputs.con, [SOURCE_MONTH_MART], table, table)
        assert set(inputs.con.sql(f"FROM {keys}").fetchall()) == {("320282", 2012)}
