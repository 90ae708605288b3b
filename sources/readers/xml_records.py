"""Records in XML: one row per repeated element, one column per child.

Belongs here: that shape, and mending the undeclared entities and bare ampersands that public services
send. Does not belong here: what the children mean (the publication's adapter), tables in HTML
(`sources.readers.markup`).
"""

from __future__ import annotations

import re
from collections import Counter
from html.entities import html5
from xml.etree import ElementTree

import polars as pl

from sources.readers.content import Content, refuse, refuse_empty
from sources.readers.grid import Opened, held, sheet_of_rows
from sources.readers.text import text_of

_ENTITY = re.compile(r"&(\w+);")
_OWN = frozenset({"amp", "lt", "gt", "quot", "apos"})
#: An ampersand that begins no entity, as in a firm's name; the mark of a character is left alone.
_BARE = re.compile(r"&(?!#?\w+;)")
_FORBIDDEN = re.compile(r"&#(?:x0*(?:[0-8bcef]|1[0-9a-f])|0*(?:[0-8]|1[124-9]|2\d|3[01]));", re.I)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


def open_xml(content: Content) -> Opened:
    """The records of an XML text as a sheet: row 0 holds the children's names, records count from 1.

    The record element is the one whose text children are most. Named entities of HTML (`&mdash;`) are
    read as their characters although the text does not declare them; a bare `&` is an ampersand.
    Raises `Refusal` for text that is no XML, that declares entities of its own, or that holds no records.
    """
    text = text_of(content)
    return held({"": _records(text.whole(), content.name)}, notes=text.notes, encoding=text.encoding)


def _records(text: str, name: str) -> pl.DataFrame:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        refuse(name, "XML that declares its own entities", "XML without a DOCTYPE", "send the file without it")
    mended = _BARE.sub("&amp;", _FORBIDDEN.sub("", _ENTITY.sub(_character, _DECLARATION.sub("", text))))
    try:
        root = ElementTree.fromstring(mended)
    except ElementTree.ParseError as error:
        refuse(name, f"text that is no XML ({error})", "complete XML", "send the file again")
    cells = Counter[str]()
    for element in root.iter():
        cells[element.tag] += sum(1 for child in element if not len(child))
    tag, count = cells.most_common(1)[0]
    if not count:
        refuse_empty(name)
    records = [{_local(child.tag): child.text for child in element if not len(child)} for element in root.iter(tag)]
    header = list(dict.fromkeys(key for record in records for key in record))
    rows = [[record.get(key) for key in header] for record in records]
    return sheet_of_rows([header, *rows], 0, name)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _character(match: re.Match[str]) -> str:
    entity = match.group(1)
    return match.group(0) if entity in _OWN else html5.get(f"{entity};", match.group(0))
