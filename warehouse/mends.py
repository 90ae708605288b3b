"""Refused records that wait for a mend, and the files that mend them.

Belongs here: which records are open, which a mend closes. Does not belong here: the workbook
(`sources.mends`), reading a file again (`warehouse.reread`).

A refused record is open while its file is loaded and no other file has carried it. A mend carries
records of another file: they are accepted, or refused again under the mend, which is then what is open.
`meta.mend` always names the record that was refused first, so that one workbook can be mended and
replayed as often as it takes.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from sources.outcome import ASIDE_SCHEMA, Reading
from sources.registry import Feed
from warehouse import meta
from warehouse.names import ident, quote
from warehouse.staging import file_id
from warehouse.store import Warehouse

#: Why records of a mend are set aside.
_MENDED, _UNKNOWN = "mended already", "mends no refused record of this home"

_FIRST = ("mends_file_id", "mends_sheet", "mends_row", "mends_record")


def open_records(feed: str) -> str:
    """SQL for the open records of a feed: quarantine columns but replayed_by, and `first_…`, the record mended.

    Columns: source_file_id, source_sheet, source_row, record_no, rule, reason, raw, first_file, first_sheet,
    first_row, first_record.
    """
    return (
        f"SELECT q.* EXCLUDE (replayed_by), coalesce(m.mends_file_id, q.source_file_id) AS first_file, "
        f"coalesce(m.mends_sheet, q.source_sheet) AS first_sheet, coalesce(m.mends_row, q.source_row) AS first_row, "
        f"coalesce(m.mends_record, q.record_no) AS first_record FROM quarantine.{ident(feed)} q "
        f"JOIN (SELECT source_file_id FROM meta.source_file WHERE state = 'loaded') AS f USING (source_file_id) "
        f"LEFT JOIN meta.mend m USING (source_file_id, source_sheet, source_row, record_no) "
        f"WHERE q.replayed_by IS NULL"
    )


def first_refused(warehouse: Warehouse, key: str) -> str:
    """The file whose records were refused first: of a mend the file that it mends, else the file itself."""
    query = "SELECT any_value(mends_file_id) FROM meta.mend WHERE source_file_id = ?"
    return str(warehouse.value(query, [key]) or key)


def leave_out_mended(warehouse: Warehouse, feed: Feed, reading: Reading) -> Reading:
    """Take out of staging what a mend carries although it is not open; `reading` counts it as set aside.

    Names in `reading.mends` the records that were refused first. Other files pass through.
    """
    if reading.mends is None:
        return reading
    con, key = warehouse.con, file_id(reading.file)
    con.register("_mends", reading.mends.to_arrow())
    known = f"quarantine.{ident(feed.name)}"
    # Each record of the mend → the record refused first, why it is left out (null: it mends an open one).
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE carried AS SELECT n.source_sheet, n.source_row, n.record_no, "
        f"{', '.join(f'coalesce(m.{name}, n.{name}) AS {name}' for name in _FIRST)} FROM _mends n "
        f"LEFT JOIN meta.mend m ON m.source_file_id = n.mends_file_id AND m.source_sheet = n.mends_sheet "
        f"AND m.source_row = n.mends_row AND m.record_no = n.mends_record"
    )
    con.unregister("_mends")
    first = "(mends_file_id, mends_sheet, mends_row, mends_record)"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE not_open AS SELECT source_sheet, source_row, record_no, "
        f"CASE WHEN {first} IN (SELECT (source_file_id, source_sheet, source_row, record_no) FROM {known}) "
        f"THEN {quote(_MENDED)} ELSE {quote(_UNKNOWN)} END AS reason FROM carried WHERE {first} NOT IN "
        f"(SELECT (first_file, first_sheet, first_row, first_record) FROM ({open_records(feed.name)}))"
    )
    place = "(source_sheet, source_row, record_no)"
    leaving = f"source_file_id = {quote(key)} AND {place} IN (SELECT {place} FROM not_open)"
    staged = f"staging.{ident(feed.name)}"
    aside = con.sql(
        f"SELECT source_sheet, reason, count(*) AS rows, min(source_row) AS first_row, max(source_row) AS last_row "
        f"FROM not_open SEMI JOIN (SELECT source_sheet, source_row, record_no FROM {staged} WHERE {leaving} UNION "
        f"SELECT source_sheet, source_row, record_no FROM staging.refused WHERE {leaving}) "
        f"USING (source_sheet, source_row, record_no) GROUP BY ALL ORDER BY ALL"
    ).pl()
    with warehouse.transaction():
        con.execute(f"DELETE FROM {staged} WHERE {leaving}")
        con.execute(f"DELETE FROM staging.refused WHERE {leaving}")
    mends = con.sql("SELECT * FROM carried ANTI JOIN not_open USING (source_sheet, source_row, record_no)").pl()
    return replace(reading, mends=mends, aside=pl.concat([reading.aside, aside.cast(ASIDE_SCHEMA)]))


def close(warehouse: Warehouse, feed: Feed, reading: Reading) -> None:
    """Within the merge of a mend: enter what it mends, and point the open records that it carries to it."""
    if reading.mends is None:
        return
    con, key = warehouse.con, file_id(reading.file)
    con.register("_mends", reading.mends.to_arrow())
    # A row that was emptied carries nothing: only records that are here now count.
    con.execute(
        f"INSERT INTO {meta.MEND.name} BY NAME SELECT {quote(key)} AS source_file_id, m.* FROM _mends m SEMI JOIN "
        f"(SELECT source_sheet, source_row, record_no FROM candidate UNION SELECT source_sheet, source_row, record_no "
        f"FROM staging.refused WHERE source_file_id = {quote(key)}) USING (source_sheet, source_row, record_no)"
    )
    con.unregister("_mends")
    con.execute(
        f"UPDATE quarantine.{ident(feed.name)} SET replayed_by = {quote(key)} "
        f"WHERE (source_file_id, source_sheet, source_row, record_no) IN "
        f"(SELECT (source_file_id, source_sheet, source_row, record_no) FROM ({open_records(feed.name)}) "
        f"WHERE source_file_id <> {quote(key)} AND (first_file, first_sheet, first_row, first_record) IN "
        f"(SELECT (mends_file_id, mends_sheet, mends_row, mends_record) FROM meta.mend "
        f"WHERE source_file_id = {quote(key)}))"
    )


def reopen(warehouse: Warehouse, feed: str, key: str) -> None:
    """Within the withdrawal of a mend: what it closed is open again, or closed by a later mend that carries it."""
    place = "source_file_id, source_sheet, source_row, record_no"
    first = ", ".join(f"coalesce(r.{name}, q.{own})" for name, own in zip(_FIRST, place.split(", "), strict=True))
    others = (
        f"SELECT m.*, f.loaded_at FROM meta.mend m JOIN meta.source_file f USING (source_file_id) "
        f"WHERE f.state = 'loaded' AND f.source_file_id <> {quote(key)}"
    )
    same = f"({', '.join(f'other.{name}' for name in _FIRST)}) = ({first})"
    warehouse.con.execute(
        f"CREATE OR REPLACE TEMP TABLE reopened AS SELECT q.source_file_id, q.source_sheet, q.source_row, q.record_no, "
        f"max_by(other.source_file_id, other.loaded_at) AS closed_by FROM quarantine.{ident(feed)} q "
        f"JOIN (SELECT source_file_id, loaded_at FROM meta.source_file) AS f USING (source_file_id) "
        f"LEFT JOIN meta.mend r USING ({place}) LEFT JOIN ({others}) AS other ON {same} "
        f"AND other.loaded_at > f.loaded_at WHERE q.replayed_by = {quote(key)} GROUP BY ALL"
    )
    warehouse.con.execute(
        f"UPDATE quarantine.{ident(feed)} AS q SET replayed_by = closed_by FROM reopened AS o "
        f"WHERE {' AND '.join(f'q.{name} = o.{name}' for name in place.split(', '))}"
    )
