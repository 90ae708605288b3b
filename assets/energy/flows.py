"""Energy records → tonnes of standard coal, record by record, and consumption by scope.

Belongs here: conversion by the factors in use, a measured calorific value before a table value, the
total by sign (final consumption + net input to transformation + losses). Does not belong here:
factors (`assets/standards/standard_coal.yaml`), sums over fuels, GDP.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from assets.energy.standards import CONSUMPTION_SCOPES, ELECTRICITY_BASES
from assets.exact import origin_of
from sources.feeds.economy import FUELS
from sources.registry import codes, text

#: Consumer code of a printed total of all sectors (the feed's own word).
ALL_CONSUMERS = "all"

ENTERPRISE, SECTOR = "enterprise", "sector"

#: Fuels that are totals in standard coal.
TOTALS = tuple(fuel for fuel in FUELS.values if fuel.startswith("total_energy_"))

#: A consumer with the name of a firm is an enterprise, unless its record says what it is.
_FIRM = "(公司|集团|厂)$"

#: Flows that enter consumption; non-energy use stands within them.
_FLOWS = ("final", "transformation", "loss", "total")

#: Physical units of a calorific value: kJ per kilogram or per cubic metre.
_WEIGHED = ("kg", "m3")

SCOPE_COLUMN = text("consumption_scope", "消费口径", "which consumption", required=True, codes=CONSUMPTION_SCOPES)
BASIS_COLUMN = text("electricity_basis", "电力口径", "treatment of electricity", required=True, codes=ELECTRICITY_BASES)
TAKEN_FROM = codes(
    ("printed", "公布合计", "printed total"),
    ("sectors", "分行业合计", "sum of sectors"),
    ("balance", "平衡表计算", "final + transformation + losses, by sign"),
)


def whole_years(table: ir.Table) -> ir.Table:
    """Rows whose `period` is a calendar year, with integer `year`; months and quarters are left out."""
    years = table.filter(table.period.re_search(r"^[0-9]{4}$"))
    return years.mutate(year=years.period.cast("int64"))


def conversions(factors: ir.Table, units: ir.Table) -> ir.Table:
    """Tonnes of standard coal in one unit of a fuel, in a span of years.

    Columns: factor_set, electricity_basis, fuel, unit, year_from, year_to, tce_per_unit.

    Source: the factors' own (GB/T 2589-2008 annex A and others; 1 kgce = 29 307 kJ). A factor of both
    bases gives a row for each; one without a single printed value gives none. A fuel that is reported
    in standard coal already counts as it is; electricity does not, because its basis is then unknown.
    """
    columns = ["factor_set", "fuel", "physical_unit", "kgce", "electricity_basis", "year_from", "year_to"]
    printed = factors.filter(factors.kgce.notnull()).select(*columns)
    counted = factors.filter((factors.electricity_basis == "both") & (factors.physical_unit != "kgce"))
    already = counted.mutate(physical_unit=ibis.literal("kgce"), kgce=ibis.literal("1").cast("decimal(8, 6)")).select(
        *columns
    )
    joined = printed.union(already.distinct()).join(units, "physical_unit")
    per_unit = joined.mutate(tce_per_unit=(joined.kgce * joined.thousands).cast("decimal(12, 6)"))
    return ibis.union(
        *(
            per_unit.filter(per_unit.electricity_basis.isin([basis, "both"])).select(
                "factor_set", "fuel", "unit", "year_from", "year_to", "tce_per_unit",
                electricity_basis=ibis.literal(basis),
            )
            for basis in ELECTRICITY_BASES.values
        )
    )  # fmt: skip


def flows_in_tce(energy_use: ir.Table, factor_sets: ir.Table, factors: ir.Table, units: ir.Table) -> ir.Table:
    """Each record of core.energy_use on each electricity basis, in standard coal; whole years only.

    series, region_code, year, electricity_basis, consumer, kind (all | sector | enterprise), fuel, flow,
    tce (decimal; null where a quantity that is not zero has no factor), converted, measured, factor_set,
    origin. A measured net calorific value ÷ the heat of 1 kgce beats the table value; for other units
    than mass and volume it does not apply. `total_energy_equivalent` counts under the equivalent basis
    only, `total_energy_calorific` under the calorific one.
    """
    used_flows = energy_use.filter(energy_use.flow.isin(_FLOWS))
    years = whole_years(used_flows)
    bases = ibis.union(*(years.mutate(electricity_basis=ibis.literal(basis)) for basis in ELECTRICITY_BASES.values))
    foreign = [(bases.fuel == f"total_energy_{b}") & (bases.electricity_basis != b) for b in ELECTRICITY_BASES.values]
    wanted = bases.filter(~ibis.or_(*foreign))
    used = factor_sets.filter(factor_sets.used_from.notnull()).select(
        "used_from", "used_to", "kj_per_kgce", used_set="factor_set"
    )
    dated = wanted.left_join(
        used, [wanted.year >= used.used_from, used.used_to.isnull() | (wanted.year <= used.used_to)]
    )
    sized = dated.left_join(units, "unit").drop("unit_right")
    per_unit = conversions(factors, units)
    rows = sized.left_join(
        per_unit,
        [
            sized.used_set == per_unit.factor_set,
            sized.electricity_basis == per_unit.electricity_basis,
            sized.fuel == per_unit.fuel,
            sized.unit == per_unit.unit,
            sized.year >= per_unit.year_from,
            per_unit.year_to.isnull() | (sized.year <= per_unit.year_to),
        ],
    )
    zero = rows.quantity == 0
    measured = rows.calorific_value.notnull() & rows.physical_unit.isin(_WEIGHED)
    heat = rows.quantity.cast("float64") * rows.calorific_value.cast("float64") * rows.thousands.cast("float64")
    own = (heat / rows.kj_per_kgce.cast("float64")).cast("decimal(38, 16)")
    table = (rows.quantity * rows.tce_per_unit).cast("decimal(38, 16)")
    said = ibis.cases(
        (rows.consumer == ALL_CONSUMERS, ALL_CONSUMERS), (rows.consumer.re_search(_FIRM), ENTERPRISE), else_=SECTOR
    )
    return rows.select(
        "series", "region_code", "year", "electricity_basis", "consumer", "fuel", "flow", "origin",
        kind=rows.consumer_kind.fill_null(said),
        tce=ibis.cases((zero, ibis.literal("0").cast("decimal(38, 16)")), (measured, own), else_=table),
        converted=zero | measured | rows.tce_per_unit.notnull(),
        measured=measured & ~zero,
        factor_set=rows.used_set,
    )  # fmt: skip


def by_scope(flows: ir.Table, key: Sequence[str]) -> ir.Table:
    """Final and total consumption of each `key` (which holds the fuel), by the flows that are given.

    key, consumption_scope, energy_tce (decimal; null while a part has no factor), taken_from, consumers
    (rows), converted, measured, factor_set, origin. A printed total of all consumers is taken as it
    stands, else the sectors are added. The total is final consumption + transformation (input positive,
    output negative, as printed) + losses where the series gives transformation; else the total as printed.
    """
    printed = flows.consumer == ALL_CONSUMERS
    has_printed = printed.any().over(ibis.window(group_by=[flows[name] for name in (*key, "flow")]))
    rows = flows.mutate(printed=printed, has_printed=has_printed)
    taken = rows.filter(rows.printed | ~rows.has_printed)

    per_flow = _summed(taken, [*key, "flow"], printed=taken.printed.any())
    final = per_flow.filter(per_flow.flow == "final")
    parts = per_flow.filter(per_flow.flow != "total")
    summed = _summed(parts, key, final=(parts.flow == "final").any(), moved=(parts.flow == "transformation").any())
    balance = summed.filter(summed.final & summed.moved)
    total = per_flow.filter(per_flow.flow == "total").anti_join(balance, key)

    def as_printed(rows: ir.Table) -> ir.StringValue:
        return ibis.ifelse(rows.printed, "printed", "sectors")

    columns = (*key, "consumers", "converted", "measured", "factor_set", "origin")
    return ibis.union(
        *(
            rows.select(
                *columns,
                consumption_scope=ibis.literal(scope),
                energy_tce=ibis.ifelse(rows.converted, rows.tce, ibis.null()).cast("decimal(38, 16)"),
                taken_from=taken_from,
            )
            for rows, scope, taken_from in (
                (final, "final", as_printed(final)),
                (total, "total", as_printed(total)),
                (balance, "total", ibis.literal("balance")),
            )
        )
    )


def _summed(rows: ir.Table, key: Sequence[str], **more: ir.Value) -> ir.Table:
    return rows.group_by(key).aggregate(
        tce=rows.tce.sum(),
        consumers=rows.consumers.sum() if "consumers" in rows.columns else rows.count(),
        converted=rows.converted.all(),
        measured=rows.measured.any(),
        factor_set=rows.factor_set.max(),
        origin=origin_of(rows.origin),
        **more,
    )
