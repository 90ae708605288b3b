"""Reading one file: from its bytes to typed records, refusals and rows set aside.

Belongs here: the order of the steps, and what must hold for a file as a whole. Does not belong here:
any step (`sources.readers`, `sources.recognise`, `sources.extract`, `sources.conform`) or publication
(`sources.adapters`).

A file is recognised from its first rows and then read stretch by stretch, so that memory does not
grow with it; what becomes of a row does not depend on where a stretch ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import polars as pl

from sources import bounds
from sources.adapter import Adapter, Context
from sources.adapters import adapters_of
from sources.ahead import one_ahead, side_by_side
from sources.conform import REASON, RULE, conform
from sources.dates import timestamps
from sources.extract import FILE_COLUMNS, NO_CONTENT, NOTE_SHEET, extract, set_aside_whole
from sources.feeds import FEEDS
from sources.identity import DERIVED, Numbering
from sources.mends import Mend, mend_of
from sources.outcome import (
    ASIDE_SCHEMA,
    RECORD_KEY,
    REFUSED_SCHEMA,
    SET_ASIDE_SCHEMA,
    Problem,
    Reading,
    Refusal,
    SourceFile,
    Stretch,
    WholeReading,
    counted,
    raw_json,
)
from sources.published import named_days, named_publication
from sources.readers import Opened, Sheets, open_file
from sources.readers.content import refuse_empty
from sources.recognise import Recognised, Unrecognised, check_unknown, recognise
from sources.registry import LINEAGE, Feed


class FileReader:
    """One file being read: recognised when made, then read stretch by stretch, once.

    Raises `Refusal` when the file is unreadable, when no adapter of its feed recognises it (at once), or
    when what it says of itself as a whole contradicts itself (where that shows).
    """

    def __init__(self, file: SourceFile, stretch: int = bounds.STRETCH_BYTES) -> None:
        self.file = file
        self._stretch = stretch
        self._feed: Feed = FEEDS[file.feed]
        self._opened, self._mend = _opened(file)
        known = adapters_of(file.feed)
        adapters = self._mend.adapters(file, known) if self._mend else known
        self._recognised: Recognised = recognise(file, self._opened.heads, adapters, self._opened.loose)
        self._numbering = Numbering(self._feed) if self._feed.identity else None
        self._said: dict[str, set[str | None]] = {}
        self._aside = pl.DataFrame(schema=ASIDE_SCHEMA)
        self._rows = 0
        self._content = False

    @property
    def adapter(self) -> Adapter:
        """The adapter that recognised the file."""
        return self._recognised.adapter

    @property
    def opened(self) -> Opened:
        """The file as it was opened: format, encoding, first rows of its sheets, notes."""
        return self._opened

    @property
    def read_sheets(self) -> tuple[str, ...]:
        """The sheets that hold records."""
        return tuple(self._recognised.headers)

    def stretches(self) -> Iterator[Stretch]:
        """Every stretch of the file, in its order; the next one is read while the caller works on this one."""
        return one_ahead(self._stretches())

    def _stretches(self) -> Iterator[Stretch]:
        for sheets, texts, set_aside, typed in side_by_side(self._worked, self._pieces(), _workers()):
            for name in ("series", *FILE_COLUMNS):
                if name in texts.columns and texts.height:
                    self._note_value(name, set(texts[name].unique()))
            records, refused = self._parted(typed, sheets)
            if self._mend:
                left_out = [self._mend.left_out(frame) for frame in (records, refused)]
                set_aside = pl.concat([set_aside, *left_out])
                records, refused = self._mend.kept(records), self._mend.kept(refused)
            self._content = self._content or not (texts.is_empty() and set_aside["reason"].is_in(NO_CONTENT).all())
            self._rows += records.height + refused.height + set_aside.height
            self._count(counted(set_aside))
            yield Stretch(self.file, records, refused, set_aside, sheets)
        if not self._content:
            refuse_empty(self.file.name)

    def reading(self) -> Reading:
        """What the file says of itself as a whole; after its last stretch."""
        published_at, published_at_from = _publication(self.file, self._value("published_at"))
        adapter = self._recognised.adapter
        reading = Reading(
            file=self.file,
            adapter=adapter.series,
            series=self._value("series") or adapter.series,
            stage=_coded(self.file, "stage", self._value("stage")) or adapter.stage,
            published_at=published_at,
            published_at_from=published_at_from,
            origin=_coded(self.file, "origin", self._value("origin")) or "real",
            rows_read=self._rows,
            aside=self._aside,
            notes=self._opened.notes,
            head=self._head(),
        )
        if self._mend:
            # A mend speaks for the file that it mends: it is no later publication.
            said = self._mend.control
            return replace(
                reading,
                stage=said.stage,
                published_at=said.published_at,
                published_at_from=said.published_at_from,
                origin=said.origin,
                mends=self._mend.mends,
            )
        return reading

    def _head(self) -> pl.DataFrame:
        """RAW_SCHEMA: the rows down to the header; of a layout without one, the row by which it is recognised."""
        last = {name: header.last_row for name, header in self._recognised.headers.items()}
        heads = {name: self._opened.heads[name] for name in last}
        rows = {
            name: sheet.head(1) if last[name] < 0 else sheet.filter(pl.col("source_row") <= last[name])
            for name, sheet in heads.items()
        }
        wanted = [sheet.select(pl.lit(name).alias("source_sheet"), "source_row") for name, sheet in rows.items()]
        return raw_json(rows, pl.concat(wanted))

    def _pieces(self) -> Iterator[Sheets]:
        """The file's sheets, in stretches; in one where the publication must be seen as a whole."""
        pieces = self._opened.stretches(self._stretch)
        if self._recognised.adapter.streams:
            yield from pieces
            return
        parts: dict[str, list[pl.DataFrame]] = {}
        size = 0
        for piece in pieces:
            for name, rows in piece.items():
                parts.setdefault(name, []).append(rows)
                size += int(rows.estimated_size())
                if size > bounds.MAX_WHOLE_BYTES:
                    self._refuse_size()
        yield {name: pl.concat(rows, how="diagonal") for name, rows in parts.items()}

    def _extracted(self, sheets: Sheets) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Text records (with RECORD_KEY) and rows set aside of a stretch."""
        adapter, opened = self._recognised.adapter, self._opened
        records: list[pl.DataFrame] = []
        set_aside: list[pl.DataFrame] = []
        for name, sheet in sheets.items():
            header = self._recognised.headers.get(name)
            if header:
                check_unknown(self.file, name, sheet, adapter, header)
                file, there = self.file, name
                if self._mend:
                    file, there = self._mend.published(file), self._mend.control.sheets[name]
                days = named_days("/".join(filter(None, (file.name, opened.members.get(name, "")))))
                context = Context(file, there.rpartition("/")[2], header.preface, days)
                part = extract(adapter, sheet, header, context, opened.trimmed)
                records.append(part.records.select(pl.lit(name).alias("source_sheet"), pl.all()))
                aside = part.set_aside
            else:
                aside = set_aside_whole(sheet, opened.loose.get(name, NOTE_SHEET))
            set_aside.append(aside.select(pl.lit(name).alias("source_sheet"), "source_row", "reason"))
        texts = pl.concat(records, how="diagonal") if records else _NO_RECORDS
        return texts, pl.concat(set_aside).cast(SET_ASIDE_SCHEMA)  # type: ignore[arg-type]

    def _worked(self, sheets: Sheets) -> tuple[Sheets, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """What of a stretch depends on no other: its sheets, text records, rows set aside, and typed records."""
        texts, set_aside = self._extracted(sheets)
        feed = self._feed
        derived = {feed.identity, *DERIVED} if feed.identity else set()
        return sheets, texts, set_aside, conform(feed, texts, derived, self._recognised.adapter.date_order)

    def _parted(self, typed: pl.DataFrame, sheets: Sheets) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Records with registry types, and those that could not be typed with the reason and their raw row."""
        if self._numbering:
            typed = self._numbering.number(typed)
        if typed[RULE].null_count() == typed.height:  # as nearly always: nothing is copied to leave nothing out
            return typed.drop(RULE, REASON, *FILE_COLUMNS, strict=False), _NONE_REFUSED
        good = typed.filter(pl.col(RULE).is_null()).drop(RULE, REASON, *FILE_COLUMNS, strict=False)
        bad = typed.filter(pl.col(RULE).is_not_null()).select(*RECORD_KEY, rule=RULE, reason=REASON)
        raw = raw_json(sheets, bad.select("source_sheet", "source_row").unique())
        refused = bad.join(raw, on=["source_sheet", "source_row"], how="left").select(*REFUSED_SCHEMA)
        return good, refused.cast(REFUSED_SCHEMA).sort(*RECORD_KEY)  # type: ignore[arg-type]

    def _note_value(self, name: str, values: set[str | None]) -> None:
        """Remember what the file says of itself in a column. One file, one value."""
        said = self._said.setdefault(name, set())
        said |= values
        if len(said) > 1:
            found = " and ".join(sorted(value or "nothing" for value in said)[:3])
            raise Refusal(
                Problem(
                    self.file.name,
                    column=name,
                    found=f"rows that differ in {name}: {found}",
                    accepted=f"one {name} in a file",
                    action=f"take example rows out, or split the file by {name}",
                )
            )

    def _value(self, name: str) -> str | None:
        """What a file says of itself in a column; None when it says nothing."""
        return next(iter(self._said.get(name, ())), None)

    def _count(self, aside: pl.DataFrame) -> None:
        both = pl.concat([self._aside, aside.cast(ASIDE_SCHEMA)])  # type: ignore[arg-type]
        self._aside = both.group_by("source_sheet", "reason", maintain_order=True).agg(
            pl.col("rows").sum(), pl.col("first_row").min(), pl.col("last_row").max()
        )

    def _refuse_size(self) -> None:
        adapter = self._recognised.adapter
        limit = bounds.MAX_WHOLE_BYTES // 1024**2
        raise Refusal(
            Problem(
                self.file.name,
                found=f"more than {limit} MiB of {adapter.zh} ({adapter.series})",
                accepted=f"up to {limit} MiB, because this publication can only be understood as a whole",
                action="split the file by month or region" + bounds.or_raise("whole_bytes"),
            )
        )


_NONE_REFUSED = pl.DataFrame(schema=REFUSED_SCHEMA)
_NO_RECORDS = pl.DataFrame(schema={"source_sheet": pl.String, "source_row": pl.Int64, "record_no": pl.Int64})


def _workers() -> int:
    """Stretches that are worked on at one time: memory is held for each."""
    return min(pl.thread_pool_size(), bounds.STRETCHES_AT_ONCE)


def feed_of(describe: Callable[[str], SourceFile], feeds: Sequence[str]) -> str:
    """The first feed whose adapters recognise a file; `describe` gives the file as one of a feed.

    Raises `Refusal`: what is wrong with the publication that it is, else the nearest layout of all.
    """
    wrong: Refusal | None = None
    file = describe(feeds[0])
    opened = open_file(file.path, file.name)
    for name in feeds:
        try:
            recognise(describe(name), opened.heads, adapters_of(name), opened.loose)
        except Unrecognised:
            continue
        except Refusal as refusal:
            wrong = wrong or refusal
        else:
            return name
    if wrong:
        raise wrong
    recognise(file, opened.heads, [adapter for name in feeds for adapter in adapters_of(name)], opened.loose)
    raise AssertionError("a file that no feed recognises is recognised by all together")


def read_file(file: SourceFile) -> WholeReading:
    """Read, recognise and type one file in one piece, whatever its size.

    Every source row is in `records`, `refused` or `set_aside`: rows_read is the sum of the three.
    Raises `Refusal` as `FileReader` does.
    """
    reader = FileReader(file, bounds.MAX_UNPACKED_BYTES)
    parts = list(reader.stretches())
    facts = reader.reading()
    sheets: dict[str, list[pl.DataFrame]] = {}
    for part in parts:
        for name, rows in part.sheets.items():
            sheets.setdefault(name, []).append(rows)
    return WholeReading(
        **vars(facts),
        records=pl.concat([part.records for part in parts], how="diagonal"),
        refused=pl.concat([part.refused for part in parts]),
        set_aside=pl.concat([part.set_aside for part in parts]),
        sheets={name: pl.concat(rows, how="diagonal") for name, rows in sheets.items()},
    )


def raw_rows(file: SourceFile, wanted: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The raw JSON of the source rows named by `wanted` (source_sheet, source_row), read once more.

    → source_sheet, source_row, raw, a frame for each stretch that has such rows.
    """
    for sheets in _opened(file)[0].stretches(bounds.STRETCH_BYTES):
        found = raw_json(sheets, wanted)
        if found.height:
            yield found


def _opened(file: SourceFile) -> tuple[Opened, Mend | None]:
    """A file as it was published: a mend shows the publication's own cells. Raises `Refusal`."""
    opened = open_file(file.path, file.name)
    mend = mend_of(file, opened)
    return (mend.opened, mend) if mend else (opened, None)


def _coded(file: SourceFile, name: str, text: str | None) -> str | None:
    """A word for the whole file as its code."""
    if text is None:
        return None
    column = next(column for column in LINEAGE if column.name == name)
    assert column.codes is not None
    code = column.codes.spellings.get(text) or column.codes.spellings.get(text.lower())
    if code is None:
        raise Refusal(
            Problem(
                file.name,
                column=name,
                found=f'"{text}"',
                accepted=", ".join(f"{known.code} ({known.zh})" for known in column.codes.codes),
                action=f"correct the column {name}",
            )
        )
    return code


def _publication(file: SourceFile, text: str | None) -> tuple[datetime, str]:
    """When the file was published, and where that is known from."""
    if text is not None:
        moment = timestamps(pl.Series([text])).item()
        if moment is None:
            raise Refusal(
                Problem(
                    file.name,
                    column="published_at",
                    found=f'"{text}"',
                    accepted="a local time such as 2012-01-02 08:00",
                    action="correct the column published_at",
                )
            )
        return moment, "content"
    named = named_publication(file.name)
    return (named, "file name") if named else (file.modified_at, "modification time")
