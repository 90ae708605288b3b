"""What publications of air have in common: names of pollutants and cities, values in doubt.

Belongs here: words and helpers that several air adapters use. Does not belong here: any publication.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import polars as pl

from sources.adapter import MISSING

#: Names of primary pollutants → our codes; longer names first, because one contains the other.
PRIMARY_POLLUTANTS = {
    "细颗粒物(PM2.5)": "pm25",
    "颗粒物(PM10)": "pm10",
    "臭氧1小时": "o3",
    "臭氧8小时": "o3_8h",
    "二氧化硫": "so2",
    "二氧化氮": "no2",
    "一氧化碳": "co",
}

MEASURES = ("so2", "no2", "pm10", "pm25", "co", "o3", "o3_8h", "pm10_24h", "pm25_24h")
#: A row that has none of these says nothing.
MEASURED = (*MEASURES, "published_aqi")

#: For series in which a zero stands for a missing value (an index of 0 comes with no level at all).
ZEROS_MISSING = MISSING | {"0"}

_CITIES = Path(__file__).with_name("air_cities.csv")
_NEGATIVE = r"^-\s*\d"


def primary_codes(words: pl.Expr) -> pl.Expr:
    """Primary pollutants as published, one or several in a cell (by comma or line break), as our codes."""
    joined = words.str.strip_chars().str.replace_all(r"\s*[,，\n]\s*", ",").str.replace_all(r",{2,}", ",")
    return joined.str.replace_many(PRIMARY_POLLUTANTS)


def end_of_day(days: pl.Series) -> pl.Series:
    """The midnight that follows each day, as text; null stays null."""
    return days.dt.offset_by("1d").dt.to_string("%Y-%m-%d 00:00")


def latest(frame: pl.DataFrame) -> pl.DataFrame:
    """A collection is as recent as its latest period: `published_at` for the whole file."""
    return frame.with_columns(published_at=pl.col("period_end").max())


def without_negatives(frame: pl.DataFrame) -> pl.DataFrame:
    """Concentrations below zero are no concentrations: taken out, and named with their text in `flags`."""
    present = [name for name in MEASURES if name in frame.columns]
    signed = frame.select(pl.col(present).str.starts_with("-").any())
    negative = {name: pl.col(name).str.contains(_NEGATIVE).fill_null(False) for name in present if signed[name].item()}
    told = [pl.when(found).then(pl.format(f"negative:{name}={{}}", name)) for name, found in negative.items()]
    return flagged(frame, *told).with_columns(
        pl.when(~found).then(pl.col(name)).alias(name) for name, found in negative.items()
    )


def flagged(frame: pl.DataFrame, *told: pl.Expr) -> pl.DataFrame:
    """Adds to `flags` what each expression says of a row (null: nothing), joined by comma."""
    before = [pl.col("flags")] if "flags" in frame.columns else []
    joined = pl.concat_str(*before, *told, separator=",", ignore_nulls=True) if told or before else pl.lit("")
    return frame.with_columns(flags=pl.when(joined != "").then(joined))


@cache
def city_codes() -> dict[str, str]:
    """Name of a city or county as collections print it → division code of GB/T 2260."""
    with _CITIES.open(encoding="utf-8", newline="") as handle:
        return {row["name"]: row["code"] for row in csv.DictReader(handle)}
