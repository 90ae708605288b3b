"""From a file to its plain bytes: unpacking, the limits that hold for every format, refusing.

Belongs here: gzip, reading bytes within the limits. Does not belong here: encodings
(`sources.readers.text`), archives of several files (`sources.readers.archive`), any format.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, NoReturn

from sources import bounds
from sources.outcome import Problem, Refusal

_GZIP = b"\x1f\x8b"
_HEAD_BYTES = 1 << 16
_BUFFER = 1 << 20
#: What Python raises for damaged packing; the last two come from `zipfile`, NotImplementedError for a compression that
#: it does not know.
_DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error, zipfile.BadZipFile, NotImplementedError)


@dataclass(frozen=True)
class Content:
    """The bytes of one file, or of one file in an archive; opened anew as often as needed.

    `packed` opens the bytes as they lie there, `layers` is how many times gzip is taken off.
    """

    name: str
    packed: Callable[[], IO[bytes]]
    layers: int = 0
    path: Path | None = None  # where the plain bytes lie by themselves

    def open(self) -> io.BufferedReader:
        """The plain bytes as a stream; refuses damaged data and what is beyond the limit where it shows."""
        try:
            stream: IO[bytes] = self.packed()
        except _DAMAGED as error:
            refuse_damaged(self.name, error)
        for _ in range(self.layers):
            stream = gzip.GzipFile(fileobj=stream, mode="rb")  # type: ignore[assignment]
        return io.BufferedReader(_Bounded(stream, self.name), _BUFFER)

    @cached_property
    def head(self) -> bytes:
        """The first bytes."""
        with self.open() as stream:
            return stream.read(_HEAD_BYTES)

    def whole(self) -> bytes:
        """All bytes, for a format that must be held in memory."""
        with self.open() as stream:
            data = stream.read(bounds.MAX_WHOLE_BYTES + 1)
        if len(data) > bounds.MAX_WHOLE_BYTES:
            limit = f"{bounds.MAX_WHOLE_BYTES // 1024**2} MiB"
            refuse(
                self.name,
                f"more than {limit} of a format that is read as a whole",
                f"up to {limit} unpacked; CSV, JSON lines and Parquet may be larger",
                "split the file by month or region, or send it as CSV" + bounds.or_raise("whole_bytes"),
            )
        return data


class _Bounded(io.RawIOBase):
    """A stream that refuses damaged gzip data and more bytes than are allowed."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._inner, self._name, self._size = stream, name, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        try:
            data = self._inner.read(len(view))
        except _DAMAGED as error:
            refuse_damaged(self._name, error)
        view[: len(data)] = data
        self._size += len(data)
        if self._size > bounds.MAX_UNPACKED_BYTES:
            limit = f"{bounds.MAX_UNPACKED_BYTES / 1024**3:.3g} GiB"
            refuse(
                self._name,
                f"more than {limit} of data",
                f"files of up to {limit} unpacked",
                "split the file by month or region" + bounds.or_raise("unpacked_bytes"),
            )
        return len(data)

    def close(self) -> None:
        self._inner.close()
        super().close()


def content_of(path: Path, name: str) -> Content:
    """The content of a file, gzip taken off whatever the file is called."""
    content = Content(name, lambda: path.open("rb"), path=path)
    while content.layers < bounds.MAX_LAYERS and content.head.startswith(_GZIP):
        content = Content(name, content.packed, content.layers + 1)
    if content.head.startswith(_GZIP):
        refuse(
            name,
            f"gzip within gzip, more than {bounds.MAX_LAYERS} deep",
            f"up to {bounds.MAX_LAYERS} layers of gzip",
            "send the file unpacked, or packed once" + bounds.or_raise("layers"),
        )
    return content


def refuse(name: str, found: str, accepted: str, action: str, sheet: str = "", row: int | None = None) -> NoReturn:
    """Refuse a file whole."""
    raise Refusal(Problem(name, found=found, accepted=accepted, action=action, sheet=sheet, row=row))


def refuse_damaged(name: str, error: Exception) -> NoReturn:
    """Refuse packed data that cannot be unpacked."""
    refuse(name, f"damaged packed data ({error})", "an undamaged file", "send the file again")


def refuse_empty(name: str) -> NoReturn:
    """Refuse a file that holds nothing."""
    refuse(name, "an empty file", "a file with a header and rows", "send the file again")
