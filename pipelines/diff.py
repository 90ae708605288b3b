"""`diff`: which numbers two published nights say differently, and because of which files.

Belongs here: comparing values and verdicts, and finding the cause of each change. Does not belong here: printing
(`pipelines.diff_cli`), what was said when (`mart.indicator_status_history`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.explain import touched_by
from pipelines.queries import QueryError, records
from warehouse.home import Home
from warehouse.names import quote
from warehouse.publish import DATABASE

_KEY = ("plan", "indicator", "region_code", "year", "definition")
_SAID = ("value", "unit", "complete", "headline", "target", "required", "status")
#: Differences beyond the last digits of a double, and everything that is no number.
_CHANGED = ("value", "complete", "headline", "target", "required", "status")


@dataclass(frozen=True)
class Difference:
    """What changed from one night to another.

    `files`: what came, went or was taken back in between. `definitions`: standards, plan tables and the as-of date
    that differ. `numbers`: key, before, after, and `because`: the files whose facts the number rests on, of either
    night; empty where only a definition or the date can be the cause.
    """

    before: str
    after: str
    files: list[dict[str, Any]]
    definitions: list[str]
    numbers: list[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        return dict(vars(self))


def night_of(home: Home, wanted: str) -> Path:
    """The database of the night that `wanted` means: an id, the beginning of one, or `current`.

    Raises `QueryError` when not exactly one night is meant, with those that are there.
    """
    if wanted == "current" and home.current.exists():
        return home.current.resolve() / DATABASE
    there = sorted(path.name for path in home.nights.iterdir() if (path / DATABASE).is_file())
    meant = [name for name in there if name.startswith(wanted)]
    if len(meant) != 1:
        raise QueryError(f"night {wanted!r} means {len(meant)} nights; accepted: current, {', '.join(there)}")
    return home.nights / meant[0] / DATABASE


def diff(before: Path, after: Path) -> Difference:
    """Compare two published files."""
    with duckdb.connect() as con:
        for name, database in (("before", before), ("after", after)):
            con.execute(f"ATTACH {quote(str(database))} AS {name}_night (READ_ONLY)")
        files = _files(con)
        definitions = _definitions(con)
        numbers = _numbers(con)
    reached = [
        *_reached(after, (file for file in files if file["now"] == "loaded")),
        *_reached(before, (file for file in files if file["before"] == "loaded")),
    ]
    for number in numbers:
        key = tuple(number[name] for name in _KEY)
        number["because"] = sorted({name for name, keys in reached if key in keys})
    return Difference(before.parent.name, after.parent.name, files, definitions, numbers)


def _reached(night: Path, files: Iterable[dict[str, Any]]) -> list[tuple[str, set[tuple[Any, ...]]]]:
    """Each file with the keys of the numbers that rest on it in that night."""
    with duckdb.connect(str(night), read_only=True) as con:
        return [
            (
                f"{file['feed']}/{file['name']}",
                {tuple(number[name] for name in _KEY) for number in touched_by(con, file["source_file_id"]).numbers},
            )
            for file in files
        ]


def _files(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    return records(
        con,
        "SELECT source_file_id, coalesce(n.feed, o.feed) AS feed, coalesce(n.name, o.name) AS name, "
        "o.state AS before, n.state AS now, coalesce(n.reason, o.reason) AS reason "
        "FROM before_night.meta.source_file o FULL JOIN after_night.meta.source_file n USING (source_file_id) "
        "WHERE o.state IS DISTINCT FROM n.state ORDER BY feed, name",
    )


def _definitions(con: duckdb.DuckDBPyConnection) -> list[str]:
    rows = con.execute(
        "SELECT name FROM before_night.meta.fingerprint o FULL JOIN after_night.meta.fingerprint n USING (name) "
        "WHERE o.fingerprint IS DISTINCT FROM n.fingerprint AND name <> 'mart.alert' ORDER BY name"
    ).fetchall()
    return [name for (name,) in rows]


def _numbers(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Values with their verdicts, of either night, that are not the same."""
    key = ", ".join(_KEY)

    def said(night: str) -> str:
        return (
            f"(SELECT {key}, coalesce(v.value, s.value) AS value, coalesce(v.unit, s.unit) AS unit, "
            f"coalesce(v.complete, s.complete) AS complete, coalesce(v.headline, s.headline) AS headline, "
            f"target, required, status FROM {night}.mart.indicator_value v "
            f"FULL JOIN {night}.mart.indicator_status s USING ({key}))"
        )

    shown = ", ".join(f"o.{name} AS {name}_before, n.{name} AS {name}_after" for name in _SAID)
    changed = " OR ".join(f"o.{name} IS DISTINCT FROM n.{name}" for name in _CHANGED)
    return records(
        con,
        f"SELECT {key}, {shown} FROM {said('before_night')} o FULL JOIN {said('after_night')} n USING ({key}) "
        f"WHERE {changed} ORDER BY {key}",
    )
