"""Settings of alerts: channels, audiences, intervals. The section `alerts` of settings.yaml.

Belongs here: their shape and what is refused. Does not belong here: secrets (the environment holds them; a
setting names the variable as ${NAME}), addresses (`pipelines.alerting.channels`).
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from pipelines.alerting.digest import Recipient

_ENVIRONMENT = r"^\$\{[A-Z][A-Z0-9_]*\}$"
#: A secret is never written into a file: the setting names the variable that holds it.
Secret = Annotated[str, StringConstraints(pattern=_ENVIRONMENT)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Mail(_Section):
    """SMTP. `security`: tls from the first byte, starttls, or none."""

    service: Literal["mail"]
    host: str
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    sender: str
    to: tuple[str, ...] = Field(min_length=1)
    user: Secret | None = None
    password: Secret | None = None


class Wecom(_Section):
    """企业微信群机器人 · bot of a WeCom group."""

    service: Literal["wecom"]
    key: Secret


class Dingtalk(_Section):
    """钉钉群机器人 · bot of a DingTalk group; `secret` when it signs."""

    service: Literal["dingtalk"]
    token: Secret
    secret: Secret | None = None


class Feishu(_Section):
    """飞书群机器人 · bot of a Feishu group."""

    service: Literal["feishu"]
    token: Secret


class Slack(_Section):
    """Incoming webhook of Slack: the part of its address after /services/, T…/B…/…"""

    service: Literal["slack"]
    token: Secret


class Teams(_Section):
    """Workflow of Microsoft Teams: its host, id and signature."""

    service: Literal["teams"]
    host: str
    workflow: Secret
    signature: Secret


class Webhook(_Section):
    """JSON by HTTP POST. An address that carries a secret comes from the environment."""

    service: Literal["webhook"]
    url: str

    @field_validator("url")
    @classmethod
    def _no_secret(cls, url: str) -> str:
        plain = url.startswith(("http://", "https://")) and "@" not in url and "?" not in url
        if not plain and not (url.startswith("${") and url.endswith("}")):
            raise ValueError("give http(s)://host/path without user, password or query, or ${NAME} of a variable")
        return url


class File(_Section):
    """A file of this machine, below the home's logs folder: one JSON line a message. Nothing leaves."""

    service: Literal["file"]
    name: Annotated[str, StringConstraints(pattern=r"^[\w.-]+$")] = "alerts.jsonl"


Channel = Annotated[Mail | Wecom | Dingtalk | Feishu | Slack | Teams | Webhook | File, Field(discriminator="service")]


class Audience(_Section):
    """Who is told: alerts of the given responsible bodies, of operators, escalated ones.

    `bodies`: codes of the file of responsible bodies, `all`, or `unassigned`.
    """

    channels: tuple[Name, ...] = Field(min_length=1)
    bodies: tuple[Name, ...] = ()
    operators: bool = False
    escalations: bool = False
    language: Literal["zh", "en", "both"] = "both"


class QuietHours(_Section):
    """Local time in which nothing is sent; what waits goes out with the next look at the outbox."""

    start: time
    end: time

    def hold(self, now: datetime) -> bool:
        clock = now.time()
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


class AlertSettings(_Section):
    """No channel is on by default: without this section alerts are kept and sent to nobody."""

    channels: dict[Name, Channel] = Field(default_factory=dict)
    audiences: dict[Name, Audience] = Field(default_factory=dict)
    first_night: Name | None = None
    repeat_days: int = Field(default=7, ge=1)
    escalate_after_days: int = Field(default=14, ge=1)
    quiet_hours: QuietHours | None = None
    late_factor: float = Field(default=2.0, ge=1.0)
    missed_after_hours: float = Field(default=36.0, gt=0)
    retry_minutes: float = Field(default=5.0, gt=0)
    retry_at_most_hours: float = Field(default=12.0, gt=0)

    @model_validator(mode="after")
    def _known(self) -> AlertSettings:
        for name, audience in self.audiences.items():
            if unknown := set(audience.channels) - set(self.channels):
                known = ", ".join(self.channels) or "none is defined"
                raise ValueError(f"audience {name}: unknown channels {sorted(unknown)}; accepted: {known}")
        if self.first_night is not None and self.first_night not in self.audiences:
            raise ValueError(f"first_night: no audience {self.first_night!r}; accepted: {', '.join(self.audiences)}")
        return self

    @property
    def interval(self) -> timedelta:
        return timedelta(days=self.repeat_days)

    @property
    def escalate_after(self) -> timedelta:
        return timedelta(days=self.escalate_after_days)

    @property
    def missed_after(self) -> timedelta:
        return timedelta(hours=self.missed_after_hours)

    def backoff(self, attempts: int) -> timedelta:
        """How long a channel is left alone after so many failed attempts: doubling, up to the longest."""
        longest = timedelta(hours=self.retry_at_most_hours)
        pause: timedelta = timedelta(minutes=self.retry_minutes) * 2 ** min(attempts - 1, 20)
        return min(pause, longest)

    def recipients(self) -> list[Recipient]:
        """The audiences, those with channels of both kinds twice: what stays on the machine may say more."""
        found = []
        for name, audience in self.audiences.items():
            for outside in (True, False):
                channels = tuple(c for c in audience.channels if (self.channels[c].service != "file") is outside)
                if channels:
                    found.append(
                        Recipient(
                            name if outside else f"{name}@machine", channels, outside, frozenset(audience.bodies),
                            audience.operators, audience.escalations, audience.language,
                        )
                    )  # fmt: skip
        return found

    def first_night_recipient(self) -> Recipient | None:
        """Who gets the one digest of a home's first night: the audience named, else operators, else the first."""
        found = self.recipients()
        named = [r for r in found if r.name.removesuffix("@machine") == self.first_night]
        chosen = named or [r for r in found if r.operators] or found
        return chosen[0] if chosen else None
