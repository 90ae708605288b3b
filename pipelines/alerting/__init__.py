"""Alerts: who must know, what they are told, and how it reaches them.

Belongs here: conditions that open alerts, their life cycle, the digests, the outbox and its channels. Does not
belong here: verdicts (`assets.status`), the steps of a night (`pipelines.night`, `pipelines.run`).

Alerts are rows of `work/alerts.sqlite`, so that acknowledging one never waits for a night. A night opens and
resolves them before it publishes, and tells them after; a message is marked only when its channel took it.
"""
