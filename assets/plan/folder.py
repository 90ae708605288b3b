"""The files of a home's `plans/`: plans, amendments and lists of responsible bodies, read together.

Belongs here: telling what a file is, reading several, putting together what belongs together. Does not
belong here: the shape of each (`assets.plan.model`, `.amendments`, `.bodies`), the tables.

A file says itself what it is: `amends` makes it an amendment, `plan` a list of bodies, else it is a plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from assets.plan import amendments
from assets.plan.amendments import Amendment
from assets.plan.bodies import ResponsibleBodies, load_bodies
from assets.plan.load import PlanError, load_plan, read_yaml, shape_problems
from assets.plan.model import Plan
from sources.outcome import Problem


@dataclass(frozen=True)
class PlanInForce:
    """A plan, the amendments that change it, and who answers for its indicators."""

    plan: Plan
    amendments: tuple[Amendment, ...] = ()
    bodies: ResponsibleBodies | None = None

    def on(self, day: date) -> PlanInForce:
        """The same with the amendments that hold on `day`."""
        return replace(self, amendments=amendments.in_force(self.amendments, day))


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
            if "amends" in document or "plan" in document:
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
    amending_files: dict[str, list[tuple[str, Amendment]]] = {code: [] for code in plans}
    for path, document in rest:
        field = "amends" if "amends" in document else "plan"
        code = str(document[field])
        try:
            if code not in plans:
                raise PlanError([_stranger(path, field, code, plans)])
            if field == "amends":
                amending_files[code].append((path.name, _amendment(path, document)))
            else:
                plans[code] = replace(plans[code], bodies=load_bodies(path, plans[code].plan))
        except PlanError as error:
            found += error.problems
    for code, files_of in amending_files.items():
        found += amendments.problems(plans[code].plan, files_of)
        plans[code] = replace(plans[code], amendments=tuple(entry for _, entry in files_of))
    return tuple(plans.values()), found


def _stranger(path: Path, field: str, code: str, plans: Iterable[str]) -> Problem:
    known = ", ".join(plans)
    accepted = f"one of: {known}" if known else "a plan beside it; none could be read"
    return Problem(path.name, f"plan {code!r}", accepted, f"correct `{field}`, or put the plan beside it", column=field)


def _amendment(path: Path, document: dict[str, Any]) -> Amendment:
    try:
        return Amendment.model_validate(document)
    except ValidationError as error:
        raise PlanError(shape_problems(error, document, path.name)) from None
