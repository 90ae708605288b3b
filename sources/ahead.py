"""Working on one thing while the next is made.

Belongs here: an iterator that is one step ahead of whoever uses it. Does not belong here: what is iterated.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

_END = object()


def one_ahead(items: Iterator[T]) -> Iterator[T]:
    """The items of an iterator, each made in a thread while the one before it is used.

    An exception of the iterator comes where its item would have come. Worth it where both sides leave Python alone,
    as Polars and DuckDB do. Whoever stops early waits for at most one item.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="one-ahead") as pool:
        coming = pool.submit(next, items, _END)
        while (item := coming.result()) is not _END:
            coming = pool.submit(next, items, _END)
            yield item  # type: ignore[misc]  # what is not the end is an item
