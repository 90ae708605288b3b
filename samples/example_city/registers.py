"""Registers of the example city: awards, standards, projects, one revocation.

Belongs here: rows of the feed register_events. Does not belong here: the numbers of grants
(`figures/registers.yaml`), zero reports (`returns`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from samples.example_city.files import ExampleFile, figures

FEED = "register_events"


def files() -> list[ExampleFile]:
    """The register of all years, and the revocation that came in a file of its own."""
    known = figures("registers")
    towns = figures("returns")["towns"]["codes"]
    granted = [row for entry in known["registers"] for row in _grants(known["region"], towns, entry)]
    single = [_single(known["region"], event) for event in known["events"]]
    revoked = [_single(known["region"], event) for event in known["revoked"]]
    return [
        ExampleFile(FEED, "registers", known["published_at"], [*granted, *single]),
        ExampleFile(FEED, "revocation_2014", known["revoked_published_at"], revoked),
    ]


def _grants(region: str, towns: list[str], entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """First awards of a register, each to a holder of its own: the i-th of n of a year in month 1 + 12·i ÷ n."""
    for year, number in entry["grants"].items():
        for place in range(number):
            label = f"{year % 100:02d}{place + 1:02d}"
            yield {
                "register": entry["register"], "event_id": f"{entry['title']}-{label}",
                "event_date": f"{year}-{1 + 12 * place // number:02d}-15", "event_kind": "granted",
                "level": entry["level"], "holder_name": f"{entry['holder']}{label}", "title": entry["title"],
                "region_code": towns[place % len(towns)] if entry.get("towns") else region,
            }  # fmt: skip


def _single(region: str, event: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name != "why"} | {"region_code": region}
