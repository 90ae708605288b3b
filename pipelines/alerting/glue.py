"""Alerts as Dagster sees them: two assets with checks, a sensor for the outbox, one for failed runs.

Belongs here: glue. Does not belong here: any work (`pipelines.alerting.nightly`).
"""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from assets.glue import OWNERS, PUBLISHED
from pipelines.alerting.nightly import look_at_outbox, report_failure, settle, tell_after
from pipelines.alerting.published_copy import ALERT
from pipelines.settings import Settings

ALERTS = dg.AssetKey(["mart", "alert"])
TOLD = dg.AssetKey(["published", "alerts"])

#: Runs of the command line carry it: their failures are told by the command line itself.
TOLD_TAG = "quality_city/told"

_OUTBOX_SECONDS = 300


def alerts_asset(settings: Settings, deps: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """Step 3: alerts opened and resolved. The check: no key has two open alerts."""

    @dg.asset(
        key=ALERTS,
        deps=deps,
        group_name="alerts",
        kinds={"sqlite", "duckdb"},
        owners=OWNERS,
        description=ALERT.description,
        check_specs=[dg.AssetCheckSpec("one_open_alert_each", asset=ALERTS, description="at most one is open per key")],
        required_resource_keys={"night"},
    )
    def _settle(context: dg.AssetExecutionContext) -> dg.MaterializeResult:  # type: ignore[type-arg]
        night = context.resources.night
        changed = settle(settings, night)
        twice = night.warehouse.rows(
            "SELECT plan, indicator, region_code, rule FROM mart.alert WHERE resolved_at IS NULL "
            "GROUP BY ALL HAVING count(*) > 1"
        )
        result = dg.AssetCheckResult(check_name="one_open_alert_each", passed=not twice)
        return dg.MaterializeResult(metadata={"alerts_changed": changed}, check_results=[result])

    return _settle


def told_asset(settings: Settings) -> dg.AssetsDefinition:
    """Step 5: digests sent. The check warns of channels that took nothing; they never fail the night."""

    @dg.asset(
        key=TOLD,
        deps=[PUBLISHED],
        group_name="alerts",
        kinds={"apprise"},
        owners=OWNERS,
        description="已送出的告警汇总 · digests of alerts that were sent",
        check_specs=[dg.AssetCheckSpec("channels_took_it", asset=TOLD, description="every channel took its messages")],
        required_resource_keys={"night"},
    )
    def _tell(context: dg.AssetExecutionContext) -> dg.MaterializeResult:  # type: ignore[type-arg]
        look = tell_after(settings, context.resources.night)
        result = dg.AssetCheckResult(
            check_name="channels_took_it",
            passed=not look.failed,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={name: dg.MetadataValue.text(error) for name, error in look.failed.items()},
        )
        return dg.MaterializeResult(metadata={"messages_sent": look.sent}, check_results=[result])

    return _tell


def outbox_sensor(settings: Settings) -> dg.SensorDefinition:
    """Between nights: what waits is tried again, and a night that did not run is noticed."""

    @dg.sensor(
        name="alert_outbox",
        minimum_interval_seconds=_OUTBOX_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="sends alerts that wait, and notices a night that did not run",
    )
    def alert_outbox(_context: dg.SensorEvaluationContext) -> dg.SkipReason:
        if not (settings.home / "home.json").exists():
            return dg.SkipReason(f"{settings.home} is not a home yet")
        look = look_at_outbox(settings)
        failed = "; ".join(f"{name}: {error}" for name, error in look.failed.items())
        return dg.SkipReason(f"{look.sent} sent" + f", not taken by {failed}" * bool(failed))

    return alert_outbox


def failure_sensor(job: Any, settings: Settings) -> dg.SensorDefinition:
    """A run of Dagster's that failed is told as a failed night."""

    @dg.run_failure_sensor(
        name="night_failed",
        monitored_jobs=[job],
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="tells operators of a failed night",
    )
    def night_failed(context: dg.RunFailureSensorContext) -> None:
        reason = _reason(context)
        # As on the command line: a night that could not begin because another one runs is no failed night.
        if TOLD_TAG not in context.dagster_run.tags and not reason.startswith("LockedError: "):
            report_failure(settings, reason)

    return night_failed


def _reason(context: dg.RunFailureSensorContext) -> str:
    """What went wrong at the bottom: `ErrorClass: message`, after the step if it was in one."""
    steps = context.get_step_failure_events()
    failed = steps[0].step_failure_data if steps else context.failure_event.job_failure_data
    error = failed.error
    while error and error.cause:
        error = error.cause
    if not error:
        return context.failure_event.message or "the run failed; see it in Dagster"
    said = error.message.strip().split(": ", 1)[-1]
    return f"{f'step {steps[0].step_key}: ' if steps else ''}{error.cls_name}: {said}"
