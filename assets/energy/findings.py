"""mart.economy_finding: what does not hold in energy, GDP and emissions, in words.

Belongs here: sums, balances, signs, jumps, slips of ten thousand, growth against its index. Does not
belong here: refusing records (`checks.economy`), plausible ranges (`assets/standards/`). A finding changes
no figure; `mart.energy_per_10k_gdp` alone gives no value where a ratio is impossible.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from assets.energy.choices import OUTPUT_SIGN, PLAUSIBLE_RANGE
from assets.energy.flows import ALL_CONSUMERS, whole_years
from assets.energy.fuels import sector_sum_check
from assets.energy.gdp import CURRENT_ACCOUNT, INDEX_ACCOUNT
from assets.energy.totals import energy_totals
from sources.registry import MART_ORIGIN, SERIES, Table, codes, double, integer, text
from warehouse.marts import Inputs, Mart, Upstream

CHECKS = codes(
    ("sector_sum", "分项与合计不符", "parts do not sum to the printed total"),
    ("balance", "平衡关系不符", "the printed total is not final + transformation + losses"),
    ("sign", "正负号", "a sign that the flow cannot have"),
    ("unit_slip", "单位差一万倍", "ten thousand times the year before, or a ten-thousandth"),
    ("jump", "年度突变", "a yearly change outside the plausible range"),
    ("gdp_index", "现价增长与指数不符", "growth at current prices does not fit the index"),
)

ECONOMY_FINDING = Table(
    "mart.economy_finding",
    "能源经济数据核查",
    "What does not hold in energy, economic accounts and emissions",
    (
        SERIES,
        text("region_code", "行政区划代码", "region", required=True),
        integer("year", "年份", "calendar year", required=True),
        text("check", "核查项", "what does not hold", required=True, codes=CHECKS),
        text("item", "对象", "what it is about: fuel, account, pollutant, with its part", required=True),
        double("found", "实际", "figure found, in `unit`", required=True),
        double("expected", "应为", "figure that it is held against", required=True),
        text("unit", "单位", "unit of both figures"),
        text("statement", "说明（英文）", "the finding in words", required=True),
        text("statement_zh", "说明", "the finding in Chinese", required=True),
        MART_ORIGIN,
    ),
    ("series", "region_code", "year", "check", "item"),
)

#: Printed quantities carry nine digits after the point; a difference of their rounding is none.
_DUST = 1e-6

_PLACE = ("series", "region_code", "year")


def _finding(rows: ir.Table, check: str, en: ir.StringValue, zh: ir.StringValue) -> ir.Table:
    shaped = rows.mutate(
        check=ibis.literal(check),
        found=rows.found.cast("float64"),
        expected=rows.expected.cast("float64"),
        statement=en,
        statement_zh=zh,
    )
    return shaped.select(*ECONOMY_FINDING.names)


def _said(number: ir.NumericValue) -> ir.StringValue:
    return number.cast("decimal(28, 4)").cast("string").re_replace(r"\.?0+$", "")


def sums(energy_use: ir.Table) -> ir.Table:
    """Sectors of final consumption, and processes of transformation, that do not sum to what is printed."""
    wrong = ibis.union(*(sector_sum_check(energy_use, flow=flow) for flow in ("final", "transformation")))
    rows = whole_years(wrong.filter(~wrong.agrees))
    named = rows.mutate(
        item=rows.flow + " " + rows.fuel, found=rows.printed, expected=rows.own, origin=rows.total_origin
    )
    parts, total = named.sectors.cast("string"), _said(named.printed)
    return _finding(
        named,
        "sector_sum",
        parts + " parts of " + named.item + " sum to " + _said(named.own) + " " + named.unit + "; printed is " + total,
        named.item + "：" + parts + "项之和为" + _said(named.own) + "，公布合计为" + total,
    )


def balances(energy_use: ir.Table) -> ir.Table:
    """Printed totals of a fuel that are not final consumption + transformation + losses."""
    whole = whole_years(energy_use.filter(energy_use.consumer == ALL_CONSUMERS))
    quantity = whole.quantity.cast("float64")
    sides = whole.group_by([*_PLACE, "fuel", "unit"]).aggregate(
        found=quantity.sum(where=whole.flow == "total"),
        moved=quantity.sum(where=whole.flow.isin(["final", "transformation"])),
        lost=quantity.sum(where=whole.flow == "loss").fill_null(0.0),
        complete=whole.flow.nunique(where=whole.flow.isin(["final", "transformation", "total"])) == 3,
        origin=whole.origin.max(),
    )
    rows = sides.mutate(expected=sides.moved + sides.lost, item=sides.fuel)
    wrong = rows.filter(rows.complete & ((rows.found - rows.expected).abs() > _DUST))
    without = (wrong.found - wrong.moved).abs() <= _DUST
    amount = _said(wrong.lost) + " " + wrong.unit
    plain_en = wrong.fuel + ": printed " + _said(wrong.found) + ", by sign " + _said(wrong.expected) + " " + wrong.unit
    plain_zh = wrong.fuel + "：公布" + _said(wrong.found) + "，按正负号计算" + _said(wrong.expected)
    return _finding(
        wrong,
        "balance",
        ibis.ifelse(without, wrong.fuel + ": the printed total leaves out losses of " + amount, plain_en),
        ibis.ifelse(without, wrong.fuel + "：公布合计未含损失" + amount, plain_zh),
    )


def signs(energy_use: ir.Table, outputs: ir.Table) -> ir.Table:
    """Negative consumption or losses, and processes that take in what they can only put out."""
    rows = whole_years(energy_use)
    consumed = rows.filter(rows.flow.isin(["final", "loss", "non_energy"]) & (rows.quantity < 0))
    taken = rows.filter((rows.flow == "transformation") & (rows.quantity > 0)).semi_join(
        outputs, [rows.consumer == outputs.process, rows.fuel == outputs.fuel]
    )
    wrong = consumed.union(taken)
    named = wrong.mutate(
        item=wrong.flow + " " + wrong.fuel + " " + wrong.consumer, found=wrong.quantity, expected=ibis.literal(0.0)
    )
    said = _said(named.found) + " " + named.unit
    en = ibis.ifelse(named.flow == "transformation", " is put out, so it must be negative", " cannot be negative")
    zh = ibis.ifelse(named.flow == "transformation", "为产出，应为负数", "不应为负数")
    return _finding(named, "sign", named.item + en + "; found " + said, named.item + zh + "，实际" + said)


def levels(totals: ir.Table, accounts: ir.Table, money_units: ir.Table, emissions: ir.Table) -> ir.Table:
    """Levels whose years are held against each other.

    series, region_code, year, item, range_item, level, unit, origin.
    """
    money = accounts.filter(accounts.account == CURRENT_ACCOUNT).join(money_units, "unit")
    gdp = whole_years(money)
    whole = emissions.filter((emissions.consumer == ALL_CONSUMERS) & (emissions.fuel == ALL_CONSUMERS))
    shaped = (
        totals.mutate(
            item="energy " + totals.consumption_scope + " " + totals.electricity_basis + " by " + totals.method,
            range_item=ibis.literal("energy_yearly_ratio"),
            level=totals.energy_tce.cast("float64"),
            unit=ibis.literal("tce"),
        ),
        gdp.mutate(
            item=ibis.literal(CURRENT_ACCOUNT),
            range_item=ibis.literal("gdp_yearly_ratio"),
            level=(gdp.value * gdp.in_10k_yuan).cast("float64"),
            unit=ibis.literal("10^4 yuan"),
        ),
        whole.mutate(
            item=whole.pollutant + " " + whole.scope,
            range_item=ibis.literal("emission_yearly_ratio"),
            level=whole.tonnes.cast("float64"),
            unit=ibis.literal("t"),
        ),
    )
    columns = (*_PLACE, "item", "range_item", "level", "unit", "origin")
    return ibis.union(*(table.select(*columns) for table in shaped))


def years(leveled: ir.Table, ranges: ir.Table) -> ir.Table:
    """Years that are ten thousand times the year before (a unit), or have changed implausibly."""
    known = leveled.filter(leveled.level > 0)
    along = ibis.window(group_by=[known[name] for name in ("series", "region_code", "item")], order_by=known.year)
    follows = known.year.lag(1).over(along) == known.year - 1
    before = ibis.ifelse(follows, known.level.lag(1).over(along), ibis.null("float64"))
    rows = known.mutate(found=known.level, expected=before).filter(ibis._.expected.notnull())
    bound = rows.join(ranges.select(range_item="item", low="low", high="high"), "range_item")
    slip = ranges.filter(ranges.item == "unit_slip").select(slip_low="low", slip_high="high")
    compared = bound.cross_join(slip).mutate(ratio=lambda t: t.found / t.expected)
    larger = compared.ratio.between(compared.slip_low.cast("float64"), compared.slip_high.cast("float64"))
    inverse = 1 / compared.ratio
    smaller = inverse.between(compared.slip_low.cast("float64"), compared.slip_high.cast("float64"))
    outside = ~compared.ratio.between(compared.low.cast("float64"), compared.high.cast("float64"))
    before_year = (compared.year - 1).cast("string")
    figures = compared.item + ": " + _said(compared.found) + " " + compared.unit + " after "
    figures = figures + _said(compared.expected) + " in " + before_year
    figures_zh = compared.item + "：" + before_year + "年" + _said(compared.expected) + "，本年" + _said(compared.found)
    slipped = compared.filter(larger | smaller)
    jumped = compared.filter(outside & ~(larger | smaller))
    return ibis.union(
        _finding(
            slipped,
            "unit_slip",
            figures + ", about ten thousand times " + ibis.ifelse(larger, "as much", "less") + ": 万 and 亿 confused?",
            figures_zh + "，约差一万倍：是否混淆“万”与“亿”？",
        ),
        _finding(
            jumped,
            "jump",
            figures + ", " + _said(((compared.ratio - 1) * 100).round(1)) + " %; look at it before it is used",
            figures_zh + "，变动" + _said(((compared.ratio - 1) * 100).round(1)) + "%，请核实",
        ),
    )


def growth_against_index(accounts: ir.Table, money_units: ir.Table, ranges: ir.Table) -> ir.Table:
    """Years in which GDP at current prices grew far more, or less, than its volume index allows."""
    money = whole_years(accounts.filter(accounts.account == CURRENT_ACCOUNT).join(money_units, "unit"))
    along = ibis.window(group_by=[money.series, money.region_code], order_by=money.year)
    level = (money.value * money.in_10k_yuan).cast("float64")
    follows = money.year.lag(1).over(along) == money.year - 1
    grown = money.mutate(found=ibis.ifelse(follows, level / level.lag(1).over(along) * 100, ibis.null("float64")))
    index = whole_years(accounts.filter(accounts.account == INDEX_ACCOUNT))
    per_year = index.group_by("region_code", "year").aggregate(
        expected=index.value.cast("float64").min(), widest=index.value.cast("float64").max()
    )
    rows = grown.filter(grown.found.notnull()).drop("unit").join(per_year, ["region_code", "year"])
    bound = rows.cross_join(ranges.filter(ranges.item == "implied_deflator").select("low", "high"))
    low, high = bound.low.cast("float64"), bound.high.cast("float64")
    wrong = bound.filter((bound.found / bound.widest < low) | (bound.found / bound.expected > high))
    named = wrong.mutate(item=ibis.literal("gdp_current and its index"), unit=ibis.literal("previous year = 100"))
    deflator = _said(named.found / named.expected * 100)
    return _finding(
        named,
        "gdp_index",
        "GDP at current prices is " + _said(named.found) + " with the year before = 100, its volume "
        + _said(named.expected) + ": prices would be " + deflator + "; one of the two is wrong",
        "现价GDP为上年的" + _said(named.found) + "%，指数为" + _said(named.expected)
        + "，隐含价格指数" + deflator + "，请核实",
    )  # fmt: skip


def _build(inputs: Inputs) -> ir.Table:
    energy, accounts, emissions = (inputs.table(name).semi_join(inputs.dirty, "region_code") for name in _FEEDS)
    ranges, money = inputs.table(PLAUSIBLE_RANGE.name), inputs.table("standard.money_unit")
    totals = energy_totals(
        inputs.table("mart.energy_by_fuel").semi_join(inputs.dirty, "region_code"),
        inputs.table("standard.standard_coal_factor"),
    )
    found: Sequence[ir.Table] = (
        sums(energy),
        balances(energy),
        signs(energy, inputs.table(OUTPUT_SIGN.name)),
        years(levels(totals, accounts, money, emissions), ranges),
        growth_against_index(accounts, money, ranges),
    )
    return ibis.union(*found)


_FEEDS = ("core.energy_use", "core.economic_accounts", "core.emissions")

ECONOMY_FINDING_MART = Mart(
    table=ECONOMY_FINDING,
    subject="energy",
    scope=("region_code",),
    upstream=(*map(Upstream, _FEEDS), Upstream("mart.energy_by_fuel")),
    build=_build,
    reads=(PLAUSIBLE_RANGE.name, OUTPUT_SIGN.name, "standard.money_unit", "standard.standard_coal_factor"),
)
