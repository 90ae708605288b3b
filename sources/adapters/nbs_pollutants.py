"""National emissions from the National Bureau of Statistics: pollutants by years, a unit in each label.

Belongs here: the layout, and which years share a scope of accounting. Does not belong here:
reductions (`assets.environment`).
"""

from __future__ import annotations

import re

import polars as pl

from sources.adapter import Adapter, Context, Melt
from sources.numerals import times_power_of_ten

_YEAR = r"(?P<year>(?:19|20)\d\d)年"
_LABEL = r"^(.+?)排放(?:总)?量[(（](.+)[)）]$"
_FOOTER = r"^(?:注|数据来源|资料来源|[0-9]+\.)"

#: Printed unit → power of ten that makes it tonnes.
_TONNES = {"万吨": 4, "吨": 0, "千克": -3}

#: First year → scope. Farming came in with 2011, 2016-2019 were revised, 2020 follows the second census.
_SCOPES = {"0000": "nbs_to_2010", "2011": "nbs_2011_2015", "2016": "nbs_2016_2019", "2020": "nbs_from_2020"}


def _prepare(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Pollutant and unit from the label; tonnes for the printed unit; the scope of each year beside it."""
    years = [name for name in frame.columns if re.fullmatch(_YEAR, name)]
    unit = pl.col("pollutant").str.extract(_LABEL, 2)
    # A label in another unit, or none, stays whole: its records are refused as an unknown pollutant.
    name = pl.when(unit.is_in(list(_TONNES))).then(pl.col("pollutant").str.extract(_LABEL, 1)).otherwise("pollutant")
    return frame.with_columns(
        *(_tonnes(year, unit) for year in years),
        pollutant=name,
        **{f"scope:{year}": pl.lit(_scope(year)) for year in years},
    )


def _tonnes(year: str, unit: pl.Expr) -> pl.Expr:
    converted = [pl.when(unit == said).then(times_power_of_ten(pl.col(year), n)) for said, n in _TONNES.items()]
    return pl.coalesce(*converted, pl.col(year)).alias(year)


def _scope(label: str) -> str:
    return next(scope for first, scope in reversed(_SCOPES.items()) if label[:4] >= first)


NBS_POLLUTANTS = Adapter(
    series="nbs_pollutants",
    feed="emissions",
    zh="国家统计局主要污染物排放年度数据",
    en="NBS annual export of national pollutant emissions",
    publisher="国家统计局 (National Bureau of Statistics)",
    terms="none stated; public statistics",
    address="https://data.stats.gov.cn/",
    opening=r"数据库[：:]\s*年度数据",
    required=("pollutant",),
    columns={"pollutant": ("指标",)},
    constants={"region_code": "000000", "consumer": "all", "fuel": "all"},
    set_aside=(("footer", pl.col("pollutant").str.contains(_FOOTER)),),
    melt=Melt(_YEAR, ("tonnes",), {"scope": "scope:"}),
    prepare=_prepare,
    stage="validated",
)
