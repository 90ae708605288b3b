"""The sample's real publications give one core: in any order, twice, in pieces, corrected, and taken back.

What the small made-up files of `test_any_order` show of one feed, shown of every feed on what agencies
really sent. Pieces keep the lines above the data, the name and the time of the file they were cut from.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.conservation import imbalances
from pipelines.settings import SAMPLE_INBOX
from sources.feeds import FEEDS
from sources.inbox import describe, scan
from sources.outcome import SourceFile, WholeReading
from sources.reading import read_file
from sources.registry import LINEAGE
from support.small_warehouse import emptied, load, load_together, open_warehouse, take_back
from warehouse.store import Warehouse

State = dict[str, list[tuple[Any, ...]]]

#: Lines above the data of the publications that are lists of lines.
ABOVE = {
    "air_train&test.csv": 1,
    "cn_2021_h2_additives_20230718.csv": 1,
    "gdp_index_province_2011_2022.csv": 3,
    "gdp_province_2006_2024_gb18030.csv": 4,
    "population_province_2011_2022.csv": 3,
    "published_figures.csv": 1,
    "regions.csv": 1,
    "samr_2019h2_by_category.txt": 2,
    "stations_lake_tai_and_wuxi.csv": 1,
    "五牧_2021-04.csv": 1,
    "兰山嘴_2021-04.csv": 1,
}

#: Feeds whose lists state some facts twice and differently; the first four cells of a row name the fact.
CONTRADICTORY = ("water_samples", "statistical_returns")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with open_warehouse(tmp_path_factory.mktemp("publications")) as opened:
        yield opened


@pytest.fixture(scope="module")
def files() -> tuple[SourceFile, ...]:
    return scan(SAMPLE_INBOX, {}).files


@pytest.fixture(scope="module")
def publications(files: tuple[SourceFile, ...]) -> list[WholeReading]:
    return [read_file(file) for file in files]


@pytest.fixture(scope="module")
def expected(warehouse: Warehouse, publications: list[WholeReading]) -> State:
    load(emptied(warehouse), *publications)
    found = core(warehouse)
    assert {read.file.feed for read in publications} <= {name for name, rows in found.items() if rows}
    return found


def core(warehouse: Warehouse) -> State:
    """Every table of core without lineage; the books of every feed balance."""
    without = ", ".join(column.name for column in LINEAGE)
    found = {}
    for feed in FEEDS.values():
        assert imbalances(warehouse.con, feed) == [], feed.name
        for part in feed.parts:
            found[part.name] = warehouse.rows(f"SELECT * EXCLUDE ({without}) FROM core.{part.name} ORDER BY ALL")
    return found


def written(file: SourceFile, folder: Path, rows: list[bytes], later: int = 0) -> WholeReading:
    """Rows as a file of their own with the name of the one they come from, sent some seconds later, read."""
    folder.mkdir(parents=True)
    path = folder / Path(file.name).name
    path.write_bytes(b"\n".join(rows) + b"\n")
    moment = file.modified_at.timestamp() + later
    os.utime(path, (moment, moment))
    return read_file(describe(path, file.feed))


def listed(files: tuple[SourceFile, ...]) -> Iterator[tuple[SourceFile, list[bytes], list[bytes]]]:
    """Each publication that is a list of lines: its file, the lines above the data, and the rows of data."""
    for file in files:
        name = Path(file.name).name
        if name in ABOVE:
            lines = file.path.read_bytes().replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")
            yield file, lines[: ABOVE[name]], _rows(lines[ABOVE[name] :])


def _rows(lines: list[bytes]) -> list[bytes]:
    """Rows of lines: a quoted cell may hold line ends."""
    rows: list[bytes] = []
    for line in lines:
        if rows and rows[-1].count(b'"') % 2:
            rows[-1] += b"\n" + line
        else:
            rows.append(line)
    return rows


def test_any_order_together(warehouse: Warehouse, publications: list[WholeReading], expected: State) -> None:
    load_together(emptied(warehouse), *random.Random(1).sample(publications, len(publications)))
    assert core(warehouse) == expected


def test_twice(
    warehouse: Warehouse,
    files: tuple[SourceFile, ...],
    publications: list[WholeReading],
    expected: State,
    tmp_path: Path,
) -> None:
    """Other bytes (line ends, an empty line), the same records: not one of them is a new version."""
    again = [
        written(file, tmp_path / str(place), [*above, *data, b""])
        for place, (file, above, data) in enumerate(listed(files))
    ]
    assert len(again) == len(ABOVE)
    load_together(emptied(warehouse), *publications)
    fates = load_together(warehouse, *again)
    assert [one.accepted for one in fates] == [0] * len(again)
    assert core(warehouse) == expected


def test_pieces(
    warehouse: Warehouse,
    files: tuple[SourceFile, ...],
    publications: list[WholeReading],
    expected: State,
    tmp_path: Path,
) -> None:
    """Each list is dealt out to three files; all of them come in any order.

    Equal rows go to the same file (they are two samples), and so do rows that contradict one another: there the
    later row of a file stands.
    """
    chance = random.Random(3)
    whole = [read for read in publications if Path(read.file.name).name not in ABOVE]
    pieces = []
    for place, (file, above, data) in enumerate(listed(files)):
        named = [b",".join(row.split(b",")[:4]) if file.feed in CONTRADICTORY else row for row in data]
        dealt = {name: chance.randrange(3) for name in sorted(set(named))}
        for piece in range(3):
            rows = [row for name, row in zip(named, data, strict=True) if dealt[name] == piece]
            pieces.append(written(file, tmp_path / f"{place}-{piece}", [*above, *rows]))
    everything = [*whole, *pieces]
    load_together(emptied(warehouse), *chance.sample(everything, len(everything)))
    assert core(warehouse) == expected


def test_corrections_in_any_order_and_taken_back(
    warehouse: Warehouse,
    files: tuple[SourceFile, ...],
    publications: list[WholeReading],
    expected: State,
    tmp_path: Path,
) -> None:
    """A later file moves every figure of a list to the line below it; withdrawn again, core is as it was."""
    chance = random.Random(4)
    wrong = []
    for place, (file, above, data) in enumerate(listed(files)):
        if file.feed in ("water_samples", "air_readings"):
            cells = [line.split(b",") for line in data]
            start = 4 if file.feed == "water_samples" else 1
            shifted = [
                b",".join([*one[:start], *other[start:]])
                for one, other in zip(cells, [*cells[1:], cells[0]], strict=True)
            ]
            wrong.append(written(file, tmp_path / str(place), [*above, *shifted], later=60))
    assert len(wrong) == 3
    cores = []
    for order in ([*wrong, *publications], [*publications, *wrong]):
        load(emptied(warehouse), *order)
        cores.append(core(warehouse))
    assert cores[0] == cores[1], "the later publication stands, whichever came first"
    assert {name for name in expected if cores[0][name] != expected[name]} == {"air_readings", "water_samples"}
    for read in chance.sample(wrong, len(wrong)):
        take_back(warehouse, read)
    assert core(warehouse) == expected
