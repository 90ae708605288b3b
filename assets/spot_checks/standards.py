"""The reference tables of spot checks: settings of counting, safety items, product categories.

Belongs here: the declarations of these tables and their rows from the data file. Does not belong here: any
name of an item or category (it stands in the data), counting.
"""

from __future__ import annotations

from functools import cache, partial

import ibis
import ibis.expr.types as ir
import polars as pl

from assets.reference import STANDARDS, load, reference_frame
from sources.registry import Table, boolean, text
from warehouse.marts import ReferenceTable

FILE = STANDARDS / "spot_checks.yaml"

_SOURCE = text("source", "来源", "where it comes from", required=True)

SETTING = Table(
    "standard.spot_check_setting",
    "抽检计数设定",
    "How single batches are counted",
    (
        text("setting", "设定", "name of the setting", required=True),
        text("value", "取值", "the choice", required=True),
        _SOURCE,
    ),
    ("setting",),
)

SAFETY_ITEM = Table(
    "standard.safety_item",
    "安全指标",
    "Which tested items are safety items of a compulsory standard",
    (
        text("pattern", "项目", "item as printed; % stands for any text, the longest pattern counts", required=True),
        text("class", "类别", "class of the item", required=True),
        boolean("mandatory", "强制性", "whether it is a safety item of a compulsory standard", required=True),
        text("standard", "标准", "standard that sets its limit", required=True),
        text("confidence", "可信程度", "memory: no text was at hand"),
    ),
    ("pattern",),
)

PRODUCT_CATEGORY = Table(
    "standard.product_category",
    "产品类别树",
    "Categories as bulletins print them, with one code whatever the spelling",
    (
        text("published", "公布名称", "category as printed", required=True),
        text("code", "代码", "code of the category", required=True),
        text("parent_code", "上级代码", "code of the main category; empty: is one itself"),
        text("zh", "名称", "name in Chinese", required=True),
        text("en", "英文名称", "name in English", required=True),
        _SOURCE,
    ),
    ("published",),
)

#: What each setting may say.
_CHOICES = {
    "year_of": ("published", "sampled"),
    "conditional_passes": ("yes", "no"),
    "town_of": ("producer", "sampled"),
}


def _section(table: Table, name: str) -> pl.DataFrame:
    return reference_frame(table, load(FILE)[name])


@cache
def setting(name: str) -> str:
    """The choice of a setting. Raises `ValueError` for a choice that does not exist, `KeyError` for a name."""
    chosen: dict[str, str] = dict(_section(SETTING, "settings").select("setting", "value").iter_rows())
    if chosen[name] not in _CHOICES[name]:
        raise ValueError(f"{FILE.name}: {name} is {chosen[name]!r}; accepted: {', '.join(_CHOICES[name])}")
    return chosen[name]


def with_safety(items: ir.Table, safety: ir.Table) -> ir.Table:
    """`items` (item_name, …) with safety_class, by_standard, standard; all null where no pattern fits.

    The longest fitting pattern counts.
    """
    names = items.select("item_name").distinct()
    patterns = safety.select("pattern", "standard", safety_class=safety["class"], by_standard=safety.mandatory)
    fitting = names.join(patterns, names.item_name.like(patterns.pattern))
    longest = ibis.row_number().over(
        ibis.window(group_by=fitting.item_name, order_by=[fitting.pattern.length().desc(), fitting.pattern])
    )
    found = fitting.mutate(place=longest).filter(ibis._.place == 0).drop("place", "pattern")
    return items.left_join(found, "item_name").drop("item_name_right")


SPOT_CHECK_REFERENCES: tuple[ReferenceTable, ...] = (
    ReferenceTable(SETTING, partial(_section, SETTING, "settings")),
    ReferenceTable(SAFETY_ITEM, partial(_section, SAFETY_ITEM, "safety_items")),
    ReferenceTable(PRODUCT_CATEGORY, partial(_section, PRODUCT_CATEGORY, "categories")),
)
