"""Drift: how a file differs from the earlier files of its series.

Belongs here: what counts as a difference (`drift.yaml`) and finding it in the profiles. Does not belong
here: profiles (`warehouse.profile`), rules of a single record (`checks.rules`).

Drift warns and never moves a record: a correction of one row is right to hold fewer rows than ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from warehouse.profile import SEPARATOR

_FILE = Path(__file__).with_suffix(".yaml")

_WORDS = {
    "column_gone": "column {column} is empty",
    "unit_changed": "{what} is {found}",
    "code_new": "{column} says {found}",
    "rows_jump": "{found} records",
    "missing_jump": "{column} is empty in {found} of the records",
    "median_jump": "median of {what} is {found}",
}


@dataclass(frozen=True)
class Drift:
    """One difference: kind, item and column, what the file holds, what the `compared` earlier ones held."""

    kind: str
    item: str
    column: str
    found: str
    usual: str
    compared: int

    def __str__(self) -> str:
        what = f"{self.column} of {self.item}" if self.item else self.column
        told = _WORDS[self.kind].format(column=self.column, what=what, found=self.found)
        files = f"{self.compared} earlier file" + ("s" if self.compared > 1 else "")
        return f"{thresholds()['kinds'][self.kind]['zh']} · {told}; {files} of the series: {self.usual}"


@cache
def thresholds() -> dict[str, Any]:
    """The settings of `drift.yaml`: window, and per kind its numbers, its name and the reason for them."""
    loaded: dict[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    return loaded


def find_drift(con: duckdb.DuckDBPyConnection, key: str) -> list[Drift]:
    """Compare a file of the ledger with its series' earlier files, by their profiles; nothing for a mend."""
    limits = thresholds()["kinds"]
    ctes = f"""
        WITH self AS (SELECT * FROM meta.source_file WHERE source_file_id = $key
                      AND source_file_id NOT IN (SELECT source_file_id FROM meta.mend)),
        earlier AS (SELECT f.source_file_id FROM meta.source_file f JOIN self s ON f.feed = s.feed
                    AND f.series = s.series AND f.state = 'loaded' AND f.source_file_id <> s.source_file_id
                    AND f.published_at < s.published_at
                    WHERE f.source_file_id NOT IN (SELECT source_file_id FROM meta.mend)
                    AND f.source_file_id IN (SELECT source_file_id FROM meta.column_profile)
                    ORDER BY f.published_at DESC, f.source_file_id LIMIT {int(thresholds()["window"])}),
        n AS (SELECT count(*) AS files FROM earlier),
        p AS (SELECT *, filled / rows AS share FROM meta.column_profile),
        now AS (SELECT * FROM p WHERE source_file_id IN (SELECT source_file_id FROM self)),
        was AS (SELECT item, "column", count(*) AS files, min(rows) AS min_rows, max(rows) AS max_rows,
                min(share) AS min_share, min(median) AS min_median, max(median) AS max_median
                FROM p SEMI JOIN earlier USING (source_file_id) GROUP BY ALL),
        said AS (SELECT DISTINCT item, "column", unnest(string_split(said, '{SEPARATOR}')) AS word
                 FROM p SEMI JOIN earlier USING (source_file_id)),
        news AS (SELECT item, "column", string_agg(word, ', ' ORDER BY word) AS words FROM
                 (SELECT item, "column", unnest(string_split(said, '{SEPARATOR}')) AS word FROM now)
                 ANTI JOIN said USING (item, "column", word) GROUP BY ALL),
        known AS (SELECT item, "column", string_agg(word, ', ' ORDER BY word) AS words FROM said GROUP BY ALL)
    """
    gone, unit, code = limits["column_gone"], limits["unit_changed"], limits["code_new"]
    rows, missing, median = limits["rows_jump"], limits["missing_jump"], limits["median_jump"]
    # Of what was never reported before, nobody knows which columns it fills.
    same_items = "EXISTS (FROM now) AND NOT EXISTS (FROM now ANTI JOIN was USING (item))"
    is_unit = "\"column\" IN ('unit', 'item_unit')"
    queries = f"""
        SELECT 'column_gone', item, "column", 'empty', 'filled in at least ' || round(100 * min_share)::INT || ' %',
               was.files FROM was ANTI JOIN now USING (item, "column"), n
        WHERE item = '' AND was.files = n.files AND n.files >= {gone["earlier"]} AND min_share >= {gone["share"]}
          AND {same_items}
        UNION ALL
        SELECT 'unit_changed', item, "column", news.words, known.words, was.files
        FROM news JOIN known USING (item, "column") JOIN was USING (item, "column")
        WHERE {is_unit} AND was.files >= {unit["earlier"]}
          AND (item <> '' OR NOT EXISTS (FROM now AS other WHERE other.item <> ''))
        UNION ALL
        SELECT 'code_new', item, "column", news.words, known.words, was.files
        FROM news JOIN known USING (item, "column") JOIN was USING (item, "column")
        WHERE item = '' AND NOT {is_unit} AND was.files >= {code["earlier"]}
        UNION ALL
        SELECT 'rows_jump', item, "column", now.rows::VARCHAR, min_rows || ' to ' || max_rows, was.files
        FROM now JOIN was USING (item, "column")
        WHERE item = '' AND "column" = '' AND was.files >= {rows["earlier"]}
          AND (now.rows > max_rows * {rows["ratio"]} OR now.rows * {rows["ratio"]} < min_rows)
        UNION ALL
        SELECT 'missing_jump', item, "column", round(100 * (1 - now.share))::INT || ' %',
               'at most ' || round(100 * (1 - min_share))::INT || ' %', was.files
        FROM now JOIN was USING (item, "column"), n
        WHERE item = '' AND was.files = n.files AND n.files >= {missing["earlier"]}
          AND min_share - now.share > {missing["share"]} AND {same_items}
        UNION ALL
        SELECT 'median_jump', item, "column", printf('%.4g', now.median),
               printf('%.4g', min_median) || ' to ' || printf('%.4g', max_median), was.files
        FROM now JOIN was USING (item, "column")
        WHERE was.files >= {median["earlier"]} AND now.filled >= {median["filled"]} AND min_median > 0
          AND (now.median > max_median * {median["ratio"]} OR now.median * {median["ratio"]} < min_median)
          AND (item <> '' OR NOT EXISTS (FROM now AS other WHERE other.item <> ''))
    """
    found = con.execute(f"{ctes} SELECT * FROM ({queries}) ORDER BY ALL", {"key": key}).fetchall()
    return [Drift(*row) for row in found]
