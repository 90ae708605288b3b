"""The same files in any order, twice, or in pieces give the same core; corrections and withdrawals among them.

Real readers on files written for the purpose: spot checks with and without numbers of sample and item,
provisional and validated. By contract two equal rows inside one file are two samples, and a row that
stands again in another file is the same one: so a split keeps equal rows together.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.conservation import imbalances
from sources.feeds import FEEDS
from sources.inbox import describe
from sources.outcome import WholeReading
from sources.reading import read_file
from support.small_warehouse import emptied, load, load_together, open_warehouse, take_back
from warehouse.numbering import FIRST_MADE
from warehouse.staging import file_id
from warehouse.store import Warehouse

SPOT = FEEDS["spot_checks"]
HEADER = (
    "series,sample_id,programme,product_name,verdict,published_on,item_no,item_name,result_text,stage,published_at\n"
)
LINEAGE = "source_file_id, source_sheet, source_row, record_no"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with open_warehouse(tmp_path_factory.mktemp("order")) as opened:
        yield opened


def spot(folder: Path, name: str, rows: Sequence[str], *, day: int = 1, stage: str = "provisional") -> WholeReading:
    """A file of spot checks, read: rows are `sample,product,verdict,item_no,item,result`."""
    lines = []
    for row in rows:
        sample, product, verdict, number, item, result = row.split(",")
        lines.append(
            f"s,{sample},city,{product},{verdict},2012-06-15,{number},{item},{result},{stage},2012-07-{day:02}"
        )
    file = folder / f"{name}.csv"
    file.write_text(HEADER + "\n".join(lines) + "\n", "utf-8")
    return read_file(describe(file, "spot_checks"))


def core(warehouse: Warehouse) -> list[list[tuple[Any, ...]]]:
    """Core of both parts without lineage; the books balance."""
    assert imbalances(warehouse.con, SPOT) == []
    return [warehouse.rows(f"SELECT * EXCLUDE ({LINEAGE}) FROM core.{part.name} ORDER BY ALL") for part in SPOT.parts]


def shelved(warehouse: Warehouse) -> list[list[tuple[Any, ...]]]:
    """Core, history and repeats of both parts, each record with the row that it came from."""
    shelves = [f"{shelf}.{part.name}" for part in SPOT.parts for shelf in ("core", "history", "repeat")]
    return [warehouse.rows(f"FROM {shelf} ORDER BY ALL") for shelf in shelves]


def items(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    query = "SELECT item_no, item_name, result_text FROM core.spot_check_item ORDER BY item_name, item_no"
    return [("made" if number >= FIRST_MADE else number, name, text) for number, name, text in warehouse.rows(query)]


def test_a_correction_of_one_item_needs_no_number(warehouse: Warehouse, tmp_path: Path) -> None:
    """It used to take number 1, and overwrote the sample's first item."""
    first = spot(tmp_path, "first", ["S1,茶叶,fail,,铅,9", "S1,茶叶,fail,,铜（以Cu计）,8"])
    mended = spot(tmp_path, "mended", ["S1,茶叶,fail,,铜(以Cu计),7"], day=2)
    for order in ((first, mended), (mended, first)):
        load(emptied(warehouse), *order)
        assert items(warehouse) == [("made", "铅", "9"), ("made", "铜(以Cu计)", "7")]


def test_a_correction_without_a_number_finds_the_number_that_was_given(warehouse: Warehouse, tmp_path: Path) -> None:
    first = spot(tmp_path, "first", ["S1,茶叶,fail,1,铅,9", "S1,茶叶,fail,2,铜,8"])
    mended = spot(tmp_path, "mended", ["S1,茶叶,fail,,铜,7"], day=2)
    renamed = spot(tmp_path, "renamed", ["S1,茶叶,fail,1,铅(以Pb计),9"], day=3)
    cores = []
    for order in ((first, mended, renamed), (mended, renamed, first), (renamed, mended, first)):
        load(emptied(warehouse), *order)
        assert items(warehouse) == [(1, "铅(以Pb计)", "9"), (2, "铜", "7")]
        cores.append(core(warehouse))
    assert cores[0] == cores[1] == cores[2]
    # Without the file that gave the numbers, the name makes one.
    take_back(warehouse, first)
    left = core(warehouse)
    assert items(warehouse) == [(1, "铅(以Pb计)", "9"), ("made", "铜", "7")]
    load(emptied(warehouse), mended, renamed)
    assert core(warehouse) == left


def test_a_numbered_sample_is_no_repeat_of_one_without_a_number(warehouse: Warehouse, tmp_path: Path) -> None:
    alone = ",茶叶,pass,,铅,1", ",茶叶,pass,,镉,1"
    load(emptied(warehouse), spot(tmp_path, "with", [alone[0], "S1,茶叶,pass,,镉,1", alone[1]]))
    assert warehouse.value("SELECT count(*) FROM core.spot_checks") == 2
    assert warehouse.value("SELECT max(repeat_no) FROM core.spot_checks") == 1


def test_two_tests_of_one_item_stay_two(warehouse: Warehouse, tmp_path: Path) -> None:
    first = spot(tmp_path, "first", ["S1,茶叶,fail,,铅,9", "S1,茶叶,fail,,铅,8", "S1,茶叶,fail,,铅,9"])
    load(emptied(warehouse), first)
    assert sorted(items(warehouse)) == [("made", "铅", "8"), ("made", "铅", "9")]


ROWS = st.builds(
    lambda sample, product, verdict, number, item, result: ",".join((sample, product, verdict, number, item, result)),
    st.sampled_from(["", "", "S1", "S2"]),
    st.sampled_from(["茶叶", "大米"]),
    st.sampled_from(["pass", "fail"]),
    st.sampled_from(["", "", "1", "2"]),
    st.sampled_from(["铅", "铜", "镉"]),
    st.sampled_from(["1", "2"]),
)
FILES = st.lists(
    st.tuples(
        st.lists(ROWS, min_size=1, max_size=5),
        st.integers(1, 3),
        st.sampled_from(["provisional", "validated"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=12, deadline=None)
@given(files=FILES, seed=st.integers(0, 10_000))
def test_any_order_and_twice_and_withdrawn_files_give_the_core_of_the_files_that_stay(
    tmp_path_factory: pytest.TempPathFactory,
    warehouse: Warehouse,
    files: list[tuple[list[str], int, str, bool]],
    seed: int,
) -> None:
    folder = tmp_path_factory.mktemp("files")
    read = {}
    for place, (rows, day, stage, gone) in enumerate(files):
        one = spot(folder, f"f{place}", rows, day=day, stage=stage)
        read.setdefault(file_id(one.file), (one, gone))
    kept = [one for one, gone in read.values() if not gone]
    load(emptied(warehouse), *kept)
    expected = core(warehouse)
    shuffled = random.Random(seed).sample([*read.values()], len(read))
    stood = shelved(warehouse)
    fates = load_together(emptied(warehouse), *[one for one, gone in shuffled if not gone])
    assert shelved(warehouse) == stood, "merged together or one by one, every record stands on the same shelf"
    assert all(one.read == one.accepted + one.quarantined + one.duplicate + one.set_aside for one in fates)
    emptied(warehouse)
    for one, _ in shuffled:
        load(warehouse, one)
    for one, gone in read.values():
        if gone:
            take_back(warehouse, one)
    assert core(warehouse) == expected


@settings(max_examples=12, deadline=None)
@given(rows=st.lists(ROWS, min_size=2, max_size=8), seed=st.integers(0, 10_000))
def test_pieces_of_a_file_give_the_core_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, warehouse: Warehouse, rows: list[str], seed: int
) -> None:
    """Equal rows are kept together, and so are rows of one item that disagree: there the later row of a file stands."""
    folder, chance = tmp_path_factory.mktemp("pieces"), random.Random(seed)
    whole = spot(folder, "whole", rows)
    load(emptied(warehouse), whole)
    expected = core(warehouse)
    groups: dict[str, list[str]] = {}
    for row in rows:
        sample, product, *_ = row.split(",")
        groups.setdefault(sample or product, []).append(row)
    pieces: dict[int, list[str]] = {}
    for group in groups.values():
        pieces.setdefault(chance.randrange(3), []).extend(group)
    parts = [spot(folder, f"piece{number}", piece) for number, piece in pieces.items()]
    load(emptied(warehouse), *chance.sample(parts, len(parts)))
    assert core(warehouse) == expected
