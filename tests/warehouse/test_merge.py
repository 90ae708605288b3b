"""Versions, fates, order independence: what `warehouse.merge` promises."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.conservation import imbalances
from sources.feeds import FEEDS
from support.readings import NOON, account, reading
from support.small_warehouse import load, open_warehouse

ACCOUNTS = FEEDS["economic_accounts"]
CORE = "SELECT region_code, period, value::VARCHAR FROM core.economic_accounts ORDER BY ALL"


def test_new_facts_are_accepted_and_traceable(tmp_path: Path) -> None:
    with open_warehouse(tmp_path) as warehouse:
        (fates,) = load(warehouse, reading("a", [account("320282", "2012", 10), account("320282", "2013", 11)]))
        assert (fates.read, fates.accepted, fates.duplicate) == (2, 2, 0)
        traced = warehouse.rows(
            "SELECT c.period, f.name, c.source_row FROM core.economic_accounts c "
            "JOIN meta.source_file f USING (source_file_id) ORDER BY c.period"
        )
        assert traced == [("2012", "a", 2), ("2013", "a", 3)]


def test_same_content_in_another_file_is_a_duplicate(tmp_path: Path) -> None:
    with open_warehouse(tmp_path) as warehouse:
        first, second = load(
            warehouse,
            reading("a", [account("1", "2012", 10)]),
            reading("b", [account("1", "2012", 10), account("1", "2013", 5)]),
        )
        assert (second.accepted, second.duplicate) == (1, 1)
        assert first.accepted == 1
        assert imbalances(warehouse.con, ACCOUNTS) == []


def test_repeats_inside_a_file_are_duplicates_and_the_last_row_stands(tmp_path: Path) -> None:
    with open_warehouse(tmp_path) as warehouse:
        (fates,) = load(
            warehouse,
            reading("a", [account("1", "2012", 10), account("1", "2012", 10), account("1", "2012", 12)]),
        )
        assert (fates.accepted, fates.duplicate) == (2, 1)
        assert warehouse.rows(CORE) == [("1", "2012", "12.000000")]
        assert warehouse.value("SELECT count(*) FROM history.economic_accounts") == 1


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        ({"origin": "synthetic", "published_at": datetime(2030, 1, 1)}, {"origin": "real"}),
        ({"stage": "provisional", "published_at": datetime(2030, 1, 1)}, {"stage": "validated"}),
        ({"published_at": NOON}, {"published_at": NOON + timedelta(seconds=1)}),
    ],
)
def test_version_order_does_not_depend_on_arrival(tmp_path: Path, lower: dict, higher: dict) -> None:
    old = reading("old", [account("1", "2012", 10)], **lower)
    new = reading("new", [account("1", "2012", 20)], **higher)
    for place, order in enumerate(itertools.permutations((old, new))):
        with open_warehouse(tmp_path / str(place)) as warehouse:
            load(warehouse, *order)
            assert warehouse.rows(CORE) == [("1", "2012", "20.000000")]
            superseded = warehouse.rows(
                "SELECT value::VARCHAR, superseded_by = (SELECT source_file_id FROM "
                "meta.source_file WHERE name = 'new') FROM history.economic_accounts"
            )
            assert superseded == [("10.000000", True)]


def test_a_value_that_comes_back_becomes_current_again(tmp_path: Path) -> None:
    days = [NOON + timedelta(days=day) for day in range(3)]
    files = [reading(f"f{i}", [account("1", "2012", v)], published_at=days[i]) for i, v in enumerate((10, 20, 10))]
    for place, order in enumerate(itertools.permutations(files)):
        with open_warehouse(tmp_path / str(place)) as warehouse:
            load(warehouse, *order)
            assert warehouse.rows(CORE) == [("1", "2012", "10.000000")], [r.file.name for r in order]
            assert imbalances(warehouse.con, ACCOUNTS) == []


def test_conflict_decided_by_file_time_alone_is_reported(tmp_path: Path) -> None:
    with open_warehouse(tmp_path) as warehouse:
        fates = load(
            warehouse,
            reading("a", [account("1", "2012", 10)], published_at_from="modification time"),
            reading(
                "b",
                [account("1", "2012", 20)],
                published_at=NOON + timedelta(days=1),
                published_at_from="modification time",
            ),
        )
        assert [f.undated_conflicts for f in fates] == [0, 1]


def test_of_two_files_published_at_one_time_the_later_modified_stands_and_is_reported(tmp_path: Path) -> None:
    """An agency mends a month and sends it under the same name: the name dates both alike."""
    first, mended = (reading("2012-01.csv", [account("1", "2012", value)]) for value in (10, 20))
    mended = replace(mended, file=replace(mended.file, modified_at=NOON + timedelta(days=9)))
    for place, order in enumerate(itertools.permutations((first, mended))):
        with open_warehouse(tmp_path / str(place)) as warehouse:
            assert [fates.undated_conflicts for fates in load(warehouse, *order)] == [0, 1]
            assert warehouse.rows(CORE) == [("1", "2012", "20.000000")]


def test_quarantine_and_set_aside_are_kept_and_counted(tmp_path: Path) -> None:
    with open_warehouse(tmp_path) as warehouse:
        (fates,) = load(
            warehouse,
            reading(
                "a", [account("1", "2012", 10)], refused=[(3, "not a number")], set_aside=[(1, "header"), (4, "footer")]
            ),
        )
        assert (fates.read, fates.accepted, fates.quarantined, fates.set_aside) == (4, 1, 1, 2)
        assert warehouse.rows("SELECT source_row, rule, reason, raw FROM quarantine.economic_accounts") == [
            (3, "type:value", "not a number", '{"row": 3}')
        ]
        assert imbalances(warehouse.con, ACCOUNTS) == []


def test_imbalance_is_seen(tmp_path: Path) -> None:
    with open_warehouse(tmp_path) as warehouse:
        load(warehouse, reading("a", [account("1", "2012", 10)], refused=[(3, "x")]))
        warehouse.con.execute("DELETE FROM quarantine.economic_accounts")
        warehouse.con.execute("UPDATE meta.source_file SET rows_accepted = 2")
        assert sorted(str(found) for found in imbalances(warehouse.con, ACCOUNTS)) == [
            "fates of file a: the ledger says 2, counted 3",
            "quarantine of file a: the ledger says 1, counted 0",
            "records of economic_accounts: the ledger says 2, counted 1",
        ]


VERSIONS = st.lists(
    st.tuples(
        st.integers(0, 2),  # region
        st.integers(0, 3),  # value
        st.integers(0, 2),  # day of publication
        st.sampled_from(["provisional", "validated"]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=VERSIONS, data=st.data())
def test_any_order_of_files_gives_the_same_core(
    tmp_path_factory: pytest.TempPathFactory, facts: list, data: st.DataObject
) -> None:
    files = [
        reading(
            f"f{place}", [account(str(region), "2012", value)], published_at=NOON + timedelta(days=day), stage=stage
        )
        for place, (region, value, day, stage) in enumerate(facts)
    ]
    results = []
    for order in (files, data.draw(st.permutations(files)), [*reversed(files), *files]):
        with open_warehouse(tmp_path_factory.mktemp("home")) as warehouse:
            load(warehouse, *order)
            results.append(warehouse.rows("FROM core.economic_accounts ORDER BY ALL"))
            assert warehouse.value("SELECT count(*) FROM core.economic_accounts") == len({f[0] for f in facts})
    plain = {}
    for file, (region, value, day, stage) in zip(files, facts, strict=True):
        from warehouse.staging import file_id

        rank = (stage == "validated", day, file_id(file.file))
        plain[region] = max(plain.get(region, (rank, value)), (rank, value))
    assert results[0] == results[1] == results[2]
    current = [(row[1], int(row[4])) for row in results[0]]
    assert current == [(str(region), plain[region][1]) for region in sorted(plain)]
