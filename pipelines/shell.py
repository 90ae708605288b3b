"""What every verb of the command line shares: common options, errors in words, JSON, the published night.

Belongs here: those. Does not belong here: a verb (`pipelines.cli` and the modules beside it).
"""

from __future__ import annotations

import errno
import getpass
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.settings import Settings
from sources.errors import MendableError, UnpublishedError
from warehouse.home import HomeError, LockedError, open_home

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="the home to work on (default: var, or QUALITY_CITY_HOME)")
]
JsonOption = Annotated[bool, typer.Option("--json", help="print one JSON document on standard output")]


@contextmanager
def explained() -> Iterator[None]:
    """Turn errors that a person can mend into one message on standard error and an exit code."""
    try:
        yield
    except MendableError as error:
        _fail(str(error), 2)
    except LockedError as error:
        _fail(f"nothing was done; what analysts see is unchanged: {error}", 1)
    except (UnpublishedError, OSError) as error:
        said = _of_system(error) if isinstance(error, OSError) else str(error)
        _fail(f"the night did not publish; what analysts see is unchanged: {said}", 1)
    except Exception as error:
        if type(error).__name__ not in _OF_THE_DISK and os.strerror(errno.ENOSPC) not in str(error):
            raise
        said = (str(error).splitlines() or ["no reason given"])[0]
        _fail(f"a file of the home cannot be used: {said}; `quality-city health` says how full its disk is", 1)


#: Errors of DuckDB and SQLite that come from the disk and not from a mistake of ours; named, so as to import neither.
_OF_THE_DISK = ("IOException", "OutOfMemoryException", "OperationalError")


def _of_system(error: OSError) -> str:
    """An error of the operating system in words, with what to do where that is known."""
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{error.filename}: {error.strerror} for {who()}; let that user read and write it"
    if error.errno == errno.EROFS:
        return f"{error.filename}: {error.strerror}; mount the disk for writing"
    return str(error)


def who() -> str:
    """Who gives the command: the user's name, or the number where the machine knows no name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"user {os.getuid()}"


def _fail(message: str, code: int) -> None:
    typer.echo(f"quality-city: {message}", err=True)
    raise typer.Exit(code)


@contextmanager
def published(settings: Settings) -> Iterator[Any]:
    """The published night, open read-only."""
    import duckdb

    database = open_home(settings.home).published_database
    if not database.exists():
        raise HomeError(
            f"{settings.home} has no published night yet: run `quality-city nightly --home {settings.home}`"
        )
    # The link is resolved first: an opened connection of the same path would be shared with another night.
    with duckdb.connect(str(database.resolve()), read_only=True) as con:
        yield con


def print_json(document: Any) -> None:
    json.dump(document, sys.stdout, ensure_ascii=False, indent=1, default=str)
    sys.stdout.write("\n")
