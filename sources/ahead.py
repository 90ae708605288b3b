"""Working on several things at one time, in their order.

Belongs here: iterators that are ahead of whoever uses them. Does not belong here: what is iterated.

Worth it where the work leaves Python alone, as that of Polars and DuckDB does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")

_END = object()


def one_ahead(items: Iterator[T]) -> Iterator[T]:
    """The items of an iterator, each made in a thread while the one before it is used.

    An exception of the iterator comes where its item would have come. Whoever stops early waits for at most one item.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="one-ahead") as pool:
        coming = pool.submit(next, items, _END)
        while (item := coming.result()) is not _END:
            coming = pool.submit(next, items, _END)
            yield item  # type: ignore[misc]  # what is not the end is an item


def side_by_side(work: Callable[[S], T], items: Iterator[S], workers: int) -> Iterator[T]:
    """What `work` makes of each item, in the order of the items, so many at one time.

    An exception comes where its result would have come: of the first item in order that has one. As many items are held
    as there are workers. Whoever stops early waits for those.
    """
    with ThreadPoolExecutor(workers, thread_name_prefix="side-by-side") as pool:
        coming: deque[Future[T]] = deque()
        while True:
            try:
                item = next(items)
            except StopIteration:
                break
            except Exception as failure:
                coming.append(_failed(failure))
                break
            coming.append(pool.submit(work, item))
            if len(coming) == workers:
                yield coming.popleft().result()
        yield from (made.result() for made in coming)


def _failed(failure: Exception) -> Future[T]:
    failed: Future[T] = Future()
    failed.set_exception(failure)
    return failed
