"""Yearly statistics of every determinand, on a year of Yorkshire samples with a third of them censored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from assets.water import WATER_REFERENCES
from assets.water.statistics import KEY, WATER_ITEM_YEAR_MART
from sources.adapters import also_reading
from sources.inbox import describe
from sources.reading import read_file
from tests.assets.support_cnemc import with_lineage
from tests.assets.support_water import DATA, SHARED, MemoryInputs, items
from tests.sources.adapters.foreign_water import FOREIGN_WATER


@pytest.fixture(scope="module")
def inputs() -> MemoryInputs:
    return MemoryInputs(WATER_REFERENCES, ("water_samples",))


def samples_of(path: Path) -> pl.DataFrame:
    """A Yorkshire year through the test adapter, as rows of core.water_samples."""
    with also_reading(*FOREIGN_WATER):
        records = read_file(describe(path, "water_samples")).records
    return records.drop("source_sheet", "record_no").pipe(with_lineage)


def plain(samples: pl.DataFrame) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """The statistics worked out one result after another, in exact fractions."""
    groups: dict[tuple[Any, ...], list[tuple[Any, str | None, Any]]] = {}
    for row in samples.iter_rows(named=True):
        key = (row["station_code"], row["sampled_at"].year, row["determinand"], row["fraction"], row["unit"])
        groups.setdefault(key, []).append((row["value"], row["qualifier"], row["detection_limit"]))
    found = {}
    for key, results in groups.items():
        measured = [value for value, sign, _ in results if sign is None]
        below = [limit for _, sign, limit in results if sign == "<"]
        above = [limit for _, sign, limit in results if sign == ">"]
        fixed = sum(map(Fraction, (*measured, *above)), Fraction(0))
        hidden = sum(map(Fraction, below), Fraction(0))
        means = [float((fixed + share * hidden) / len(results)) for share in (Fraction(0), Fraction(1, 2), Fraction(1))]
        found[key] = (
            len(results), len(below), len(above), min(measured, default=None), max(measured, default=None),
            min(below, default=None), max(below, default=None), max(above, default=None), *means,
        )  # fmt: skip
    return found


SHOWN = (
    "samples", "below_detection", "above_range", "lowest", "highest", "lowest_limit", "highest_limit", "highest_range",
    "mean_low", "mean", "mean_high",
)  # fmt: skip


def ours(rows: pl.DataFrame) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    return {
        tuple(row[name] for name in KEY[1:]): tuple(row[name] for name in SHOWN) for row in rows.iter_rows(named=True)
    }


def close(left: dict[Any, tuple[Any, ...]], right: dict[Any, tuple[Any, ...]]) -> Iterator[tuple[Any, Any]]:
    """Keys on which two sets of statistics differ: counts and decimals exactly, means to a double's last digits."""
    for key in left.keys() | right.keys():
        a, b = left.get(key), right.get(key)
        if a is None or b is None or a[:8] != b[:8] or b[8:] != pytest.approx(a[8:], rel=1e-12):
            yield key, (a, b)


def test_a_year_of_yorkshire_keeps_its_censoring(inputs: MemoryInputs) -> None:
    samples = samples_of(DATA / "water" / "foreign" / "yorkshire_2012.csv")
    inputs.clear("core.water_samples")
    inputs.add("core.water_samples", samples)
    rows = inputs.build(WATER_ITEM_YEAR_MART)
    assert list(close(ours(rows), plain(samples))) == []
    totals = rows.select("samples", "below_detection", "above_range").sum().row(0)
    assert totals == (705, 216, 15)
    nickel = rows.filter(station_code="NE-49705089", determinand="nickel", fraction="total").row(0, named=True)
    assert (nickel["samples"], nickel["unit"], nickel["open_above"]) == (11, "ug/L", False)
    assert nickel["mean_low"] <= nickel["mean"] <= nickel["mean_high"]
    wholly = rows.filter(pl.col("below_detection") == pl.col("samples"))
    assert wholly.height > 0 and wholly["lowest"].null_count() == wholly.height and set(wholly["mean_low"]) == {0.0}


def test_the_whole_of_yorkshire_in_2012(inputs: MemoryInputs) -> None:
    path = SHARED / "water" / "uk_ea" / "yorkmon2012.csv"
    if not path.is_file():
        pytest.skip("the full publication is not beside the project (uk_ea)")
    samples = samples_of(path)
    inputs.clear("core.water_samples")
    inputs.add("core.water_samples", samples)
    rows = inputs.build(WATER_ITEM_YEAR_MART)
    assert rows.select("samples", "below_detection", "above_range").sum().row(0) == (91_863, 20_600, 15)
    assert list(close(ours(rows), plain(samples))) == []
    assert rows["determinand"].n_unique() == 76


def test_order_changes_no_digit_and_another_section_changes_nothing(inputs: MemoryInputs) -> None:
    rows = [
        row
        for day in range(1, 29)
        for row in items("A", datetime(2020, 2, day), cod="<0.1" if day % 3 else f"{day}.{day:06d}")
    ]
    inputs.clear("core.water_samples")
    inputs.core("water_samples", rows)
    first = inputs.build(WATER_ITEM_YEAR_MART)
    inputs.clear("core.water_samples")
    inputs.core("water_samples", [*items("B", cod="7"), *reversed(rows)])
    assert inputs.build(WATER_ITEM_YEAR_MART).filter(station_code="A").equals(first)
