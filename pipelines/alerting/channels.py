"""A channel's settings → the address that Apprise sends to.

Belongs here: one address per service, secrets filled in from the environment, whether Apprise takes it. Does
not belong here: sending (`pipelines.alerting.outbox`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from pipelines.alerting.settings import Channel, Dingtalk, Feishu, Mail, Slack, Teams, Webhook, Wecom
from sources.errors import MendableError

#: Header of mails and webhooks by which a receiver knows a message that comes twice.
ID_HEADER = "X-Quality-City-Message"

_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
#: Seconds to connect and to wait for an answer: a dead channel must not hold up the night.
_PATIENCE = {"cto": "8", "rto": "8"}


class ChannelError(MendableError):
    """A channel cannot be used as it is set; the message says what to do."""


def address(name: str, channel: Channel, message_id: str, environ: Mapping[str, str]) -> str:
    """The Apprise address of a channel. Raises `ChannelError` when a variable that it names is not set."""

    def secret(text: str | None) -> str:
        return quote(revealed(name, text or "", environ), safe="")

    header = {"+" + ID_HEADER: message_id}
    match channel:
        case Mail():
            scheme = "mailto" if channel.security == "none" else "mailtos"
            mode = {"none": {}, "starttls": {"mode": "starttls"}, "tls": {"mode": "ssl"}}[channel.security]
            login = f"{secret(channel.user)}:{secret(channel.password)}@" if channel.user else ""
            query = {"from": channel.sender, "to": ",".join(channel.to), **mode, **_PATIENCE, **header}
            return f"{scheme}://{login}{channel.host}:{channel.port}?{urlencode(query)}"
        case Wecom():
            return f"wecombot://{secret(channel.key)}/?{urlencode({'overflow': 'split', **_PATIENCE})}"
        case Dingtalk():
            signed = f"{secret(channel.secret)}@" if channel.secret else ""
            return f"dingtalk://{signed}{secret(channel.token)}/?{urlencode({'overflow': 'split', **_PATIENCE})}"
        case Feishu():
            return f"feishu://{secret(channel.token)}/?{urlencode({'overflow': 'split', **_PATIENCE})}"
        case Slack():
            token = quote(revealed(name, channel.token, environ), safe="/")
            return f"slack://{token}/?{urlencode({'overflow': 'split', **_PATIENCE})}"
        case Teams():
            path = f"{secret(channel.workflow)}/{secret(channel.signature)}"
            return f"workflows://{channel.host}/{path}/?{urlencode({'overflow': 'split', **_PATIENCE})}"
        case Webhook():
            url = revealed(name, channel.url, environ)
            joined = "&" if "?" in url else "?"
            return (
                url.replace("http", "json", 1) + joined + urlencode({**_PATIENCE, **header, ":message_id": message_id})
            )
    raise ChannelError(f"channel {name}: a file has no address")


def revealed(name: str, text: str, environ: Mapping[str, str]) -> str:
    """`text` with ${NAME} replaced from the environment. Raises `ChannelError` naming a variable that is not set."""

    def value(match: re.Match[str]) -> str:
        found = environ.get(match[1], "")
        if not found:
            raise ChannelError(f"channel {name}: the variable {match[1]} is not set; set it where nights are run")
        return found

    return _VARIABLE.sub(value, text)


def masked(text: str, channel: Channel, environ: Mapping[str, str]) -> str:
    """`text` without any secret of the channel, for logs and alerts."""
    for field in type(channel).model_fields:
        for variable in _VARIABLE.findall(str(getattr(channel, field))):
            if hidden := environ.get(variable):
                text = text.replace(hidden, "***").replace(quote(hidden, safe=""), "***")
    return text


def validate(name: str, channel: Channel, environ: Mapping[str, str]) -> None:
    """Raise `ChannelError` when Apprise does not accept the channel's address."""
    if channel.service == "file":
        return
    import apprise

    if apprise.Apprise.instantiate(address(name, channel, "qc-test", environ)) is None:
        fields = ", ".join(field for field in type(channel).model_fields if field != "service")
        raise ChannelError(f"channel {name} ({channel.service}): not a usable address; check {fields}")
