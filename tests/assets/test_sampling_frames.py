"""Lists without a denominator never become a rate, and schemes that differ never become one rate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from assets.pass_rates.standards import SERIES_FRAME, with_frame
from assets.spot_checks import batches as batches_module
from sources.adapters import ADAPTERS, also_reading
from sources.inbox import describe
from sources.outcome import Reading
from sources.reading import read_file
from tests.assets.support_inspection import built, inspection_inputs
from tests.assets.support_water import CORE, LINEAGE, MemoryInputs
from tests.sources.adapters.foreign_inspection import FOREIGN_INSPECTION

ROOT = Path(__file__).resolve().parents[2]
CASES, EXTRACTS = ROOT / "tests" / "data" / "sources", ROOT / "tests" / "data" / "inspection"
SHARED = ROOT.parent / "shared" / "data" / "inspection"

whole = pytest.mark.skipif(not SHARED.is_dir(), reason="the full publications are not beside the project")


@pytest.fixture(scope="module")
def inputs() -> MemoryInputs:
    return with_foreign_frames()


def with_foreign_frames() -> MemoryInputs:
    """With frames for the foreign publications that list every inspection."""
    made = inspection_inputs()
    named = {
        "feed": "spot_checks",
        "frame": "all_batches",
        "feeds_rates": True,
        "rank": 20,
        "reason": "x",
        "source": "x",
    }
    listed = [a.series for a in FOREIGN_INSPECTION if a.sampling_frame] + ["uk_fhis"]
    rows = [named | {"series": series} for series in listed]
    made.add(SERIES_FRAME.name, pl.DataFrame(rows, schema=SERIES_FRAME.polars_schema, orient="row"))
    return made


def read(path: Path) -> Reading:
    with also_reading(*FOREIGN_INSPECTION):
        return read_file(describe(path, "spot_checks"))


def facts(reading: Reading, **more: Any) -> list[dict[str, Any]]:
    """The samples of a file as core rows, one each."""
    columns = set(CORE["spot_checks"].names)
    rows = reading.records.with_columns(
        sample_id=pl.coalesce("sample_id", "_identity"), series=pl.lit(reading.series)
    ).unique("sample_id")
    return [LINEAGE | {k: v for k, v in row.items() if k in columns} | more for row in rows.to_dicts()]


def totals(rows: pl.DataFrame) -> dict[tuple[str, str], tuple[int, int]]:
    """(series, region) → inspected, passed over all years."""
    sums = rows.filter(category="all", counted="batch").group_by("series", "region_code")
    found = sums.agg(pl.col("inspected").sum(), pl.col("passed").sum()).rows()
    return {(series, region): (inspected, passed) for series, region, inspected, passed in found}


WITHOUT_DENOMINATOR = [
    CASES / "spot_checks_items.csv", CASES / "spot_checks_16col.csv", CASES / "spot_checks_gb18030.csv",
    CASES / "cqn_2019.csv", EXTRACTS / "rasff.csv",
]  # fmt: skip


@pytest.mark.parametrize("path", WITHOUT_DENOMINATOR, ids=lambda path: path.name)
def test_lists_of_failures_and_cut_lists_give_no_rate(inputs: MemoryInputs, path: Path) -> None:
    """Although their batches are there, and even with a region."""
    batches = facts(read(path), region_code="320282")
    assert batches
    assert built(inputs, [], batches).is_empty()
    frames = inputs.given("named", pl.DataFrame({"feed": ["spot_checks"], "series": [batches[0]["series"]]}))
    (row,) = inputs.run(with_frame(frames, inputs.table(SERIES_FRAME.name))).to_dicts()
    assert row["sampling_frame"] in ("failures_only", "row_limited") and not row["feeds_rates"]


@whole
@pytest.mark.parametrize("name", ["cn_spotcheck/cn_2022_soy_starch.csv", "cn_spotcheck/cqn_2019_no_header.csv"])
def test_whole_lists_give_no_rate_either(inputs: MemoryInputs, name: str) -> None:
    assert built(inputs, [], facts(read(SHARED / name), region_code="320282")).is_empty()


def test_what_an_adapter_says_of_its_frame_is_what_the_standard_says(inputs: MemoryInputs) -> None:
    told = {a.series: a.sampling_frame for a in ADAPTERS if a.feed == "spot_checks" and a.sampling_frame is not None}
    pairs = pl.DataFrame({"feed": ["spot_checks"] * len(told), "series": list(told)})
    known = inputs.run(with_frame(inputs.given("told", pairs), inputs.table(SERIES_FRAME.name)))
    assert dict(known.select("series", "feeds_rates").iter_rows()) == told


def test_the_scottish_scheme_is_never_mixed_in(inputs: MemoryInputs) -> None:
    """Two authorities, each of one scheme; also under one region their rates stay two."""
    batches = [*facts(read(EXTRACTS / "102.csv")), *facts(read(EXTRACTS / "788.csv"))]
    assert totals(built(inputs, [], batches)) == {("uk_fhrs", "GB-102"): (17, 9), ("uk_fhis", "GB-788"): (9, 6)}
    merged = [row | {"region_code": "GB"} for row in batches]
    assert totals(built(inputs, [], merged)) == {("uk_fhrs", "GB"): (17, 9), ("uk_fhis", "GB"): (9, 6)}


def test_toronto_counts_inspections_and_not_rows(inputs: MemoryInputs) -> None:
    assert totals(built(inputs, [], facts(read(EXTRACTS / "dinesafe_2010.csv")))) == {
        ("toronto_dinesafe", "CA-TORONTO"): (14, 10)
    }


@whole
@pytest.mark.parametrize(("choice", "passed"), [("no", 3102), ("yes", 3102 + 655)])
def test_chicago_by_both_definitions(choice: str, passed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """64.96 % or 78.68 %: whether a pass with conditions is a pass is a setting."""
    shipped = batches_module.setting
    monkeypatch.setattr(
        batches_module, "setting", lambda name: choice if name == "conditional_passes" else shipped(name)
    )
    batches = facts(read(SHARED / "chicago" / "train_20140830.csv"))
    rows = built(with_foreign_frames(), [], batches)
    assert totals(rows) == {("chicago_food_inspections", "US-CHICAGO"): (4775, passed)}
