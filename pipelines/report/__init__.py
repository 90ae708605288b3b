"""The report: a static site about one published night, made beside its database.

Belongs here: the door that the night uses, light to import. Does not belong here: any page. The site
needs no network and no server: it works from a file share and on paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warehouse.publish import Companion

#: Folder of the report inside a night's folder.
FOLDER = "report"


def report_companion(cache: Path) -> Companion:
    """The report as a companion of the night's database; `cache` keeps the script bundle between nights."""
    from warehouse.publish import Companion

    return Companion(FOLDER, partial(_make, cache))


def _make(cache: Path, database: Path, folder: Path) -> Sequence[str]:
    from pipelines.report.site import make_report

    return make_report(database, folder, cache)
