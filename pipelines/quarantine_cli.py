"""The verbs `quality-city quarantine …`.

Belongs here: one thin function per verb. Does not belong here: the work (`pipelines.quarantine`,
`pipelines.replay`). Nothing heavy is imported before a verb needs it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.settings import SettingsError, load_settings
from pipelines.shell import HomeOption, JsonOption, explained, print_json, published

quarantine_app = typer.Typer(no_args_is_help=True, help="隔离记录 · refused records")

_FILE = "source_file_id, file name or feed/name, as `quarantine list` prints them"


@quarantine_app.command("list")
def list_refused(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Refused records by file and rule, and files refused whole."""
    with explained(), published(load_settings(home=home)) as con:
        from pipelines import present, quarantine

        found = quarantine.listed(con)
        if as_json:
            print_json(found)
        else:
            columns = ("feed", "file", "rule", "records", "source_file_id")
            rows = [[row[name] for name in columns] for row in found]
            present.rows(columns, rows, empty="no record is in quarantine")


@quarantine_app.command("show")
def show_refused(
    file: Annotated[str, typer.Argument(help=_FILE)],
    home: HomeOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="records to show")] = 20,
    as_json: JsonOption = False,
) -> None:
    """Refused records of one file: place, rule, reason and the raw text."""
    with explained(), published(load_settings(home=home)) as con:
        from pipelines import present, quarantine

        found = quarantine.shown(con, file, limit)
        if as_json:
            print_json(found)
        else:
            present.quarantined(found)


@quarantine_app.command("export")
def export_refused(
    file: Annotated[str, typer.Argument(help=_FILE)],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="workbook to write; default: mend_….xlsx")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a workbook in which a person can mend the refused records of one file."""
    with explained():
        settings = load_settings(home=home)
        with published(settings) as con:
            from pipelines import quarantine

            done = quarantine.export(con, file, output)
        if as_json:
            print_json(done.as_json())
            return
        typer.echo(f"wrote {done.path}: {done.records:,} refused records of {done.file.feed}/{done.file.name}")
        for line in done.left_out:
            typer.echo(f"  not in it: {line}")
        typer.echo(f"when it is mended: {quarantine.command('replay', settings.home, str(done.path))}")


@quarantine_app.command("replay")
def replay(
    file: Annotated[str | None, typer.Argument(help="the mended workbook; with --refused, one file")] = None,
    refused: Annotated[
        bool,
        typer.Option("--refused", help="read refused records and files of the inbox again, after a reader was mended"),
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load a mended workbook, or (--refused) read again what mended readers may accept now."""
    with explained():
        from pipelines import present
        from pipelines.replay import replay_mend, replay_refused

        settings = load_settings(home=home)
        with present.progress() as say:
            if refused:
                done = replay_refused(settings, file, say)
            elif file is None:
                raise SettingsError("give the mended workbook, or --refused to read the inbox's refused records again")
            else:
                done = replay_mend(settings, Path(file), say)
        if as_json:
            print_json([entry.as_json() for entry in done])
            return
        for entry in done:
            typer.echo(str(entry))
        if not done:
            typer.echo("nothing is refused")
        typer.echo(f"to publish it now: quality-city nightly --home {settings.home}")
