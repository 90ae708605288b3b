"""Whether the parts of a plan agree with each other.

Belongs here: rules that look at more than one field of a plan that has the right shape; each yields
`sources.outcome.Problem`s. Does not belong here: the shape (`assets.plan.model`), reading the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from assets.plan import path
from assets.plan.model import LEVELS, RELATIVE, Better, Comparator, Indicator, Kind, Measure, PathRule, Plan
from sources.feeds import FEEDS
from sources.outcome import Problem

#: Comparators that need a further field, and what it is for.
_NEEDS = {
    Comparator.CUMULATIVE_COUNT: ("window_start", "the day on which counting begins"),
    Comparator.REDUCTION_ON_BASE: ("base_year", "the year that reductions are measured from"),
    Comparator.RISING_AGAINST_BASE: ("base_year", "the year that values are compared with"),
    Comparator.AVERAGE_PER_YEAR: ("base_year", "the year from which the average runs"),
    Comparator.ABOVE_PROVINCE: ("compare_with", "the code whose provincial value is the other side"),
}


def problems(plan: Plan, file: str) -> Iterator[Problem]:
    """Every disagreement inside the plan, in the order of its rows."""
    yield from _head(plan, file)
    yield from _repeats(plan, file)
    for indicator in plan.indicators:
        yield from _references(plan, indicator, file)
        yield from _targets(plan, indicator, file)
        yield from _fields(plan, indicator, file)


def _at(file: str, indicator: Indicator, field: str, found: str, accepted: str, action: str) -> Problem:
    return Problem(file, found, accepted, action, row=indicator.row, column=f"{indicator.code}.{field}")


def _head(plan: Plan, file: str) -> Iterator[Problem]:
    if plan.first_year > plan.last_year:
        yield Problem(
            file,
            f"first_year {plan.first_year} after last_year {plan.last_year}",
            "a first year at or before the last",
            "put the plan's years in order",
            column="first_year",
        )
    for feed in plan.feeds:
        for folder in feed.folders:
            if folder not in FEEDS:
                yield Problem(
                    file,
                    f"inbox folder {folder!r}",
                    _listed(FEEDS),
                    "name a folder of the inbox",
                    column=f"feeds.{feed.code}.folders",
                )
    known = {indicator.code for indicator in plan.indicators}
    for reading in plan.readings:
        for code in reading.indicators:
            if code not in known:
                yield Problem(
                    file,
                    f"indicator {code!r}",
                    "a code of this plan",
                    "correct the code, or leave it out",
                    column=f"readings.{reading.key}.indicators",
                )


def _repeats(plan: Plan, file: str) -> Iterator[Problem]:
    for field in ("code", "row"):
        counts = Counter(getattr(indicator, field) for indicator in plan.indicators)
        for indicator in plan.indicators:
            value = getattr(indicator, field)
            if counts.get(value, 0) > 1:
                del counts[value]
                yield _at(
                    file,
                    indicator,
                    field,
                    f"{field} {value} in more than one entry",
                    f"each {field} once",
                    "give every entry its own",
                )


def _references(plan: Plan, indicator: Indicator, file: str) -> Iterator[Problem]:
    feeds = [feed.code for feed in plan.feeds]
    for code in indicator.feeds:
        if code not in feeds:
            yield _at(
                file,
                indicator,
                "feeds",
                f"feed {code!r}",
                _listed(feeds),
                "choose one of these, or declare the feed in the head of the plan",
            )
    chapters = [chapter.code for chapter in plan.chapters]
    if indicator.chapter not in chapters:
        yield _at(
            file,
            indicator,
            "chapter",
            f"chapter {indicator.chapter!r}",
            _listed(chapters),
            "choose one of these, or declare the chapter in the head of the plan",
        )
    known = {entry.code for entry in plan.indicators} | {entry.code for entry in plan.supporting}
    if indicator.compare_with is not None and indicator.compare_with not in known:
        yield _at(
            file,
            indicator,
            "compare_with",
            f"code {indicator.compare_with!r}",
            "an indicator of this plan, or a supporting code",
            "correct it, or declare it under supporting",
        )


def _targets(plan: Plan, indicator: Indicator, file: str) -> Iterator[Problem]:
    for year, target in sorted(indicator.targets.items()):
        if year not in plan.years:
            yield _at(
                file,
                indicator,
                f"targets.{year}",
                f"a target for {year}",
                f"{plan.first_year} to {plan.last_year}",
                "move the target, or change the plan's years",
            )
        if target.value is None and target.words is None:
            yield _at(
                file,
                indicator,
                f"targets.{year}",
                "neither value nor words",
                "at least one of them",
                "say what the text sets, or leave the year out",
            )
    wordy = indicator.comparator in RELATIVE or indicator.comparator is Comparator.QUALITATIVE
    if wordy and indicator.numbers:
        yield _at(
            file,
            indicator,
            "targets",
            f"numbers with comparator {indicator.comparator}",
            "words only",
            "leave the numbers out, or choose a comparator that takes a number",
        )
    if not wordy and not indicator.numbers:
        yield _at(
            file,
            indicator,
            "targets",
            f"no number with comparator {indicator.comparator}",
            "at least one year with a value",
            "give the number, or make the entry qualitative",
        )
    if indicator.comparator in RELATIVE and not indicator.targets:
        yield _at(
            file, indicator, "targets", "no year", "at least one year with words", "say for which years the text asks"
        )
    if indicator.each_year and len(set(indicator.numbers.values())) > 1:
        yield _at(
            file,
            indicator,
            "each_year",
            "different numbers in different years",
            "the same number every year",
            "set each_year: false and choose a path",
        )


def _fields(plan: Plan, indicator: Indicator, file: str) -> Iterator[Problem]:
    duty = indicator.kind is Kind.DUTY
    if duty != (indicator.comparator is Comparator.QUALITATIVE):
        found = f"kind {indicator.kind} with comparator {indicator.comparator}"
        yield _at(
            file,
            indicator,
            "comparator",
            found,
            "qualitative for a duty, and for nothing else",
            "correct kind or comparator",
        )
    if not duty and indicator.better is None:
        yield _at(file, indicator, "better", "nothing", _listed(Better), "say which direction is better")
    needed = _NEEDS.get(indicator.comparator)
    if needed and getattr(indicator, needed[0]) is None:
        yield _at(file, indicator, needed[0], "nothing", needed[1], f"add {needed[0]}")
    if indicator.counts and indicator.measure is not Measure.COUNT:
        yield _at(
            file,
            indicator,
            "counts",
            f"registers for measure {indicator.measure}",
            "measure count",
            "leave counts out, or correct the measure",
        )
    if indicator.held_from is not None and indicator.held_from not in plan.years:
        yield _at(
            file,
            indicator,
            "held_from",
            str(indicator.held_from),
            f"{plan.first_year} to {plan.last_year}",
            "correct the year",
        )
    if indicator.held_from is not None and indicator.comparator not in LEVELS:
        yield _at(
            file,
            indicator,
            "held_from",
            f"held_from with comparator {indicator.comparator}",
            f"a level that can be held: {_listed(sorted(LEVELS))}",
            "leave held_from out",
        )
    yield from _path(indicator, file)


def _path(indicator: Indicator, file: str) -> Iterator[Problem]:
    if reason := path.fault(indicator):
        yield _at(
            file,
            indicator,
            "path",
            f"path {indicator.path}: {reason}",
            _listed(PathRule),
            "choose path: none, or give the milestones that the path needs",
        )
        return
    given = {**path.milestones(indicator), **indicator.path_values}
    numbers = [given[year] for year in sorted(given)]
    backwards = sorted(numbers, reverse=indicator.better is Better.LOWER) != numbers
    if indicator.path is not PathRule.NONE and backwards:
        found = f"milestones {_listed(numbers)} that go away from {indicator.better}"
        yield _at(
            file,
            indicator,
            "path",
            found,
            "milestones that do not get easier",
            "correct the targets or the better direction",
        )


def _listed(words: Iterable[object]) -> str:
    return ", ".join(str(word) for word in words)
