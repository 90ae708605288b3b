"""Our classes against the classes that the national network printed for the same samples."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from assets.water import WATER_REFERENCES
from assets.water.fits import WATER_TYPE_FIT_MART
from assets.water.samples import WATER_SAMPLE_CLASS_MART
from assets.water.standards import section_types
from tests.assets.support_cnemc import extract, lake_register, long_layout, snapshot_rows, station_rows
from tests.assets.support_water import DATA, SHARED, MemoryInputs

SNAPSHOTS = SHARED / "water" / "cnemc" / "json"
STATION_FILES = SHARED / "water" / "cnemc" / "csv_by_station"


def present(folder: Path) -> Path:
    if not folder.is_dir():
        pytest.skip(f"the full publication is not beside the project ({folder.name})")
    return folder


@pytest.fixture(scope="module")
def inputs() -> MemoryInputs:
    return MemoryInputs(WATER_REFERENCES, ("water_samples", "stations"))


def classed(inputs: MemoryInputs, samples: pl.DataFrame, *, with_register: bool = True) -> pl.DataFrame:
    inputs.clear("core.water_samples", "core.stations")
    inputs.add("core.water_samples", samples)
    if with_register:
        inputs.add("core.stations", lake_register(DATA / "water" / "lake_sections.csv"))
    return inputs.build(WATER_SAMPLE_CLASS_MART)


def test_every_class_of_a_snapshot_is_ours(inputs: MemoryInputs) -> None:
    rows = classed(inputs, extract(DATA / "water" / "snapshot_2020_07_15.csv"))
    assert rows.height == 59
    assert rows["agrees"].all()
    assert set(rows["values_given"]) == {"unrounded"} == set(rows["judged_on"])
    assert set(rows["item_set"]) == {"automatic_5"}


def test_lake_limits_decide_in_lake_tai(inputs: MemoryInputs) -> None:
    samples = extract(DATA / "water" / "lake_tai_2021_04.csv")
    rows = classed(inputs, samples)
    assert rows.height == 116
    assert rows["agrees"].mean() > 0.98
    as_rivers = classed(inputs, samples, with_register=False)
    assert as_rivers["agrees"].mean() < 0.5
    assert set(as_rivers["water_body_from"]) == {"default"}
    assert as_rivers["class_lake"].equals(rows["class_lake"])


def test_every_classed_row_of_all_snapshots(inputs: MemoryInputs) -> None:
    files = sorted(present(SNAPSHOTS).glob("*/*.json"))
    rows = classed(inputs, long_layout(record for file in files for record in snapshot_rows(file)))
    assert (rows["agrees"].sum(), rows.height) == (13_787, 13_787)


def test_station_files_agree_but_for_rounding_and_classes_of_an_earlier_sample(inputs: MemoryInputs) -> None:
    rows = classed(inputs, long_layout(station_rows(sorted(present(STATION_FILES).rglob("*.csv")))))
    assert rows.height == 8_774
    assert rows["agrees"].mean() > 0.984


def test_the_stored_types_are_the_ones_that_fit_best_and_the_fit_is_counted(inputs: MemoryInputs) -> None:
    classed(inputs, extract(DATA / "water" / "lake_tai_2021_04.csv"))
    fits = {row["station_code"]: row for row in inputs.build(WATER_TYPE_FIT_MART).to_dicts()}
    shown = {code: (row["compared"], row["agree_river"], row["agree_lake"], row["fits"]) for code, row in fits.items()}
    assert shown == {
        "兰山嘴": (25, 0, 25, "lake"),
        "兰山嘴(老)": (25, 23, 1, "river"),
        "拖山": (20, 0, 20, "lake"),
        "胥湖心": (24, 22, 24, "lake"),
        "西山": (22, 0, 22, "lake"),
    }
    stored = dict(section_types().select("station_code", "water_body").iter_rows())
    assert all(stored[code] == row["fits"] for code, row in fits.items())
