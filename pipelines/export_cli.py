"""The verb `export`: tables as Parquet or CSV, the scorecard as a workbook.

Belongs here: options. Does not belong here: writing (`warehouse.exports`, `pipelines.workbook`).
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.settings import SettingsError, load_settings
from pipelines.shell import HomeOption, JsonOption, explained, print_json, published

SCORECARD = "scorecard.xlsx"


class ExportFormat(StrEnum):
    """What an export may be."""

    PARQUET = "parquet"
    CSV = "csv"
    XLSX = "xlsx"


def export(
    folder: Annotated[Path, typer.Argument(help="folder to write into; made if it is not there")],
    kind: Annotated[ExportFormat, typer.Option("--format", help="parquet, csv, or xlsx: the scorecard")],
    table: Annotated[
        list[str] | None, typer.Option("--table", help="a table or a schema; default: core, mart, meta")
    ] = None,
    bom: Annotated[bool, typer.Option("--bom", help="CSV with the mark by which Excel knows UTF-8")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """导出 · The published night as Parquet, CSV (safe to open in a spreadsheet) or an XLSX scorecard."""
    with explained():
        if folder.exists() and not folder.is_dir():
            raise SettingsError(f"{folder} is a file; accepted: a folder, or a name that is free")
        if (bom and kind is not ExportFormat.CSV) or (table and kind is ExportFormat.XLSX):
            raise SettingsError("--bom goes with --format csv, --table with parquet and csv")
        with published(load_settings(home=home)) as con:
            folder.mkdir(parents=True, exist_ok=True)
            if kind is ExportFormat.XLSX:
                from pipelines.workbook import write_scorecard

                write_scorecard(con, folder / SCORECARD)
                written = {SCORECARD: 1}
            else:
                from warehouse.exports import tables_of, write_csv, write_parquet

                tables = tables_of(con, table or ["core", "mart", "meta"])
                if kind is ExportFormat.CSV:
                    written = write_csv(con, folder, tables, bom=bom)
                else:
                    written = write_parquet(con, folder, tables)
        if as_json:
            print_json({"folder": str(folder), "written": written})
        else:
            typer.echo(f"wrote {len(written)} {'file' if len(written) == 1 else 'tables'} to {folder}")
