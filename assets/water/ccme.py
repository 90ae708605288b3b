"""mart.water_quality_index: the CCME Water Quality Index of a section's year.

Belongs here: F1, F2, F3 and the index from tests against objectives. Does not belong here: objectives of
their own (they are the limits of the class that the section must meet), bands (`assets.water.index_standards`).
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from assets.exact import origin_of
from assets.joins import beside
from assets.water.grading import levels, limit_of, wide_limits
from assets.water.periods import with_required_class, year_spans
from assets.water.samples import STATION_CODE
from assets.water.standards import RIVER
from assets.water.stations import CHANGED_SECTIONS, with_section
from assets.water.trophic import INDEX_DIGITS, REASON, with_band
from sources.registry import MART_ORIGIN, SERIES, Table, double, integer, text
from warehouse.marts import Inputs, Mart, Upstream

SCOPE = ("series", "station_code", "year")

WATER_QUALITY_INDEX = Table(
    "mart.water_quality_index",
    "断面水质指数",
    "CCME Water Quality Index of a section's year against the limits of its required class (100 = best)",
    (
        SERIES,
        STATION_CODE,
        integer("year", "年份", "calendar year", required=True),
        text("definition", "口径", "standard.ccme_definition", required=True),
        text("version", "版本", "version of the definition", required=True),
        double("wqi", "水质指数", "the index; empty where the data do not suffice"),
        text("rating", "分级", "rating of the index in Chinese"),
        REASON,
        double("f1", "F1范围", "share of variables with a failed test", unit="%"),
        double("f2", "F2频率", "share of failed tests", unit="%"),
        double("f3", "F3幅度", "nse ÷ (nse + 1), nse = sum of excursions ÷ tests", unit="%"),
        integer("variables", "变量数", "variables tested", required=True),
        integer("variables_failed", "超标变量数", "variables with a failed test", required=True),
        integer(
            "variables_sufficient",
            "样品足够变量数",
            "variables with as many tests as the definition asks",
            required=True,
        ),
        integer("tests", "检测数", "tests with a verdict", required=True),
        integer("tests_failed", "超标检测数", "failed tests", required=True),
        integer(
            "tests_unknown", "无法判定数", "results that censoring or a zero leaves without a verdict", required=True
        ),
        integer("required_class", "要求类别", "class whose limits are the objectives", required=True),
        MART_ORIGIN,
    ),
    (*SCOPE, "definition"),
)

#: Excursions are added as decimals: their sum is the same in every order.
_EXCURSION = "decimal(28, 12)"


def ccme_index(tests: ir.Table, definitions: ir.Table, bands: ir.Table, keys: Sequence[str]) -> ir.Table:
    """One row for each group of `keys` and definition: f1, f2, f3, wqi, rating, status and the counts.

    `tests`: keys, determinand, level (decimal), below, above, low, high (the objective; null = none). A test
    fails below `low` or above `high`; its excursion is high: level ÷ high − 1, low: low ÷ level − 1
    (CCME WQI 1.0). A value below detection passes where its limit does, and is unknown otherwise; one
    above range fails or is unknown; zero against a lower limit has no excursion and is unknown.
    """
    high_fails = (tests.level > tests.high).fill_null(False)
    low_fails = (tests.level < tests.low).fill_null(False)
    unknown = (
        (tests.below & (high_fails | tests.low.notnull()))
        | (tests.above & ~high_fails & tests.high.notnull())
        | ((tests.level == 0) & tests.low.notnull())
    )
    level, low, high = (tests[name].cast("float64") for name in ("level", "low", "high"))
    excursion = ibis.cases((high_fails, level / high - 1), (low_fails, low / level - 1), else_=0.0)
    rows = tests.mutate(unknown=unknown, failed=(high_fails | low_fails) & ~unknown).mutate(
        excursion=ibis.ifelse(unknown, 0.0, excursion).cast(_EXCURSION)
    )
    variables = rows.group_by([*keys, "determinand"]).aggregate(
        tests=rows.count(where=~rows.unknown),
        tests_failed=rows.count(where=rows.failed),
        tests_unknown=rows.count(where=rows.unknown),
        excursions=rows.excursion.sum(),
    )
    asked = variables.cross_join(
        definitions.select("definition", "version", "divisor", "variables_needed", "samples_needed")
    )
    sums = asked.group_by([*keys, "definition", "version", "divisor", "variables_needed"]).aggregate(
        variables=asked.count(where=asked.tests > 0),
        variables_failed=asked.count(where=asked.tests_failed > 0),
        variables_sufficient=asked.count(where=asked.tests >= asked.samples_needed),
        tests=asked.tests.sum(),
        tests_failed=asked.tests_failed.sum(),
        tests_unknown=asked.tests_unknown.sum(),
        excursions=asked.excursions.sum(),
    )
    count = sums.tests.nullif(0).cast("float64")
    nse = sums.excursions.cast("float64") / count
    parts = sums.mutate(
        f1=100 * sums.variables_failed.cast("float64") / sums.variables.nullif(0).cast("float64"),
        f2=100 * sums.tests_failed.cast("float64") / count,
        f3=100 * nse / (nse + 1),
    )
    length = (parts.f1 * parts.f1 + parts.f2 * parts.f2 + parts.f3 * parts.f3).sqrt()
    enough = parts.variables_sufficient >= parts.variables_needed
    wqi = (100 - length / parts.divisor.cast("float64")).round(INDEX_DIGITS)
    indexed = parts.mutate(
        wqi=ibis.ifelse(enough, wqi, ibis.null("float64")),
        status=ibis.ifelse(enough, ibis.null("string"), "insufficient_data"),
        **{name: parts[name].round(INDEX_DIGITS) for name in ("f1", "f2", "f3")},
    )
    return with_band(indexed, [*keys, "definition"], "wqi", bands, "rating").drop(
        "divisor", "variables_needed", "excursions"
    )


def objectives(
    samples: ir.Table, stations: ir.Table, types: ir.Table, items: ir.Table, limits: ir.Table, units: ir.Table
) -> ir.Table:
    """The assessed results of core.water_samples as tests against the required class of their section."""
    rows = levels(samples, items.filter(items.assessed), units)
    rows = rows.filter(rows.usable).mutate(year=rows.sampled_at.year().cast("int64"))
    spans = year_spans(rows.select(*SCOPE).distinct())
    placed = with_required_class(with_section(spans, stations, types))
    sections = placed.select(*SCOPE, "required_class", reading=placed.water_body.fill_null(RIVER))
    joined = rows.join(sections, list(SCOPE)).join(wide_limits(limits), ["determinand", "reading"])
    return joined.mutate(
        low=limit_of(joined, "low", joined.required_class), high=limit_of(joined, "high", joined.required_class)
    )


def build(inputs: Inputs) -> ir.Table:
    """The rows of mart.water_quality_index for the dirty section-years."""
    samples, dirty = inputs.table("core.water_samples"), inputs.dirty
    taken = samples.semi_join(
        dirty,
        [
            samples.series == dirty.series,
            samples.station_code == dirty.station_code,
            samples.sampled_at.year() == dirty.year,
        ],
    )
    tests = objectives(taken, *(inputs.table(name) for name in _TABLES))
    heads = tests.group_by([*SCOPE, "required_class"]).aggregate(origin=origin_of(tests.origin))
    definitions, bands = inputs.table("standard.ccme_definition"), inputs.table("standard.ccme_band")
    return beside(ccme_index(tests, definitions, bands, SCOPE), heads, SCOPE).select(*WATER_QUALITY_INDEX.names)


_TABLES = (
    "core.stations",
    "standard.water_section_type",
    "standard.water_item",
    "standard.water_limit",
    "standard.water_unit",
)
_YEAR = "extract(year FROM sampled_at)"

WATER_QUALITY_INDEX_MART = Mart(
    table=WATER_QUALITY_INDEX,
    subject="water",
    scope=SCOPE,
    upstream=(
        Upstream("core.water_samples", scope={"year": _YEAR}),
        Upstream(
            "core.stations",
            via=f"SELECT DISTINCT series, station_code, {_YEAR} AS year FROM core.water_samples "
            f"WHERE station_code IN {CHANGED_SECTIONS}",
        ),
    ),
    build=build,
    reads=(*_TABLES[1:], "standard.water_rule", "standard.ccme_definition", "standard.ccme_band"),
)
