"""CO2 inventories of provinces by CEADs: workbooks by sector and fuel, and the published totals.

Belongs here: the two layouts. Does not belong here: energy inventories (`sources.adapters.ceads`),
sums of sectors and fuels (`assets.environment`).
"""

from __future__ import annotations

import polars as pl

from sources.adapter import Adapter, Context, Melt
from sources.adapters.ceads import FUELS, place_of
from sources.adapters.provinces import province_codes
from sources.numerals import times_power_of_ten
from sources.outcome import Problem, Refusal

#: Megatonnes in tonnes, as a power of ten.
_MEGA = 6

_TOTAL, _UNIT = "Total Consumption", "Mt CO2"

#: Labels of the workbook → cause of the emission. Heat and electricity are the purchased ones.
_CAUSES = {label.replace("_", " "): code for label, code in FUELS.items()} | {
    "Scope 2 Heat": "heat",
    "Scope 2 Electricity": "electricity",
    "Process": "process",
    "Scope 1 Total": "all",
}


def _inventory(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Region and year from the sheet's name, tonnes for megatonnes, the scope of each column beside it."""
    region, year = place_of(context)
    columns = [name for name in frame.columns if "|" in name]
    if strange := [name for name in columns if not name.endswith(f"|{_UNIT}")]:
        raise Refusal(
            Problem(
                context.file.name,
                sheet=context.sheet,
                found=f"columns in another unit: {', '.join(strange)}",
                accepted=f"{_UNIT} below every heading",
                action="restore the published units",
            )
        )
    label = pl.col("consumer").str.replace_all(r"\s+", " ").str.strip_chars()
    return frame.with_columns(
        *(times_power_of_ten(pl.col(name), _MEGA).alias(name) for name in columns),
        region_code=pl.lit(region),
        year=pl.lit(year),
        consumer=pl.when(label == _TOTAL).then(pl.lit("all")).otherwise(label),
        **{f"scope:{name}": pl.lit("scope_2" if name.startswith("Scope 2") else "scope_1") for name in columns},
    )


def _aggregate(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    codes = province_codes("iso")
    return frame.with_columns(region_code=pl.col("region_code").replace(codes))


CEADS_CO2 = Adapter(
    series="ceads_co2",
    feed="emissions",
    zh="CEADs 省级二氧化碳排放清单",
    en="CEADs provincial CO2 inventories by sector and fuel",
    publisher="Carbon Emission Accounts & Datasets (CEADs)",
    terms="free for use with citation (sheet NOTE)",
    address="https://www.ceads.net/data/province/",
    required=("Raw Coal", "Scope 1 Total"),
    columns={"consumer": ("",)},
    constants={"pollutant": "co2"},
    recode={"fuel": _CAUSES},
    melt=Melt(r"(?P<fuel>[A-Za-z0-9 ]+)\|.*", ("tonnes",), {"scope": "scope:"}),
    prepare=_inventory,
    header_rows=2,
    note_sheets="NOTE",
    stage="validated",
)

CEADS_CO2_TOTALS = Adapter(
    series="ceads_co2_totals",
    feed="emissions",
    zh="CEADs 省级二氧化碳排放总量",
    en="published CO2 totals of provinces, from the inventories of CEADs",
    publisher="OpenClimate (Open Earth Foundation), from CEADs",
    terms="free for use with citation",
    address="https://github.com/Open-Earth-Foundation/OpenClimate",
    required=("emissions_id", "region_code", "year", "tonnes", "datasource_id"),
    columns={"region_code": ("actor_id",), "year": ("year",), "tonnes": ("total_emissions",)},
    constants={"pollutant": "co2", "scope": "scope_1", "consumer": "all", "fuel": "all"},
    prepare=_aggregate,
    stage="validated",
)
