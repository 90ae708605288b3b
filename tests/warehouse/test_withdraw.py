"""Taking a file back, and what was known when: `warehouse.withdraw` and `warehouse.known_at`."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.conservation import imbalances
from sources.feeds import FEEDS
from sources.outcome import Reading
from support.readings import NOON, account, reading
from support.small_warehouse import REGIONS, STAMP, TOTALS, emptied, load, open_warehouse
from warehouse import merge, staging, withdraw
from warehouse.ledger import UnknownFileError
from warehouse.rebuild import rebuild
from warehouse.staging import file_id
from warehouse.store import Warehouse

ACCOUNTS = FEEDS["economic_accounts"]
CORE = "FROM core.economic_accounts ORDER BY ALL"
VALUES = "SELECT region_code, value::INTEGER FROM core.economic_accounts ORDER BY ALL"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with open_warehouse(tmp_path_factory.mktemp("withdraw")) as opened:
        yield opened


def take_back(warehouse: Warehouse, name: str, now: datetime = STAMP.now) -> withdraw.Withdrawn:
    file = withdraw.find_file(warehouse, name)
    return withdraw.withdraw(warehouse, file, [TOTALS, REGIONS], "wrong file", "tester", now)


def version(name: str, day: int, *facts: tuple[str, int], **more: Any) -> Reading:
    """A file published on a day, with (region, value) facts for 2012."""
    records = [account(region, "2012", value) for region, value in facts]
    return reading(name, records, published_at=NOON + timedelta(days=day), **more)


def test_what_a_file_hid_comes_back_and_its_own_records_stand_in_history(warehouse: Warehouse) -> None:
    load(emptied(warehouse), version("first", 0, ("1", 10), ("2", 20)), version("wrong", 1, ("1", 99), ("3", 30)))
    for mart in (TOTALS, REGIONS):
        rebuild(warehouse, mart)
    done = take_back(warehouse, "wrong")
    assert (done.facts_removed, done.facts_restored) == (1, 1)
    assert warehouse.rows(VALUES) == [("1", 10), ("2", 20)]
    assert warehouse.rows(
        "SELECT region_code, value::INTEGER, superseded_by, withdrawn_at FROM history.economic_accounts ORDER BY ALL"
    ) == [("1", 99, None, STAMP.now), ("3", 30, None, STAMP.now)]
    assert warehouse.rows("SELECT name, state, reason FROM meta.source_file WHERE state = 'withdrawn'") == [
        ("wrong", "withdrawn", "withdrawn by tester at 2020-01-02 02:00: wrong file")
    ]
    assert warehouse.rows("SELECT withdrawn_by, reason, facts_removed, facts_restored FROM meta.withdrawal") == [
        ("tester", "wrong file", 1, 1)
    ]
    assert warehouse.rows("SELECT DISTINCT region_code FROM work.dirty_test_total ORDER BY 1") == [("1",), ("3",)]
    assert rebuild(warehouse, TOTALS).changed == 3  # region 1 before and after, region 3 before
    assert warehouse.rows("SELECT region_code, total::INTEGER FROM mart.test_total ORDER BY 1") == [
        ("1", 10),
        ("2", 20),
    ]
    assert imbalances(warehouse.con, ACCOUNTS) == []


def test_a_record_that_only_repeated_it_takes_its_place(warehouse: Warehouse) -> None:
    _, again = load(emptied(warehouse), version("a", 1, ("1", 10)), version("b", 0, ("1", 10)))
    assert (again.accepted, again.duplicate) == (0, 1)
    take_back(warehouse, "a")
    assert warehouse.rows(
        "SELECT value::INTEGER, name FROM core.economic_accounts JOIN meta.source_file USING (source_file_id)"
    ) == [(10, "b")]
    assert imbalances(warehouse.con, ACCOUNTS) == []


def test_one_loaded_file_has_to_be_meant(warehouse: Warehouse) -> None:
    same_name = [version("return.csv", day, ("1", day)) for day in range(2)]
    load(emptied(warehouse), *same_name, version("other.csv", 0, ("2", 1)))
    with pytest.raises(UnknownFileError) as several:
        take_back(warehouse, "return.csv")
    for read in same_name:
        assert file_id(read.file) in str(several.value)
    take_back(warehouse, file_id(same_name[0].file))
    take_back(warehouse, "economic_accounts/return.csv")  # the only one of that name that is left
    with pytest.raises(UnknownFileError, match=r"the ledger knows:\n.*withdrawn"):
        take_back(warehouse, "return.csv")
    with pytest.raises(UnknownFileError, match="not in the ledger"):
        take_back(warehouse, "nothing.csv")


def test_a_withdrawal_that_fails_changes_nothing(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    load(emptied(warehouse), version("first", 0, ("1", 10)), version("wrong", 1, ("1", 99)))
    before = everything(warehouse)
    monkeypatch.setattr(Warehouse, "note_change", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        take_back(warehouse, "wrong")
    assert everything(warehouse) == before


def everything(warehouse: Warehouse) -> list[list[tuple[Any, ...]]]:
    tables = ("core.economic_accounts", "history.economic_accounts", "repeat.economic_accounts", "meta.source_file")
    return [warehouse.rows(f"FROM {table} ORDER BY ALL") for table in tables]


def known(warehouse: Warehouse, moment: datetime) -> list[tuple[Any, ...]]:
    return warehouse.rows("FROM core.economic_accounts_as_known_at(?) ORDER BY ALL", [moment])


FILES = st.lists(
    st.tuples(
        st.integers(0, 2),  # day of publication
        st.sampled_from(["provisional", "validated"]),
        st.lists(st.tuples(st.sampled_from("123"), st.integers(0, 2)), min_size=1, max_size=4),
        st.booleans(),  # withdrawn later
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=15, deadline=None)
@given(files=FILES, seed=st.integers(0, 1000))
def test_after_withdrawals_everything_is_as_if_the_files_had_never_come(
    warehouse: Warehouse, files: Sequence[tuple[int, str, list[tuple[str, int]], bool]], seed: int
) -> None:
    """And at every step in between, what is known at that moment is what core held then."""
    read = [version(f"f{place}", day, *facts, stage=stage) for place, (day, stage, facts, _) in enumerate(files)]
    kept = [r for r, (*_, gone) in zip(read, files, strict=True) if not gone]
    load(emptied(warehouse), *kept)
    never_came = warehouse.rows(CORE), _plain_core(kept)
    assert [row[:5] for row in never_came[0]] == [row[:5] for row in never_came[1]]

    shuffled = random.Random(seed).sample(read, len(read))
    emptied(warehouse)
    held: dict[datetime, list[tuple[Any, ...]]] = {}
    for step, r in enumerate(shuffled):
        moment = STAMP.now + timedelta(hours=step)
        _load_at(warehouse, r, moment)
        held[moment] = warehouse.rows(CORE)
    for step, (r, (*_, gone)) in enumerate(zip(read, files, strict=True)):
        if gone and warehouse.rows("FROM meta.source_file WHERE state = 'loaded' AND name = ?", [r.file.name]):
            moment = STAMP.now + timedelta(days=1, hours=step)
            take_back(warehouse, file_id(r.file), moment)
            held[moment] = warehouse.rows(CORE)
            assert imbalances(warehouse.con, ACCOUNTS) == []
    assert warehouse.rows(CORE) == never_came[0]
    for moment, rows in held.items():
        assert known(warehouse, moment) == rows
    assert known(warehouse, STAMP.now - timedelta(seconds=1)) == []


def _load_at(warehouse: Warehouse, read: Reading, moment: datetime) -> None:
    staging.open_staging(warehouse, ACCOUNTS)
    staging.stage(warehouse, ACCOUNTS, read)
    with warehouse.transaction():
        merge.merge(warehouse, ACCOUNTS, [read], [TOTALS, REGIONS], dataclasses.replace(STAMP, now=moment))
    warehouse.drop_staging()


def _plain_core(files: Sequence[Reading]) -> list[tuple[Any, ...]]:
    """The rule of the contracts in a slow loop: per key, the record of the highest rank."""
    best: dict[str, tuple[Any, tuple[Any, ...]]] = {}
    for read in files:
        for row in read.records.iter_rows(named=True):
            rank = (read.stage == "validated", read.published_at, file_id(read.file), row["source_row"])
            record = tuple(row[name] for name in ("series", "region_code", "period", "account", "value"))
            if row["region_code"] not in best or best[row["region_code"]][0] < rank:
                best[row["region_code"]] = (rank, record)
    return sorted(record for _, record in best.values())
