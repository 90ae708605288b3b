"""Numbers as agencies write them → exact decimals and integers, a whole column at a time.

Belongs here: spellings of numbers. Does not belong here: which column holds a number
(`sources.conform`), units, censored values (`sources.censored`).
"""

from __future__ import annotations

import polars as pl

_FULL_WIDTH = dict(zip("０１２３４５６７８９．，＋－％（）＜＞", "0123456789.,+-%()<>", strict=True))
_MINUS = {"−": "-", "–": "-"}
_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+", strict=True))

#: `[0-9]` and not `\d`, which in Polars is any digit of Unicode.
_NUMBER = r"^([+-]?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,3}))?(%?)$"

#: Digits that an intermediate result may have; Polars' own limit.
_DIGITS = 38

#: Powers of ten beyond this are no measurement of anything here, and would be padded out as text.
_MAX_EXPONENT = 30

#: An integer must fit a BIGINT.
_INTEGER_DIGITS = 18


def half_width(texts: pl.Series) -> pl.Series:
    """The same texts with full-width digits and signs as ASCII, and without blanks around them."""
    return texts.str.replace_many({**_FULL_WIDTH, **_MINUS}).str.strip_chars()


def decimals(texts: pl.Series, width: int, scale: int, percent: bool = False) -> pl.Series:
    """Texts → Decimal(width, scale); null where the text is no number or has too many digits.

    Accepted: thousands separators in their places, full-width digits, `1.3e5` and `1.3×10⁵`, a per
    cent sign if `percent`. More digits after the point than `scale` are rounded half to even
    (GB/T 8170, 3.2).
    """
    target = pl.Decimal(width, scale)
    # Polars reads plain numbers and exponents exactly and rounds half to even; what it does not read is looked at here.
    simple = texts.cast(target, strict=False)
    if simple.null_count() == texts.null_count():
        return simple
    rest = texts.filter(simple.is_null() & texts.is_not_null()).unique()
    resolved = pl.DataFrame({"text": rest, "slow": _resolve(rest, width, scale, percent)})
    return (
        pl.DataFrame({"text": texts, "simple": simple})
        .join(resolved, on="text", how="left", maintain_order="left")
        .select(pl.coalesce("simple", "slow").cast(target).alias(texts.name))
        .to_series()
    )


def times_power_of_ten(text: pl.Expr, power: int) -> pl.Expr:
    """The same number times 10^power, as text (`1.5` → `1.5e4`): no digit changes. Other text stays as it is.

    For publications in other units than their feed's, before the column is typed.
    """
    own = text.str.extract(r"[eE]([+-]?[0-9]{1,3})$", 1).cast(pl.Int64).fill_null(0)
    shifted = pl.concat_str(text.str.replace(r"[eE][+-]?[0-9]{1,3}$", ""), pl.lit("e"), own + power)
    return pl.when(text.str.contains(_NUMBER)).then(shifted).otherwise(text)


def integers(texts: pl.Series) -> pl.Series:
    """Texts → Int64; null where the text is no whole number (`12.0` is one, `12.5` is not)."""
    exact = decimals(texts, _DIGITS, _DIGITS - _INTEGER_DIGITS)
    whole = exact.cast(pl.Int64)
    return whole.zip_with((whole.cast(exact.dtype) == exact).fill_null(False), whole.clear(whole.len()))


def _resolve(texts: pl.Series, width: int, scale: int, percent: bool) -> pl.Series:
    """Distinct texts → Decimal(width, scale) by their digits: no step passes through a float."""
    frame = pl.DataFrame({"t": _powers(half_width(texts))}).select(
        pl.col("t").str.extract(_NUMBER, 1).alias("sign"),
        pl.col("t").str.extract(_NUMBER, 2).str.replace_all(",", "", literal=True).alias("whole"),
        pl.col("t").str.extract(_NUMBER, 3).fill_null("").alias("fraction"),
        pl.col("t").str.extract(_NUMBER, 4).cast(pl.Int64, strict=False).fill_null(0).alias("exponent"),
        pl.col("t").str.extract(_NUMBER, 5).alias("percent"),
    )
    known = (
        (pl.col("whole").str.len_chars() + pl.col("fraction").str.len_chars() > 0)
        & (pl.col("exponent").abs() <= _MAX_EXPONENT)
        & (pl.lit(percent) | (pl.col("percent") == ""))
    )
    frame = frame.with_columns(pl.when(known).then("whole").alias("whole"))
    return _rounded(_moved(frame), width, scale)


def _powers(texts: pl.Series) -> pl.Series:
    """`1.3×10⁵` and `1.3*10^5` as `1.3e5`; raised digits anywhere else stay what they are."""
    caret = texts.str.replace(r"\s*[×xX*]\s*10\^", "e")
    raised = caret.str.replace(r"\s*[×xX*]\s*10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+)$", "e${1}")
    return raised.str.replace_many(_SUPERSCRIPTS).zip_with((raised != caret).fill_null(False), raised)


def _moved(frame: pl.DataFrame) -> pl.DataFrame:
    """sign, whole, fraction: the same number with its exponent carried out."""
    digits = pl.col("whole") + pl.col("fraction")
    point = pl.col("whole").str.len_chars().cast(pl.Int64) + pl.col("exponent")
    padded = digits.str.zfill(digits.str.len_chars() + (-point).clip(lower_bound=0))
    place = point.clip(lower_bound=0)
    longer = padded.str.pad_end(pl.max_horizontal(padded.str.len_chars().cast(pl.Int64), place), "0")
    return frame.select("sign", whole=longer.str.slice(0, place), fraction=longer.str.slice(place))


def _rounded(frame: pl.DataFrame, width: int, scale: int) -> pl.Series:
    kept = pl.col("fraction").str.slice(0, scale).str.pad_end(scale, "0")
    unscaled = (pl.col("whole") + kept).str.strip_chars_start("0")
    rest = pl.col("fraction").str.slice(scale)
    frame = frame.select(
        "sign",
        unscaled=pl.when(unscaled.str.len_chars() <= width).then(pl.lit("0") + unscaled).cast(pl.Int128),
        tie=rest.str.contains("^50*$"),
        above=rest.str.contains("^[5-9]"),
    )
    odd = pl.col("unscaled") % 2 == 1
    up = pl.when("tie").then(odd).otherwise("above").cast(pl.Int128)
    rounded = (pl.col("unscaled") + up).cast(pl.String).str.zfill(scale + 1)
    fits = rounded.str.len_chars() <= max(width, scale + 1)
    point = pl.lit("." if scale else "")
    length = rounded.str.len_chars().cast(pl.Int64) - scale
    sign = pl.col("sign").str.replace("+", "", literal=True)
    text = pl.concat_str(sign, rounded.str.slice(0, length), point, rounded.str.slice(length))
    exact = frame.select(pl.when(fits).then(text).cast(pl.Decimal(_DIGITS, scale))).to_series()
    return exact.cast(pl.Decimal(width, scale))
