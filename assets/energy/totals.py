"""One total of energy per publication, region, year, scope and basis, from its fuels.

Belongs here: the choice between a total printed in standard coal and the sum of fuels, and whether the
sum is complete. Does not belong here: conversion (`assets.energy.flows`), GDP.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.energy.flows import TOTALS
from assets.exact import origin_of


def energy_totals(by_fuel: ir.Table, factors: ir.Table) -> ir.Table:
    """One total per series, region, year, scope and basis from mart.energy_by_fuel.

    series, region_code, year, consumption_scope, electricity_basis, energy_tce (decimal), method
    (printed total | fuels), factor_set, energy_complete, energy_basis, origin. A total that the
    publication prints in standard coal is taken before our sum of fuels. The sum is complete when
    every fuel for which the set has a factor is reported; it is empty when a fuel has none.
    """
    key = ["series", "region_code", "year", "consumption_scope", "electricity_basis"]
    rows = by_fuel.mutate(is_total=by_fuel.fuel.isin(TOTALS))
    has_total = rows.is_total.any().over(ibis.window(group_by=[rows[name] for name in key]))
    taken = rows.mutate(has_total=has_total).filter(ibis._.is_total == ibis._.has_total)
    sums = taken.group_by(key).aggregate(
        energy_tce=taken.energy_tce.sum(),
        printed=taken.is_total.any(),
        fuels=taken.fuel.nunique(),
        converted=taken.converted.all(),
        unconverted=taken.fuel.group_concat(", ", where=~taken.converted, order_by=taken.fuel),
        sectors=(taken.taken_from == "sectors").any(),
        balance=(taken.taken_from == "balance").any(),
        measured=taken.measured.any(),
        factor_set=taken.factor_set.max(),
        origin=origin_of(taken.origin),
    )
    convertible = factors.filter(factors.kgce.notnull() & ~factors.fuel.isin(TOTALS))
    expected = convertible.group_by("factor_set").aggregate(expected=convertible.fuel.nunique())
    known = sums.left_join(expected, "factor_set").drop("factor_set_right")
    expected_fuels = known.expected.fill_null(0)
    of_fuels = (
        known.fuels.cast("string")
        + " of "
        + expected_fuels.cast("string")
        + " fuels × factors of "
        + known.factor_set.fill_null("no set")
        + ", "
        + ibis.cases(
            (known.balance, "final consumption + transformation + losses, by sign"),
            (known.sectors, "sum of sectors"),
            else_="totals as printed",
        )
        + ibis.ifelse(known.measured, ", measured calorific values where given", "")
    )
    of_total = "total printed in standard coal" + ibis.ifelse(known.sectors, " (sum of sectors)", "")
    return known.select(
        *key,
        "origin",
        energy_tce=ibis.ifelse(known.converted, known.energy_tce, ibis.null()),
        method=ibis.ifelse(known.printed, "printed total", "fuels"),
        factor_set=ibis.ifelse(known.printed, ibis.null("string"), known.factor_set),
        energy_complete=known.converted & (known.printed | (known.fuels >= expected_fuels)),
        energy_basis=ibis.cases(
            (~known.converted, "no factor for the unit of: " + known.unconverted),
            (known.printed, of_total),
            else_=of_fuels,
        ),
    )
