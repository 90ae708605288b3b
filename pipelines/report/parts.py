"""What a page is made of: words in two languages, cells, tables, charts, sections.

Belongs here: plain data that the templates lay out. Does not belong here: HTML (`templates/`),
queries (`pages/`), the drawing of a chart (`charts`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pipelines.shown import digits
from sources.registry import Codes


class Words(NamedTuple):
    """One text in Chinese and English."""

    zh: str
    en: str


NO_DATA = Words("没有数据。", "No data.")


@dataclass(frozen=True)
class Cell:
    """One cell: its text, what it is sorted by, where it leads, its look (a class of the stylesheet)."""

    text: Words | str
    sort: float | str | None = None
    href: str = ""
    look: str = ""
    badge: Words | None = None


@dataclass(frozen=True)
class Column:
    """One column of a table; figures stand at the right."""

    name: Words
    figures: bool = False


@dataclass(frozen=True)
class Grid:
    """A table: caption, columns, rows; `empty` is what is said when it has none (what to send).

    A `folded` table is shown when its caption is opened: long ones behind a chart.
    """

    caption: Words
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    empty: Words = NO_DATA
    folded: bool = False


@dataclass(frozen=True)
class Chart:
    """A chart: its Vega-Lite specification and, in words, what one sees in it."""

    spec: dict[str, Any]
    alt: Words


@dataclass(frozen=True)
class Section:
    """A part of a page: charts first, then the tables behind them."""

    key: str
    title: Words
    notes: Sequence[Words] = ()
    charts: Sequence[Chart] = ()
    grids: Sequence[Grid] = ()


@dataclass(frozen=True)
class Page:
    """One file of the report. `template` lays it out; `more` is what only that template reads."""

    file: str
    title: Words
    sections: Sequence[Section] = ()
    intro: Sequence[Words] = ()
    template: str = "page.html"
    more: dict[str, Any] | None = None


def named(codes: Codes | None) -> dict[str, Words]:
    """The names of a closed set of codes, such as a column has."""
    return {code.code: Words(code.zh, code.en) for code in codes.codes} if codes else {}


def word(names: Mapping[str, Words], code: str | None) -> Words:
    """The name of a code; the code itself where it has none, a dash for none."""
    return names.get(code or "", Words(code or "–", code or "–"))


def text(value: object) -> Cell:
    """A cell of text from a source; a dash for none."""
    return Cell("–" if value is None or value == "" else str(value), "" if value is None else str(value))


def figure(value: float | None, unit: Words | str = "", badge: Words | None = None) -> Cell:
    """A cell with a number, at most four decimals, and its unit; sorted by the number itself."""
    if value is None:
        return Cell("–")
    shown = digits(float(value))
    if isinstance(unit, str):
        unit = Words(unit, unit)
    words = Words(f"{shown} {unit.zh}".rstrip(), f"{shown} {unit.en}".rstrip())
    return Cell(words, float(value), badge=badge)


def said(zh: str, en: str, sort: float | str | None = None, look: str = "") -> Cell:
    """A cell with words in both languages."""
    return Cell(Words(zh, en), zh if sort is None else sort, look=look)


def yes_no(value: bool | None, *, wanted: bool = True) -> Cell:
    """是 or 否, marked where yes is `wanted`; a dash where it is not known."""
    if value is None:
        return Cell("–")
    return said("是", "yes") if value else said("否", "no", look="s-behind" if wanted else "")


def columns(*names: tuple[str, str] | tuple[str, str, bool]) -> list[Column]:
    """Columns from (zh, en) or (zh, en, True) for figures."""
    return [Column(Words(name[0], name[1]), len(name) > 2) for name in names]
