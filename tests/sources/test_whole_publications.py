"""The whole publications, where the shared data folder lies beside the project; skipped elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.inbox import describe
from sources.outcome import Reading, Refusal
from sources.reading import read_file

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no whole publications: {SHARED.name} folder not present")


def read(feed: str, name: str) -> Reading:
    return read_file(describe(SHARED / name, feed))


def test_two_collections_share_the_identities_of_what_they_share() -> None:
    """479 distinct rows stand in both files (RASFF rows included); what is shared must not get two ids."""
    first, second = (read("spot_checks", f"inspection/cn_spotcheck/cn_2015_0{number}.csv") for number in (1, 2))
    rows = [set(reading.sheets[""].drop("source_row").iter_rows()) for reading in (first, second)]
    foreign = sum(1 for row in rows[0] & rows[1] if row[0] == "RASFF")
    shared = set(first.records["_identity"]) & set(second.records["_identity"])
    assert len(rows[0] & rows[1]) == 479 + 1 and len(shared) >= 479 - foreign


@pytest.mark.parametrize("year", [2013, 2014])
def test_inventories_of_other_years_read_like_2012(year: int) -> None:
    reading = read("energy_use", f"energy/ceads_energy/province_energy_inventory_{year}.xlsx")
    assert reading.refused.height == 0 and reading.records["period"].unique().to_list() == [str(year)]
    sectors = reading.records.filter(flow="final")["consumer"].n_unique()
    assert sectors == 48


def test_a_snapshot_of_two_hours_keeps_both() -> None:
    reading = read("air_readings", "air/cnemc_snapshot/201907181226_data.xml")
    hours = {str(at): count for at, count in reading.records.group_by("period_end").len().iter_rows()}
    assert reading.rows_read == 1476 + 1 and reading.published_at.hour == 14
    assert set(hours) == {"2019-07-18 13:00:00", "2019-07-18 14:00:00"} and hours["2019-07-18 14:00:00"] <= 38
    assert reading.records["published_aqi"].count() == 1408


def test_the_first_snapshot_of_all_stations_sets_stale_rows_aside() -> None:
    reading = read("water_samples", "water/cnemc/json/2020-05/2020-05-08.json")
    assert reading.rows_read == reading.records.height + reading.set_aside.height
    assert reading.set_aside["source_row"].n_unique() + reading.records["source_row"].n_unique() == 1901 + 1
    assert reading.records["sampled_at"].dt.date().cast(str).unique().sort().to_list()[-1] == "2020-05-08"


@pytest.mark.parametrize(
    ("feed", "name", "told"),
    [
        ("pass_rates", "inspection/uk_fhrs/published_fail_rates.json", "no adapter"),
        ("air_readings", "air/shifted_header_daily/南京.csv", "labels_fit_values"),
        (
            "energy_use",
            "energy/ceads_co2/Emission_Inventories_for_30_Provinces_2012.xlsx",
            "a layout that no adapter",
        ),
    ],
)
def test_publications_that_do_not_belong_are_refused_whole(feed: str, name: str, told: str) -> None:
    with pytest.raises(Refusal, match=told):
        read(feed, name)
