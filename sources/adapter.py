"""What an adapter is: how one real publication maps onto a feed, as data.

Belongs here: the vocabulary in which publications are declared. Does not belong here: any
publication (`sources.adapters`), or carrying a declaration out (`sources.recognise`,
`sources.extract`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from sources.dates import Order
from sources.feeds import FEEDS
from sources.outcome import SourceFile
from sources.published import Days
from sources.registry import Feed

#: A text column that `prepare` may add: why a row is set aside (null: it is a record).
ASIDE = "_aside"

#: Markup that publications leave in cells and headers.
TAGS = r"<[^>]*>"

#: What stands in a cell that says nothing, in nearly every publication.
MISSING = frozenset({"", "-", "--", "—", "――", "/", "*", "NA", "N/A", "NaN", "nan", "NULL", "null"})


@dataclass(frozen=True)
class Context:
    """What surrounds a sheet's rows: its file, its name, the text above the header, the days named."""

    file: SourceFile
    sheet: str
    preface: str
    days: Days | None


Prepare = Callable[[pl.DataFrame, Context], pl.DataFrame]


@dataclass(frozen=True)
class Melt:
    """Wide → long: which columns hold values, and what their labels say.

    `pattern` has named groups that are feed columns; every label that it matches is a column of
    values. `values` are the feed columns that take the cell. `beside` names feed columns that take
    the cell of a helper column, by the prefix that `prepare` put before the label.
    """

    pattern: str
    values: tuple[str, ...]
    beside: Mapping[str, str] = field(default_factory=dict)

    def matches(self, label: str) -> bool:
        return re.fullmatch(self.pattern, label) is not None

    def constants(self, label: str) -> dict[str, str]:
        """Feed columns that the label of a value column gives."""
        match = re.fullmatch(self.pattern, label)
        return {name: text for name, text in match.groupdict().items() if text} if match else {}


@dataclass(frozen=True)
class Adapter:
    """One publication: where it comes from, how it is recognised, and what its columns mean.

    `required` names the columns without which a sheet is not this publication (feed columns, by their
    labels in `columns`, or labels themselves): a publication is known by content, never by name.
    `opening` is a pattern that the text down to the header (markup included) must contain. `columns`
    maps feed columns to the labels that may stand for them. `cells` is for a layout without a header:
    patterns that the cells of the first row match, one by one; the labels of `columns` are then the
    places c0 … cN. `measures`: a row that has none of these is set aside. `recode` gives published
    words of a column their codes where the registry's own spellings do not reach. `set_aside` pairs a
    reason with a condition over the prepared frame; `prepare` mends real quirks in whole columns and
    may add feed columns or `_aside`, or make several records of a row (`record_no` then numbers them).
    `note_sheets` matches names of sheets that hold no records. `closed`: columns that are not declared
    are refused. `sampling_frame`: whether every sampled unit stands in the publication, passed or not
    (None: does not apply); where it is False no rate may be computed.
    `header_rows` above 1: labels are the rows' cells joined by `|`, a cell that spans columns counting
    for each of them. `date_order` says what `06-01-2020` means. `units` maps feed columns to the unit
    in which the publication prints them, where that is not the registry's. `zero_is_missing` names
    feed columns in which this publication writes 0 for no value. `fill_down` names columns whose cell
    counts for the rows below it until the next one (merged cells). `rowwise`: `prepare` looks at each
    row by itself, so that a large file may be read in stretches; without it, it sees the whole sheet.
    `last_row_stands` names the columns that tell one sample from another in a wide layout that prints a
    sample again to correct it: a value that the last row of a sample leaves empty is withdrawn.
    """

    series: str
    feed: str
    zh: str
    en: str
    publisher: str
    terms: str
    address: str
    required: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    opening: str = ""
    cells: tuple[str, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    recode: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: frozenset[str] = MISSING
    measures: tuple[str, ...] = ()
    melt: Melt | None = None
    prepare: Prepare | None = None
    set_aside: tuple[tuple[str, pl.Expr], ...] = ()
    header_rows: int = 1
    note_sheets: str = ""
    closed: bool = False
    stage: str = "provisional"
    sampling_frame: bool | None = None
    date_order: Order = "ymd"
    units: Mapping[str, str] = field(default_factory=dict)
    zero_is_missing: frozenset[str] = frozenset()
    fill_down: tuple[str, ...] = ()
    rowwise: bool = False
    last_row_stands: tuple[str, ...] = ()

    @property
    def definition(self) -> Feed:
        """The feed that the publication carries."""
        return FEEDS[self.feed]

    @property
    def streams(self) -> bool:
        """Whether rows can be understood without the rows around them."""
        return not self.fill_down and not self.last_row_stands and (self.prepare is None or self.rowwise)

    @cached_property
    def labels(self) -> dict[str, frozenset[str]]:
        """Feed column → its labels, folded for comparison."""
        return {name: frozenset(map(fold, labels)) for name, labels in self.columns.items()}

    @cached_property
    def known(self) -> frozenset[str]:
        """Every folded label that means something to the adapter."""
        return frozenset().union(*self.labels.values(), *map(self.accepts, self.required))

    @cached_property
    def measured(self) -> frozenset[str]:
        """The folded labels of columns that have a unit."""
        named = {column.name for column in self.definition.columns if column.unit}
        return frozenset().union(*(labels for name, labels in self.labels.items() if name in named))

    def accepts(self, entry: str) -> frozenset[str]:
        """The folded labels that satisfy one entry of `required`."""
        return self.labels.get(entry) or frozenset({fold(entry)})

    def shown(self, entry: str) -> str:
        """One entry of `required` as a person finds it in a header."""
        labels = self.columns.get(entry, (entry,))
        return labels[0] if len(labels) == 1 else " / ".join(labels)

    def is_note(self, sheet: str) -> bool:
        return bool(self.note_sheets) and re.fullmatch(self.note_sheets, sheet.rpartition("/")[2]) is not None


def label_of(cell: str | None) -> str:
    """A header cell as a label: without markup and outer blanks."""
    return re.sub(TAGS, "", cell or "").strip()


def fold(label: str) -> str:
    """A label for comparison: width, case, blanks and markup make no difference."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", label_of(label))).lower()
