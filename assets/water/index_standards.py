"""The reference tables of the two water indices: TLI(Σ) of lakes and the CCME Water Quality Index.

Belongs here: their declarations and rows from `assets/standards/water_indices.yaml`. Does not belong
here: any number, any calculation.
"""

from __future__ import annotations

from functools import partial

import polars as pl

from assets.reference import STANDARDS, load, reference_frame
from assets.water.standards import CONFIDENCE, SOURCE
from sources.feeds.water import DETERMINANDS, WATER_UNITS
from sources.registry import Table, boolean, decimal, integer, text
from warehouse.marts import ReferenceTable

INDICES_FILE = STANDARDS / "water_indices.yaml"

_DEFINITION = text("definition", "口径", "name of the definition", required=True)
_VERSION = text("version", "版本", "version of the definition", required=True)
_NAMES = (
    text("name_zh", "中文名", "name in Chinese", required=True),
    text("name_en", "英文名", "name in English", required=True),
)

TROPHIC_DEFINITION = Table(
    "standard.trophic_definition",
    "营养状态指数口径",
    "Definitions of the trophic state index",
    (
        _DEFINITION,
        _VERSION,
        *_NAMES,
        boolean("headline", "主口径", "whether this is the one meant", required=True),
        text("note", "说明", "the definition in words", required=True),
    ),
    ("definition",),
)

TROPHIC_PARAMETER = Table(
    "standard.trophic_parameter",
    "营养状态指数参数",
    "Parameters of each definition: TLI = 10 × (intercept + slope × ln value), weight r² ÷ Σ r²",
    (
        _DEFINITION,
        text("determinand", "指标", "parameter", required=True, codes=DETERMINANDS),
        text("unit", "单位", "unit of the value under the logarithm", required=True, codes=WATER_UNITS),
        decimal("intercept", 9, 4, "截距", "intercept", required=True),
        decimal("slope", 9, 4, "斜率", "slope", required=True),
        decimal("r2", 9, 4, "r²", "square of the correlation with chlorophyll a", required=True),
        SOURCE,
        CONFIDENCE,
    ),
    ("definition", "determinand"),
)

_BAND = (
    decimal("lower", 12, 4, "下限", "where the band begins", required=True),
    boolean("with_lower", "含下限", "whether the lower end belongs to the band", required=True),
    *_NAMES,
)

TROPHIC_BAND = Table("standard.trophic_band", "营养状态分级", "States of the trophic index", _BAND, ("lower",))

CCME_DEFINITION = Table(
    "standard.ccme_definition",
    "CCME水质指数口径",
    "The CCME Water Quality Index and the data that it needs",
    (
        _DEFINITION,
        _VERSION,
        *_NAMES,
        decimal("divisor", 9, 6, "除数", "divisor of the length of (F1, F2, F3)", required=True),
        integer("variables_needed", "最少变量数", "variables that it needs", required=True),
        integer("samples_needed", "最少样品数", "tests that each of these needs", required=True),
        SOURCE,
        CONFIDENCE,
    ),
    ("definition",),
)

CCME_BAND = Table("standard.ccme_band", "CCME水质指数分级", "Ratings of the index", _BAND, ("lower",))


def trophic_parameters() -> pl.DataFrame:
    """Rows of TROPHIC_PARAMETER: all parameters for each definition, but the one that it leaves out."""
    document = load(INDICES_FILE)
    left_out = document["trophic_left_out"]
    return reference_frame(
        TROPHIC_PARAMETER,
        [
            {"definition": entry["definition"]} | parameter | document["trophic_source"]
            for entry in document["trophic_definitions"]
            for parameter in document["trophic_parameters"]
            if left_out.get(entry["definition"]) != parameter["determinand"]
        ],
    )


def _section(table: Table, name: str) -> pl.DataFrame:
    return reference_frame(table, load(INDICES_FILE)[name])


INDEX_REFERENCES: tuple[ReferenceTable, ...] = (
    ReferenceTable(TROPHIC_DEFINITION, partial(_section, TROPHIC_DEFINITION, "trophic_definitions")),
    ReferenceTable(TROPHIC_PARAMETER, trophic_parameters),
    ReferenceTable(TROPHIC_BAND, partial(_section, TROPHIC_BAND, "trophic_bands")),
    ReferenceTable(CCME_DEFINITION, partial(_section, CCME_DEFINITION, "ccme")),
    ReferenceTable(CCME_BAND, partial(_section, CCME_BAND, "ccme_bands")),
)
