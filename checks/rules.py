"""What a rule is, and the rules that follow from the registry alone.

Belongs here: `Rule`, `RuleResult`, base rules. Does not belong here: rules of one subject (the
modules beside this one) or how rules are run (`checks.gx`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sources.registry import Column, Feed

Severity = Literal["critical", "warning"]


#: A code is shown as a likely slip of another one from this likeness on (Jaro and Winkler, 0–1).
_ALIKE = 0.85


@dataclass(frozen=True)
class Rule:
    """One thing that must hold for every staged record of a feed.

    Either `expectation` names a Great Expectations class and `arguments` its settings, or
    `bad_rows` is a SQL condition that selects the records that break the rule. A critical rule
    refuses those records; a warning only counts them. `statement` is the rule in words,
    `found` a SQL expression for what a broken record holds.
    """

    name: str
    severity: Severity
    statement: str
    found: str
    expectation: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    bad_rows: str = ""

    def __post_init__(self) -> None:
        if bool(self.expectation) == bool(self.bad_rows):
            raise ValueError(f"{self.name}: give an expectation or a condition for bad rows, one of them")

    @property
    def reason(self) -> str:
        """SQL for the reason that a person reads: the rule in words, and what was found."""
        statement = self.statement.replace("'", "''")
        return f"'{statement}; found ' || coalesce(CAST({self.found} AS VARCHAR), 'nothing')"


@dataclass(frozen=True)
class RuleResult:
    """What one rule said of one batch.

    `success` is None when the rule could not run; `error` then says why: that is a fault of the
    rule or its engine, mended by different people than a fault of the data. `refused_query` selects
    the broken records of a critical rule; `samples` are the first few for a person.
    """

    rule: Rule
    success: bool | None
    evaluated: int
    unexpected: int
    error: str = ""
    refused_query: str = ""
    samples: tuple[Mapping[str, Any], ...] = ()


def critical(name: str, statement: str, bad_rows: str, found: str) -> Rule:
    """A contradiction that makes the record unusable: it is refused."""
    return Rule(name, "critical", statement, found, bad_rows=bad_rows)


def warning(name: str, statement: str, bad_rows: str, found: str) -> Rule:
    """Something that a person should look at while the record stays."""
    return Rule(name, "warning", statement, found, bad_rows=bad_rows)


def known_code(column: Column, known: str, named: str) -> Rule:
    """A code must be one of those that the query `known` (one column, code) gives; `named` says which in words.

    The reason names the known code that looks most like the one found.
    """
    name = column.name
    alike = (
        f"(SELECT arg_max(code, (jaro_winkler_similarity(code, {name}), code)) FROM ({known}) WHERE "
        f"jaro_winkler_similarity(code, {name}) > {_ALIKE})"
    )
    return Rule(
        name=f"known:{name}",
        severity="critical",
        statement=f"{name} ({column.zh}) must be {named}",
        found=f"{name} || coalesce(' (the closest is ' || {alike} || ')', '')",
        bad_rows=f"{name} NOT IN ({known})",
    )


def micro_under_milli(name: str, what: str, value: str, unit: str, implausible: str) -> Rule:
    """A value that is implausible as labelled and usual if its unit is a thousand times smaller.

    `what`, `value`: SQL for the name and the number; `unit`: as labelled, with `m` before it;
    `implausible`: the condition. The message names both readings, because only a person can say which holds.
    """
    smaller = "µ" + unit.removeprefix("m")
    return warning(
        name,
        f"a value far above what occurs is usually {smaller} under a heading that says {unit}",
        implausible,
        f"concat({what}, ': as labelled ', {value}, ' {unit}; if it is {smaller}, ', {value} / 1000, ' {unit}')",
    )


def base_rules(feed: Feed) -> list[Rule]:
    """Rules that the registry implies: required columns, code sets, physical bounds."""
    parts_without_condition = {c.name for part in feed.parts if not part.present for c in part.columns}
    rules: list[Rule] = []
    for column in feed.columns:
        if column.required and column.name in parts_without_condition:
            rules.append(_required(column))
        if column.codes:
            rules.append(_coded(column))
        if column.minimum is not None or column.maximum is not None:
            rules.append(_bounded(column))
    return rules


def _required(column: Column) -> Rule:
    return Rule(
        name=f"required:{column.name}",
        severity="critical",
        statement=f"{column.name} ({column.zh}) must be given",
        found=column.name,
        expectation="ExpectColumnValuesToNotBeNull",
        arguments={"column": column.name},
    )


def _coded(column: Column) -> Rule:
    assert column.codes is not None
    return Rule(
        name=f"code:{column.name}",
        severity="critical",
        statement=f"{column.name} ({column.zh}) must be one of {', '.join(column.codes.values)}",
        found=column.name,
        expectation="ExpectColumnValuesToBeInSet",
        arguments={"column": column.name, "value_set": list(column.codes.values)},
    )


def _bounded(column: Column) -> Rule:
    low = "" if column.minimum is None else f"at least {column.minimum}"
    high = "" if column.maximum is None else f"at most {column.maximum}"
    unit = f" {column.unit}" if column.unit else ""
    return Rule(
        name=f"bounds:{column.name}",
        severity="critical",
        statement=f"{column.name} ({column.zh}) must be {' and '.join(filter(None, (low, high)))}{unit}",
        found=column.name,
        expectation="ExpectColumnValuesToBeBetween",
        arguments={
            "column": column.name,
            "min_value": None if column.minimum is None else float(column.minimum),
            "max_value": None if column.maximum is None else float(column.maximum),
        },
    )
