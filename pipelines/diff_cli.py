"""The verb `diff`, and how its answer looks.

Belongs here: options and printing. Does not belong here: comparing (`pipelines.diff`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.settings import load_settings
from pipelines.shell import HomeOption, JsonOption, explained, print_json

if TYPE_CHECKING:
    from pipelines.diff import Difference


def diff(
    before: Annotated[str, typer.Argument(help="a night: its id, the beginning of it, or current")],
    after: Annotated[str, typer.Argument(help="a later night")] = "current",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """比对 · Which numbers two nights say differently, and because of which file."""
    with explained():
        from pipelines.diff import diff as compare
        from pipelines.diff import night_of
        from warehouse.home import open_home

        opened = open_home(load_settings(home=home).home)
        found = compare(night_of(opened, before), night_of(opened, after))
        if as_json:
            print_json(found.as_json())
        else:
            _print(found)


def _print(found: Difference) -> None:
    from pipelines import present
    from pipelines.shown import number

    present.out.print(f"{found.before} → {found.after}", highlight=False)
    files = [[f"{f['feed']}/{f['name']}", f["before"] or "–", f["now"] or "–", f["reason"]] for f in found.files]
    present.rows(["file", "before", "now", "reason"], files, empty="the same files")
    if found.definitions:
        present.out.print(f"定义变化 · definitions that differ: {', '.join(found.definitions)}", highlight=False)
    lines = [
        [
            n["indicator"], n["region_code"], n["year"], n["definition"],
            f"{number(n['value_before'], None)} → {number(n['value_after'], n['unit_after'])}",
            f"{n['status_before'] or '–'} → {n['status_after'] or '–'}",
            ", ".join(n["because"]) or "definition or date",
        ]
        for n in found.numbers
    ]  # fmt: skip
    present.rows(
        ["indicator", "region", "year", "definition", "value", "status", "because of"], lines, empty="the same numbers"
    )
