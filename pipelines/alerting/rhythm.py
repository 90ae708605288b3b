"""Late series: a publication that does not come when its own rhythm says it should.

Belongs here: the rhythm of a series from the ledger, and when it is late. Does not belong here: any calendar
that a plan or a law sets.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from statistics import median

import duckdb

from pipelines.alerting.model import Condition
from pipelines.alerting.works import of_works

#: Fewer days of publication than this have no rhythm.
_ENOUGH = 4


def late_series(con: duckdb.DuckDBPyConnection, today: date, factor: float) -> Iterator[Condition]:
    """Series whose last delivery is longer ago than `factor` times their usual pause, and at least a day more.

    The usual pause is the median between the days of publication (as the source dates them, else the day of
    loading). A series counts from its first live delivery: what a new home loaded on its first day is history
    and promises nothing.
    """
    rows = con.execute(
        "SELECT feed, series, list(DISTINCT published ORDER BY published), max(loaded), "
        "any_value(first_day) FROM (SELECT feed, series, CAST(loaded_at AS DATE) AS loaded, "
        "CAST(CASE WHEN published_at_from IN ('content', 'file name') THEN published_at ELSE loaded_at END AS DATE) "
        "AS published, CAST(min(loaded_at) OVER () AS DATE) AS first_day FROM meta.source_file "
        "WHERE state = 'loaded' AND series IS NOT NULL) GROUP BY feed, series ORDER BY ALL"
    ).fetchall()
    for feed, series, days, last, first_day in rows:
        if last <= first_day or len(days) < _ENOUGH:
            continue
        pause = median((after - before).days for before, after in pairwise(days))
        waited = (today - last).days
        if waited > max(factor * pause, pause + 1):
            yield of_works(
                "late_series", f"series:{feed}.{series}", f"since {last}",
                f"{feed}/{series}：上次送达 {last}，通常每 {pause:g} 天一次，已等 {waited} 天；请联系报送单位",
                f"{feed}/{series}: last delivery {last}, usual pause {pause:g} d, now {waited} d; "
                "ask the body that sends it",
            )  # fmt: skip
