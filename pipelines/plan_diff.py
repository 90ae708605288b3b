"""`plan diff`: what a changed plan changes, in what is asked and in the verdicts of the published night.

Belongs here: pairing the plans of two sides, judging the published night's facts by both. Does not belong
here: the comparison of what is asked (`assets.plan.compare`), the verdicts, printing (`pipelines.plan_cli`).

The verdicts come from the real steps: a copy of the published night is judged by one side and then by the
other in a throw-away home. The home itself is only read.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assets.catalog import load_catalog
from assets.plan.compare import Change, changes
from assets.plan.folder import PlanInForce, plan_files, read_plans
from assets.plan.load import PlanError
from assets.status.history import HISTORY
from pipelines.queries import records
from pipelines.settings import Settings, SettingsError
from warehouse import dirty
from warehouse.home import HomeError, create_home, open_home
from warehouse.rebuild import load_references, notice_changed_marts, rebuild
from warehouse.store import Warehouse

Key = tuple[str, str, str, int]

#: Headline verdicts of plans, and of town plans under their own code.
_VERDICTS = (
    "WITH said AS (SELECT *, plan AS of_plan FROM mart.indicator_status UNION ALL BY NAME "
    "SELECT * EXCLUDE (town_plan) REPLACE (town_plan AS plan), plan AS of_plan FROM mart.town_status) "
    "SELECT s.plan, s.indicator, s.region_code, s.year, i.zh, i.en, s.value, s.unit, s.required, s.target, s.status, "
    "m.zh AS status_zh, s.reason, s.origin FROM said s JOIN mart.indicator i ON i.plan = s.of_plan "
    "AND i.code = s.indicator JOIN meta.status m ON m.code = s.status "
    "WHERE s.headline ORDER BY s.plan <> s.of_plan, i.number, s.year, s.region_code"
)


@dataclass(frozen=True)
class PlanDiff:
    """What differs. `verdicts`: indicator, region and year with status, required and reason on both sides.

    `judged`: verdicts compared; None when the home has no published night to compare them on.
    """

    before: str
    after: str
    judged_on: str
    changes: tuple[Change, ...]
    verdicts: tuple[dict[str, Any], ...]
    judged: int | None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def plan_diff(before: Path, after: Path, settings: Settings, say: Callable[[str], None]) -> PlanDiff:
    """Compare two plans, each a file or a folder; amendments alone are taken on top of `before`.

    Raises `PlanError` with every mistake of a side, `SettingsError` when the sides cannot be paired.
    """
    old, new = (plan_files(place) for place in (before, after))
    for place, files in ((before, old), (after, new)):
        if not files:
            raise SettingsError(f"{place}: no plan there; accepted: a YAML file, or a folder of them")
    left = _sound(old, settings)
    if not _holds_plan(new):
        new = (*old, *new)
    right = _sound(new, settings)
    if len(left) == len(right) == 1:
        pairs = [(left[0], right[0])]
    else:
        codes = {entry.plan.code: entry for entry in left}
        pairs = [(codes[entry.plan.code], entry) for entry in right if entry.plan.code in codes]
        if not pairs:
            raise SettingsError(f"{before} and {after} have no plan in common; compare one plan with one plan")
    found = tuple(change for one, other in pairs for change in changes(one, other))
    codes_of = [(one.plan.code, other.plan.code) for one, other in pairs]
    codes_of += [(towns.code, towns.code) for pair in pairs for side in pair for towns in side.towns]
    verdicts, judged = _verdicts(old, new, codes_of, settings, say)
    return PlanDiff(str(before), str(after), str(settings.judged_on), found, tuple(verdicts), judged)


def _holds_plan(files: Sequence[Path]) -> bool:
    return bool(read_plans(files)[0])


def _sound(files: Sequence[Path], settings: Settings) -> list[PlanInForce]:
    plans, problems = read_plans(files)
    if problems:
        raise PlanError(problems)
    return [plan.on(settings.judged_on) for plan in plans]


def _verdicts(
    old: Sequence[Path],
    new: Sequence[Path],
    pairs: Sequence[tuple[str, str]],
    settings: Settings,
    say: Callable[[str], None],
) -> tuple[list[dict[str, Any]], int | None]:
    """The verdicts that differ, and how many were compared."""
    try:
        home = open_home(settings.home)
    except HomeError:
        return [], None
    if not home.published_database.exists():
        return [], None
    catalog = load_catalog(settings.judged_on, new)
    with tempfile.TemporaryDirectory(prefix="quality-city-plan-") as folder:
        scratch = create_home(Path(folder) / "home", home.kind)
        shutil.copyfile(home.published_database.resolve(), scratch.database)
        compiled = settings.compiled or home.work / "compiled"
        with Warehouse(
            scratch, marts=catalog.marts, references=catalog.references, kept=(HISTORY,),
            memory_limit=settings.memory_limit, threads=settings.threads, compiled=compiled,
        ) as warehouse:  # fmt: skip
            before, after = (_judged(warehouse, files, settings, say) for files in (old, new))
    renamed = dict(pairs)
    earlier = {(renamed[key[0]], *key[1:]): row for key, row in before.items() if key[0] in renamed}
    later = {key: row for key, row in after.items() if key[0] in renamed.values()}
    keys = [*later, *(key for key in earlier if key not in later)]
    rows = [_beside(key, earlier.get(key), later.get(key)) for key in keys]
    return [row for row in rows if row["status_before"] != row["status_after"]], len(keys)


def _judged(
    warehouse: Warehouse, files: Sequence[Path], settings: Settings, say: Callable[[str], None]
) -> dict[Key, dict[str, Any]]:
    """The headline verdicts of the copy by the plans in `files`."""
    catalog = load_catalog(settings.judged_on, files)
    load_references(warehouse, catalog.loadable)
    notice_changed_marts(warehouse, catalog.marts)
    for mart in dirty.in_order(list(warehouse.marts.values())):
        if dirty.dirty_marts(warehouse.con, [mart]):
            say(f"computing {mart.name}")
            rebuild(warehouse, mart)
    return {
        (row["plan"], row["indicator"], row["region_code"], row["year"]): row
        for row in records(warehouse.con, _VERDICTS)
    }


def _beside(key: Key, before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, Any]:
    plan, indicator, region, year = key
    either = after or before or {}
    sides = {
        f"{name}_{side}": row[name] if row else None
        for side, row in (("before", before), ("after", after))
        for name in ("status", "status_zh", "value", "required", "target", "reason")
    }
    common = {"plan": plan, "indicator": indicator, "region_code": region, "year": year}
    return common | {name: either[name] for name in ("zh", "en", "value", "unit", "origin")} | sides
