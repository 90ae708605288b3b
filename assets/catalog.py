"""Everything that is derived: the marts, and the standards and plan that they read.

Belongs here: the explicit lists. A mart or standard that is not listed here does not exist for a
night. Does not belong here: any declaration (the subjects), running anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl

from assets import agreement, indicators, known_codes, periods, regions, register_findings
from assets.air import AIR_MARTS, AIR_REFERENCES
from assets.energy import marts as energy
from assets.environment import marts as environment
from assets.pass_rates import PASS_RATE_MARTS, PASS_RATE_REFERENCES
from assets.plan.folder import read_plans
from assets.plan.load import PlanError
from assets.plan.rows import plan_references
from assets.plan.tables import PLAN_SOURCE, PLAN_TABLES
from assets.spot_checks import SPOT_CHECK_MARTS, SPOT_CHECK_REFERENCES
from assets.status import marts as status
from assets.status.rollup import ROLLUP_MART, SCORE_REFERENCE
from assets.towns import TOWN_MARTS
from assets.water import WATER_MARTS, WATER_REFERENCES
from sources.outcome import Problem
from sources.registry import Table
from sources.registry import date as date_column
from warehouse.marts import Mart, ReferenceTable

AS_OF = Table(
    "meta.as_of",
    "判定日期",
    "The date on which statuses were judged",
    (date_column("as_of", "判定日期", "the date on which statuses were judged"),),
)

MARTS: tuple[Mart, ...] = (
    regions.REGION_MART,
    *AIR_MARTS,
    *WATER_MARTS,
    *SPOT_CHECK_MARTS,
    *PASS_RATE_MARTS,
    *energy.MARTS,
    *environment.MARTS,
    register_findings.REGISTER_FINDING_MART,
    indicators.INDICATOR_VALUE_MART,
    periods.INDICATOR_PERIOD_MART,
    status.INDICATOR_STATUS_MART,
    ROLLUP_MART,
    *TOWN_MARTS,
    agreement.AGREEMENT_MART,
)

STANDARDS: tuple[ReferenceTable, ...] = (
    *AIR_REFERENCES,
    *WATER_REFERENCES,
    *SPOT_CHECK_REFERENCES,
    *PASS_RATE_REFERENCES,
    *energy.REFERENCES,
    *environment.REFERENCES,
    *status.REFERENCES,
    SCORE_REFERENCE,
    *known_codes.REFERENCES,
)


@dataclass(frozen=True)
class Catalog:
    """Marts and references of one night.

    `problems` says what is wrong with the plan; its tables are then in `unusable` and keep what an
    earlier night loaded, so that the night goes on without the mistake.
    """

    references: tuple[ReferenceTable, ...]
    marts: tuple[Mart, ...] = MARTS
    problems: tuple[Problem, ...] = ()
    unusable: frozenset[str] = field(default_factory=frozenset)

    @property
    def loadable(self) -> tuple[ReferenceTable, ...]:
        """The references whose content is known this night."""
        return tuple(reference for reference in self.references if reference.table.name not in self.unusable)


def load_catalog(as_of: date, files: Sequence[Path]) -> Catalog:
    """The catalog for the files of the plans and what belongs to them, judged on `as_of`.

    With one mistake in one of them all stay as an earlier night loaded them: amendments and lists of bodies
    are held against their plan, so part of the files is not a state that anybody decided on.
    """
    judged_on = ReferenceTable(
        AS_OF, partial(_one_date, as_of), worth_publishing=False, source="--as-of of the night, else its calendar day"
    )
    fixed = (*STANDARDS, judged_on)
    plans, problems = read_plans(files)
    if problems:
        unread = tuple(ReferenceTable(table, _unread(PlanError(problems)), source=PLAN_SOURCE) for table in PLAN_TABLES)
        unusable = frozenset(table.name for table in PLAN_TABLES)
        return Catalog((*fixed, *unread), problems=tuple(problems), unusable=unusable)
    return Catalog((*fixed, *plan_references([plan.on(as_of) for plan in plans])))


def _one_date(as_of: date) -> pl.DataFrame:
    return pl.DataFrame({"as_of": [as_of]})


def _unread(error: PlanError) -> Callable[[], pl.DataFrame]:
    """The rows of a plan that cannot be used: asking for them raises what is wrong with it."""

    def rows() -> pl.DataFrame:
        raise error

    return rows
