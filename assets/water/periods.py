"""mart.water_station_month, mart.water_station_year: the class of a section over a period, and why.

Belongs here: classes of means, compliance with the zone, main pollutants. Does not belong here: the
means themselves (`assets.water.means`), drinking-water sources (`assets.water.sources`).
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from assets.exact import half_even_div, origin_of, scaled, unscaled
from assets.joins import beside
from assets.water.grading import class_of, limit_of, references, summary, wide_limits
from assets.water.judging import DIGITS, USABLE, judged, with_way
from assets.water.means import MONTH_KEY, period_means
from assets.water.samples import (
    CLASS,
    CLASS_AT_BEST,
    CLASS_LAKE,
    CLASS_NAME,
    CLASS_RIVER,
    DECIDING,
    ITEM_SET,
    ITEMS_ASSESSED,
    REFERENCE_ITEMS,
    STATION_CODE,
    UNJUDGED,
    WATER_BODY,
    WATER_BODY_FROM,
)
from assets.water.standards import BEYOND, CLASSES, JUDGED_ON, RIVER, rule
from assets.water.stations import CHANGED_SECTIONS, with_section
from sources.registry import MART_ORIGIN, SERIES, Table, boolean, codes, date, integer, text
from warehouse.marts import Inputs, Mart, Upstream

YEAR_KEY = ("series", "station_code", "year")

_COMMON = (
    CLASS,
    CLASS_NAME,
    DECIDING,
    integer("required_class", "要求类别", "class that the section must meet", required=True),
    text(
        "required_by",
        "要求依据",
        "where the required class comes from",
        required=True,
        codes=codes(("zone", "功能区", "functional zone of the register"), ("default", "默认", "default of the rules")),
    ),
    boolean("compliant", "达标", "whether the required class is met; empty when that cannot be told"),
    text(
        "main_pollutants",
        "主要污染指标",
        "up to three items above class III, with their multiple (C − S) ÷ S; empty unless the class is worse",
        required=True,
    ),
    text(
        "exceeding_parameters",
        "超Ⅲ类指标",
        "every item that surely exceeds class III, in the order of table 1, joined by commas",
        required=True,
    ),
    integer("samples", "样品数", "samples of the item measured most often", required=True),
    ITEMS_ASSESSED,
    ITEM_SET,
    WATER_BODY,
    WATER_BODY_FROM,
    CLASS_RIVER,
    CLASS_LAKE,
    CLASS_AT_BEST,
    REFERENCE_ITEMS,
    UNJUDGED,
    text("judged_on", "评价数值", "whether means were rounded before they were judged", required=True, codes=JUDGED_ON),
)

WATER_STATION_MONTH = Table(
    "mart.water_station_month",
    "断面月度水质",
    "Class of a section's month from the monthly means, and compliance with its functional zone",
    (
        SERIES,
        STATION_CODE,
        date("month", "月份", "first day of the month", required=True),
        *_COMMON,
        MART_ORIGIN,
    ),
    MONTH_KEY,
)

WATER_STATION_YEAR = Table(
    "mart.water_station_year",
    "断面年度水质",
    "Class of a section's year from the means of its monthly means",
    (
        SERIES,
        STATION_CODE,
        integer("year", "年份", "calendar year", required=True),
        *_COMMON,
        integer("months", "月份数", "months with a mean", required=True),
        boolean("complete", "完整", "whether the year has as many months as the rules ask", required=True),
        MART_ORIGIN,
    ),
    YEAR_KEY,
    warnings=("an incomplete year has a class, but complies with nothing",),
)


def grade_means(means: ir.Table, items: ir.Table, limits: ir.Table) -> ir.Table:
    """Means for each reading (river, lake), with best and worst class, place, automatic, reference, priority, multiple.

    `means`: the columns of WATER_ITEM_MONTH, required_class and judged_on. `worst` is what the mean says, but 6
    where a limit of detection above the required class hides it (it cannot be judged) or the true mean
    may be worse. `best` is what the mean says with nothing in the values below detection. `multiple` is
    (C − S) ÷ S against standard.water_rule main_pollutant_class, in units of its last digit.
    """
    listed = items.select("determinand", "place", "automatic", "reference", "priority", "lower_limited", "has_multiple")
    rows = means.join(listed, "determinand").join(wide_limits(limits), "determinand")
    level = judged(rows.mean, rows.rounded_mean, rows.judged_on)
    low_level = judged(rows.mean_low, rows.rounded_low, rows.judged_on)
    high_level = judged(rows.mean_high, rows.rounded_high, rows.judged_on)
    level_at_best = ibis.ifelse(rows.lower_limited, high_level, low_level)
    low, high = (limit_of(rows, side, rows.required_class) for side in ("low", "high"))
    unknown = rows.mean.isnull() | (rows.unusable > 0) | (rows.lowest_above < low).fill_null(False)
    hidden = unknown | (rows.highest_below > high).fill_null(False)
    at_least_as_bad = (rows.highest_below.notnull() & low.notnull()) | (rows.lowest_above.notnull() & high.notnull())
    standard = rows[f"high_{int(rule('main_pollutant_class'))}"]
    digits = int(rule("multiple_digits"))
    excess = scaled((level - standard).cast(USABLE), DIGITS) * 10**digits
    multiple = half_even_div(excess, scaled(standard.cast(USABLE), DIGITS))
    return rows.mutate(
        best=ibis.ifelse(unknown, CLASSES[0], class_of(rows, level_at_best)),
        worst=ibis.ifelse(at_least_as_bad | hidden, BEYOND, class_of(rows, level)),
        multiple=ibis.ifelse(rows.has_multiple & ~hidden, multiple, ibis.null("int64")),
    )


def main_pollutants(graded: ir.Table, keys: Sequence[str]) -> ir.Table:
    """keys, main_pollutants: the items that surely exceed class III, named as `item(multiple)`, worst first.

    Beside them exceeding_parameters: all such items, in the order of table 1. Main pollutants are the three
    items of the worst classes; within one class the greater multiple; cyanide and heavy metals before the
    others (环办[2011]22号, main pollution items of a section).
    """
    beyond = graded.filter(
        (graded.reading == graded.water_body.fill_null(RIVER)) & (graded.best > int(rule("main_pollutant_class")))
    )
    order = [
        beyond.priority.desc(),
        beyond.best.desc(),
        beyond.multiple.desc(nulls_first=False),
        beyond.place.asc(),
    ]
    place = ibis.row_number().over(ibis.window(group_by=[beyond[key] for key in keys], order_by=order))
    ranked = beyond.mutate(rank_in_group=place)
    digits = int(rule("multiple_digits"))
    shown = unscaled(ranked.multiple, digits, 18, digits).cast("string")
    label = ranked.determinand + ibis.ifelse(ranked.multiple.isnull(), "", "(" + shown + ")")
    return (
        ranked.mutate(label=label)
        .group_by(list(keys))
        .aggregate(
            main_pollutants=ibis._.label.group_concat(
                ",", where=ibis._.rank_in_group < int(rule("main_pollutant_items")), order_by=ibis._.rank_in_group
            ),
            exceeding_parameters=ibis._.determinand.group_concat(",", order_by=ibis._.place),
        )
    )


def with_required_class(rows: ir.Table) -> ir.Table:
    """`rows` with required_class filled from the rules where the register names none, and required_by."""
    return rows.mutate(
        required_class=rows.required_class.fill_null(int(rule("required_class_default"))),
        required_by=ibis.ifelse(rows.required_class.isnull(), "default", "zone"),
    )


def place_means(
    means: ir.Table, stations: ir.Table, items: ir.Table, types: ir.Table, judging: ir.Table, period: str
) -> ir.Table:
    """Means of the items that are classed or referred to, with what the register and the rules say of their section.

    Adds water_body, water_body_from, required_class, required_by, judged_on. `means`: with series,
    station_code, first, last. `period`: month or year.
    """
    listed = means.semi_join(items.filter(items.assessed | items.reference), "determinand")
    return with_required_class(with_way(with_section(listed, stations, types), judging, period))


def period_classes(
    placed: ir.Table, items: ir.Table, limits: ir.Table, classes: ir.Table, keys: Sequence[str]
) -> ir.Table:
    """One row for each group of `keys` with the columns of _COMMON and origin.

    `placed`: rows of `place_means` with `keys`. A section whose zone is unknown is held against the default class
    of standard.water_rule; `required_by` says so. compliant is null where censored values leave it open.
    """
    everything = grade_means(placed, items, limits)
    graded = everything.filter(~everything.reference)
    heads = placed.group_by([*keys, "required_class", "required_by"]).aggregate(
        water_body=placed.water_body.max(),
        water_body_from=placed.water_body_from.max(),
        samples=placed.samples.max(),
        judged_on=placed.judged_on.max(),
        origin=origin_of(placed.origin),
    )
    found = beside(heads.join(summary(graded, keys), list(keys)), main_pollutants(graded, keys), keys)
    found = beside(found, references(everything.filter(everything.reference), keys), keys)
    named = found.left_join(classes.select("class", class_name="name"), "class")
    worse = named.class_at_best > int(rule("main_pollutant_class"))
    return named.mutate(
        compliant=ibis.cases(
            (named.class_at_worst <= named.required_class, True),
            (named.class_at_best > named.required_class, False),
            else_=ibis.null("boolean"),
        ),
        reference_items=named.reference_items.fill_null(""),
        main_pollutants=ibis.ifelse(worse, named.main_pollutants, "").fill_null(""),
        exceeding_parameters=named.exceeding_parameters.fill_null(""),
        water_body=named.water_body.fill_null(RIVER),
    )


def year_spans(rows: ir.Table) -> ir.Table:
    """`rows` with the first and last day of their year as `first` and `last`."""
    year = rows.year.cast("int32")
    return rows.mutate(first=ibis.date(year, 1, 1), last=ibis.date(year, 12, 31))


def month_spans(means: ir.Table) -> ir.Table:
    """`means` with the first and last day of their month as `first` and `last`."""
    last = ibis._.month + ibis.interval(months=1) - ibis.interval(days=1)
    return means.mutate(first=ibis._.month, last=last.cast("date"))


def station_months(
    means: ir.Table,
    stations: ir.Table,
    items: ir.Table,
    limits: ir.Table,
    classes: ir.Table,
    types: ir.Table,
    judging: ir.Table,
) -> ir.Table:
    """Columns of WATER_STATION_MONTH from rows of mart.water_item_month."""
    placed = place_means(month_spans(means), stations, items, types, judging, "month")
    return period_classes(placed, items, limits, classes, MONTH_KEY).select(*WATER_STATION_MONTH.names)


_MEANS = ("mean", "mean_low", "mean_high")


def mean_of_means(means: ir.Table, keys: Sequence[str], items: ir.Table) -> ir.Table:
    """Means of one determinand → one row for each of `keys` and determinand, in which each mean weighs the same.

    `means`: the columns of WATER_ITEM_MONTH. Gives them with `keys` for the key. A mean that is empty does not count.
    """
    rows = means.mutate(**{f"entered_{name}": scaled(means[name].cast(USABLE), DIGITS) for name in _MEANS})
    sums = rows.group_by([*keys, "determinand"]).aggregate(
        **{name.replace("mean", "total"): rows[f"entered_{name}"].sum() for name in _MEANS},
        number=rows.entered_mean.count(),
        samples=rows.samples.sum(),
        highest_below=rows.highest_below.max(),
        lowest_above=rows.lowest_above.min(),
        unusable=rows.unusable.sum(),
        origin=origin_of(rows.origin),
    )
    return period_means(sums, items)


def year_means(months: ir.Table, items: ir.Table) -> ir.Table:
    """Rows of mart.water_item_month, with year → one row for each year and item: each month weighs the same.

    The columns of WATER_ITEM_MONTH with YEAR_KEY for its key, and first, last (the days of the year).
    """
    return year_spans(mean_of_means(months, YEAR_KEY, items))


def station_years(
    means: ir.Table,
    stations: ir.Table,
    items: ir.Table,
    limits: ir.Table,
    classes: ir.Table,
    types: ir.Table,
    judging: ir.Table,
) -> ir.Table:
    """Columns of WATER_STATION_YEAR from rows of mart.water_item_month: each month weighs the same.

    The mean of an item is that of its monthly means. A year with fewer months than standard.water_rule
    asks has a class and no verdict.
    """
    yearly = year_means(means.mutate(year=means.month.year().cast("int64")), items)
    dated = means.mutate(year=means.month.year().cast("int64"))
    months = dated.group_by(list(YEAR_KEY)).aggregate(months=dated.month.nunique())
    placed = place_means(yearly, stations, items, types, judging, "year")
    judged = period_classes(placed, items, limits, classes, YEAR_KEY).join(months, list(YEAR_KEY))
    complete = judged.months >= int(rule("year_months_needed"))
    return judged.mutate(
        complete=complete, compliant=ibis.ifelse(complete, judged.compliant, ibis.null("boolean"))
    ).select(*WATER_STATION_YEAR.names)


#: What a period is judged by: argument → table.
_REFERENCES = {
    "stations": "core.stations",
    "items": "standard.water_item",
    "limits": "standard.water_limit",
    "classes": "standard.water_class",
    "types": "standard.water_section_type",
    "judging": "standard.water_judging",
}
_READS = (*(name for name in _REFERENCES.values() if name.startswith("standard.")), "standard.water_rule")


def _references(inputs: Inputs) -> dict[str, ir.Table]:
    return {argument: inputs.table(name) for argument, name in _REFERENCES.items()}


def build_months(inputs: Inputs) -> ir.Table:
    """The rows of mart.water_station_month for the dirty station-months."""
    means = inputs.table("mart.water_item_month").semi_join(inputs.dirty, list(MONTH_KEY))
    return station_months(means, **_references(inputs))


def build_years(inputs: Inputs) -> ir.Table:
    """The rows of mart.water_station_year for the dirty station-years."""
    means, dirty = inputs.table("mart.water_item_month"), inputs.dirty
    taken = means.semi_join(
        dirty,
        [
            means.series == dirty.series,
            means.station_code == dirty.station_code,
            means.month.year() == dirty.year,
        ],
    )
    return station_years(taken, **_references(inputs))


_CHANGED_MEANS = "FROM mart.water_item_month WHERE station_code IN " + CHANGED_SECTIONS
_YEAR = "extract(year FROM month)"

WATER_STATION_MONTH_MART = Mart(
    table=WATER_STATION_MONTH,
    subject="water",
    scope=MONTH_KEY,
    upstream=(
        Upstream("mart.water_item_month"),
        Upstream("core.stations", via=f"SELECT DISTINCT series, station_code, month {_CHANGED_MEANS}"),
    ),
    build=build_months,
    reads=_READS,
    heavy=True,
)

WATER_STATION_YEAR_MART = Mart(
    table=WATER_STATION_YEAR,
    subject="water",
    scope=YEAR_KEY,
    upstream=(
        Upstream("mart.water_item_month", scope={"year": _YEAR}),
        Upstream("core.stations", via=f"SELECT DISTINCT series, station_code, {_YEAR} AS year {_CHANGED_MEANS}"),
    ),
    build=build_years,
    reads=_READS,
)
