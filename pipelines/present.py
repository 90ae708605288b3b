"""How the command line looks: progress, tables, messages, in Chinese and English.

Belongs here: Rich tables and their JSON twins. Does not belong here: queries (`pipelines.queries`)
or work. Results go to standard output, progress and notes to standard error.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipelines import queries
from pipelines.quarantine import command
from pipelines.shown import SHAPES, badge, number
from sources.outcome import Problem
from warehouse.staging import file_id

if TYPE_CHECKING:
    from pipelines.account import NightAccount
    from pipelines.dry_run import DryRun
    from pipelines.queries import Scorecard

#: A pipe has no width of its own; lines of a log may be longer than a terminal's.
_PIPE_WIDTH = 150

out = Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else _PIPE_WIDTH)
err = Console(stderr=True)

#: Word, shape and colour: a status must be readable without colour.
_COLOURS = {
    "met": "green",
    "on_track": "green",
    "behind": "yellow",
    "missed": "red",
    "slipped": "red",
    "insufficient_data": "yellow",
    "reported": "blue",
}
_PALE = "dim"
_QUIET_SECONDS = 2.0


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A function that tells the current step: a spinner on a terminal, else a line now and then."""
    if err.is_terminal:
        with err.status("starting") as status:
            yield status.update
        return
    last = 0.0

    def say(text: str) -> None:
        nonlocal last
        if time.monotonic() - last >= _QUIET_SECONDS:
            err.print(f"… {text}", markup=False, highlight=False)
            last = time.monotonic()

    yield say


def account(night: NightAccount) -> None:
    """The night's end: what was recomputed, the scorecard, and what was refused."""
    import duckdb

    database = night.home.published_database
    if not database.exists():
        err.print("nothing was published yet: the inbox is empty")
        return
    with duckdb.connect(str(database.resolve()), read_only=True) as con:
        if night.published:
            agreement(queries.agreement(con))
            try:
                for card in queries.scorecards(con):
                    scorecard(card)
            except queries.QueryError as error:
                out.print(f"没有记分卡 · no scorecard: {error}", highlight=False)
        summary(night)


def summary(night: NightAccount) -> None:
    """Files and records of the night, refused things, failed and errored rules."""
    loaded = [entry for entry in night.files if entry.fates]
    refused = [entry for entry in night.files if entry.problem]
    if not night.published:
        out.print(night.nothing_new, highlight=False)
    else:
        fates = [entry.fates for entry in loaded if entry.fates]
        total = {
            name: sum(getattr(f, name) for f in fates)
            for name in ("read", "accepted", "quarantined", "duplicate", "set_aside")
        }
        out.print(
            f"夜次 · night {night.night_id}: {len(loaded)} files, {total['read']:,} records read = "
            f"{total['accepted']:,} accepted + {total['quarantined']:,} quarantined + "
            f"{total['duplicate']:,} duplicate + {total['set_aside']:,} set aside ({night.seconds:.1f} s)",
            highlight=False,
        )
    for problem in night.strays:
        _note("拒收 · refused", str(problem), "red")
    for entry in refused:
        _note("拒收 · refused", f"{entry.file.feed}/{entry.problem}", "red")
    for entry in loaded:
        if entry.fates and entry.fates.quarantined:
            _note(
                "隔离 · quarantined",
                f"{entry.file.feed}/{entry.file.name}: {entry.fates.quarantined} records; "
                f"see `{command('show', night.home.root, file_id(entry.file))}`",
                "yellow",
            )
    for entry in loaded:
        if entry.fates and entry.fates.undated_conflicts:
            _note(
                "无日期冲突 · undated conflict",
                f"{entry.file.feed}/{entry.file.name}: {entry.fates.undated_conflicts} facts that another file states "
                "differently, and only the files' modification times say which is newer; if the wrong one stands, "
                "send the right one with a column published_at (see docs/corrections.md)",
                "yellow",
            )
    for entry in loaded:
        for told in entry.drifts:
            _note("漂移 · drift", f"{entry.file.feed}/{entry.file.name}: {told}", "yellow")
    for rule in night.failed_rules:
        _note("规则不符 · rule", rule, "yellow")
    for rule in night.errored_rules:
        _note("规则未能运行 · rule could not run", rule, "red")
    for fault in night.not_made:
        _note("未能生成 · could not be made", fault, "red")
    for done in night.mended:
        _note("已修复 · damaged and made again", done, "red")
    if night.published:
        out.print(f"已发布 · published: {night.home.published_database}", highlight=False)


def _note(label: str, text: str, style: str) -> None:
    line = Text(f"{label}: ", style=style)
    line.append(text, style="default")
    out.print(line)


def agreement(rows: Sequence[dict[str, Any]]) -> None:
    """Own numbers against published ones, per publication."""
    table = Table(title="依据真实发布数据的复算 · Recomputed from real publications", title_justify="left")
    table.add_column("publication")
    table.add_column("what")
    table.add_column("records", justify="right")
    table.add_column("compared", justify="right")
    table.add_column("equal", justify="right")
    table.add_column("agreement", justify="right")
    table.add_column("own | published")
    for row in rows:
        share = f"{100 * row['equal'] / row['compared']:.2f} %" if row["compared"] else "–"
        table.add_row(
            row["series"],
            f"{row['subject']} {row['period']}".strip(),
            f"{row['records']:,}",
            f"{row['compared']:,}",
            f"{row['equal']:,}",
            share,
            row["example"] or "",
        )
    out.print(table)


def scorecard(card: Scorecard) -> None:
    """The scorecard, grouped as the plan groups it: one line a promise; the reason in full by `--json` or SQL."""
    out.print(Text(f"\n{card.heading}", style="bold red" if card.is_example else "bold"))
    for (zh, en), rows in groupby(card.rows, key=lambda row: (row["chapter_zh"], row["chapter_en"])):
        table = Table(
            title=f"{zh} · {en}", title_justify="left", title_style="bold", box=None, expand=True, pad_edge=False
        )
        table.add_column("#", justify="right", width=3)
        table.add_column("指标 · indicator", ratio=5, no_wrap=True)
        table.add_column("值 value", justify="right", ratio=1, no_wrap=True)
        table.add_column("", width=4, no_wrap=True)
        table.add_column("目标 target", justify="right", ratio=2, no_wrap=True)
        table.add_column("状态 status", width=12, no_wrap=True)
        table.add_column("why", ratio=4, no_wrap=True)
        for row in rows:
            style = _COLOURS.get(row["status"], _PALE)
            name = Text(row["zh"])
            name.append(f" {row['en']}", style="dim")
            table.add_row(
                str(row["number"]),
                name,
                number(row["value"], row["unit"]),
                Text(badge(row), style="bold red"),
                _target(row),
                Text(f"{SHAPES[row['status']]} {row['status_zh']}", style=style),
                Text(_why(row), style="dim" if row["status"] == "no_data" else ""),
            )
        out.print(table)
    counts = "  ".join(f"{SHAPES[status]} {status} {count}" for status, count in card.counts().items())
    out.print(f"合计 · total {len(card.rows)}:  {counts}", highlight=False)


def _target(row: dict[str, Any]) -> str:
    """What the text asks, with its year where that is another one."""
    asked = number(row["target"], row["unit"])
    return asked if row["target"] is None or row["target_year"] == row["year"] else f"{asked} ({row['target_year']})"


def _why(row: dict[str, Any]) -> str:
    """The reason on one line; for missing data, the inbox folder that would change it."""
    if row["status"] == "no_data" and row["inbox_folders"]:
        return f"→ inbox: {row['inbox_folders']}"
    return str(row["reason"])


def rows(columns: Sequence[str], found: Sequence[Sequence[Any]], empty: str = "no rows") -> None:
    """A query's result as a table."""
    if not found:
        out.print(empty)
        return
    table = Table(*columns)
    for row in found:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    out.print(table)


def dictionary(entries: Sequence[dict[str, Any]], *, one: bool) -> None:
    """Tables, or the columns of one."""
    table = Table("column", "type", "description") if one else Table("table", "rows", "columns", "description")
    for entry in entries:
        if one:
            for column in entry["columns"]:
                table.add_row(column["column"], column["type"], Text(column["description"] or ""))
        else:
            table.add_row(
                entry["table"], f"{entry['rows']:,}", str(len(entry["columns"])), Text(entry["description"] or "")
            )
    if one:
        out.print(Text(f"{entries[0]['table']}: {entries[0]['description']}", style="bold"))
    out.print(table)


def quarantined(records: Sequence[dict[str, Any]]) -> None:
    """Refused records, one block each: place, rule, reason, raw text."""
    if not records:
        out.print("no record of this file is in quarantine")
    for record in records:
        if record["source_row"] is None:
            out.print(Text(f"{record['feed']}/{record['file']} ({record['rule']}): {record['reason']}"))
            continue
        place = f"{record['file']}" + (f", sheet {record['source_sheet']}" if record["source_sheet"] else "")
        out.print(Text(f"{place}, row {record['source_row']}, record {record['record_no']}", style="bold"))
        out.print(Text(f"  {record['rule']}: {record['reason']}"))
        if "to_do" in record:
            out.print(Text(f"  to do: {record['to_do']}"))
        out.print(Text(f"  {record['raw']}", style="dim"))


def dry_run(report: DryRun) -> None:
    """What would become of one file."""
    out.print(Text(f"{report.file} → {report.feed or 'no feed'}", style="bold"))
    if publication := report.publication:
        out.print(
            f"识别为 · recognised as {publication['zh']} · {publication['en']} ({publication['series']})\n"
            f"格式 · format {publication['format']}" + (f", {publication['encoding']}" * bool(publication["encoding"])),
            highlight=False,
        )
        for sheet in publication["sheets"]:
            if sheet["name"]:
                said = "read" if sheet["read"] else f"not read: {sheet['why_not']}"
                out.print(f"工作表 · sheet {sheet['name']}: {said}", highlight=False)
    if problem := report.problem:
        _note("整体拒收 · refused whole", problem_text(problem), "red")
        return
    entry = report.entry
    out.print(
        f"发布 · published {entry['published_at']} (by {entry['published_at_from']}), {entry['stage']}, "
        f"{entry['origin']}\n"
        f"{entry['rows_read']:,} records = {entry['rows_accepted']:,} accepted + "
        f"{entry['rows_quarantined']:,} quarantined + {entry['rows_duplicate']:,} duplicate + "
        f"{entry['rows_set_aside']:,} set aside",
        highlight=False,
    )
    for aside in report.set_aside:
        where = f"sheet {aside['source_sheet']}, " if aside["source_sheet"] else ""
        _note(
            "搁置 · set aside",
            f"{aside['rows']:,} × {aside['reason']} ({where}rows {aside['first_row']}–{aside['last_row']})",
            "dim",
        )
    for warning in report.warnings:
        _note("警告 · warning", warning, "yellow")
    if report.refused:
        quarantined(report.refused)
        if entry["rows_quarantined"] > len(report.refused):
            out.print(f"… and {entry['rows_quarantined'] - len(report.refused):,} more", highlight=False)


def problem_text(problem: Mapping[str, Any]) -> str:
    """One problem in words: place, what was found, what would be accepted, what to do."""
    return str(Problem(**problem)) if "file" in problem else str(problem["found"])


def plan_check(file: Path, problems: Sequence[Problem], summary: dict[str, Any]) -> None:
    """Mistakes of a plan, or what it holds."""
    for problem in problems:
        _note("错误 · mistake", str(problem), "red")
    if problems:
        out.print(f"{file}: {len(problems)} mistakes; the plan is not used until they are mended", highlight=False)
    else:
        out.print(f"{file}: sound. " + ", ".join(f"{name} {value}" for name, value in summary.items()), highlight=False)


def account_json(night: NightAccount) -> dict[str, Any]:
    """The night as one JSON document: account, agreement and scorecard."""
    import duckdb

    document: dict[str, Any] = {
        "night_id": night.night_id,
        "published": night.published,
        "seconds": round(night.seconds, 3),
        "home": str(night.home.root),
        "files": [
            {"feed": e.file.feed, "name": e.file.name, "series": e.series, "problem": e.problem, "drift": [*e.drifts]}
            | (dict(vars(e.fates)) if e.fates else {})
            for e in night.files
        ],
        "strays": [str(problem) for problem in night.strays],
        "failed_rules": list(night.failed_rules),
        "errored_rules": list(night.errored_rules),
        "not_made": list(night.not_made),
        "mended": list(night.mended),
    }
    if night.home.published_database.exists():
        with duckdb.connect(str(night.home.published_database.resolve()), read_only=True) as con:
            document["agreement"] = queries.agreement(con)
            try:
                document["scorecard"] = queries.cards_json(queries.scorecards(con))
            except queries.QueryError:
                document["scorecard"] = None
    return document
