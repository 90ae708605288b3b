"""Limit texts of inspection reports → kind and exact bounds: `≤0.1mg/kg`, `不得检出`, `n=5,c=2,m=10²,M=10³`.

Belongs here: what a printed limit says. Does not belong here: whether a result keeps it
(`assets`), results (`sources.quantities`).
"""

from __future__ import annotations

import polars as pl

from sources.numerals import decimals
from sources.quantities import NUMBER, UNIT, plain

#: Kinds of limit. `unsigned`: a number without a sign, whose direction only the standard knows.
KINDS = ("at_most", "below", "at_least", "above", "between", "unsigned", "forbidden", "plan")

_SIGNED = {"<=": "at_most", "<": "below", ">=": "at_least", ">": "above"}
_ONE = rf"^(<=|>=|<|>)?\s*({NUMBER})\s*({UNIT})?$"
_TWO = rf"^({NUMBER})\s*[\p{{L}}%‰°℃/]*\s*(?:~|〜|∼|-|—|至)\s*({NUMBER})\s*({UNIT})?$"
_FORBIDDEN = (
    rf"^(?:不得检出|不得使用|不得添加|非法添加|禁止使用|禁止添加|禁用|不应检出)\s*[/(（]?\s*({UNIT})?\s*[)）]?$"
)
_PLAN = r"^n\s*=\s*([0-9]+)\s*[,;]\s*c\s*=\s*([0-9]+)\s*[,;]\s*m\s*=\s*"
_PLAN_LOW = rf"(?s){_PLAN}({NUMBER}|10[⁰¹²³⁴⁵⁶⁷⁸⁹]+)\s*([\p{{L}}%‰][^,;]*)?\s*(?:,|;|$)"
_PLAN_HIGH = rf"(?s)[,;\s]M\s*=\s*({NUMBER}|10[⁰¹²³⁴⁵⁶⁷⁸⁹]+)\s*({UNIT})?\s*$"

_WIDTH, _SCALE = 38, 12


def limits(texts: pl.Series) -> pl.DataFrame:
    """Printed limits → kind, low, high, unit, n, c; one row each, in order.

    `kind` is one of KINDS, null for a text that is no limit (`200≤mg/kg`, a lost exponent). `low` and
    `high` are Decimal(38,12): the bounds; of a sampling plan m and M (null where its power of ten is
    lost). `unit` as printed. `n`, `c`:
    units taken and units allowed between m and M (a plan of GB 4789.1), else null.
    """
    distinct = texts.drop_nulls().unique()
    read = _read(distinct)
    return texts.to_frame("_text").join(read, on="_text", how="left", maintain_order="left").drop("_text")


def _read(texts: pl.Series) -> pl.DataFrame:
    clean = plain(texts).str.replace_many({"，": ",", "～": "~", "；": ";"}).str.replace_all(r"\s*\n\s*", "")
    frame = pl.DataFrame({"_text": texts, "t": clean})
    t = pl.col("t")
    number, forbidden = t.str.extract(_ONE, 2), t.str.contains(_FORBIDDEN)
    kind = (
        pl.when(forbidden)
        .then(pl.lit("forbidden"))
        .when(t.str.contains(_PLAN_LOW))
        .then(pl.lit("plan"))
        .when(t.str.contains(_TWO))
        .then(pl.lit("between"))
        .when(number.is_not_null())
        .then(t.str.extract(_ONE, 1).replace_strict(_SIGNED, default=None).fill_null("unsigned"))
    )
    frame = frame.with_columns(kind=kind).with_columns(
        low=pl.coalesce(
            # `m=10` is what remains of `m=10²` where markup was stripped: its exponent is lost.
            pl.when(t.str.extract(_PLAN_LOW, 3) != "10").then(t.str.extract(_PLAN_LOW, 3)),
            t.str.extract(_TWO, 1),
            pl.when(pl.col("kind").is_in(["at_least", "above"])).then(number),
        ),
        high=pl.coalesce(
            t.str.extract(_PLAN_HIGH, 1),
            t.str.extract(_TWO, 2),
            pl.when(pl.col("kind").is_in(["at_most", "below", "unsigned"])).then(number),
        ),
        unit=pl.coalesce(
            t.str.extract(_PLAN_LOW, 4), t.str.extract(_TWO, 3), t.str.extract(_ONE, 3), t.str.extract(_FORBIDDEN, 1)
        ).str.strip_chars(),
    )
    return frame.select(
        "_text",
        "kind",
        *(_exact(frame[name]) for name in ("low", "high")),
        unit=pl.when(pl.col("unit") != "").then("unit"),
        n=t.str.extract(_PLAN_LOW, 1).cast(pl.Int64),
        c=t.str.extract(_PLAN_LOW, 2).cast(pl.Int64),
    )


def _exact(texts: pl.Series) -> pl.Series:
    """Bounds as decimals; a power alone (`10²`) is one times it."""
    return decimals(texts.str.replace(r"^10([⁰¹²³⁴⁵⁶⁷⁸⁹]+)$", "1×10${1}"), _WIDTH, _SCALE).alias(texts.name)
