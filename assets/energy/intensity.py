"""mart.energy_per_10k_gdp: energy per 10 000 yuan of GDP, its yearly change and its fall from the base year.

Belongs here: totals of energy, the ratio, what may be compared with what. Does not belong here:
conversion to standard coal (`assets.energy.fuels`), GDP (`assets.energy.gdp`), verdicts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

from assets.energy.fuels import BASIS_COLUMN, SCOPE_COLUMN
from assets.energy.gdp import CURRENT_ACCOUNT, INDEX_ACCOUNT, gdp_constant, gdp_current
from assets.energy.series import chosen_series, joint_origin
from assets.energy.standards import ACCOUNTING_FILE, ENERGY_DEFINITION, PRICE_BASE, section
from assets.exact import origin_of
from sources.feeds.economy import FUELS
from sources.registry import MART_ORIGIN, Table, boolean, double, integer, text
from warehouse.marts import Inputs, Mart, Upstream

_TOTALS = [fuel for fuel in FUELS.values if fuel.startswith("total_energy_")]
_KEY = ["region_code", "consumption_scope", "electricity_basis", "price_base"]

ENERGY_PER_10K_GDP = Table(
    "mart.energy_per_10k_gdp",
    "万元GDP能耗",
    "Energy per 10 000 yuan of GDP, with its yearly change and its fall from the base year",
    (
        text("region_code", "行政区划代码", "region", required=True),
        integer("year", "年份", "calendar year", required=True),
        SCOPE_COLUMN,
        BASIS_COLUMN,
        text("price_base", "价格基准", "current, or the year whose prices are used", required=True),
        double(
            "energy_tce",
            "能源消费量",
            "energy in standard coal; empty when it cannot be computed, see basis",
            unit="tce",
        ),
        double("gdp_10k_yuan", "地区生产总值", "GDP at the price base", unit="10^4 yuan"),
        double("tce_per_10k_yuan", "万元GDP能耗", "energy per 10 000 yuan of GDP", unit="tce/10^4 yuan"),
        double("change_pct", "比上年变动", "change from the year before (negative = fall)", unit="%"),
        double(
            "reduction_pct",
            "比基年下降",
            "fall from the base year; empty without a comparable base year",
            unit="%",
        ),
        text("gdp_series", "GDP序列", "publication of GDP, and of the indices"),
        text("energy_series", "能源序列", "publication of the energy figures", required=True),
        text("energy_method", "能源取数", "printed total in standard coal, or fuels converted", required=True),
        text("factor_set", "折标系数集", "set of standard-coal factors; empty for a printed total"),
        boolean("complete", "完整", "every fuel and GDP are there, in the base year too", required=True),
        text("basis", "依据", "in words: what the value rests on, or why there is none", required=True),
        MART_ORIGIN,
    ),
    ("region_code", "year", "consumption_scope", "electricity_basis", "price_base"),
    warnings=("final consumption lies far below the official measure, which is total consumption",),
)


def energy_totals(by_fuel: ir.Table, factors: ir.Table) -> ir.Table:
    """One total per series, region, year, scope and basis from mart.energy_by_fuel.

    series, region_code, year, consumption_scope, electricity_basis, energy_tce (decimal), method
    (printed total | fuels), factor_set, energy_complete, energy_basis, origin. A total that the
    publication prints in standard coal is taken before our sum of fuels. The sum is complete when
    every fuel for which the set has a factor is reported; it is empty when a fuel has none.
    """
    key = ["series", "region_code", "year", "consumption_scope", "electricity_basis"]
    rows = by_fuel.mutate(is_total=by_fuel.fuel.isin(_TOTALS))
    has_total = rows.is_total.any().over(ibis.window(group_by=[rows[name] for name in key]))
    taken = rows.mutate(has_total=has_total).filter(ibis._.is_total == ibis._.has_total)
    sums = taken.group_by(key).aggregate(
        energy_tce=taken.energy_tce.sum(),
        printed=taken.is_total.any(),
        fuels=taken.fuel.nunique(),
        converted=taken.converted.all(),
        unconverted=taken.fuel.group_concat(", ", where=~taken.converted, order_by=taken.fuel),
        sectors=(taken.taken_from == "sectors").any(),
        factor_set=taken.factor_set.max(),
        origin=origin_of(taken.origin),
    )
    convertible = factors.filter(factors.kgce.notnull() & ~factors.fuel.isin(_TOTALS))
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
        + ibis.ifelse(known.sectors, "sum of sectors", "totals as printed")
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


def gdp_by_price_base(
    accounts: ir.Table, money_units: ir.Table, preference: ir.Table, price_bases: Sequence[Mapping[str, Any]]
) -> ir.Table:
    """GDP of every price base: region_code, year, price_base, gdp_10k_yuan (double), gdp_series, origin."""
    current = gdp_current(accounts, money_units, preference)
    columns = ["region_code", "year", "gdp_10k_yuan", "gdp_series", "origin"]
    at_current = current.mutate(gdp_10k_yuan=current.gdp_10k_yuan.cast("float64"), gdp_series=current.series)
    return ibis.union(
        *(
            (
                at_current
                if entry["base_year"] is None
                else gdp_constant(current, accounts, preference, entry["base_year"], entry["longest_chain"])
            ).select(*columns, price_base=ibis.literal(entry["price_base"]))
            for entry in price_bases
        )
    )


def intensity(
    totals: ir.Table,
    gdp: ir.Table,
    preference: ir.Table,
    price_bases: Sequence[Mapping[str, Any]],
    base_year: int,
) -> ir.Table:
    """Columns of ENERGY_PER_10K_GDP from `energy_totals` and `gdp_by_price_base`.

    change_pct = ((E_t/G_t) ÷ (E_{t−1}/G_{t−1}) − 1)·100; reduction_pct = (1 − (E_t/G_t) ÷ (E_0/G_0))·100
    with 0 = `base_year` (method of the regional energy bulletins), from unrounded intensities. Years
    are compared only when their energy comes from one publication, one method and one set of factors.
    """
    per = ["region_code", "year", "consumption_scope", "electricity_basis"]
    energy = chosen_series(totals, preference, "energy", per)
    bases = ibis.union(*(energy.mutate(price_base=ibis.literal(entry["price_base"])) for entry in price_bases))
    priced = bases.left_join(
        gdp.mutate(gdp_origin=gdp.origin).drop("origin"), ["region_code", "year", "price_base"]
    ).drop("region_code_right", "year_right", "price_base_right")
    ratio = priced.energy_tce.cast("float64") / priced.gdp_10k_yuan.nullif(0)
    rows = priced.mutate(
        tce_per_10k_yuan=ratio,
        ready=priced.energy_complete & ratio.notnull(),
        row_origin=joint_origin(priced.origin, priced.gdp_origin),
    )
    alike = [rows[name] for name in (*_KEY, "series", "method", "factor_set")]
    whole, ordered = ibis.window(group_by=alike), ibis.window(group_by=alike, order_by=rows.year)
    follows = rows.year.lag(1).over(ordered) == rows.year - 1
    at_base = (rows.year == base_year) & rows.tce_per_10k_yuan.notnull()
    compared = rows.mutate(
        ratio_before=ibis.ifelse(follows, rows.tce_per_10k_yuan.lag(1).over(ordered), ibis.null()),
        origin_before=ibis.ifelse(follows, rows.row_origin.lag(1).over(ordered), ibis.null()),
        ratio_base=ibis.ifelse(at_base, rows.tce_per_10k_yuan, ibis.null()).max().over(whole),
        origin_base=ibis.ifelse(at_base, rows.row_origin, ibis.null()).max().over(whole),
        ready_base=(at_base & rows.ready).any().over(whole),
    )
    return compared.select(
        "region_code",
        "year",
        "consumption_scope",
        "electricity_basis",
        "price_base",
        "gdp_10k_yuan",
        "tce_per_10k_yuan",
        "gdp_series",
        "factor_set",
        energy_tce=compared.energy_tce.cast("float64"),
        change_pct=(compared.tce_per_10k_yuan / compared.ratio_before.nullif(0) - 1) * 100,
        reduction_pct=(1 - compared.tce_per_10k_yuan / compared.ratio_base.nullif(0)) * 100,
        energy_series=compared.series,
        energy_method=compared.method,
        complete=compared.ready & (compared.ratio_base.isnull() | compared.ready_base),
        basis=_basis(compared, base_year),
        origin=joint_origin(compared.row_origin, compared.origin_before, compared.origin_base),
    ).select(*ENERGY_PER_10K_GDP.names)


def _basis(rows: ir.Table, base_year: int) -> ir.StringValue:
    no_gdp = ibis.ifelse(
        rows.price_base == "current",
        "; no GDP of this year",
        "; no GDP at prices of " + rows.price_base + ": it needs GDP of that year and the index of every year since",
    )
    no_base = f"; no comparable figure of {base_year} (same publication and method)"
    incomplete_base = f"; the figure of {base_year} is incomplete"
    return (
        rows.series
        + ": "
        + rows.energy_basis
        + ibis.ifelse(rows.gdp_10k_yuan.isnull(), no_gdp, "; GDP " + rows.gdp_series)
        + ibis.cases(
            (rows.ratio_base.isnull(), no_base),
            (~rows.ready_base, incomplete_base),
            else_="",
        )
    )


def build(inputs: Inputs) -> ir.Table:
    """The rows of mart.energy_per_10k_gdp for the dirty regions."""
    dirty, preference = inputs.dirty, inputs.table("standard.economy_series_preference")
    price_bases = section(PRICE_BASE, "price_bases", ACCOUNTING_FILE).to_dicts()
    (base_year,) = set(section(ENERGY_DEFINITION, "energy_definitions", ACCOUNTING_FILE)["base_year"])
    totals = energy_totals(
        inputs.table("mart.energy_by_fuel").semi_join(dirty, "region_code"),
        inputs.table("standard.standard_coal_factor"),
    )
    accounts = inputs.table("core.economic_accounts").semi_join(dirty, "region_code")
    gdp = gdp_by_price_base(accounts, inputs.table("standard.money_unit"), preference, price_bases)
    return intensity(totals, gdp, preference, price_bases, base_year)


ENERGY_PER_10K_GDP_MART = Mart(
    table=ENERGY_PER_10K_GDP,
    subject="energy",
    scope=("region_code",),
    upstream=(
        Upstream("mart.energy_by_fuel"),
        Upstream("core.economic_accounts", where=f"account IN ('{CURRENT_ACCOUNT}', '{INDEX_ACCOUNT}')"),
    ),
    build=build,
    reads=(
        "standard.standard_coal_factor",
        "standard.money_unit",
        "standard.price_base",
        "standard.energy_definition",
        "standard.economy_series_preference",
    ),
)
