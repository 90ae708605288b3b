"""Joins that give each key once.

Belongs here: the one shape of join that Ibis makes awkward. Does not belong here: any calculation.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis.expr.types as ir


def beside(rows: ir.Table, further: ir.Table, keys: Sequence[str]) -> ir.Table:
    """`rows` with the columns of `further` (null where it has no row); the keys stand once."""
    joined = rows.left_join(further, list(keys))
    return joined.drop(*(name for name in joined.columns if name.endswith("_right")))
