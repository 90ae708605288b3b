"""What a generated file is, and its bytes.

Belongs here: the shape of a file of a canonical layout, its name and its text. Does not belong here:
any figure (`figures/`), what the rows of a subject are (the modules beside this one).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sources.feeds import FEEDS

FIGURES = Path(__file__).parent / "figures"

#: Every generated file begins with this, so that nobody takes one for a publication.
PREFIX = "example_"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class ExampleFile:
    """One file of the example city: its feed, name, day of publication, and rows of the feed's columns."""

    feed: str
    name: str
    published_at: Any
    rows: Sequence[Row]

    @property
    def path(self) -> str:
        """Where it lies below the inbox."""
        return f"{self.feed}/{PREFIX}{self.name}.csv"

    def content(self) -> bytes:
        """The file: the feed's columns that any row fills, in the registry's order, then what it says of itself.

        Raises `KeyError` when a row has a column that the feed does not know.
        """
        known = [column.name for column in FEEDS[self.feed].columns]
        if strange := {name for row in self.rows for name in row} - set(known):
            raise KeyError(f"{self.feed} has no columns {sorted(strange)}")
        used = [name for name in known if any(row.get(name) not in (None, "") for row in self.rows)]
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([*used, "published_at", "origin"])
        for row in self.rows:
            cells = ("" if row.get(name) is None else row[name] for name in used)
            writer.writerow([*cells, self.published_at, "synthetic"])
        return text.getvalue().encode("utf-8")


def figures(name: str) -> Any:
    """The figures of one subject, from `figures/<name>.yaml`."""
    return yaml.safe_load((FIGURES / f"{name}.yaml").read_text("utf-8"))


def spread(number: int, days: int) -> list[int]:
    """`number` of the days 1 to `days`, evenly spaced: day d is one when (d · number) mod days < number."""
    return [day for day in range(1, days + 1) if (day * number) % days < number]


def shared_out(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in whole parts in proportion to `weights`; they add up, the largest remainders are rounded up."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    largest = sorted(range(len(weights)), key=lambda place: (-(total * weights[place] % whole), place))
    for place in largest[: total - sum(parts)]:
        parts[place] += 1
    return parts
