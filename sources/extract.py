"""A recognised sheet → text records in the feed's columns, and the rows that are none.

Belongs here: carrying out what an adapter declares: cutting off the header, missing markers,
set-aside rules, wide to long. Does not belong here: types (`sources.conform`).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from sources.adapter import ASIDE, TAGS, Adapter, Context, Melt
from sources.recognise import Header
from sources.registry import Feed
from sources.units import UNIT

#: Columns that say something of the whole file when a publication prints them on each row.
FILE_COLUMNS = ("stage", "published_at", "origin")

_BLANK, _PREFACE, _HEADER, _NO_VALUE = "blank row", "preface", "header", "no value reported"
_WITHDRAWN = "value withdrawn by a later row of the sample"
NOTE_SHEET = "sheet of notes"

#: Rows that can hold no fact whatever they say; a file of nothing else is empty.
NO_CONTENT = (_BLANK, _PREFACE, _HEADER, NOTE_SHEET)

_POSITION = "_position"


@dataclass(frozen=True)
class Extract:
    """What a sheet yields.

    `records`: source_row, record_no and text columns of the feed (and of FILE_COLUMNS) as far as the
    publication has them. `set_aside`: source_row, reason.
    """

    records: pl.DataFrame
    set_aside: pl.DataFrame


def set_aside_whole(sheet: pl.DataFrame, reason: str) -> pl.DataFrame:
    """Every row of a sheet, set aside for one reason: source_row, reason."""
    return sheet.select("source_row", pl.lit(reason).alias("reason"))


def extract(adapter: Adapter, sheet: pl.DataFrame, header: Header, context: Context, trimmed: bool = False) -> Extract:
    """The records of one sheet, or of a stretch of it. Every row of it ends in `records` or in `set_aside`.

    `trimmed`: no cell has blanks at its ends, so that none is looked at for them.
    """
    absent = sorted({*header.columns.values(), *header.labels} - set(sheet.columns))
    cells = sheet.with_columns(pl.lit(None, pl.String).alias(name) for name in absent)
    if not trimmed:
        cells = cells.with_columns(pl.exclude("source_row").str.strip_chars())
    cells = cells.with_columns(_null_if(pl.exclude("source_row"), ("",)))
    row, blank = pl.col("source_row"), pl.all_horizontal(pl.exclude("source_row").is_null())
    reason = pl.when(row >= header.first_row).then(pl.lit(_HEADER)).when(blank).then(pl.lit(_BLANK))
    head, body = _divided(cells, row <= header.last_row)
    again = row.is_in(_header_rows(adapter, header, body).implode())
    empty, body = _divided(body, again | blank)
    rows = _labelled(adapter, header, body)
    if adapter.prepare:
        rows = adapter.prepare(_with_declared(adapter, rows), context)
    aside, kept = _divided(_judged(adapter, rows), pl.col(ASIDE).is_not_null())
    kept = kept.drop(ASIDE)
    silent = withdrawn = kept.clear()
    records = kept if "record_no" in kept.columns else _numbered(kept)
    if adapter.melt:
        kept, withdrawn = _standing(adapter, adapter.melt, header, kept)
        records = _melted(adapter.melt, header, kept)
        silent = kept.join(pl.concat([records, withdrawn], how="diagonal"), on="source_row", how="anti")
    set_aside = pl.concat(
        [
            head.select(row, reason.otherwise(pl.lit(_PREFACE)).alias("reason")),
            empty.select(row, pl.when(again).then(pl.lit(_HEADER)).otherwise(pl.lit(_BLANK)).alias("reason")),
            aside.select(row, pl.col(ASIDE).alias("reason")),
            set_aside_whole(silent, _NO_VALUE),
            set_aside_whole(withdrawn, _WITHDRAWN),
        ]
    )
    return Extract(_named(adapter, records, header), set_aside.sort("source_row"))


def _divided(rows: pl.DataFrame, condition: pl.Expr) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows for which a condition holds, and the others; nothing is copied where it holds for none."""
    holds = rows.select(condition.alias("holds")).to_series()
    return (rows.filter(holds), rows.filter(~holds)) if holds.any() else (rows.clear(), rows)


def _null_if(cells: pl.Expr, marks: tuple[str, ...]) -> pl.Expr:
    return pl.when(~cells.is_in(marks)).then(cells).name.keep()


def _header_rows(adapter: Adapter, header: Header, cells: pl.DataFrame) -> pl.Series:
    """Rows that are a header: every cell of a declared column is empty or a label of that column."""
    if header.last_row < 0:
        return cells["source_row"].clear()
    name, first = next(iter(header.columns.items()))
    spelled = [*adapter.columns[name], header.spelled]
    candidates = cells.filter(pl.col(first).is_in(spelled))
    folded = {
        name: pl.col(cell).str.normalize("NFKC").str.replace_all(rf"\s|{TAGS}", "").str.to_lowercase()
        for name, cell in header.columns.items()
    }
    labels = [cell.is_in(list(adapter.labels[name])).fill_null(True) for name, cell in folded.items()]
    return candidates.filter(pl.all_horizontal(labels))["source_row"]


def _labelled(adapter: Adapter, header: Header, body: pl.DataFrame) -> pl.DataFrame:
    """Cells under feed columns (where declared) and labels (everything else), missing markers as null."""
    marked = body.with_columns(_null_if(pl.exclude("source_row"), tuple(adapter.missing)))
    taken = {"source_row", *header.columns}
    others: dict[str, str] = {}
    for cell, label in header.labels.items():
        plain = label not in taken | set(others) and not _expands(label)
        others[label if plain else cell] = cell
    columns = {**header.columns, **others}
    labelled = marked.select("source_row", *(pl.col(cell).alias(name) for name, cell in columns.items()))
    return labelled.with_columns(
        *(_null_if_zero(name) for name in labelled.columns[1:] if _means_missing(adapter, name)),
        *(pl.col(name).forward_fill() for name in adapter.fill_down if name in labelled.columns),
    )


def _means_missing(adapter: Adapter, name: str) -> bool:
    """Whether a zero in this column, or under this label of values, is no value."""
    valued = adapter.melt is not None and adapter.melt.matches(name) and adapter.melt.values[0]
    return (valued or name) in adapter.zero_is_missing


def _null_if_zero(name: str) -> pl.Expr:
    return pl.when(~pl.col(name).str.contains(r"^[+-]?0+(?:\.0*)?$")).then(pl.col(name)).alias(name)


def _with_declared(adapter: Adapter, rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with every column that a publication declares, so that `prepare` need not ask which a file has.

    The canonical layout declares all of its feed, and asks.
    """
    absent = [] if adapter.closed else [name for name in adapter.columns if name not in rows.columns]
    return rows.with_columns(pl.lit(None, pl.String).alias(name) for name in absent)


def _expands(label: str) -> bool:
    """Whether Polars would read a heading as a pattern of columns and not as a name."""
    return label == "*" or (label.startswith("^") and label.endswith("$"))


def _judged(adapter: Adapter, rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with `_aside`: what `prepare` said, the first rule that holds, or no measure at all."""
    reason = pl.col(ASIDE) if ASIDE in rows.columns else pl.lit(None, pl.String)
    rules = [pl.when(condition).then(pl.lit(said)) for said, condition in adapter.set_aside]
    measured = [pl.col(name).is_null() for name in adapter.measures if name in rows.columns]
    if measured and rows.select(pl.all_horizontal(measured).any()).item():  # mostly not: no word for each of a million
        rules.append(pl.when(pl.all_horizontal(measured)).then(pl.lit(_NO_VALUE)))
    return rows.with_columns(pl.coalesce(reason, *rules).alias(ASIDE))


def _standing(adapter: Adapter, melt: Melt, header: Header, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`rows` without the values that a later row of the sample withdrew, and one source_row for each of those."""
    labels = [label for label in header.labels.values() if melt.matches(label)]
    if not adapter.last_row_stands or not labels:
        return rows, rows.select("source_row").clear()
    named = pl.all_horizontal(pl.col(name).is_not_null() for name in adapter.last_row_stands)
    gone = {
        label: named & pl.col(label).is_not_null() & pl.col(label).last().over(adapter.last_row_stands).is_null()
        for label in labels
    }
    withdrawn = rows.select("source_row", pl.sum_horizontal(gone.values()).alias("cells"))
    return (
        rows.with_columns(pl.when(~lost).then(pl.col(label)).alias(label) for label, lost in gone.items()),
        withdrawn.select(pl.col("source_row").repeat_by("cells").explode()).drop_nulls(),
    )


def _melted(melt: Melt, header: Header, rows: pl.DataFrame) -> pl.DataFrame:
    """One record per value column that has a value; `record_no` in the order of the columns."""
    labels = [label for label in header.labels.values() if melt.matches(label)]
    helpers = {f"{prefix}{label}" for prefix in ("", *melt.beside.values()) for label in labels}
    fixed = [name for name in rows.columns if name not in helpers]
    parts = [
        rows.select(
            *fixed,
            *(pl.col(label).alias(name) for name in melt.values),
            *(pl.col(f"{prefix}{label}").alias(name) for name, prefix in melt.beside.items()),
            *(pl.lit(text).alias(name) for name, text in melt.constants(label).items()),
            pl.lit(place).alias(_POSITION),
        ).filter(pl.col(melt.values[0]).is_not_null())
        for place, label in enumerate(labels)
    ]
    return pl.concat(parts).sort("source_row", _POSITION).pipe(_numbered).drop(_POSITION)


def _numbered(records: pl.DataFrame) -> pl.DataFrame:
    """`records` with record_no: a row that was cut into several records has them numbered in order."""
    if (records["source_row"].diff().drop_nulls() > 0).all():
        return records.with_columns(record_no=pl.lit(1, pl.Int64))  # a number each, without grouping a million rows
    return records.with_columns(record_no=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("source_row"))


def _named(adapter: Adapter, records: pl.DataFrame, header: Header) -> pl.DataFrame:
    """The feed's columns and the file's, with the adapter's constants, its recoded words, and units."""
    feed: Feed = adapter.definition
    constants = {"series": adapter.series, **adapter.constants}
    units = {f"{UNIT}{name}": unit for name, unit in {**adapter.units, **header.units}.items()}
    records = records.with_columns(
        (pl.col(name).fill_null(text) if name in records.columns else pl.lit(text)).alias(name)
        for name, text in (constants | units).items()
    ).with_columns(pl.col(name).replace(dict(words)) for name, words in adapter.recode.items())
    named = [column.name for column in feed.columns]
    wanted = [*named, *(f"{UNIT}{name}" for name in named), *FILE_COLUMNS]
    return records.select("source_row", "record_no", *(name for name in wanted if name in records.columns))
