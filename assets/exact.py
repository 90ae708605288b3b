"""Exact arithmetic in Ibis: means, rounding half to even, ceilings, without floating point.

Belongs here: arithmetic that a standard prescribes and that every engine must give alike. Does not
belong here: any number of a standard.

Quantities travel as integers scaled by a power of ten; integer division by floor is exact in DuckDB
and Spark below 2**53, far above any sum of concentrations here.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from sources.registry import ORIGIN_CODES


def scaled(value: ir.DecimalValue, digits: int) -> ir.IntegerValue:
    """A decimal with at most `digits` digits after the point, as an integer of its last digit."""
    return (value * 10**digits).cast("int64")


def floor_div(numerator: ir.IntegerValue, denominator: ir.IntegerValue | int) -> ir.IntegerValue:
    """⌊a / b⌋ for b > 0."""
    return (numerator // denominator).cast("int64")


def ceil_div(numerator: ir.IntegerValue, denominator: ir.IntegerValue | int) -> ir.IntegerValue:
    """⌈a / b⌉ for b > 0."""
    return floor_div(numerator + (denominator - 1), denominator)


def half_even_div(numerator: ir.IntegerValue, denominator: ir.IntegerValue | int) -> ir.IntegerValue:
    """a / b rounded to a whole number, ties to the even one (GB/T 8170), for b > 0."""
    if isinstance(denominator, int) and denominator == 1:
        return numerator  # whole already; DuckDB would read and plan the rounding all the same
    below = floor_div(numerator, denominator)
    twice = 2 * (numerator - below * denominator)
    up = ibis.cases((twice > denominator, 1), (twice == denominator, below % 2), else_=0).cast("int64")
    return below + up


def unscaled(value: ir.IntegerValue, digits: int, width: int, scale: int) -> ir.DecimalValue:
    """The integer of the last digit back as decimal(width, scale), exactly (scale ≥ digits)."""
    whole = (value * 10 ** (scale - digits)).cast(f"decimal({width}, 0)")
    unit = ibis.literal(f"{10**-scale:.{scale}f}").cast(f"decimal({width}, {scale})") if scale else 1
    return (whole * unit).cast(f"decimal({width}, {scale})")


def origin_of(origin: ir.StringColumn) -> ir.StringScalar:
    """The origin of an aggregate: the rows' common origin, or `mixed`.

    By equality with each origin there is: comparing texts by order costs three times as much.
    """
    pure = [code.code for code in ORIGIN_CODES.codes]
    return ibis.cases(*(((origin == code).all(), code) for code in pure), else_="mixed")
