"""The workbook in which a person mends refused records: its layout, and reading it back.

Belongs here: what stands where in that workbook, for whoever writes it (`sources.mend_workbook`), and
turning it back into the publication that it came from. Does not belong here: which records are still
refused (`warehouse.mends`).

A mended record goes through the same adapter as the record that was refused: each sheet holds, beside
columns of ours, the cells of the publication under the rows down to its header.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import polars as pl

from sources.adapter import Adapter
from sources.outcome import RECORD_KEY, Problem, Refusal, SourceFile
from sources.readers import Opened, Sheets, open_file
from sources.readers.grid import held

#: The hidden sheet that makes a workbook a mend, and the sheet that tells a person what to do.
CONTROL_SHEET, HELP_SHEET = "_mend", "说明 instructions"

#: Columns of ours before the publication's cells: row and records of the refused file (hidden), then the reason.
ROW, RECORDS, REASON = range(3)
OWN_COLUMNS = 3

#: Rows of ours above the publication's rows.
OWN_ROWS = 1

#: The layout's version, first in the control sheet.
LAYOUT = "quality-city mend 1"

#: Why rows of a mend are set aside.
ADDED, NOT_REFUSED = "row that mends no refused record", "record beside the refused one"

#: Which record of the refused file a record mends; RECORD_KEY says where it stands in the mend.
MENDS_SCHEMA = {
    "source_sheet": pl.String,
    "source_row": pl.Int64,
    "record_no": pl.Int64,
    "mends_file_id": pl.String,
    "mends_sheet": pl.String,
    "mends_row": pl.Int64,
    "mends_record": pl.Int64,
}


@dataclass(frozen=True)
class Control:
    """What a mend knows of the file whose records it mends. `sheets`: sheet of the workbook → sheet there."""

    source_file_id: str
    feed: str
    name: str
    adapter: str
    modified_at: datetime
    stage: str
    published_at: datetime
    published_at_from: str
    origin: str
    sheets: Mapping[str, str] = field(default_factory=dict)

    def lines(self) -> list[tuple[str, str, str]]:
        """The control sheet: the layout, a line per fact, a line per sheet."""
        facts = [(name, str(value), "") for name, value in vars(self).items() if name != "sheets"]
        return [(LAYOUT, "", ""), *facts, *(("sheet", tab, there) for tab, there in self.sheets.items())]


@dataclass(frozen=True)
class Mend:
    """A mend, read back: the publication's own sheets (named as in the workbook), and what each row mends.

    `mends`: MENDS_SCHEMA, one row per refused record that the workbook carries.
    """

    control: Control
    opened: Opened
    mends: pl.DataFrame

    def published(self, file: SourceFile) -> SourceFile:
        """The mend under the name and time of the refused file, which some adapters read."""
        return replace(file, name=self.control.name, modified_at=self.control.modified_at)

    def adapters(self, file: SourceFile, known: tuple[Adapter, ...]) -> tuple[Adapter, ...]:
        """The adapter that read the refused file. Cells that it fills from the row above are another row's here.

        Raises `Refusal` when that publication is no longer read.
        """
        found = tuple(replace(adapter, fill_down=()) for adapter in known if adapter.series == self.control.adapter)
        if not found:
            _refuse(file, f"records of {self.control.adapter}", "a publication that is read", "send them as a new file")
        return found

    def kept(self, records: pl.DataFrame) -> pl.DataFrame:
        """Of records (or refusals) of the mend, those that mend a refused one."""
        return records.join(self.mends, on=RECORD_KEY, how="semi", maintain_order="left")

    def left_out(self, records: pl.DataFrame) -> pl.DataFrame:
        """The others, as rows set aside: source_sheet, source_row, reason."""
        others = records.select(RECORD_KEY).join(self.mends, on=RECORD_KEY, how="anti", maintain_order="left")
        keyed = self.mends.select("source_sheet", "source_row", known=pl.lit(True)).unique()
        return others.join(keyed, on=["source_sheet", "source_row"], how="left", maintain_order="left").select(
            "source_sheet",
            "source_row",
            reason=pl.when("known").then(pl.lit(NOT_REFUSED)).otherwise(pl.lit(ADDED)),
        )


def mend_of(file: SourceFile, opened: Opened) -> Mend | None:
    """The mend that an opened file is; None for any other file.

    Raises `Refusal` when its hidden sheet was changed, or when it lies in the folder of another feed.
    """
    sheet = opened.heads.get(CONTROL_SHEET)
    if sheet is None or sheet["c0"][0] != LAYOUT:
        return None
    control = _control(file, sheet)
    if control.feed != file.feed:
        _refuse(file, f"mended records of {control.feed}", f"files of {file.feed}", f"put it under {control.feed}/")
    if missing := sorted(set(control.sheets) - set(opened.heads)):
        _refuse(file, f"no sheet {', '.join(missing)}", "the sheets as they were exported", "undo the renaming")
    sheets = {tab: opened.heads[tab] for tab in control.sheets}
    mends = pl.concat([_mends(control, tab, rows) for tab, rows in sheets.items()])
    published: Sheets = {tab: _published(rows) for tab, rows in sheets.items()}
    members = {tab: there.rpartition("/")[0] for tab, there in control.sheets.items() if "/" in there}
    return Mend(control, replace(held(published), members=members), mends)


def mended_file(path: Path) -> tuple[str, str]:
    """The feed and the source_file_id whose records a workbook mends; empty when it is no mend.

    Raises `Refusal` when it cannot be read.
    """
    sheet = open_file(path, path.name).heads.get(CONTROL_SHEET)
    if sheet is None or sheet.width < 3 or sheet["c0"][0] != LAYOUT:
        return "", ""
    facts = dict(sheet.select("c0", "c1").iter_rows())
    return str(facts.get("feed") or ""), str(facts.get("source_file_id") or "")


def _control(file: SourceFile, sheet: pl.DataFrame) -> Control:
    """The control sheet, read back."""
    lines = [tuple(cell or "" for cell in row) for row in sheet.drop("source_row").iter_rows()]
    facts = {line[0]: line[1] for line in lines if line[0] != "sheet"}
    tabs = {line[1]: line[2] if len(line) > 2 else "" for line in lines if line[0] == "sheet"}
    try:
        return Control(
            facts["source_file_id"],
            facts["feed"],
            facts["name"],
            facts["adapter"],
            datetime.fromisoformat(facts["modified_at"]),
            facts["stage"],
            datetime.fromisoformat(facts["published_at"]),
            facts["published_at_from"],
            facts["origin"],
            tabs,
        )
    except (KeyError, ValueError):
        _refuse(file, "a changed hidden sheet", "a workbook of `quality-city quarantine export`", "export it again")


def _refuse(file: SourceFile, found: str, accepted: str, action: str) -> NoReturn:
    raise Refusal(Problem(file.name, found=found, accepted=accepted, action=action))


def _published(rows: pl.DataFrame) -> pl.DataFrame:
    """A sheet of the workbook as the publication had it, with the workbook's row numbers."""
    cells = rows.columns[1 + OWN_COLUMNS :]
    return rows.filter(pl.col("source_row") > OWN_ROWS).select(
        "source_row", *(pl.col(cell).alias(f"c{place}") for place, cell in enumerate(cells))
    )


def _mends(control: Control, tab: str, rows: pl.DataFrame) -> pl.DataFrame:
    """MENDS_SCHEMA of one sheet: which of its rows carry which refused records."""
    return (
        rows.filter(pl.col("source_row") > OWN_ROWS, pl.col(f"c{ROW}").is_not_null())
        .select(
            pl.lit(tab).alias("source_sheet"),
            "source_row",
            pl.col(f"c{RECORDS}").str.split(",").alias("record_no"),
            pl.lit(control.source_file_id).alias("mends_file_id"),
            pl.lit(control.sheets[tab]).alias("mends_sheet"),
            pl.col(f"c{ROW}").cast(pl.Int64, strict=False).alias("mends_row"),
        )
        .explode("record_no")
        .with_columns(pl.col("record_no").cast(pl.Int64, strict=False))
        .with_columns(mends_record="record_no")
        .drop_nulls()
        .select(*MENDS_SCHEMA)
        .cast(MENDS_SCHEMA)  # type: ignore[arg-type]
    )
