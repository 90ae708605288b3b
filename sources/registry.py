"""The registry's types: what a column, a table and a feed are.

Belongs here: the vocabulary in which every table of the system is declared, once, and what Polars
makes of it. Does not belong here: the feeds themselves (`sources.feeds`), SQL (`warehouse.schema`),
rules (`checks`), or any number of a standard.

A table is declared in one place and everything else is derived: Polars schema, DuckDB DDL and
comments, base expectations, dictionary, templates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")

_POLARS: dict[str, pl.DataType] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us"),
    "double": pl.Float64(),
}

_DUCKDB = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "double": "DOUBLE",
}


@dataclass(frozen=True, slots=True)
class Code:
    """One allowed value of a coded column, with its names."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Codes:
    """A closed set of codes, and the spellings of agencies that mean one of them.

    `fixes` maps a published word to a code (`合格` → `pass`); a word in neither set sends its
    record to quarantine, because only a person can say what a new word means.
    """

    codes: tuple[Code, ...]
    fixes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = {code.code for code in self.codes}
        if len(known) != len(self.codes):
            raise ValueError("a code is listed twice")
        if stray := set(self.fixes.values()) - known:
            raise ValueError(f"fixes lead to unknown codes: {sorted(stray)}")
        if both := set(self.fixes) & known:
            raise ValueError(f"both a code and a fix: {sorted(both)}")

    @property
    def values(self) -> tuple[str, ...]:
        """The codes alone, in declared order."""
        return tuple(code.code for code in self.codes)

    @property
    def spellings(self) -> dict[str, str]:
        """Every accepted spelling → code: the code itself, its names, and the fixes."""
        spelled = {code.zh: code.code for code in self.codes}
        spelled |= {code.en: code.code for code in self.codes}
        spelled |= {code.code: code.code for code in self.codes}
        return spelled | dict(self.fixes)


def codes(*entries: tuple[str, str, str], fixes: Mapping[str, str] | None = None) -> Codes:
    """Declare a code set from (code, zh, en) triples."""
    return Codes(tuple(Code(*entry) for entry in entries), fixes or {})


@dataclass(frozen=True)
class Column:
    """One column: name, type, names and meaning in two languages, unit, and what it may hold.

    `type` is one of text, integer, boolean, date, timestamp, double, decimal(width,scale).
    `required` means a record without it cannot be a fact. `minimum`/`maximum` are physical bounds
    (a value outside is wrong whatever the city), not limits of a standard. `ours`: filled in by us, never
    read from a file.
    """

    name: str
    type: str
    zh: str
    en: str
    unit: str = ""
    required: bool = False
    codes: Codes | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    example: str = ""
    ours: bool = False

    def __post_init__(self) -> None:
        if self.type not in _POLARS and not _DECIMAL.fullmatch(self.type):
            raise ValueError(f"{self.name}: unknown type {self.type!r}")

    @property
    def is_decimal(self) -> bool:
        return self.type.startswith("decimal")

    @property
    def is_number(self) -> bool:
        return self.is_decimal or self.type in ("integer", "double")

    @property
    def scale(self) -> int:
        """Digits after the point of a decimal column; 0 for every other type."""
        match = _DECIMAL.fullmatch(self.type)
        return int(match.group(2)) if match else 0

    @property
    def width(self) -> int:
        """All digits of a decimal column; 0 for every other type."""
        match = _DECIMAL.fullmatch(self.type)
        return int(match.group(1)) if match else 0

    @property
    def polars_type(self) -> pl.DataType:
        return pl.Decimal(self.width, self.scale) if self.is_decimal else _POLARS[self.type]

    @property
    def duckdb_type(self) -> str:
        return self.type.upper() if self.is_decimal else _DUCKDB[self.type]

    @property
    def description(self) -> str:
        """What the database comment and the dictionary say: zh · en · unit."""
        unit = f" [{self.unit}]" if self.unit else ""
        return f"{self.zh} · {self.en}{unit}"


@dataclass(frozen=True)
class Table:
    """A table of the warehouse: schema-qualified name, columns, key, description, warnings."""

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name}: a column is declared twice")
        if missing := set(self.key) - set(names):
            raise ValueError(f"{self.name}: key columns not declared: {sorted(missing)}")

    @property
    def schema(self) -> str:
        return self.name.split(".")[0]

    @property
    def short_name(self) -> str:
        return self.name.split(".")[1]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def polars_schema(self) -> dict[str, pl.DataType]:
        return {column.name: column.polars_type for column in self.columns}

    @property
    def description(self) -> str:
        return f"{self.zh} · {self.en}"

    def column(self, name: str) -> Column:
        """The column of that name; KeyError names the table when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")


@dataclass(frozen=True)
class Part:
    """One kind of fact in a feed: its columns, its key after `series`, and when a row carries one.

    Most feeds have one part. `spot_checks` has two: the sampled batch and its tested items, because
    a publication prints both on one row. `present` names the column without which a row has no
    such fact (empty: every row has one). `named_by` names the column by which a fact is known within the
    rest of its key where its number, the last key column, is not given (empty: every fact has its key);
    a column `<number>_given` then says whether it was.
    """

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    present: str = ""
    named_by: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Feed:
    """An inbox folder: the parts it carries and how versions of one fact are told apart.

    Raises `ValueError` at import when two parts disagree about a shared column.
    """

    name: str
    zh: str
    en: str
    parts: tuple[Part, ...]
    identity: str = ""  # the id column that a publication may lack (filled from identifying cells)

    def __post_init__(self) -> None:
        seen: dict[str, Column] = {}
        for part in self.parts:
            for column in part.columns:
                if seen.setdefault(column.name, column) != column:
                    raise ValueError(f"{self.name}: {column.name} is declared twice and differs")

    @property
    def columns(self) -> tuple[Column, ...]:
        """Every column of a record, once, in declared order."""
        seen = {column.name: column for part in self.parts for column in part.columns}
        return tuple(seen.values())

    @property
    def sent(self) -> tuple[Column, ...]:
        """The columns that a file may hold: all but those that we fill in."""
        return tuple(column for column in self.columns if not column.ours)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError names the feed when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")


def text(name: str, zh: str, en: str, **more: object) -> Column:
    """A text column."""
    return Column(name, "text", zh, en, **more)  # type: ignore[arg-type]


def integer(name: str, zh: str, en: str, **more: object) -> Column:
    """A whole-number column."""
    return Column(name, "integer", zh, en, **more)  # type: ignore[arg-type]


def decimal(name: str, width: int, scale: int, zh: str, en: str, **more: object) -> Column:
    """An exact decimal column of `width` digits, `scale` of them after the point."""
    return Column(name, f"decimal({width},{scale})", zh, en, **more)  # type: ignore[arg-type]


def double(name: str, zh: str, en: str, **more: object) -> Column:
    """A floating-point column: marts only, always computed from exact sums."""
    return Column(name, "double", zh, en, **more)  # type: ignore[arg-type]


def date(name: str, zh: str, en: str, **more: object) -> Column:
    """A calendar date."""
    return Column(name, "date", zh, en, **more)  # type: ignore[arg-type]


def timestamp(name: str, zh: str, en: str, **more: object) -> Column:
    """A local time (Asia/Shanghai) without zone."""
    return Column(name, "timestamp", zh, en, **more)  # type: ignore[arg-type]


def boolean(name: str, zh: str, en: str, **more: object) -> Column:
    """A yes/no column."""
    return Column(name, "boolean", zh, en, **more)  # type: ignore[arg-type]


SERIES = text("series", "序列", "the publication that this fact comes from", required=True)

ORIGIN_CODES = codes(("real", "真实", "real"), ("synthetic", "示例", "synthetic"))
MART_ORIGIN_CODES = codes(("real", "真实", "real"), ("synthetic", "示例", "synthetic"), ("mixed", "混合", "mixed"))
MART_ORIGIN = text("origin", "数据性质", "real, synthetic or mixed, from the rows it rests on", codes=MART_ORIGIN_CODES)

#: Where a record came from and which version it is; every core and history row carries these.
LINEAGE: tuple[Column, ...] = (
    text("origin", "数据性质", "real or synthetic, a property of the file", required=True, codes=ORIGIN_CODES),
    text(
        "stage",
        "审核阶段",
        "validated replaces provisional",
        required=True,
        codes=codes(("provisional", "初步", "provisional"), ("validated", "审定", "validated")),
    ),
    timestamp("published_at", "发布时间", "when the source published this version (orders versions)", required=True),
    text("source_file_id", "来源文件", "file in meta.source_file", required=True),
    text("source_sheet", "工作表", "sheet of the file; empty where the format has none", required=True),
    integer("source_row", "行号", "row in the sheet, counted from 1 as a person counts", required=True),
    integer("record_no", "行内记录号", "number of the record within its source row, from 1", required=True),
)
