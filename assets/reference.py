"""Dated data in YAML → the rows of a reference table, checked against the table's declaration.

Belongs here: reading a list of entries exactly (a number is read from its text, never through
floating point) and refusing what the declaration does not allow. Does not belong here: which tables
there are (each subject declares its own).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from sources.registry import Column, Table

STANDARDS = Path(__file__).resolve().parent / "standards"

#: libyaml's, ten times as fast as the one in Python, where PyYAML was built with it.
_LOADER: type[yaml.BaseLoader] | type[yaml.CBaseLoader] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@cache
def load(path: Path) -> dict[str, Any]:
    """A YAML file with every scalar kept as the text that is written there; read once, so not to be changed.

    A file has many sections, each the rows of another table, and every night asks for all of them.
    """
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    if not isinstance(document, dict):
        raise ValueError(f"{path.name}: found no sections; accepted: a mapping from section to entries")
    return document


def reference_frame(table: Table, entries: Sequence[Mapping[str, str]]) -> pl.DataFrame:
    """`entries` as rows of `table`; a key that an entry lacks is null.

    Raises `ValueError` naming the table and the entry for an unknown key, a missing required value, a
    number with more digits than its column holds, a value outside the codes, or a repeated key.
    """
    if stray := {key for entry in entries for key in entry} - set(table.names):
        raise ValueError(f"{table.name}: unknown keys {sorted(stray)}; accepted: {list(table.names)}")
    text = pl.DataFrame(
        [dict(entry) for entry in entries], schema=dict.fromkeys(table.names, pl.String), orient="row"
    ).with_columns(pl.all().replace("", None))
    for column in table.columns:
        _refuse(table, column, text)
    frame = text.select(_typed(column) for column in table.columns)
    if table.key and (repeated := frame.filter(frame.select(table.key).is_duplicated())).height:
        raise ValueError(f"{table.name}: the key {table.key} is repeated: {repeated.row(0, named=True)}")
    return frame


def _refuse(table: Table, column: Column, text: pl.DataFrame) -> None:
    cell = pl.col(column.name)
    faults: dict[str, pl.Expr] = {}
    if column.required:
        faults["is missing"] = cell.is_null()
    if column.codes:
        faults[f"is none of {list(column.codes.values)}"] = ~cell.is_in(list(column.codes.values))
    if column.type == "boolean":
        faults["is neither true nor false"] = ~cell.is_in(["true", "false"])
    if column.type == "integer":
        faults["is no whole number"] = ~cell.str.contains(r"^-?\d+$")
    if column.is_decimal:
        point = rf"(\.\d{{1,{column.scale}}})?" if column.scale else ""
        exact = rf"^-?\d{{1,{column.width - column.scale}}}{point}$"
        faults[f"does not fit {column.type} exactly"] = ~cell.str.contains(exact)
    for fault, found in faults.items():
        if (bad := text.filter(found)).height:
            raise ValueError(f"{table.name}: {column.name} {fault}: {bad.row(0, named=True)}")


def _typed(column: Column) -> pl.Expr:
    cell = pl.col(column.name)
    match column.type:
        case "boolean":
            return cell == "true"
        case "date":
            return cell.str.to_date("%Y-%m-%d")
        case _:
            return cell.cast(column.polars_type)
