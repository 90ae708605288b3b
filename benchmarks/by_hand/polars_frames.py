"""The same in Polars: one frame of the hours, sorted by station."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from benchmarks.by_hand import (
    ITEMS,
    LEAST_POLLUTANTS,
    LIMITS,
    MEANS,
    PERCENTILES,
    STANDARDS,
    YEAR_COLUMNS,
    Results,
    daily_breakpoints,
)

_DTYPES = dict.fromkeys((*MEANS, "o3"), pl.Float64)


def run(inbox: Path, work: Path) -> Results:
    """Everything in memory."""
    hours = pl.scan_csv(f"{inbox}/air_readings/*.csv", schema_overrides=_DTYPES).select(
        "station_code", pl.col("period_end").str.to_datetime("%Y-%m-%d %H:%M"), *_DTYPES
    )
    hours = hours.collect().sort("station_code", "period_end")
    stations = pl.read_csv(f"{inbox}/stations/*.csv", schema_overrides={"region_code": pl.String})
    days = _city_days(_station_days(hours), stations)
    return Results(days.select("region_code", "day", "standard", "aqi", "valid").rows(), _city_years(days).rows())


def _station_days(hours: pl.DataFrame) -> pl.DataFrame:
    ended = pl.col("period_end")
    window = pl.col("o3").rolling_mean(8, min_samples=6).over("station_code")
    counts = (ended.dt.hour() >= 8) | (ended.dt.hour() == 0)
    hours = hours.with_columns(day=(ended - pl.duration(hours=1)).dt.date(), eight=pl.when(counts).then(window))
    o3, eight = pl.col("o3"), pl.col("eight")
    return hours.group_by("station_code", "day").agg(
        *(pl.when(pl.col(i).count() >= 20).then(pl.col(i).mean()).alias(i) for i in MEANS),
        pl.when((o3.count() >= 20) | (o3.max() > 200)).then(o3.max()).alias("o3_1h"),
        pl.when((eight.count() >= 14) | (eight.max() > 160)).then(eight.max()).alias("o3_8h"),
    )


def _city_days(days: pl.DataFrame, stations: pl.DataFrame) -> pl.DataFrame:
    known = stations.select("region_code", station_code="code", stations=pl.len().over("region_code"))
    joined = days.join(known, on="station_code")
    city = joined.group_by("region_code", "day").agg(
        pl.when(100 * pl.col(i).count() >= 75 * pl.col("stations").first())
        .then(pl.col(i).mean().round(6).round(1 if i == "co" else 0, mode="half_to_even"))
        .alias(i)
        for i in ITEMS
    )
    return pl.concat(_indexed(city, standard) for standard in STANDARDS)


def _indexed(city: pl.DataFrame, standard: str) -> pl.DataFrame:
    points = daily_breakpoints(standard)
    parts: dict[str, pl.Expr] = {}
    for item in dict.fromkeys(point.item for point in points):
        c = pl.col(item)
        pieces = [
            pl.when((c > p.low) | ((c == 0) & (p.low == 0)), (c <= p.high) | (p.iaqi_high == 500)).then(
                (p.iaqi_low + (p.iaqi_high - p.iaqi_low) * (pl.min_horizontal(c, p.high) - p.low) / (p.high - p.low))
                .round(9)
                .ceil()
            )
            for p in points
            if p.item == item
        ]
        parts[item] = pl.coalesce(pieces)
    pollutants: dict[str, list[pl.Expr]] = {}
    for item, part in parts.items():
        pollutants.setdefault(item.split("_")[0], []).append(part.is_not_null())
    known = pl.sum_horizontal(pl.any_horizontal(there) for there in pollutants.values())
    days = city.with_columns(
        standard=pl.lit(standard), aqi=pl.max_horizontal(*parts.values()).cast(pl.Int64), known=known
    )
    valid = (pl.col("known") >= LEAST_POLLUTANTS[standard]) | (pl.col("aqi") > 100)
    return days.filter(pl.col("aqi").is_not_null()).with_columns(valid=valid)


def _city_years(days: pl.DataFrame) -> pl.DataFrame:
    good = pl.col("valid") & (pl.col("aqi") <= 100)
    years = days.group_by("region_code", pl.col("day").dt.year().alias("year"), "standard").agg(
        good.sum().alias("good_days"),
        pl.col("valid").sum().alias("valid_days"),
        *(pl.col(i).mean().alias(f"{i}_mean") for i in MEANS if i != "co"),
        *(pl.col(i).quantile(rank / 100, "linear").alias(f"{i}_p{rank}") for i, rank in PERCENTILES.items()),
    )
    return years.with_columns(
        good_day_rate=100 * pl.col("good_days") / pl.col("valid_days"),
        ambient_air_index=pl.sum_horizontal(pl.col(name) / limit for name, limit in LIMITS.items()),
    ).select("region_code", "year", "standard", *YEAR_COLUMNS)
