"""The yearly communique of energy per unit of GDP by province, as text with bars between the cells.

Belongs here: the layout. Does not belong here: intensities computed here (`assets.energy`), which
these are held against and never replaced by.
"""

from __future__ import annotations

import re

import polars as pl

from sources.adapter import Adapter, Context, Melt
from sources.adapters.provinces import province_codes

_TITLE = r"(\d{4})年各省、自治区、直辖市单位GDP能耗等指标公报"
_SOURCE = "各省、自治区、直辖市单位GDP能耗等指标公报"

#: Label of a column → supporting code.
_CODES = {
    "单位GDP能耗 指标值": "energy_per_gdp",
    "单位GDP能耗 上升或下降": "energy_per_gdp_change",
    "单位工业增加值能耗 指标值": "energy_per_industrial_value_added",
    "单位工业增加值能耗 上升或下降": "energy_per_industrial_value_added_change",
    "单位GDP电耗 指标值": "electricity_per_gdp",
    "单位GDP电耗 上升或下降": "electricity_per_gdp_change",
}
_UNITS = {"吨标准煤/万元": "tce/10^4 yuan", "±%": "%", "千瓦时/万元": "kWh/10^4 yuan"}

#: The first communiques state GDP at 2005 prices; every five years the base moves.
_BASES = ((2006, 2010, "GDP at 2005 prices"), (2011, 2015, "GDP at 2010 prices"), (2016, 2020, "GDP at 2015 prices"))


def _prepare(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """The year from the title; names of provinces without the blanks that pad them."""
    match = re.search(_TITLE, context.preface)
    assert match is not None
    year = match.group(1)
    prices = next((said for first, last, said in _BASES if first <= int(year) <= last), None)
    names = {"全国": "000000"} | province_codes("short_zh")
    return frame.with_columns(
        region_code=pl.col("region_code").str.replace_all(r"\s", "").replace(names),
        year=pl.lit(year),
        period=pl.lit(year),
        remark=pl.lit(prices, pl.String),
        source_title=pl.lit(f"{year}年{_SOURCE}"),
    )


ENERGY_COMMUNIQUE = Adapter(
    series="energy_communique",
    feed="statistical_returns",
    zh="各省、自治区、直辖市单位GDP能耗等指标公报",
    en="communique of energy per unit of GDP by province",
    publisher="国家统计局、国家发展和改革委员会、国家能源局",
    terms="public communique",
    address="",
    opening=_TITLE,
    required=("region_code",),
    columns={"region_code": ("地区",)},
    constants={"stratum": "all"},
    recode={"indicator_code": _CODES, "unit": _UNITS},
    melt=Melt(r"(?P<indicator_code>单位\S+ \S+?)\((?P<unit>[^()]+)\)", ("value",)),
    prepare=_prepare,
    stage="validated",
)
