"""Reading the refused records of loaded files again, after an adapter or a rule was mended.

Belongs here: the order of the steps. Does not belong here: how a file is read (`sources`), what is
judged (`checks`), what becomes of a record (`warehouse.reread`).

Only rows with open refused records are taken; whatever else the mended reader would now make of the
file stays as it was loaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from assets.ingest import Say, judged
from sources.outcome import Reading, SourceFile, Stretch, counted
from sources.reading import FileReader
from sources.registry import Feed
from warehouse import reread, staging
from warehouse.ledger import NightStamp
from warehouse.reread import Reread
from warehouse.store import Warehouse


def read_again(
    warehouse: Warehouse, feed: Feed, files: Sequence[SourceFile], stamp: NightStamp, who: str, say: Say
) -> list[Reread]:
    """Read, judge and merge the refused records of loaded files; one account per file, in order.

    Raises `Refusal` when the mended reader does not recognise a file any more (nothing is changed for it).
    """
    accounts = []
    for file in files:
        say(f"reading refused records of {feed.name}/{file.name}")
        staging.open_staging(warehouse, feed)
        reading = _staged(warehouse, feed, file)
        judged(warehouse, feed, [reading], stamp, say)
        accounts.append(reread.merge_again(warehouse, feed, reading, stamp, who))
        warehouse.drop_staging()
    return accounts


def _staged(warehouse: Warehouse, feed: Feed, file: SourceFile) -> Reading:
    """Stage what the reader now makes of the rows that hold open refused records."""
    rows, stored = reread.refused_rows(warehouse, feed, file), reread.stored_records(warehouse, feed, file)
    reader = FileReader(file)
    aside = []
    taken = 0
    for stretch in reader.stretches():
        on, key = list(rows.columns), list(stored.columns)
        part = Stretch(
            file,
            stretch.records.join(rows, on=on, how="semi").join(stored, on=key, how="anti"),
            stretch.refused.join(rows, on=on, how="semi").join(stored, on=key, how="anti"),
            stretch.set_aside.join(rows, on=on, how="semi"),
            stretch.sheets,
        )
        staging.stage(warehouse, feed, part)
        aside.append(part.set_aside)
        taken += part.records.height + part.refused.height + part.set_aside.height
    return replace(reader.reading(), rows_read=taken, aside=counted(pl.concat(aside)))
