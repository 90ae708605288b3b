"""`withdraw FILE --reason …`: take a wrong file back.

Belongs here: the verb, and what it tells. Does not belong here: what a withdrawal is
(`warehouse.withdraw`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from assets.catalog import load_catalog
from pipelines.night import plans_of
from pipelines.settings import Settings, SettingsError, local_now
from pipelines.shell import who
from pipelines.writing import loaded_home, opened
from warehouse import dirty, withdraw
from warehouse.withdraw import Withdrawn


@dataclass(frozen=True)
class WithdrawalAccount:
    """What a withdrawal did, and what the next night computes again because of it."""

    done: Withdrawn
    marts: tuple[str, ...]
    home: str

    def as_json(self) -> dict[str, Any]:
        return {
            "file": asdict(self.done.file) | {"state": "withdrawn"},
            "facts_removed": self.done.facts_removed,
            "facts_restored": self.done.facts_restored,
            "next_night_computes": list(self.marts),
        }

    def __str__(self) -> str:
        return (
            f"已撤回 · withdrawn: {self.done.file.feed}/{self.done.file.name} ({self.done.file.source_file_id})\n"
            f"  {self.done.facts_removed:,} facts are gone; for {self.done.facts_restored:,} another file's record is "
            f"current again; the records stay in history\n"
            f"  the next night computes again: {', '.join(self.marts) or 'nothing'}\n"
            f"  to publish it now: quality-city nightly --home {self.home}"
        )


def take_back(settings: Settings, wanted: str, reason: str, say: Callable[[str], None]) -> WithdrawalAccount:
    """Withdraw one file of the settings' home.

    Raises `SettingsError` without a reason, `UnknownFileError` when not exactly one loaded file is
    meant, and what opening a home raises.
    """
    if not reason.strip():
        raise SettingsError("--reason: found nothing; accepted: why the file is taken back, in words")
    home = loaded_home(settings)
    catalog = load_catalog(settings.judged_on, plans_of(settings))
    with opened(settings, home, catalog, "a withdrawal", say) as warehouse:
        marts = list(warehouse.marts.values())
        file = withdraw.find_file(warehouse, wanted)
        say(f"withdrawing {file.feed}/{file.name}")
        done = withdraw.withdraw(warehouse, file, marts, reason.strip(), who(), local_now())
        stale = tuple(mart.name for mart in dirty.dirty_marts(warehouse.con, dirty.in_order(marts)))
    return WithdrawalAccount(done, stale, str(home.root))
