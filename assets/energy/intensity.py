"""mart.energy_per_10k_gdp: energy per 10 000 yuan of GDP, its yearly change and its fall from the base year.

Belongs here: the ratio, what may be compared with what, compounding. Does not belong here: totals of
energy (`assets.energy.totals`), GDP (`assets.energy.gdp`), verdicts.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.energy.choices import ECONOMY_SERIES, PLAUSIBLE_RANGE, PUBLISHED_ROUNDING, Choices, accounting_choices
from assets.energy.compounding import progress_to_target, running_product, yearly_pace
from assets.energy.flows import BASIS_COLUMN, SCOPE_COLUMN
from assets.energy.gdp import CURRENT_ACCOUNT, INDEX_ACCOUNT, gdp_by_price_base
from assets.energy.series import chosen_series, joint_origin
from assets.energy.standards import ACCOUNTING_FILE, PRICE_BASE, section
from assets.energy.totals import energy_totals
from assets.exact import half_even_div, unscaled
from assets.plan.last_target import LAST_TARGET_READS, last_target
from sources.registry import MART_ORIGIN, Table, boolean, decimal, double, integer, text
from warehouse.marts import Inputs, Mart, Upstream

ENERGY_INDICATOR = "energy_per_gdp_reduction"

#: Digits after the point that are kept of logarithms and roots: libraries differ in the last of a double.
_DIGITS = 6

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
        decimal(
            "published_intensity", 14, 6, "公布口径强度", "the ratio with the published digits", unit="tce/10^4 yuan"
        ),
        double("change_pct", "比上年变动", "change from the year before (negative = fall)", unit="%"),
        decimal(
            "published_change_pct",
            12,
            4,
            "公布口径变动",
            "change of the rounded ratios, rounded as it is published",
            unit="%",
        ),
        double(
            "reduction_pct",
            "比基年下降",
            "fall from the base year; empty without a comparable base year",
            unit="%",
        ),
        double(
            "compounded_reduction_pct",
            "累计下降（连乘）",
            "1 − Π(1 + published change): the official way; empty while a year since the base is missing",
            unit="%",
        ),
        double("progress_pct", "目标进度", "ln(1 − fall) ÷ ln(1 − target), for the plan's region", unit="%"),
        double("yearly_pace_pct", "尚需年均降幅", "equal yearly fall still needed; negative when surpassed", unit="%"),
        text("gdp_series", "GDP序列", "publication of GDP, and of the indices"),
        text("gdp_scope", "GDP口径", "what GDP counts, and which revision it carries"),
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


def intensity(totals: ir.Table, gdp: ir.Table, preference: ir.Table, targets: ir.Table, choices: Choices) -> ir.Table:
    """Columns of ENERGY_PER_10K_GDP from `energy_totals` and `gdp_by_price_base`.

    change_pct = ((E_t/G_t) ÷ (E_{t−1}/G_{t−1}) − 1)·100; reduction_pct = (1 − (E_t/G_t) ÷ (E_0/G_0))·100
    with 0 = the base year, from unrounded intensities. The published change is that of the rounded
    intensities, rounded itself (method of the regional energy bulletins); published changes compound.
    Years are compared only when their energy comes from one publication, one method and one set of
    factors, and never across scopes or bases. A ratio outside the plausible range gives no value.
    `targets`: region_code, target (%), target_year.
    """
    per = ["region_code", "year", "consumption_scope", "electricity_basis"]
    energy = chosen_series(totals, preference, "energy", per)
    bases = ibis.union(*(energy.mutate(price_base=ibis.literal(base)) for base in choices.price_bases))
    priced = bases.left_join(
        gdp.mutate(gdp_origin=gdp.origin).drop("origin"), ["region_code", "year", "price_base"]
    ).drop("region_code_right", "year_right", "price_base_right")
    ratio = priced.energy_tce.cast("float64") / priced.gdp_10k_yuan.nullif(0)
    plausible = ratio.between(choices.lowest, choices.highest)
    rows = priced.mutate(
        raw_ratio=ratio,
        implausible=ratio.notnull() & ~plausible,
        tce_per_10k_yuan=ibis.ifelse(plausible, ratio, ibis.null()),
        row_origin=joint_origin(priced.origin, priced.gdp_origin),
    )
    rows = rows.mutate(
        ready=rows.energy_complete & rows.tce_per_10k_yuan.notnull(),
        stated=_stated(rows, choices.intensity_places),
    )
    compared = (
        _compounded(_compared(rows, choices), choices).left_join(targets, "region_code").drop("region_code_right")
    )
    remaining, target = compared.remaining, compared.target / 100
    return compared.select(
        "region_code", "year", "consumption_scope", "electricity_basis", "price_base", "gdp_10k_yuan",
        "tce_per_10k_yuan", "gdp_series", "gdp_scope", "factor_set",
        energy_tce=compared.energy_tce.cast("float64"),
        published_intensity=unscaled(compared.stated, choices.intensity_places, 14, 6),
        change_pct=(compared.tce_per_10k_yuan / compared.ratio_before.nullif(0) - 1) * 100,
        published_change_pct=unscaled(compared.stated_change, choices.change_places, 12, 4),
        reduction_pct=(1 - compared.tce_per_10k_yuan / compared.ratio_base.nullif(0)) * 100,
        compounded_reduction_pct=(1 - remaining) * 100,
        progress_pct=(progress_to_target(remaining, target) * 100).round(_DIGITS),
        yearly_pace_pct=(yearly_pace(target, compared.target_year - compared.year, remaining) * 100).round(_DIGITS),
        energy_series=compared.series,
        energy_method=compared.method,
        complete=compared.ready & (compared.ratio_base.isnull() | compared.ready_base),
        basis=_basis(compared, choices),
        origin=joint_origin(compared.row_origin, compared.origin_before, compared.origin_base),
    ).select(*ENERGY_PER_10K_GDP.names)  # fmt: skip


def _stated(rows: ir.Table, places: int) -> ir.IntegerValue:
    """The ratio with the published digits, as an integer of the last one; energy to 0.01 tce, GDP to 10^4 yuan."""
    hundredths = (rows.energy_tce.cast("decimal(20, 2)") * 100).cast("int64")
    money = rows.gdp_10k_yuan.round().cast("int64")
    stated = half_even_div(hundredths * 10**places, (money * 100).nullif(0))
    return ibis.ifelse(rows.tce_per_10k_yuan.notnull(), stated, ibis.null())


def _alike(rows: ir.Table) -> list[ir.Value]:
    return [rows[name] for name in (*_KEY, "series", "method", "factor_set")]


def _compared(rows: ir.Table, choices: Choices) -> ir.Table:
    """With the year before and the base year beside each row, where they may be compared."""
    whole = ibis.window(group_by=_alike(rows))
    ordered = ibis.window(group_by=_alike(rows), order_by=rows.year)
    follows = rows.year.lag(1).over(ordered) == rows.year - 1
    at_base = (rows.year == choices.base_year) & rows.tce_per_10k_yuan.notnull()

    def before(name: str) -> ir.Value:
        return ibis.ifelse(follows, rows[name].lag(1).over(ordered), ibis.null())

    stated_before = before("stated").nullif(0)
    scale = 10 ** (choices.change_places + 2)
    return rows.mutate(
        ratio_before=before("tce_per_10k_yuan"),
        origin_before=before("row_origin"),
        stated_change=half_even_div((rows.stated - stated_before) * scale, stated_before),
        ratio_base=ibis.ifelse(at_base, rows.tce_per_10k_yuan, ibis.null()).max().over(whole),
        origin_base=ibis.ifelse(at_base, rows.row_origin, ibis.null()).max().over(whole),
        ready_base=(at_base & rows.ready).any().over(whole),
    )


def _compounded(rows: ir.Table, choices: Choices) -> ir.Table:
    """With `remaining` = Π(1 + published change) since the base year; null while a year is missing."""
    since = rows.year > choices.base_year
    changed = since & rows.stated_change.notnull()
    left = 1 + rows.stated_change.cast("float64") / 10 ** (choices.change_places + 2)
    so_far = ibis.window(rows=(None, 0), group_by=_alike(rows), order_by=rows.year)
    links = changed.cast("int64").sum().over(so_far)
    product = running_product(ibis.ifelse(changed, left, 1.0), _alike(rows), rows.year, choices.longest_chain)
    years = rows.year - choices.base_year
    sound = (links == years) & rows.ratio_base.notnull() & (years <= choices.longest_chain)
    return rows.mutate(links=links, product=product, sound=sound).mutate(
        remaining=ibis.ifelse(ibis._.sound, ibis._.product, ibis.null("float64"))
    )


def _basis(rows: ir.Table, choices: Choices) -> ir.StringValue:
    no_gdp = ibis.ifelse(
        rows.price_base == "current",
        "; no GDP of this year",
        "; no GDP at prices of " + rows.price_base + ": it needs GDP of that year and the index of every year since",
    )
    no_base = f"; no comparable figure of {choices.base_year} (same publication and method)"
    incomplete_base = f"; the figure of {choices.base_year} is incomplete"
    slip = (
        "; no value: "
        + rows.raw_ratio.cast("decimal(24, 6)").cast("string")
        + f" tce per 10^4 yuan lies outside {choices.lowest}-{choices.highest}; is a unit of energy or GDP wrong by "
        + "10^4 (万 for 亿)?"
    )
    return (
        rows.series
        + ": "
        + rows.energy_basis
        + ibis.ifelse(rows.gdp_10k_yuan.isnull(), no_gdp, "; GDP " + rows.gdp_series)
        + ibis.cases(
            (rows.implausible, slip),
            (rows.ratio_base.isnull(), no_base),
            (~rows.ready_base, incomplete_base),
            else_="",
        )
    )


def build(inputs: Inputs) -> ir.Table:
    """The rows of mart.energy_per_10k_gdp for the dirty regions."""
    dirty, preference = inputs.dirty, inputs.table("standard.economy_series_preference")
    totals = energy_totals(
        inputs.table("mart.energy_by_fuel").semi_join(dirty, "region_code"),
        inputs.table("standard.standard_coal_factor"),
    )
    accounts = inputs.table("core.economic_accounts").semi_join(dirty, "region_code")
    gdp = gdp_by_price_base(
        accounts,
        inputs.table("standard.money_unit"),
        preference,
        inputs.table(ECONOMY_SERIES.name),
        section(PRICE_BASE, "price_bases", ACCOUNTING_FILE).to_dicts(),
    )
    return intensity(totals, gdp, preference, last_target(inputs, ENERGY_INDICATOR), accounting_choices())


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
        ECONOMY_SERIES.name,
        PUBLISHED_ROUNDING.name,
        PLAUSIBLE_RANGE.name,
        *LAST_TARGET_READS,
    ),
    version=2,
)
