"""mart.water_sample_class: the class of every sample, with what decided it, against the published class.

Belongs here: one row for each sample. Does not belong here: classes of items (`assets.water.grading`),
means over a period (`assets.water.periods`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.exact import origin_of
from assets.joins import beside
from assets.water.grading import grade_levels, levels, references, summary, wide_limits
from assets.water.judging import judged, rounded_level, with_way
from assets.water.standards import JUDGED_ON, RIVER
from assets.water.stations import CHANGED_SECTIONS, with_section
from sources.feeds.reference import STATIONS
from sources.registry import MART_ORIGIN, SERIES, Table, boolean, codes, date, integer, text, timestamp
from warehouse.marts import Inputs, Mart, Upstream

STATION_CODE = text("station_code", "断面编码", "section or station", required=True)
ITEM_SET = text(
    "item_set",
    "评价项目集",
    "smallest set of items that holds what was judged",
    codes=codes(
        (
            "automatic_5",
            "自动站五项",
            "pH, oxygen, permanganate index, ammonia nitrogen, total phosphorus at most",
        ),
        ("table1_21", "表1中21项", "items of table 1 without temperature, total nitrogen, faecal coliform"),
    ),
)
CLASS = integer("class", "水质类别", "class 1 to 5, 6 = worse than V; empty when not assessable")
CLASS_NAME = text("class_name", "类别名称", "Ⅰ to 劣Ⅴ")
WATER_BODY = text(
    "water_body",
    "水体类型",
    "whose limits were used",
    required=True,
    codes=STATIONS.column("water_body").codes,
)
WATER_BODY_FROM = text(
    "water_body_from",
    "水体类型依据",
    "where river or lake comes from; with `default` look at class_river and class_lake, one of them is right",
    required=True,
    codes=codes(
        ("register", "登记", "the register of stations"),
        ("inferred", "推断", "fits the published classes best (standard.water_section_type)"),
        ("default", "未知", "not known: judged as a river"),
    ),
)
CLASS_RIVER = integer("class_river", "按河流评价", "class with the limits of rivers, whatever the section is")
CLASS_LAKE = integer(
    "class_lake", "按湖库评价", "class with the limits of lakes and reservoirs, whatever the section is"
)
CLASS_AT_BEST = integer(
    "class_at_best", "可能最好类别", "class if every censored value lay at its best; otherwise equal to class"
)
DECIDING = text(
    "deciding_parameters",
    "定类指标",
    "items of the worst class, in the order of table 1, joined by commas; empty in class 1",
    required=True,
)
REFERENCE_ITEMS = text(
    "reference_items",
    "参考项目",
    "class of total nitrogen (lakes only) and faecal coliform, each judged alone, as `item:class`; never part of class",
    required=True,
)
UNJUDGED = text(
    "unjudged_parameters",
    "无法判定指标",
    "items whose limit of detection, unit or number leaves the verdict open",
    required=True,
)
ITEMS_ASSESSED = integer("items_assessed", "参评项目数", "items judged", required=True)

KEY = ("series", "station_code", "sampled_at")
SCOPE = ("series", "station_code", "day")

WATER_SAMPLE_CLASS = Table(
    "mart.water_sample_class",
    "水质样品类别",
    "Class of each water sample (single factor, GB 3838-2002), beside the class that the source printed",
    (
        SERIES,
        STATION_CODE,
        timestamp("sampled_at", "采样时间", "time of the sample, local", required=True),
        date("day", "日期", "day of the sample", required=True),
        CLASS,
        CLASS_NAME,
        DECIDING,
        ITEMS_ASSESSED,
        ITEM_SET,
        WATER_BODY,
        WATER_BODY_FROM,
        CLASS_RIVER,
        CLASS_LAKE,
        CLASS_AT_BEST,
        REFERENCE_ITEMS,
        boolean("assessable", "可判定", "whether the items that were measured give a class", required=True),
        UNJUDGED,
        integer(
            "published_class",
            "发布类别",
            "class printed by the source, by its latest record; compared, never used",
        ),
        boolean("agrees", "一致", "whether class and published_class are equal; empty when one is missing"),
        text(
            "judged_on",
            "评价数值",
            "whether values were rounded before they were judged",
            required=True,
            codes=JUDGED_ON,
        ),
        text(
            "values_given",
            "公布数值",
            "which numbers the source gives",
            required=True,
            codes=codes(
                ("unrounded", "未修约", "unrounded values beside the displayed ones"),
                ("as published", "公布值", "values as published"),
            ),
        ),
        MART_ORIGIN,
    ),
    KEY,
    warnings=("an item set of five is the automatic network's, not the 21 items of the assessment rules",),
)


def sample_classes(
    samples: ir.Table,
    stations: ir.Table,
    items: ir.Table,
    limits: ir.Table,
    units: ir.Table,
    classes: ir.Table,
    types: ir.Table,
    judging: ir.Table,
) -> ir.Table:
    """Columns of WATER_SAMPLE_CLASS from rows of core.water_samples (single factor, 环办[2011]22号).

    A sample without any assessed item has a row too, with no class. Total nitrogen, temperature and
    faecal coliform never decide; the first and the last are judged alone in reference_items.
    """
    dated = samples.mutate(day=samples.sampled_at.date())
    latest = [dated[name].desc() for name in ("published_at", "source_file_id", "source_sheet", "source_row")]
    heads = dated.group_by([*KEY, "day"]).aggregate(
        published_class=dated.published_class.first(order_by=latest, include_null=True).try_cast("int64"),
        unrounded=dated.value_shown.notnull().any(),
        origin=origin_of(dated.origin),
    )
    heads = with_way(with_section(heads.mutate(first=heads.day, last=heads.day), stations, types), judging, "sample")
    judged_items = items.filter(items.assessed | items.reference)
    of_samples = levels(samples, judged_items, units).join(heads.select(*KEY, "water_body", "judged_on"), list(KEY))
    rounded = ibis.ifelse(
        of_samples.usable, rounded_level(of_samples.level, of_samples.judged_digits), of_samples.level
    )
    of_samples = of_samples.mutate(level=judged(of_samples.level, rounded, of_samples.judged_on))
    graded = grade_levels(of_samples, wide_limits(limits)).join(items.select("determinand", "reference"), "determinand")
    found = beside(heads, summary(graded.filter(~graded.reference), KEY), KEY)
    found = beside(found, references(graded.filter(graded.reference), KEY), KEY)
    named = found.left_join(classes.select("class", class_name="name"), "class")
    return named.mutate(
        deciding_parameters=named.deciding_parameters.fill_null(""),
        unjudged_parameters=named.unjudged_parameters.fill_null(""),
        items_assessed=named.items_assessed.fill_null(0),
        assessable=named.assessable.fill_null(False),
        water_body=named.water_body.fill_null(RIVER),
        agrees=named["class"] == named.published_class,
        values_given=ibis.ifelse(named.unrounded, "unrounded", "as published"),
        reference_items=named.reference_items.fill_null(""),
    ).select(*WATER_SAMPLE_CLASS.names)


def build(inputs: Inputs) -> ir.Table:
    """The rows of mart.water_sample_class for the dirty station-days."""
    samples = inputs.table("core.water_samples")
    dirty = inputs.dirty
    taken = samples.semi_join(
        dirty,
        [
            samples.series == dirty.series,
            samples.station_code == dirty.station_code,
            samples.sampled_at.date() == dirty.day,
        ],
    )
    return sample_classes(
        taken,
        inputs.table("core.stations"),
        inputs.table("standard.water_item"),
        inputs.table("standard.water_limit"),
        inputs.table("standard.water_unit"),
        inputs.table("standard.water_class"),
        inputs.table("standard.water_section_type"),
        inputs.table("standard.water_judging"),
    )


#: The day of a sample, for dirty keys.
DAY_SQL = "CAST(sampled_at AS DATE)"

WATER_SAMPLE_CLASS_MART = Mart(
    table=WATER_SAMPLE_CLASS,
    subject="water",
    scope=SCOPE,
    upstream=(
        Upstream("core.water_samples", scope={"day": DAY_SQL}),
        Upstream(
            "core.stations",
            via=f"SELECT DISTINCT series, station_code, {DAY_SQL} AS day FROM core.water_samples "
            f"WHERE station_code IN {CHANGED_SECTIONS}",
        ),
    ),
    build=build,
    reads=(
        "standard.water_item",
        "standard.water_limit",
        "standard.water_unit",
        "standard.water_class",
        "standard.water_section_type",
        "standard.water_judging",
        "standard.water_rule",
    ),
    heavy=True,
)
