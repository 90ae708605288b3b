"""Trying channels: is the address usable, and does a test message arrive?

Belongs here: the trial and its message. Does not belong here: the outbox, which it leaves alone.
"""

from __future__ import annotations

import os

from pipelines.alerting.channels import ChannelError, validate
from pipelines.alerting.outbox import NotTakenError
from pipelines.alerting.steps import AlertDesk
from pipelines.alerting.store import Message


def try_channels(desk: AlertDesk, only: str | None, *, only_address: bool) -> dict[str, str]:
    """Channel → what is wrong with it, empty when it took the test message.

    Raises `ChannelError` when there is no channel, or none of the name `only`.
    """
    channels = desk.settings.channels
    if not channels:
        raise ChannelError("no channel is set; write alerts.channels in settings.yaml, see docs/alerts.md")
    if only is not None and only not in channels:
        raise ChannelError(f"channel {only}: unknown; accepted: {', '.join(channels)}")
    results = {}
    for name in [only] if only else channels:
        try:
            validate(name, channels[name], os.environ)
            if not only_address:
                desk.send(name, channels[name], _message(desk, name))
            results[name] = ""
        except (ChannelError, NotTakenError) as error:
            results[name] = str(error)
    return results


def _message(desk: AlertDesk, channel: str) -> Message:
    now = desk.clock()
    identity = f"qc-test-{now:%Y%m%d%H%M%S}"
    return Message(
        identity,
        "test",
        "质量之城：试发 · Quality City: a test",
        f"渠道 {channel} 可用，收到即可，无需处理。\nChannel {channel} works; nothing needs to be done.\n\n{identity}",
        (),
    )
