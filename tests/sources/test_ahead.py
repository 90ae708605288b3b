"""Working ahead and side by side: the order, the first failure, and how much is held."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from sources.ahead import one_ahead, side_by_side


def _slow_first(number: int) -> int:
    """Later items are ready sooner."""
    time.sleep(0.02 if number % 2 == 0 else 0)
    return number * number


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_results_come_in_the_order_of_the_items(workers: int) -> None:
    assert list(side_by_side(_slow_first, iter(range(9)), workers)) == [number * number for number in range(9)]
    assert list(one_ahead(iter(range(9)))) == list(range(9))


def test_so_many_work_at_one_time_and_no_more_are_taken() -> None:
    together = threading.Barrier(2, timeout=10)  # passed only by two at one time
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(6):
            taken.append(number)
            yield number

    results = side_by_side(lambda number: together.wait() * 0 + number, items(), 2)
    assert next(results) == 0
    assert taken == [0, 1]
    assert list(results) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_first_failure_in_order_is_told_after_what_came_before_it(workers: int) -> None:
    def items() -> Iterator[int]:
        yield from range(4)
        raise OSError("the fifth cannot be read")

    def work(number: int) -> int:
        if number == 3:
            time.sleep(0.05)  # the reading has failed long before
            raise ValueError("the fourth is wrong")
        return number

    results = side_by_side(work, items(), workers)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="the fourth"):
        next(results)
    with pytest.raises(OSError, match="the fifth"):
        list(side_by_side(lambda number: number, items(), workers))


def test_whoever_stops_early_is_not_held_up() -> None:
    endless = iter(int, 1)
    results = side_by_side(lambda number: number, one_ahead(endless), 2)
    assert next(results) == 0
    results.close()  # type: ignore[attr-defined]
