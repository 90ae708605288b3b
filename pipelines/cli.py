"""The command line `quality-city`: verbs, options, exit codes.

Belongs here: one thin function per verb. Does not belong here: the work (`pipelines.run`,
`pipelines.queries`), how it looks (`pipelines.present`). Nothing heavy is imported before a verb needs it.

Exit codes: 0 published, or nothing to do; 1 the night failed and what analysts see is unchanged;
2 wrong usage or configuration.
"""

from __future__ import annotations

import os
import sys
import traceback
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines.alerts_cli import alerts_app
from pipelines.backup_cli import backup, restore
from pipelines.diff_cli import diff
from pipelines.explain_cli import explain
from pipelines.export_cli import export
from pipelines.health import health
from pipelines.plan_cli import plan_app
from pipelines.quarantine_cli import quarantine_app
from pipelines.report_cli import report
from pipelines.settings import Settings, SettingsError, load_settings
from pipelines.shell import HomeOption, JsonOption, explained, print_json, published

app = typer.Typer(no_args_is_help=True, add_completion=False, help="质量之城 · A city's quality promises, every night.")
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(plan_app, name="plan")
app.add_typer(alerts_app, name="alerts")
app.command()(report)
app.command()(health)
app.command()(backup)
app.command()(restore)
app.command()(explain)
app.command()(diff)
app.command()(export)

RegionOption = Annotated[str | None, typer.Option("--region", help="region code; default: each plan's own")]
PlanOption = Annotated[str | None, typer.Option("--plan", help="code of a plan; default: every plan")]
YearOption = Annotated[int | None, typer.Option("--year", help="year; default: the latest with data")]


@app.command()
def nightly(
    home: HomeOption = None,
    inbox: Annotated[Path | None, typer.Option("--inbox", help="read this inbox; makes a new home a live one")] = None,
    plan: Annotated[
        Path | None, typer.Option("--plan", help="plan file to judge against, or a folder of plans and amendments")
    ] = None,
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="judge statuses on this date")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """一夜 · Everything new: ingest, validate, derive, status, publish; the scorecard at the end."""
    with explained():
        settings = load_settings(home=home, inbox=inbox, plan=plan, as_of=as_of.date() if as_of else None)
        if _quiet(settings, as_json):
            return
        from pipelines import present
        from pipelines.run import run_night

        new = not (settings.home / "home.json").exists()
        if new and settings.inbox is not None and not settings.inbox.is_dir():
            raise SettingsError(
                f"--inbox: {settings.inbox} is not a folder; accepted: a folder with one subfolder per feed"
            )
        if settings.log == "json":
            from pipelines import night_log

            with night_log.failure_logged():
                account = run_night(settings, night_log.step)
            night_log.ended(account)
        else:
            with present.progress() as say:
                account = run_night(settings, say)
        if as_json:
            print_json(present.account_json(account))
        else:
            present.account(account)


def _quiet(settings: Settings, as_json: bool) -> bool:
    """Whether the night had nothing new, and is over; nothing heavy was imported for it then."""
    from pipelines import night_log
    from pipelines.quiet import quiet_night

    logged = settings.log == "json"
    account = quiet_night(settings, night_log.step if logged else lambda text: typer.echo(f"… {text}", err=True))
    if account is None:
        return False
    if logged:
        night_log.ended(account)
    if as_json:
        from pipelines import present

        print_json(present.account_json(account))
    else:
        typer.echo(account.nothing_new)
    return True


@app.command()
def init(directory: Annotated[Path, typer.Argument(help="a new or empty folder")]) -> None:
    """建库 · Make a live home: an inbox folder, note and template per feed, settings and plan."""
    with explained():
        from pipelines.new_home import make_live_home

        home = make_live_home(directory)
        typer.echo(f"made the live home {home.root}; next: put files into {home.inbox}/<feed>/ and run")
        typer.echo(f"  quality-city nightly --home {home.root}")


@app.command()
def template(
    feed: Annotated[str, typer.Argument(help="name of the feed, e.g. spot_checks")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="where to write it (default: FEED.xlsx)")
    ] = None,
) -> None:
    """模板 · Write the XLSX that an agency can fill in for a feed."""
    with explained():
        from sources.feeds import FEEDS
        from sources.templates import write_template

        if feed not in FEEDS:
            raise SettingsError(f"feed {feed!r}: unknown; accepted: {', '.join(FEEDS)}")
        path = output or Path(f"{feed}.xlsx")
        write_template(FEEDS[feed], path)
        typer.echo(f"wrote {path}")


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="file to look at; nothing is stored")],
    feed: Annotated[
        str | None, typer.Option("--feed", help="feed it is meant for; default: whichever recognises it")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """试读 · Dry run of one file: which publication, records by fate, each refusal with its reason."""
    with explained():
        from pipelines import present
        from pipelines.dry_run import dry_run

        with present.progress() as say:
            report = dry_run(file, feed, say)
        if as_json:
            print_json(report.as_json())
        else:
            present.dry_run(report)
        if report.problem:
            raise typer.Exit(2)


@app.command()
def status(
    home: HomeOption = None,
    region: RegionOption = None,
    year: YearOption = None,
    plan: PlanOption = None,
    as_json: JsonOption = False,
) -> None:
    """记分卡 · The scorecard of the published night, one for each plan."""
    with explained(), published(load_settings(home=home)) as con:
        from pipelines import present, queries

        cards = queries.scorecards(con, region, year, plan)
        if as_json:
            print_json(queries.cards_json(cards))
        else:
            for card in cards:
                present.scorecard(card)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="a query on the published night")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """查询 · Run SQL on the published night, read-only."""
    with explained(), published(load_settings(home=home)) as con:
        from pipelines import present, queries

        columns, rows = queries.run_sql(con, query)
        if as_json:
            print_json([dict(zip(columns, row, strict=True)) for row in rows])
        else:
            present.rows(columns, rows)


@app.command()
def dictionary(
    table: Annotated[str | None, typer.Argument(help="one table; default: all")] = None,
    page: Annotated[Path | None, typer.Option("--page", help="write all of it as a page (Markdown)")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """数据字典 · Tables and columns of the published night, with their descriptions."""
    with explained(), published(load_settings(home=home)) as con:
        from pipelines import present, queries

        if page is not None:
            from warehouse import dictionary_page

            page.write_text(dictionary_page.page(con), "utf-8")
            typer.echo(f"wrote {page}", err=True)
            return
        entries = queries.dictionary(con, table)
        if as_json:
            print_json(entries)
        else:
            present.dictionary(entries, one=table is not None)


@app.command()
def withdraw(
    file: Annotated[str, typer.Argument(help="source_file_id, file name, or feed/name")],
    reason: Annotated[str, typer.Option("--reason", help="why it is taken back; kept in the ledger")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """撤回 · Take a wrong file back: its records go to history, what they hid is current again."""
    with explained():
        from pipelines import present
        from pipelines.withdraw import take_back

        with present.progress() as say:
            account = take_back(load_settings(home=home), file, reason, say)
        if as_json:
            print_json(account.as_json())
        else:
            typer.echo(str(account))


def main() -> None:
    """Entry point of the `quality-city` command.

    Ends without the interpreter's teardown: with Great Expectations and duckdb_engine both loaded,
    DuckDB's bindings would print a page about leaks there, whatever was closed before.
    """
    code = 1
    try:
        app()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
