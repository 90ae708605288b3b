"""Damaging real files on purpose, the same way for the same seed.

Belongs here: the kinds of damage that files suffer between an agency and an inbox. Does not belong
here: what must become of them (the tests in `tests/damage`).
"""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

#: Lines of a file that are kept, and how files begin whose bytes are no lines.
_LINES = 120
_PACKED = (b"PK", b"\x1f\x8b", b"\xd0\xcf")
_ENCODINGS = ("utf-8", "gb18030", "utf-16", "latin-1", "utf-8-sig")


@dataclass(frozen=True)
class Damaged:
    """One damaged variant: the feed's folder, a name that tells the kind of damage, and the bytes."""

    feed: str
    name: str
    data: bytes


def _flip(data: bytes, chance: random.Random) -> bytes:
    """One to forty bytes replaced by others."""
    mutable = bytearray(data)
    for _ in range(chance.randint(1, 40)):
        mutable[chance.randrange(len(mutable))] = chance.randrange(256)
    return bytes(mutable)


def _cut(data: bytes, chance: random.Random) -> bytes:
    """The end missing, as after a broken transfer."""
    return data[: chance.randrange(len(data))]


def _columns_moved(data: bytes, chance: random.Random) -> bytes:
    """Some lines with a cell more or a cell less, so that what follows stands under another header."""
    lines = data.split(b"\n")
    for _ in range(chance.randint(1, max(1, len(lines) // 4))):
        place = chance.randrange(len(lines))
        cells = lines[place].split(b",")
        if chance.random() < 0.5:
            cells.insert(chance.randrange(len(cells) + 1), b"")
        else:
            cells.pop(chance.randrange(len(cells)))
        lines[place] = b",".join(cells)
    return b"\n".join(lines)


def _encodings_mixed(data: bytes, chance: random.Random) -> bytes:
    """The first part in one encoding, the rest in another."""
    text = _text(data)
    cut = chance.randrange(1, len(text))
    first, second = chance.sample(_ENCODINGS, 2)
    return text[:cut].encode(first, "replace") + text[cut:].encode(second, "replace")


def _header_renamed(data: bytes, chance: random.Random) -> bytes:
    """One heading spelled otherwise, doubled or emptied."""
    lines = data.split(b"\n")
    cells = lines[0].split(b",")
    place = chance.randrange(len(cells))
    cells[place] = chance.choice([b"", cells[place] + b"_x", b"\xe5\xa4\x87\xe6\xb3\xa8", chance.choice(cells)])
    return b"\n".join([b",".join(cells), *lines[1:]])


def _cells_swapped(data: bytes, chance: random.Random) -> bytes:
    """Cells of the same or of different columns in each other's place."""
    lines = [line.split(b",") for line in data.split(b"\n")]
    for _ in range(chance.randint(1, 30)):
        left, right = chance.choice(lines), chance.choice(lines)
        a, b = chance.randrange(len(left)), chance.randrange(len(right))
        left[a], right[b] = right[b], left[a]
    return b"\n".join(b",".join(cells) for cells in lines)


def _lines_shuffled(data: bytes, chance: random.Random) -> bytes:
    """Lines repeated, dropped, emptied, and the header somewhere below."""
    lines = data.split(b"\n")
    for _ in range(chance.randint(1, 20)):
        place = chance.randrange(len(lines))
        match chance.randrange(4):
            case 0:
                lines.insert(place, chance.choice(lines))
            case 1 if len(lines) > 1:
                lines.pop(place)
            case 2:
                lines[place] = b""
            case _:
                lines[0], lines[place] = lines[place], lines[0]
    return b"\n".join(lines)


def _member_damaged(data: bytes, chance: random.Random) -> bytes:
    """A workbook whose container is whole and whose inside is not: one member's text is flipped or cut."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    name = chance.choice([name for name, content in members.items() if content])
    members[name] = chance.choice([_flip, _cut])(members[name], chance)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return packed.getvalue()


Damage = Callable[[bytes, random.Random], bytes]

#: What any file can suffer, what a file of lines can suffer besides, and a packed one.
ANY: dict[str, Damage] = {"flipped": _flip, "cut": _cut}
LINES: dict[str, Damage] = {
    "columns": _columns_moved,
    "encodings": _encodings_mixed,
    "header": _header_renamed,
    "cells": _cells_swapped,
    "lines": _lines_shuffled,
}
ZIPPED: dict[str, Damage] = {"member": _member_damaged}


def variants(files: list[tuple[str, Path]], count: int, seed: int) -> Iterator[Damaged]:
    """`count` damaged variants of real files (feed, path), every kind in turn; the same for the same seed."""
    chance = random.Random(seed)
    for number in range(count):
        feed, path = files[number % len(files)]
        data = _opening(path.read_bytes())
        kinds = {**ANY, **(ZIPPED if data.startswith(b"PK") else LINES)}
        kind = list(kinds)[(number // len(files)) % len(kinds)]
        yield Damaged(feed, f"{number:05}_{kind}_{path.name}", kinds[kind](data, chance))


def _opening(data: bytes) -> bytes:
    """The first lines of a long file: damage does not depend on length, the time of a test does."""
    return data if data.startswith(_PACKED) else b"".join(data.splitlines(keepends=True)[:_LINES])


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")
