"""Our World in Data's CO2 and energy table: a foreign publication, read as returns with their counts.

Its traps: regions without an ISO code, a ratio per row that must come out of two other columns of the
row, and old regional aggregates whose ratios are wrong at the source.
"""

from __future__ import annotations

import polars as pl

from sources.adapter import Adapter, Context, Melt

#: Ratio → its unit, numerator, denominator; energy in TWh.
RATIOS = {
    "energy_per_gdp": ("kWh/$", "primary_energy_consumption", "gdp"),
    "energy_per_capita": ("kWh/person", "primary_energy_consumption", "population"),
}


def _prepare(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    beside = {
        f"{name}:{ratio}": expression
        for ratio, (unit, above, below) in RATIOS.items()
        for name, expression in (("unit", pl.lit(unit)), ("above", pl.col(above)), ("below", pl.col(below)))
    }
    return frame.with_columns(region_code=pl.coalesce("region_code", "country"), year=pl.col("period"), **beside)


OWID = Adapter(
    series="owid_co2",
    feed="statistical_returns",
    zh="Our World in Data 能源与碳排放",
    en="Our World in Data: energy and CO2 by country",
    publisher="Our World in Data",
    terms="CC BY 4.0",
    address="https://github.com/owid/co2-data",
    required=("region_code", "country", "period", "primary_energy_consumption", "energy_per_gdp"),
    columns={"region_code": ("iso_code",), "period": ("year",)},
    constants={"stratum": "all"},
    melt=Melt(
        rf"(?P<indicator_code>{'|'.join(RATIOS)})",
        ("value",),
        {"unit": "unit:", "numerator": "above:", "denominator": "below:"},
    ),
    prepare=_prepare,
    stage="validated",
)
