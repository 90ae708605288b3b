"""The worked example of the CCME Water Quality Index manual (North Saskatchewan River at Devon, 1997).

Its traps: an empty value is no sample, a zero is "below detection", and one unit is spelled three ways,
once wrongly (`g/L` for µg/L).
"""

from __future__ import annotations

import polars as pl

from sources.adapter import Adapter, Context


def _devon(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    below = pl.col("value").cast(pl.Float64, strict=False) == 0
    return frame.with_columns(
        value_text="value",
        qualifier=pl.when(below).then(pl.lit("<")),
        detection_limit=pl.when(below).then("detection_limit"),
        value=pl.when(~below).then("value"),
    )


CCME_EXAMPLE = Adapter(
    series="ccme_example",
    feed="water_samples",
    zh="加拿大水质指数算例",
    en="worked example of the CCME WQI 1.0 manual",
    publisher="Canadian Council of Ministers of the Environment",
    terms="Apache-2.0 in the repository",
    address="https://github.com/bcgov/wqindex",
    required=("sampled_at", "determinand", "value", "detection_limit", "LowerLimit", "UpperLimit"),
    columns={
        "sampled_at": ("Date",),
        "determinand": ("Variable",),
        "value": ("Value",),
        "detection_limit": ("DetectionLimit",),
        "unit": ("Units",),
    },
    constants={"station_code": "Devon", "fraction": "total"},
    recode={
        "determinand": {
            "DO": "dissolved_oxygen", "pH": "ph", "TP": "total_phosphorus", "TN": "total_nitrogen",
            "FC": "faecal_coliform", "As": "arsenic", "Pb": "lead", "Hg": "mercury",
            "2,4-D": "phenoxyacetic_24d", "Lindane": "lindane",
        },
        "unit": {"pH": "1", "Mg/L": "mg/L", "#/dL": "count/100mL", "g/L": "ug/L"},
    },
    measures=("value_text",),
    prepare=_devon,
    stage="validated",
)  # fmt: skip
