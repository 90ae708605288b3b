"""The published panel of provinces 2011-2022: accounts and energy, put together by researchers.

Belongs here: the panel's columns that are accounts or energy; it is read once in each of the two
folders. Does not belong here: its indices and shares, which are derived (`digital_finance`,
`carbon_intensity` …) and stay in the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from sources.adapter import Adapter, Context, Melt
from sources.adapters.provinces import province_codes

#: Column of the panel → account, unit, prices.
_ACCOUNTS = {
    "gdp_nominal": ("gdp_current", "10^8 yuan", "current"),
    "gdp_index_previous_year_100": ("gdp_index_previous_year", "index", "previous_year"),
    "gdp_real": ("gdp_constant", "10^8 yuan", "2011"),
    "population": ("population_year_end", "10^4 persons", None),
    "urban_population": ("urban_population_year_end", "10^4 persons", None),
    "secondary_industry": ("secondary_industry_value_added", "10^8 yuan", "current"),
    "fiscal_expenditure": ("fiscal_expenditure", "10^8 yuan", "current"),
}

_ENERGY = "total_energy_tce"

_PANEL: Mapping[str, Any] = {
    "zh": "公开的省级面板数据 2011-2022",
    "publisher": "upstream1119/statistical-modeling_CUC_PYH, from NBS and CEADs",
    "terms": "none stated; public repository",
    "address": "https://github.com/upstream1119/statistical-modeling_CUC_PYH",
}


def _regions(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(region_code=pl.col("region_code").replace(province_codes("short_zh")))


def _accounts(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    beside = {
        f"{name}:{column}": pl.lit(said, pl.String)
        for column, (_, unit, prices) in _ACCOUNTS.items()
        for name, said in (("unit", unit), ("prices", prices))
    }
    return _regions(frame).with_columns(**beside)


def _energy(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    return _regions(frame)


PANEL_ACCOUNTS = Adapter(
    series="province_panel",
    feed="economic_accounts",
    en="published panel of provinces 2011-2022: accounts",
    required=("region_code", "period", "gdp_real", _ENERGY),
    columns={"region_code": ("province",), "period": ("year",)},
    recode={"account": {column: account for column, (account, _, _) in _ACCOUNTS.items()}},
    melt=Melt(rf"(?P<account>{'|'.join(_ACCOUNTS)})", ("value",), {"unit": "unit:", "price_base": "prices:"}),
    prepare=_accounts,
    stage="validated",
    **_PANEL,
)

PANEL_ENERGY = Adapter(
    series="province_panel_energy",
    feed="energy_use",
    en="published panel of provinces 2011-2022: final consumption in standard coal",
    required=("region_code", "period", "gdp_real", "quantity"),
    columns={"region_code": ("province",), "period": ("year",), "quantity": (_ENERGY,)},
    constants={
        "consumer": "all",
        "consumer_kind": "all",
        "fuel": "total_energy_calorific",
        "flow": "final",
        "unit": "10^4 tce",
    },
    measures=("quantity",),
    prepare=_energy,
    stage="validated",
    **_PANEL,
)
