"""What every night publishes beside the database.

Belongs here: the list. Does not belong here: how one is made, which stands with its subject; each
imports what it needs only when it is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipelines.report import report_companion
from pipelines.settings import Settings
from warehouse.publish import Companion


def _datapackage(database: Path, target: Path) -> Sequence[str]:
    from warehouse.dictionary_page import write_package

    return write_package(database, target)


def _workbook(database: Path, target: Path) -> Sequence[str]:
    import duckdb

    from pipelines.workbook import write_scorecard

    with duckdb.connect(str(database), read_only=True) as con:
        write_scorecard(con, target)
    return ()


def companions(settings: Settings, compiled: Path) -> tuple[Companion, ...]:
    """What a night of these settings publishes beside its database; `compiled` is the folder of kept texts."""
    report = (report_companion(compiled), Companion("scorecard.xlsx", _workbook)) if settings.report else ()
    return (Companion("datapackage.json", _datapackage), *report)
