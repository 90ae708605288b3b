"""The place of a town among the towns of its plan, where the differences allow one.

Belongs here: who can be ranked and who shares a place. Does not belong here: verdicts.

Two towns have different places only when no chain of overlapping intervals leads from one to the other. So two
towns whose intervals overlap never stand one above the other, and a place never hangs on chance alone.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.plan.model import RELATIVE, Better, Comparator
from assets.status.comparators import one_of
from sources.registry import codes

UNRANKED = codes(
    ("synthetic", "示例数据", "rests on synthetic rows"),
    ("not_due", "未到期", "the year has not ended, or the plan has"),
    ("no_value", "无数值", "no value"),
    ("incomplete", "不完整", "the year is not complete"),
    (
        "no_direction",
        "无优劣方向",
        "the plan asks for a change or a duty, and for no level of which one side is better",
    ),
    ("no_interval", "无置信区间", "no interval, so it is not known which differences are larger than chance"),
    ("alone", "可比镇街不足", "fewer than two towns can be ranked"),
    ("no_difference", "差异不显著", "all intervals overlap: no town stands above another"),
)

_RACE = ["town_plan", "indicator", "year"]


def ranked(rows: ir.Table) -> ir.Table:
    """`rows` with rank (1 = best), ranked (towns that have a place), unranked_because.

    `rows`: headline verdicts of towns with town_plan, comparator, better and year_over (boolean). Places are counted as
    in sports: after two towns that share the first place comes the third.
    """
    level = rows.better.notnull() & ~one_of(rows.comparator, {*RELATIVE, Comparator.QUALITATIVE})
    why = ibis.cases(
        ((rows.origin != "real").fill_null(False), "synthetic"),
        (~rows.year_over | (rows.finding == "plan_ended"), "not_due"),
        (rows.value.isnull(), "no_value"),
        (~rows.complete.fill_null(False), "incomplete"),
        (~level, "no_direction"),
        (rows.ci_low.isnull() | rows.ci_high.isnull(), "no_interval"),
    )
    rows = rows.mutate(why=why)
    higher = rows.better == Better.HIGHER.value
    rows = rows.mutate(
        worst=ibis.ifelse(higher, rows.ci_low, -rows.ci_high), best=ibis.ifelse(higher, rows.ci_high, -rows.ci_low)
    )
    placed = _placed(rows.filter(rows.why.isnull()))
    key = [*_RACE, "region_code", "definition"]
    found = rows.left_join(placed, key).drop(*(f"{name}_right" for name in key))
    shared = ibis.cases((found.ranked < 2, "alone"), (found.groups < 2, "no_difference"))
    unranked = found.why.fill_null(shared)
    nothing = ibis.null("int64")
    return found.mutate(
        rank=ibis.ifelse(unranked.isnull(), found["rank"], nothing),
        ranked=ibis.ifelse(unranked.isnull(), found.ranked, nothing),
        unranked_because=unranked,
    ).drop("why", "worst", "best", "groups")


def _placed(rows: ir.Table) -> ir.Table:
    """town_plan, indicator, year, region_code, definition → rank, ranked, groups; all of `rows` can be ranked.

    From the best upper end down, a new group begins where an interval lies wholly below all before it.
    """
    race = [rows[name] for name in _RACE]
    order = [rows.best.desc(), rows.worst.desc(), rows.region_code]
    before = ibis.window(group_by=race, order_by=order, preceding=(None, 1))
    falls = rows.best < rows.worst.min().over(before)
    place = ibis.row_number().over(ibis.window(group_by=race, order_by=order)) + 1
    rows = rows.mutate(place=place, begins=ibis.ifelse(falls.fill_null(True), place, ibis.null("int64")))
    race = [rows[name] for name in _RACE]
    down = ibis.window(group_by=race, order_by=rows.place, preceding=None, following=0)
    everyone = ibis.window(group_by=race)
    return rows.select(
        *_RACE,
        "region_code",
        "definition",
        rank=rows.begins.max().over(down),
        ranked=rows.place.count().over(everyone),
        groups=rows.begins.count().over(everyone),
    )
