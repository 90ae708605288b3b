"""Questions that the command line asks of the published night.

Belongs here: read-only SQL and its results as plain data. Does not belong here: printing
(`pipelines.present`), anything that writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from sources.errors import MendableError


class QueryError(MendableError):
    """The question cannot be answered; the message says what would be."""


@dataclass(frozen=True)
class Scorecard:
    """Statuses of one region and year: headline definitions in the order of the plan."""

    plan: str
    region_code: str
    region_name: str
    year: int
    origins: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]

    @property
    def is_example(self) -> bool:
        """Whether any value rests on synthetic rows: then nothing here is the city's own result."""
        return bool({"synthetic", "mixed"} & set(self.origins))

    @property
    def heading(self) -> str:
        """The title: whose results, of which year, by which plan; an example says first that it is one."""
        card = f"{self.region_name} ({self.region_code})  {self.year}  {self.plan}"
        if self.is_example:
            return f"示例数据 / EXAMPLE, not the results of {self.region_name}!  记分卡 · Scorecard  {card}"
        return f"记分卡 · Scorecard  {card}"

    def counts(self) -> dict[str, int]:
        """Rows by status, in the order of meta.status."""
        found: dict[str, int] = {}
        for row in self.rows:
            found[row["status"]] = found.get(row["status"], 0) + 1
        return found

    def as_json(self) -> dict[str, Any]:
        return {
            "plan": self.plan,
            "region_code": self.region_code,
            "region_name": self.region_name,
            "year": self.year,
            "heading": self.heading,
            "example": self.is_example,
            "origins": list(self.origins),
            "counts": self.counts(),
            "indicators": list(self.rows),
        }


def records(con: duckdb.DuckDBPyConnection, query: str, parameters: list[Any] | None = None) -> list[dict[str, Any]]:
    """Rows of a query as dictionaries."""
    cursor = con.execute(query, parameters or [])
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def scorecards(
    con: duckdb.DuckDBPyConnection, region: str | None = None, year: int | None = None, plan: str | None = None
) -> list[Scorecard]:
    """One scorecard for each plan, the plan with the most indicators first; by default of the latest year with data.

    `region`, `plan`: only these. Raises `QueryError` when the published night has no status for them.
    """
    known = con.execute(
        "SELECT plan, region_code FROM mart.indicator_status GROUP BY ALL "
        "ORDER BY count(DISTINCT indicator) DESC, plan, region_code"
    ).fetchall()
    if not known:
        raise QueryError("the published night holds no status: is the plan empty?")
    for name, asked, there in (("plan", plan, {p for p, _ in known}), ("region", region, {r for _, r in known})):
        if asked is not None and asked not in there:
            raise QueryError(f"{name} {asked!r} has no status; accepted: {', '.join(sorted(there))}")
    wanted = [pair for pair in known if plan in (None, pair[0]) and region in (None, pair[1])]
    if not wanted:
        raise QueryError(f"plan {plan!r} has no status for region {region!r}; leave one of the two out")
    return [_scorecard(con, own, of, year) for own, of in wanted]


def scorecard(con: duckdb.DuckDBPyConnection) -> Scorecard:
    """The first of the scorecards. Raises `QueryError` when there is none."""
    return scorecards(con)[0]


def _scorecard(con: duckdb.DuckDBPyConnection, plan: str, region: str, year: int | None) -> Scorecard:
    years = con.execute(
        "SELECT DISTINCT year FROM mart.indicator_status WHERE plan = ? AND region_code = ? ORDER BY 1", [plan, region]
    ).fetchall()
    year = year or reporting_year(con, plan, region)
    if (year,) not in years:
        accepted = ", ".join(str(known) for (known,) in years)
        raise QueryError(f"year {year} has no status for {region} under {plan}; accepted: {accepted}")
    rows = records(
        con,
        "SELECT s.*, i.number, i.zh, i.en, i.chapter_zh, i.chapter_en, i.clause, i.kind, i.inbox_folders, "
        "m.zh AS status_zh, m.en AS status_en "
        "FROM mart.indicator_status s JOIN mart.indicator i ON i.plan = s.plan AND i.code = s.indicator "
        "JOIN meta.status m ON m.code = s.status "
        "WHERE s.plan = ? AND s.region_code = ? AND s.year = ? AND s.headline ORDER BY i.chapter_no, i.number",
        [plan, region, year],
    )
    name = con.execute(
        "SELECT name_zh || ' ' || coalesce(name_en, '') FROM mart.region WHERE code = ? "
        "ORDER BY valid_from DESC LIMIT 1",
        [region],
    ).fetchone()
    origins = tuple(sorted({row["origin"] for row in rows if row["origin"]}))
    return Scorecard(plan, region, name[0].strip() if name else region, year, origins, tuple(rows))


def cards_json(cards: Sequence[Scorecard]) -> dict[str, Any]:
    """The first scorecard as a document, with those of further plans under `others`."""
    first, *others = cards
    return first.as_json() | {"others": [card.as_json() for card in others]}


def reporting_year(con: duckdb.DuckDBPyConnection, plan: str, region: str) -> int:
    """The latest year of a plan that has begun by the as-of date and holds a value; else the latest begun.

    Before the plan begins, its first year. Years after the plan have values and no verdict, so they are none.
    """
    row = con.execute(
        "SELECT coalesce(max(year) FILTER (WHERE begun AND value IS NOT NULL), "
        "max(year) FILTER (WHERE begun), min(year)) "
        "FROM (SELECT year, value, year <= extract(year FROM as_of) AS begun FROM mart.indicator_status, meta.as_of "
        "WHERE plan = ? AND region_code = ? AND finding <> 'plan_ended')",
        [plan, region],
    ).fetchone()
    if row is None or row[0] is None:
        raise QueryError(f"region {region!r} has no status in a year of {plan}")
    return int(row[0])


def towns(con: duckdb.DuckDBPyConnection, card: Scorecard) -> list[dict[str, Any]]:
    """What the units below the region of a scorecard contribute in its year: headline values with names."""
    return records(
        con,
        "SELECT v.region_code, r.name_zh, v.indicator, i.zh, i.en, v.year, v.value, v.unit, v.n, v.origin, v.basis "
        "FROM mart.indicator_value v JOIN (SELECT code, max_by(name_zh, valid_from) AS name_zh FROM mart.region "
        "WHERE parent_code = ? GROUP BY code) r ON r.code = v.region_code "
        "JOIN mart.indicator i ON i.plan = v.plan AND i.code = v.indicator "
        "WHERE v.plan = ? AND v.year = ? AND v.headline ORDER BY i.number, v.region_code",
        [card.region_code, card.plan, card.year],
    )


def data_quality(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Files, what became of their records, broken rules and drift, by feed."""
    return records(
        con,
        "WITH file AS (SELECT feed, count(*) FILTER (WHERE state = 'loaded') AS loaded, "
        "count(*) FILTER (WHERE state = 'refused') AS refused, count(*) FILTER (WHERE state = 'held') AS held, "
        "count(*) FILTER (WHERE state = 'withdrawn') AS withdrawn, CAST(sum(rows_read) AS BIGINT) AS rows_read, "
        "CAST(sum(rows_accepted) AS BIGINT) AS rows_accepted, CAST(sum(rows_quarantined) AS BIGINT) "
        "AS rows_quarantined, "
        "CAST(sum(rows_duplicate) AS BIGINT) AS rows_duplicate, CAST(sum(rows_set_aside) AS BIGINT) AS rows_set_aside "
        "FROM meta.source_file GROUP BY feed), "
        "rule AS (SELECT feed, CAST(sum(unexpected) AS BIGINT) AS broken_rules FROM meta.validation_result "
        "WHERE NOT success GROUP BY feed), "
        "drift AS (SELECT feed, count(*) AS drift_warnings FROM meta.drift JOIN meta.source_file "
        "USING (source_file_id) "
        "GROUP BY feed) "
        "SELECT file.*, broken_rules, drift_warnings FROM file LEFT JOIN rule USING (feed) LEFT "
        "JOIN drift USING (feed) "
        "ORDER BY feed",
    )


def agreement(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """What was recomputed from real publications: own number against the published one."""
    return records(con, "FROM mart.agreement ORDER BY subject, series, period")


def run_sql(con: duckdb.DuckDBPyConnection, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Columns and rows of a query. Raises `QueryError` with DuckDB's own words."""
    try:
        cursor = con.execute(query)
        return [column[0] for column in cursor.description or []], cursor.fetchall()
    except duckdb.Error as error:
        raise QueryError(f"{error}\nthe tables are listed by `quality-city dictionary`") from error


def dictionary(con: duckdb.DuckDBPyConnection, table: str | None) -> list[dict[str, Any]]:
    """Every table with its columns: name, type, description. Raises `QueryError` for an unknown table."""
    entries = records(
        con,
        "SELECT t.schema_name || '.' || t.table_name AS \"table\", t.comment AS description, t.estimated_size AS rows, "
        "list({'column': c.column_name, 'type': c.data_type, 'description': c.comment} "
        "ORDER BY c.column_index) AS columns "
        "FROM duckdb_tables() t JOIN duckdb_columns() c USING (table_oid) "
        "WHERE t.schema_name NOT IN ('staging', 'work') AND NOT t.internal GROUP BY ALL ORDER BY 1",
    )
    if table is None:
        return entries
    found = [entry for entry in entries if entry["table"] == table]
    if not found:
        raise QueryError(f"table {table!r}: unknown; accepted: {', '.join(entry['table'] for entry in entries)}")
    return found
