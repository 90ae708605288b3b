"""Publications of inspections: Chinese bulletins with limits in words, foreign ones with traps of grain."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from sources.adapters import ADAPTERS, also_reading
from sources.inbox import describe
from sources.outcome import Reading
from sources.reading import read_file
from tests.sources.adapters.foreign_inspection import FOREIGN_INSPECTION

ROOT = Path(__file__).resolve().parents[2]
CASES, EXTRACTS = ROOT / "tests" / "data" / "sources", ROOT / "tests" / "data" / "inspection"
SHARED = ROOT.parent / "shared" / "data" / "inspection"

whole = pytest.mark.skipif(not SHARED.is_dir(), reason="the full publications are not beside the project")


@cache
def read(path: Path) -> Reading:
    with also_reading(*FOREIGN_INSPECTION):
        reading = read_file(describe(path, "spot_checks"))
    assert reading.rows_read == reading.records.height + reading.refused.height + reading.set_aside.height
    return reading


def verdicts(*readings: Reading, by: str = "source_row") -> dict[str, int]:
    """Verdicts of distinct rows, or of distinct samples."""
    rows = pl.concat([reading.records.unique([by]) for reading in readings])
    return dict(rows.group_by("verdict").len().iter_rows())


def item(reading: Reading, product: str, name: str) -> dict[str, object]:
    (row,) = reading.records.filter(product_name=product, item_name=name).to_dicts()
    return row


def test_results_and_limits_in_words_become_numbers() -> None:
    reading = read(CASES / "spot_checks_items.csv")
    found = item(reading, "粉条粉丝（手擀粉）", "铝的残留量(干样品，以Al计)")
    names = ("result_value", "item_unit", "limit_kind", "limit_high", "limit_unit", "repeat_result_text")
    assert tuple(found[name] for name in names) == (Decimal(1072), "mg/kg", "at_most", Decimal(200), "mg/kg", None)
    banned = item(reading, "粉条", "山梨酸及其钾盐（以山梨酸计）")
    assert (banned["result_value"], banned["limit_kind"], banned["limit_high"]) == (
        Decimal("0.161"), "forbidden", None,
    )  # fmt: skip


def test_the_repeat_test_decides_and_the_first_stays() -> None:
    reading = read(CASES / "spot_checks_items.csv")
    for product, name, first, repeat in (
        ("复配酶制剂抗氧化剂", "铅(Pb)", "2.9mg/kg", "2.7mg/kg"),
        ("天香纯红薯粉丝（淀粉制品）", "铝的残留量(干样品，以Al计)", "231mg/kg", "236mg/kg"),
    ):
        found = item(reading, product, name)
        assert (found["result_text"], found["repeat_result_text"]) == (first, repeat)
        assert found["result_value"] == Decimal(repeat.removesuffix("mg/kg"))


def test_five_results_of_a_sampling_plan_stay_together() -> None:
    found = item(read(CASES / "spot_checks_items.csv"), "李小林块块香（香豆腐）（发酵性豆制品）", "大肠菌群")
    assert (found["limit_kind"], found["limit_low"], found["limit_high"]) == ("plan", Decimal(100), Decimal(1000))
    assert found["result_value"] is None and str(found["result_text"]).count("CFU/g") == 5


def test_two_items_of_a_cell_are_two_items_of_one_sample() -> None:
    reading = read(CASES / "spot_checks_items.csv")
    rows = reading.records.filter(product_name="食用小麦淀粉").sort("record_no")
    assert rows.select("record_no", "item_name").rows() == [(1, "大肠菌群"), (2, "霉菌")]
    assert rows["_identity"].n_unique() == 1
    assert rows["source_row"].n_unique() == rows["_identity"].n_unique() == 1
    assert reading.set_aside.filter(reason="row of another scheme (RASFF)").height == 1


def test_news_without_a_header_are_known_by_their_cells() -> None:
    reading = read(CASES / "cqn_2019.csv")
    assert (reading.adapter, reading.set_aside["reason"].unique().to_list()) == (
        "cqn_news", ["news without a product"],
    )  # fmt: skip
    first = item(reading, "福寿鱼", "呋喃唑酮代谢物")
    assert (first["producer_name"], first["result_value"], first["item_unit"], first["limit_kind"]) == (
        "广西利洋信和水产贸易有限公司", Decimal("2.55"), "μg/kg", "forbidden",
    )  # fmt: skip
    assert (first["published_on"], first["programme"], first["verdict"]) == (date(2019, 7, 15), "food_sampling", "fail")
    assert set(reading.refused["rule"]) == {"type:production_date"}, "an item stands where a date should"


def test_the_two_british_schemes_are_two_series() -> None:
    six, scottish = read(EXTRACTS / "102.csv"), read(EXTRACTS / "788.csv")
    assert (six.series, scottish.series) == ("uk_fhrs", "uk_fhis")
    assert verdicts(six) == {"pass": 9, "fail": 8} and verdicts(scottish) == {"pass": 6, "fail": 3}
    assert six.set_aside.filter(reason="not rated").height == 6
    assert set(six.records["region_code"]) == {"GB-102"}


def test_ratings_of_two_schemes_in_one_file_are_never_mixed(tmp_path: Path) -> None:
    lines = (EXTRACTS / "102.csv").read_text("utf-8").splitlines()
    foreign = [line for line in (EXTRACTS / "788.csv").read_text("utf-8").splitlines() if ",Pass," in line]
    (tmp_path / "102.csv").write_text("\n".join([*lines, *foreign, ""]), "utf-8")
    reading = read(tmp_path / "102.csv")
    assert reading.series == "uk_fhrs" and verdicts(reading) == {"pass": 9, "fail": 8}
    assert reading.set_aside.filter(reason="rating of the other scheme").height == len(foreign) == 3


def test_an_inspection_is_one_however_many_infractions_it_found() -> None:
    reading = read(EXTRACTS / "dinesafe_2010.csv")
    assert (reading.records.height, reading.records["sample_id"].n_unique()) == (21, 14)
    assert verdicts(reading, by="sample_id") == {"pass": 10, "conditional": 2, "fail": 2}
    crucial = reading.records.filter(sample_id="102258133")
    assert crucial["verdict"].unique().to_list() == ["fail"], "its Establishment Status says Pass"
    assert crucial["item_name"].n_unique() == crucial.height == 3


def test_chicago_has_three_verdicts_and_an_inspection_stands_twice() -> None:
    reading = read(EXTRACTS / "chicago_tune.csv")
    assert (reading.records.height, reading.records["sample_id"].n_unique()) == (20, 19)
    assert set(verdicts(reading)) == {"pass", "conditional", "fail"}


def test_alerts_are_failures_only() -> None:
    reading = read(EXTRACTS / "rasff.csv")
    assert verdicts(reading) == {"fail": 8}
    assert reading.records["published_on"][0] == date(2024, 10, 30)


def test_lists_without_a_sampling_frame_say_so() -> None:
    frames = {a.series: a.sampling_frame for a in (*ADAPTERS, *FOREIGN_INSPECTION) if a.feed == "spot_checks"}
    assert {series for series, frame in frames.items() if frame is False} == {
        "foodmate_spot_checks", "cqn_news", "rasff_alerts",
    }  # fmt: skip


@whole
@pytest.mark.parametrize(
    ("name", "passed", "failed", "other_scheme"),
    [
        ("cn_2015_01", 436, 108, 36),
        ("cn_2015_02", 436, 84, 11),
        ("cn_2021_h2_additives", 1185, 28, 0),
        ("cn_2022_soy_starch", 2242, 55, 0),
        ("cn_2015_flour_16col", 122, 0, 0),
        ("cn_2015_fail_gb18030", 0, 3, 0),
    ],
)
def test_spot_checks_are_counted(name: str, passed: int, failed: int, other_scheme: int) -> None:
    reading = read(SHARED / "cn_spotcheck" / f"{name}.csv")
    assert verdicts(reading) == {key: n for key, n in (("pass", passed), ("fail", failed)) if n}
    assert reading.refused.height == 0
    assert reading.set_aside.filter(reason="row of another scheme (RASFF)").height == other_scheme


@whole
def test_soy_and_starch_by_category() -> None:
    rows = read(SHARED / "cn_spotcheck" / "cn_2022_soy_starch.csv").records.unique(["source_row"])
    counts = rows.group_by("category").agg(pl.len(), passed=(pl.col("verdict") == "pass").sum())
    found = {name: (n, f"{100 * passed / n:.2f}") for name, n, passed in counts.iter_rows()}
    assert found == {"豆及豆制品": (1187, "99.16"), "淀粉及淀粉制品": (1110, "95.95")}


@whole
def test_news_are_read_refused_or_set_aside_row_by_row() -> None:
    reading = read(SHARED / "cn_spotcheck" / "cqn_2019_no_header.csv")
    rows = [set(frame["source_row"]) for frame in (reading.records, reading.refused, reading.set_aside)]
    assert [len(part) for part in rows] == [217, 14, 154] and len(set.union(*rows)) == 385


@whole
def test_every_british_authority_is_counted() -> None:
    """The 202 files: 186,915 of 201,597 rated pass, and 17,601 of 19,653 of the Scottish scheme."""
    readings = [read(path) for path in sorted((SHARED / "uk_fhrs" / "fhrs").glob("*.csv"))]
    assert len(readings) == 202 and sum(r.rows_read for r in readings) == 242_330 + 202
    found = {
        series: verdicts(*(reading for reading in readings if reading.series == series))
        for series in ("uk_fhrs", "uk_fhis")
    }
    assert found == {
        "uk_fhrs": {"pass": 186_915, "fail": 201_597 - 186_915},
        "uk_fhis": {"pass": 17_601, "fail": 19_653 - 17_601},
    }
    aside = pl.concat([reading.set_aside for reading in readings])
    assert dict(aside.group_by("reason").len().iter_rows()) == {"header": 202, "not rated": 21_080}
    assert not any(reading.refused.height for reading in readings)


@whole
@pytest.mark.parametrize(
    ("year", "rows", "inspections"), [(2010, 14_920, 9_433), (2011, 16_624, 10_265), (2012, 17_188, 10_647)]
)
def test_toronto_inspections_per_year(year: int, rows: int, inspections: int) -> None:
    reading = read(SHARED / "toronto_dinesafe" / f"dinesafe.{year}.csv")
    assert (reading.records.height, reading.records["sample_id"].n_unique(), reading.refused.height) == (
        rows, inspections, 0,
    )  # fmt: skip
    assert set(reading.records["published_on"].dt.year()) == {year}
    assert reading.records.group_by("sample_id").agg(pl.col("verdict").n_unique())["verdict"].max() == 1


@whole
@pytest.mark.parametrize(
    ("name", "rows", "strict", "with_conditions"),
    [
        ("train", {"pass": 3102, "conditional": 655, "fail": 1018}, "64.96", "78.68"),
        ("tune", {"pass": 2462, "conditional": 488, "fail": 713}, "67.21", "80.54"),
    ],
)
def test_chicago_by_both_definitions(name: str, rows: dict[str, int], strict: str, with_conditions: str) -> None:
    found = verdicts(read(SHARED / "chicago" / f"{name}_20140830.csv"))
    assert found == rows
    total = sum(found.values())
    assert f"{100 * found['pass'] / total:.2f}" == strict
    assert f"{100 * (found['pass'] + found['conditional']) / total:.2f}" == with_conditions


@whole
def test_one_inspection_of_chicago_stands_on_four_rows() -> None:
    """So that its facts are 3,660, and the pass rate of facts is 2,459 of 3,660."""
    reading = read(SHARED / "chicago" / "tune_20140830.csv")
    assert reading.records["sample_id"].n_unique() == 3660
    assert verdicts(reading, by="sample_id")["pass"] == 2459


@whole
def test_alerts_of_the_european_union_are_read() -> None:
    assert verdicts(read(SHARED / "rasff" / "rasff_2020_to_30oct2024.csv")) == {"fail": 21_871}
