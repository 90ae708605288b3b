"""Regions and stations: the units that facts are about, each from a date.

Belongs here: the columns of the two feeds. Does not belong here: facts about the units.
"""

from __future__ import annotations

from sources.registry import SERIES, Feed, Part, codes, date, decimal, text

REGIONS = Feed(
    name="regions",
    zh="行政区划",
    en="Regions",
    parts=(
        Part(
            name="regions",
            zh="行政区划（自某日起有效）",
            en="Regions, each valid from a date",
            key=("code", "valid_from"),
            columns=(
                SERIES,
                text("code", "区划代码", "division code (000000 = the nation)", required=True, example="320282"),
                date(
                    "valid_from",
                    "有效期起",
                    "first day of validity; 0001-01-01 where the source gives none",
                    required=True,
                    example="1990-01-01",
                ),
                date("valid_to", "有效期止", "first day on which it is no longer valid; empty = still valid"),
                text("name_zh", "中文名", "Chinese name", required=True, example="宜兴市"),
                text("name_en", "英文名", "English name", example="Yixing"),
                text(
                    "level",
                    "级别",
                    "level of the unit",
                    required=True,
                    codes=codes(
                        ("country", "国家", "country"),
                        ("province", "省", "province"),
                        ("prefecture", "地级市", "prefecture"),
                        ("county", "县级", "county or county-level city"),
                        ("subdistrict", "街道", "subdistrict"),
                        ("town", "镇", "town"),
                        ("zone", "功能区", "statistical zone, not a division"),
                    ),
                    example="county",
                ),
                text("parent_code", "上级代码", "code of the unit above", example="320200"),
                text("remark", "说明", "what the source says about the unit"),
            ),
        ),
    ),
)

STATIONS = Feed(
    name="stations",
    zh="监测站点",
    en="Stations",
    parts=(
        Part(
            name="stations",
            zh="监测站点与断面（自某日起有效）",
            en="Monitoring stations and sections, each valid from a date",
            key=("code", "valid_from"),
            columns=(
                SERIES,
                text(
                    "code",
                    "站点编码",
                    "station code, or the section's name where none is published",
                    required=True,
                    example="兰山嘴",
                ),
                date("valid_from", "有效期起", "first day of validity", required=True, example="2012-01-01"),
                date("valid_to", "有效期止", "first day on which it is no longer valid"),
                text(
                    "medium",
                    "介质",
                    "what is monitored",
                    required=True,
                    codes=codes(("air", "空气", "air"), ("water", "水", "water")),
                    example="water",
                ),
                text("name_zh", "名称", "Chinese name", required=True, example="兰山嘴"),
                text("region_code", "行政区划代码", "region that the station stands for", example="320282"),
                text(
                    "water_body",
                    "水体类型",
                    "decides which phosphorus limits apply",
                    codes=codes(("river", "河流", "river"), ("lake", "湖库", "lake or reservoir")),
                    example="lake",
                ),
                text("function_class", "功能区类别", "class that the functional zone requires (1–5)", example="3"),
                text(
                    "is_source",
                    "饮用水源",
                    "whether the station judges a drinking-water source",
                    codes=codes(("yes", "是", "yes"), ("no", "否", "no")),
                ),
                decimal("longitude", 9, 6, "经度", "longitude", unit="°"),
                decimal("latitude", 9, 6, "纬度", "latitude", unit="°"),
                text(
                    "type_origin",
                    "类型依据",
                    "where water_body comes from: register, or inferred from published classes",
                ),
            ),
        ),
    ),
)
