"""How far loading is, in words: nothing for an ordinary night, files, bytes and time for years of files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from assets.remaining import Remaining
from sources.outcome import SourceFile

MEGABYTE = 1000**2


def files(*sizes: int) -> list[SourceFile]:
    named = ((f"{number}.csv", size) for number, size in enumerate(sizes))
    return [SourceFile(Path(name), "air_readings", name, "", size, datetime(2015, 1, 1)) for name, size in named]


def told(found: list[SourceFile], seconds_each: float) -> list[str]:
    clock = iter(seconds_each * tick for tick in range(len(found) + 1))
    remaining = Remaining(found, lambda: next(clock))
    return [remaining.beside(file) for file in found]


def test_a_few_small_files_are_not_counted() -> None:
    assert told(files(1000, 2000), 1.0) == ["", ""]


def test_time_is_told_by_bytes_once_enough_of_them_are_done() -> None:
    assert told(files(100 * MEGABYTE, 200 * MEGABYTE, 300 * MEGABYTE), 60.0) == [
        " (1 of 3 files, 600 MB left)",
        " (2 of 3 files, 500 MB left, about 5 min)",
        " (3 of 3 files, 300 MB left, about 2 min)",
    ]


def test_many_small_files_are_counted() -> None:
    last = told(files(*[1000] * 40), 0.1)[-1]
    assert last == " (40 of 40 files, 0 MB left, less than a minute)"
