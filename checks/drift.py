"""Drift: how a file differs from the earlier files of its series.

Belongs here: what counts as a difference (`drift.yaml`) and finding it in the profiles. Does not belong
here: profiles (`warehouse.profile`), rules of a single record (`checks.rules`).

Drift warns and never moves a record: a correction of one row is right to hold fewer rows than ever.
"""

from __future__ import annotations

from collections.abc import Sequence
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


def find_drift(con: duckdb.DuckDBPyConnection, keys: Sequence[str]) -> dict[str, list[Drift]]:
    """Compare files of the ledger with their series' earlier files, by their profiles; nothing for a mend."""
    limits = thresholds()["kinds"]
    # In each of these, source_file_id is the file that is compared.
    ctes = f"""
        WITH not_mend AS (SELECT source_file_id, feed, series, published_at FROM meta.source_file
                          WHERE state = 'loaded' AND source_file_id NOT IN (SELECT source_file_id FROM meta.mend)),
        self AS (FROM not_mend WHERE list_contains($keys, source_file_id)),
        earlier AS (SELECT self.source_file_id, file.source_file_id AS earlier_id
                    FROM self JOIN not_mend AS file USING (feed, series)
                    WHERE file.published_at < self.published_at
                      AND file.source_file_id IN (SELECT source_file_id FROM meta.column_profile)
                    QUALIFY row_number() OVER (PARTITION BY self.source_file_id
                      ORDER BY file.published_at DESC, file.source_file_id) <= {int(thresholds()["window"])}),
        n AS (SELECT source_file_id, count(*) AS files FROM earlier GROUP BY ALL),
        p AS (SELECT *, filled / rows AS share FROM meta.column_profile),
        now AS (SELECT p.* FROM p SEMI JOIN self USING (source_file_id)),
        before AS (SELECT p.* REPLACE (earlier.source_file_id AS source_file_id)
                 FROM p JOIN earlier ON p.source_file_id = earlier.earlier_id),
        was AS (SELECT source_file_id, item, "column", count(*) AS files, min(rows) AS min_rows, max(rows) AS max_rows,
                min(share) AS min_share, min(median) AS min_median, max(median) AS max_median FROM before GROUP BY ALL),
        said AS (SELECT DISTINCT source_file_id, item, "column", unnest(string_split(said, '{SEPARATOR}')) AS word
                 FROM (SELECT DISTINCT source_file_id, item, "column", said FROM before)),
        news AS (SELECT source_file_id, item, "column", string_agg(word, ', ' ORDER BY word) AS words FROM
                 (SELECT source_file_id, item, "column", unnest(string_split(said, '{SEPARATOR}')) AS word FROM now)
                 ANTI JOIN said USING (source_file_id, item, "column", word) GROUP BY ALL),
        known AS (SELECT source_file_id, item, "column", string_agg(word, ', ' ORDER BY word) AS words
                  FROM said GROUP BY ALL),
        -- Of what was never reported before, nobody knows which columns it fills.
        same_items AS (SELECT DISTINCT source_file_id FROM now ANTI JOIN
                       (FROM now ANTI JOIN was USING (source_file_id, item)) USING (source_file_id)),
        itemized AS (SELECT DISTINCT source_file_id FROM now WHERE item <> '')
    """
    gone, unit, code = limits["column_gone"], limits["unit_changed"], limits["code_new"]
    rows, missing, median = limits["rows_jump"], limits["missing_jump"], limits["median_jump"]
    is_unit = "\"column\" IN ('unit', 'item_unit')"
    of_item = "(item <> '' OR source_file_id NOT IN (FROM itemized))"
    cell = 'source_file_id, item, "column"'
    queries = f"""
        SELECT source_file_id, 'column_gone', item, "column", 'empty',
               'filled in at least ' || round(100 * min_share)::INT || ' %', was.files
        FROM was ANTI JOIN now USING ({cell}) JOIN n USING (source_file_id) SEMI JOIN same_items USING (source_file_id)
        WHERE item = '' AND was.files = n.files AND n.files >= {gone["earlier"]} AND min_share >= {gone["share"]}
        UNION ALL
        SELECT source_file_id, 'unit_changed', item, "column", news.words, known.words, was.files
        FROM news JOIN known USING ({cell}) JOIN was USING ({cell})
        WHERE {is_unit} AND was.files >= {unit["earlier"]} AND {of_item}
        UNION ALL
        SELECT source_file_id, 'code_new', item, "column", news.words, known.words, was.files
        FROM news JOIN known USING ({cell}) JOIN was USING ({cell})
        WHERE item = '' AND NOT {is_unit} AND was.files >= {code["earlier"]}
        UNION ALL
        SELECT source_file_id, 'rows_jump', item, "column", now.rows::VARCHAR, min_rows || ' to ' || max_rows, was.files
        FROM now JOIN was USING ({cell})
        WHERE item = '' AND "column" = '' AND was.files >= {rows["earlier"]}
          AND (now.rows > max_rows * {rows["ratio"]} OR now.rows * {rows["ratio"]} < min_rows)
        UNION ALL
        SELECT source_file_id, 'missing_jump', item, "column", round(100 * (1 - now.share))::INT || ' %',
               'at most ' || round(100 * (1 - min_share))::INT || ' %', was.files
        FROM now JOIN was USING ({cell}) JOIN n USING (source_file_id) SEMI JOIN same_items USING (source_file_id)
        WHERE item = '' AND was.files = n.files AND n.files >= {missing["earlier"]}
          AND min_share - now.share > {missing["share"]}
        UNION ALL
        SELECT source_file_id, 'median_jump', item, "column", printf('%.4g', now.median),
               printf('%.4g', min_median) || ' to ' || printf('%.4g', max_median), was.files
        FROM now JOIN was USING ({cell})
        WHERE was.files >= {median["earlier"]} AND now.filled >= {median["filled"]} AND min_median > 0
          AND (now.median > max_median * {median["ratio"]} OR now.median * {median["ratio"]} < min_median)
          AND {of_item}
    """
    found: dict[str, list[Drift]] = {key: [] for key in keys}
    for key, *drift in con.execute(f"{ctes} SELECT * FROM ({queries}) ORDER BY ALL", {"keys": list(keys)}).fetchall():
        found[key].append(Drift(*drift))
    return found
