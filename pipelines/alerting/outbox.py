"""The outbox: what waits for a channel is sent, and marked when the channel took it.

Belongs here: one look at the outbox, sending by Apprise, the file channel. Does not belong here: what stands
in a message (`pipelines.alerting.digest`). Apprise is imported when something is to be sent, not before.

A message goes out at least once. Killed between send and mark, it goes out again with the same id.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pipelines.alerting.channels import ChannelError, address, masked
from pipelines.alerting.settings import AlertSettings, Channel, File
from pipelines.alerting.store import AlertStore, Due, Message


class NotTakenError(Exception):
    """The channel did not take the message; the text says why, without secrets."""


#: Sends one message by one channel. Raises `NotTakenError`.
Send = Callable[[str, Channel, Message], None]


@dataclass
class OutboxLook:
    """What one look at the outbox did."""

    sent: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    held_by_quiet_hours: bool = False


def deliver(
    store: AlertStore, settings: AlertSettings, lock: Path, now: Callable[[], datetime], send: Send
) -> OutboxLook:
    """Send everything that is due. A channel that fails is left alone for the rest of this look.

    Never raises for a channel: its error is kept, and the message tried again later, after longer and longer
    pauses. Does nothing when another process is sending.
    """
    look = OutboxLook()
    with _alone(lock) as mine:
        if not mine:
            return look
        due = store.due(now())
        if due and settings.quiet_hours and settings.quiet_hours.hold(now()):
            look.held_by_quiet_hours = True
            return look
        for entry in due:
            if entry.channel not in look.failed:
                _try(store, settings, entry, now, send, look)
    return look


def _try(
    store: AlertStore, settings: AlertSettings, due: Due, now: Callable[[], datetime], send: Send, look: OutboxLook
) -> None:
    channel = settings.channels.get(due.channel)
    try:
        if channel is None:
            raise NotTakenError("the channel is no longer in the settings")
        send(due.channel, channel, due.message)
    except (NotTakenError, ChannelError) as error:
        look.failed[due.channel] = str(error)
        store.failed(due, str(error), now() + settings.backoff(due.attempts + 1), now())
        return
    store.accepted(due, now())
    look.sent += 1


@contextmanager
def _alone(lock: Path) -> Iterator[bool]:
    """Whether nobody else is sending; two senders would send everything twice."""
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(handle)


def sender(logs: Path, environ: Mapping[str, str]) -> Send:
    """Sends by Apprise, and into files below `logs`."""

    def send(name: str, channel: Channel, message: Message) -> None:
        if isinstance(channel, File):
            _append(logs / channel.name, message)
        else:
            _by_apprise(name, channel, message, environ)

    return send


def _append(path: Path, message: Message) -> None:
    line = {"message_id": message.message_id, "recipient": message.recipient, "title": message.title,
            "body": message.body}  # fmt: skip
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    except OSError as error:
        raise NotTakenError(f"{path.name}: {error.strerror}") from error


def _by_apprise(name: str, channel: Channel, message: Message, environ: Mapping[str, str]) -> None:
    url = address(name, channel, message.message_id, environ)
    import apprise

    post = apprise.Apprise()
    if not post.add(url):
        raise NotTakenError(f"{channel.service}: not a usable address; see `quality-city alerts test`")
    said: list[str] = []
    result = post.notify(
        body=message.body,
        title=message.title,
        body_format=apprise.NotifyFormat.TEXT,
        log_callback=lambda entry, _plugin: said.append(str(entry.message)),
        log_level=30,
    )
    if not result:
        raise NotTakenError(masked(" ".join(said) or "not accepted, no reason given", channel, environ)[:500])
