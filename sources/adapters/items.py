"""Tested items as bulletins print them: several in a cell, first and repeat tests, results and limits in words.

Belongs here: filling the item columns of `spot_checks` from printed cells. Does not belong here: how one
result or limit is taken apart (`sources.quantities`, `sources.limits`), whether a result keeps its limit
(`assets.spot_checks`).
"""

from __future__ import annotations

import polars as pl

from sources.limits import limits
from sources.quantities import quantities
from sources.several import first_and_repeat, one_row_each

_PRINTED = ("item_name", "item_unit", "result_text", "repeat_result_text", "limit_text")


def one_item_each(frame: pl.DataFrame) -> pl.DataFrame:
    """A record per item of a cell that names several; `record_no` numbers them within their row."""
    split = one_row_each(_complete(frame), "item_name", ("result_text", "limit_text", "item_unit"))
    return split.with_columns(record_no=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("source_row"))


def with_values(frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with result_value, result_qualifier, result_limit, limit_kind, limit_low, limit_high, limit_unit.

    The repeat test decides where there is one; result_text then keeps the first. Cells that a file gives
    itself stay; texts that are no quantity or no limit give nothing.
    """
    frame = _complete(frame)
    tests = first_and_repeat(frame["result_text"])
    frame = frame.with_columns(
        result_text=tests["first"], repeat_result_text=pl.coalesce("repeat_result_text", tests["repeat"])
    )
    result = quantities(frame.select(pl.coalesce("repeat_result_text", "result_text")).to_series())
    limit = limits(frame["limit_text"])
    found = {
        "result_value": result["number"],
        "result_qualifier": result["qualifier"],
        "result_limit": result["detection_limit"],
        "item_unit": result["unit"],
        "limit_kind": limit["kind"],
        "limit_low": limit["low"].cast(pl.String),
        "limit_high": limit["high"].cast(pl.String),
        "limit_unit": limit["unit"],
    }
    given = {name: frame[name] if name in frame.columns else pl.lit(None, pl.String) for name in found}
    return frame.with_columns(pl.coalesce(given[name], text).alias(name) for name, text in found.items())


def _complete(frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with every printed column; what the publication does not have is null."""
    return frame.with_columns(pl.lit(None, pl.String).alias(name) for name in _PRINTED if name not in frame.columns)
