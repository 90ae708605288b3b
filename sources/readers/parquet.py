"""Parquet files: every cell as text, no digit lost, read in stretches.

Belongs here: that. Does not belong here: what a column means (`sources.recognise`).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import NoReturn

import polars as pl
from polars.exceptions import PolarsError

from sources.readers.content import Content, refuse, refuse_empty
from sources.readers.grid import Opened, Sheets, sheet_of_frame

_ZONE = "Asia/Shanghai"
_HEAD_ROWS = 100
#: Bytes of text that a cell is taken to have when rows are counted out for a stretch.
_CELL_BYTES = 12


def open_parquet(content: Content) -> Opened:
    """The one table of a Parquet file as a sheet: row 0 holds the column names, records count from 1.

    Numbers are written with the digits that identify them, times as `2012-01-02 08:00:00` (times with a
    zone in the city's), booleans as `true`. Raises `Refusal` for a damaged file and for nested columns.
    """
    name = content.name
    source = content.path if content.path and not content.layers else io.BytesIO(content.whole())
    try:
        table = pl.scan_parquet(source)
        schema = table.collect_schema()
        rows = table.select(pl.len()).collect().item()
    except (PolarsError, OSError) as error:
        _refuse_damaged(name, error)
    if nested := [column for column, kind in schema.items() if kind.is_nested() or kind == pl.Binary]:
        refuse(name, f"nested or binary columns {', '.join(nested)}", "columns of plain values", "leave them out")
    if not rows:
        refuse_empty(name)
    cells = table.select(_as_text(column, kind).alias(f"c{i}") for i, (column, kind) in enumerate(schema.items()))
    header = pl.DataFrame({f"c{place}": [column] for place, column in enumerate(schema)})

    def stretch(first: int, count: int) -> pl.DataFrame:
        try:
            part = cells.slice(first, count).collect()
        except (PolarsError, OSError) as error:
            _refuse_damaged(name, error)
        top = header if first == 0 else header.clear()
        numbers = pl.int_range(first + 1 - top.height, first + 1 + part.height, eager=True)
        return sheet_of_frame(pl.concat([top, part]), numbers, name)

    def stretches(size: int) -> Iterator[Sheets]:
        count = max(1, size // (_CELL_BYTES * max(1, len(schema))))
        for first in range(0, rows, count):
            yield {"": stretch(first, count)}

    return Opened({"": stretch(0, _HEAD_ROWS)}, stretches)


def _refuse_damaged(name: str, error: Exception) -> NoReturn:
    reason = str(error).splitlines()[0]
    refuse(name, f"a Parquet file that cannot be read ({reason})", "an undamaged file", "send the file again")


def _as_text(column: str, kind: pl.DataType) -> pl.Expr:
    cell = pl.col(column)
    if isinstance(kind, pl.Datetime):
        local = cell.dt.convert_time_zone(_ZONE).dt.replace_time_zone(None) if kind.time_zone else cell
        return local.dt.to_string("%Y-%m-%d %H:%M:%S%.f")
    if kind in (pl.Float32, pl.Float64):
        # Whole numbers without a fraction, as codes and counts are meant; NaN is no value.
        whole = (cell == cell.round(0)) & (cell.abs() < 2**53)
        text = pl.when(whole).then(cell.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(cell.cast(pl.String))
        return pl.when(cell.is_not_nan()).then(text)
    return cell.cast(pl.String)
