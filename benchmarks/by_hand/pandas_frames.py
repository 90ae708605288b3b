"""The same in pandas, with the checks that the night does on each record."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.by_hand import (
    ITEMS,
    LEAST_POLLUTANTS,
    LIMITS,
    MEANS,
    PERCENTILES,
    STANDARDS,
    YEAR_COLUMNS,
    Breakpoint,
    Results,
    daily_breakpoints,
)

_POLLUTANTS = (*MEANS, "o3")
_LARGEST = {name: 500 if name == "co" else 20_000 for name in _POLLUTANTS}
_CODES = {"averaging": ("1h", "24h", "month"), "site_kind": ("station", "city")}
_KEY = ["series", "station_code", "period_end", "averaging"]


def run(inbox: Path, work: Path) -> Results:
    """Everything in memory. Raises `ValueError` when a check fails."""
    hours = pd.concat([read_month(path) for path in sorted((inbox / "air_readings").glob("*.csv"))], ignore_index=True)
    check(hours)
    stations = pd.read_csv(next((inbox / "stations").glob("*.csv")), dtype={"region_code": str})
    days = city_days(station_days(hours), stations)
    return results(days, city_years(days))


def read_month(path: Path) -> pd.DataFrame:
    """One file, its words as categories."""
    words = dict.fromkeys(("series", "station_code", "averaging", "site_kind", "origin"), "category")
    return pd.read_csv(path, dtype=words, parse_dates=["period_end"])


def results(days: pd.DataFrame, years: pd.DataFrame) -> Results:
    """As they are compared."""
    told = days[["region_code", "day", "standard", "aqi", "valid"]].itertuples(index=False, name=None)
    return Results(
        [(region, day.date(), standard, int(aqi), bool(valid)) for region, day, standard, aqi, valid in told],
        list(years.itertuples(index=False, name=None)),
    )


def check(hours: pd.DataFrame) -> None:
    """What the night checks of each record. Raises `ValueError`."""
    bad = hours[_KEY].isna().any(axis=1) | hours[list(_POLLUTANTS)].isna().all(axis=1)
    for name, codes in _CODES.items():
        bad |= ~hours[name].isin(codes)
    for name, largest in _LARGEST.items():
        values = pd.to_numeric(hours[name], errors="coerce")
        bad |= (values.isna() & hours[name].notna()) | (values < 0) | (values > largest)
    bad |= hours.duplicated(_KEY, keep=False)
    # A record without any value is refused by the night too; every other fault is none that these files hold.
    unusable = int((bad & ~hours[list(_POLLUTANTS)].isna().all(axis=1)).sum())
    if unusable:
        raise ValueError(f"{unusable} records that break a rule")


def station_days(hours: pd.DataFrame) -> pd.DataFrame:
    """station_code, day, and a mean or maximum of each item."""
    hours = hours.sort_values(["station_code", "period_end"], ignore_index=True)
    hours["day"] = (hours["period_end"] - pd.Timedelta(hours=1)).dt.normalize()
    grouped = hours.groupby(["station_code", "day"], observed=True)
    counts = grouped[list(_POLLUTANTS)].count()
    days = grouped[list(MEANS)].mean().where(counts[list(MEANS)] >= 20)
    top = grouped["o3"].max()
    days["o3_1h"] = top.where((counts["o3"] >= 20) | (top > 200))
    eight = hours.groupby("station_code", observed=True)["o3"].rolling(8, min_periods=6).mean().to_numpy()
    ends = hours["period_end"].dt.hour
    hours["eight"] = np.where((ends >= 8) | (ends == 0), eight, np.nan)
    windows = hours.groupby(["station_code", "day"], observed=True)["eight"]
    best = windows.max()
    days["o3_8h"] = best.where((windows.count() >= 14) | (best > 160))
    return days.reset_index()


def city_days(days: pd.DataFrame, stations: pd.DataFrame) -> pd.DataFrame:
    """region_code, day, standard, items, aqi and valid, where there is an index."""
    days["station_code"] = days["station_code"].astype(str)
    joined = days.merge(stations[["code", "region_code"]], left_on="station_code", right_on="code")
    grouped = joined.groupby(["region_code", "day"])[list(ITEMS)]
    number = stations.groupby("region_code")["code"].count()
    counts = grouped.count()
    enough = counts.mul(100).ge(75 * counts.index.get_level_values("region_code").map(number).to_numpy(), axis=0)
    city = grouped.mean().where(enough).round(6)
    city = city.round({name: 1 if name == "co" else 0 for name in ITEMS}).reset_index()
    return pd.concat([_indexed(city, standard) for standard in STANDARDS], ignore_index=True)


def _indexed(city: pd.DataFrame, standard: str) -> pd.DataFrame:
    points = daily_breakpoints(standard)
    parts = pd.DataFrame(index=city.index)
    for item in dict.fromkeys(point.item for point in points):
        parts[item] = individual_index(city[item], [point for point in points if point.item == item])
    known = parts.notna().T.groupby(lambda item: item.split("_")[0]).any().T.sum(axis=1)
    found = city.assign(standard=standard, aqi=parts.max(axis=1))
    found["valid"] = (known >= LEAST_POLLUTANTS[standard]) | (found["aqi"] > 100)
    return found[found["aqi"].notna()]


def individual_index(values: pd.Series, scale: list[Breakpoint]) -> np.ndarray:
    """The index of one item's concentrations, rounded up; none outside its scale, unless that ends at 500."""
    xs = [scale[0].low, *(point.high for point in scale)]
    ys = [scale[0].iaqi_low, *(point.iaqi_high for point in scale)]
    left = 0 if scale[0].low == 0 else np.nan
    right = np.nan if scale[-1].iaqi_high < 500 else ys[-1]
    return np.ceil(np.round(np.interp(values, xs, ys, left=left, right=right), 9))


def city_years(days: pd.DataFrame) -> pd.DataFrame:
    """region_code, year, standard, YEAR_COLUMNS."""
    days = days.assign(year=days["day"].dt.year, good=days["valid"] & (days["aqi"] <= 100))
    grouped = days.groupby(["region_code", "year", "standard"])
    years = grouped[[item for item in MEANS if item != "co"]].mean().add_suffix("_mean")
    for item, rank in PERCENTILES.items():
        years[f"{item}_p{rank}"] = grouped[item].quantile(rank / 100)
    years["good_days"], years["valid_days"] = grouped["good"].sum(), grouped["valid"].sum()
    years["good_day_rate"] = 100 * years["good_days"] / years["valid_days"]
    years["ambient_air_index"] = sum(years[name] / limit for name, limit in LIMITS.items())
    return years.reset_index()[["region_code", "year", "standard", *YEAR_COLUMNS]]
