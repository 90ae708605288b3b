"""A plan file → a `Plan`, or the problems that a person has to mend.

Belongs here: bytes, YAML, and shape errors turned into `sources.outcome.Problem`s. Does not belong
here: the shape itself (`assets.plan.model`), agreement between parts (`assets.plan.soundness`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from textwrap import shorten
from typing import Any

import yaml
from pydantic import ValidationError

from assets.plan import soundness
from assets.plan.model import Plan
from sources.errors import MendableError
from sources.outcome import Problem

_LOADER: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class PlanError(MendableError):
    """A plan (or a file that belongs to it) that cannot be used. Carries every problem found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


def load_plan(path: Path) -> Plan:
    """The plan in `path`. Raises `PlanError` with every problem when it is not sound."""
    return _load(path, _stamp(path))


def _stamp(path: Path) -> tuple[int, int] | None:
    """What tells whether a file is still the one that was read."""
    stat = path.stat() if path.is_file() else None
    return (stat.st_mtime_ns, stat.st_size) if stat else None


@cache
def _load(path: Path, _seen: tuple[int, int] | None) -> Plan:
    plan, problems = read_plan(path)
    if plan is None or problems:
        raise PlanError(problems)
    return plan


def read_plan(path: Path) -> tuple[Plan | None, list[Problem]]:
    """The plan as far as it can be read, and everything that is wrong with it.

    The plan is None when the file has not the shape of a plan.
    """
    try:
        document = read_yaml(path)
        plan = Plan.model_validate(document)
    except PlanError as error:
        return None, list(error.problems)
    except ValidationError as error:
        return None, shape_problems(error, document, path.name)
    return plan, list(soundness.problems(plan, path.name))


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML file whose top level is a mapping. Raises `PlanError` for any file that is not."""
    return _read(path, _stamp(path))


@cache
def _read(path: Path, _seen: tuple[int, int] | None) -> dict[str, Any]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        found = f"no readable file ({error.strerror})"
        raise _unreadable(path, found, "an existing file", "check the path") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        found = f"bytes that are not UTF-8, first in line {line}"
        raise _unreadable(path, found, "UTF-8", "save the file again as UTF-8") from None
    try:
        document = yaml.load(text, Loader=_LOADER)  # a safe loader in either form
    except yaml.YAMLError as error:
        found = " ".join(str(error).split())
        raise _unreadable(path, f"no YAML: {found}", "YAML", "correct the line that is named") from None
    if document is None:
        raise _unreadable(path, "an empty file", "a plan", "start from the plan that is bundled")
    if not isinstance(document, dict):
        raise _unreadable(
            path,
            f"a {type(document).__name__} at the top level",
            "lines of `field: value`",
            "start from the plan that is bundled",
        )
    return document


def _unreadable(path: Path, found: str, accepted: str, action: str) -> PlanError:
    return PlanError([Problem(path.name, found, accepted, action)])


def shape_problems(error: ValidationError, document: dict[str, Any], file: str) -> list[Problem]:
    """What pydantic found, as problems with row, code and field.

    A list that is too short only because its entries are wrong is not told apart from them.
    """
    errors = error.errors()
    inner = {entry["loc"][:depth] for entry in errors for depth in range(len(entry["loc"]))}
    return [
        problem
        for entry in errors
        if not (entry["type"] == "too_short" and entry["loc"] in inner)
        for problem in _explained(entry, document, file)
    ]


def _explained(entry: Any, document: dict[str, Any], file: str) -> Iterator[Problem]:
    row, column, inside = _place(entry["loc"], document)
    field = str(entry["loc"][-1])
    match entry["type"]:
        case "missing" if field == "comparator" and isinstance(inside, dict) and inside.get("targets"):
            years = ", ".join(str(year) for year in inside["targets"])
            found, accepted = f"targets for {years} but no comparator", "a comparator for every target"
            action = "say how a value is held against the target"
        case "missing":
            found, accepted, action = "nothing", "a value", f"add the field `{field}`"
        case "extra_forbidden":
            found, accepted = f"the field `{field}`", "fields of this entry only"
            action = "correct the name of the field, or leave it out"
        case "enum":
            found, accepted = f"{entry['input']!r}", entry["ctx"]["expected"]
            action = "choose one of these"
        case _:
            found = shorten(repr(entry["input"]), 80)
            accepted, action = entry["msg"], "correct the value"
    yield Problem(file, found, accepted, action, row=row, column=column)


def _place(loc: tuple[int | str, ...], document: dict[str, Any]) -> tuple[int | None, str, Any]:
    """(row of the plan, code and field, the entry) of a pydantic location."""
    names = [str(part) for part in loc]
    if len(loc) < 2 or not isinstance(loc[1], int):
        return None, ".".join(names), document
    entry = document[names[0]][loc[1]]
    if not isinstance(entry, dict):
        return None, f"{names[0]}, entry {loc[1] + 1}", entry
    code = entry.get("code") or entry.get("key") or f"{names[0]}, entry {loc[1] + 1}"
    row = entry.get("row")
    return (row if isinstance(row, int) else None), ".".join([str(code), *names[2:]]), entry
