"""`python -m samples.example_city.review HOME [PAGE]`: each row of the plan, its verdicts and a reviewer's remark.

Belongs here: the page `docs/review-yixing-2012.md` from a published night over the bundled inbox and from
`review.yaml`, which a person wrote after reading each row against the list of targets. Does not belong here:
any judgement; where a verdict is no longer the one that was reviewed, the page says so.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import yaml

from assets.plan.load import load_plan
from assets.plan.model import Plan
from assets.status.words import STATUSES

REMARKS = Path(__file__).with_name("review.yaml")
PLAN = Path(__file__).parents[2] / "assets" / "plans" / "yixing-2012.yaml"
PAGE = Path(__file__).parents[2] / "docs" / "review-yixing-2012.md"

#: (row of the plan, year) → value, required, status, target
Verdicts = Mapping[tuple[int, int], Mapping[str, Any]]

_HEAD = """\
# The plan row by row: 宜政发[2012]92号 on the example city

All {rows} rows of the plan, {first} to {last}, as one night over the bundled inbox judges them, each read against the
list of targets that was made from the document. **The figures are those of the [example city](example-city.md),
invented, and no results of Yixing**; what is reviewed is the reading of the plan and the verdict that follows.

    make nightly
    .venv/bin/python -m samples.example_city.review var        # writes this page again

The table comes from the night, the last column from a person (`samples/example_city/review.yaml`). A test holds the
page against the night, and against the verdicts that the person saw: one that changes has to be read again.

**asked**: 2012 / 2015 as the list has it; – where the text sets nothing. **A year**: value (what was asked of that
year: by the text, on the path, or an earlier value to beat; – for nothing), then the verdict. **Review**: *agrees*;
*reading N* where it rests on a [settled reading]({plan}) of an open question; *doubt* where the reviewer is not sure.
"""


def verdicts(con: duckdb.DuckDBPyConnection, plan: Plan) -> Verdicts:
    """The headline verdicts of the plan's own region and years, from a published night."""
    cursor = con.execute(
        "SELECT i.number, s.year, s.value, s.target, s.required, s.status FROM mart.indicator_status s "
        "JOIN mart.indicator i ON i.plan = s.plan AND i.code = s.indicator "
        "WHERE s.headline AND s.plan = ? AND s.region_code = ? AND s.year BETWEEN ? AND ?",
        [plan.code, plan.region, plan.first_year, plan.last_year],
    )
    names = [column[0] for column in cursor.description]
    rows = (dict(zip(names, row, strict=True)) for row in cursor.fetchall())
    return {(row["number"], row["year"]): row for row in rows}


def page(plan: Plan, found: Verdicts, review: Mapping[str, Any]) -> str:
    """The page, from the verdicts of a night and the review (content of `review.yaml`)."""
    rows = {entry["row"]: entry for entry in review["rows"]}
    parts = [
        _HEAD.format(
            rows=len(plan.indicators), first=plan.first_year, last=plan.last_year,
            plan="../assets/plans/yixing-2012.yaml",
        ),
        "## What the review changed\n",
        *(f"- {sentence}" for sentence in review["mended"]),
        "\n## Verdicts by year\n",
        *_counts(plan, found),
        "\nRows with a doubt: " + ", ".join(str(number) for number, row in rows.items() if "doubt" in row) + ".",
    ]  # fmt: skip
    for chapter in plan.chapters:
        parts += [f"\n## {chapter.zh} · {chapter.en} ({chapter.clause})\n", *_chapter(plan, chapter.code, found, rows)]
    return "\n".join([*parts, ""])


def _counts(plan: Plan, found: Verdicts) -> Iterator[str]:
    counted = {year: Counter(found[entry.row, year]["status"] for entry in plan.indicators) for year in plan.years}
    yield "| verdict | " + " | ".join(map(str, plan.years)) + " |"
    yield "|---|" + "---|" * len(plan.years)
    for code in STATUSES.codes:
        yield f"| `{code.code}` {code.zh} | " + " | ".join(str(counted[year][code.code]) for year in plan.years) + " |"


def _chapter(plan: Plan, chapter: str, found: Verdicts, rows: Mapping[int, Mapping[str, Any]]) -> Iterator[str]:
    yield "| # | promise | asked | " + " | ".join(map(str, plan.years)) + " | review |"
    yield "|---|---|---|" + "---|" * len(plan.years) + "---|"
    for entry in plan.indicators:
        if entry.chapter == chapter:
            row = rows[entry.row]
            asked = f"{row['asked'][2012]} / {row['asked'][2015]}; {row['comparator']}"
            years = [_year(found[entry.row, year], seen) for year, seen in zip(plan.years, row["seen"], strict=True)]
            cells = [str(entry.row), f"{entry.zh} `{entry.code}`", asked, *years, _judgement(plan, entry.code, row)]
            yield "| " + " | ".join(cells) + " |"


def _year(verdict: Mapping[str, Any], seen: str) -> str:
    changed = f" **was {seen} when reviewed**" * (verdict["status"] != seen)
    return f"{_number(verdict['value'])} ({_number(verdict['required'])}) {verdict['status']}{changed}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")


def _judgement(plan: Plan, code: str, row: Mapping[str, Any]) -> str:
    readings = [str(reading.number) for reading in plan.readings if code in reading.indicators]
    rests = f"*reading {', '.join(readings)}*. " if readings else ""
    if "doubt" in row:
        return f"{rests}{row['remark']} *Doubt*: {row['doubt']}"
    return f"{rests or '*agrees*. '}{row['remark']}"


def main(arguments: Sequence[str]) -> None:
    """Write the page from the published night of the home that is named."""
    home, target = Path(arguments[0]), Path(arguments[1]) if len(arguments) > 1 else PAGE
    plan = load_plan(PLAN)
    with duckdb.connect(str(home / "published" / "warehouse.duckdb"), read_only=True) as con:
        found = verdicts(con, plan)
    target.write_text(page(plan, found, yaml.safe_load(REMARKS.read_text("utf-8"))), "utf-8")
    print(f"wrote {target}")


if __name__ == "__main__":
    main(sys.argv[1:])
