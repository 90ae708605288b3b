"""Which engine computes the heavy marts of a home.

Belongs here: from settings to an engine, and what has to be installed for it. Does not belong here: running a mart
(`warehouse.spark`), which marts are heavy (`assets`).
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pipelines.settings import Settings, SettingsError
from warehouse.home import Home
from warehouse.marts import Engine

_ACCEPTED = "accepted: duckdb, or spark once that is there (docs/scale.md)"


@contextmanager
def engine_of(settings: Settings, home: Home, say: Callable[[str], None]) -> Iterator[Engine | None]:
    """The engine of the settings while it is used; none where DuckDB computes everything.

    Raises `SettingsError` when what an engine needs is not installed.
    """
    if settings.engine == "duckdb":
        yield None
        return
    _needs()
    from assets.lake import LAKE_TABLES
    from warehouse.spark.engine import Cluster, SparkEngine

    chosen = settings.spark
    engine = SparkEngine(
        Cluster(chosen.master, chosen.options, chosen.portions_from),
        chosen.lake or home.work / "lake",
        LAKE_TABLES,
        say,
    )
    try:
        yield engine
    finally:
        engine.close()


def _needs() -> None:
    if importlib.util.find_spec("pyspark") is None:
        raise SettingsError(
            "setting engine: found spark, and pyspark is not installed; install it with `.venv/bin/python -m pip "
            f"install --no-deps --require-hashes -r requirements-spark.txt`; {_ACCEPTED}"
        )
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise SettingsError(
            "setting engine: found spark, and there is no Java: neither JAVA_HOME nor `java` on the path; install a "
            f"Java runtime of version 17 or 21; {_ACCEPTED}"
        )
