"""The amounts of environment returns and the rates that are made of them, as data.

Belongs here: the tables of `assets/standards/environment_returns.yaml` and their loading. Does not belong
here: the calculation (`assets.environment.returns`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from assets.reference import STANDARDS, load, reference_frame
from sources.registry import Table, boolean, codes, integer, text
from warehouse.marts import ReferenceTable

RETURNS_FILE = STANDARDS / "environment_returns.yaml"

INDICATOR = text("indicator", "指标代码", "rate: code of the plan, or part of the composite index", required=True)
DEFINITION = text("definition", "口径", "name of the definition", required=True)

RETURN_COMPONENT = Table(
    "standard.environment_return_component",
    "环境报送分量",
    "Amounts that environment rates are made of, as codes of statistical returns",
    (
        text("code", "代码", "code in returns", required=True),
        text("zh", "名称", "name in Chinese", required=True),
        text("en", "英文名称", "name in English", required=True),
    ),
    ("code",),
)

RETURN_DEFINITION = Table(
    "standard.environment_return_definition",
    "环境报送指标定义",
    "Environment rates by definition",
    (
        INDICATOR,
        DEFINITION,
        boolean("headline", "主口径", "whether the plan means this definition", required=True),
        text("clause", "条款", "clause of the plan", required=True),
        text("note", "说明", "the definition in words", required=True),
    ),
    ("indicator", "definition"),
)

RETURN_PART = Table(
    "standard.environment_return_part",
    "环境报送指标构成",
    "Which amounts make the numerator and the denominator of a definition, and with which sign",
    (
        INDICATOR,
        DEFINITION,
        text(
            "side",
            "分子或分母",
            "where the amount enters",
            required=True,
            codes=codes(("numerator", "分子", "numerator"), ("denominator", "分母", "denominator")),
        ),
        text("code", "代码", "amount", required=True),
        integer("sign", "正负号", "1: added; -1: taken off", required=True),
    ),
    ("indicator", "definition", "side", "code"),
)


def components(path: Path = RETURNS_FILE) -> pl.DataFrame:
    """Rows of RETURN_COMPONENT."""
    return reference_frame(RETURN_COMPONENT, load(path)["components"])


def definitions(path: Path = RETURNS_FILE) -> pl.DataFrame:
    """Rows of RETURN_DEFINITION."""
    entries = load(path)["definitions"]
    return reference_frame(RETURN_DEFINITION, [{k: entry[k] for k in RETURN_DEFINITION.names} for entry in entries])


def parts(path: Path = RETURNS_FILE) -> pl.DataFrame:
    """Rows of RETURN_PART. Raises `ValueError` for an amount that is no listed component."""

    def entries() -> Iterator[dict[str, str]]:
        for entry in load(path)["definitions"]:
            named = {name: entry[name] for name in ("indicator", "definition")}
            for side in ("numerator", "denominator"):
                for word, sign in (("plus", "1"), ("minus", "-1")):
                    for code in entry[side].get(word, []):
                        yield named | {"side": side, "code": code, "sign": sign}

    frame = reference_frame(RETURN_PART, list(entries()))
    if unknown := sorted(set(frame["code"]) - set(components(path)["code"])):
        raise ValueError(f"{RETURN_PART.name}: found {unknown}; accepted: codes of {RETURN_COMPONENT.name}")
    return frame


RETURN_REFERENCES = (
    ReferenceTable(RETURN_COMPONENT, components),
    ReferenceTable(RETURN_DEFINITION, definitions),
    ReferenceTable(RETURN_PART, parts),
)
