"""The verbs `quality-city plan …`: is a plan sound, what does a changed one change.

Belongs here: their options and how a comparison looks. Does not belong here: the check (`assets.plan.check`),
the comparison (`pipelines.plan_diff`).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.settings import load_settings
from pipelines.shell import HomeOption, JsonOption, explained, print_json

if TYPE_CHECKING:
    from pipelines.plan_diff import PlanDiff

plan_app = typer.Typer(no_args_is_help=True, help="规划 · the city's plan")


@plan_app.command("check")
def plan_check(
    file: Annotated[Path, typer.Argument(help="plan file (YAML), or a folder of plans and amendments")],
    as_json: JsonOption = False,
) -> None:
    """Is a plan sound? Every mistake with place, what was found, what is accepted, what to do."""
    with explained():
        from assets.plan.check import check_plan
        from pipelines import present

        problems, summary = check_plan(file)
        if as_json:
            print_json({"problems": [str(problem) for problem in problems], "summary": summary})
        else:
            present.plan_check(file, problems, summary)
        if problems:
            raise typer.Exit(2)


@plan_app.command("diff")
def plan_compare(
    before: Annotated[Path, typer.Argument(help="plan file or folder, as it is")],
    after: Annotated[Path, typer.Argument(help="plan file or folder, as it would be; or an amendment of the first")],
    home: HomeOption = None,
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="judge both on this date")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """What does a changed plan change? What is asked, and which verdicts of the published night; nothing is stored."""
    with explained():
        from pipelines import present
        from pipelines.plan_diff import plan_diff

        settings = load_settings(home=home, as_of=as_of.date() if as_of else None)
        with present.progress() as say:
            found = plan_diff(before, after, settings, say)
        if as_json:
            print_json(found.as_json())
        else:
            _show(found)


def _show(found: PlanDiff) -> None:
    from pipelines.present import out, rows
    from pipelines.shown import badge, number

    out.print(f"规划比较 · {found.before} → {found.after} ({found.judged_on})", highlight=False, markup=False)
    rows(
        ["指标 · indicator", "what", "before", "after", "文号 · document", "from"],
        [
            (f"{c.zh} {c.indicator}".strip() or c.plan, c.field, c.before, c.after, c.document, c.valid_from)
            for c in found.changes
        ],
        empty="要求相同 · they ask the same",
    )
    if found.judged is None:
        out.print("没有已发布之夜，无法比较判定 · no published night here, so no verdicts to compare (--home DIR)")
        return
    rows(
        ["指标 · indicator", "region", "year", "value", "", "required", "状态 · status"],
        [
            (
                f"{v['zh']} {v['indicator']}",
                v["region_code"],
                v["year"],
                number(v["value"], v["unit"]),
                badge(v),
                f"{number(v['required_before'], '')} → {number(v['required_after'], '')}",
                f"{v['status_zh_before'] or '–'} {v['status_before'] or ''} → "
                f"{v['status_zh_after'] or '–'} {v['status_after'] or ''}",
            )
            for v in found.verdicts
        ],
        empty="判定不变 · no verdict changes",
    )
    out.print(
        f"{len(found.changes)} 处要求不同，{found.judged} 个判定中 {len(found.verdicts)} 个改变 · "
        f"what is asked differs in {len(found.changes)} places; verdicts that change: {len(found.verdicts)} of "
        f"{found.judged}",
        highlight=False,
    )
