"""Archives of files: a zip of one or many, each in any format but an archive.

Belongs here: listing and opening members. Does not belong here: gzip, which packs one file
(`sources.readers.content`), the formats of the members.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from sources import bounds
from sources.readers.content import Content, refuse, refuse_empty
from sources.readers.grid import Opened, Sheets

#: A zip names its files in UTF-8 only if this bit says so; else in what the sender's system uses.
_UTF8_NAMES = 0x800
_ENCRYPTED = 0x1
_WORKBOOK_PART = "[Content_Types].xml"
ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf\x27\x1c", b"BZh")


def is_workbook(content: Content) -> bool:
    """Whether a zip is the package of an XLSX workbook; True for one too damaged to tell."""
    try:
        with _package(content) as package:
            return _WORKBOOK_PART in package.namelist()
    except zipfile.BadZipFile:
        return True


def open_archive(content: Content, open_content: Callable[[Content], Opened]) -> Opened:
    """Every member's sheets: the sheet of a text is named after its file, one of a workbook `file/sheet`.

    Where the archive holds one file only, a workbook's sheets keep their own names. Members that begin
    with a point or `_` are left out, as in the inbox. Raises `Refusal` for encrypted members, archives in
    the archive, too many members, and what a member is refused for.
    """
    with _package(content) as package:
        listed = [member for member in package.infolist() if not member.is_dir() and not _ignored(member.filename)]
    if not listed:
        refuse_empty(content.name)
    if len(listed) > bounds.MAX_MEMBERS:
        refuse(
            content.name,
            f"an archive of {len(listed)} files",
            f"up to {bounds.MAX_MEMBERS} files in an archive",
            "send several archives" + bounds.or_raise("members"),
        )
    opened = {}
    for listing in listed:
        shown = _name(listing)
        inner = _member(content, listing, f"{content.name}/{shown}")
        if inner.head.startswith(ARCHIVES) and not (inner.head.startswith(b"PK") and is_workbook(inner)):
            refuse(inner.name, "an archive inside an archive", "archives of plain files", "unpack the inner archive")
        opened[shown] = open_content(inner)
    alone = len(opened) == 1

    def renamed(member: str, sheets: Sheets) -> Sheets:
        return {_sheet_name(member, name, alone): rows for name, rows in sheets.items()}

    def stretches(size: int) -> Iterator[Sheets]:
        for member, entry in opened.items():
            for sheets in entry.stretches(size):
                yield renamed(member, sheets)

    heads: Sheets = {}
    loose: dict[str, str] = {}
    members: dict[str, str] = {}
    for member, entry in opened.items():
        heads |= renamed(member, entry.heads)
        loose |= {_sheet_name(member, name, alone): reason for name, reason in entry.loose.items()}
        members |= {_sheet_name(member, name, alone): member for name in entry.heads}
    notes = tuple(f"{member}: {note}" for member, entry in opened.items() for note in entry.notes)
    trimmed = all(entry.trimmed for entry in opened.values())
    return Opened(heads, stretches, loose, members, notes, trimmed=trimmed)


def _sheet_name(member: str, sheet: str, alone: bool) -> str:
    if not sheet:
        return member
    return sheet if alone else f"{member}/{sheet}"


def _package(content: Content) -> zipfile.ZipFile:
    return zipfile.ZipFile(content.path if content.path and not content.layers else io.BytesIO(content.whole()))


def _member(content: Content, member: zipfile.ZipInfo, name: str) -> Content:
    if member.flag_bits & _ENCRYPTED:
        refuse(name, "an encrypted file", "files without password", "pack the files without a password")

    def packed() -> io.BufferedIOBase:
        # Each opening has a package of its own, so that two readers do not share one position.
        return _package(content).open(member)  # type: ignore[return-value]

    return Content(name, packed)  # type: ignore[arg-type]


def _ignored(name: str) -> bool:
    return any(part.startswith((".", "_", "~$")) for part in PurePosixPath(name).parts)


def _name(member: zipfile.ZipInfo) -> str:
    """The member's name; names that are not marked as UTF-8 are the bytes of a Chinese system as a rule."""
    if member.flag_bits & _UTF8_NAMES:
        return member.filename
    raw = member.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename
