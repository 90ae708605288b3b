"""Amendments: a later document of the city that changes targets of a plan from a day on.

Belongs here: the shape of an amendment, the plan as it stands with some of them, what is wrong with one.
Does not belong here: the plan itself (`assets.plan.model`), finding the files (`assets.plan.folder`).

A year that ended before an amendment took effect keeps the targets of the plan that was in force on its
last day: a decision of 2014 does not change what was asked of 2013.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated

from pydantic import Field

from assets.plan import soundness
from assets.plan.model import Name, Part, Plan, Target, Words, Year
from sources.outcome import Problem


class Amendment(Part):
    """A document that changes targets. A target that is null is withdrawn.

    `clause`: place in the document, shown in the reason of every verdict that rests on it.
    """

    amends: Words
    document: Words
    date: datetime.date
    valid_from: datetime.date
    clause: Words | None = None
    note: Words | None = None
    targets: Annotated[dict[Name, dict[Year, Target | None]], Field(min_length=1)]

    @property
    def source(self) -> str:
        """Document and clause, as a reason names them."""
        return f"{self.document} {self.clause}" if self.clause else self.document

    def changes(self) -> Iterator[tuple[str, int, Target | None]]:
        """(indicator, year, its new target), in the order of the file."""
        for indicator, targets in self.targets.items():
            for year, target in sorted(targets.items()):
                yield indicator, year, target


def in_force(amendments: Iterable[Amendment], day: datetime.date) -> tuple[Amendment, ...]:
    """The amendments that hold on `day`, in the order in which they took effect."""
    held = (entry for entry in amendments if entry.valid_from <= day)
    return tuple(sorted(held, key=lambda entry: (entry.valid_from, entry.document)))


def amended(plan: Plan, amendments: Iterable[Amendment]) -> Plan:
    """The plan with the targets of `amendments`, a later one over an earlier one."""
    for amendment in amendments:
        indicators = []
        for entry in plan.indicators:
            changed = {**entry.targets, **amendment.targets.get(entry.code, {})}
            kept = {year: target for year, target in sorted(changed.items()) if target is not None}
            indicators.append(entry.model_copy(update={"targets": kept}))
        plan = plan.model_copy(update={"indicators": tuple(indicators)})
    return plan


def asked_in(year: int, amendments: Iterable[Amendment]) -> tuple[Amendment, ...]:
    """The amendments that say what is asked of `year`: those in force on its last day."""
    return in_force(amendments, datetime.date(year, 12, 31))


def sets(amendments: Sequence[Amendment], indicator: str, year: int | None) -> Amendment | None:
    """The amendment that sets the target of a year, if the plan itself does not."""
    own = [entry for entry in amendments if year is not None and year in entry.targets.get(indicator, {})]
    return own[-1] if own else None


def problems(plan: Plan, files: Sequence[tuple[str, Amendment]]) -> Iterator[Problem]:
    """What is wrong with the amendments of a sound plan, each under the name of its file."""
    taken: dict[tuple[str, int, datetime.date], str] = {}
    before: tuple[Amendment, ...] = ()
    for file, entry in sorted(files, key=lambda pair: (pair[1].valid_from, pair[1].document)):
        own = list(_own_problems(plan, entry, file))
        for indicator, year, _ in entry.changes():
            other = taken.setdefault((indicator, year, entry.valid_from), file)
            if other != file:
                own.append(
                    Problem(
                        file,
                        f"a target that {other} sets from the same day",
                        "one document for a target and a day",
                        "give them different days, or take one out",
                        column=f"targets.{indicator}.{year}",
                    )
                )
        before = (*before, entry)
        yield from own or soundness.problems(amended(plan, before), file)


def _own_problems(plan: Plan, entry: Amendment, file: str) -> Iterator[Problem]:
    known = {indicator.code for indicator in plan.indicators}
    for indicator, year, target in entry.changes():
        at = f"targets.{indicator}.{year}"
        if indicator not in known:
            accepted, action = f"a code of {plan.code}", "correct the code"
            yield Problem(file, f"indicator {indicator!r}", accepted, action, column=f"targets.{indicator}")
        elif datetime.date(year, 12, 31) < entry.valid_from:
            yield Problem(
                file,
                f"a target for {year}, which ended before {entry.valid_from}",
                f"years that end on {entry.valid_from} or later",
                "leave the year out: what was asked of it stays; where the plan file itself is wrong, mend that",
                column=at,
            )
        elif target is None and year not in plan.indicator(indicator).targets:
            yield Problem(
                file, "a target to withdraw that the plan does not have", "a year with a target", "correct the year",
                column=at,
            )  # fmt: skip
