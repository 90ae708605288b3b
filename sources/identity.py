"""Numbers for samples that their publication does not number.

Belongs here: telling repeats of a row, and several items of one sample, apart. Does not belong
here: turning an identity into an id (`warehouse.staging`).
"""

from __future__ import annotations

import polars as pl

from sources.registry import Feed, Part

#: Joins the identifying cells; a control character that no publication contains.
_SEPARATOR = "\x1f"

IDENTITY = "_identity"
REPEAT, ITEM = "repeat_no", "item_no"

#: Columns of a feed with identity that are worked out when a publication does not print them.
DERIVED = (REPEAT, ITEM)


def number_samples(feed: Feed, records: pl.DataFrame) -> pl.DataFrame:
    """`records` with repeat_no, item_no and `_identity` (text) filled in, in file order.

    Rows equal in the batch's and the item's cells are samples of their own, numbered by repeat_no
    (a real second sample can look the same). Rows equal in the batch's cells but with different
    items are items of one sample, numbered by item_no. A sample with a number of its own is that
    one sample however often it stands in the file. Given numbers are kept.
    """
    batch, item = feed.parts
    counters = {feed.identity, REPEAT, ITEM}
    frame = records.with_row_index("_row").with_columns(
        _joined(_cells(batch, counters)).alias("_batch"), _joined(_cells(item, counters)).alias("_item")
    )
    again = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("_batch", "_item")
    alone = pl.when(pl.col(feed.identity).is_null()).then(again).otherwise(pl.lit(1, pl.Int64))
    frame = frame.with_columns(pl.coalesce(REPEAT, alone).alias(REPEAT)).with_columns(
        pl.concat_str("_batch", pl.col(REPEAT).cast(pl.String), separator=_SEPARATOR).alias(IDENTITY)
    )
    frame = frame.with_columns(pl.coalesce(feed.identity, IDENTITY).alias("_sample"))
    # Items of a sample by their first row: 1, 2, … in the order of the file.
    first = pl.col("_row").min().over("_sample", "_item")
    place = pl.when(pl.col(item.present).is_not_null()).then(first)
    return frame.with_columns(pl.coalesce(ITEM, place.rank("dense").over("_sample").cast(pl.Int64)).alias(ITEM)).drop(
        "_row", "_batch", "_item", "_sample"
    )


def _cells(part: Part, counters: set[str]) -> list[str]:
    return [column.name for column in part.columns if column.name not in counters]


def _joined(names: list[str]) -> pl.Expr:
    return pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in names], separator=_SEPARATOR)
