"""GDP at current and at constant prices.

Belongs here: units of money, the chain of indices from the base year. Does not belong here: the base
year itself (`assets/standards/energy_accounting.yaml`), energy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

from assets.energy.compounding import running_product
from assets.energy.flows import whole_years
from assets.energy.series import chosen_series, joint_origin

CURRENT_ACCOUNT = "gdp_current"
INDEX_ACCOUNT = "gdp_index_previous_year"


def gdp_current(accounts: ir.Table, money_units: ir.Table, preference: ir.Table) -> ir.Table:
    """GDP at current prices: region_code, year, gdp_10k_yuan (decimal), series, origin.

    From core.economic_accounts, whole years, one series per region and year.
    """
    rows = whole_years(accounts.filter(accounts.account == CURRENT_ACCOUNT))
    current = rows.filter(rows.price_base.isnull() | (rows.price_base == "current"))
    chosen = chosen_series(current, preference, CURRENT_ACCOUNT, ["region_code", "year"])
    priced = chosen.join(money_units, "unit")
    return priced.select("region_code", "year", "series", "origin", gdp_10k_yuan=priced.value * priced.in_10k_yuan)


def chained(indices: ir.Table, base_year: ir.IntegerValue | int, longest: int) -> ir.Table:
    """The volume of each year in terms of the base year: region_code, year, factor, links, series, origin.

    `indices`: region_code, year, value (previous year = 100), series, origin, one row per region and
    year. factor = Π value/100 over the years after `base_year`; a year is there only when every index
    since the base year is, and at most `longest` years after it.
    """
    after = indices.filter((indices.year > base_year) & (indices.year <= base_year + longest))
    so_far = ibis.window(rows=(None, 0), group_by=after.region_code, order_by=after.year)
    ratio = after.value.cast("float64") / 100
    first, last = after.series.min().over(so_far), after.series.max().over(so_far)
    chain = after.mutate(
        factor=running_product(ratio, [after.region_code], after.year, longest),
        links=after.count().over(so_far),
        series=ibis.ifelse(first == last, first, "several series"),
        origin=joint_origin(after.origin.min().over(so_far), after.origin.max().over(so_far)),
    )
    unbroken = chain.filter(chain.links == chain.year - base_year)
    return unbroken.select("region_code", "year", "factor", "links", "series", "origin")


def gdp_constant(current: ir.Table, accounts: ir.Table, preference: ir.Table, base_year: int, longest: int) -> ir.Table:
    """GDP at prices of `base_year`: region_code, year, gdp_10k_yuan (double), gdp_series, level_series, origin.

    GDP of the base year × Π(index/100) (practice of the statistics bureaus for 万元GDP能耗); never
    deflated by a price index of consumption. Years without a complete chain have no row.
    """
    rows = whole_years(accounts.filter(accounts.account == INDEX_ACCOUNT))
    indices = chosen_series(rows, preference, INDEX_ACCOUNT, ["region_code", "year"])
    base = current.filter(current.year == base_year).select(
        "region_code", base_gdp="gdp_10k_yuan", base_series="series", base_origin="origin"
    )
    chain = chained(indices, base_year, longest).join(base, "region_code")
    later = chain.select(
        "region_code",
        "year",
        gdp_10k_yuan=chain.base_gdp.cast("float64") * chain.factor,
        gdp_series=chain.base_series + " × index of " + chain.series,
        level_series=chain.base_series,
        origin=joint_origin(chain.origin, chain.base_origin),
    )
    in_base_year = base.select(
        "region_code",
        year=ibis.literal(base_year, "int64"),
        gdp_10k_yuan=base.base_gdp.cast("float64"),
        gdp_series="base_series",
        level_series="base_series",
        origin="base_origin",
    )
    return later.union(in_base_year)


def gdp_by_price_base(
    accounts: ir.Table,
    money_units: ir.Table,
    preference: ir.Table,
    described: ir.Table,
    price_bases: Sequence[Mapping[str, Any]],
) -> ir.Table:
    """GDP of every price base: region_code, year, price_base, gdp_10k_yuan (double), gdp_series, gdp_scope, origin.

    `gdp_scope` says in words what the level counts and which revision it carries (`standard.economy_series`).
    """
    current = gdp_current(accounts, money_units, preference)
    columns = ["region_code", "year", "gdp_10k_yuan", "gdp_series", "level_series", "origin"]
    at_current = current.mutate(
        gdp_10k_yuan=current.gdp_10k_yuan.cast("float64"), gdp_series=current.series, level_series=current.series
    )
    priced = ibis.union(
        *(
            (
                at_current
                if entry["base_year"] is None
                else gdp_constant(current, accounts, preference, entry["base_year"], entry["longest_chain"])
            ).select(*columns, price_base=ibis.literal(entry["price_base"]))
            for entry in price_bases
        )
    )
    words = described.filter(described.item == CURRENT_ACCOUNT).select(
        level_series="series", gdp_scope=described.scope_en + "; revision: " + described.revision
    )
    return priced.left_join(words, "level_series").drop("level_series", "level_series_right")
