"""docs/pass-rates.md: every number of it is computed again from the data that it names."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import polars as pl
import pytest
from statsmodels.stats.proportion import proportion_confint

from assets.spot_checks.standards import setting
from pipelines.settings import PROJECT
from sources.adapters import also_reading
from sources.feeds.inspection import COUNTED
from sources.inbox import describe
from sources.reading import read_file
from tests.sources.adapters.foreign_inspection import FOREIGN_INSPECTION

PAGE = " ".join((PROJECT / "docs" / "pass-rates.md").read_text("utf-8").split())
DATA = PROJECT / "tests" / "data" / "pass_rates"
SHARED = PROJECT.parent / "shared" / "data" / "inspection"

whole = pytest.mark.skipif(not SHARED.is_dir(), reason="the full publications are not beside the project")


def rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def percent(passed: int, inspected: int) -> str:
    return f"{100 * passed / inspected:.2f} %"


SAMR = {row["category"]: (int(row["passed"]), int(row["inspected"])) for row in rows("samr_2019h2.csv")}
PUBLISHED = {row["what"]: (int(row["passed"]), int(row["inspected"])) for row in rows("published.csv")}


def records(name: str) -> pl.DataFrame:
    with also_reading(*FOREIGN_INSPECTION):
        return read_file(describe(SHARED / name, "spot_checks")).records


@pytest.mark.parametrize("category", ["特殊医学用途配方食品", "乳制品"])
def test_few_and_many(category: str) -> None:
    passed, inspected = SAMR[category]
    low, high = (100 * end for end in proportion_confint(passed, inspected, 0.05, "wilson"))
    line = f"| {category} | {passed:,} | {inspected:,} | {percent(passed, inspected)} | {low:.2f}–{high:.2f} |"
    assert line in PAGE


def test_rates_that_were_averaged() -> None:
    categories = [counts for name, counts in SAMR.items() if name != "all"]
    mean = sum(100 * passed / inspected for passed, inspected in categories) / len(categories)
    assert len(categories) == 35 and f"mean of the 35 category rates of that table is {mean:.2f} %" in PAGE
    passed, inspected = SAMR["all"]
    assert f"The batches say {percent(passed, inspected)}: {passed:,} of {inspected:,}" in PAGE
    passed, inspected = SAMR["餐饮食品"]
    assert f"{inspected:,} of them, with {percent(passed, inspected)}" in PAGE
    rounds = [(int(row["passed"]), int(row["inspected"])) for row in rows("yixing_2021.csv")]
    told = " and ".join(f"{passed:,} of {inspected:,}" for passed, inspected in rounds)
    assert f"({told}) are two facts" in PAGE
    assert f"{sum(p for p, _ in rounds):,} of {sum(n for _, n in rounds):,}" in PAGE


def test_batches_and_enterprises() -> None:
    for unit, verb in (("batches", " are"), ("enterprises", "")):
        passed, inspected = PUBLISHED[f"East-China province, 2006 Q2, {unit}"]
        assert f"{passed} of {inspected} {unit}{verb} {percent(passed, inspected)}" in PAGE
    assert all(f"`{code}`" in PAGE for code in COUNTED.values)


@whole
def test_rows_that_are_no_inspections() -> None:
    ten = records("toronto_dinesafe/dinesafe.2010.csv")
    assert f"{ten.height:,} rows of 2010 are {ten['sample_id'].n_unique():,} inspections" in PAGE
    twelve = pl.read_csv(SHARED / "toronto_dinesafe" / "dinesafe.2012.csv", infer_schema=False)
    inspections = twelve.unique("Inspection ID")["Establishment Status"]
    told = f"{(inspections == 'Pass').sum():,} passes of {inspections.len():,} inspections for 2012"
    assert told in PAGE


@whole
def test_a_list_without_a_denominator() -> None:
    batches = records("cn_spotcheck/cn_2015_01.csv").unique("source_row")["verdict"]
    failed = (batches == "fail").sum()
    assert f"{failed} of {batches.len()} batches fail, {percent(failed, batches.len())}" in PAGE
    passed, inspected = SAMR["all"]
    assert f"the national table has {percent(inspected - passed, inspected)}" in PAGE


def test_unlike_with_unlike() -> None:
    passed, inspected = PUBLISHED["Jiangsu 2018, second provincial batch"]
    assert f"{passed:,} of {inspected:,} passed, {percent(passed, inspected)}" in PAGE
    parts = [PUBLISHED[f"Jiangsu 2018, {place}"] for place in ("producers", "online", "shops")]
    assert (sum(p for p, _ in parts), sum(n for _, n in parts)) == (passed, inspected)
    for place, (p, n) in zip(("producers", "online", "shops"), parts, strict=True):
        assert f"| {place} | {p:,} | {n:,} | {percent(p, n)} |" in PAGE
    assert 5.5 < 100 * parts[0][0] / parts[0][1] - 100 * passed / inspected < 6.5


@whole
def test_the_two_definitions_of_chicago() -> None:
    verdicts = records("chicago/train_20140830.csv")["verdict"]
    total, passed = verdicts.len(), (verdicts == "pass").sum()
    either = passed + (verdicts == "conditional").sum()
    assert f"{percent(passed, total)} or {percent(either, total)} of the same {total:,} inspections pass" in PAGE
    assert setting("conditional_passes") in ("yes", "no")


def test_the_files_that_the_page_names_are_there() -> None:
    for name in ("series_frames.yaml", "spot_checks.yaml"):
        assert f"`assets/standards/{name}`" in PAGE and (PROJECT / "assets" / "standards" / name).is_file()
