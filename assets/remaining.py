"""How far the loading of many files is: told beside each file that is read.

Belongs here: counting files and bytes, and guessing the time that is left. Does not belong here: loading
(`assets.ingest`), showing it (`pipelines.present`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from sources.outcome import SourceFile

#: Nobody wants numbers beside the files of an ordinary night.
_MANY_FILES, _MANY_BYTES = 20, 64 * 1000**2

_MINUTE, _MEGABYTE = 60, 1000**2
#: Before this share is done, the speed so far says little.
_ENOUGH = 0.05


class Remaining:
    """What is left of a feed's files: `(3 of 120 files, 2,310 MB left, about 4 min)`; nothing for a few small files.

    Bytes and not files tell the time: one file may be a year and the next an hour.
    """

    def __init__(self, files: Sequence[SourceFile], clock: Callable[[], float] = time.monotonic) -> None:
        self._files, self._bytes = len(files), sum(file.size for file in files)
        self._clock, self._began = clock, clock()
        self._taken = self._done = 0

    def beside(self, file: SourceFile) -> str:
        """The words for the next file, which is then counted as taken."""
        self._taken += 1
        done, self._done = self._done, self._done + file.size
        if self._files < _MANY_FILES and self._bytes < _MANY_BYTES:
            return ""
        left = self._bytes - done
        words = f"{self._taken:,} of {self._files:,} files, {left / _MEGABYTE:,.0f} MB left"
        if done > _ENOUGH * self._bytes:
            seconds = (self._clock() - self._began) * left / done
            words += f", about {seconds / _MINUTE:,.0f} min" if seconds >= _MINUTE else ", less than a minute"
        return f" ({words})"
