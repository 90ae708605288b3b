"""What registers of events contribute: counts of first awards.

Belongs here: counting core.register_events for the plan's indicators. Does not belong here: which
registers count for which indicator (`mart.counted_register`), whether a count suffices
(`assets.status`).

A title is a holder and a title's name; the first award counts, a renewal or a second award of the same
title does not, and a revoked title leaves the count on the day of its revocation: earlier years keep it.
A revocation means the grant that it names, else the grant of its own number, else the holder's title; one that the city
files under its own code counts for the town that holds the title.
Titles that look alike across departments are reported (`assets.register_findings`), not merged.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.contribution import contribution
from assets.exact import origin_of
from assets.plan.model import Measure
from assets.plan.tables import COUNTED_REGISTER, TARGET, plan_statements
from assets.regions import REGION
from warehouse.marts import Inputs

GRANTED, REVOKED = "granted", "revoked"

_STATEMENT = ("plan", "indicator")
_PLACE = ("plan", "indicator", "region_code")


def register_counts(
    events: ir.Table,
    returns: ir.Table,
    indicators: ir.Table,
    counted: ir.Table,
    years: ir.Table,
    regions: ir.Table,
) -> ir.Table:
    """Rows of assets.contribution.CONTRIBUTION: counts by indicator, region and year.

    `events`, `returns`: core.register_events and core.statistical_returns. `years`: plan, year, the years
    to count for. `regions`: mart.region; events of a unit directly below the plan's region count for that
    region too. Indicators with a window_start count from it to the end of the year, all others the year
    alone. complete = a coverage return (零报告) says that the register is complete to the end of the year
    (complete_to), or that there was nothing to report in it; without one the count is a lower bound.
    No row where nothing is recorded and nobody says that there was nothing.
    """
    wanted = _counted_indicators(indicators)
    titles = _titles(events, wanted, counted, regions)
    coverage = returns.select(
        "region_code",
        "complete_to",
        "origin",
        indicator=returns.indicator_code,
        nothing_in=ibis.ifelse(
            returns.nothing_to_report.fill_null(False) & returns.complete_to.isnull(),
            returns.year,
            ibis.null("int64"),
        ),
    )
    coverage = coverage.filter(coverage.complete_to.notnull() | coverage.nothing_in.notnull())
    coverage = coverage.join(wanted.select(*_STATEMENT), "indicator")
    places = titles.select(*_PLACE).union(coverage.select(*_PLACE)).distinct()
    grid = places.join(years, "plan").join(wanted, list(_STATEMENT))
    rows = _counted(grid, titles).left_join(_covered(grid, coverage), [*_PLACE, "year"])
    rows = rows.drop(*(f"{name}_right" for name in (*_PLACE, "year")))
    rows = rows.mutate(covered=rows.covered.fill_null(False))
    rows = rows.filter((rows.granted > 0) | rows.covered)
    return contribution(
        rows.mutate(
            definition=ibis.literal("default"),
            headline=ibis.literal(True),
            value=(rows.granted - rows.revoked).cast("float64"),
            unit=ibis.literal("count"),
            n=rows.granted,
            complete=rows.covered,
            basis=_basis(rows),
            origin=ibis.ifelse(
                (rows.title_origin == rows.coverage_origin).fill_null(True),
                rows.title_origin.fill_null(rows.coverage_origin),
                "mixed",
            ),
        )
    )


def counted_events(
    events: ir.Table, indicators: ir.Table, counted: ir.Table, years: ir.Table, regions: ir.Table
) -> ir.Table:
    """The events of every title that a count holds: _PLACE, year, and series, register, event_id, event_kind.

    Arguments as in `register_counts`. One row per event and count, for those of the year and before; a title
    that was first granted outside the count's years is in none.
    """
    wanted = _counted_indicators(indicators)
    hits = _hits(events, wanted, counted, regions)
    grid = hits.select(*_PLACE).distinct().join(years, "plan").join(wanted, list(_STATEMENT))
    titles = _within(grid, _by_title(hits)).select(*_PLACE, "year", "title_key")
    held = titles.join(hits, [*_PLACE, "title_key"])
    held = held.filter(held.event_date <= ibis.date(held.year, 12, 31))
    return held.select(*_PLACE, "year", "series", "register", "event_id", "event_kind")


def _counted_indicators(indicators: ir.Table) -> ir.Table:
    return indicators.filter(indicators.measure.isin([Measure.COUNT.value, Measure.EVIDENCE.value])).select(
        *_STATEMENT, "comparator", "window_start", plan_region="region_code"
    )


def _titles(events: ir.Table, wanted: ir.Table, counted: ir.Table, regions: ir.Table) -> ir.Table:
    """One row per plan, indicator, region and title: granted_on, revoked_on, holder_name, origin."""
    return _by_title(_hits(events, wanted, counted, regions))


def _hits(events: ir.Table, wanted: ir.Table, counted: ir.Table, regions: ir.Table) -> ir.Table:
    """The events of every register that counts, for their own region and for the plan's above it."""
    hits = with_title(events).join(counted, "register").join(wanted, list(_STATEMENT))
    hits = hits.filter((hits.level_right == "") | (hits.level == hits.level_right))
    hits = hits.select(
        *_PLACE, "plan_region", "title_key", "holder_name", "event_kind", "event_date", "origin",
        "series", "register", "event_id",
    )  # fmt: skip
    below = regions.select(region_code=regions.code, above=regions.parent_code)
    lifted = hits.join(below, "region_code")
    lifted = lifted.filter(lifted.above == lifted.plan_region).drop("above")
    # A notice of the city takes a title away from the count of its town, too.
    towns = below.select(town="region_code", region_code="above").distinct()
    lowered = hits.filter(hits.event_kind == REVOKED).join(towns, "region_code")
    lowered = lowered.mutate(region_code=lowered.town).select(*hits.columns)
    return hits.union(lifted.mutate(region_code=lifted.plan_region).select(*hits.columns), lowered)


def _by_title(hits: ir.Table) -> ir.Table:
    granted, revoked = hits.event_kind == GRANTED, hits.event_kind == REVOKED
    titles = hits.group_by(*_PLACE, "title_key").agg(
        granted_on=hits.event_date.min(where=granted),
        revoked_on=hits.event_date.min(where=revoked),
        holder_name=hits.holder_name.min(),
        origin=origin_of(hits.origin),
    )
    return titles.filter(titles.granted_on.notnull())


def with_title(events: ir.Table) -> ir.Table:
    """core.register_events with title_key, the same for everything that happened to one title, and granted_here.

    Holder and title of the grant that a row names (of_event_id) or shares its number with in its own
    publication, else its own holder and title; without a title, publication, register and number.
    granted_here: whether a renewal or revocation names or numbers a grant that is there.
    """
    number = ["series", "register", "meant"]
    meant = events.of_event_id.fill_null(events.event_id)
    named = events.holder_name.fill_null("") + "\n" + events.title
    rows = events.mutate(meant=meant, own_key=named.fill_null(events.series + "\n" + events.register + "\n" + meant))
    grants = rows.filter(rows.event_kind == GRANTED).mutate(meant=rows.event_id)
    grants = grants.group_by(number).agg(grant_key=grants.own_key.min())
    found = rows.left_join(grants, number).drop(*(f"{name}_right" for name in number))
    title = ibis.ifelse(found.event_kind == GRANTED, found.own_key, found.grant_key.fill_null(found.own_key))
    return found.mutate(title_key=title, granted_here=found.grant_key.notnull()).drop("meant", "own_key", "grant_key")


def _counted(grid: ir.Table, titles: ir.Table) -> ir.Table:
    """`grid` with granted, revoked, repeated_holders, title_origin of each region and year."""
    pairs = _within(grid, titles)
    lost = (pairs.revoked_on >= pairs.granted_on) & (pairs.revoked_on <= ibis.date(pairs.year, 12, 31))
    pairs = pairs.mutate(lost=lost.fill_null(False))
    counts = pairs.group_by(*_PLACE, "year").agg(
        granted=pairs.count(),
        revoked=pairs.lost.sum(),
        named=pairs.holder_name.count(),
        holders=pairs.holder_name.nunique(),
        title_origin=origin_of(pairs.origin),
    )
    joined = grid.left_join(counts, [*_PLACE, "year"]).drop(*(f"{name}_right" for name in (*_PLACE, "year")))
    return joined.mutate(
        granted=joined.granted.fill_null(0),
        revoked=joined.revoked.fill_null(0),
        repeated=(joined.named - joined.holders).fill_null(0),
    )


def _within(grid: ir.Table, titles: ir.Table) -> ir.Table:
    """The titles of each row of `grid` that were first granted in the span that it counts."""
    pairs = grid.join(titles, list(_PLACE))
    opening = pairs.window_start.fill_null(ibis.date(pairs.year, 1, 1))
    end = ibis.date(pairs.year, 12, 31)
    return pairs.filter(pairs.granted_on >= opening, pairs.granted_on <= end)


def _covered(grid: ir.Table, coverage: ir.Table) -> ir.Table:
    """plan, indicator, region_code, year → covered, coverage_origin."""
    pairs = grid.select(*_PLACE, "year").join(coverage, list(_PLACE))
    reaches = (pairs.complete_to >= ibis.date(pairs.year, 12, 31)) | (pairs.nothing_in == pairs.year)
    pairs = pairs.filter(reaches.fill_null(False))
    return pairs.group_by(*_PLACE, "year").agg(covered=ibis.literal(True), coverage_origin=origin_of(pairs.origin))


def _basis(rows: ir.Table) -> ir.StringColumn:
    since = ibis.ifelse(
        rows.window_start.notnull(),
        "since " + rows.window_start.cast("string"),
        "in " + rows.year.cast("string"),
    )
    again = "; " + rows.repeated.cast("string") + " to a holder already counted"
    repeated = ibis.ifelse(rows.repeated > 0, again, "")
    complete = ibis.ifelse(
        rows.covered,
        "; register stated complete",
        "; no statement that the register is complete: a lower bound",
    )
    return (
        rows.granted.cast("string") + " first entries " + since + ", " + rows.revoked.cast("string")
        + " of them revoked" + repeated + complete
    )  # fmt: skip


def register_contribution(inputs: Inputs) -> ir.Table:
    """The contribution of registers, from the warehouse, for the plan's years up to the as-of date."""
    as_of = inputs.table("meta.as_of").as_of.max().as_scalar()
    years = inputs.table(TARGET.name).select("plan", "year").distinct()
    return register_counts(
        inputs.table("core.register_events"),
        inputs.table("core.statistical_returns"),
        plan_statements(inputs),
        inputs.table(COUNTED_REGISTER.name),
        years.filter(years.year <= as_of.year()),
        inputs.table(REGION.name),
    )
