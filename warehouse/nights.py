"""The folders of published nights: which one is seen, and which may go.

Belongs here: those folders as folders. Does not belong here: making or verifying one (`warehouse.publish`).
"""

from __future__ import annotations

import shutil

from warehouse.home import Home


def current_night(home: Home) -> str:
    """The id of the night that analysts see; empty before the first."""
    return home.current.resolve().name if home.current.is_symlink() else ""


def clean(home: Home) -> list[str]:
    """Remove night folders that a killed publication or pruning left unfinished; returns their names."""
    left = sorted(folder.name for folder in home.nights.glob("*.tmp"))
    for name in left:
        shutil.rmtree(home.nights / name, ignore_errors=True)
    return left


def prune(home: Home, keep: int) -> list[str]:
    """Remove old nights: keep the last `keep`, the last of every month, and the current one."""
    nights = sorted(folder.name for folder in home.nights.iterdir() if folder.suffix != ".tmp")
    last_of_month = {night[:6]: night for night in nights}
    kept = {*nights[-keep:], *last_of_month.values(), home.current.resolve().name}
    removed = [night for night in nights if night not in kept]
    for night in removed:
        # Under a name that is no night's, so that a kill never leaves half of one behind: `clean` removes it.
        leaving = (home.nights / night).rename(home.nights / f"{night}.tmp")
        shutil.rmtree(leaving)
    return removed
