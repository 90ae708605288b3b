"""Conservation: every record of every file has one fate, and the tables agree with the ledger.

Belongs here: queries that select what does not balance; zero rows means it holds. Does not belong
here: deciding fates (`warehouse.merge`).
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import polars as pl

from sources.outcome import Stretch
from sources.registry import Feed
from warehouse.names import ident, quote


@dataclass(frozen=True)
class Imbalance:
    """One thing that does not add up: which file or table, what the ledger says, what was counted."""

    what: str
    ledger: int
    counted: int

    def __str__(self) -> str:
        return f"{self.what}: the ledger says {self.ledger}, counted {self.counted}"


def imbalances(con: duckdb.DuckDBPyConnection, feed: Feed) -> list[Imbalance]:
    """Everything of one feed that does not balance; an empty list means that no record is lost.

    Checks, per file: the sum of the four fates, the quarantine table, the rows set aside; and for the
    feed: accepted and duplicate records = records in core, history and repeat (of the first part, of
    which every record has one).
    """
    name = quote(feed.name)
    queries = [
        "SELECT 'fates of file ' || name, rows_read, "
        "rows_accepted + rows_quarantined + rows_duplicate + rows_set_aside "
        f"FROM meta.source_file WHERE feed = {name}",
        "SELECT 'quarantine of file ' || any_value(f.name), any_value(f.rows_quarantined), count(q.source_file_id) "
        f"FROM meta.source_file f LEFT JOIN quarantine.{ident(feed.name)} q USING (source_file_id) "
        f"WHERE f.feed = {name} GROUP BY f.source_file_id",
        "SELECT 'rows set aside of file ' || any_value(f.name), any_value(f.rows_set_aside), "
        "coalesce(sum(a.rows), 0)::BIGINT FROM meta.source_file f LEFT JOIN meta.set_aside a USING (source_file_id) "
        f"WHERE f.feed = {name} GROUP BY f.source_file_id",
    ]
    part = ident(feed.parts[0].name)
    queries.append(
        f"SELECT 'records of {feed.name}', (SELECT coalesce(sum(rows_accepted + rows_duplicate), 0)::BIGINT FROM "
        f"meta.source_file WHERE feed = {name}), (SELECT count(*) FROM core.{part}) + "
        f"(SELECT count(*) FROM history.{part}) + (SELECT count(*) FROM repeat.{part})"
    )
    union = " UNION ALL ".join(f"({query})" for query in queries)
    rows = con.execute(f"SELECT * FROM ({union}) AS t(what, ledger, counted) WHERE ledger <> counted").fetchall()
    return [Imbalance(*row) for row in rows]


def lost_rows(stretch: Stretch) -> list[tuple[str, int]]:
    """Source rows (sheet, row) that the reader dropped: in no record, no refusal, and not set aside."""
    frames = (stretch.records, stretch.refused, stretch.set_aside)
    seen = pl.concat(frame.select("source_sheet", "source_row") for frame in frames)
    if len(stretch.sheets) == 1:  # mostly each row stands once, and none of a million has to be looked for
        (rows,) = stretch.sheets.values()
        if rows.height == seen.height and seen["source_row"].sort().equals(rows["source_row"]):
            return []
    lost = []
    for name, rows in stretch.sheets.items():
        here = seen.filter(pl.col("source_sheet") == name)
        lost += [(name, row) for row in rows.join(here, on="source_row", how="anti")["source_row"].to_list()]
    return lost
