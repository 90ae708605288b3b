"""Opening a home for writing: the lock, the catalog, the working file.

Belongs here: what a night and every other writing verb (withdraw, replay) begin with. Does not
belong here: what they do then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from assets.catalog import Catalog
from assets.status.history import HISTORY
from assets.views import MACROS, VIEWS
from pipelines.alerting.published_copy import ALERT_COPY
from pipelines.engines import engine_of
from pipelines.settings import Settings
from warehouse import publish
from warehouse.home import Home, HomeError, locked, open_home
from warehouse.nights import clean
from warehouse.store import Warehouse


@contextmanager
def opened(
    settings: Settings,
    home: Home,
    catalog: Catalog,
    what: str,
    say: Callable[[str], None],
    closed: Callable[[], None] = lambda: None,
) -> Iterator[Warehouse]:
    """The home's working file under its lock; what a killed publication left is cleared first.

    `closed` is called after the file was closed without an error, while the lock is still held.

    Raises `LockedError`, `SchemaError` or `SettingsError` with what to do.
    """
    with locked(home, what, settings.lock_wait_seconds, say):
        clean(home)
        with (
            engine_of(settings, home, say) as engine,
            Warehouse(
                home,
                marts=catalog.marts,
                references=(*catalog.references, ALERT_COPY),
                kept=(HISTORY,),
                views=VIEWS,
                macros=MACROS,
                memory_limit=settings.memory_limit,
                threads=settings.threads,
                compiled=settings.compiled,
                engine=engine,
            ) as warehouse,
        ):
            if warehouse.upgraded:
                say(str(warehouse.upgraded))
            publish.forget_unpublished(warehouse)
            yield warehouse
        closed()


def loaded_home(settings: Settings) -> Home:
    """The settings' home, which a night has already filled. Raises `HomeError` when none has."""
    home = open_home(settings.home)
    if not home.database.exists():
        raise HomeError(f"{home.root} holds no file yet: run `quality-city nightly --home {home.root}`")
    return home
