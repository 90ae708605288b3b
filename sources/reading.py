"""Reading one file: from its bytes to typed records, refusals and rows set aside.

Belongs here: the order of the steps. Does not belong here: any step (`sources.readers`,
`sources.recognise`, `sources.extract`, `sources.conform`) or publication (`sources.adapters`).
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from sources.adapter import Context
from sources.adapters import adapters_of
from sources.conform import REASON, RULE, conform
from sources.dates import timestamps
from sources.extract import NO_CONTENT, NOTE_SHEET, extract, set_aside_whole
from sources.feeds import FEEDS
from sources.identity import DERIVED, number_samples
from sources.outcome import (
    RECORD_KEY,
    REFUSED_SCHEMA,
    SET_ASIDE_SCHEMA,
    Problem,
    Reading,
    Refusal,
    SourceFile,
    raw_json,
)
from sources.published import named_days, named_publication
from sources.readers import Sheets, read_sheets
from sources.readers.content import refuse_empty
from sources.recognise import Recognised, recognise
from sources.registry import LINEAGE, Feed


def read_file(file: SourceFile) -> Reading:
    """Read, recognise and type one file.

    Every source row is in `records`, `refused` or `set_aside`: rows_read is the sum of the three.
    Raises `Refusal` when the file is unreadable, when no adapter of its feed recognises it, or when
    what it says of itself as a whole contradicts itself.
    """
    feed = FEEDS[file.feed]
    sheets = read_sheets(file.path, file.name)
    recognised = recognise(file, sheets, adapters_of(file.feed))
    texts, set_aside = _extracted(file, sheets, recognised)
    if texts.is_empty() and set_aside["reason"].is_in(NO_CONTENT).all():
        refuse_empty(file.name)
    facts = {name: _one_value(file, texts, name) for name in ("series", "stage", "published_at", "origin")}
    records, refused = _typed(feed, texts, sheets)
    published_at, published_at_from = _publication(file, facts["published_at"])
    return Reading(
        file=file,
        adapter=recognised.adapter.series,
        series=facts["series"] or recognised.adapter.series,
        stage=_coded(file, "stage", facts["stage"]) or recognised.adapter.stage,
        published_at=published_at,
        published_at_from=published_at_from,
        origin=_coded(file, "origin", facts["origin"]) or "real",
        records=records,
        refused=refused,
        set_aside=set_aside,
        sheets=sheets,
    )


def _extracted(file: SourceFile, sheets: Sheets, recognised: Recognised) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Text records (with RECORD_KEY) and rows set aside of all sheets."""
    adapter, days = recognised.adapter, named_days(file.name)
    records: list[pl.DataFrame] = []
    set_aside: list[pl.DataFrame] = []
    for name, sheet in sheets.items():
        header = recognised.headers.get(name)
        if header:
            part = extract(adapter, sheet, header, Context(file, name, header.preface, days))
            records.append(part.records.select(pl.lit(name).alias("source_sheet"), pl.all()))
            aside = part.set_aside
        else:
            aside = set_aside_whole(sheet, NOTE_SHEET)
        set_aside.append(aside.select(pl.lit(name).alias("source_sheet"), "source_row", "reason"))
    return pl.concat(records, how="diagonal"), pl.concat(set_aside).cast(SET_ASIDE_SCHEMA)  # type: ignore[arg-type]


def _typed(feed: Feed, texts: pl.DataFrame, sheets: Sheets) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Records with registry types, and those that could not be typed with the reason and their raw row."""
    derived = {feed.identity, *DERIVED} if feed.identity else set()
    typed = conform(feed, texts, derived)
    if feed.identity:
        typed = number_samples(feed, typed)
    good = typed.filter(pl.col(RULE).is_null()).drop(RULE, REASON, "stage", "published_at", "origin", strict=False)
    bad = typed.filter(pl.col(RULE).is_not_null()).select(*RECORD_KEY, rule=RULE, reason=REASON)
    raw = raw_json(sheets, bad.select("source_sheet", "source_row").unique())
    refused = bad.join(raw, on=["source_sheet", "source_row"], how="left").select(*REFUSED_SCHEMA)
    return good, refused.cast(REFUSED_SCHEMA).sort(*RECORD_KEY)  # type: ignore[arg-type]


def _one_value(file: SourceFile, texts: pl.DataFrame, name: str) -> str | None:
    """What a file says of itself in a column; None when it says nothing. One file, one value."""
    if name not in texts.columns:
        return None
    values = texts[name].unique().sort()
    if values.len() > 1:
        found = " and ".join(str(value or "nothing") for value in values.head(3))
        raise Refusal(
            Problem(
                file.name,
                column=name,
                found=f"rows that differ in {name}: {found}",
                accepted=f"one {name} in a file",
                action=f"take example rows out, or split the file by {name}",
            )
        )
    return values.first() if values.len() else None  # type: ignore[return-value]


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
