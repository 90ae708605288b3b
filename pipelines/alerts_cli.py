"""`quality-city alerts`: see, take on, resolve, test, send.

Belongs here: one thin function per verb. Does not belong here: the life of an alert (`pipelines.alerting`).
None of them waits for a night: alerts live in a file of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime, time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.alerting.model import Alert
from pipelines.settings import load_settings
from pipelines.shell import HomeOption, JsonOption, explained, print_json, who
from sources.errors import MendableError
from warehouse.home import open_home

if TYPE_CHECKING:
    from pipelines.alerting.steps import AlertDesk

alerts_app = typer.Typer(no_args_is_help=True, help="告警 · alerts: see, take on, resolve, test, send")

AlertId = Annotated[str, typer.Argument(help="number of the alert, as `alerts list` shows it")]
ByOption = Annotated[str | None, typer.Option("--by", help="who; default: the user of this machine")]


class AlertError(MendableError):
    """The alert is not there, or cannot be changed so; the message says what can."""


@contextmanager
def _desk(home: Any) -> Iterator[AlertDesk]:
    from pipelines.alerting.steps import desk_of

    settings = load_settings(home=home)
    with desk_of(settings, open_home(settings.home)) as desk:
        yield desk


@alerts_app.command("list")
def list_alerts(
    home: HomeOption = None,
    everything: Annotated[bool, typer.Option("--all", help="resolved ones too")] = False,
    as_json: JsonOption = False,
) -> None:
    """列出 · Open alerts, the latest last."""
    with explained(), _desk(home) as desk:
        now = desk.clock()
        found = [alert for alert in desk.store.alerts() if everything or alert.open]
        if as_json:
            print_json([{"state": a.state(now), "severity": a.severity} | asdict(a) for a in found])
            return
        from pipelines import present

        shown = [(a.alert_id, a.severity, a.state(now), f"{a.opened_at:%Y-%m-%d}", f"{a.zh}\n{a.en}") for a in found]
        present.rows(
            ("id", "severity", "state", "opened", "内容 · message"), shown, empty="没有未解除的告警 · no open alert"
        )


@alerts_app.command()
def ack(
    alert_id: AlertId,
    until: Annotated[
        datetime, typer.Option("--until", formats=["%Y-%m-%d"], help="last day on which it is not repeated")
    ],
    by: ByOption = None,
    home: HomeOption = None,
) -> None:
    """认领 · Take an alert on: it is neither repeated nor escalated until the end of that day."""
    with explained(), _desk(home) as desk:
        end = datetime.combine(until.date(), time.max)
        if end <= desk.clock():
            raise AlertError(f"--until: {until.date()} is over; accepted: today or a later day")
        name = by or who()
        _change(desk, alert_id, acknowledged_at=desk.clock(), acknowledged_by=name, acknowledged_until=end)
        typer.echo(f"{alert_id}: 已由 {name} 认领至 {until.date()} · taken on by {name} until {until.date()}")


@alerts_app.command()
def resolve(alert_id: AlertId, by: ByOption = None, home: HomeOption = None) -> None:
    """解除 · Resolve an alert: it stays so until its reason went away, or says something else."""
    with explained(), _desk(home) as desk:
        name = by or who()
        _change(desk, alert_id, resolved_at=desk.clock(), resolved_by=name)
        typer.echo(f"{alert_id}: 已由 {name} 解除 · resolved by {name}")


@alerts_app.command()
def test(
    channel: Annotated[str | None, typer.Argument(help="one channel of the settings; default: every one")] = None,
    only_address: Annotated[
        bool, typer.Option("--only-address", help="only see whether the address can be used; send nothing")
    ] = False,
    home: HomeOption = None,
) -> None:
    """试发 · Send a test message by every channel of the settings."""
    with explained(), _desk(home) as desk:
        from pipelines.alerting.trial import try_channels

        results = try_channels(desk, channel, only_address=only_address)
        for name, error in results.items():
            typer.echo(f"{name}: {error or ('可用 · usable' if only_address else '已送达 · taken')}")
        if any(results.values()):
            raise typer.Exit(2)


@alerts_app.command()
def send(home: HomeOption = None) -> None:
    """补发 · Send what waits in the outbox, and notice a night that did not run; for cron between nights."""
    with explained():
        from pipelines.alerting.nightly import look_at_outbox

        look = look_at_outbox(load_settings(home=home))
        held = "；静默时段内暂不发送 · quiet hours: held" * look.held_by_quiet_hours
        typer.echo(f"已送出 {look.sent} 条 · sent {look.sent}{held}")
        for name, error in look.failed.items():
            typer.echo(f"{name}: {error}", err=True)


def _change(desk: AlertDesk, alert_id: str, **values: Any) -> Alert:
    """Write new values into an open alert. Raises `AlertError` when there is none of that number."""
    with desk.store.transaction():
        known = {alert.alert_id: alert for alert in desk.store.alerts()}
        if alert_id not in known:
            raise AlertError(f"alert {alert_id}: unknown; see `quality-city alerts list`")
        if not known[alert_id].open:
            raise AlertError(
                f"alert {alert_id}: resolved by {known[alert_id].resolved_by}; only open ones can be changed"
            )
        changed = replace(known[alert_id], **values)
        desk.store.keep([changed])
    return changed
