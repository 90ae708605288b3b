"""Versions of our own code and data: hashes of whole rooms.

Belongs here: those functions. A file that was refused is tried again when the readers changed, so
mending an adapter is enough to load what it refused; SQL that was compiled from an expression is
used again until anything it could depend on changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

_DIGITS = 12
_PROJECT = Path(__file__).resolve().parents[1]
#: Libraries that turn expressions into SQL.
_COMPILERS = ("ibis-framework", "sqlglot", "duckdb")


@cache
def reader_fingerprint() -> str:
    """First digits of the SHA-256 over the names and contents of all files of `sources/`."""
    return _fingerprint(("sources",), ())


@cache
def calculation_fingerprint() -> str:
    """The same over everything that decides the SQL of a mart: its code, its data, its compilers."""
    return _fingerprint(("sources", "warehouse", "assets"), [f"{name} {version(name)}" for name in _COMPILERS])


def _fingerprint(rooms: Iterable[str], further: Iterable[str]) -> str:
    digest = hashlib.sha256("\0".join(further).encode())
    for room in rooms:
        for path in sorted((_PROJECT / room).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(path.relative_to(_PROJECT).as_posix().encode() + b"\0")
                digest.update(path.read_bytes())
    return digest.hexdigest()[:_DIGITS]
