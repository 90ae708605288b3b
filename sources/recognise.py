"""Which publication is this? Told by the header's labels, never by the file's name.

Belongs here: finding header rows and choosing the adapter. Does not belong here: reading the rows
below (`sources.extract`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from sources.adapter import Adapter, fold, label_of
from sources.outcome import Problem, Refusal, SourceFile
from sources.readers import HIDDEN, Sheets

#: A header stands within so many rows; publications put titles and notes above it.
_HEADER_WITHIN = 40

#: Below this (of 2, see `_fit`) a row is not taken for a header that only lacks something.
_SIMILAR = 0.5

#: Labels of a message about an unknown layout.
_SHOWN = 30


#: What stands behind a label in brackets is its unit, if the column has one.
_WITH_UNIT = re.compile(r"(.+?)[(（\[【]([^()（）\[\]【】]+)[)）\]】]")


@dataclass(frozen=True)
class Header:
    """Where a sheet's header stands and which cell column is what.

    `first_row`, `last_row`: source rows of the header; -1 for a layout that has none. `spelled`: how
    the first declared column is labelled. `columns`: feed column → cell column. `labels`: cell column →
    label, of every other column. `units`: feed column → unit in its label, where that is not the
    registry's. `preface`: the text above.
    """

    first_row: int
    last_row: int
    spelled: str
    columns: dict[str, str]
    labels: dict[str, str]
    preface: str
    units: dict[str, str] = field(default_factory=dict)


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

    @cached_property
    def stems(self) -> frozenset[str]:
        """The folded labels without the units in brackets behind them."""
        return frozenset(map(_stem, self.folded))


class Unrecognised(Refusal):
    """No adapter's header was found in the file."""


def recognise(
    file: SourceFile, sheets: Sheets, adapters: Sequence[Adapter], loose: Mapping[str, str] | None = None
) -> Recognised:
    """The first adapter whose required labels all stand in one row of a sheet.

    `sheets` may be the first rows of each sheet. `loose` sheets need not have a header; a hidden one is
    not looked at. Raises `Refusal` when there is none (with the labels that the closest one misses), when
    a sheet of the file belongs to no adapter, or when a closed layout has a column that it does not know.
    """
    loose = loose or {}
    seen = {name: sheet for name, sheet in sheets.items() if loose.get(name) != HIDDEN}
    rows = {name: _head(name, sheet) for name, sheet in seen.items()}
    for adapter in adapters:
        headers = {}
        for name in seen:
            if not adapter.is_note(name) and (header := _find(adapter, rows[name])):
                headers[name] = header
        if headers:
            _check_other_sheets(file, [name for name in seen if name not in loose], adapter, headers)
            _check_twice(file, adapter, headers)
            for name, header in headers.items():
                check_unknown(file, name, sheets[name], adapter, header)
            return Recognised(adapter, headers)
    raise Unrecognised(_closest(file, rows, adapters))


def check_unknown(file: SourceFile, name: str, sheet: pl.DataFrame, adapter: Adapter, header: Header) -> None:
    """Refuse columns that a closed layout does not know: their data would be lost without a word."""
    if adapter.closed and (unknown := [*header.labels.values(), *_nameless(sheet, header)]):
        raise Refusal(
            Problem(
                file.name,
                sheet=name,
                found="unknown columns " + ", ".join(unknown),
                accepted="the columns " + ", ".join(adapter.columns),
                action="rename the columns, or take them out",
            )
        )


def _head(name: str, sheet: pl.DataFrame) -> list[_Row]:
    head = sheet.head(_HEADER_WITHIN)
    return [_Row(name, place, row[0], tuple(row[1:])) for place, row in enumerate(head.iter_rows())]


def _find(adapter: Adapter, rows: Sequence[_Row]) -> Header | None:
    if adapter.cells:
        return _headerless(adapter, rows[0]) if rows else None
    for row in rows:
        if _may_be_header(adapter, row) and not _missing(adapter, row, rows):
            preface = _text(rows[: row.place])
            if re.search(adapter.opening, f"{preface}\n{_text([row])}"):
                return _header(adapter, row, rows, preface)
    return None


def _headerless(adapter: Adapter, row: _Row) -> Header | None:
    """The first row as a record of a layout without header; None when a cell is not what it should be."""
    fits = len(row.cells) == len(adapter.cells) and all(
        re.fullmatch(pattern, (cell or "").strip()) for pattern, cell in zip(adapter.cells, row.cells, strict=True)
    )
    columns = {name: places[0] for name, places in adapter.columns.items()}
    others = {f"c{place}" for place in range(len(row.cells))} - set(columns.values())
    return Header(-1, -1, "", columns, {cell: cell for cell in sorted(others)}, "") if fits else None


def _text(rows: Sequence[_Row]) -> str:
    return "\n".join(cell for row in rows for cell in row.cells if cell)


def _may_be_header(adapter: Adapter, row: _Row) -> bool:
    """Whether a row shares a label with an adapter; most are no header of most adapters, and not looked at closely."""
    return adapter.header_rows > 1 or adapter.melt is not None or not adapter.known.isdisjoint(row.stems)


def _missing(adapter: Adapter, row: _Row, rows: Sequence[_Row]) -> list[str]:
    """What the adapter requires and the row does not have."""
    folded = {label for label, _ in _read_labels(adapter, row, rows)}
    missing = [adapter.shown(entry) for entry in adapter.required if not adapter.accepts(entry) & folded]
    if adapter.melt and not any(adapter.melt.matches(label) for label in _labels(adapter, row, rows)):
        missing.append("columns of values")
    return missing


def _stem(folded: str) -> str:
    """A folded label without the unit in brackets behind it."""
    match = _WITH_UNIT.fullmatch(folded)
    return match.group(1) if match else folded


def _read_labels(adapter: Adapter, row: _Row, rows: Sequence[_Row]) -> list[tuple[str, str]]:
    """Each cell's folded label as the adapter knows it, and the unit that was taken off it (mostly empty)."""
    found = []
    for own, joined in zip(row.folded, map(fold, _labels(adapter, row, rows)), strict=True):
        label = own if own in adapter.known or joined not in adapter.known else joined
        match = _WITH_UNIT.fullmatch(label)
        if match and label not in adapter.known and match.group(1) in adapter.measured:
            found.append((match.group(1), match.group(2)))
        else:
            found.append((label, ""))
    return found


def _labels(adapter: Adapter, row: _Row, rows: Sequence[_Row]) -> list[str]:
    """The row's labels; a header of several rows joins the cells below each other by `|`.

    A cell that spans columns stands in the first of them; it counts for those to its right that are
    empty in its row and labelled in the next.
    """
    labels = [label_of(cell) for cell in row.cells]
    for place in range(row.place + 1, row.place + adapter.header_rows):
        below = [label_of(cell) for cell in rows[place].cells] if place < len(rows) else [""] * len(labels)
        last = ""
        for across, (above, under) in enumerate(zip(labels, below, strict=True)):
            last = above or (last if under else "")
            labels[across] = f"{last}|{under}"
    return labels


def _header(adapter: Adapter, row: _Row, rows: Sequence[_Row], preface: str) -> Header:
    read = _read_labels(adapter, row, rows)
    columns: dict[str, str] = {}
    units: dict[str, str] = {}
    for name, accepted in adapter.labels.items():
        place = next((place for place, (label, _) in enumerate(read) if label in accepted), None)
        if place is not None:
            columns[name] = f"c{place}"
            if read[place][1]:
                units[name] = read[place][1]
    labels = {
        f"c{place}": label
        for place, label in enumerate(_labels(adapter, row, rows))
        if label.strip("|") and f"c{place}" not in columns.values()
    }
    last = rows[min(row.place + adapter.header_rows, len(rows)) - 1].source_row
    first = next(iter(columns.values()), "c0")
    spelled = row.cells[int(first[1:])] or ""
    return Header(row.source_row, last, spelled, columns, labels, preface, units)


def _check_other_sheets(file: SourceFile, sheets: Sequence[str], adapter: Adapter, headers: dict[str, Header]) -> None:
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


def _check_twice(file: SourceFile, adapter: Adapter, headers: dict[str, Header]) -> None:
    """Refuse a header that names one column twice: which of them is meant cannot be known."""
    known = frozenset().union(*adapter.labels.values())
    for name, header in headers.items():
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
    body = sheet.filter(pl.col("source_row") > header.last_row)
    named = {*header.columns.values(), *header.labels}
    return [
        f"number {place} (no name)"
        for place, name in enumerate(body.columns[1:], start=1)
        if name not in named and body[name].null_count() < body.height
    ]


def _closest(file: SourceFile, heads: Mapping[str, Sequence[_Row]], adapters: Sequence[Adapter]) -> Problem:
    """What a person should know of a layout that no adapter reads: the nearest one and what it misses."""
    rows = [row for own in heads.values() for row in own]
    if not rows:
        return Problem(
            file.name,
            found="nothing but hidden sheets",
            accepted="a sheet that people can see",
            action="show the sheet in Excel, save the workbook, and send it again",
        )
    adapter, row = max(((adapter, row) for row in rows for adapter in adapters), key=lambda pair: _fit(*pair))
    if _fit(adapter, row) < _SIMILAR:
        # Nothing looks like a header that is known: show the fullest of the first rows.
        row = max(rows, key=lambda row: sum(1 for cell in row.cells if cell))
    missing = _missing(adapter, row, heads[row.sheet])
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
    if not folded or not adapter.required:  # a layout without a header has none to be near to
        return 0.0
    present = sum(1 for entry in adapter.required if adapter.accepts(entry) & folded)
    return present / len(adapter.required) + len(folded & adapter.known) / len(folded)
