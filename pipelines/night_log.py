"""The log of a night for machines: one JSON object a line on standard error, each with the night's id.

Belongs here: its lines. Does not belong here: what people see (`pipelines.present`), Dagster's own logs.

A line has at (local time of the city), night (empty before the night has its id), event and text. Events: step,
published, nothing_new, failed; published and nothing_new carry seconds, files, refused and, for published, faults.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pipelines.settings import NIGHT_ID, local_now

if TYPE_CHECKING:
    from pipelines.account import NightAccount


def step(text: str) -> None:
    """A step begins."""
    _write("step", text)


def ended(account: NightAccount) -> None:
    """The night is over."""
    refused = [str(entry.problem) for entry in account.files if entry.problem] + [str(one) for one in account.strays]
    _write(
        "published" if account.published else "nothing_new",
        str(account.home.published_database),
        night=account.night_id,
        seconds=round(account.seconds, 1),
        files=len(account.files),
        refused=refused,
        faults=list(account.not_made),
        mended=list(account.mended),
    )


@contextmanager
def failure_logged() -> Iterator[None]:
    """Whatever ends the block is the last line."""
    try:
        yield
    except Exception as error:
        _write("failed", str(error))
        raise


def _write(event: str, text: str, **more: Any) -> None:
    line = {"at": local_now().isoformat(timespec="milliseconds"), "night": NIGHT_ID.get(), "event": event,
            "text": text} | more  # fmt: skip
    sys.stderr.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stderr.flush()
