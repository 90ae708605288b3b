"""mart.energy_by_fuel: a region's energy fuel by fuel, and the check of sectors against totals.

Belongs here: what a region consumes of each fuel. Does not belong here: conversion (`assets.energy.flows`),
single consumers (`assets.energy.consumers`), GDP, intensities.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.energy.flows import (
    ALL_CONSUMERS,
    BASIS_COLUMN,
    ENTERPRISE,
    SCOPE_COLUMN,
    TAKEN_FROM,
    by_scope,
    flows_in_tce,
)
from sources.feeds.economy import ENERGY_USE, FUELS
from sources.registry import MART_ORIGIN, SERIES, Table, boolean, decimal, integer, text
from warehouse.marts import Inputs, Mart, Upstream

#: What a conversion reads beside the records, in the order of `flows_in_tce`.
FLOW_REFERENCES = ("standard.factor_set", "standard.standard_coal_factor", "standard.energy_unit")

_KEY = ("series", "region_code", "year", "electricity_basis", "fuel")

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
            "the printed total of all sectors, our sum of the sectors, or the balance by sign",
            required=True,
            codes=TAKEN_FROM,
        ),
        integer("consumers", "用户数", "rows that the figure is made of", required=True),
        text("factor_set", "折标系数集", "set of standard-coal factors in use for the year"),
        boolean("converted", "已折标", "whether every quantity had a factor", required=True),
        boolean("measured", "实测热值", "whether a measured calorific value replaced a table value", required=True),
        MART_ORIGIN,
    ),
    ("series", "region_code", "year", "consumption_scope", "electricity_basis", "fuel"),
)


def energy_by_fuel(flows: ir.Table) -> ir.Table:
    """Columns of ENERGY_BY_FUEL from `flows_in_tce`.

    Enterprises are part of their sectors: their records are never added to a region's.
    """
    of_region = flows.filter(flows.kind != ENTERPRISE)
    return by_scope(of_region, _KEY).select(*ENERGY_BY_FUEL.names)


def sector_sum_check(energy_use: ir.Table, printed_places: int = 9, flow: str = "final") -> ir.Table:
    """The sum of the sectors (processes) of a flow against the printed total; enterprises are left out.

    series, region_code, period, flow, fuel, unit, printed, own (in `unit`), sectors, total_origin, agrees;
    one row where both are given in the same unit. They agree when the difference is within half a unit of the last
    printed place for each sector and for the total (CEADs inventories print nine places).
    """
    final = energy_use.filter(energy_use.flow == flow)
    key = ["series", "region_code", "period", "flow", "fuel", "unit"]
    total = final.filter(final.consumer == ALL_CONSUMERS).select(
        *key, printed=ibis._.quantity, total_origin=ibis._.origin
    )
    enterprise = (final.consumer_kind == ENTERPRISE).fill_null(False)
    parts = final.filter((final.consumer != ALL_CONSUMERS) & ~enterprise)
    own = parts.group_by(key).aggregate(own=parts.quantity.sum(), sectors=parts.count())
    both = total.join(own, key)
    unit = ibis.literal(f"{10.0**-printed_places:.{printed_places}f}").cast(f"decimal(18, {printed_places})")
    return both.mutate(agrees=(both.printed - both.own).abs() * 2 <= unit * (both.sectors + 1))


def flows_of(inputs: Inputs) -> ir.Table:
    """`flows_in_tce` of the dirty regions."""
    return flows_in_tce(
        inputs.table("core.energy_use").semi_join(inputs.dirty, "region_code"),
        *(inputs.table(name) for name in FLOW_REFERENCES),
    )


def build(inputs: Inputs) -> ir.Table:
    """The rows of mart.energy_by_fuel for the dirty regions."""
    return energy_by_fuel(flows_of(inputs))


ENERGY_BY_FUEL_MART = Mart(
    table=ENERGY_BY_FUEL,
    subject="energy",
    scope=("region_code",),
    upstream=(Upstream(f"core.{ENERGY_USE.name}"),),
    build=build,
    reads=FLOW_REFERENCES,
    version=2,
)
