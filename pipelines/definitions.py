"""The one Definitions object: assets, checks, job, schedule, sensor, resource.

Belongs here: putting declared things together. Does not belong here: any work (`assets`), opening a
night (`pipelines.night`), the command line (`pipelines.cli`).

Loading this module imports neither Great Expectations nor pandas (a test holds it to that).
"""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg

from assets.catalog import Catalog, load_catalog
from assets.glue import (
    HISTORY_KEY,
    PUBLISHED,
    feed_asset,
    feed_key,
    history_asset,
    mart_asset,
    publication_asset,
    reference_spec,
)
from assets.session import NightSession
from pipelines.alerting.glue import ALERTS, alerts_asset, failure_sensor, outbox_sensor, told_asset
from pipelines.dead_runs import mark_dead_runs, shown_alive
from pipelines.inbox_sensor import inbox_sensor
from pipelines.night import open_night, plans_of
from pipelines.settings import Settings, load_settings
from sources.feeds import FEEDS

JOB = "nightly"


def build_defs(
    *, settings: Settings | None = None, night: NightSession | None = None, catalog: Catalog | None = None
) -> dg.Definitions:
    """The definitions of one home.

    `settings` default to environment and home; `night` is a session that is already open (the
    command line hands its own), else a run opens one; `catalog` replaces marts and standards.
    """
    settings = settings or load_settings()
    catalog = catalog or load_catalog(settings.judged_on, plans_of(settings))
    feeds = list(FEEDS.values())
    marts = [mart_asset(mart, feeds) for mart in catalog.marts]
    keys = [*(feed_key(feed) for feed in feeds), *(mart.key for mart in marts)]
    publication = publication_asset([*keys, HISTORY_KEY, ALERTS])
    made = [
        *(feed_asset(feed) for feed in feeds),
        *marts,
        history_asset(),
        alerts_asset(settings, keys),
        publication,
        told_asset(settings),
    ]
    job = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.assets(*made),
        executor_def=dg.in_process_executor,
        description="一夜 · one night: ingest, subjects, scorecard, publish",
    )
    return dg.Definitions(
        assets=[*(reference_spec(reference) for reference in catalog.references), *made],
        jobs=[job],
        schedules=[nightly_schedule(job)],
        sensors=[inbox_sensor(job, settings), outbox_sensor(settings), failure_sensor(job, settings)],
        resources={"night": _session(settings, night)},
        executor=dg.in_process_executor,
    )


def nightly_schedule(job: dg.JobDefinition | object) -> dg.ScheduleDefinition:
    """02:00 in the city's zone; running as soon as a daemon is, because Dagster's default is stopped."""
    return dg.ScheduleDefinition(
        name="nightly_0200",
        job=job,  # type: ignore[arg-type]
        cron_schedule="0 2 * * *",
        execution_timezone="Asia/Shanghai",
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )


def _session(settings: Settings, night: NightSession | None) -> dg.ResourceDefinition:
    """The night's session: the one that is given, or one opened for the run and closed after it."""
    if night is not None:
        return dg.ResourceDefinition.hardcoded_resource(night)

    @dg.resource(description="lock, working file and inbox of one night")
    def open_session(context: dg.InitResourceContext) -> Iterator[NightSession]:
        def say(text: str) -> None:
            if context.log:
                context.log.info(text)

        if not (context.instance and context.run):
            with open_night(settings, say) as opened:
                yield opened
            return
        with shown_alive(context.instance, context.run.run_id), open_night(settings, say) as opened:
            mark_dead_runs(context.instance, alive=context.run.run_id)
            yield opened

    return open_session


def asset_key_of(table: str) -> dg.AssetKey:
    """`core.<feed>` or a mart's name as an asset key."""
    return dg.AssetKey(table.split("."))


@dg.definitions
def defs() -> dg.Definitions:
    """What Dagster loads: the definitions of the home that the environment names."""
    return build_defs()


__all__ = ["HISTORY_KEY", "JOB", "PUBLISHED", "asset_key_of", "build_defs", "defs"]
