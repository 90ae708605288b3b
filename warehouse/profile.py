"""What a file held, by column: rows, filled cells, median, units and codes, in `meta.column_profile`.

Belongs here: measuring files as they are merged, in one query. Does not belong here: what a difference
means (`checks.drift`).
"""

from __future__ import annotations

import duckdb

from sources.registry import Column, Feed
from warehouse.names import ident, quote

#: Feeds whose records measure many things in one column, and the column that says which.
ITEM = {
    "water_samples": "determinand",
    "energy_use": "fuel",
    "economic_accounts": "account",
    "emissions": "pollutant",
    "statistical_returns": "indicator_code",
    "register_events": "register",
}

_UNITS = ("unit", "item_unit")

#: Separates codes and units in `said`.
SEPARATOR = "|"

#: Rows whose median says as much of a file as the median of all.
_ENOUGH = 50_000

#: No list of codes or units is longer; a column with more says nothing of itself.
_MAX_SAID = 60


def sample_step(rows: int) -> int:
    """Every how many rows of a file one is taken for its medians: all of a small file's, at least some 50,000."""
    return max(1, rows // _ENOUGH)


def write_profile(con: duckdb.DuckDBPyConnection, feed: Feed) -> None:
    """Profile the records in the temporary view `candidate` as those of their files, in the merge's transaction.

    The whole file (item empty): every column that is filled. Each item: its measures and units. Medians
    are approximate, so that memory does not grow with the file, and of every n-th row of a large one (`sample_step`).
    """
    item = ITEM.get(feed.name, "")
    columns = [column for column in feed.columns if column.name not in ("series", feed.identity)]
    sets = f"GROUPING SETS ((source_file_id), (source_file_id, {ident(item)}))" if item else "source_file_id"
    whole = f"grouping({ident(item)}) = 1" if item else "true"
    named = f"CASE WHEN {whole} THEN '' ELSE {ident(item)} END" if item else "''"
    lines = ["{'column': '', 'filled': count(*), 'median': NULL::DOUBLE, 'said': NULL::VARCHAR, 'of_item': true}"]
    lines += [_line(column, item) for column in columns]
    con.execute(
        f"INSERT INTO meta.column_profile BY NAME SELECT source_file_id, item, line.column AS column, "
        f"rows, line.filled AS filled, line.median AS median, line.said AS said FROM (SELECT source_file_id, "
        f"{named} AS item, count(*) AS rows, unnest([{', '.join(lines)}]) AS line, {whole} AS whole FROM candidate "
        f"GROUP BY {sets}) WHERE item IS NOT NULL AND line.filled > 0 AND (whole OR line.of_item)"
    )


def _line(column: Column, item: str) -> str:
    """One column's entry of a profile, as a SQL struct."""
    name = ident(column.name)
    median = "NULL::DOUBLE"
    if column.is_number:
        # No FILTER: DuckDB would copy every column of what passes, for each median.
        median = f"approx_quantile(CASE WHEN source_row % sample_step = 0 THEN CAST({name} AS DOUBLE) END, 0.5)"
    said = "NULL::VARCHAR"
    if column.codes or column.name in (*_UNITS, item):
        distinct = f"string_agg(DISTINCT {name}, {quote(SEPARATOR)} ORDER BY {name})"
        few = column.codes is not None and len(column.codes.values) <= _MAX_SAID  # no other word came through the gate
        said = distinct if few else f"CASE WHEN approx_count_distinct({name}) <= {_MAX_SAID} THEN {distinct} END"
    of_item = str(column.is_number or column.name in _UNITS).lower()
    return (
        f"{{'column': {quote(column.name)}, 'filled': count({name}), 'median': {median}, 'said': {said}, "
        f"'of_item': {of_item}}}"
    )
