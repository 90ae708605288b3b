"""Every file of the real publications in one night, where the shared data lies beside the project."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from support import everything
from support.nights import published

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.skipif(not everything.SHARED.is_dir(), reason="no whole publications: shared folder not present"),
]

#: Files that belong to no feed or to no publication, by the end of their names; everything else is loaded.
REFUSED = {
    "beijing_all_20161230.csv",
    "beijing_all_20170530.csv",
    "beijing_all_20170704.csv",
    "南京.csv",
    "authoritynames.csv",
    "authoritynamesandcodes.csv",
    "published_fail_rates.json",
    "NMED_WQ_Criteria_Formatted_20251204.csv",
}


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with published(everything.shared_home(tmp_path_factory)) as con:
        yield con


def test_every_file_is_ingested_or_refused_by_name(con: duckdb.DuckDBPyConnection) -> None:
    ledger = con.execute("SELECT feed, name, state FROM meta.source_file").fetchall()
    sent = {(feed, path.relative_to(everything.SHARED).as_posix()) for feed, path in everything.files()}
    assert {(feed, name) for feed, name, _ in ledger} <= sent
    assert len(ledger) + len(everything.twins(con)) == len(sent) > 1500
    assert {name.split("/")[-1] for _, name, state in ledger if state == "refused"} == REFUSED
    assert {state for _, _, state in ledger} == {"loaded", "refused"}


def test_every_record_has_one_fate(con: duckdb.DuckDBPyConnection) -> None:
    unbalanced = con.execute(
        "SELECT name FROM meta.source_file WHERE rows_read <> "
        "rows_accepted + rows_quarantined + rows_duplicate + rows_set_aside"
    ).fetchall()
    assert unbalanced == []
    kept = con.execute("SELECT sum(rows_set_aside) - (SELECT sum(rows) FROM meta.set_aside) FROM meta.source_file")
    assert kept.fetchone() == (0,)


def test_inspections_of_a_year_are_counted_as_inspections(con: duckdb.DuckDBPyConnection) -> None:
    """One row an infraction is not one inspection: the counts that the publications' README states."""
    toronto = con.execute(
        "SELECT year(published_on), count(*) FROM core.spot_checks WHERE series = 'toronto_dinesafe' "
        "GROUP BY 1 ORDER BY 1"
    ).fetchall()
    assert toronto == [(2010, 9_433), (2011, 10_265), (2012, 10_647)]
    british = con.execute(
        "SELECT series, count(*) FROM core.spot_checks WHERE series IN ('uk_fhrs', 'uk_fhis') GROUP BY 1 ORDER BY 1"
    ).fetchall()
    assert british == [("uk_fhis", 19_653), ("uk_fhrs", 201_597)]


def test_the_page_tells_what_this_night_made(con: duckdb.DuckDBPyConnection) -> None:
    """If not: `PYTHONPATH=.:tests python -m support.everything` writes it again; read the difference."""
    assert everything.written() == everything.table(con)
