"""What a plan is: head, chapters, feeds, readings, indicators with their targets.

Belongs here: the shape of a plan file and its closed sets of words. Does not belong here: reading a
file (`assets.plan.load`), whether the parts agree with each other (`assets.plan.soundness`), any
number of a plan (`assets/plans`).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Words = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Year = Annotated[int, Field(ge=1949, le=2100)]


class Comparator(StrEnum):
    """How a value is held against what is asked."""

    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    AT_MOST = "at_most"
    EXACTLY = "exactly"
    CUMULATIVE_COUNT = "cumulative_count"
    PER_YEAR_AT_LEAST = "per_year_at_least"
    AVERAGE_PER_YEAR = "average_per_year"
    ABOVE_PROVINCE = "above_province"
    REDUCTION_ON_BASE = "reduction_on_base"
    RISING_EVERY_YEAR = "rising_every_year"
    RISING_AGAINST_BASE = "rising_against_base"
    FALLING = "falling"
    QUALITATIVE = "qualitative"


#: Comparators that ask for a change and no number: a value is held against an earlier one.
RELATIVE = frozenset({Comparator.RISING_EVERY_YEAR, Comparator.RISING_AGAINST_BASE, Comparator.FALLING})


#: Comparators whose value is a level that can be reached, and lost again.
LEVELS = frozenset(
    {
        Comparator.AT_LEAST,
        Comparator.MORE_THAN,
        Comparator.AT_MOST,
        Comparator.EXACTLY,
        Comparator.ABOVE_PROVINCE,
    }
)


class Measure(StrEnum):
    """What a value of the indicator is."""

    SHARE = "share"
    RATIO = "ratio"
    COUNT = "count"
    SCORE = "score"
    AMOUNT = "amount"
    CHANGE = "change"
    MARGIN = "margin"
    EVIDENCE = "evidence"


class Kind(StrEnum):
    """How firmly the plan asks: a number, a comparison, or a duty without a number."""

    NUMERIC_TARGET = "numeric_target"
    RELATIVE_TARGET = "relative_target"
    DUTY = "duty"


class PathRule(StrEnum):
    """How the values between milestones follow."""

    STRAIGHT_LINE = "straight_line"
    CONSTANT_RATE = "constant_rate"
    TABLE = "table"
    NONE = "none"


class Better(StrEnum):
    """Which direction is the better one."""

    HIGHER = "higher"
    LOWER = "lower"


class Part(BaseModel):
    """Frozen; a field that is not declared is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Title(Part):
    zh: Words
    en: Words


class DocumentDate(Part):
    """A date that the document bears; several may disagree, all are kept."""

    where: Words
    date: date
    words: Words


class Chapter(Part):
    """A group of the scorecard, as the plan groups its clauses."""

    code: Name
    clause: Words
    zh: Words
    en: Words


class PlanFeed(Part):
    """Data that the plan needs, and the inbox folders that carry it."""

    code: Name
    zh: Words
    en: Words
    folders: tuple[Words, ...] = Field(min_length=1)


class Supporting(Part):
    """A code in returns that is no indicator but that an indicator is computed from."""

    code: Name
    zh: Words
    en: Words
    unit: Words
    measure: Measure


class Reading(Part):
    """A question that the text leaves open, and how this house reads it.

    `value` names the choice for code; `applied_in` says where to change it.
    """

    number: int = Field(ge=1)
    key: Name
    indicators: tuple[Name, ...]
    question: Words
    choice: Words
    value: bool | int | str
    applied_in: Words


class Target(Part):
    """What the text sets for one year: a number, or words where it sets none.

    `strict`: the number must be passed. `stretch`: a second number, shown and not judged.
    `implied_by`: the word of the text that stands for the number.
    """

    value: Decimal | None = None
    strict: bool = False
    stretch: Decimal | None = None
    words: Words | None = None
    implied_by: Words | None = None


class Counted(Part):
    """A register whose events count for an indicator; with `level`, only titles of that level."""

    register_name: Name = Field(alias="register")
    level: Words | None = None


class Indicator(Part):
    """One testable statement of the plan. See the head of a plan file for the meaning of each field."""

    row: int = Field(ge=1)
    code: Name
    zh: Words
    en: Words
    definition: Words
    kind: Kind
    comparator: Comparator
    measure: Measure
    unit: Words
    chapter: Name
    clause: Words
    feeds: tuple[Name, ...] = Field(min_length=1)
    targets: dict[Year, Target] = Field(default_factory=dict)
    better: Better | None = None
    each_year: bool = False
    held_from: Year | None = None
    base_year: Year | None = None
    window_start: date | None = None
    compare_with: Name | None = None
    path: PathRule = PathRule.NONE
    path_values: dict[Year, Decimal] = Field(default_factory=dict)
    decimals: Annotated[int, Field(ge=0, le=6)] | None = None
    tolerance: Annotated[Decimal, Field(gt=0)] | None = None
    counts: tuple[Counted, ...] = ()
    headline_definition: Words = "default"
    definition_in_plan: bool = True
    note: Words | None = None

    @property
    def numbers(self) -> dict[int, Decimal]:
        """The numbers that the text sets, by year, in order."""
        return {year: t.value for year, t in sorted(self.targets.items()) if t.value is not None}


class Plan(Part):
    """A plan: what it is, and every indicator in the order of the text."""

    code: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: Title
    document: Words
    dates: tuple[DocumentDate, ...] = Field(min_length=1)
    status_in_header: Title
    valid_from: date
    first_year: Year
    last_year: Year
    region: Words
    province: Words
    text_damage: str = ""
    chapters: tuple[Chapter, ...] = Field(min_length=1)
    feeds: tuple[PlanFeed, ...] = Field(min_length=1)
    supporting: tuple[Supporting, ...] = ()
    readings: tuple[Reading, ...] = ()
    indicators: tuple[Indicator, ...] = Field(min_length=1)

    @property
    def years(self) -> range:
        """The plan's years, first to last."""
        return range(self.first_year, self.last_year + 1)

    def indicator(self, code: str) -> Indicator:
        """The indicator of that code; KeyError names the plan when there is none."""
        for indicator in self.indicators:
            if indicator.code == code:
                return indicator
        raise KeyError(f"{self.code} has no indicator {code}")

    def reading(self, key: str) -> bool | int | str:
        """The chosen value of a reading; KeyError names the plan when there is none."""
        for reading in self.readings:
            if reading.key == key:
                return reading.value
        raise KeyError(f"{self.code} has no reading {key}")
