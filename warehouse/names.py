"""Texts and names as SQL.

Belongs here: quoting, importable without any library (the command line answers `status` with it).
"""

from __future__ import annotations


def quote(value: str) -> str:
    """A text as a SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def ident(name: str) -> str:
    """A name as a quoted SQL identifier; a dot separates schema and table."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in name.split("."))
