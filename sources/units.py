"""Units as agencies spell them, and exact conversion by distinct unit.

Belongs here: the table `units.csv` (spelling, unit of its kind, exact factor, dates, source) and what
it means. Does not belong here: standard-coal factors and other numbers of a standard
(`assets/standards`), which unit a column has (the registry).

To add a spelling: a line in `units.csv`; a test holds every factor against Pint.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

import polars as pl

from sources.numerals import decimals

#: Before the name of a feed column: the text column of a record that says in which unit its cell is.
UNIT = "_unit:"

_TABLE = Path(__file__).with_name("units.csv")

#: Digits after the point of a number before it is multiplied; what is beyond them is no measurement.
_SCALE = 18
_WIDTH = 38
_LARGEST = 10**38


@dataclass(frozen=True)
class Unit:
    """One spelling: how many of `base` it is, exactly, and between which days that holds."""

    base: str
    factor: Fraction
    valid_from: date
    valid_to: date | None
    pint: str


def folded(unit: str) -> str:
    """A unit for comparison: width, raised digits, the two letters µ, and blanks make no difference."""
    raised = re.sub(r"10([⁰¹²³⁴⁵⁶⁷⁸⁹]+)", r"10^\1", unit)
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", raised)).removeprefix("单位:")


@cache
def units() -> Mapping[str, tuple[Unit, ...]]:
    """Folded spelling → what it means, one entry for each span of days."""
    found: dict[str, tuple[Unit, ...]] = {}
    with _TABLE.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            unit = Unit(
                row["unit"],
                Fraction(row["factor"]),
                date.fromisoformat(row["valid_from"]),
                date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
                row["pint"],
            )
            spelling = folded(row["spelling"])
            found[spelling] = (*found.get(spelling, ()), unit)
    return found


def factor(unit: str, to: str, on: date | None = None) -> Fraction | None:
    """How many `to` one `unit` is, exactly; None when either is unknown or they measure different things.

    Case counts only where two units differ by it (`m` and `M`): `MG/L` is found as `mg/L`. `on` is the
    day for which the factor is wanted (default: the spans in force without an end).
    """
    if folded(unit) == folded(to):
        return Fraction(1)
    here, there = _find(unit, on), _find(to, on)
    if here is None or there is None or here.base != there.base:
        return None
    return here.factor / there.factor


def converted(texts: pl.Series, spelled: pl.Series, to: str, width: int, scale: int) -> pl.Series:
    """Numbers as text in units as spelled → Decimal(width, scale) in the unit `to`.

    Null where the text is no number, the unit is unknown or of another kind, or the result has too
    many digits. Exact: half to even at the last place, once. A missing unit (null) means `to`.
    """
    factors = {unit: factor(unit, to) for unit in spelled.drop_nulls().unique()}
    known = {unit: ratio for unit, ratio in factors.items() if ratio is not None}
    ratios = pl.DataFrame(
        {
            "unit": list(known),
            "over": [ratio.numerator for ratio in known.values()],
            "under": [ratio.denominator for ratio in known.values()],
        },
        schema={"unit": pl.String, "over": pl.Int128, "under": pl.Int128},
    )
    same = decimals(texts, width, scale)
    if known and all(ratio == 1 for ratio in known.values()) and len(known) == len(factors):
        return same
    frame = (
        pl.DataFrame({"unit": spelled, "same": same, "value": decimals(texts, _WIDTH, _SCALE).to_physical()})
        .join(ratios, on="unit", how="left", maintain_order="left")
        .with_columns(pl.col("value").cast(pl.Int128))
    )
    under = pl.col("under") * 10 ** (_SCALE - scale) if scale <= _SCALE else pl.col("under")
    over = pl.col("over") if scale <= _SCALE else pl.col("over") * 10 ** (scale - _SCALE)
    size = pl.col("value").abs()
    fits = size <= pl.lit(_LARGEST, pl.Int128) // over
    product = pl.when(fits).then(size * over)
    whole, rest = product // under, product % under
    up = (rest * 2 > under) | ((rest * 2 == under) & (whole % 2 == 1))
    rounded = (whole + up.cast(pl.Int128)) * pl.when(pl.col("value") < 0).then(-1).otherwise(1)
    text = _pointed(rounded, scale)
    moved = frame.select(text.alias("t"))["t"]
    given = frame["unit"].is_not_null()
    return same.zip_with(~given | (frame["over"] == frame["under"]).fill_null(False), decimals(moved, width, scale))


def unknown(spelled: pl.Series, to: str) -> pl.Series:
    """Whether each spelled unit cannot be converted to `to` (null: no unit is given, nothing is unknown)."""
    strange = [unit for unit in spelled.drop_nulls().unique() if factor(unit, to) is None]
    return spelled.is_in(strange).fill_null(False)


def accepted_units(to: str) -> str:
    """The spellings that convert to `to`, for messages."""
    base = _find(to, None)
    spellings = [spelling for spelling, spans in units().items() if base and spans[-1].base == base.base]
    return ", ".join(dict.fromkeys([to, *spellings]))


def _pointed(unscaled: pl.Expr, scale: int) -> pl.Expr:
    """Int128 counts of the last place as text with a point."""
    digits = unscaled.abs().cast(pl.String).str.zfill(scale + 1)
    length = digits.str.len_chars().cast(pl.Int64) - scale
    sign = pl.when(unscaled < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return pl.concat_str(sign, digits.str.slice(0, length), pl.lit("." if scale else ""), digits.str.slice(length))


@cache
def _find(unit: str, on: date | None) -> Unit | None:
    spans = units().get(folded(unit)) or _by_case().get(folded(unit).lower(), ())
    for span in spans:
        if (on is None and span.valid_to is None) or (
            on is not None and span.valid_from <= on and (span.valid_to is None or on <= span.valid_to)
        ):
            return span
    return None


@cache
def _by_case() -> Mapping[str, tuple[Unit, ...]]:
    """Lower-cased spelling → unit, where all spellings that differ by case mean the same."""
    lowered: dict[str, set[tuple[Unit, ...]]] = {}
    for spelling, spans in units().items():
        lowered.setdefault(spelling.lower(), set()).add(spans)
    return {spelling: next(iter(found)) for spelling, found in lowered.items() if len(found) == 1}
