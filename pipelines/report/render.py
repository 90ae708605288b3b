"""From pages to HTML: one Jinja environment, every text escaped.

Belongs here: the environment and what all templates share. Does not belong here: the templates.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from pipelines.report.night import Night
from pipelines.report.parts import Cell, Page, Words

#: Letters that fit a line of a narrow column; signs from `_WIDE` on are two letters wide.
_SHORT, _WIDE = 24, "\u2e80"


def spoken(text: Words | str) -> Markup:
    """A text in both languages; the stylesheet shows the one that is chosen. Everything is escaped here.

    In Python and not in a template, because a night says some twenty-five thousand of them.
    """
    if isinstance(text, str):
        return escape(text)
    if text.zh == text.en:
        return escape(text.zh)
    return Markup('<span lang="zh-CN">{}</span><span lang="en">{}</span>').format(text.zh, text.en)


def cell(content: Cell, root: str) -> Markup:
    """What stands in a cell: text, link, badge. `root` leads from the page to the report's folder."""
    shown = spoken(content.text)
    if content.href:
        shown = Markup('<a href="{}{}">{}</a>').format(root, content.href, shown)
    if content.badge:
        shown += Markup(' <span class="badge">{}</span>').format(spoken(content.badge))
    return shown


def short(text: Words | str, letters: int = _SHORT) -> bool:
    """Whether a text stays on one line: a squeezed column would set Chinese one character under another."""
    words = Words(text, text) if isinstance(text, str) else text
    return all(len(said) + sum(sign >= _WIDE for sign in said) <= letters for said in words)


class Renderer:
    """Lays pages out. `entries`: file and name of each page of the navigation."""

    def __init__(self, entries: Sequence[tuple[str, Words]]) -> None:
        self._environment = Environment(
            loader=PackageLoader("pipelines.report"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
        self._environment.globals |= {
            "entries": entries,
            "words": Words,
            "t": spoken,
            "cell": cell,
            "short": short,
        }

    def html(self, page: Page, night: Night) -> str:
        """The page of a night as HTML."""
        values: dict[str, Any] = {"page": page, "night": night, "root": "../" * page.file.count("/")}
        return self._environment.get_template(page.template).render(**values, **(page.more or {}))
