"""Dagster glue: a feed, a mart, a standard and the publication as assets.

Belongs here: making assets out of declarations, and the numbers that Dagster shows of each. Does not
belong here: any step of the work (`assets.ingest`, `warehouse`), the Definitions (`pipelines`).
"""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from assets.ingest import FeedOutcome, ingest
from assets.known_codes import needs_regions
from assets.session import NightSession
from assets.status.history import HISTORY, keep_history
from assets.status.marts import INDICATOR_STATUS
from sources.feeds.reference import REGIONS
from sources.registry import Feed
from warehouse import dictionary, nights, publish
from warehouse.dirty import depends_on
from warehouse.marts import Mart, ReferenceTable
from warehouse.rebuild import rebuild

OWNERS = ["team:quality-city"]
HISTORY_KEY = dg.AssetKey(HISTORY.name.split("."))
PUBLISHED = dg.AssetKey(["published", "night"])


def feed_key(feed: Feed) -> dg.AssetKey:
    """`core/<feed>`."""
    return dg.AssetKey(["core", feed.name])


def table_key(table: str, feeds: Sequence[Feed]) -> dg.AssetKey:
    """The asset that holds a warehouse table: every part of a feed stands in that feed's asset."""
    schema, name = table.split(".")
    if schema == "core":
        return feed_key(next(feed for feed in feeds if any(part.name == name for part in feed.parts)))
    return dg.AssetKey([schema, name])


def feed_asset(feed: Feed) -> dg.AssetsDefinition:
    """Ingestion of one feed, with three checks: rules hold, rules could run, no record is lost (blocking)."""
    key = feed_key(feed)
    specs = [
        dg.AssetCheckSpec("rules_hold", asset=key, description="records satisfy the feed's rules"),
        dg.AssetCheckSpec("rules_ran", asset=key, description="every rule could be evaluated"),
        dg.AssetCheckSpec("conservation", asset=key, blocking=True, description="every record has one fate"),
    ]

    @dg.asset(
        key=key,
        deps=[feed_key(REGIONS)] if needs_regions(feed) else [],
        group_name="ingest",
        kinds={"polars", "duckdb", "greatexpectations"},
        owners=OWNERS,
        description=f"{feed.zh} · {feed.en}",
        check_specs=specs,
        required_resource_keys={"night"},
    )
    def _ingest(context: dg.AssetExecutionContext) -> dg.MaterializeResult:  # type: ignore[type-arg]
        night: NightSession = context.resources.night
        files = night.pending.get(feed.name, [])
        outcome = ingest(night.warehouse, feed, files, night.stamp, night.say)
        night.outcomes.append(outcome)
        facts = night.warehouse.value(f"SELECT count(*) FROM core.{feed.parts[0].name}")
        return dg.MaterializeResult(metadata=_feed_metadata(outcome, facts), check_results=_check_results(outcome))

    return _ingest


def mart_asset(mart: Mart, feeds: Sequence[Feed]) -> dg.AssetsDefinition:
    """One mart: its dirty portions are rebuilt."""
    schema, name = mart.name.split(".")
    deps = sorted({table_key(table, feeds) for table in depends_on(mart)} - {dg.AssetKey([schema, name])})

    @dg.asset(
        key=[schema, name],
        deps=deps,
        group_name=mart.subject,
        kinds={"duckdb", "ibis"},
        owners=OWNERS,
        description=mart.table.description,
        required_resource_keys={"night"},
    )
    def _rebuild(context: dg.AssetExecutionContext) -> dg.MaterializeResult:  # type: ignore[type-arg]
        night: NightSession = context.resources.night
        night.say(f"computing {mart.name}")
        built = rebuild(night.warehouse, mart)
        night.rebuilt.append(built)
        rows = dg.MetadataValue.int(built.rows)
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": rows,
                "dagster/column_lineage": _column_lineage(night, mart, feeds),
                "portions_computed": built.scopes,
                "rows_changed": built.changed,
            }
        )

    return _rebuild


def _column_lineage(night: NightSession, mart: Mart, feeds: Sequence[Feed]) -> dg.TableColumnLineage:
    """Of each column of a mart, the columns that it is computed from, as Dagster shows them."""
    columns: dict[str, list[dg.TableColumnDep]] = {}
    for column, table, behind in dictionary.lineage_of(night.warehouse, mart.name):
        columns.setdefault(column, []).append(dg.TableColumnDep(table_key(table, feeds), behind))
    return dg.TableColumnLineage(columns)


def reference_spec(reference: ReferenceTable) -> dg.AssetSpec:
    """A standard, plan or setting: data in the repository or the home, loaded when the night opens."""
    return dg.AssetSpec(
        key=reference.table.name.split("."),
        group_name="standards",
        kinds={"yaml"},
        owners=OWNERS,
        description=reference.table.description,
    )


def history_asset() -> dg.AssetsDefinition:
    """What was said until tonight, and why it changed."""

    @dg.asset(
        key=HISTORY_KEY,
        deps=[dg.AssetKey(INDICATOR_STATUS.name.split("."))],
        group_name="scorecard",
        kinds={"duckdb"},
        owners=OWNERS,
        description=HISTORY.description,
        required_resource_keys={"night"},
    )
    def _keep(context: dg.AssetExecutionContext) -> dg.MaterializeResult:  # type: ignore[type-arg]
        night: NightSession = context.resources.night
        changed = keep_history(night.warehouse, night.stamp.night_id, night.stamp.now)
        return dg.MaterializeResult(metadata={"verdicts_changed": changed})

    return _keep


def publication_asset(deps: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """The night's folder, made and swapped in if anything changed."""

    @dg.asset(
        key=PUBLISHED,
        deps=deps,
        group_name="publish",
        kinds={"duckdb"},
        owners=OWNERS,
        description="已发布之夜 · the published night that analysts and officials see",
        required_resource_keys={"night"},
    )
    def _publish(context: dg.AssetExecutionContext) -> dg.MaterializeResult:  # type: ignore[type-arg]
        return dg.MaterializeResult(metadata=publish_if_changed(context.resources.night))

    return _publish


def publish_if_changed(night: NightSession) -> dict[str, Any]:
    """Publish when analysts do not see everything yet; then prune old nights. Returns metadata."""
    if not night.warehouse.unpublished:
        pruned = nights.prune(night.warehouse.home, night.keep_nights)
        return {"published": False, "reason": "nothing changed since the last night", "pruned": pruned}
    night.say("publishing")
    stamp = night.stamp
    try:
        night.published = publish.publish(
            night.warehouse,
            stamp.night_id,
            night.started_at,
            stamp.now,
            night.inputs(),
            night.versions,
            night.companions,
        )
    except BaseException:
        nights.clean(night.warehouse.home)  # a full disk gets its room back
        raise
    pruned = nights.prune(night.warehouse.home, night.keep_nights)
    return {
        "published": True,
        "night_id": stamp.night_id,
        "path": str(night.published.folder),
        "faults": list(night.published.faults),
        "pruned": pruned,
    }


def _feed_metadata(outcome: FeedOutcome, facts: int) -> dict[str, Any]:
    files = [f"{entry.file.name}: {entry.problem or entry.fates}" for entry in outcome.files]
    return {
        "dagster/row_count": dg.MetadataValue.int(facts),
        "files": dg.MetadataValue.json(files),
        "records_accepted": outcome.accepted,
        "records_quarantined": outcome.quarantined,
    }


def _check_results(outcome: FeedOutcome) -> list[dg.AssetCheckResult]:
    """Failed and errored rules apart: they are mended by different people."""
    failed = [result for result in outcome.results if result.success is False]
    unable = [result for result in outcome.results if result.success is None]
    return [
        dg.AssetCheckResult(
            check_name="rules_hold",
            passed=not failed,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={
                result.rule.name: dg.MetadataValue.json(
                    {"rule": result.rule.statement, "records": result.unexpected, "first": list(result.samples)}
                )
                for result in failed
            },
        ),
        dg.AssetCheckResult(
            check_name="rules_ran",
            passed=not unable,
            severity=dg.AssetCheckSeverity.ERROR,
            metadata={result.rule.name: dg.MetadataValue.text(result.error) for result in unable},
        ),
        dg.AssetCheckResult(
            check_name="conservation",
            passed=not outcome.imbalances,
            severity=dg.AssetCheckSeverity.ERROR,
            metadata={"imbalances": dg.MetadataValue.json([str(entry) for entry in outcome.imbalances])},
        ),
    ]
