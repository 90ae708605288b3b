"""What a file's name says of its time: the days it covers, and when it was published.

Belongs here: dates in file names. Does not belong here: dates in cells (`sources.dates`).
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_YEAR, _MONTH, _DAY = r"((?:19|20)\d\d)", r"(0[1-9]|1[0-2])", r"(0[1-9]|[12]\d|3[01])"
_CLOCK = r"([01]\d|2[0-3])([0-5]\d)([0-5]\d)?"

#: From the most to the least exact; digits on either side would make it another number.
_PATTERNS = tuple(
    re.compile(rf"(?<!\d){pattern}(?!\d)")
    for pattern in (
        rf"{_YEAR}{_MONTH}{_DAY}{_CLOCK}",
        rf"{_YEAR}{_MONTH}{_DAY}",
        rf"{_YEAR}[-_.]{_MONTH}[-_.]{_DAY}(?:[-_T ]([01]\d|2[0-3]))?",
        rf"{_YEAR}年(0?[1-9]|1[0-2])月(0?[1-9]|[12]\d|3[01])日",
        rf"{_YEAR}[-_.]{_MONTH}",
        rf"{_YEAR}年(0?[1-9]|1[0-2])月",
    )
)


@dataclass(frozen=True)
class Days:
    """The days that a name speaks of: one day, or a whole month. `at` is the latest moment named."""

    first: date
    last: date
    at: datetime

    @property
    def is_month(self) -> bool:
        return self.first != self.last


def named_days(name: str) -> Days | None:
    """The days named in a path below the feed's folder: the file's own name first, then its folders.

    `兰山嘴_2021-04.csv` and `2021-04/兰山嘴.csv` speak of April 2021, `2020-07-15.json` of that day. Of
    several dates in one name the last counts; None when there is none.
    """
    for part in reversed(name.split("/")):
        for pattern in _PATTERNS:
            found = [days for match in pattern.finditer(part) if (days := _days(match.groups()))]
            if found:
                return found[-1]
    return None


def named_publication(name: str) -> datetime | None:
    """The moment that the file's own name gives as its time; the last day where it names a month."""
    days = named_days(name.rpartition("/")[2])
    return days.at if days else None


def _days(groups: tuple[str | None, ...]) -> Days | None:
    numbers = [int(group) for group in groups if group is not None]
    year, month = numbers[:2]
    if len(numbers) == 2:
        first = date(year, month, 1)
        last = first + timedelta(days=calendar.monthrange(year, month)[1] - 1)
        return Days(first, last, datetime(last.year, last.month, last.day))
    try:
        day, hour, minute, second = (*numbers[2:], 0, 0, 0)[:4]
        at = datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None
    return Days(at.date(), at.date(), at)
