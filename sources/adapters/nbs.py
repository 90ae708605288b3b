"""Exports of the National Bureau of Statistics: one indicator, provinces by years.

Belongs here: the two layouts of the export. Does not belong here: chaining of indices
(`assets.energy`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import polars as pl

from sources.adapter import Adapter, Context, Melt
from sources.adapters.provinces import province_codes
from sources.numerals import decimals
from sources.outcome import Problem, Refusal

_YEAR = r"(?P<period>(?:19|20)\d\d)年"
_FOOTER = r"^(?:注|数|数据来源|资料来源|[0-9]+\.)"
_INDICATOR_LINE = r"指标[：:]\s*([^()（）\n]+)[(（]([^\n]+)[)）]"

#: No province's GDP has halved or doubled in a year; a level in place of an index lies far outside.
_INDEX_RANGE = (50, 200)


@dataclass(frozen=True)
class _Indicator:
    """One indicator: its printed name, the words in a file name that mean it, and where it goes."""

    zh: str
    named: str
    account: str
    unit: str
    price_base: str = ""


#: The index first: its name contains that of the level.
_INDICATORS = (
    _Indicator("地区生产总值指数", r"生产总值指数|gdp_index", "gdp_index_previous_year", "index", "previous_year"),
    _Indicator("地区生产总值", r"生产总值|gdp", "gdp_current", "10^8 yuan", "current"),
    _Indicator("年末常住人口", r"常住人口|population", "population_year_end", "10^4 persons"),
    _Indicator(
        "第二产业增加值",
        r"第二产业|secondary_industry",
        "secondary_industry_value_added",
        "10^8 yuan",
        "current",
    ),
    _Indicator(
        "私营企业和个体就业人员", r"私营企业和个体就业|employment_private", "private_employment", "10^4 persons"
    ),
)


def _by_line(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """The indicator and its unit stand in a line above the header."""
    match = re.search(_INDICATOR_LINE, context.preface)
    assert match is not None
    name = match.group(1).strip()
    indicator = next((known for known in _INDICATORS if known.zh == name), None)
    if indicator is None:
        _refuse(context, f'the indicator "{name}"', "send only these; others have no place in this feed")
    return _provinces(frame, indicator, match.group(2).strip() if indicator.unit != "index" else indicator.unit)


def _by_name(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """The indicator stands nowhere but in the file's name; the values must look like it."""
    name = context.file.name.rpartition("/")[2].lower()
    indicator = next((known for known in _INDICATORS if re.search(known.named, name)), None)
    if indicator is None:
        _refuse(
            context,
            "an export that names its indicator nowhere",
            "put the indicator's name into the file's name",
        )
    years = [name for name in frame.columns if re.fullmatch(_YEAR, name)]
    values = decimals(frame.select(pl.concat([frame[year] for year in years])).to_series(), 20, 6).drop_nulls()
    like_index = values.is_between(*_INDEX_RANGE)
    if indicator.account == "gdp_index_previous_year" and not like_index.all():
        _refuse(context, "values that are no index under the name of an index", "correct the file's name")
    if indicator.account == "gdp_current" and values.len() and like_index.all():
        _refuse(context, "values that look like an index under the name of a level", "correct the file's name")
    return _provinces(frame, indicator, indicator.unit)


def _provinces(frame: pl.DataFrame, indicator: _Indicator, unit: str) -> pl.DataFrame:
    codes = province_codes("name_zh")
    region = pl.col("region_code").str.replace_all(r"\s", "")
    return frame.with_columns(
        region_code=region.replace(codes),
        account=pl.lit(indicator.account),
        unit=pl.lit(unit),
        price_base=pl.lit(indicator.price_base or None, pl.String),
    )


def _refuse(context: Context, found: str, action: str) -> NoReturn:
    names = ", ".join(indicator.zh for indicator in _INDICATORS)
    raise Refusal(Problem(context.file.name, found=found, accepted=f"one of {names}", action=action))


_EXPORT: Mapping[str, Any] = {
    "feed": "economic_accounts",
    "publisher": "国家统计局 (National Bureau of Statistics)",
    "terms": "none stated; public statistics",
    "address": "https://data.stats.gov.cn/",
    "required": ("region_code",),
    "columns": {"region_code": ("地区",)},
    "set_aside": (("footer", pl.col("region_code").str.contains(_FOOTER)),),
    "melt": Melt(_YEAR, ("value",)),
    "stage": "validated",
}

NBS_BY_LINE = Adapter(
    series="nbs_province_20y",
    zh="国家统计局分省年度数据（有指标行）",
    en="NBS provincial annual export with a line for the indicator",
    opening=_INDICATOR_LINE,
    prepare=_by_line,
    **_EXPORT,
)

NBS_BY_NAME = Adapter(
    series="nbs_province_2011_2022",
    zh="国家统计局分省年度数据（无指标行）",
    en="NBS provincial annual export whose indicator stands in the file's name",
    opening=r"数据库[：:]\s*分省年度数据",
    prepare=_by_name,
    **_EXPORT,
)
