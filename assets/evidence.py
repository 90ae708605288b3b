"""Evidence for duties without a number that is computed from what other indicators rest on.

Belongs here: how often the city samples, whether key-food rates hold, how completely air is measured.
Does not belong here: figures that a body returns (`assets.returns`), pass rates of inspections
(`assets.pass_rates`), verdicts: evidence has none.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.contribution import contribution
from assets.energy.series import joint_origin
from assets.exact import origin_of
from assets.pass_rates.standards import with_frame
from assets.plan.model import Comparator
from sources.feeds.inspection import SPOT_CHECKS
from warehouse.marts import Inputs

SAMPLING_INTENSITY = "city_sampling_intensity"
MONITORING = "env_monitoring_assessment"

#: The programme of the city's own supervision.
_CITY = "city"


def own_batches(spot_checks: ir.Table, frames: ir.Table) -> ir.Table:
    """The rows of core.spot_checks of the city's own supervision, of lists whose length says how much is sampled."""
    own = spot_checks.filter(spot_checks.programme == _CITY, spot_checks.region_code.notnull())
    framed = with_frame(own.mutate(feed=ibis.literal(SPOT_CHECKS.name)), frames)
    return framed.filter(framed.feeds_rates)


def sampling_intensity(spot_checks: ir.Table, frames: ir.Table) -> ir.Table:
    """Rows of CONTRIBUTION: batches of the city's own supervision by region and year of publication.

    Firms, product categories and dates of publication stand in `basis`. Lists that are cut off or hold
    failures only are left out (standard.series_frame): their length says nothing of the effort.
    """
    rows = own_batches(spot_checks, frames)
    rows = rows.mutate(year=rows.published_on.year().cast("int64"))
    sums = rows.group_by("region_code", "year").aggregate(
        batches=rows.count(),
        firms=rows.producer_name.nunique(),
        categories=rows.category.nunique(),
        rounds=rows.published_on.nunique(),
        origin=origin_of(rows.origin),
    )
    counts = ((sums.firms, " firms, "), (sums.categories, " product categories, "), (sums.rounds, " rounds published"))
    return contribution(
        sums.mutate(
            indicator=ibis.literal(SAMPLING_INTENSITY),
            definition=ibis.literal("default"),
            headline=ibis.literal(True),
            value=sums.batches.cast("float64"),
            unit=ibis.literal("batches"),
            n=sums.batches,
            complete=ibis.literal(True),
            basis=ibis.literal("").join([part for number, word in counts for part in (number.cast("string"), word)]),
        )
    )


def monitoring_completeness(air_years: ir.Table, definitions: ir.Table) -> ir.Table:
    """Rows of CONTRIBUTION: valid days of air monitoring in percent of the year's days, by headline index."""
    meant = definitions.filter(definitions.headline).select("standard").distinct()
    rows = air_years.filter(air_years.valid_days > 0).semi_join(meant, "standard")
    return contribution(
        rows.mutate(
            indicator=ibis.literal(MONITORING),
            definition=ibis.literal("default"),
            headline=ibis.literal(True),
            value=rows.valid_days * 100.0 / rows.expected_days,
            unit=ibis.literal("%"),
            numerator=rows.valid_days,
            denominator=rows.expected_days,
            n=rows.valid_days,
            complete=rows.complete,
            basis="valid days of air monitoring: " + rows.basis,
        )
    )


def yearly_changes(values: ir.Table, indicators: ir.Table) -> ir.Table:
    """Rows of CONTRIBUTION for duties that name a code to watch: its change from the year before, in points.

    A duty (qualitative) with `compare_with` asks that something stays as it is. Without a value of the
    year before there is no change, and the row says so.
    """
    watched = indicators.filter(
        indicators.comparator == Comparator.QUALITATIVE.value, indicators.compare_with.notnull()
    ).select("plan", "indicator", "compare_with", "region_code", "headline_definition")
    headline = values.filter(values.headline).select(
        "plan", "region_code", "year", "definition", "value", "n", "complete", "origin", compare_with="indicator"
    )
    now = watched.join(headline, ["plan", "compare_with", "region_code"])
    before = headline.select(
        "plan", "compare_with", "region_code", "definition",
        year=headline.year + 1, earlier="value", earlier_complete="complete", earlier_origin="origin",
    )  # fmt: skip
    keys = ["plan", "compare_with", "region_code", "definition", "year"]
    rows = now.left_join(before, keys).drop(*(f"{key}_right" for key in keys))
    said = rows.value.round(2).cast("decimal(9, 2)").cast("string")
    return contribution(
        rows.mutate(
            definition=rows.headline_definition,
            headline=ibis.literal(True),
            value=rows.value - rows.earlier,
            unit=ibis.literal("points"),
            complete=rows.complete & rows.earlier_complete.fill_null(False),
            basis=rows.compare_with + " " + said + " % in " + rows.year.cast("string")
            + ibis.ifelse(rows.earlier.isnull(), ", no value of the year before", ", less the year before"),
            origin=joint_origin(rows.origin, rows.earlier_origin),
        )
    )  # fmt: skip


def sampling_contribution(inputs: Inputs) -> ir.Table:
    """The evidence from single batches, from the warehouse."""
    return sampling_intensity(inputs.table("core.spot_checks"), inputs.table("standard.series_frame"))


def monitoring_contribution(inputs: Inputs) -> ir.Table:
    """The evidence from air monitoring, from the warehouse."""
    return monitoring_completeness(inputs.table("mart.air_city_year"), inputs.table("standard.air_definition"))
