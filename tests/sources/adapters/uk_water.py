"""Three publications of the UK Environment Agency: its archive, its newer explorer, its internal export.

They hold the traps of censoring (the sign in a column of its own, the limit in the result) and of grain
(one row is one determinand of one sample; sediments, effluents and notes stand between the samples).
`ea_determinands.csv` gives the agency's determinands the registry's codes; a determinand without one
is quarantined as an unknown code, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from sources.adapter import ASIDE, Adapter, Context
from sources.censored import split_censored

_DETERMINANDS = pl.read_csv(Path(__file__).with_name("ea_determinands.csv"), infer_schema=False)

#: Materials that are surface water; everything else (sea, effluent, sediment, mussels) is not this feed's.
_SURFACE_WATER = ("RIVER / RUNNING SURFACE WATER", "POND / LAKE / RESERVOIR WATER", "CANAL WATER")

#: Units of results that are no quantity: presence, text, counts of bathers, scores, grid references.
_NO_QUANTITY = ("pres/nf", "pres/nft", "garber c", "coded", "text", "ngr", "unitless", "hh.mm", "no.")

_UNITS = {"phunits": "1", "cel": "degC", "no/100ml": "count/100mL", "ppt": "g/kg", "us/cm": "uS/cm", "ntu": "NTU"}

_AGENCY: Mapping[str, Any] = {
    "feed": "water_samples",
    "publisher": "Environment Agency (England)",
    "terms": "open data of the agency",
    "recode": {"unit": _UNITS},
    "stage": "validated",
}


def _judged(frame: pl.DataFrame, material: str) -> pl.DataFrame:
    """Codes for determinands, censored results split, and why a row is no surface-water quantity."""
    unit = pl.col("unit").str.to_lowercase()
    known = frame.with_columns(unit=unit).join(
        _DETERMINANDS.rename({"determinand": "code"}), left_on="determinand", right_on="notation", how="left"
    )
    return split_censored(
        known.with_columns(
            determinand=pl.coalesce("code", pl.concat_str(pl.lit("EA determinand "), "determinand")),
            fraction=pl.col("fraction").fill_null("total"),
            **{
                ASIDE: pl.when(~pl.col(material).is_in(_SURFACE_WATER))
                .then(pl.concat_str(pl.lit("not surface water: "), material))
                .when(unit.is_in(_NO_QUANTITY))
                .then(pl.lit("result is no quantity"))
            },
        ).drop("code")
    )


def _signed(frame: pl.DataFrame) -> pl.DataFrame:
    """The limit that stands as the result of a censored row goes to detection_limit."""
    censored = pl.col("qualifier").is_not_null()
    return frame.with_columns(
        detection_limit=pl.when(censored).then("value"), value=pl.when(~censored).then("value"), value_text="value"
    )


def _archive(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    return _judged(_signed(frame), "sample.sampledMaterialType.label")


def _explorer(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    return _judged(frame, "sampleMaterialType")


def _export(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """`1130` and `930` are times of the day beside a date."""
    clock = pl.col("Time").str.zfill(4).str.replace(r"^(\d\d)(\d\d)$", "${1}:${2}")
    at = pl.concat_str(pl.col("sampled_at").str.head(10), pl.lit(" "), clock)
    return _judged(_signed(frame.with_columns(sampled_at=at)), "MATL_DESC")


EA_ARCHIVE = Adapter(
    series="uk_ea_archive",
    zh="英格兰环境署水质档案",
    en="Water Quality Archive, one row per result",
    address="https://github.com/ewiik/malham",
    required=("station_code", "sampled_at", "determinand", "qualifier", "value", "sample.sampledMaterialType.label"),
    columns={
        "station_code": ("sample.samplingPoint.notation",),
        "station_name": ("sample.samplingPoint.label",),
        "sampled_at": ("sample.sampleDateTime",),
        "determinand": ("determinand.notation",),
        "qualifier": ("resultQualifier.notation",),
        "value": ("result",),
        "unit": ("determinand.unit.label",),
    },
    prepare=_archive,
    **_AGENCY,
)

EA_EXPLORER = Adapter(
    series="uk_ea_explorer",
    zh="英格兰环境署水质浏览器",
    en="Water Quality Explorer, sign and limit in one cell",
    address="https://github.com/APEM-LTD/hetoolkit",
    required=("station_code", "sampled_at", "determinand", "value", "sampleMaterialType"),
    columns={
        "station_code": ("samplingPoint.notation",),
        "station_name": ("samplingPoint.prefLabel",),
        "sampled_at": ("phenomenonTime",),
        "determinand": ("determinand.notation",),
        "value": ("result",),
        "unit": ("unit",),
    },
    prepare=_explorer,
    **_AGENCY,
)

EA_EXPORT = Adapter(
    series="uk_ea_export",
    zh="英格兰环境署内部导出",
    en="WIMS export, a workbook of one sheet",
    address="https://github.com/APEM-LTD/hetoolkit",
    required=("station_code", "sampled_at", "Time", "determinand", "qualifier", "value", "MATL_DESC"),
    columns={
        "station_code": ("PTCODE",),
        "station_name": ("NAME",),
        "sampled_at": ("Date",),
        "determinand": ("DETCODE",),
        "qualifier": ("QUAL",),
        "value": ("RESULT",),
        "unit": ("UNIT_SHORT",),
    },
    prepare=_export,
    **_AGENCY,
)
