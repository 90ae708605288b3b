"""A plain reader of the national water publications, for tests only: our long layout from their rows.

The readers of the house live in `sources`; this one is written apart from them, so that a mistake there
and here would have to agree to go unnoticed.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import polars as pl

CLASSES = {"Ⅰ": "1", "Ⅱ": "2", "Ⅲ": "3", "Ⅳ": "4", "Ⅴ": "5", "劣Ⅴ": "6"}

#: Place in a published row → what stands there; temperature, nitrogen and the rest never decide.
ITEMS = {
    6: ("ph", "1"),
    7: ("dissolved_oxygen", "mg/L"),
    10: ("permanganate_index", "mg/L"),
    11: ("ammonia_nitrogen", "mg/L"),
    12: ("total_phosphorus", "mg/L"),
    13: ("total_nitrogen", "mg/L"),
}

_ORIGINAL = re.compile(r"原始值[：:]([^']*)'")
_TAG = re.compile(r"<[^>]*>")


def _record(series: str, row: int, year: str, cells: list[Any], texts: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "series": series,
        "source_row": row,
        "station_code": _TAG.sub("", cells[2]),
        "time": f"{year}-{cells[3]}",
        "published_class": CLASSES.get(cells[4]),
        "determinand": [name for name, _ in ITEMS.values()],
        "unit": [unit for _, unit in ITEMS.values()],
        "text": [text for text, _ in texts],
        "shown": [shown for _, shown in texts],
    }


def _marked_up(cell: str | None) -> tuple[str, str]:
    """(unrounded, displayed) of a snapshot's cell."""
    shown = _TAG.sub("", cell or "")
    found = _ORIGINAL.search(cell or "")
    return (found.group(1) if found else shown), shown


def snapshot_rows(path: Path) -> Iterator[dict[str, Any]]:
    """One record for each published row of a daily snapshot: series = file and province, row = its place.

    The province, because one name can stand in two provinces.
    """
    for row, cells in enumerate(json.loads(path.read_text("utf-8"))["tbody"], start=1):
        texts = [_marked_up(cells[place]) for place in ITEMS]
        yield _record(f"{path.stem} {cells[0]}", row, path.stem[:4], cells, texts)


def station_rows(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """One record for each station-time of the station files; the last row of a repeated one counts."""
    kept: dict[tuple[str, ...], dict[str, Any]] = {}
    for path in paths:
        with path.open(encoding="utf-8", newline="") as lines:
            for row, cells in enumerate(list(csv.reader(lines))[1:], start=2):
                texts = [(cells[place], "") for place in ITEMS]
                series = f"station files {cells[0]}"
                kept[(series, cells[2], cells[3])] = _record(series, row, path.parent.name[:4], cells, texts)
    yield from kept.values()


def long_layout(records: Iterable[dict[str, Any]]) -> pl.DataFrame:
    """Records as rows of core.water_samples, one for each measured item; only of rows with class and time."""
    lists = ["determinand", "unit", "text", "shown"]
    decimal = pl.Decimal(18, 6)
    scientific = pl.col("text").cast(pl.Float64, strict=False).round(6).cast(decimal)
    plain = pl.col("text").cast(decimal, strict=False)
    return (
        pl.DataFrame(list(records), infer_schema_length=None)
        .filter(pl.col("published_class").is_not_null())
        .explode(*lists)
        .with_columns(
            value=pl.when(pl.col("text").str.contains("[eE]")).then(scientific).otherwise(plain),
            value_shown=pl.col("shown").cast(decimal, strict=False),
            sampled_at=pl.col("time").str.to_datetime("%Y-%m-%d %H:%M", time_unit="us", strict=False),
        )
        .filter(pl.col("value").is_not_null() & pl.col("sampled_at").is_not_null())
        .drop("time", "text", "shown")
        .pipe(with_lineage)
    )


def extract(path: Path) -> pl.DataFrame:
    """An extract under tests/data/water as rows of core.water_samples."""
    kinds = {"value": pl.Decimal(18, 6), "value_shown": pl.Decimal(18, 6)}
    frame = pl.read_csv(path, schema_overrides={"published_class": pl.String, **kinds})
    return frame.with_columns(pl.col("sampled_at").str.to_datetime("%Y-%m-%d %H:%M", time_unit="us")).pipe(with_lineage)


def with_lineage(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of core.water_samples that every one of these rows shares."""
    whole = {} if "fraction" in frame.columns else {"fraction": pl.lit("total")}
    return frame.with_columns(
        **whole,
        origin=pl.lit("real"),
        stage=pl.lit("provisional"),
        published_at="sampled_at",
        source_file_id="series",
        source_sheet=pl.lit(""),
        record_no=pl.int_range(pl.len()),
    )


def lake_register(path: Path) -> pl.DataFrame:
    """The tests' register of stations: every section in the file is a lake; the others are unknown."""
    return pl.read_csv(path).select(
        series=pl.lit("inferred"),
        code="station_code",
        valid_from=pl.lit("0001-01-01").str.to_date(),
        medium=pl.lit("water"),
        name_zh="station_code",
        water_body=pl.lit("lake"),
        type_origin=pl.lit("inferred from published classes"),
        origin=pl.lit("real"),
    )
