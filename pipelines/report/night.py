"""What every page needs of the published night, read once.

Belongs here: the plan, its region, statuses, names, the as-of date. Does not belong here: what only
one page shows (`pages/`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb

from assets.plan.units import SAID_EN, SAID_ZH
from pipelines import queries
from pipelines.queries import Scorecard, records
from pipelines.report.parts import Cell, Words, figure, named
from pipelines.shown import SHAPES, digits
from sources.registry import MART_ORIGIN_CODES

_ORIGINS = named(MART_ORIGIN_CODES)
_YES_NO = {1.0: Words("是", "yes"), 0.0: Words("否", "no")}


@dataclass
class Night:
    """The published night as the pages of one plan see it.

    `statuses`: every verdict by indicator, in order of years. `place`: where the plan's pages lie in the
    report; the first plan's lie on top, with the pages on subjects.
    """

    con: duckdb.DuckDBPyConnection
    night_id: str
    published_at: datetime
    as_of: date
    inputs: dict[str, Any]
    versions: dict[str, str]
    plan: dict[str, Any]
    card: Scorecard
    indicators: dict[str, dict[str, Any]]
    statuses: dict[str, list[dict[str, Any]]]
    words: dict[str, Words]
    regions: dict[str, Words]
    place: str = ""

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """Rows of a query on the published night, as dictionaries."""
        return records(self.con, query, list(parameters))

    def page_of(self, indicator: str) -> str:
        """The page of an indicator, from the report's folder."""
        return f"{self.place}indicator/{indicator}.html"

    @property
    def title(self) -> Words:
        """The plan's title; its code where it has none."""
        return Words(self.plan["title_zh"] or self.card.plan, self.plan["title_en"] or self.card.plan)

    @property
    def region(self) -> str:
        return self.card.region_code

    @property
    def city(self) -> Words:
        """The name of the city."""
        return self.region_name(self.region)

    def region_name(self, code: str | None) -> Words:
        """A region's name; its code where no name is known."""
        return self.regions.get(code or "", Words(code or "–", code or "–"))

    def status(self, code: str) -> Cell:
        """A status as shape and word."""
        words, shape = self.words[code], SHAPES[code]
        return Cell(Words(f"{shape} {words.zh}", f"{shape} {words.en}"), words.zh, look=f"status s-{code}")


def read_nights(con: duckdb.DuckDBPyConnection) -> list[Night]:
    """The last night of the database, once for each plan. Raises `QueryError` when it holds no status."""
    first, *others = queries.scorecards(con)
    return [_read(con, first, ""), *(_read(con, card, f"plans/{card.plan}-{card.region_code}/") for card in others)]


def _read(con: duckdb.DuckDBPyConnection, card: Scorecard, place: str) -> Night:
    (night,) = records(con, "FROM meta.night ORDER BY published_at DESC LIMIT 1")
    (plan,) = records(con, "FROM mart.plan WHERE plan = ?", [card.plan])
    indicators = records(con, "FROM mart.indicator WHERE plan = ? ORDER BY number", [card.plan])
    statuses: dict[str, list[dict[str, Any]]] = {}
    for row in records(
        con,
        "FROM mart.indicator_status WHERE plan = ? AND region_code = ? "
        "ORDER BY indicator, year, NOT headline, definition",
        [card.plan, card.region_code],
    ):
        statuses.setdefault(row["indicator"], []).append(row)
    (as_of,) = records(con, "FROM meta.as_of")
    return Night(
        con=con,
        night_id=night["night_id"],
        published_at=night["published_at"],
        as_of=as_of["as_of"],
        inputs=json.loads(night["inputs"]),
        versions=json.loads(night["versions"]),
        plan=plan,
        card=card,
        indicators={row["code"]: row for row in indicators},
        statuses=statuses,
        words={row["code"]: Words(row["zh"], row["en"]) for row in records(con, "FROM meta.status")},
        regions={
            row["code"]: Words(row["name_zh"], row["name_en"] or row["name_zh"])
            for row in records(con, "SELECT code, name_zh, name_en FROM mart.region ORDER BY valid_from")
        },
        place=place,
    )


def unit_words(unit: str | None) -> Words:
    """How a unit is said beside a number."""
    unit = unit or ""
    return Words(SAID_ZH.get(unit, unit), SAID_EN.get(unit, unit))


def measured(value: float | None, row: dict[str, Any], badge: Words | None = None) -> Cell:
    """A value of an indicator with its unit; a milestone is said as yes or no."""
    if value is not None and row["unit"] == "flag" and value in _YES_NO:
        return Cell(_YES_NO[value], value, badge=badge)
    return figure(value, unit_words(row["unit"]), badge)


def interval(row: dict[str, Any]) -> Cell:
    """The 95 % interval of a value (ci_low, ci_high); a dash where it has none."""
    if row.get("ci_low") is None or row.get("ci_high") is None:
        return Cell("–")
    return Cell(f"{digits(row['ci_low'])} – {digits(row['ci_high'])}", row["ci_low"])


def origin_badge(row: dict[str, Any]) -> Words | None:
    """示例 or 混合 beside a number that rests on synthetic rows; nothing beside a real one."""
    return None if row["origin"] in (None, "real") else _ORIGINS[row["origin"]]


def origin_words(origin: str | None) -> Words:
    """Where rows come from, in words."""
    return _ORIGINS.get(origin or "", Words("–", "–"))
