"""Generated readings in the canonical layout: seeded, plausible, with gaps.

Belongs here: the files that every contender reads. They are synthetic and never leave the
benchmark's own folder.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

SEED = 2012
REGION = "320282"
#: Typical level of each pollutant (µg/m³, CO in tenths of mg/m³ before scaling).
LEVELS = {"so2": 20, "no2": 40, "pm10": 90, "pm25": 60, "o3": 70}
MISSING = 0.02
#: End of the first hour of the first day.
START = datetime(2015, 1, 1, 1)


def write_inbox(inbox: Path, stations: int, days: int) -> int:
    """One CSV a month under `air_readings/` and the stations' register; returns the number of readings."""
    rng = np.random.default_rng(SEED)
    readings = inbox / "air_readings"
    readings.mkdir(parents=True)
    (inbox / "stations").mkdir()
    codes = [f"B{number:04d}" for number in range(stations)]
    pl.DataFrame(
        {
            "code": codes,
            "valid_from": ["2000-01-01"] * stations,
            "medium": ["air"] * stations,
            "name_zh": codes,
            "region_code": [REGION] * stations,
        }
    ).write_csv(inbox / "stations" / "stations.csv")
    hours = pl.datetime_range(START, START + timedelta(hours=days * 24 - 1), "1h", eager=True)
    frame = pl.DataFrame({"station_code": codes}).join(pl.DataFrame({"period_end": hours}), how="cross")
    size = frame.height
    columns = {name: np.round(rng.gamma(4.0, level / 4.0, size), 1) for name, level in LEVELS.items()} | {
        "co": np.round(rng.gamma(4.0, 0.25, size), 2)
    }
    frame = frame.with_columns(
        series=pl.lit("bench"),
        averaging=pl.lit("1h"),
        site_kind=pl.lit("station"),
        **{name: pl.Series(values) for name, values in columns.items()},
    ).with_columns(
        pl.when(pl.Series(rng.random(size) < MISSING)).then(None).otherwise(pl.col(name)).alias(name)
        for name in columns
    )
    for (month,), part in frame.group_by(pl.col("period_end").dt.strftime("%Y-%m"), maintain_order=True):
        part.with_columns(pl.col("period_end").dt.strftime("%Y-%m-%d %H:%M")).write_csv(readings / f"air_{month}.csv")
    return size
