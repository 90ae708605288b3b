"""Concentrations → individual indices, AQI, primary and exceeding pollutants, category. Exactly.

Belongs here: the formulas of HJ 633-2012 (the API and HJ 633-2026 have the same form) as expressions.
Does not belong here: breakpoints (`assets.air.standards`), means (`assets.air.days`), marts.

The formula (4.2, 4.4.1): IAQI = (I_high - I_low) / (C_high - C_low) × (C - C_low) + I_low, always rounded
up (6.2); AQI = the largest IAQI. Rounding up in floating point is wrong on exact values (CO 2.2 mg/m³ is
55, a float gives 56), so a concentration travels as a quotient of whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from assets.air.standards import READING_DIGITS, Category, Index, Item, Scale
from assets.exact import ceil_div, half_even_div, scaled, unscaled
from sources.registry import Column, decimal

Division = Callable[[ir.IntegerValue, ir.IntegerValue | int], ir.IntegerValue]


@dataclass(frozen=True)
class Concentration:
    """`numerator / denominator` thousandths of the unit, as whole numbers (denominator > 0)."""

    numerator: ir.IntegerValue
    denominator: ir.IntegerValue | int = 1

    @classmethod
    def of(cls, reading: ir.DecimalValue) -> Concentration:
        """A stored reading (at most three digits after the point)."""
        return cls(scaled(reading, READING_DIGITS))

    def rounded(self, decimals: int) -> Concentration:
        """Rounded once, half to even, to `decimals` digits after the point (GB/T 8170)."""
        step = 10 ** (READING_DIGITS - decimals)
        return Concentration(half_even_div(self.numerator, self.denominator * step) * step)

    def stored(self) -> ir.DecimalValue:
        """As decimal(9,3), half to even where it has more digits."""
        return unscaled(self.rounded(READING_DIGITS).numerator, READING_DIGITS, 9, READING_DIGITS)


def concentration_column(name: str, zh: str, en: str, unit: str) -> Column:
    """The column that holds `Concentration.stored()`."""
    return decimal(name, 9, READING_DIGITS, zh, en, unit=unit)


def iaqi(concentration: Concentration, scale: Scale, divide: Division = ceil_div) -> ir.IntegerValue:
    """The individual index of a concentration, rounded up; null when there is none (clause 4.2, 6.2).

    `divide`: how the quotient becomes a whole number; only those who ask what a publication did differently
    give another one.

    Above the last breakpoint it is the last index, or null where another averaging takes over (table
    1, notes 2 and 3).
    """
    numerator, denominator = concentration.numerator, concentration.denominator
    above = ibis.null("int64") if scale.above is None else ibis.literal(scale.above, "int64")
    pieces = [
        (
            numerator <= s.high * denominator,
            s.iaqi_low
            + divide(
                (numerator - s.low * denominator) * (s.iaqi_high - s.iaqi_low),
                (s.high - s.low) * denominator,
            ),
        )
        for s in scale.segments
    ]
    return ibis.cases((numerator.isnull(), ibis.null("int64")), *pieces, else_=above)


def assess(
    table: ir.Table, index: Index, items: Sequence[Item], concentrations: Mapping[str, Concentration], minimum: int = 1
) -> ir.Table:
    """`table` with the index of each row.

    `concentrations`: by item name, of columns of `table`; an item that is missing there or null is left
    out of the maximum. Adds iaqi_<item>, aqi (null when every item is), primary_pollutants (the items of
    the largest IAQI when AQI > 50, ties in the items' order; 3.3, 4.4.2), exceeding (IAQI > 100; 3.4), both
    joined by comma and empty text when there are none, category (table 2), and pollutants = how many have a
    value. `minimum`: with fewer pollutants an index stands only above 100; else all are null (HJ 633-2026 5.3).
    """
    part = {item.name: f"iaqi_{item.name}" for item in items if item.name in concentrations}
    scales = {item.name: item.scale for item in items}
    table = table.mutate(**{part[name]: iaqi(concentrations[name], scales[name]) for name in part})
    table = table.mutate(
        aqi=ibis.greatest(*(table[column] for column in part.values())),
        pollutants=_pollutants(table, [item for item in items if item.name in part]),
    )
    if minimum > 1:
        stands = (table.pollutants >= minimum) | (table.aqi > index.rules["good_up_to"])
        table = table.mutate(aqi=ibis.ifelse(stands, table.aqi, ibis.null("int64")))
    primary_above, exceeding_above = index.rules["primary_above"], index.rules["exceeding_above"]
    deciding = {name: table[column] == table.aqi for name, column in part.items()}
    exceeding = {name: table[column] > exceeding_above for name, column in part.items()}
    return table.mutate(
        primary_pollutants=_named(deciding, table.aqi, primary_above),
        exceeding=_named(exceeding, table.aqi, exceeding_above),
        category=category(table.aqi, index.categories),
    )


def _pollutants(table: ir.Table, items: Sequence[Item]) -> ir.IntegerValue:
    """How many pollutants have an individual index; several items of one pollutant count once."""
    by_pollutant: dict[str, list[ir.IntegerValue]] = {}
    for item in items:
        by_pollutant.setdefault(item.pollutant, []).append(table[f"iaqi_{item.name}"])
    return sum(ibis.coalesce(*found).notnull().cast("int64") for found in by_pollutant.values())


def _named(chosen: Mapping[str, ir.BooleanValue], aqi: ir.IntegerValue, above: int) -> ir.StringValue:
    """The names of `chosen` joined by comma where the index is above `above`; else none, and null without an index."""
    names = [ibis.ifelse(condition, name, ibis.null("string")) for name, condition in chosen.items()]
    return ibis.cases((aqi > above, ibis.literal(",").join(names)), (aqi.notnull(), ""), else_=ibis.null("string"))


def category(aqi: ir.IntegerValue, categories: Sequence[Category]) -> ir.StringValue:
    """The code of the band that an index falls in; null for none."""
    bands = [(aqi <= c.high, c.code) for c in categories if c.high is not None]
    (last,) = (c.code for c in categories if c.high is None)
    return ibis.cases((aqi.isnull(), ibis.null("string")), *bands, else_=last)


def category_of_word(word: ir.StringValue, categories: Sequence[Category]) -> ir.StringValue:
    """The code of the category that a published word means; null for other words."""
    spelled = [(word.isin(list(c.spellings)), c.code) for c in categories]
    # Most readings are published without a word: it is then held against none.
    return ibis.cases((word.isnull(), ibis.null("string")), *spelled, else_=ibis.null("string"))


def same_names(ours: ir.StringValue, theirs: ir.StringValue) -> ir.BooleanValue:
    """Whether two comma-joined lists name the same pollutants, in any order; null when one is null."""
    # Most readings are published without names: only the others' lists are cut and sorted.
    same = (ours == theirs) | (ours.split(",").sort() == theirs.split(",").sort())
    return ibis.cases((theirs.isnull() | ours.isnull(), ibis.null("boolean")), else_=same)
