"""Provincial energy inventories of CEADs: a workbook a year, a sheet a province.

Belongs here: which row of the inventory is which flow. Does not belong here: standard-coal factors
(`assets/standards`).
"""

from __future__ import annotations

import re

import polars as pl

from sources.adapter import ASIDE, Adapter, Context, Melt
from sources.adapters.provinces import province_codes
from sources.outcome import Problem, Refusal

_SHEET = re.compile(r"(?P<province>[A-Za-z]+)(?P<year>(?:19|20)\d\d)")

#: Rows that are not sectors, by their label without blanks; every other label above the first of
#: them is a sector of final consumption, below it a transformation.
_FINAL, _TRANSFORMED = "TotalFinalConsumption", "Inputs(+)outputs(-)"
_OWN_FLOW = {"Loss": "loss", "TotalConsumption": "total", "Non-EnergyUse": "non_energy"}
_ASIDE = {
    "%Loss": "derived share",
    "ChinaAirplanes&shipsRefuelinginAbroad": "refuelling abroad: outside the balance",
    "ForeignAirplanes&shipsRefuelinginChina": "refuelling of foreigners: outside the balance",
}
_LABEL = "consumer"

#: Labels of the inventories → fuel.
FUELS = {
    "Raw_Coal": "raw_coal",
    "Cleaned_Coal": "cleaned_coal",
    "Other_Washed_Coal": "other_washed_coal",
    "Briquettes": "briquettes",
    "Coke": "coke",
    "Coke_Oven_Gas": "coke_oven_gas",
    "Other_Gas": "other_gas",
    "Other_Coking_Products": "other_coking_products",
    "Crude_Oil": "crude_oil",
    "Gasoline": "gasoline",
    "Kerosene": "kerosene",
    "Diesel_Oil": "diesel",
    "Fuel_Oil": "fuel_oil",
    "LPG": "lpg",
    "Refinery_Gas": "refinery_gas",
    "Other_Petroleum_Products": "other_petroleum",
    "Natural_Gas": "natural_gas",
    "Heat": "heat",
    "Electricity": "electricity",
    "Other_Energy": "other_energy",
}


def place_of(context: Context) -> tuple[str, str]:
    """Region code and year of a sheet named after a province and a year; `Refusal` for any other name."""
    match = _SHEET.fullmatch(context.sheet.replace(" ", ""))
    region = province_codes("ceads").get(match["province"]) if match else None
    if match is None or region is None:
        raise Refusal(
            Problem(
                context.file.name,
                sheet=context.sheet,
                found="a sheet that is not named after a province and a year",
                accepted="names such as Jiangsu2012; NOTE for the notes",
                action="restore the sheet's published name",
            )
        )
    return region, match["year"]


def _prepare(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Region and year from the sheet's name; flow and consumer from a row's label and place."""
    region, year = place_of(context)
    label = pl.col(_LABEL).str.replace_all(r"\s", "")
    below = (label == _TRANSFORMED).fill_null(False).cum_max()
    own = label.replace_strict(_OWN_FLOW, default=None, return_dtype=pl.String)
    whole = own.is_not_null() | label.is_in([_FINAL, _TRANSFORMED])
    return frame.with_columns(
        region_code=pl.lit(region),
        period=pl.lit(year),
        flow=pl.coalesce(own, pl.when(below).then(pl.lit("transformation")).otherwise(pl.lit("final"))),
        consumer=pl.when(whole).then(pl.lit("all")).otherwise(pl.col(_LABEL).str.replace_all(r"\s+", " ")),
        consumer_kind=pl.when(whole).then(pl.lit("all")).otherwise(pl.lit("sector")),
        **{
            ASIDE: pl.coalesce(
                label.replace_strict(_ASIDE, default=None, return_dtype=pl.String),
                pl.when(label.is_null()).then(pl.lit("row without a label")),
            )
        },
    )


CEADS_ENERGY = Adapter(
    series="ceads_energy",
    feed="energy_use",
    zh="CEADs 省级能源清单",
    en="CEADs provincial energy inventories",
    publisher="Carbon Emission Accounts & Datasets (CEADs)",
    terms="free for use with citation (sheet NOTE)",
    address="https://www.ceads.net/data/province/",
    required=("consumer", "Raw_Coal", "Electricity"),
    columns={_LABEL: ("Energy_inventory",)},
    recode={"fuel": FUELS},
    melt=Melt(r"(?P<fuel>[A-Za-z_]+)\|(?P<unit>.*)", ("quantity",)),
    prepare=_prepare,
    header_rows=2,
    note_sheets="NOTE",
    stage="validated",
)
