"""The verbs `backup` and `restore`.

Belongs here: options and what is printed. Does not belong here: the work (`pipelines.backup`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.settings import load_settings
from pipelines.shell import HomeOption, explained


def backup(
    target: Annotated[Path, typer.Argument(help="archive to write, or a folder for it")],
    with_inbox: Annotated[
        bool, typer.Option("--inbox/--no-inbox", help="whether the files of the inbox go in as well")
    ] = True,
    home: HomeOption = None,
) -> None:
    """备份 · One file with everything of a home that cannot be made again; no night runs meanwhile."""
    with explained():
        from pipelines import present
        from pipelines.backup import back_up

        with present.progress() as say:
            made = back_up(load_settings(home=home), target, with_inbox, say)
        typer.echo(f"已备份 · backed up: {made}")
        typer.echo(f"  试还原 · try it: quality-city restore {made.archive} NEW-FOLDER")


def restore(
    archive: Annotated[Path, typer.Argument(help="archive that `backup` made")],
    directory: Annotated[Path, typer.Argument(help="a new or empty folder")],
) -> None:
    """还原 · A home from a backup; every byte is checked first."""
    with explained():
        from pipelines import present
        from pipelines.backup import restore as restored

        with present.progress() as say:
            home, made = restored(archive, directory, say)
        typer.echo(f"已还原 · restored {home.root} from {made}")
        typer.echo(f"  继续 · go on: quality-city nightly --home {home.root}")
