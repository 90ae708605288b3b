"""The files of a home's `plans/`: plans, amendments, town plans and lists of responsible bodies, read together.

Belongs here: telling what a file is, reading several, putting together what belongs together. Does not
belong here: the shape of each (`assets.plan.model`, `.amendments`, `.towns`, `.bodies`), the tables.

A file says itself what it is: `amends` makes it an amendment, `town_plan_of` a town plan, `plan` a list of
bodies; else it is a plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from assets.plan import amendments
from assets.plan import towns as town_plans
from assets.plan.amendments import Amendment
from assets.plan.bodies import ResponsibleBodies, load_bodies
from assets.plan.load import PlanError, load_plan, read_yaml, shape_problems
from assets.plan.model import Part, Plan
from assets.plan.towns import TownPlan
from sources.outcome import Problem

Shape = TypeVar("Shape", bound=Part)


@dataclass(frozen=True)
class PlanInForce:
    """A plan, the amendments that change it, the plans of its towns, and who answers for its indicators."""

    plan: Plan
    amendments: tuple[Amendment, ...] = ()
    towns: tuple[TownPlan, ...] = ()
    bodies: ResponsibleBodies | None = None

    def on(self, day: date) -> PlanInForce:
        """The same with the amendments and town plans that hold on `day`."""
        held = tuple(entry for entry in self.towns if entry.valid_from <= day)
        return replace(self, amendments=amendments.in_force(self.amendments, day), towns=held)


def plan_files(place: Path) -> tuple[Path, ...]:
    """The file itself, or the YAML files of a folder by name; none where nothing is."""
    return (place,) if place.is_file() else tuple(sorted(place.glob("*.yaml")))


def read_plans(files: Sequence[Path]) -> tuple[tuple[PlanInForce, ...], list[Problem]]:
    """The plans in `files` with all that belongs to them, and everything that is wrong.

    Of several lists of bodies of one plan the last counts. Where something is wrong the plans are those that
    could be read; nobody should use them.
    """
    found: list[Problem] = []
    plans: dict[str, PlanInForce] = {}
    rest: list[tuple[Path, dict[str, Any]]] = []
    for path in files:
        try:
            document = read_yaml(path)
            if _belongs_by(document):
                rest.append((path, document))
                continue
            plan = load_plan(path)
        except PlanError as error:
            found += error.problems
            continue
        if plan.code in plans:
            accepted, action = "each code once", "give every plan a code of its own"
            found.append(Problem(path.name, f"plan {plan.code!r}, as in another file", accepted, action, column="code"))
        plans[plan.code] = PlanInForce(plan)
    amending: dict[str, list[tuple[str, Amendment]]] = {code: [] for code in plans}
    for path, document in rest:
        field = _belongs_by(document)
        code = str(document[field])
        try:
            if code not in plans:
                raise PlanError([_stranger(path, field, code, plans)])
            if field == "amends":
                amending[code].append((path.name, _shaped(Amendment, path, document)))
            elif field == "town_plan_of":
                plans[code] = _with_towns(plans, code, _shaped(TownPlan, path, document), path.name)
            else:
                plans[code] = replace(plans[code], bodies=load_bodies(path, plans[code].plan))
        except PlanError as error:
            found += error.problems
    for code, files_of in amending.items():
        found += amendments.problems(plans[code].plan, files_of)
        plans[code] = replace(plans[code], amendments=tuple(entry for _, entry in files_of))
    return tuple(plans.values()), found


def _belongs_by(document: Mapping[str, Any]) -> str:
    """The field in which a file names the plan that it belongs to; empty for a plan."""
    return next((field for field in ("amends", "town_plan_of", "plan") if field in document), "")


def _with_towns(plans: Mapping[str, PlanInForce], code: str, towns: TownPlan, file: str) -> PlanInForce:
    whose = plans[code]
    wrong = list(town_plans.problems(whose.plan, towns, file))
    if towns.code in {*plans, *(entry.code for plan in plans.values() for entry in plan.towns)}:
        accepted, action = "each code once", "give every plan a code of its own"
        wrong.append(Problem(file, f"plan {towns.code!r}, as in another file", accepted, action, column="code"))
    if wrong:
        raise PlanError(wrong)
    return replace(whose, towns=(*whose.towns, towns))


def _stranger(path: Path, field: str, code: str, plans: Iterable[str]) -> Problem:
    known = ", ".join(plans)
    accepted = f"one of: {known}" if known else "a plan beside it; none could be read"
    return Problem(path.name, f"plan {code!r}", accepted, f"correct `{field}`, or put the plan beside it", column=field)


def _shaped(shape: type[Shape], path: Path, document: dict[str, Any]) -> Shape:
    try:
        return shape.model_validate(document)
    except ValidationError as error:
        raise PlanError(shape_problems(error, document, path.name)) from None
