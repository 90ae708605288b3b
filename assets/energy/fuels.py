"""Fuel quantities → tonnes of standard coal, fuel by fuel, and the check of sectors against totals.

Belongs here: conversion by the factor set in use, the choice between a printed total and the sum of
sectors. Does not belong here: factors (`assets/standards/standard_coal.yaml`), GDP, intensities.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.energy.standards import CONSUMPTION_SCOPES, ELECTRICITY_BASES
from assets.exact import origin_of
from sources.feeds.economy import ENERGY_USE, FUELS
from sources.registry import MART_ORIGIN, SERIES, Table, boolean, codes, decimal, integer, text
from warehouse.marts import Inputs, Mart, Upstream

#: Consumer code of a printed total of all sectors (the feed's own word).
ALL_CONSUMERS = "all"

SCOPE_COLUMN = text("consumption_scope", "消费口径", "which consumption", required=True, codes=CONSUMPTION_SCOPES)
BASIS_COLUMN = text("electricity_basis", "电力口径", "treatment of electricity", required=True, codes=ELECTRICITY_BASES)

ENERGY_BY_FUEL = Table(
    "mart.energy_by_fuel",
    "分品种能源消费（标准煤）",
    "Energy by fuel in tonnes of standard coal, one row per publication, region, year, scope, basis and fuel",
    (
        SERIES,
        text("region_code", "行政区划代码", "region", required=True),
        integer("year", "年份", "calendar year", required=True),
        SCOPE_COLUMN,
        BASIS_COLUMN,
        text("fuel", "能源品种", "fuel or energy carrier", required=True, codes=FUELS),
        decimal("energy_tce", 38, 16, "能源量", "standard coal; empty when a quantity has no factor", unit="tce"),
        text(
            "taken_from",
            "取数方式",
            "the printed total of all sectors, or our sum of the sectors",
            required=True,
            codes=codes(("printed", "公布合计", "printed total"), ("sectors", "分行业合计", "sum of sectors")),
        ),
        integer("consumers", "用户数", "rows that the figure is made of", required=True),
        text("factor_set", "折标系数集", "set of standard-coal factors in use for the year"),
        boolean("converted", "已折标", "whether every quantity had a factor", required=True),
        MART_ORIGIN,
    ),
    ("series", "region_code", "year", "consumption_scope", "electricity_basis", "fuel"),
)


def whole_years(table: ir.Table) -> ir.Table:
    """Rows whose `period` is a calendar year, with integer `year`; months and quarters are left out."""
    years = table.filter(table.period.re_search(r"^[0-9]{4}$"))
    return years.mutate(year=years.period.cast("int64"))


def conversions(factors: ir.Table, units: ir.Table) -> ir.Table:
    """Tonnes of standard coal in one unit of a fuel.

    Columns: factor_set, electricity_basis, fuel, unit, tce_per_unit.

    Source: the factors' own (GB/T 2589-2008 annex A and others; 1 kgce = 29 307 kJ). A factor of both
    bases gives a row for each; one without a single printed value gives none.
    """
    joined = factors.filter(factors.kgce.notnull()).join(units, "physical_unit")
    per_unit = joined.mutate(tce_per_unit=(joined.kgce * joined.thousands).cast("decimal(12, 6)"))
    return ibis.union(
        *(
            per_unit.filter(per_unit.electricity_basis.isin([basis, "both"])).select(
                "factor_set", "fuel", "unit", "tce_per_unit", electricity_basis=ibis.literal(basis)
            )
            for basis in ELECTRICITY_BASES.values
        )
    )


def energy_by_fuel(energy_use: ir.Table, factor_sets: ir.Table, factors: ir.Table, units: ir.Table) -> ir.Table:
    """Columns of ENERGY_BY_FUEL from core.energy_use: final and total flows of whole years.

    A printed total of all sectors is taken as it stands; where there is none, the sectors are added.
    `total_energy_equivalent` counts under the equivalent basis only, `total_energy_calorific` under
    the calorific one. A quantity that is not zero and has no factor leaves energy_tce empty.
    """
    flows = whole_years(energy_use.filter(energy_use.flow.isin(CONSUMPTION_SCOPES.values)))
    bases = ibis.union(*(flows.mutate(electricity_basis=ibis.literal(basis)) for basis in ELECTRICITY_BASES.values))
    other_basis = ibis.or_(
        *(
            (bases.fuel == f"total_energy_{basis}") & (bases.electricity_basis != basis)
            for basis in ELECTRICITY_BASES.values
        )
    )
    wanted = bases.filter(~other_basis)
    used = factor_sets.filter(factor_sets.used_from.notnull()).select("used_from", "used_to", used_set="factor_set")
    dated = wanted.left_join(
        used, [wanted.year >= used.used_from, used.used_to.isnull() | (wanted.year <= used.used_to)]
    )
    per_unit = conversions(factors, units)
    rows = dated.left_join(per_unit, [dated.used_set == per_unit.factor_set, "electricity_basis", "fuel", "unit"])
    key = ["series", "region_code", "year", "flow", "electricity_basis", "fuel"]
    zero = rows.quantity == 0
    tce = ibis.ifelse(zero, rows.quantity * 0, rows.quantity * rows.tce_per_unit)
    printed = rows.consumer == ALL_CONSUMERS
    has_printed = printed.any().over(ibis.window(group_by=[rows[name] for name in key]))
    taken = rows.mutate(
        tce=tce, has_factor=zero | rows.tce_per_unit.notnull(), printed=printed, has_printed=has_printed
    )
    taken = taken.filter(taken.printed | ~taken.has_printed)
    sums = taken.group_by(key).aggregate(
        energy_tce=taken.tce.sum(),
        consumers=taken.count(),
        factor_set=taken.used_set.max(),
        converted=taken.has_factor.all(),
        printed=taken.printed.any(),
        origin=origin_of(taken.origin),
    )
    return sums.select(
        "series",
        "region_code",
        "year",
        "electricity_basis",
        "fuel",
        "consumers",
        "factor_set",
        "converted",
        "origin",
        consumption_scope=sums.flow,
        energy_tce=ibis.ifelse(sums.converted, sums.energy_tce, ibis.null()),
        taken_from=ibis.ifelse(sums.printed, "printed", "sectors"),
    ).select(*ENERGY_BY_FUEL.names)


def sector_sum_check(energy_use: ir.Table, printed_places: int = 9) -> ir.Table:
    """The sum of the sectors' final consumption against the printed total.

    series, region_code, period, fuel, unit, printed, own (in `unit`), sectors, agrees; one row where
    both are given in the same unit. They agree when the difference is within half a unit of the last
    printed place for each sector and for the total (CEADs inventories print nine places).
    """
    final = energy_use.filter(energy_use.flow == "final")
    key = ["series", "region_code", "period", "fuel", "unit"]
    total = final.filter(final.consumer == ALL_CONSUMERS).select(*key, printed=ibis._.quantity)
    parts = final.filter(final.consumer != ALL_CONSUMERS)
    own = parts.group_by(key).aggregate(own=parts.quantity.sum(), sectors=parts.count())
    both = total.join(own, key)
    unit = ibis.literal(f"{10.0**-printed_places:.{printed_places}f}").cast(f"decimal(18, {printed_places})")
    return both.mutate(agrees=(both.printed - both.own).abs() * 2 <= unit * (both.sectors + 1))


def build(inputs: Inputs) -> ir.Table:
    """The rows of mart.energy_by_fuel for the dirty regions."""
    energy_use = inputs.table("core.energy_use").semi_join(inputs.dirty, "region_code")
    return energy_by_fuel(
        energy_use,
        inputs.table("standard.factor_set"),
        inputs.table("standard.standard_coal_factor"),
        inputs.table("standard.energy_unit"),
    )


ENERGY_BY_FUEL_MART = Mart(
    table=ENERGY_BY_FUEL,
    subject="energy",
    scope=("region_code",),
    upstream=(Upstream(f"core.{ENERGY_USE.name}"),),
    build=build,
    reads=("standard.factor_set", "standard.standard_coal_factor", "standard.energy_unit"),
)
