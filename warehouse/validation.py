"""Results of the checks in `meta.validation_result` and `meta.drift`.

Belongs here: writing them down. Does not belong here: running a check (`checks`), so results come in
as any objects with the attributes of `Result`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from sources.registry import Feed
from warehouse.store import Warehouse


class _Rule(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def statement(self) -> str: ...


class Result(Protocol):
    """What is stored of one rule's run on one batch."""

    @property
    def rule(self) -> _Rule: ...
    @property
    def success(self) -> bool | None: ...
    @property
    def evaluated(self) -> int: ...
    @property
    def unexpected(self) -> int: ...
    @property
    def error(self) -> str: ...


class Drift(Protocol):
    """What is stored of one difference between a file and the earlier ones of its series."""

    @property
    def kind(self) -> str: ...
    @property
    def item(self) -> str: ...
    @property
    def column(self) -> str: ...
    @property
    def found(self) -> str: ...
    @property
    def usual(self) -> str: ...
    @property
    def compared(self) -> int: ...


def write_drift(warehouse: Warehouse, night_id: str, drifts: Mapping[str, Iterable[Drift]]) -> None:
    """Within the merge of files: the differences of each."""
    for key, entries in drifts.items():
        for entry in entries:
            warehouse.con.execute(
                "INSERT INTO meta.drift VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [key, night_id, entry.kind, entry.item, entry.column, entry.found, entry.usual, entry.compared],
            )


def write_results(warehouse: Warehouse, night_id: str, feed: Feed, results: Iterable[Result]) -> None:
    """Replace the night's results of a feed: one row per rule, batches added up, an error outweighs all."""
    rows: dict[str, list[object]] = {}
    for result in results:
        name = result.rule.name
        row = rows.setdefault(
            name, [night_id, feed.name, name, True, 0, 0, result.rule.severity, None, result.rule.statement]
        )
        failed_to_run = result.success is None or row[3] is None
        row[3] = None if failed_to_run else bool(row[3]) and bool(result.success)
        row[4] = int(str(row[4])) + result.evaluated
        row[5] = int(str(row[5])) + result.unexpected
        row[7] = result.error or row[7]
    with warehouse.transaction():
        warehouse.con.execute(
            "DELETE FROM meta.validation_result WHERE night_id = ? AND feed = ?", [night_id, feed.name]
        )
        if rows:
            warehouse.con.executemany(
                "INSERT INTO meta.validation_result VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", list(rows.values())
            )
