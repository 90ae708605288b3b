"""Results as laboratories print them → sign, number, unit: `＜10CFU/g`, `1.3×10⁵CFU/g`, `未检出(<0.01)`.

Belongs here: taking one printed quantity apart. Does not belong here: several of them in one cell
(`sources.several`), limit texts (`sources.limits`), numbers as decimals (`sources.numerals`),
substitution for censored values, which happens in marts only.
"""

from __future__ import annotations

import polars as pl

from sources.numerals import half_width

#: Signs before a number, wide ones too, as ASCII; the compound ones first.
SIGNS = {"≤": "<=", "⩽": "<=", "≦": "<=", "≥": ">=", "⩾": ">=", "≧": ">="}

_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_MARKUP = {f"<sup>{digit}</sup>": raised for digit, raised in zip("0123456789", _RAISED, strict=True)}
_MARKUP |= {f"<sup>{number}</sup>": "".join(_RAISED[int(d)] for d in str(number)) for number in range(10, 20)}

#: A number, thousands and powers of ten included. A lost exponent (`2.8×10`) is no number.
NUMBER = (
    r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"
    r"(?:[eE][+-]?[0-9]{1,3}|\s*[×xX*]\s*10(?:\^[+-]?[0-9]{1,3}|[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+))?"
)
#: A unit begins with a letter, a sign of percentage or a character, never with a digit or a power.
UNIT = r"[\p{L}%‰°℃][^<>=；;]*"

_QUANTITY = rf"^(<=|>=|<|>)?\s*({NUMBER})\s*({UNIT})?$"
_BELOW_LIMIT = r"^([0-9]+(?:\.[0-9]+)?)\s*L$"
_NOT_DETECTED = (
    r"(?i)^(?:未检出|未检测出|没有检出|低于检出限|小于检出限|not\s*detected|below\s*(?:the\s*)?detection(?:\s*limit)?|"
    r"n\.?d\.?|bdl|b\.d\.l\.|<\s*(?:lod|mdl|dl))\s*(?:[(\[,，;；]?\s*(?:检出限|方法检出限|lod|mdl|dl)?\s*[:：=]?\s*"
    rf"(?:<=|<)?\s*({NUMBER})\s*([\p{{L}}%‰][^()\[\]<>=]*)?\s*[)\]]?)?$"
)


def plain(texts: pl.Series) -> pl.Series:
    """The same texts with half-width digits and signs, `<sup>4</sup>` as `⁴`, and without outer blanks."""
    unmarked = texts.str.replace_many({**_MARKUP, "：": ":", "\u00a0": " ", "\u3000": " "})
    return half_width(half_width(unmarked).str.replace_many(SIGNS))


def quantities(texts: pl.Series) -> pl.DataFrame:
    """Printed results → text columns qualifier, number, detection_limit, unit; one row each, in order.

    `qualifier`: `<` or `>` for a censored result, null for a measured one. `number`: the measured
    number as printed, for `sources.numerals.decimals`; null when censored. `detection_limit`: the
    limit that a censored result states; null when it states none (`未检出`, `ND`). `0.01L` is below 0.01
    (HJ/T 373). `≤5` and `≥5` say no more than `<` and `>` with the limit itself and are read as these.
    `unit`: as printed. A text that is no quantity (a word, a lost exponent such as `2.8×10`, several
    results) is null in all four columns.
    """
    distinct = texts.drop_nulls().unique()
    taken = _taken_apart(distinct)
    return texts.to_frame("_text").join(taken, on="_text", how="left", maintain_order="left").drop("_text")


def _taken_apart(texts: pl.Series) -> pl.DataFrame:
    frame = pl.DataFrame({"_text": texts, "t": plain(texts)})
    sign = pl.col("t").str.extract(_QUANTITY, 1).str.head(1)
    number = pl.col("t").str.extract(_QUANTITY, 2)
    below = pl.col("t").str.extract(_BELOW_LIMIT, 1)
    absent = pl.col("t").str.contains(_NOT_DETECTED)
    qualifier = pl.when(absent | below.is_not_null()).then(pl.lit("<")).otherwise(sign)
    unit = pl.when(below.is_null()).then(pl.coalesce(pl.col("t").str.extract(_QUANTITY, 3), _absent_unit()))
    return frame.select(
        "_text",
        qualifier=qualifier,
        number=pl.when(qualifier.is_null()).then(number),
        detection_limit=pl.when(qualifier.is_not_null()).then(
            pl.coalesce(below, number, pl.col("t").str.extract(_NOT_DETECTED, 1))
        ),
        unit=pl.when(unit.str.strip_chars() != "").then(unit.str.strip_chars()),
    )


def _absent_unit() -> pl.Expr:
    return pl.col("t").str.extract(_NOT_DETECTED, 2)
