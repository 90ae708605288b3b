"""What is a reason to alert tonight: verdicts off the plan, and works that need a hand.

Belongs here: reading conditions from the warehouse and the nights' own book. Does not belong here: what becomes
of an alert (`pipelines.alerting.lifecycle`), late series (`pipelines.alerting.rhythm`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

import duckdb

from pipelines.alerting.model import Condition, Key
from pipelines.alerting.works import of_works
from pipelines.queries import records, reporting_year
from sources.outcome import Problem
from warehouse.meta import DRIFT

_BAD = ("behind", "missed", "slipped")
_WELL = ("met", "on_track", "reported")


@dataclass
class Found:
    """Conditions that hold, and keys of which tonight's data say neither yes nor no."""

    conditions: list[Condition] = field(default_factory=list)
    undecided: set[Key] = field(default_factory=set)

    def add(self, condition: Condition) -> None:
        self.conditions.append(condition)


def status_conditions(con: duckdb.DuckDBPyConnection) -> Found:
    """Conditions of the reporting year's headline verdicts, for each plan's own region.

    An alert opens on behind, missed, slipped and ends on met, on_track, reported; a verdict that cannot be
    given leaves it as it is.
    """
    found = Found()
    for plan, region in con.execute("SELECT DISTINCT plan, region_code FROM mart.indicator_status").fetchall():
        for row in records(
            con,
            "SELECT s.plan, s.indicator, s.region_code, s.year, s.status, s.reason, s.reason_zh, s.includes_target, "
            "coalesce(s.origin, '') AS origin, i.zh, i.en, coalesce(i.responsible_body, '') AS body, "
            "i.responsible_body_zh AS body_zh, i.responsible_body_en AS body_en, m.zh AS word_zh, m.en AS word_en, "
            "i.number AS plan_row, coalesce(i.inbox_folders, '') AS folders "
            "FROM mart.indicator_status s JOIN mart.indicator i ON i.plan = s.plan AND i.code = s.indicator "
            "JOIN meta.status m ON m.code = s.status "
            "WHERE s.headline AND s.plan = ? AND s.region_code = ? AND s.year = ? ORDER BY i.number",
            [plan, region, reporting_year(con, plan, region)],
        ):
            _judge(row, found)
    return found


def _judge(row: dict[str, Any], found: Found) -> None:
    status = row["status"]
    if status in _BAD:
        found.add(_of_status(row, "off_plan", f"{row['year']} {status}"))
    elif status not in _WELL:
        found.undecided |= {_key(row, "off_plan"), _key(row, "interval_includes_target")}
    if status in _WELL and row["includes_target"]:
        found.add(_of_status(row, "interval_includes_target", str(row["year"])))
    if status in ("no_data", "not_assessable"):
        found.add(_of_status(row, status, str(row["year"])))


def _key(row: dict[str, Any], rule: str) -> Key:
    return row["plan"], row["indicator"], row["region_code"], rule


def _of_status(row: dict[str, Any], rule: str, says: str) -> Condition:
    answers_zh = f"（责任单位：{row['body_zh']}）" if row["body_zh"] else ""
    answers_en = f" (responsible: {row['body_en']})" if row["body_en"] else ""
    return Condition(
        *_key(row, rule),
        says=says,
        zh=f"{row['zh']}，{row['year']}年，{row['word_zh']}：{row['reason_zh']}{answers_zh}",
        en=f"{row['en']}, {row['year']}, {row['word_en']}: {row['reason']}{answers_en}",
        body=row["body"],
        origin=row["origin"],
        plan_row=row["plan_row"],
        folders=row["folders"],
    )


def file_conditions(
    con: duckdb.DuckDBPyConnection, strays: Sequence[Problem], present: Callable[[str, str], bool]
) -> Iterator[Condition]:
    """Files that were refused or held and still lie in the inbox; `present(feed, name)` says whether one does."""
    for problem in {problem.file: problem for problem in strays}.values():
        yield of_works("refused_file", f"file:{problem.file}", str(problem), str(problem), str(problem))
    latest = (
        "SELECT feed, name, state, reason FROM meta.source_file WHERE feed <> 'none' "
        "QUALIFY row_number() OVER (PARTITION BY feed, name ORDER BY loaded_at DESC, source_file_id) = 1 ORDER BY ALL"
    )
    for row in records(con, latest):
        if row["state"] in ("refused", "held") and present(row["feed"], row["name"]):
            where, why = f"{row['feed']}/{row['name']}", row["reason"] or row["state"]
            yield of_works(
                "refused_file", f"file:{where}", f"{row['state']} {why}", f"{where}：{why}", f"{where}: {why}"
            )


def check_conditions(con: duckdb.DuckDBPyConnection) -> Iterator[Condition]:
    """Rules that failed or could not run when their feed was last checked."""
    last = (
        "SELECT feed, expectation, success, unexpected, severity, error, statement FROM meta.validation_result "
        "QUALIFY night_id = max(night_id) OVER (PARTITION BY feed) ORDER BY ALL"
    )
    for row in records(con, last):
        subject = f"check:{row['feed']}.{row['expectation']}"
        told = f"{row['feed']}.{row['expectation']}"
        if row["success"] is None:
            why = row["error"] or "no reason given"
            yield of_works("check_errored", subject, why, f"{told}：{why}", f"{told}: {why}")
        elif row["success"] is False:
            count, rule = row["unexpected"], row["statement"]
            yield of_works(
                "check_failed", subject, f"{row['severity']} {count}",
                f"{told}：{count} 条不符（{rule}）；见 quality-city quarantine list",
                f"{told}: {count} records break it ({rule}); see quality-city quarantine list",
            )  # fmt: skip


def drift_conditions(con: duckdb.DuckDBPyConnection) -> Iterator[Condition]:
    """Series whose latest files look unlike the earlier ones; it ends with the next file that does not."""
    latest = (
        'SELECT f.feed, f.series, f.name, d.kind, d.item, d."column", d.found, d.usual FROM '
        "(FROM meta.source_file WHERE state = 'loaded' AND series IS NOT NULL "
        "QUALIFY night_id = max(night_id) OVER (PARTITION BY feed, series)) f "
        "JOIN meta.drift d USING (source_file_id) ORDER BY ALL"
    )
    words = {code.code: code for code in DRIFT.column("kind").codes.codes}  # type: ignore[union-attr]
    for (feed, series), rows in groupby(records(con, latest), key=lambda row: (row["feed"], row["series"])):
        seen = list(rows)
        files = "、".join(sorted({row["name"] for row in seen}))
        zh = "；".join(f"{words[r['kind']].zh} {_where(r)}：{r['found']}（以往 {r['usual']}）" for r in seen)
        en = "; ".join(f"{words[r['kind']].en} {_where(r)}: {r['found']} (usually {r['usual']})" for r in seen)
        yield of_works(
            "drift", f"series:{feed}.{series}", files,
            f"{feed}/{series} 的 {files}：{zh}；数据照常入库，请核对", f"{files} of {feed}/{series}: {en}; "
            "it was loaded as it is, please compare it with its source",
        )  # fmt: skip


def with_origin(con: duckdb.DuckDBPyConnection, conditions: Iterable[Condition]) -> Iterator[Condition]:
    """Conditions of files and checks, marked where the home holds synthetic files: they do not leave it."""
    made_up = con.execute("SELECT 1 FROM meta.source_file WHERE origin = 'synthetic' LIMIT 1").fetchall()
    for condition in conditions:
        yield replace(condition, origin="mixed") if made_up else condition


def _where(row: dict[str, Any]) -> str:
    return " ".join(part for part in (row["item"], row["column"]) if part)
