"""What reading a file yields: records, refusals, rows set aside, or one problem that refuses it whole.

Belongs here: the types that pass from `sources` to the rest of the house. Does not belong here:
how a file is read (`sources.reading`) or what becomes of its records (`warehouse`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl

from sources.errors import MendableError

#: Names one record of a file, everywhere: in staging, quarantine, core and history.
RECORD_KEY = ("source_sheet", "source_row", "record_no")

REFUSED_SCHEMA = {
    "source_sheet": pl.String,
    "source_row": pl.Int64,
    "record_no": pl.Int64,
    "rule": pl.String,
    "reason": pl.String,
    "raw": pl.String,
}

SET_ASIDE_SCHEMA = {"source_sheet": pl.String, "source_row": pl.Int64, "reason": pl.String}

#: A source row as read: `raw` is a JSON object of its cells.
RAW_SCHEMA = {"source_sheet": pl.String, "source_row": pl.Int64, "raw": pl.String}

ASIDE_SCHEMA = {
    "source_sheet": pl.String,
    "reason": pl.String,
    "rows": pl.Int64,
    "first_row": pl.Int64,
    "last_row": pl.Int64,
}


@dataclass(frozen=True)
class Problem:
    """One thing a person has to mend: where it is, what was found, what would be accepted, what to do."""

    file: str
    found: str
    accepted: str
    action: str
    sheet: str = ""
    row: int | None = None
    column: str = ""

    @property
    def place(self) -> str:
        """`file, sheet s, row r, column c`, leaving out what does not apply."""
        parts = [self.file]
        if self.sheet:
            parts.append(f"sheet {self.sheet}")
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column:
            parts.append(f"column {self.column}")
        return ", ".join(parts)

    def __str__(self) -> str:
        return f"{self.place}: found {self.found}; accepted: {self.accepted}; to do: {self.action}"


class Refusal(MendableError):
    """A file that is refused whole. Carries its `Problem`; the night goes on without the file."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True)
class SourceFile:
    """One file as it lies in the inbox: identity and bytes' hash, nothing interpreted.

    `name` is the path below the feed's folder; `sha256` is that of the bytes as they lie there.
    """

    path: Path
    feed: str
    name: str
    sha256: str
    size: int
    modified_at: datetime


@dataclass(frozen=True)
class Stretch:
    """Some consecutive rows of a file, read and typed. A file is read in one stretch or in many.

    `records`: the feed's columns with their registry types, plus RECORD_KEY and, for feeds with an
    identity column, `_identity` (text that identifies a record whose publication gives no number).
    `refused`: REFUSED_SCHEMA — records that could not be typed or coded. `set_aside`:
    SET_ASIDE_SCHEMA — rows that are no fact of the feed. `sheets`: the rows as read.
    Each record and each row is in one of the three.
    """

    file: SourceFile
    records: pl.DataFrame
    refused: pl.DataFrame
    set_aside: pl.DataFrame
    sheets: dict[str, pl.DataFrame] = field(repr=False)


@dataclass(frozen=True)
class Reading:
    """What a file says of itself as a whole, and how many rows it was read to; no record of it.

    `origin` is real unless the file itself says synthetic. `aside`: ASIDE_SCHEMA — rows that are no
    fact of the feed, counted. `notes`: what a person should know of the file although it was read
    (an encoding that was mended, a hidden sheet). `head`: RAW_SCHEMA — the rows down to the header of
    each sheet. `mends`: which refused records a mend carries (`sources.mends.MENDS_SCHEMA`); None for
    every other file.
    """

    file: SourceFile
    adapter: str
    series: str
    stage: str
    published_at: datetime
    published_at_from: str  # content, file name, or modification time
    origin: str  # real or synthetic
    rows_read: int
    aside: pl.DataFrame
    notes: tuple[str, ...]
    head: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=RAW_SCHEMA), repr=False)
    mends: pl.DataFrame | None = field(default=None, repr=False)

    @property
    def rows_set_aside(self) -> int:
        return int(self.aside["rows"].sum())


@dataclass(frozen=True)
class WholeReading(Reading, Stretch):
    """A file that was read in one piece: its facts as a whole and its one stretch."""


def counted(set_aside: pl.DataFrame) -> pl.DataFrame:
    """Rows set aside (SET_ASIDE_SCHEMA) → ASIDE_SCHEMA, in the order of their first rows."""
    return set_aside.group_by("source_sheet", "reason", maintain_order=True).agg(
        rows=pl.len().cast(pl.Int64), first_row=pl.col("source_row").min(), last_row=pl.col("source_row").max()
    )


def raw_json(sheets: dict[str, pl.DataFrame], wanted: pl.DataFrame) -> pl.DataFrame:
    """JSON of whole source rows: source_sheet, source_row, raw; one row per wanted row."""
    found: Iterable[pl.DataFrame] = (
        rows.join(wanted.filter(pl.col("source_sheet") == name), on="source_row", how="semi").select(
            pl.lit(name).alias("source_sheet"),
            "source_row",
            (pl.struct(pl.exclude("source_row")).struct.json_encode() if rows.width > 1 else pl.lit("{}")).alias("raw"),
        )
        for name, rows in sheets.items()
    )
    parts = list(found)
    return pl.concat(parts) if parts else pl.DataFrame(schema=RAW_SCHEMA)
