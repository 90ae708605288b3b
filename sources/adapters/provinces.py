"""Names of provinces, as publications write them → division codes of GB/T 2260.

Belongs here: the one table of those names (`provinces.csv`: code, Chinese name, short name, name in
the CEADs workbooks, where `Shaanxi` is 陕西, ISO 3166-2). Does not belong here: prefectures and counties.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("provinces.csv")


@cache
def province_codes(*name_columns: str) -> dict[str, str]:
    """Name → code for the given columns of the table (name_zh, short_zh, ceads, iso)."""
    with _TABLE.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    return {row[column]: row["code"] for column in name_columns for row in rows}
