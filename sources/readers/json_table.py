"""Tables in JSON: an object with thead and tbody, a list of objects, one object per line, GeoJSON points.

Belongs here: those shapes. Does not belong here: markup inside cells (the publication's adapter).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

import polars as pl

from sources import bounds
from sources.readers.content import Content, refuse, refuse_empty
from sources.readers.grid import Opened, Sheets, held, sheet_of_rows
from sources.readers.text import Text, text_of

_ACCEPTED = "an object with thead and tbody, a list of objects, GeoJSON features, or one object per line"


def open_json(content: Content) -> Opened:
    """A JSON table as a sheet: row 0 is the header, records are numbered from 1 (lines: as lines).

    Numbers keep their digits as written. One object per line is read in stretches. Raises `Refusal`
    for text that is no JSON, or JSON of another shape.
    """
    text = text_of(content)
    if _is_lines(text):
        return _lines(text)
    try:
        sheet = _table(_load(text.whole()), content.name)
    except json.JSONDecodeError as error:
        _no_json(content.name, error)
    return held({"": sheet}, notes=text.notes, encoding=text.encoding)


def _load(text: str) -> Any:
    try:
        return json.loads(text, parse_float=str, parse_int=str)
    except RecursionError as error:
        raise json.JSONDecodeError("nested too deep", text[:1], 0) from error


def _is_lines(text: Text) -> bool:
    """Whether the first two lines with something on them are each an object of their own (or begin one)."""
    found = [line for line in next(text.blocks(bounds.HEAD_BYTES), "").split("\n") if line.strip()]
    if len(found) < 2 or not found[1].lstrip().startswith("{"):
        return False
    try:
        return isinstance(_load(found[0]), dict)
    except json.JSONDecodeError:
        return False


def _lines(text: Text) -> Opened:
    """One object per line; which keys there are is known after reading all lines once."""
    name = text.content.name
    keys: dict[str, None] = {}
    for _, records in _parsed(text, bounds.STRETCH_BYTES):
        keys |= dict.fromkeys(key for record in records for key in record)
    header = list(keys)
    if not header:
        refuse_empty(name)

    def stretches(size: int) -> Iterator[Sheets]:
        top: list[Sequence[Any]] = [header]
        for first, records in _parsed(text, size):
            body = [[record.get(key) for key in header] for record in records]
            yield {"": _sheet([*top, *body], first - len(top), name)}
            top = []

    return Opened(next(stretches(bounds.HEAD_BYTES)), stretches, notes=text.notes, encoding=text.encoding)


def _parsed(text: Text, size: int) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Objects of consecutive lines with the number of the first line; an empty line is an empty object."""
    first = 1
    for block in text.blocks(size):
        lines = block.removesuffix("\n").split("\n")
        try:
            records = _load(f"[{','.join(line if line.strip() else '{}' for line in lines)}]")
        except json.JSONDecodeError:
            _refuse_line(text.content.name, first, lines)
        if not all(isinstance(record, dict) for record in records) or len(records) != len(lines):
            _refuse_line(text.content.name, first, lines)
        yield first, records
        first += len(lines)


def _refuse_line(name: str, first: int, lines: list[str]) -> NoReturn:
    """Refuse the first line that is no object by itself."""
    for number, line in enumerate(lines, start=first):
        try:
            record = _load(line) if line.strip() else {}
        except json.JSONDecodeError as error:
            refuse(name, f"text that is no JSON ({error.msg})", _ACCEPTED, "send the file again", row=number)
        if not isinstance(record, dict):
            refuse(name, "a line that is no object", _ACCEPTED, "send the file again", row=number)
    refuse(name, "lines that hold several objects each", _ACCEPTED, "send the file again", row=first)


def _no_json(name: str, error: json.JSONDecodeError) -> NoReturn:
    refuse(name, f"text that is no JSON ({error})", _ACCEPTED, "send the file again")


def _table(content: Any, name: str) -> pl.DataFrame:
    if isinstance(content, dict) and isinstance(content.get("thead"), list) and isinstance(content.get("tbody"), list):
        header, body = content["thead"], content["tbody"]
        if not all(isinstance(row, list) for row in body):
            refuse(name, "a tbody that holds other things than lists", _ACCEPTED, "send the file again")
        return _filled(header, body, name)
    if isinstance(content, dict) and isinstance(content.get("features"), list):
        content = [_feature(feature) for feature in content["features"]]
    records = [content] if isinstance(content, dict) else content
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        refuse(name, "JSON of another shape", _ACCEPTED, "send the file as one of these")
    header = list(dict.fromkeys(key for record in records for key in record))
    return _filled(header, [[record.get(key) for key in header] for record in records], name)


def _feature(feature: Any) -> Any:
    """A feature's properties as a record, with its coordinates; what is no feature stays as it is."""
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        return feature
    geometry = feature.get("geometry")
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    return feature["properties"] | {"coordinates": coordinates}


def _filled(header: Sequence[Any], body: Sequence[Sequence[Any]], name: str) -> pl.DataFrame:
    if not header or not body:
        refuse_empty(name)
    return _sheet([header, *body], 0, name)


def _sheet(rows: Sequence[Sequence[Any]], first: int, name: str) -> pl.DataFrame:
    return sheet_of_rows([[_text(cell) for cell in row] for row in rows], first, name)


def _text(cell: Any) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell or None
    return json.dumps(cell, ensure_ascii=False)
