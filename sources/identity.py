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

#: Two hashes each of a record's batch, item and sample: together 128 bits.
_OF_BATCH, _OF_ITEM, _SAMPLE = ("_batch_1", "_batch_2"), ("_item_1", "_item_2"), ("_sample_1", "_sample_2")
_ROW = (*_OF_BATCH, *_OF_ITEM)
_SEEDS = (1, 2)

#: Columns of a feed with identity that are worked out when a publication does not print them.
DERIVED = (REPEAT, ITEM)


class Numbering:
    """Fills repeat_no, item_no and `_identity` (text) into the records of one file, in file order.

    Rows equal in the batch's and the item's cells are samples of their own, numbered by repeat_no
    (a real second sample can look the same). Rows equal in the batch's cells but with different
    items are items of one sample, numbered by item_no. A sample with a number of its own is that
    one sample however often it stands in the file. Given numbers are kept.

    A file may come in many stretches. What was counted before is kept as hashes of 128 bits, so that
    memory grows by some bytes a record and not by its text.
    """

    def __init__(self, feed: Feed) -> None:
        batch, item = feed.parts
        counters = {feed.identity, REPEAT, ITEM}
        self._id, self._present = feed.identity, item.present
        self._batch, self._item = _cells(batch, counters), _cells(item, counters)
        self._rows = pl.DataFrame(schema={**dict.fromkeys(_ROW, pl.UInt64), "seen": pl.Int64})
        self._items = pl.DataFrame(schema={**dict.fromkeys((*_SAMPLE, *_OF_ITEM), pl.UInt64), "place": pl.Int64})

    def number(self, records: pl.DataFrame) -> pl.DataFrame:
        """The records of the next stretch, numbered."""
        frame = records.with_columns(_joined(self._batch).alias("_batch"), _joined(self._item).alias("_item"))
        frame = frame.with_columns(*_hashes("_batch", _OF_BATCH), *_hashes("_item", _OF_ITEM))
        again = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(_ROW) + pl.col("seen").fill_null(0)
        frame = frame.join(self._rows, on=_ROW, how="left", maintain_order="left")
        alone = pl.when(pl.col(self._id).is_null()).then(again).otherwise(pl.lit(1, pl.Int64))
        frame = frame.with_columns(pl.coalesce(REPEAT, alone).alias(REPEAT)).with_columns(
            pl.concat_str("_batch", pl.col(REPEAT).cast(pl.String), separator=_SEPARATOR).alias(IDENTITY)
        )
        frame = frame.with_columns(pl.coalesce(self._id, IDENTITY).alias("_sample"))
        frame = self._with_items(frame.with_columns(_hashes("_sample", _SAMPLE)))
        self._remember(frame)
        return frame.drop("_batch", "_item", "_sample", "seen", *_ROW, *_SAMPLE)

    def _with_items(self, frame: pl.DataFrame) -> pl.DataFrame:
        """item_no: items of a sample by their first row, 1, 2, … in the order of the file."""
        key = [*_SAMPLE, *_OF_ITEM]
        known = frame.join(self._items, on=key, how="left", maintain_order="left")
        counted = self._items.group_by(_SAMPLE).agg(pl.col("place").max().alias("before"))
        fresh = (
            known.filter(pl.col("place").is_null() & pl.col(self._present).is_not_null())
            .select(key)
            .unique(maintain_order=True)
            .with_columns(place=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(_SAMPLE))
            .join(counted, on=_SAMPLE, how="left", maintain_order="left")
            .select(*key, pl.col("place") + pl.col("before").fill_null(0))
        )
        self._items = pl.concat([self._items, fresh])
        numbered = frame.join(self._items, on=key, how="left", maintain_order="left")
        place = pl.when(pl.col(self._present).is_not_null()).then("place")
        return numbered.with_columns(pl.coalesce(ITEM, place).alias(ITEM)).drop("place")

    def _remember(self, frame: pl.DataFrame) -> None:
        counted = frame.group_by(_ROW).agg(pl.len().cast(pl.Int64).alias("seen"))
        self._rows = pl.concat([self._rows, counted]).group_by(_ROW).agg(pl.col("seen").sum())


def _cells(part: Part, counters: set[str]) -> list[str]:
    return [column.name for column in part.columns if column.name not in counters]


def _joined(names: list[str]) -> pl.Expr:
    return pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in names], separator=_SEPARATOR)


def _hashes(name: str, into: tuple[str, str]) -> list[pl.Expr]:
    return [pl.col(name).hash(seed=seed).alias(column) for column, seed in zip(into, _SEEDS, strict=True)]
