"""Two publications of the United States: the Water Quality Portal and New Mexico's stream chemistry.

They hold the traps of censoring (no value and the limit in a column of its own, or a letter beside the
number) and of grain (blanks and replicates between the samples, depth profiles, several samples of one
place and day without a time, statistics of loggers that are no samples).
"""

from __future__ import annotations

import polars as pl

from sources.adapter import ASIDE, Adapter, Context
from sources.censored import split_censored

_DEPTH, _ACTIVITY = "ActivityDepthHeightMeasure/MeasureValue", "ActivityIdentifier"
_LIMIT_UNIT = "DetectionQuantitationLimitMeasure/MeasureUnitCode"


def _portal(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Date and time joined; samples of one place and time told apart by depth, else by their activity.

    The portal calls organic and total nitrogen both "Nitrogen"; the name that the laboratory gave stands in
    the comment and goes before it.
    """
    time = pl.col("ActivityStartTime/Time").fill_null("00:00:00")
    named = pl.col("ResultCommentText").str.extract(r'SourceCharacteristicName="([^"]*)"', 1)
    frame = frame.with_columns(
        sampled_at=pl.concat_str("sampled_at", pl.lit(" "), time),
        determinand=pl.coalesce(named, "determinand"),
        unit=pl.coalesce("unit", _LIMIT_UNIT),
        qualifier=pl.when(pl.col("ResultDetectionConditionText") == "Not Detected").then(pl.lit("<")),
        fraction=pl.col("fraction").fill_null("total"),
    ).with_columns(detection_limit=pl.when(pl.col("qualifier").is_not_null()).then("detection_limit"))
    key = ["station_code", "sampled_at", "determinand", "fraction"]
    deep = pl.when(pl.col(_DEPTH).is_not_null()).then(
        pl.concat_str("station_code", pl.lit(" @ "), _DEPTH, pl.lit(" m"))
    )
    placed = frame.with_columns(station_code=pl.coalesce(deep, "station_code"))
    several = pl.col(_ACTIVITY).n_unique().over(key) > 1
    told = pl.concat_str("station_code", pl.lit(" / "), _ACTIVITY)
    reasons = pl.coalesce(
        pl.when(pl.col("OrganizationIdentifier") == "mock-test-data").then(pl.lit("row made up for software tests")),
        pl.when(pl.col("ActivityTypeCode").str.starts_with("Quality Control")).then(pl.lit("quality control")),
        pl.when(pl.col("ActivityMediaSubdivisionName") == "Groundwater").then(pl.lit("not surface water: groundwater")),
        pl.when(pl.col("ResultStatusIdentifier") == "Rejected").then(pl.lit("rejected by its laboratory")),
    )
    return placed.with_columns(station_code=pl.when(several).then(told).otherwise("station_code"), **{ASIDE: reasons})


_TOTAL_NITROGEN = (
    "Nitrogen",
    "Total Nitrogen",
    "TOTAL NITROGEN (N)",
    "Total Dissolved Nitrogen (N)",
    "TOTAL DISSOLVED NITROGEN (N)",
)

WQP_RESULTS = Adapter(
    series="us_wqp_results",
    feed="water_samples",
    zh="美国水质门户结果表",
    en="Water Quality Portal, physical and chemical results (WQX 2.2)",
    publisher="US EPA and USGS, Water Quality Portal",
    terms="MIT in the repository",
    address="https://github.com/USEPA/harmonize-wq",
    required=("station_code", "sampled_at", "determinand", "value", "ResultDetectionConditionText", "detection_limit"),
    columns={
        "station_code": ("MonitoringLocationIdentifier",),
        "sampled_at": ("ActivityStartDate",),
        "determinand": ("CharacteristicName",),
        "fraction": ("ResultSampleFractionText",),
        "value": ("ResultMeasureValue",),
        "unit": ("ResultMeasure/MeasureUnitCode",),
        "detection_limit": ("DetectionQuantitationLimitMeasure/MeasureValue",),
    },
    recode={
        "determinand": dict.fromkeys(_TOTAL_NITROGEN, "total_nitrogen") | {"Conductivity": "conductivity"},
        "unit": {"umho/cm": "uS/cm", "umho": "uS/cm"},
    },
    prepare=_portal,
    stage="validated",
)

#: New Mexico's names.
_CHARACTERISTICS = {
    "pH": "ph",
    "Salinity": "salinity",
    "Specific conductance": "conductivity",
    "Turbidity": "turbidity",
    "Temperature, water": "water_temperature",
    "Dissolved oxygen (DO)": "dissolved_oxygen",
    "Dissolved oxygen saturation": "oxygen_saturation",
    "Total Kjeldahl nitrogen (Organic N & NH3)": "kjeldahl_nitrogen",
    "Nitrogen, Nitrite (NO2) + Nitrate (NO3) as N": "oxidised_nitrogen",
    "Phosphorus as P": "total_phosphorus",
    "Nitrogen, ammonia as N": "ammonia_nitrogen",
    "Total dissolved solids": "dissolved_solids",
    "Escherichia coli": "escherichia_coli",
    "Total Hardness": "hardness",
    "Aluminum": "aluminium",
    "Depth, Secchi disk depth": "transparency",
    "Sulfate": "sulphate",
    "2,4,6-Trichlorophenol": "trichlorophenol_246",
    "2,4-Dichlorophenol": "dichlorophenol_24",
    "o-Dichlorobenzene": "dichlorobenzene_12",
    "p-Dichlorobenzene": "dichlorobenzene_14",
}

#: Names that are the registry's code but for the capital.
_AS_NAMED = """
Antimony Arsenic Barium Beryllium Boron Cadmium Calcium Chloride Chromium Cobalt Copper Hexachlorobenzene
Hexachlorobutadiene Lead Magnesium Manganese Mercury Molybdenum Nickel Nitrobenzene Pentachlorophenol Selenium Silver
Thallium Vanadium Zinc
"""

_NO_SAMPLES = ("LONG TERM DEPLOYMENT", "Lake Depth Profile Summary")


def _stream(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """`Y` beside a number means below it; `>2419.6` says so itself; statistics of loggers are no samples."""
    censored = pl.col("LESS_THAN_YN") == "Y"
    statistic = pl.col("SAMPLING_EVENT_TYPE").is_in(_NO_SAMPLES)
    return split_censored(
        frame.with_columns(
            sampled_at=pl.concat_str("sampled_at", pl.lit(" "), "TIME"),
            fraction=pl.col("fraction").fill_null("total"),
            qualifier=pl.when(censored).then(pl.lit("<")),
            detection_limit=pl.when(censored).then("value"),
            value=pl.when(~censored.fill_null(False)).then("value"),
            value_text="value",
            **{ASIDE: pl.when(statistic).then(pl.lit("statistic of a logger or a profile, no sample"))},
        )
    )


NMED_CHEMISTRY = Adapter(
    series="us_nmed_chemistry",
    feed="water_samples",
    zh="新墨西哥州河流水质",
    en="stream and lake chemistry of New Mexico",
    publisher="New Mexico Environment Department",
    terms="MIT in the repository",
    address="https://github.com/NMED-Surface-Water-Quality-Bureau/NMwateR",
    required=("station_code", "sampled_at", "TIME", "determinand", "value", "LESS_THAN_YN"),
    columns={
        "station_code": ("STATION",),
        "station_name": ("STATION_NAME",),
        "sampled_at": ("DATE",),
        "determinand": ("CHARACTERISTIC_NAME",),
        "fraction": ("SAMPLE_FRACTION",),
        "value": ("MEASUREMENT",),
        "unit": ("UNITS",),
        "river_name": ("WATER_NAME",),
    },
    recode={
        "determinand": _CHARACTERISTICS | {name: name.lower() for name in _AS_NAMED.split()},
        "unit": {
            "mgL": "mg/L", "ugL": "ug/L", "none": "1", "uScm": "uS/cm", "DegC": "degC", "Pct": "%",
            "MPN100mL": "count/100mL", "ppt": "g/kg",
        },
    },
    prepare=_stream,
    stage="validated",
)  # fmt: skip
