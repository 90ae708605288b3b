"""Numbers for samples that their publication does not number.

Belongs here: telling repeats of a row apart. Does not belong here: turning an identity into an id
(`warehouse.staging`), numbers of items (`warehouse.numbering`).
"""

from __future__ import annotations

import polars as pl

from sources.registry import Feed, Part

#: Joins the identifying cells; a control character that no publication contains.
_SEPARATOR = "\x1f"

IDENTITY = "_identity"
REPEAT, ITEM = "repeat_no", "item_no"

#: Two hashes each of a record's batch and item: together 128 bits.
_OF_BATCH, _OF_ITEM = ("_batch_1", "_batch_2"), ("_item_1", "_item_2")
_ROW = (*_OF_BATCH, *_OF_ITEM)
_SEEDS = (1, 2)

#: Columns of a feed with identity that are worked out when a publication does not print them.
DERIVED = (REPEAT, ITEM)


class Numbering:
    """Fills repeat_no and `_identity` (text) into the records of one file, in file order.

    Rows equal in the batch's and the item's cells are samples of their own, numbered by repeat_no
    (a real second sample can look the same). Rows equal in the batch's cells but with different
    items are items of one sample. A sample with a number of its own is that one sample however often
    it stands in the file. Given numbers are kept.

    A file may come in many stretches. What was counted before is kept as hashes of 128 bits, so that
    memory grows by some bytes a record and not by its text.
    """

    def __init__(self, feed: Feed) -> None:
        batch, item = feed.parts
        counters = {feed.identity, REPEAT, ITEM}
        self._id = feed.identity
        self._batch, self._item = _cells(batch, counters), _cells(item, counters)
        self._rows = pl.DataFrame(schema={**dict.fromkeys(_ROW, pl.UInt64), "seen": pl.Int64})

    def number(self, records: pl.DataFrame) -> pl.DataFrame:
        """The records of the next stretch, numbered."""
        # A sample with a number of its own is no repeat of one that has none.
        item = _joined([self._id, *self._item])
        frame = records.with_columns(_joined(self._batch).alias("_batch"), item.alias("_item"))
        frame = frame.with_columns(*_hashes("_batch", _OF_BATCH), *_hashes("_item", _OF_ITEM))
        again = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(_ROW) + pl.col("seen").fill_null(0)
        frame = frame.join(self._rows, on=_ROW, how="left", maintain_order="left")
        alone = pl.when(pl.col(self._id).is_null()).then(again).otherwise(pl.lit(1, pl.Int64))
        frame = frame.with_columns(pl.coalesce(REPEAT, alone).alias(REPEAT)).with_columns(
            pl.concat_str("_batch", pl.col(REPEAT).cast(pl.String), separator=_SEPARATOR).alias(IDENTITY)
        )
        self._remember(frame)
        return frame.drop("_batch", "_item", "seen", *_ROW)

    def _remember(self, frame: pl.DataFrame) -> None:
        counted = frame.group_by(_ROW).agg(pl.len().cast(pl.Int64).alias("seen"))
        self._rows = pl.concat([self._rows, counted]).group_by(_ROW).agg(pl.col("seen").sum())


def _cells(part: Part, counters: set[str]) -> list[str]:
    return [column.name for column in part.columns if column.name not in counters and not column.ours]


def _joined(names: list[str]) -> pl.Expr:
    return pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in names], separator=_SEPARATOR)


def _hashes(name: str, into: tuple[str, str]) -> list[pl.Expr]:
    return [pl.col(name).hash(seed=seed).alias(column) for column, seed in zip(into, _SEEDS, strict=True)]
