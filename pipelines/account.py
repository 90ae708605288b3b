"""What a night did, for people and for `--json`.

Belongs here: the account. Does not belong here: printing it (`pipelines.present`), the night (`pipelines.run`).
Light to import: a night with nothing new ends with it too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assets.ingest import FileOutcome
    from sources.outcome import Problem
    from warehouse.home import Home


@dataclass(frozen=True)
class NightAccount:
    """A night in numbers and in words; what is empty did not happen."""

    home: Home
    night_id: str
    published: bool
    seconds: float
    files: tuple[FileOutcome, ...] = ()
    strays: tuple[Problem, ...] = ()
    imbalances: tuple[str, ...] = ()
    failed_rules: tuple[str, ...] = ()
    errored_rules: tuple[str, ...] = ()
    rebuilt: dict[str, int] = field(default_factory=dict)
    not_made: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()

    @property
    def nothing_new(self) -> str:
        """What is said of a night that did not publish."""
        return f"没有新内容 · nothing new since night {self.night_id} ({self.seconds:.1f} s)"
