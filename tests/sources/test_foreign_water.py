"""Water publications of other countries, read by adapters that stand beside the tests: a small file each.

They hold what a Chinese publication may bring tomorrow: censored results in three shapes, one row per
determinand, rows that are no samples, two things under one name.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from sources.adapters import also_reading
from sources.inbox import describe
from sources.outcome import Reading, Refusal
from sources.reading import read_file
from tests.sources.adapters.foreign_water import FOREIGN_WATER

EXTRACTS = Path(__file__).resolve().parents[1] / "data" / "water" / "foreign"
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "water"

whole = pytest.mark.skipif(not SHARED.is_dir(), reason="the full publications are not beside the project")


def read(path: Path) -> Reading:
    with also_reading(*FOREIGN_WATER):
        reading = read_file(describe(path, "water_samples"))
    # Every row is somewhere, and nowhere twice.
    assert reading.rows_read == reading.records.height + reading.refused.height + reading.set_aside.height
    rows = [frame["source_row"] for frame in (reading.records, reading.refused, reading.set_aside)]
    assert sorted(pl.concat(rows)) == list(range(1, reading.rows_read + 1))
    return reading


def result(reading: Reading, **where: object) -> tuple[object, ...]:
    (row,) = reading.records.filter(**where).select("value", "qualifier", "detection_limit", "unit").rows()
    return row


def fates(reading: Reading) -> tuple[int, int, int]:
    """Records, refused, set aside without the header."""
    return reading.records.height, reading.refused.height, reading.set_aside.height - 1


def test_the_archive_is_gzip_under_a_csv_name_with_signs_in_their_own_column() -> None:
    reading = read(EXTRACTS / "yorkshire_2012.csv")
    assert (reading.adapter, fates(reading)) == ("uk_ea_archive", (705, 110, 19))
    assert dict(reading.records["qualifier"].value_counts().iter_rows()) == {None: 474, "<": 216, ">": 15}
    censored = reading.records.filter(pl.col("qualifier").is_not_null())
    assert censored["value"].null_count() == censored.height and censored["detection_limit"].null_count() == 0
    at = datetime(2012, 1, 12, 13, 20)
    ph = {"station_code": "NE-40000385", "sampled_at": at, "determinand": "ph"}
    assert result(reading, **ph) == (Decimal("8.2"), None, None, "1")
    assert set(reading.set_aside["reason"]) >= {"header", "result is no quantity", "not surface water: ANY WATER"}
    assert reading.refused["rule"].str.starts_with("code:determinand").all()


def test_filtered_and_total_are_two_determinands() -> None:
    metals = read(EXTRACTS / "yorkshire_2012.csv").records.filter(determinand="nickel")
    by_fraction = dict(metals.group_by("fraction").len().iter_rows())
    assert by_fraction == {"total": 11, "dissolved": 11}
    assert metals["unit"].unique().to_list() == ["ug/L"]


def test_the_export_has_its_time_as_a_number_beside_the_date() -> None:
    reading = read(EXTRACTS / "wims_export.xlsx")
    assert reading.adapter == "uk_ea_export"
    assert datetime(1990, 5, 22, 8, 10) in reading.records["sampled_at"].to_list()
    assert set(reading.records["qualifier"]) == {None, "<", ">"}


def test_the_explorer_prints_no_sign_column() -> None:
    reading = read(EXTRACTS / "explorer.csv")
    assert (reading.adapter, fates(reading)) == ("uk_ea_explorer", (26, 0, 0))


def test_the_portal_calls_two_things_nitrogen_and_puts_blanks_between_samples() -> None:
    reading = read(EXTRACTS / "wqp_results.txt")
    assert reading.adapter == "us_wqp_results"
    reasons = dict(reading.set_aside.group_by("reason").len().iter_rows())
    assert reasons == {
        "header": 1, "quality control": 4, "row made up for software tests": 4, "not surface water: groundwater": 2,
    }  # fmt: skip
    organic = reading.refused.filter(pl.col("reason").str.contains("Dissolved Organic Nitrogen"))
    assert organic.height == 3  # beside three results of total dissolved nitrogen under the same name
    profile = reading.records.filter(pl.col("station_code").str.starts_with("NARS_WQX-NLA06608-0161"))
    assert profile["station_code"].to_list() == [
        f"NARS_WQX-NLA06608-0161 @ {depth} m" for depth in ("1.0", "3.0", "2.0", "3.3", "0.0")
    ]
    surface_and_bottom = reading.records.filter(pl.col("station_code").str.starts_with("NARS_WQX-FLW06-0028"))
    assert surface_and_bottom["station_code"].n_unique() == 2 and surface_and_bottom.height == 4


def test_new_mexico_marks_what_is_below_with_a_letter() -> None:
    reading = read(EXTRACTS / "nmed_chemistry.csv")
    lead = {"determinand": "lead", "fraction": "dissolved", "qualifier": "<"}
    assert result(reading, **lead) == (None, "<", Decimal("0.001"), "mg/L")
    coli = reading.records.filter(determinand="escherichia_coli", qualifier=">")
    assert coli["detection_limit"].unique().to_list() == [Decimal("2419.6")]
    assert "statistic of a logger or a profile, no sample" in set(reading.set_aside["reason"])


def test_the_ccme_example_has_103_tests_and_zeros_that_mean_below() -> None:
    reading = read(EXTRACTS / "ccme.csv")
    assert fates(reading) == (103, 0, 17)
    assert dict(reading.records["qualifier"].value_counts().iter_rows()) == {None: 72, "<": 31}
    assert set(reading.records.filter(determinand="mercury")["unit"]) == {"ug/L"}  # printed g/L


def test_a_table_of_criteria_is_no_sample_and_is_refused_by_name() -> None:
    with pytest.raises(Refusal, match=r"nmed_criteria\.csv.*Magnitude_Numeric"):
        read(EXTRACTS / "nmed_criteria.csv")


WHOLE = [
    # rows below the header, records, of them below, of them above
    ("uk_ea/yorkmon2012.csv", 139_266, 91_863, 20_600, 15),
    ("uk_ea/yorkmon2013.csv", 168_524, 118_148, 24_133, 12),
    ("uk_ea/yorkmon2020.csv", 39_462, 25_599, 2_943, 6),
    ("uk_ea/qryDataExportExpanded_6.xlsx", 13_941, 12_224, 2_539, 1),
    ("uk_ea/example_import_wq.csv", 206, 206, 0, 0),
    ("us_wqp/wqp_results3.txt", 246, 179, 0, 0),
    ("us_nmed/NMED_Chem_Processed_20251204.csv", 5_137, 4_370, 2_369, 2),
    ("canada_ccme/ccme.csv", 120, 103, 31, 0),
]


@whole
@pytest.mark.parametrize(("name", "rows", "records", "below", "above"), WHOLE)
def test_whole_foreign_publications(name: str, rows: int, records: int, below: int, above: int) -> None:
    reading = read(SHARED / name)
    assert (reading.rows_read - 1, reading.records.height) == (rows, records)
    qualifiers = reading.records["qualifier"]
    assert ((qualifiers == "<").sum(), (qualifiers == ">").sum()) == (below, above)
    key = ["station_code", "sampled_at", "determinand", "fraction"]
    repeated = reading.records.height - reading.records.select(key).n_unique()
    assert repeated == (12 if "wqp" in name else 0)  # two results of one sample: the later row stands


@whole
def test_the_whole_table_of_criteria_is_refused() -> None:
    with pytest.raises(Refusal, match="Magnitude_Numeric"):
        read(SHARED / "us_nmed/NMED_WQ_Criteria_Formatted_20251204.csv")
