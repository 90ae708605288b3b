"""From bytes to text: which encoding, and mending what was decoded wrongly before it was sent.

Belongs here: UTF-8, UTF-16, GB18030, text that was encoded twice. Does not belong here: cutting text
into cells (`sources.readers.delimited`), unpacking (`sources.readers.content`).
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

import polars as pl

from sources import bounds
from sources.readers.content import Content, refuse

#: Bytes that no text in UTF-8 contains; 0x1b is left, because terminals write it.
_CONTROLS = bytes([*range(0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20)])
_BLOCK_BYTES = 256 * 1024  # larger ones are given back to the system each time, and cost twice as much
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

#: What Windows shows for the bytes 0x80 to 0x9f, so that both readings of Latin-1 are undone.
_WINDOWS = {
    ord(bytes([byte]).decode("cp1252")): byte
    for byte in range(0x80, 0xA0)
    if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)  # no character
}
_LATER = "".join(map(re.escape, map(chr, [*range(0x80, 0xC0), *_WINDOWS])))
#: A lead byte of UTF-8 and what follows it, each shown as a character of Latin-1.
_LATIN = re.compile(rf"(?:[\u00c2-\u00f4][{_LATER}]+)+")
#: So many Chinese characters must come out before text is taken for UTF-8 that was read as GBK.
_ENOUGH = 4
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
#: A blank at an end of a cell, whatever the delimiter; the second where a blank can be nothing but a space, which is
#: found five times as fast.
_BLANK_AT_END = r"""[,\t|;"\n][^\S\n]|[^\S\n][,\t|;"\n]"""
_SPACE_AT_END = "|".join(f"{re.escape(mark)} | {re.escape(mark)}" for mark in ',|;"\n')
_NO_SPACES = "\t\v\f"


@dataclass(frozen=True)
class Text:
    """How a file's bytes are read as text, and what was found on the way.

    `gbk`: the text was UTF-8 that was read as GBK and saved again. `quotes`: quotation marks in all.
    `latin`: places where UTF-8 had been read as Latin-1, with line and wording of the first.
    `trimmed`: surely no cell has blanks at its ends.
    """

    content: Content
    encoding: str
    gbk: bool = False
    quotes: int = 0
    latin: int = 0
    first: str = ""
    lost: int = 0
    trimmed: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of the encoding."""
        notes = []
        if self.gbk:
            notes.append("text encoded twice (UTF-8 that was read as GBK and saved again): mended as it was read")
        if self.latin:
            notes.append(
                f"text encoded twice (UTF-8 that was read as Latin-1 and saved again) in {self.latin} places, "
                f"first {self.first}: mended as it was read"
            )
        if self.lost:
            notes.append(f"{self.lost} characters were lost before the file was sent (U+FFFD stands for them)")
        return tuple(notes)

    def blocks(self, size: int = _BLOCK_BYTES) -> Iterator[str]:
        """The text in blocks of some `size` bytes that end with a line, line ends as `\\n`, mended."""
        for block in _blocks(self.content, self.encoding, size):
            mended = _undo_gbk(block) if self.gbk else block
            yield _undo_latin(mended) if self.latin else mended

    def whole(self) -> str:
        """All of the text, for a format that must be held in memory."""
        self.content.whole()
        return "".join(self.blocks())


def text_of(content: Content) -> Text:
    """Find the encoding by reading everything once. Refuses bytes that are no text.

    UTF-8 (with or without mark), UTF-16, GB18030; text encoded twice is recognised and mended.
    """
    for encoding in _candidates(content.head):
        with suppress(UnicodeDecodeError, _BinaryError):
            return _surveyed(content, encoding)
    return refuse(
        content.name,
        "bytes that are no text in a known encoding, or of an unknown format",
        "text in UTF-8, UTF-16 or GB18030; XLSX, XLS, JSON, XML, HTML, Parquet; gzip or zip of these",
        "save the file in one of these formats and send it again",
    )


def head_text(head: bytes) -> str:
    """The first characters of a file as far as they are text, for telling formats apart."""
    return head.decode(_candidates(head)[0], "replace").lstrip("\ufeff \t\r\n\x00")


class _BinaryError(Exception):
    pass


def _candidates(head: bytes) -> tuple[str, ...]:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return (encoding,)
    # UTF-16 without a mark: in a table with digits and delimiters half of many characters is zero.
    sample = head[:4096]
    if sample and sample.count(0) > len(sample) // 4:
        return ("utf-16-le" if sample[1::2].count(0) >= sample[0::2].count(0) else "utf-16-be",)
    return ("utf-8", "gb18030")


def _surveyed(content: Content, encoding: str) -> Text:
    quotes = latin = lost = 0
    trimmed = True
    where: tuple[int, str, str] | None = None
    gbk: bool | None = None  # None: nothing but ASCII so far
    chinese = 0
    for number, block in enumerate(_blocks(content, encoding, _BLOCK_BYTES)):
        data = block.encode()
        if len(data.translate(None, _CONTROLS)) != len(data):
            raise _BinaryError
        quotes += data.count(b'"')
        trimmed = trimmed and not _blank_at_end(block)
        if len(data) != len(block):
            lost += block.count("\ufffd")
            if gbk is not False:
                try:
                    chinese += len(_CHINESE.findall(_undo_gbk(block)))
                    gbk = True
                except UnicodeError:
                    gbk = False
            for match in _LATIN.finditer(block):
                mended = _undo_latin_run(match)
                if mended != match.group():
                    latin += 1
                    where = where or (number, block[: match.start()], match.group())
    first = ""
    if where:
        before = islice(_blocks(content, encoding, _BLOCK_BYTES), where[0])
        line = sum(block.count("\n") for block in before) + where[1].count("\n") + 1
        first = f'line {line}, "{where[2]}"'
    twice = bool(gbk) and chinese >= _ENOUGH
    return Text(content, encoding, twice, quotes, latin, first, lost, trimmed and not twice and not latin)


def _blank_at_end(block: str) -> bool:
    """Whether some cell of whole lines begins or ends with a blank, or may: a blank between delimiters counts, too."""
    only_spaces = block.isascii() and not any(blank in block for blank in _NO_SPACES)
    lines = pl.Series([f"\n{block}\n"])
    return bool(lines.str.contains(_SPACE_AT_END if only_spaces else _BLANK_AT_END).item())


def _blocks(content: Content, encoding: str, size: int) -> Iterator[str]:
    """The text in blocks of some `size` bytes that end with a line, line ends as `\\n`."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)
    rest = ""
    with content.open() as raw:
        while data := raw.read(size):
            rest += decoder.decode(data)
            if end := rest.rfind("\n") + 1:
                yield rest[:end]
                rest = rest[end:]
            elif len(rest) >= bounds.MAX_LINE_CHARACTERS:
                refuse(
                    content.name,
                    f"a line of more than {bounds.MAX_LINE_CHARACTERS} characters",
                    f"lines of up to {bounds.MAX_LINE_CHARACTERS} characters",
                    "check that the file is a table with one record a line" + bounds.or_raise("line_characters"),
                )
        if rest := rest + decoder.decode(b"", final=True):
            yield rest


def _undo_gbk(text: str) -> str:
    """Raises `UnicodeError` where the text is no UTF-8 that was read as GBK."""
    return text.encode("gb18030").decode("utf-8")


def _undo_latin(text: str) -> str:
    return _LATIN.sub(_undo_latin_run, text)


def _undo_latin_run(match: re.Match[str]) -> str:
    """What a run of Latin-1 characters says when its bytes are UTF-8; the run itself where they are not."""
    run = match.group()
    try:
        return run.translate(_WINDOWS).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return run
