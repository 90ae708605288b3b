"""The verb `explain`, and how its answers look.

Belongs here: options and printing. Does not belong here: finding anything (`pipelines.explain`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.settings import SAMPLE_INBOX, Settings, SettingsError, load_settings
from pipelines.shell import HomeOption, JsonOption, explained, print_json, published

if TYPE_CHECKING:
    from pipelines.explain import Explanation, Step, Touched

_ROWS_SHOWN = 20
#: Columns of a fact that say where it came from; they are printed as one place.
_PLACE = ("origin", "stage", "published_at", "source_file_id", "source_sheet", "source_row", "record_no")
_PLACED = (*_PLACE, "feed", "file", "raw")


def explain(
    indicator: Annotated[str | None, typer.Argument(help="code of the indicator, e.g. air_good_day_rate")] = None,
    region: Annotated[str | None, typer.Option("--region", help="region code; default: the plan's own")] = None,
    year: Annotated[int | None, typer.Option("--year", help="year; default: the latest with data")] = None,
    plan: Annotated[str | None, typer.Option("--plan", help="plan; default: the one that has the indicator")] = None,
    definition: Annotated[str | None, typer.Option("--definition", help="another definition than the headline")] = None,
    file: Annotated[str | None, typer.Option("--file", help="the other way: what this source file touched")] = None,
    rows: Annotated[int, typer.Option("--rows", min=0, help="rows listed of each table; 0: all")] = _ROWS_SHOWN,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """溯源 · A number with all that it rests on, down to file, sheet and row; or a file and every number it touched."""
    with explained():
        settings = load_settings(home=home)
        if (indicator is None) == (file is None):
            raise SettingsError("give an indicator, or --file NAME; `quality-city status --json` lists the codes")
        with published(settings) as con:
            from pipelines.explain import explain as answer
            from pipelines.explain import touched_by

            if file is not None:
                touched = touched_by(con, file)
                print_json(touched.as_json()) if as_json else _print_touched(touched)
                return
            assert indicator is not None
            found = answer(con, indicator, region, year, plan, definition, rows or None, inboxes(settings))
            print_json(found.as_json()) if as_json else _print(found)


def inboxes(settings: Settings) -> list[Any]:
    """Where files of this home may lie."""
    named = [settings.inbox] if settings.inbox else []
    return [*named, settings.home / "inbox", SAMPLE_INBOX]


def _print(found: Explanation) -> None:
    from rich.text import Text

    from pipelines.present import out
    from pipelines.shown import number

    stated, status, value = found.indicator, found.status, found.value
    out.print(Text(f"{stated['zh']} · {stated['en']}", style="bold"))
    out.print(f"{stated['code']}  {found.region_code}  {found.year}  {stated['clause']}", highlight=False)
    if value:
        ends = ""
        if value["ci_low"] is not None:
            ends = f"  95 %: {number(value['ci_low'], None)} – {number(value['ci_high'], None)}"
        out.print(
            f"数值 · value     {number(value['value'], value['unit'])}{ends}  ({value['origin']})", highlight=False
        )
        out.print(f"依据 · basis     {value['basis']}", highlight=False)
    out.print(f"算法 · formula   {stated['definition']}", highlight=False)
    if status:
        unit = status["unit"]
        asked = f"{number(status['target'], unit)} ({status['target_year']}), {stated['comparator']}"
        out.print(
            f"目标 · target    {asked}; 当年要求 · required {number(status['required'], unit)}, "
            f"差距 · gap {number(status['gap'], unit)}",
            highlight=False,
        )
        out.print(Text(f"判定 · verdict   {status['status']}", style="bold"))
        out.print(f"理由 · why       {status['reason_zh']}\n                 {status['reason']}", highlight=False)
    for entry in found.standards:
        cited = [", ".join(str(cell) for cell in row.values() if cell is not None) for row in entry["cited"]]
        out.print(f"标准 · standard  {entry['table']}: {'; '.join(cited[:3]) or entry['en']}", highlight=False)
    for step in found.steps[1:]:
        _print_step(step, [name for name in (step.rows[0] if step.rows else {}) if name != "basis"][:9])
    for step in found.facts:
        _print_facts(step)
    for entry in found.files:
        out.print(f"文件 · file      {entry['feed']}/{entry['name']}: {entry['rows']:,} rows", highlight=False)


def _print_step(step: Step, columns: Sequence[str]) -> None:
    from pipelines import present

    present.out.print(f"\n{step.table}  {step.zh} · {step.en}: {step.total:,} rows", highlight=False)
    present.rows(columns, [[row[name] for name in columns] for row in step.rows])


def _print_facts(step: Step) -> None:
    from pipelines import present

    present.out.print(f"\n{step.table}  {step.zh} · {step.en}: {step.total:,} rows", highlight=False)
    lines = []
    for row in step.rows:
        sheet = f" {row['source_sheet']}" if row["source_sheet"] else ""
        said = ", ".join(f"{k}={v}" for k, v in row.items() if k not in _PLACED and v is not None)
        lines.append([f"{row['feed']}/{row['file']}{sheet} : {row['source_row']}", said, row["raw"] or "not at hand"])
    present.rows(["file : row", "fact", "as published"], lines)


def _print_touched(touched: Touched) -> None:
    from pipelines import present

    file = touched.file
    present.out.print(
        f"{file['feed']}/{file['name']}  {file['state']}, {file['rows_read']:,} records read", highlight=False
    )
    present.rows(["table", "records of this file"], [[name, rows] for name, rows in touched.records.items()])
    present.rows(["mart", "名称", "rows that rest on it"], [[m["table"], m["zh"], m["rows"]] for m in touched.marts])
    present.rows(
        ["indicator", "region", "year", "definition", "value", "status"],
        [
            [n["indicator"], n["region_code"], n["year"], n["definition"], n["value"], n["status"]]
            for n in touched.numbers
        ],
        empty="no number rests on it now",
    )
