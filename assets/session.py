"""One night's session: what the assets of a run share.

Belongs here: the open warehouse, the new files, and what has been told so far. Does not belong here:
opening or closing it (`pipelines.night`), any step of the work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from assets.ingest import FeedOutcome
from sources.outcome import Problem, SourceFile
from warehouse.ledger import NightStamp
from warehouse.publish import Companion, Published
from warehouse.rebuild import Rebuilt
from warehouse.store import Warehouse


@dataclass
class NightSession:
    """The warehouse of one night and its running account.

    `pending`: new files by feed. `strays`: what lay in the inbox and belongs to no feed. The lists
    fill as assets run. `versions` and `started_at` go into `meta.night`. `companions` are made from the
    night's copy and published beside it. `mended`: what of the home was damaged and made again, `undone`: what
    failed after the publication; both in words.
    """

    warehouse: Warehouse
    stamp: NightStamp
    started_at: datetime
    pending: dict[str, list[SourceFile]]
    strays: tuple[Problem, ...]
    versions: dict[str, str]
    say: Callable[[str], None]
    keep_nights: int
    companions: tuple[Companion, ...] = ()
    changed_definitions: list[str] = field(default_factory=list)
    outcomes: list[FeedOutcome] = field(default_factory=list)
    rebuilt: list[Rebuilt] = field(default_factory=list)
    published: Published | None = None
    mended: list[str] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)

    def inputs(self) -> dict[str, object]:
        """What this night took in, for `meta.night` and the manifest."""
        files = [outcome for feed in self.outcomes for outcome in feed.files]
        return {
            "loaded": sorted(f"{o.file.feed}/{o.file.name}" for o in files if o.fates),
            "not_loaded": sorted(f"{o.file.feed}/{o.file.name}" for o in files if o.problem),
            "strays": [str(problem) for problem in self.strays],
            "definitions": self.changed_definitions,
        }
