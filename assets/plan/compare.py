"""What one plan asks and another does not: field by field, target by target.

Belongs here: the comparison of two plans with their amendments. Does not belong here: what it does to
verdicts (`pipelines.plan_diff`), printing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from assets.plan.amendments import amended, sets
from assets.plan.folder import PlanInForce
from assets.plan.model import Indicator, Plan, Target
from assets.plan.towns import as_plan

#: Fields that hold one entry a year.
_BY_YEAR = ("targets", "path_values")


@dataclass(frozen=True)
class Change:
    """One thing that differs. `before`, `after`: as a person reads it; empty where there is none.

    `plan`: code of the plan or town plan. `indicator` is empty for its head. `document`, `valid_from`: what sets
    the later state.
    """

    plan: str
    indicator: str
    zh: str
    en: str
    field: str
    before: str
    after: str
    document: str
    valid_from: date


def changes(before: PlanInForce, after: PlanInForce) -> list[Change]:
    """Everything in which `after` differs, in the order of its indicators, those that are gone last; then towns."""
    found = list(_of_plans(before, after))
    earlier = {entry.code: entry for entry in before.towns}
    for towns in after.towns:
        other = earlier.pop(towns.code, None)
        later = PlanInForce(as_plan(after.plan, towns))
        if other is None:
            found.append(_of_whole(later.plan, "", "added"))
            continue
        if other.towns != towns.towns:
            told = (_said(other.towns), _said(towns.towns))
            found.append(Change(towns.code, "", "", "", "towns", *told, towns.document, towns.valid_from))
        found += _of_plans(PlanInForce(as_plan(before.plan, other)), later)
    return [*found, *(_of_whole(as_plan(before.plan, gone), "present", "removed") for gone in earlier.values())]


def _of_whole(plan: Plan, before: str, after: str) -> Change:
    return Change(plan.code, "", "", "", "town plan", before, after, plan.document, plan.valid_from)


def _of_plans(before: PlanInForce, after: PlanInForce) -> Iterator[Change]:
    old, new = amended(before.plan, before.amendments), amended(after.plan, after.amendments)
    yield from _of_head(old, new)
    known = {entry.code: entry for entry in old.indicators}
    for entry in new.indicators:
        earlier = known.pop(entry.code, None)
        if earlier is None:
            yield _change(new, entry, "indicator", "", "added")
        else:
            yield from _of_indicator(after, earlier, entry)
    for entry in known.values():
        yield _change(new, entry, "indicator", "present", "removed")


def _of_head(old: Plan, new: Plan) -> Iterator[Change]:
    left, right = (plan.model_dump(mode="json", exclude={"indicators"}) for plan in (old, new))
    for field in left:
        if left[field] != right[field]:
            told = (_said(left[field]), _said(right[field]))
            yield Change(new.code, "", "", "", field, *told, new.document, new.valid_from)


def _of_indicator(after: PlanInForce, old: Indicator, new: Indicator) -> Iterator[Change]:
    left, right = (entry.model_dump(mode="json", exclude=set(_BY_YEAR)) for entry in (old, new))
    for field in left:
        if left[field] != right[field]:
            yield _change(after.plan, new, field, _said(left[field]), _said(right[field]))
    for name in _BY_YEAR:
        earlier: Mapping[int, Any] = getattr(old, name)
        later: Mapping[int, Any] = getattr(new, name)
        for year in sorted({*earlier, *later}):
            if earlier.get(year) == later.get(year):
                continue
            setter = sets(after.amendments, new.code, year) if name == "targets" else None
            document = setter.source if setter else after.plan.document
            valid_from = setter.valid_from if setter else after.plan.valid_from
            told = (_target(earlier.get(year)), _target(later.get(year)))
            field = f"{name}.{year}"
            yield Change(after.plan.code, new.code, new.zh, new.en, field, *told, document, valid_from)


def _change(plan: Plan, entry: Indicator, field: str, before: str, after: str) -> Change:
    return Change(plan.code, entry.code, entry.zh, entry.en, field, before, after, plan.document, plan.valid_from)


def _said(value: Any) -> str:
    return "" if value is None else str(value)


def _target(target: Any) -> str:
    if not isinstance(target, Target):
        return _said(target)
    number = "" if target.value is None else f"{'> ' if target.strict else ''}{target.value}"
    stretch = "" if target.stretch is None else f"(stretch {target.stretch})"
    return " ".join(part for part in (number, stretch, target.words or "") if part)
