"""Tables in HTML: pages, and what many systems call an .xls export.

Belongs here: finding tables and cutting them into cells. Does not belong here: markup inside the cells
of other formats (the publication's adapter), XML (`sources.readers.xml_records`).
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from sources.readers.content import Content, refuse
from sources.readers.grid import Opened, held, sheet_of_rows
from sources.readers.text import text_of

_TITLE = re.compile(r"<(?:title|h1)[^>]*>\s*(.*?)\s*</", re.I | re.S)
_TITLE_CHARACTERS = 60
OTHER_TABLE = "other table of the page"
_LARGEST_SPAN = 200


def open_html(content: Content) -> Opened:
    """Every table of a page with at least two rows and two columns, as sheets `table 1`, `table 2` ….

    Rows count from 1 in their table; a cell that spans columns or rows stands in the first of them, the
    others are empty. Raises `Refusal` for a page without a table (an error page saved under the name of
    a table).
    """
    text = text_of(content)
    page = text.whole()
    parser = _Tables()
    parser.feed(page)
    parser.close()
    tables = [rows for rows in parser.tables if len(rows) > 1 and max(map(len, rows)) > 1]
    if not tables:
        title = _TITLE.search(page)
        said = f' titled "{title.group(1)[:_TITLE_CHARACTERS]}"' if title else ""
        refuse(
            content.name,
            f"a web page{said}",
            "the table itself",
            "fetch the file again; the source sent a page instead",
        )
    sheets = {f"table {place}": sheet_of_rows(rows, 1, content.name) for place, rows in enumerate(tables, start=1)}
    return held(sheets, dict.fromkeys(sheets, OTHER_TABLE), text.notes, text.encoding)


class _Tables(HTMLParser):
    """Collects the cells of tables; a table inside a cell is a table of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str | None]]] = []
        self._open: list[_Table] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._open.append(_Table())
            self.tables.append(self._open[-1].rows)
        elif self._open:
            self._open[-1].start(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if not self._open:
            return
        if tag == "table":
            self._open.pop().end_cell()
        elif tag in ("td", "th", "tr"):
            self._open[-1].end_cell()

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1].add(data)


class _Table:
    """One table under construction."""

    def __init__(self) -> None:
        self.rows: list[list[str | None]] = []
        self._text: list[str] | None = None
        self._wide, self._high = 1, 1
        self._taken: dict[int, set[int]] = {}  # row → columns that a cell above reaches into

    def start(self, tag: str, attributes: dict[str, str | None]) -> None:
        if tag == "tr":
            self.end_cell()
            self.rows.append([])
        elif tag in ("td", "th"):
            self.end_cell()
            if not self.rows:
                self.rows.append([])
            self._text = []
            self._wide, self._high = _span(attributes.get("colspan")), _span(attributes.get("rowspan"))
        elif tag == "br":
            self.add("\n")

    def add(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def end_cell(self) -> None:
        if self._text is None:
            return
        number, row = len(self.rows) - 1, self.rows[-1]
        while len(row) in self._taken.get(number, ()):
            row.append(None)
        for below in range(1, self._high):
            self._taken.setdefault(number + below, set()).update(range(len(row), len(row) + self._wide))
        text = re.sub(r"[ \t\r\f\v\u00a0]+", " ", "".join(self._text)).strip()
        row += [text or None] + [None] * (self._wide - 1)
        self._text = None


def _span(text: str | None) -> int:
    return min(max(int(text), 1), _LARGEST_SPAN) if text and text.strip().isdecimal() else 1
