"""The canonical layout of every feed, made from the registry.

Belongs here: how a feed's own columns are recognised in an agency's table. Does not belong here:
any real publication (the modules beside this one), the template (`sources.templates`).
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from sources.adapter import Adapter, Context
from sources.adapters.air_common import without_negatives
from sources.adapters.items import with_values
from sources.censored import split_censored
from sources.feeds import FEEDS
from sources.identity import DERIVED
from sources.registry import LINEAGE, Column, Feed

SERIES = "canonical"

#: Sheets that the template adds beside the data.
INSTRUCTIONS_SHEET, CODES_SHEET = "说明 instructions", "代码 codes"

#: What an agency writes where it has nothing to say.
_MISSING = frozenset({"", "-", "--", "—", "/"})

#: What a required column says where an agency leaves it out: an emission is that of everything.
UNLESS_GIVEN: Mapping[str, Mapping[str, str]] = {"emissions": {"consumer": "all", "fuel": "all"}}

#: How notes and totals below a table begin.
_BELOW = (
    r"(?i)^\s*(?:注\s*[:：0-9]|(?:合\s*计|总\s*计|小\s*计|totals?)\s*$|"
    r"(?:说明|备注|填表人?|填报人?|制表人?|审核人?|单位负责人|数据来源|资料来源|notes?|source)\s*[:：])"
)

#: Columns that say something of the whole file.
FILE_COLUMNS = tuple(column for column in LINEAGE if column.name in ("stage", "published_at", "origin"))


def heading(column: Column) -> str:
    """A column's Chinese heading with its unit, as the template writes it."""
    return f"{column.zh} ({column.unit})" if column.unit else column.zh


def needed(feed: Feed) -> tuple[str, ...]:
    """The columns that a canonical file must have."""
    filled = {"series", feed.identity, *(DERIVED if feed.identity else ()), *UNLESS_GIVEN.get(feed.name, {})}
    parts = [part for part in feed.parts if not part.present]
    columns = {column.name: column for part in parts for column in part.columns}
    return tuple(name for name, column in columns.items() if column.required and name not in filled)


def canonical(feed: Feed) -> Adapter:
    """The adapter of a feed's canonical layout.

    The header is the column names, their Chinese headings (with or without unit), or both in two
    rows. Optional besides the feed's columns: stage, published_at, origin, each one value a file.
    """
    columns = (*feed.sent, *FILE_COLUMNS)
    return Adapter(
        series=SERIES,
        feed=feed.name,
        zh=f"{feed.zh}（标准格式）",
        en=f"canonical layout of {feed.name}",
        publisher="the agency that fills it in",
        terms="as agreed with the agency",
        address="",
        required=needed(feed),
        columns={column.name: (column.name, heading(column), column.zh) for column in columns},
        constants=UNLESS_GIVEN.get(feed.name, {}),
        missing=_MISSING,
        prepare=_PREPARE.get(feed.name),
        set_aside=(("note or total", _footer(needed(feed))),),
        note_sheets="|".join((INSTRUCTIONS_SHEET, CODES_SHEET)),
        rowwise=True,
        closed=True,
    )


def _footer(required: tuple[str, ...]) -> pl.Expr:
    """Whether a row is what people write below a table: it says so, and lacks what a record must have."""
    cells = [pl.col(name) for name in required]
    lacking = pl.any_horizontal(cell.is_null() for cell in cells)
    return lacking & pl.any_horizontal(cell.str.contains(_BELOW).fill_null(False) for cell in cells)


def _air(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    return without_negatives(frame)


def _water(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    return split_censored(frame) if "value" in frame.columns else frame


def _months(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """A month without a day (`2012-01`, `2012年1月`) means its first day."""
    whole = pl.col("month").str.replace(r"^(\d{4})[-/.年](\d{1,2})月?$", "${1}-${2}-01")
    return frame.with_columns(month=whole)


def _items(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    return with_values(frame) if "item_name" in frame.columns else frame


_PREPARE = {"spot_checks": _items, "air_readings": _air, "water_samples": _water, "source_intakes": _months}

CANONICAL = tuple(canonical(feed) for feed in FEEDS.values())
