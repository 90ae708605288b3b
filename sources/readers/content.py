"""From a file to its plain bytes, and from bytes to text: unpacking, encodings, limits.

Belongs here: gzip, encodings, the limits that hold for every format. Does not belong here: any
format (the modules beside this one).
"""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from pathlib import Path
from typing import NoReturn

from sources.outcome import Problem, Refusal

#: One file unpacked. A year of hourly air of a province is below 1 GB; what is larger is a mistake
#: or an archive made to fill the disk.
MAX_UNPACKED_BYTES = 2 * 1024**3

#: Columns of one sheet. The widest real publication has 64; far more means a wrong delimiter.
MAX_COLUMNS = 2000

#: gzip within gzip; more nesting is no publication.
_MAX_LAYERS = 2

_GZIP = b"\x1f\x8b"
_BLOCK = 1 << 20
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_HTML = re.compile(rb"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_TITLE = re.compile(r"<(?:title|h1)[^>]*>\s*(.*?)\s*</", re.I | re.S)
_TITLE_CHARACTERS = 60


def unpacked(path: Path, name: str) -> bytes:
    """The bytes of a file, gzip layers removed whatever the file is called.

    Raises `Refusal` for an empty, damaged or too large file and for a web page (an error page that
    was saved under the name of a table).
    """
    if path.stat().st_size > MAX_UNPACKED_BYTES:
        _too_large(name)
    data = path.read_bytes()
    for _ in range(_MAX_LAYERS):
        if not data.startswith(_GZIP):
            break
        data = _gunzip(data, name)
    if not data.strip(b"\x00 \t\r\n"):
        refuse_empty(name)
    if _HTML.match(data[:_BLOCK].removeprefix(codecs.BOM_UTF8)):
        title = _TITLE.search(data[:_BLOCK].decode("utf-8", "replace"))
        said = f' titled "{title.group(1)[:_TITLE_CHARACTERS]}"' if title else ""
        refuse(
            name,
            f"a web page{said}",
            "the table itself",
            "fetch the file again; the source sent a page instead",
        )
    return data


def decoded(data: bytes, name: str) -> str:
    """Text in UTF-8 (with or without BOM), UTF-16 or GB18030. Raises `Refusal` for anything else."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _strictly(data, (encoding,), name)
    # UTF-16 without a mark: in a table with digits and delimiters half of many characters is zero.
    sample = data[:4096]
    if len(data) % 2 == 0 and sample.count(0) > len(sample) // 4:
        low = "utf-16-le" if sample[1::2].count(0) >= sample[0::2].count(0) else "utf-16-be"
        return _strictly(data, (low,), name)
    return _strictly(data, ("utf-8", "gb18030"), name)


def refuse(name: str, found: str, accepted: str, action: str, sheet: str = "", row: int | None = None) -> NoReturn:
    """Refuse a file whole."""
    raise Refusal(Problem(name, found=found, accepted=accepted, action=action, sheet=sheet, row=row))


def refuse_empty(name: str) -> NoReturn:
    """Refuse a file that holds nothing."""
    refuse(name, "an empty file", "a file with a header and rows", "send the file again")


def _strictly(data: bytes, encodings: tuple[str, ...], name: str) -> str:
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _BINARY.search(text):
            return text
    refuse(
        name,
        "bytes that are no text in a known encoding, or of an unknown format",
        "text in UTF-8, UTF-16 or GB18030; XLSX, XLS, JSON, XML; gzip of these",
        "save the file in one of these formats and send it again",
    )


def _gunzip(data: bytes, name: str) -> bytes:
    stream = zlib.decompressobj(wbits=31)
    parts: list[bytes] = []
    size = 0
    try:
        rest = data
        while rest:
            part = stream.decompress(rest, _BLOCK)
            parts.append(part)
            size += len(part)
            if size > MAX_UNPACKED_BYTES:
                _too_large(name)
            rest = stream.unconsumed_tail
            if stream.eof:
                # Members may follow each other; zero bytes after the last one are padding.
                rest = stream.unused_data.lstrip(b"\x00")
                stream = zlib.decompressobj(wbits=31)
                if not rest:
                    return b"".join(parts)
        raise gzip.BadGzipFile("it ends too early")
    except (zlib.error, gzip.BadGzipFile) as error:
        refuse(name, f"damaged gzip data ({error})", "an undamaged file", "send the file again")


def _too_large(name: str) -> NoReturn:
    limit = MAX_UNPACKED_BYTES // 1024**3
    refuse(
        name,
        f"more than {limit} GiB of data",
        f"files of up to {limit} GiB unpacked",
        "split the file by month or region",
    )
