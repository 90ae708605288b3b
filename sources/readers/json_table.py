"""Tables in JSON: an object with thead and tbody, a list of objects, one object per line, GeoJSON points.

Belongs here: those shapes. Does not belong here: markup inside cells (the publication's adapter).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import polars as pl

from sources.readers.content import refuse, refuse_empty
from sources.readers.grid import sheet_of_rows


def read_json(text: str, name: str) -> pl.DataFrame:
    """A JSON table as a sheet: row 0 is the header, records are numbered from 1 (lines: as lines).

    Numbers keep their digits as written. Raises `Refusal` for text that is no JSON, or JSON of
    another shape.
    """
    try:
        return _table(_load(text), name)
    except json.JSONDecodeError as whole:
        lines = text.splitlines()
        try:
            records = [_load(line) if line.strip() else {} for line in lines]
        except json.JSONDecodeError as error:
            # A line that fails later than the first tells that the file is meant as lines.
            shown = whole if "\n" not in text.strip() or error.pos == 0 else error
            refuse(name, f"text that is no JSON ({shown})", _ACCEPTED, "send the file again")
        return _table(records, name)


_ACCEPTED = "an object with thead and tbody, a list of objects, GeoJSON features, or one object per line"


def _load(text: str) -> Any:
    return json.loads(text, parse_float=str, parse_int=str)


def _table(content: Any, name: str) -> pl.DataFrame:
    if isinstance(content, dict) and isinstance(content.get("thead"), list) and isinstance(content.get("tbody"), list):
        header, body = content["thead"], content["tbody"]
        if not all(isinstance(row, list) for row in body):
            refuse(name, "a tbody that holds other things than lists", _ACCEPTED, "send the file again")
        return _sheet(header, body, name)
    if isinstance(content, dict) and isinstance(content.get("features"), list):
        content = [_feature(feature) for feature in content["features"]]
    records = [content] if isinstance(content, dict) else content
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        refuse(name, "JSON of another shape", _ACCEPTED, "send the file as one of these")
    header = list(dict.fromkeys(key for record in records for key in record))
    return _sheet(header, [[record.get(key) for key in header] for record in records], name)


def _feature(feature: Any) -> Any:
    """A feature's properties as a record, with its coordinates; what is no feature stays as it is."""
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        return feature
    geometry = feature.get("geometry")
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    return feature["properties"] | {"coordinates": coordinates}


def _sheet(header: Sequence[Any], body: Sequence[Sequence[Any]], name: str) -> pl.DataFrame:
    if not header or not body:
        refuse_empty(name)
    return sheet_of_rows([[_text(cell) for cell in row] for row in (header, *body)], 0, name)


def _text(cell: Any) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell or None
    return json.dumps(cell, ensure_ascii=False)
