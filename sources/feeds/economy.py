"""Energy use, economic accounts and emissions.

Belongs here: the columns of the three feeds. Does not belong here: standard-coal factors
(`assets/standards`), chaining, reductions (`assets.energy`).
"""

from __future__ import annotations

from decimal import Decimal

from sources.registry import SERIES, Code, Codes, Feed, Part, codes, decimal, integer, text

FUELS = codes(
    ("raw_coal", "原煤", "raw coal"),
    ("cleaned_coal", "洗精煤", "cleaned coal"),
    ("other_washed_coal", "其他洗煤", "other washed coal"),
    ("briquettes", "型煤", "briquettes"),
    ("coke", "焦炭", "coke"),
    ("coke_oven_gas", "焦炉煤气", "coke-oven gas"),
    ("other_gas", "其他煤气", "other gas"),
    ("other_coking_products", "其他焦化产品", "other coking products"),
    ("crude_oil", "原油", "crude oil"),
    ("gasoline", "汽油", "gasoline"),
    ("kerosene", "煤油", "kerosene"),
    ("diesel", "柴油", "diesel"),
    ("fuel_oil", "燃料油", "fuel oil"),
    ("lpg", "液化石油气", "liquefied petroleum gas"),
    ("refinery_gas", "炼厂干气", "refinery gas"),
    ("other_petroleum", "其他石油制品", "other petroleum products"),
    ("natural_gas", "天然气", "natural gas"),
    ("heat", "热力", "heat"),
    ("electricity", "电力", "electricity"),
    ("other_energy", "其他能源", "other energy"),
    (
        "total_energy_equivalent",
        "能源消费总量（等价值）",
        "all energy in standard coal, electricity by equivalent value",
    ),
    ("total_energy_calorific", "能源消费总量（当量值）", "all energy in standard coal, electricity by calorific value"),
)

ENERGY_UNITS = codes(
    ("10^4 t", "万吨", "ten thousand tonnes"),
    ("t", "吨", "tonnes"),
    ("10^8 m3", "亿立方米", "hundred million cubic metres"),
    ("10^4 m3", "万立方米", "ten thousand cubic metres"),
    ("10^10 kJ", "百亿千焦", "10^10 kilojoules"),
    ("GJ", "吉焦", "gigajoules"),
    ("10^8 kWh", "亿千瓦时", "hundred million kilowatt-hours"),
    ("10^4 kWh", "万千瓦时", "ten thousand kilowatt-hours"),
    ("10^4 tce", "万吨标准煤", "ten thousand tonnes of standard coal"),
    ("tce", "吨标准煤", "tonnes of standard coal"),
    fixes={
        "10^4 ton": "10^4 t",
        "10^8 cu.m": "10^8 m3",
        "10^10 kj": "10^10 kJ",
        "10^8 kwh": "10^8 kWh",
        "百万千焦": "GJ",
    },
)

ENERGY_USE = Feed(
    name="energy_use",
    zh="能源消费",
    en="Energy use",
    parts=(
        Part(
            name="energy_use",
            zh="能源流量（一地区一时期一用户一品种一流向）",
            en="Energy flows: one row per region, period, consumer, fuel and flow",
            key=("region_code", "period", "consumer", "fuel", "flow"),
            columns=(
                SERIES,
                text("region_code", "行政区划代码", "region", required=True, example="320282"),
                text("period", "时期", "year, or year and month", required=True, example="2012"),
                text(
                    "consumer",
                    "用户",
                    "sector or enterprise; `all` for the printed total of all sectors",
                    required=True,
                    example="all",
                ),
                text(
                    "fuel",
                    "能源品种",
                    "fuel or energy carrier",
                    required=True,
                    codes=FUELS,
                    example="total_energy_equivalent",
                ),
                text(
                    "flow",
                    "流向",
                    "where the flow stands in the balance",
                    required=True,
                    codes=codes(
                        ("final", "终端消费", "final consumption"),
                        ("transformation", "加工转换", "transformation, input negative and output positive as printed"),
                        ("loss", "损失", "losses"),
                        ("non_energy", "非能源使用", "non-energy use"),
                        ("total", "消费总量", "total consumption"),
                    ),
                    example="total",
                ),
                decimal("quantity", 24, 10, "数量", "quantity in `unit`", required=True, example="510.5"),
                text("unit", "单位", "unit of the quantity", required=True, codes=ENERGY_UNITS, example="10^4 tce"),
                text(
                    "consumer_kind",
                    "用户类别",
                    "what the consumer is; empty: a sector, or `all`. An enterprise is part of its sector",
                    codes=codes(
                        ("all", "合计", "all consumers"),
                        ("sector", "行业", "sector"),
                        ("enterprise", "企业", "enterprise"),
                    ),
                    example="all",
                ),
                decimal(
                    "calorific_value",
                    14,
                    4,
                    "实测低位发热量",
                    "measured net calorific value per kilogram or cubic metre; it beats the table value",
                    unit="kJ",
                    minimum=Decimal(1),
                ),
            ),
        ),
    ),
)

ACCOUNTS = codes(
    ("gdp_current", "地区生产总值（现价）", "GDP at current prices"),
    ("gdp_index_previous_year", "地区生产总值指数（上年=100）", "GDP index, previous year = 100"),
    ("gdp_growth", "地区生产总值增长率", "GDP growth at comparable prices"),
    ("gdp_constant", "地区生产总值（可比价）", "GDP at the prices of `price_base`, as a source states it"),
    ("population_year_end", "年末常住人口", "resident population at year end"),
    ("urban_population_year_end", "年末城镇人口", "urban population at year end"),
    ("private_employment", "私营企业和个体就业人员", "employed persons in private and individual business"),
    ("fiscal_expenditure", "一般公共预算支出", "general public budget expenditure"),
    ("secondary_industry_value_added", "第二产业增加值", "value added of secondary industry"),
    ("brand_producer_sales", "品牌企业销售收入", "sales of brand producers"),
    ("above_scale_industrial_sales", "规模以上工业销售收入", "sales of above-scale industry"),
    ("brand_output_value", "品牌产品产值", "output value of branded products"),
    ("brand_profit", "品牌产品利润", "profit from branded products"),
    ("industrial_output", "规模以上工业总产值", "gross output value of above-scale industry"),
    ("emerging_industry_output", "战略性新兴产业产值", "output value of strategic emerging industries"),
    ("enterprise_quality_spend", "企业质量投入", "spending of enterprises on quality"),
    ("quality_credit_loans", "质量信贷支持", "loans granted for quality work"),
    ("quality_fiscal_support", "质量工作财政扶持", "fiscal support for quality work"),
)

MONEY_UNITS = codes(
    ("10^4 yuan", "万元", "ten thousand yuan"),
    ("10^8 yuan", "亿元", "hundred million yuan"),
    ("yuan", "元", "yuan"),
    ("index", "指数", "index, previous year = 100"),
    ("%", "百分比", "per cent"),
    ("10^4 persons", "万人", "ten thousand persons"),
    ("persons", "人", "persons"),
)

ECONOMIC_ACCOUNTS = Feed(
    name="economic_accounts",
    zh="经济核算",
    en="Economic accounts",
    parts=(
        Part(
            name="economic_accounts",
            zh="经济核算数据（一地区一时期一科目）",
            en="Economic accounts: one row per region, period and account",
            key=("region_code", "period", "account"),
            columns=(
                SERIES,
                text("region_code", "行政区划代码", "region", required=True, example="320282"),
                text("period", "时期", "year, or year and quarter", required=True, example="2012"),
                text("account", "科目", "what the figure is", required=True, codes=ACCOUNTS, example="gdp_current"),
                decimal("value", 20, 6, "数值", "figure in `unit`", required=True, example="1080.5"),
                text("unit", "单位", "unit of the figure", required=True, codes=MONEY_UNITS, example="10^8 yuan"),
                text("price_base", "价格基准", "current, or the year whose prices are used", example="current"),
                text("remark", "说明", "what the source says about the figure"),
            ),
        ),
    ),
)

POLLUTANTS = codes(
    ("cod", "化学需氧量", "COD"),
    ("nh3n", "氨氮", "NH3-N"),
    ("so2", "二氧化硫", "SO2"),
    ("nox", "氮氧化物", "NOx"),
    ("co2", "二氧化碳", "CO2"),
    ("smoke_dust", "烟（粉）尘", "smoke and dust"),
    ("particulate", "颗粒物", "particulate matter"),
    ("waste_water", "废水", "waste water, the whole amount discharged"),
    ("total_n", "总氮", "total nitrogen"),
    ("total_p", "总磷", "total phosphorus"),
    ("petroleum", "石油类", "petroleum"),
    ("phenol", "挥发酚", "volatile phenol"),
    ("lead", "总铅", "lead"),
    ("mercury", "总汞", "mercury"),
    ("cadmium", "总镉", "cadmium"),
    ("chromium", "总铬", "chromium"),
    ("arsenic", "总砷", "arsenic"),
    ("chromium_6", "六价铬", "hexavalent chromium"),
    fixes={"烟(粉)尘": "smoke_dust", "铅": "lead", "汞": "mercury", "镉": "cadmium", "砷": "arsenic"},
)

#: What an emission comes from: a fuel, a process, or everything.
EMISSION_CAUSES = Codes(
    (
        Code("all", "合计", "everything"),
        *(code for code in FUELS.codes if not code.code.startswith("total_")),
        Code("process", "工业生产过程", "industrial processes"),
    )
)

EMISSIONS = Feed(
    name="emissions",
    zh="污染物排放",
    en="Emissions",
    parts=(
        Part(
            name="emissions",
            zh="污染物排放量（一地区一年一污染物一口径，可分行业和品种）",
            en="Emissions: one row per region, year, pollutant and scope, by sector and fuel where published",
            key=("region_code", "year", "pollutant", "scope", "consumer", "fuel"),
            columns=(
                SERIES,
                text("region_code", "行政区划代码", "region", required=True, example="320282"),
                integer(
                    "year", "年份", "year", required=True, minimum=Decimal(1949), maximum=Decimal(2100), example="2012"
                ),
                text("pollutant", "污染物", "pollutant", required=True, codes=POLLUTANTS, example="cod"),
                text(
                    "scope",
                    "统计口径",
                    "which sources are counted, by which census (a 2010 base must have the same)",
                    required=True,
                    example="census_2010_update",
                ),
                text(
                    "consumer",
                    "排放源",
                    "sector; `all` for the whole, which is what counts for a reduction",
                    required=True,
                    example="all",
                ),
                text(
                    "fuel",
                    "品种",
                    "fuel or process; `all` for the whole",
                    required=True,
                    codes=EMISSION_CAUSES,
                    example="all",
                ),
                decimal(
                    "tonnes",
                    18,
                    4,
                    "排放量",
                    "emission in the year",
                    unit="t",
                    required=True,
                    minimum=Decimal(0),
                    example="12345.6",
                ),
            ),
        ),
    ),
)
