"""Who answers for an indicator: a file that the city owns.

Belongs here: the shape of that file and its reading. Does not belong here: any name of a body
(`assets/plans/responsible-bodies.yaml` and the city's own file hold them).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import Field, ValidationError

from assets.plan.load import PlanError, read_yaml, shape_problems
from assets.plan.model import Name, Part, Plan, Words
from sources.outcome import Problem


class Body(Part):
    """A body of the city; `source` says where its name was read."""

    code: Name
    zh: Words
    en: Words
    source: Words


class ResponsibleBodies(Part):
    """The bodies, and which one answers for which indicator of the plan."""

    plan: Words
    bodies: tuple[Body, ...] = ()
    indicators: dict[Name, Name] = Field(default_factory=dict)

    def names(self) -> dict[str, Body]:
        """Indicator → its body; an indicator that nobody was named for is missing."""
        by_code = {body.code: body for body in self.bodies}
        return {indicator: by_code[code] for indicator, code in self.indicators.items()}


def load_bodies(path: Path, plan: Plan) -> ResponsibleBodies:
    """The responsible bodies in `path`, checked against the plan. Raises `PlanError` with every problem."""
    document = read_yaml(path)
    try:
        bodies = ResponsibleBodies.model_validate(document)
    except ValidationError as error:
        raise PlanError(shape_problems(error, document, path.name)) from None
    if problems := list(_problems(bodies, plan, path.name)):
        raise PlanError(problems)
    return bodies


def _problems(bodies: ResponsibleBodies, plan: Plan, file: str) -> Iterator[Problem]:
    if bodies.plan != plan.code:
        action = "name the plan that this home uses"
        yield Problem(file, f"plan {bodies.plan!r}", plan.code, action, column="plan")
    codes = [body.code for body in bodies.bodies]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        action = "give every body its own code"
        yield Problem(file, f"body {code!r} twice", "each body once", action, column="bodies")
    known = {indicator.code for indicator in plan.indicators}
    for indicator, code in bodies.indicators.items():
        at = f"indicators.{indicator}"
        if indicator not in known:
            action = "correct the code"
            yield Problem(file, f"indicator {indicator!r}", "a code of the plan", action, column=at)
        if code not in codes:
            yield Problem(
                file,
                f"body {code!r}",
                ", ".join(codes) or "a body declared under bodies",
                "declare the body, or correct its code",
                column=at,
            )
