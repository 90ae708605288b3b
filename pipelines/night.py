"""A night: opening its session, and which assets have anything to do.

Belongs here: step 0 of the night (lock, leftovers, definitions, the inbox) for the command line and
for Dagster alike. Does not belong here: the steps themselves (`assets`, `warehouse`), Dagster.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from assets.catalog import load_catalog
from assets.plan.folder import plan_files
from assets.session import NightSession
from pipelines.alerting.rebuilt import mend_store
from pipelines.companions import companions
from pipelines.quiet import Rest
from pipelines.settings import (
    DEFAULT_BODIES,
    DEFAULT_PLAN,
    NIGHT_ID,
    SAMPLE_INBOX,
    SAMPLE_TOWN_PLAN,
    Settings,
    SettingsError,
    local_now,
)
from pipelines.writing import opened
from sources.errors import UnpublishedError
from sources.fingerprint import reader_fingerprint
from sources.inbox import Scan, scan
from sources.outcome import Problem, SourceFile
from warehouse import dirty, ledger
from warehouse.home import Home, Kind, create_home, open_home
from warehouse.ledger import NightStamp
from warehouse.rebuild import load_references, notice_changed_marts
from warehouse.staging import file_id
from warehouse.store import Warehouse

#: Libraries whose version decides a number or the shape of the published file.
_RECORDED = ("quality-city", "duckdb", "polars", "ibis-framework", "great-expectations", "dagster")


class InboxGoneError(UnpublishedError):
    """The inbox of a home that was made is not there; the message says which."""


#: The feed under which the ledger keeps what belongs to none.
NO_FEED = "none"


def home_of(settings: Settings) -> Home:
    """The home that a night works on. A new one is live when `--inbox` names its inbox, else the sample."""
    return open_home(settings.home) if _is_there(settings) else create_home(settings.home, _new_kind(settings))


def _is_there(settings: Settings) -> bool:
    return (settings.home / "home.json").exists()


def _new_kind(settings: Settings) -> Kind:
    return "live" if settings.inbox is not None else "sample"


def plans_of(settings: Settings) -> tuple[Path, ...]:
    """The files of a night's plans: the setting's file or folder, else the home's `plans/`, else the bundled plan.

    With them the lists of responsible bodies, the one that the settings name last, so that it counts. The sample
    home has the example city's town plan beside the bundled plan.
    Raises `SettingsError` when a named file is missing, or a named folder holds no plan.
    """
    bodies, plan = settings.responsible_bodies, settings.plan
    if bodies is not None and not bodies.is_file():
        raise SettingsError(f"setting responsible_bodies: {bodies} is not a file; accepted: an existing YAML file")
    own = settings.home / "plans" / DEFAULT_BODIES.name
    found = plan_files(plan or own.parent)
    if plan is not None and not found:
        raise SettingsError(f"setting plan: {plan}: no plan there; accepted: a YAML file, or a folder of them")
    if plan is not None and plan.is_file() and own.is_file():
        found = (*found, own)
    if found in ((), (own,)):
        kind = open_home(settings.home).kind if _is_there(settings) else _new_kind(settings)
        found = (DEFAULT_PLAN, *((SAMPLE_TOWN_PLAN,) if kind == "sample" else ()), *(found or (DEFAULT_BODIES,)))
    return (*found, bodies) if bodies else found


@contextmanager
def open_night(settings: Settings, say: Callable[[str], None]) -> Iterator[NightSession]:
    """Lock the home, clear what a killed night left, load changed definitions, look into the inbox.

    Raises `SettingsError`, `HomeError`, `LockedError` or `SchemaError` with what to do.
    """
    catalog = load_catalog(settings.judged_on, plans_of(settings))
    home = home_of(settings)
    rest = Rest.of(settings, home)
    with opened(settings, home, catalog, "a night", say, rest.remember) as warehouse:
        started = local_now()
        definitions = load_references(warehouse, catalog.loadable)
        definitions += notice_changed_marts(warehouse, catalog.marts)
        stamp = NightStamp(started.strftime("%Y%m%d-%H%M%S-%f"), started, reader_fingerprint())
        NIGHT_ID.set(stamp.night_id)
        if mended := mend_store(home.work / "alerts.sqlite", warehouse.con, started):
            say(mended)
        found = look(settings, warehouse)
        problems = (*catalog.problems, *found.strays)
        _enter_strays(warehouse, problems, stamp)
        night = NightSession(
            warehouse=warehouse,
            stamp=stamp,
            started_at=started,
            pending=_new_files(warehouse, found.files),
            strays=problems,
            versions=_versions(),
            say=say,
            keep_nights=settings.keep_nights,
            companions=companions(settings, warehouse.compiled),
            changed_definitions=definitions,
            mended=[mended] if mended else [],
        )
        yield night
        rest.reached = _at_rest(night)


def _at_rest(night: NightSession) -> bool:
    """Whether the next night has nothing to do, and nothing to say, unless something changes."""
    con = night.warehouse.con
    return not (
        night.strays
        or night.undone
        or night.warehouse.unpublished
        or con.execute("SELECT 1 FROM meta.source_file WHERE state = 'held' LIMIT 1").fetchall()
        or dirty.dirty_marts(con, list(night.warehouse.marts.values()))
    )


def look(settings: Settings, warehouse: Warehouse) -> Scan:
    """What lies in the inbox. A sample home is fed by the bundled inbox and refuses anything else."""
    known = {
        (feed, name): (size, modified, sha256)
        for feed, name, size, modified, sha256 in warehouse.rows(
            "SELECT feed, name, bytes, modified_at, sha256 FROM meta.source_file"
        )
    }
    home = warehouse.home
    if home.kind == "live":
        inbox = settings.inbox or home.inbox
        if not inbox.is_dir():
            raise InboxGoneError(
                f"the inbox {inbox} is not there; is its disk or share mounted? Mount it, or make the folder, and run "
                "the night again"
            )
        return scan(inbox, known)
    bundled = scan(SAMPLE_INBOX, known)
    dropped = scan(home.inbox, {})
    refused = [
        Problem(
            f"{file.feed}/{file.name}",
            found="a file in the inbox of a sample home",
            accepted="nothing: the sample home shows the bundled inbox only",
            action="make a live home with `quality-city init DIR`, put the file into its inbox, "
            "run `quality-city nightly --home DIR`",
        )
        for file in dropped.files
    ]
    return Scan(bundled.files, (*bundled.strays, *dropped.strays, *refused))


def _enter_strays(warehouse: Warehouse, problems: Sequence[Problem], stamp: NightStamp) -> None:
    """Write what belongs to no feed, and a plan that cannot be used, into the ledger, once per message."""
    known = set(warehouse.rows("SELECT name, reason FROM meta.source_file WHERE feed = ?", [NO_FEED]))
    by_file: dict[str, list[str]] = {}
    for problem in problems:
        by_file.setdefault(problem.file, []).append(str(problem))
    for name, messages in by_file.items():
        reason = "\n".join(messages)
        if (name, reason) not in known:
            # Its bytes were never read; the name stands for them.
            digest = hashlib.sha256(name.encode()).hexdigest()
            file = SourceFile(Path(name), NO_FEED, name, digest, 0, stamp.now)
            ledger.enter_refused(warehouse, file, "refused", reason, stamp)


def _new_files(warehouse: Warehouse, files: Sequence[SourceFile]) -> dict[str, list[SourceFile]]:
    """Files that the ledger does not know, that older readers refused, or that were held; by feed.

    A withdrawn file that still lies in the inbox stays withdrawn.
    """
    settled = {
        key
        for key, state, reader in warehouse.rows("SELECT source_file_id, state, reader FROM meta.source_file")
        if state in ("loaded", "withdrawn") or (state == "refused" and reader == reader_fingerprint())
    }
    pending: dict[str, list[SourceFile]] = {}
    for file in files:
        key = file_id(file)
        if key not in settled:
            settled.add(key)  # the same bytes twice in one inbox are one file
            pending.setdefault(file.feed, []).append(file)
    return pending


def work_to_do(night: NightSession) -> set[str]:
    """Tables that this night has to make: feeds with new files (`core.<feed>`), dirty marts, and what rests on them."""
    marts = dirty.in_order(list(night.warehouse.marts.values()))
    work = {f"core.{name}" for name in night.pending}
    touched = {f"core.{part.name}" for name in night.pending for part in night.warehouse.feeds[name].parts}
    stale = {mart.name for mart in dirty.dirty_marts(night.warehouse.con, marts)}
    for mart in marts:
        if mart.name in stale or dirty.depends_on(mart) & touched:
            work.add(mart.name)
            touched.add(mart.name)
    return work


def _versions() -> dict[str, str]:
    return {name: version(name) for name in _RECORDED} | {"readers": reader_fingerprint()}
