"""Is a plan sound, and what is in it.

Belongs here: the check that a person runs on a plan file, and its summary. Does not belong here: the
rules (`assets.plan.soundness`), printing (`pipelines`).
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from assets.plan.folder import plan_files, read_plans
from assets.plan.load import read_plan
from assets.plan.model import Kind, Plan
from sources.outcome import Problem


def check_plan(place: Path) -> tuple[list[Problem], dict[str, Any]]:
    """Everything that is wrong with a plan file (empty when it is sound), and its `summary`.

    A folder is checked as a night would read it: the plans, and what amends them. The summary is then that of
    its first plan, with `others` and `amendments` (document numbers). It is empty when nothing could be read.
    """
    if not place.is_dir():
        plan, problems = read_plan(place)
        return problems, summary(plan) if plan else {}
    files = plan_files(place)
    if not files:
        return [Problem(str(place), "no .yaml file", "a plan, or a folder of them", "check the path")], {}
    plans, problems = read_plans(files)
    if not plans:
        return problems, {}
    first, *others = (summary(entry.plan) for entry in plans)
    amendments = [amendment.document for entry in plans for amendment in entry.amendments]
    return problems, first | {"others": others, "amendments": amendments}


def summary(plan: Plan) -> dict[str, Any]:
    """What a plan holds: plan, document, years, indicators, and counts by_kind, by_feed, by_chapter.

    by_feed counts the indicators that need a feed; one may need several. Zeros are included.
    """
    kinds = Counter(indicator.kind for indicator in plan.indicators)
    feeds = Counter(feed for indicator in plan.indicators for feed in indicator.feeds)
    chapters = Counter(indicator.chapter for indicator in plan.indicators)
    return {
        "plan": plan.code,
        "document": plan.document,
        "years": [plan.first_year, plan.last_year],
        "indicators": len(plan.indicators),
        "by_kind": {kind.value: kinds[kind] for kind in Kind},
        "by_feed": {feed.code: feeds[feed.code] for feed in plan.feeds},
        "by_chapter": {chapter.code: chapters[chapter.code] for chapter in plan.chapters},
    }
