"""Water samples and drinking-water intakes.

Belongs here: the columns of the two feeds and the determinand codes. Does not belong here: class
limits (`assets/standards`) or how a publication names its columns (`sources.adapters`).
"""

from __future__ import annotations

from decimal import Decimal

from sources.registry import SERIES, Feed, Part, boolean, codes, date, decimal, text, timestamp

DETERMINANDS = codes(
    ("water_temperature", "水温", "water temperature"),
    ("ph", "pH", "pH"),
    ("dissolved_oxygen", "溶解氧", "dissolved oxygen"),
    ("conductivity", "电导率", "conductivity"),
    ("turbidity", "浊度", "turbidity"),
    ("permanganate_index", "高锰酸盐指数", "permanganate index"),
    ("cod", "化学需氧量", "chemical oxygen demand"),
    ("bod5", "五日生化需氧量", "five-day biochemical oxygen demand"),
    ("ammonia_nitrogen", "氨氮", "ammonia nitrogen"),
    ("total_phosphorus", "总磷", "total phosphorus"),
    ("total_nitrogen", "总氮", "total nitrogen"),
    ("copper", "铜", "copper"),
    ("zinc", "锌", "zinc"),
    ("fluoride", "氟化物", "fluoride"),
    ("selenium", "硒", "selenium"),
    ("arsenic", "砷", "arsenic"),
    ("mercury", "汞", "mercury"),
    ("cadmium", "镉", "cadmium"),
    ("chromium_vi", "六价铬", "hexavalent chromium"),
    ("lead", "铅", "lead"),
    ("cyanide", "氰化物", "cyanide"),
    ("volatile_phenol", "挥发酚", "volatile phenol"),
    ("petroleum", "石油类", "petroleum"),
    ("anionic_surfactant", "阴离子表面活性剂", "anionic surfactant"),
    ("sulphide", "硫化物", "sulphide"),
    ("faecal_coliform", "粪大肠菌群", "faecal coliform"),
    ("sulphate", "硫酸盐", "sulphate"),
    ("chloride", "氯化物", "chloride"),
    ("nitrate_nitrogen", "硝酸盐氮", "nitrate nitrogen"),
    ("iron", "铁", "iron"),
    ("manganese", "锰", "manganese"),
    ("chlorophyll_a", "叶绿素a", "chlorophyll a"),
    ("algal_density", "藻密度", "algal density"),
    ("transparency", "透明度", "transparency (Secchi depth)"),
    fixes={"叶绿素α": "chlorophyll_a"},
)

WATER_UNITS = codes(
    ("mg/L", "毫克每升", "milligram per litre"),
    ("ug/L", "微克每升", "microgram per litre"),
    ("degC", "摄氏度", "degree Celsius"),
    ("1", "无量纲", "dimensionless"),
    ("uS/cm", "微西每厘米", "microsiemens per centimetre"),
    ("NTU", "散射浊度单位", "nephelometric turbidity unit"),
    ("cells/L", "个每升", "cells per litre"),
    ("count/L", "个每升（粪大肠菌群）", "count per litre"),
    ("m", "米", "metre"),
    fixes={"℃": "degC", "μS/cm": "uS/cm", "µS/cm": "uS/cm", "μg/L": "ug/L", "µg/L": "ug/L", "个/L": "count/L"},
)

PUBLISHED_CLASSES = codes(
    ("1", "Ⅰ", "class I"),
    ("2", "Ⅱ", "class II"),
    ("3", "Ⅲ", "class III"),
    ("4", "Ⅳ", "class IV"),
    ("5", "Ⅴ", "class V"),
    ("6", "劣Ⅴ", "worse than class V"),
)

WATER_SAMPLES = Feed(
    name="water_samples",
    zh="水质监测",
    en="Water samples",
    parts=(
        Part(
            name="water_samples",
            zh="水质样品（一样品一指标一行）",
            en="Water samples: one row per sample and determinand",
            key=("station_code", "sampled_at", "determinand", "fraction"),
            columns=(
                SERIES,
                text(
                    "station_code",
                    "断面编码",
                    "section or station; its name where no code is published",
                    required=True,
                    example="兰山嘴",
                ),
                timestamp(
                    "sampled_at", "采样时间", "time of the sample, local", required=True, example="2021-04-01 08:00"
                ),
                text(
                    "determinand",
                    "指标",
                    "what was measured",
                    required=True,
                    codes=DETERMINANDS,
                    example="total_phosphorus",
                ),
                text(
                    "fraction",
                    "形态",
                    "whole sample or filtered",
                    required=True,
                    codes=codes(("total", "总量", "total"), ("dissolved", "溶解态", "dissolved")),
                    example="total",
                ),
                decimal(
                    "value",
                    18,
                    6,
                    "测定值",
                    "measured value in `unit`; empty when censored",
                    minimum=Decimal(0),
                    maximum=Decimal(100_000_000_000),
                    example="0.108",
                ),
                text(
                    "qualifier",
                    "限定符",
                    "< below or > above the limit of the method; empty for a measured value",
                    codes=codes(("<", "小于", "less than"), (">", "大于", "greater than")),
                ),
                decimal(
                    "detection_limit", 18, 6, "检出限", "limit that a censored value refers to", minimum=Decimal(0)
                ),
                text("unit", "单位", "unit of value and limit", required=True, codes=WATER_UNITS, example="mg/L"),
                text("value_text", "原文", "the value as published"),
                decimal(
                    "value_shown",
                    18,
                    6,
                    "公布修约值",
                    "the rounded value that the publication displays beside an unrounded one",
                ),
                text("station_name", "断面名称", "section name as published", example="兰山嘴"),
                text("province_name", "省份", "province as published"),
                text("basin_name", "流域", "river basin as published", example="太湖流域"),
                text("river_name", "河流", "river or lake as published"),
                text("station_status", "站点情况", "state of the station as published"),
                text(
                    "published_class",
                    "发布水质类别",
                    "class printed by the source for this sample (1–6); compared, never used",
                    codes=PUBLISHED_CLASSES,
                ),
            ),
        ),
    ),
)

SOURCE_INTAKES = Feed(
    name="source_intakes",
    zh="水源地取水量",
    en="Drinking-water source intakes",
    parts=(
        Part(
            name="source_intakes",
            zh="集中式饮用水源地月取水量",
            en="Monthly intake volume of each centralised drinking-water source",
            key=("source_code", "month"),
            columns=(
                SERIES,
                text("source_code", "水源地编码", "drinking-water source", required=True, example="hengshan"),
                date("month", "月份", "first day of the month", required=True, example="2012-01-01"),
                text("source_name", "水源地名称", "name of the source", example="横山水库"),
                text("region_code", "行政区划代码", "region that draws the water", required=True, example="320282"),
                text(
                    "station_code", "监测断面", "section in water_samples that judges this source", example="横山水库"
                ),
                decimal(
                    "intake_10k_t",
                    14,
                    4,
                    "取水量",
                    "water drawn in the month",
                    unit="10⁴ t",
                    required=True,
                    minimum=Decimal(0),
                    example="702",
                ),
                boolean(
                    "published_compliant",
                    "发布达标",
                    "whether the source was printed as compliant; compared, never used",
                ),
            ),
        ),
    ),
)
