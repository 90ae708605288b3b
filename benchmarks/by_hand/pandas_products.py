"""The same in pandas with all that a night makes of these files, so that like is compared with like.

Besides the checks, city days and city years of `pandas_frames`: every record kept with its file and line, the hourly
index of each station, and the runs of hours in which a sensor stands still; all written as Parquet, which stands for
publication. It keeps no versions, no quarantine, no statuses, and judges no plan.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.by_hand import STATION_HOURS, Breakpoint, Results, category_tops, hourly_breakpoints, stuck_rules
from benchmarks.by_hand.pandas_frames import (
    check,
    city_days,
    city_years,
    individual_index,
    read_month,
    results,
    station_days,
)

_STANDARD = "hj633_2012"
_HOUR = np.timedelta64(1, "h")


def run(inbox: Path, work: Path) -> Results:
    """One month after another for what concerns an hour alone; the year in memory for the rest."""
    points, tops = hourly_breakpoints(_STANDARD), category_tops(_STANDARD)
    (work / STATION_HOURS).mkdir()
    parts = []
    for path in sorted((inbox / "air_readings").glob("*.csv")):
        month = read_month(path)
        month["source_file"] = pd.Categorical([path.name] * len(month))
        month["source_row"] = np.arange(2, len(month) + 2)
        _station_hours(month, points, tops).to_parquet(work / STATION_HOURS / f"{path.stem}.parquet")
        parts.append(month)
    hours = pd.concat(parts, ignore_index=True)
    del parts
    check(hours)
    hours.to_parquet(work / "air_readings.parquet")
    hours = hours.drop(columns=["source_file", "source_row"])
    _stuck(hours).to_parquet(work / "stuck.parquet")
    stations = pd.read_csv(next((inbox / "stations").glob("*.csv")), dtype={"region_code": str})
    days = city_days(station_days(hours), stations)
    years = city_years(days)
    days.to_parquet(work / "city_days.parquet")
    years.to_parquet(work / "city_years.parquet")
    return results(days, years)


def _station_hours(hours: pd.DataFrame, points: list[Breakpoint], tops: dict[str, int | None]) -> pd.DataFrame:
    """station_code, hour, values, aqi, primary_pollutants, exceeding, category."""
    items = list(dict.fromkeys(point.item for point in points))
    indices = np.empty((len(hours), len(items)))
    for place, item in enumerate(items):
        indices[:, place] = individual_index(hours[item], [point for point in points if point.item == item])
    aqi = np.fmax.reduce(indices, axis=1)
    bands = np.searchsorted([top for top in tops.values() if top is not None], aqi)
    known = ~np.isnan(aqi)
    made = hours[["station_code", "period_end", *items]].copy()
    made["aqi"] = pd.array(aqi, dtype="Int64")
    made["primary_pollutants"] = _named((indices == aqi[:, None]) & (aqi > 50)[:, None], items, known)
    made["exceeding"] = _named((indices > 100) & (aqi > 100)[:, None], items, known)
    made["category"] = pd.Categorical.from_codes(np.where(known, bands, -1), categories=list(tops))
    return made


def _named(chosen: np.ndarray, items: list[str], known: np.ndarray) -> pd.Categorical:
    """The names of the chosen items, joined by comma; nothing without an index."""
    names = [",".join(name for place, name in enumerate(items) if mask >> place & 1) for mask in range(2 ** len(items))]
    masks = chosen @ (1 << np.arange(len(items)))
    return pd.Categorical.from_codes(np.where(known, masks, -1), categories=names)


def _stuck(hours: pd.DataFrame) -> pd.DataFrame:
    """Runs of equal hours that are too long: station_code, pollutant, value, first and last hour."""
    hours = hours.sort_values(["station_code", "period_end"], ignore_index=True)
    station, hour = hours["station_code"].cat.codes.to_numpy(), hours["period_end"].to_numpy()
    follows = (station[1:] == station[:-1]) & (hour[1:] - hour[:-1] == _HOUR)
    found = []
    for pollutant, (least, above) in stuck_rules().items():
        value = hours[pollutant].to_numpy()
        begins = np.flatnonzero(np.concatenate([[True], ~(follows & (value[1:] == value[:-1]))]))
        lengths = np.diff(np.append(begins, len(value)))
        first = begins[(lengths >= least) & (value[begins] > above)]
        last = first + lengths[np.searchsorted(begins, first)] - 1
        runs = hours.loc[first, ["station_code", "period_end"]].rename(columns={"period_end": "first_hour"})
        found.append(runs.assign(last_hour=hour[last], pollutant=pollutant, value=value[first]))
    return pd.concat(found, ignore_index=True)
