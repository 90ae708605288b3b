"""Which publication is this? Told by the header's labels, never by the file's name.

Belongs here: finding header rows and choosing the adapter. Does not belong here: reading the rows
below (`sources.extract`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from sources.adapter import Adapter, fold, label_of
from sources.outcome import Problem, Refusal, SourceFile
from sources.readers import Sheets

#: A header stands within so many rows; publications put titles and notes above it.
_HEADER_WITHIN = 40

#: Below this (of 2, see `_fit`) a row is not taken for a header that only lacks something.
_SIMILAR = 0.5

#: Labels of a message about an unknown layout.
_SHOWN = 30


@dataclass(frozen=True)
class Header:
    """Where a sheet's header stands (place in the frame) and which cell column is what.

    `place` is -1 for a layout that has none. `columns`: feed column → cell column. `labels`: cell column →
    label, of every other column.
    """

    place: int
    columns: dict[str, str]
    labels: dict[str, str]
    preface: str


@dataclass(frozen=True)
class Recognised:
    """An adapter, and the header of each sheet that holds its records."""

    adapter: Adapter
    headers: dict[str, Header]


@dataclass(frozen=True)
class _Row:
    """One row near the top of a sheet as a possible header."""

    sheet: str
    place: int
    source_row: int
    cells: tuple[str | None, ...]

    @cached_property
    def folded(self) -> tuple[str, ...]:
        return tuple(fold(cell) if cell else "" for cell in self.cells)


def recognise(file: SourceFile, sheets: Sheets, adapters: Sequence[Adapter]) -> Recognised:
    """The first adapter whose required labels all stand in one row of a sheet.

    Raises `Refusal` when there is none (with the labels that the closest one misses), when a sheet
    of the file belongs to no adapter, or when a closed layout has a column that it does not know.
    """
    rows = [row for name, sheet in sheets.items() for row in _head(name, sheet)]
    for adapter in adapters:
        headers = {}
        for name in sheets:
            if not adapter.is_note(name) and (header := _find(adapter, rows, name)):
                headers[name] = header
        if headers:
            _check_other_sheets(file, sheets, adapter, headers)
            _check_twice(file, adapter, headers)
            _check_unknown(file, sheets, adapter, headers)
            return Recognised(adapter, headers)
    raise Refusal(_closest(file, rows, adapters))


def _head(name: str, sheet: pl.DataFrame) -> list[_Row]:
    head = sheet.head(_HEADER_WITHIN)
    return [_Row(name, place, row[0], tuple(row[1:])) for place, row in enumerate(head.iter_rows())]


def _find(adapter: Adapter, rows: Sequence[_Row], sheet: str) -> Header | None:
    own = [row for row in rows if row.sheet == sheet]
    if adapter.cells:
        return _headerless(adapter, own[0]) if own else None
    for row in own:
        if not _missing(adapter, row):
            preface = _text(own[: row.place])
            if re.search(adapter.opening, f"{preface}\n{_text([row])}"):
                return _header(adapter, row, own, preface)
    return None


def _headerless(adapter: Adapter, row: _Row) -> Header | None:
    """The first row as a record of a layout without header; None when a cell is not what it should be."""
    fits = len(row.cells) == len(adapter.cells) and all(
        re.fullmatch(pattern, (cell or "").strip()) for pattern, cell in zip(adapter.cells, row.cells, strict=True)
    )
    columns = {name: places[0] for name, places in adapter.columns.items()}
    others = {f"c{place}" for place in range(len(row.cells))} - set(columns.values())
    return Header(-1, columns, {cell: cell for cell in sorted(others)}, "") if fits else None


def _text(rows: Sequence[_Row]) -> str:
    return "\n".join(cell for row in rows for cell in row.cells if cell)


def _missing(adapter: Adapter, row: _Row) -> list[str]:
    """What the adapter requires and the row does not have."""
    folded = set(row.folded)
    missing = [adapter.shown(entry) for entry in adapter.required if not adapter.accepts(entry) & folded]
    if adapter.melt and not any(adapter.melt.matches(label) for label in _labels(adapter, row, None)):
        missing.append("columns of values")
    return missing


def _labels(adapter: Adapter, row: _Row, below: _Row | None) -> list[str]:
    """The row's labels; a header of two rows joins the second to the first by `|`."""
    labels = [label_of(cell) for cell in row.cells]
    if adapter.header_rows == 1:
        return labels
    if below is None:
        return [f"{label}|" for label in labels]
    return [f"{label}|{label_of(unit)}" for label, unit in zip(labels, below.cells, strict=True)]


def _header(adapter: Adapter, row: _Row, rows: Sequence[_Row], preface: str) -> Header:
    folded = row.folded
    columns: dict[str, str] = {}
    for name, accepted in adapter.labels.items():
        place = next((place for place, label in enumerate(folded) if label in accepted), None)
        if place is not None:
            columns[name] = f"c{place}"
    below = rows[row.place + 1] if len(rows) > row.place + 1 else None
    labels = {
        f"c{place}": label
        for place, label in enumerate(_labels(adapter, row, below))
        if folded[place] and f"c{place}" not in columns.values()
    }
    return Header(row.place, columns, labels, preface)


def _check_other_sheets(file: SourceFile, sheets: Sheets, adapter: Adapter, headers: dict[str, Header]) -> None:
    for name in sheets:
        if name not in headers and not adapter.is_note(name):
            raise Refusal(
                Problem(
                    file.name,
                    sheet=name,
                    found=f"no header of {adapter.zh} ({adapter.en}), although another sheet has one",
                    accepted="a header with " + ", ".join(map(adapter.shown, adapter.required)),
                    action="mend the header of this sheet, or take the sheet out",
                )
            )


def _check_unknown(file: SourceFile, sheets: Sheets, adapter: Adapter, headers: dict[str, Header]) -> None:
    """Refuse columns that a closed layout does not know: their data would be lost without a word."""
    if not adapter.closed:
        return
    for name, header in headers.items():
        if unknown := [*header.labels.values(), *_nameless(sheets[name], header)]:
            raise Refusal(
                Problem(
                    file.name,
                    sheet=name,
                    found="unknown columns " + ", ".join(unknown),
                    accepted="the columns " + ", ".join(adapter.columns),
                    action="rename the columns, or take them out",
                )
            )


def _check_twice(file: SourceFile, adapter: Adapter, headers: dict[str, Header]) -> None:
    """Refuse a header that names one column twice: which of them is meant cannot be known."""
    for name, header in headers.items():
        known = frozenset().union(*adapter.labels.values())
        labels = list(header.labels.values())
        valued = [label for label in labels if adapter.melt and adapter.melt.matches(label)]
        again = [label for label in labels if fold(label) in known or valued.count(label) > 1]
        if again:
            raise Refusal(
                Problem(
                    file.name,
                    sheet=name,
                    found=f"two columns that mean the same: {', '.join(dict.fromkeys(again))}",
                    accepted="each column once",
                    action="take one of them out",
                )
            )


def _nameless(sheet: pl.DataFrame, header: Header) -> list[str]:
    """Columns that hold something below the header but have no name in it."""
    body = sheet.slice(header.place + 1)
    named = {*header.columns.values(), *header.labels}
    return [
        f"number {place} (no name)"
        for place, name in enumerate(body.columns[1:], start=1)
        if name not in named and body[name].null_count() < body.height
    ]


def _closest(file: SourceFile, rows: Sequence[_Row], adapters: Sequence[Adapter]) -> Problem:
    """What a person should know of a layout that no adapter reads: the nearest one and what it misses."""
    adapter, row = max(((adapter, row) for row in rows for adapter in adapters), key=lambda pair: _fit(*pair))
    if _fit(adapter, row) < _SIMILAR:
        # Nothing looks like a header that is known: show the fullest of the first rows.
        row = max(rows, key=lambda row: sum(1 for cell in row.cells if cell))
    missing = _missing(adapter, row)
    found = ", ".join(label_of(cell) for cell in row.cells[:_SHOWN] if cell)
    if not missing:
        return Problem(
            file.name,
            sheet=row.sheet,
            row=row.source_row,
            found=f"the header of {adapter.zh} ({adapter.en}) without the lines that stand above it",
            accepted=f"a text above the header that contains {adapter.opening}",
            action="send the file as it was published, with the lines above its header",
        )
    return Problem(
        file.name,
        sheet=row.sheet,
        row=row.source_row,
        found=f"a layout that no adapter of this feed reads, with the columns {found}",
        accepted=f"for the closest, {adapter.zh} ({adapter.series}), also the columns {', '.join(missing)}",
        action="add the columns, or use the template of the feed",
    )


def _fit(adapter: Adapter, row: _Row) -> float:
    """How near a row is to an adapter's header: the share that it has of it, and that it is of the row."""
    folded = {label for label in row.folded if label}
    if not folded:
        return 0.0
    known = frozenset().union(*adapter.labels.values(), *map(adapter.accepts, adapter.required))
    present = sum(1 for entry in adapter.required if adapter.accepts(entry) & folded)
    return present / len(adapter.required) + len(folded & known) / len(folded)
