"""Rules of spot checks on real rows: columns that have shifted are seen, sound rows are left alone."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from checks.inspection import SPOT_CHECKS_RULES
from sources.inbox import describe
from sources.reading import read_file

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "data" / "sources"
SHARED = ROOT.parent / "shared" / "data" / "inspection" / "cn_spotcheck"


def broken(path: Path) -> dict[str, int]:
    """Rule → source rows of the file that break it."""
    records = read_file(describe(path, "spot_checks")).records.to_arrow()
    with duckdb.connect() as con:
        con.register("records", records)
        return {
            rule.name: count
            for rule in SPOT_CHECKS_RULES
            if (
                count := con.sql(f"SELECT count(DISTINCT source_row) FROM records WHERE {rule.bad_rows}").fetchall()[0][
                    0
                ]
            )
        }


def test_rows_of_shifted_columns_are_refused() -> None:
    assert broken(CASES / "cqn_2019.csv") == {"product_is_a_product": 7}


@pytest.mark.parametrize("name", ["spot_checks_items.csv", "spot_checks_16col.csv", "spot_checks_gb18030.csv"])
def test_sound_rows_are_left_alone(name: str) -> None:
    assert broken(CASES / name) == {}


@pytest.mark.skipif(not SHARED.is_dir(), reason="the full publications are not beside the project")
def test_the_whole_of_the_news() -> None:
    """Notices of medical devices print the bureau as product, or the laboratory as item; 44 rows of 217 remain."""
    assert broken(SHARED / "cqn_2019_no_header.csv") == {"product_is_a_product": 162, "item_is_an_item": 11}
    for name in ("cn_2015_01", "cn_2022_soy_starch"):
        assert broken(SHARED / f"{name}.csv") == {}
