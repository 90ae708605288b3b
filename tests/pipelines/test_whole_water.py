"""A night over every file of the national water publication, where the shared data lies beside the project."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from support.everything import SHARED as ALL
from support.everything import shared_home
from support.nights import published
from tests.assets.support_cnemc import station_rows

SHARED = ALL / "water" / "cnemc"

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.skipif(not SHARED.is_dir(), reason="no whole publications: shared folder not present"),
]


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with published(shared_home(tmp_path_factory)) as con:
        yield con


def station_files() -> list[Path]:
    return sorted(SHARED.rglob("*.csv"))


def test_every_file_is_loaded_and_every_record_accounted_for(con: duckdb.DuckDBPyConnection) -> None:
    rows = con.execute(
        "SELECT series, count(*), sum(rows_read - rows_accepted - rows_quarantined - rows_duplicate - rows_set_aside), "
        "sum(rows_quarantined) FROM meta.source_file WHERE state = 'loaded' AND name LIKE 'water/cnemc/%' "
        "GROUP BY 1 ORDER BY 1"
    ).fetchall()
    # 490 results of 55 samples that have values and a class, and no time.
    assert rows == [("cnemc_water_csv", 378, 0, 490), ("cnemc_water_json", 207, 0, 0)]
    files = con.execute("SELECT count(*) FROM meta.source_file WHERE name LIKE 'water/cnemc/%'").fetchone()
    assert files == (585,)


def test_of_a_republished_sample_the_last_row_stands(con: duckdb.DuckDBPyConnection) -> None:
    lines = [line for path in station_files() for line in path.read_text("utf-8").split("\n")[1:] if line]
    assert len(lines) == 10_406 and len(lines) - len(set(lines)) == 759
    times = Counter((row[0], row[2], row[3]) for row in csv.reader(dict.fromkeys(lines)) if row[3] not in ("*", "--"))
    republished = {key for key, versions in times.items() if versions > 1}
    assert len(republished) == 246

    names = ("ph", "dissolved_oxygen", "permanganate_index", "ammonia_nitrogen", "total_phosphorus", "total_nitrogen")
    pivot = ", ".join(f"any_value(value) FILTER (determinand = '{name}')" for name in names)
    found = {
        (province, name, at): (published_class, *values)
        for province, name, at, published_class, *values in con.execute(
            "SELECT province_name, station_name, strftime(sampled_at, '%m-%d %H:%M'), any_value(published_class), "
            f"{pivot} FROM core.water_samples WHERE series = 'cnemc_water_csv' GROUP BY ALL"
        ).fetchall()
    }
    last = {
        (row["series"].removeprefix("station files "), row["station_code"], row["time"][5:]): row
        for row in station_rows(station_files())
    }
    for key in republished:
        row = last[key]
        expected = [float(text) if text.replace(".", "").isdigit() else None for text in row["text"]]
        current = found[key]
        assert current[0] == row["published_class"], key
        assert [None if value is None else float(value) for value in current[1:]] == expected, key
    history = "SELECT count(DISTINCT (station_code, sampled_at)) FROM history.water_samples WHERE series LIKE '%csv'"
    # Two of them say the same in both rows but for readings that the last one withdraws.
    assert con.execute(history).fetchone() == (len(republished) - 2,)


def test_every_class_of_the_snapshots_and_98_of_100_of_the_station_files_are_ours(
    con: duckdb.DuckDBPyConnection,
) -> None:
    agreement = con.execute(
        "SELECT series, compared, equal FROM mart.agreement WHERE subject = 'water class' ORDER BY 1"
    ).fetchall()
    assert agreement == [("cnemc_water_csv", 8_772, 8_635), ("cnemc_water_json", 13_781, 13_781)]
    assert 8_635 / 8_772 > 0.984
    printed = sum(
        bool(row[4].strip("-"))
        for path in SHARED.rglob("*.json")
        for row in json.loads(path.read_text("utf-8"))["tbody"]
    )
    stale = con.execute(
        "SELECT sum(rows) FROM meta.set_aside WHERE reason LIKE 'stale%' AND source_file_id IN "
        "(SELECT source_file_id FROM meta.source_file WHERE series = 'cnemc_water_json')"
    ).fetchone()
    # Six of the 147 stale rows of the first snapshot print a class.
    assert (printed, printed - 13_781, stale) == (13_787, 6, (147,))


def test_mismatches_are_counted_by_cause(con: duckdb.DuckDBPyConnection) -> None:
    causes: dict[str, Any] = dict(
        con.execute("SELECT cause, count(*) FROM mart.water_class_mismatch GROUP BY 1").fetchall()
    )
    assert causes == {"earlier_sample": 87, "rounding": 46, "river_or_lake": 2, "unexplained": 2}
    assert sum(causes.values()) == 8_772 - 8_635


def test_the_stored_types_are_the_ones_that_fit_these_files_best(con: duckdb.DuckDBPyConnection) -> None:
    counted = con.execute(
        "SELECT station_code, CASE WHEN sum(agree_lake) > sum(agree_river) THEN 'lake' ELSE 'river' END, "
        "sum(compared), sum(agree_river), sum(agree_lake) FROM mart.water_type_fit "
        "GROUP BY 1 HAVING sum(agree_lake) <> sum(agree_river)"
    ).fetchall()
    stored = con.execute(
        "SELECT station_code, water_body, compared, agree_river, agree_lake FROM standard.water_section_type"
    ).fetchall()
    assert sorted(counted) == sorted(stored) and len(stored) == 1_067
