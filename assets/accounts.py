"""What economic accounts contribute to the plan: brand producers, emerging industries, support for quality.

Belongs here: the indicators that are a ratio, a change or a sum of accounts. Does not belong here:
energy and GDP (`assets.energy`), base years (the plan), units of money and the preferred publication
(data beside the standards), verdicts.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.contribution import contribution
from assets.energy.flows import whole_years
from assets.energy.series import chosen_series, joint_origin
from assets.plan.tables import plan_statements
from warehouse.marts import Inputs

BRAND_SHARE = "brand_economy_share_growth"
BRAND_VALUE = "brand_value_benefit_rising"
FISCAL_SUPPORT = "fiscal_support_growth"
EMERGING_SHARE = "emerging_industry_pillar"
QUALITY_SPEND = "enterprise_quality_funding_credit"

_BRAND_SALES, _ALL_SALES = "brand_producer_sales", "above_scale_industrial_sales"
_BRAND_OUTPUT, _BRAND_PROFIT = "brand_output_value", "brand_profit"
_SUPPORT, _SPEND, _LOANS = "quality_fiscal_support", "enterprise_quality_spend", "quality_credit_loans"
_EMERGING, _OUTPUT = "emerging_industry_output", "industrial_output"
_ACCOUNTS = (
    _BRAND_SALES, _ALL_SALES, _BRAND_OUTPUT, _BRAND_PROFIT, _SUPPORT, _SPEND, _LOANS, _EMERGING, _OUTPUT,
)  # fmt: skip

#: The accounts that each indicator takes, and whether it takes those of the base year too.
ACCOUNTS_OF: dict[str, tuple[tuple[str, ...], bool]] = {
    BRAND_SHARE: ((_BRAND_SALES, _ALL_SALES), True),
    BRAND_VALUE: ((_BRAND_OUTPUT, _BRAND_PROFIT), True),
    FISCAL_SUPPORT: ((_SUPPORT,), False),
    EMERGING_SHARE: ((_EMERGING, _OUTPUT), False),
    QUALITY_SPEND: ((_SPEND, _LOANS), False),
}

#: Reading of the plan's 价值和效益 (both must rise): see `brand_value_and_profit`.
WORSE_OF_TWO = "worse_of_value_and_profit"


def chosen_accounts(accounts: ir.Table, preference: ir.Table) -> ir.Table:
    """The rows of core.economic_accounts that count, whole years with `year`: one series per account, region, year."""
    wanted = whole_years(accounts.filter(accounts.account.isin(_ACCOUNTS)))
    return ibis.union(
        *(
            chosen_series(wanted.filter(wanted.account == name), preference, name, ["region_code", "year", "account"])
            for name in _ACCOUNTS
        )
    )


def account_years(accounts: ir.Table, money_units: ir.Table, preference: ir.Table) -> ir.Table:
    """region_code, year and, for each account of this module, its figure in 10^4 yuan (double) and origin_….

    From core.economic_accounts, whole years, one series per account, region and year; null where there is
    none. Money in another unit than those of standard.money_unit is not used.
    """
    chosen = chosen_accounts(accounts, preference)
    priced = chosen.join(money_units, "unit")
    amount = (priced.value * priced.in_10k_yuan).cast("float64")
    priced = priced.mutate(amount=amount)
    return priced.group_by("region_code", "year").aggregate(
        **{name: priced.amount.max(where=priced.account == name) for name in _ACCOUNTS},
        **{f"origin_{name}": priced.origin.max(where=priced.account == name) for name in _ACCOUNTS},
    )


def _said(number: ir.NumericValue) -> ir.StringValue:
    return number.round(2).cast("decimal(18, 2)").cast("string")


def _at_base(years: ir.Table, indicators: ir.Table, indicator: str, columns: tuple[str, ...]) -> ir.Table:
    """`years` after the base year that a plan sets, with plan, base_year and the `columns` of that year as base_…."""
    asked = indicators.filter(indicators.indicator == indicator).select("plan", "base_year")
    later = years.cross_join(asked).filter(lambda t: t.year > t.base_year)
    base = years.select("region_code", base_year="year", **{f"base_{name}": name for name in columns})
    joined = later.left_join(base, ["region_code", "base_year"])
    return joined.drop("region_code_right", "base_year_right")


def brand_share_growth(years: ir.Table, indicators: ir.Table) -> ir.Table:
    """Rows of CONTRIBUTION: (share_t − share_base) ÷ years since the base, in points a year.

    share = 100 · sales of brand producers ÷ sales of above-scale industry (reading 15 of the plan). Null
    with the reason without the share of the base year.
    """
    shares = years.mutate(share=years[_BRAND_SALES] * 100 / years[_ALL_SALES].nullif(0)).mutate(
        joint=joint_origin(years[f"origin_{_BRAND_SALES}"], years[f"origin_{_ALL_SALES}"])
    )
    rows = _at_base(shares, indicators, BRAND_SHARE, ("share", "joint")).filter(lambda t: t.share.notnull())
    value = (rows.share - rows.base_share) / (rows.year - rows.base_year)
    base = rows.base_year.cast("string")
    return contribution(
        rows.mutate(
            indicator=ibis.literal(BRAND_SHARE),
            definition=ibis.literal("default"),
            headline=ibis.literal(True),
            value=value,
            unit=ibis.literal("points"),
            complete=value.notnull(),
            basis="brand producers' sales are " + _said(rows.share) + " % of above-scale industrial sales; "
            + ibis.ifelse(
                rows.base_share.isnull(), "no share of " + base, _said(rows.base_share) + " % in " + base
            ),
            origin=joint_origin(rows.joint, rows.base_joint),
        )
    )  # fmt: skip


def brand_value_and_profit(years: ir.Table, indicators: ir.Table) -> ir.Table:
    """Rows of CONTRIBUTION: the smaller of output value and profit of branded products, base year = 100.

    The plan asks that value and benefit rise, so the worse one decides. The base year has a row of 100.
    Incomplete while one of the two is missing: it can then prove a fall and not a rise.
    """
    parts = (_BRAND_OUTPUT, _BRAND_PROFIT)
    with_origin = (*parts, *(f"origin_{name}" for name in parts))
    rows = _at_base(years, indicators, BRAND_VALUE, with_origin)
    output, profit = (rows[name] * 100 / rows[f"base_{name}"].nullif(0) for name in parts)
    rows = rows.mutate(output=output, profit=profit)
    base = rows.select("plan", "region_code", "base_year", *(f"base_{name}" for name in with_origin)).distinct()
    own = base.select(
        "plan",
        "region_code",
        "base_year",
        year="base_year",
        output=ibis.ifelse(base[f"base_{_BRAND_OUTPUT}"] > 0, 100.0, ibis.null("float64")),
        profit=ibis.ifelse(base[f"base_{_BRAND_PROFIT}"] > 0, 100.0, ibis.null("float64")),
        origin=joint_origin(*(base[f"base_origin_{name}"] for name in parts)),
    )
    origin = joint_origin(*(rows[f"{side}origin_{name}"] for name in parts for side in ("", "base_")))
    both = rows.select(*(c for c in own.columns if c != "origin"), origin=origin).union(own)
    known = both.filter(ibis.coalesce(both.output, both.profit).notnull())
    words = [
        zh + ibis.coalesce(_said(known[name]), ibis.literal("missing"))
        for zh, name in (("output value ", "output"), ("profit ", "profit"))
    ]
    return contribution(
        known.mutate(
            indicator=ibis.literal(BRAND_VALUE),
            definition=ibis.literal(WORSE_OF_TWO),
            headline=ibis.literal(True),
            value=ibis.least(known.output, known.profit),
            unit=ibis.literal("index"),
            complete=known.output.notnull() & known.profit.notnull(),
            basis="branded products, " + known.base_year.cast("string") + " = 100: " + words[0] + ", " + words[1]
            + "; the smaller counts",
        )
    )  # fmt: skip


def plain_accounts(years: ir.Table) -> ir.Table:
    """Rows of CONTRIBUTION for what is a figure or a share of two figures of one year.

    Fiscal support in 10^4 yuan; the share of emerging industries in industrial output, %; enterprises'
    spending on quality in 10^4 yuan, with the loans named in `basis`.
    """
    share = years[_EMERGING] * 100 / years[_OUTPUT].nullif(0)
    loans = years[_LOANS]
    parts = (
        (FISCAL_SUPPORT, years[_SUPPORT], "10^4 yuan", ibis.literal("fiscal support for quality work"), (_SUPPORT,)),
        (EMERGING_SHARE, share, "%", ibis.literal("output value of emerging industries of all above-scale industry"),
         (_EMERGING, _OUTPUT)),
        (QUALITY_SPEND, years[_SPEND], "10^4 yuan",
         "spending of enterprises on quality; loans for quality work "
         + ibis.ifelse(loans.isnull(), "not reported", _said(loans) + " 10^4 yuan"), (_SPEND, _LOANS)),
    )  # fmt: skip
    return ibis.union(
        *(
            contribution(
                years.mutate(
                    indicator=ibis.literal(indicator),
                    definition=ibis.literal("default"),
                    headline=ibis.literal(True),
                    value=value,
                    unit=ibis.literal(unit),
                    complete=ibis.literal(True),
                    basis=basis,
                    origin=joint_origin(*(years[f"origin_{name}"] for name in accounts)),
                ).filter(ibis._.value.notnull())
            )
            for indicator, value, unit, basis, accounts in parts
        )
    )


def account_contribution(inputs: Inputs) -> ir.Table:
    """The contribution of economic accounts, from the warehouse."""
    indicators = plan_statements(inputs)
    years = account_years(
        inputs.table("core.economic_accounts"),
        inputs.table("standard.money_unit"),
        inputs.table("standard.economy_series_preference"),
    )
    return ibis.union(
        brand_share_growth(years, indicators), brand_value_and_profit(years, indicators), plain_accounts(years)
    )
