"""What a link is.

Belongs here: the type. Does not belong here: any link (`assets.lineage.subjects`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse.marts import Inputs

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class Link:
    """A row `m` of `table` rests on the rows `u` of `upstream` for which `on` holds (SQL over both).

    `beside`: further tables, as SQL that follows `m` (`JOIN standard.x d ON …`). `chosen`: where the
    calculation takes some rows of several that fit, the rows that it takes, from the calculation itself: its
    columns named u_… are those of `upstream`, those named m_… of `table`, i_… of `i` in `beside`.
    """

    table: str
    upstream: str
    on: str
    beside: str = ""
    chosen: Callable[[Inputs], ir.Table] | None = None


def same(*columns: str, **pairs: str) -> str:
    """SQL: these columns are equal on both sides; `pairs` name a column of `m` and an expression over `u`."""
    parts = [f"u.{name} = m.{name}" for name in columns]
    return " AND ".join([*parts, *(f"{there} = m.{name}" for name, there in pairs.items())])
