"""`report`: where the published report is, and opening it in the browser.

Belongs here: the verb. Does not belong here: making the report (`pipelines.report`), which the night does.
"""

from __future__ import annotations

import webbrowser
from typing import Annotated

import typer

from pipelines.report import FOLDER
from pipelines.settings import load_settings
from pipelines.shell import HomeOption, explained


def report(
    home: HomeOption = None,
    show: Annotated[bool, typer.Option("--open", help="open it in the browser of this machine")] = False,
) -> None:
    """报告 · Where the published report is; --open shows it in the browser."""
    with explained():
        from warehouse.home import HomeError, open_home

        settings = load_settings(home=home)
        page = open_home(settings.home).published / FOLDER / "index.html"
        if not page.is_file():
            raise HomeError(
                f"{settings.home} has no report yet: run `quality-city nightly --home {settings.home}`; if a night was "
                "published, see `faults` of published/current/manifest.json and the setting report"
            )
        typer.echo(page)
        # The night's own folder and not the link: a page that stays open keeps its night.
        if show and not webbrowser.open(page.resolve().as_uri()):
            typer.echo("no browser could be started here; open the file above in one", err=True)
