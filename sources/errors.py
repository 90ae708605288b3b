"""The two kinds of trouble that the command line explains instead of showing a traceback.

Belongs here: the base classes alone, importable without any library. Does not belong here: the
errors themselves, which stand beside what raises them.
"""

from __future__ import annotations


class MendableError(Exception):
    """Wrong usage, configuration, plan or file: a person mends it and tries again (exit code 2)."""


class UnpublishedError(Exception):
    """The night could not publish; what analysts see is unchanged (exit code 1)."""
