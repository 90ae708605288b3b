"""Making the site: every page of the list, the scripts and the style, into one folder.

Belongs here: the list of pages, and that a page which cannot be made says so instead of stopping the
others. Does not belong here: what a page shows (`pages/`), its layout (`templates/`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import duckdb

from pipelines.report.bundle import NAME, vega_bundle
from pipelines.report.night import Night, read_nights
from pipelines.report.pages import about, air, alerts, energy, indicator, inspection, quality, scorecard, towns, water
from pipelines.report.parts import Page, Words
from pipelines.report.render import Renderer

_STATIC = Path(__file__).with_name("static")


class Entry(NamedTuple):
    """A page of the navigation: its file, its name, and what makes it."""

    file: str
    title: Words
    make: Callable[[Night], Page]


#: The navigation, in order.
ENTRIES: tuple[Entry, ...] = (
    Entry("index.html", Words("记分卡", "Scorecard"), scorecard.page),
    Entry("air.html", Words("空气", "Air"), air.page),
    Entry("water.html", Words("水", "Water"), water.page),
    Entry("inspection.html", Words("监督抽检", "Inspection"), inspection.page),
    Entry("energy.html", Words("能源与排放", "Energy and emissions"), energy.page),
    Entry("towns.html", Words("镇与街道", "Towns"), towns.page),
    Entry("alerts.html", Words("告警", "Alerts"), alerts.page),
    Entry("quality.html", Words("数据质量", "Data quality"), quality.page),
    Entry("about.html", Words("关于", "About"), about.page),
)


def make_report(database: Path, folder: Path, cache: Path) -> list[str]:
    """Write the site about the last night of `database` into the new `folder`; returns what could not be made."""
    faults = []
    with duckdb.connect(str(database), read_only=True) as con:
        nights = read_nights(con)
        renderer = Renderer(_navigation(nights))
        for night in nights:
            for file, title, make in _pages(night):
                try:
                    html = renderer.html(make(), night)
                except Exception as error:  # one page must not take the others, or the night, with it
                    faults.append(f"report/{file}: {type(error).__name__}: {error}")
                    html = renderer.html(_missing(file, title), night)
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(html, "utf-8")
    (folder / NAME).write_text(vega_bundle(cache), "utf-8")
    for static in sorted(_STATIC.iterdir()):
        (folder / static.name).write_bytes(static.read_bytes())
    return faults


def _navigation(nights: Sequence[Night]) -> list[tuple[str, Words]]:
    """File and name of the pages that every page leads to: those of the first plan, then the other scorecards."""
    others = [(f"{night.place}index.html", night.title) for night in nights if night.place]
    return [(entry.file, entry.title) for entry in ENTRIES] + others


def _pages(night: Night) -> Iterable[tuple[str, Words, Callable[[], Page]]]:
    """The pages of a plan; those on subjects stand beside the first plan."""
    if night.place:
        yield f"{night.place}index.html", night.title, partial(scorecard.page, night)
    else:
        for entry in ENTRIES:
            yield entry.file, entry.title, partial(entry.make, night)
    facts = indicator.read_facts(night)
    for code, row in night.indicators.items():
        yield night.page_of(code), Words(row["zh"], row["en"]), partial(indicator.page, night, facts, code)


def _missing(file: str, title: Words) -> Page:
    """What stands in the place of a page that could not be made."""
    told = Words(
        "本页未能生成。数据已照常发布，见 warehouse.duckdb；原因见当夜 manifest.json 的 faults 一项，请转告维护人员。",
        "This page could not be made. The numbers are published as always, in warehouse.duckdb; why is told under "
        "`faults` of the night's manifest.json: please tell those who look after the system.",
    )
    return Page(file, title, intro=(told,))
