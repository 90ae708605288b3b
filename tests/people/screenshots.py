"""Screenshots of every page of the report for docs/report.md, from a real headless Chromium.

usage (from the project's folder): PYTHONPATH=.:tests .venv/bin/python tests/people/screenshots.py HOME
"""

from __future__ import annotations

import sys
from pathlib import Path

from pipelines.report.site import ENTRIES
from support.browser import browser, why_not

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "report"
#: The top of each page is enough to recognise it; a whole one would be many times as large.
WIDTH, HEIGHT = 1000, 850
#: What is shown of a page whose top is a table.
_SHOWN = {"air.html": "main section:nth-of-type(2)"}
_INDICATOR = "indicator/agri_product_sampling_pass_rate.html"


def take(site: Path, folder: Path) -> list[Path]:
    """One PNG a page in Chinese, and the scorecard in English."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [(entry.file, entry.file.removesuffix(".html"), "zh-CN") for entry in ENTRIES]
    wanted += [(_INDICATOR, "indicator", "zh-CN"), ("index.html", "index-en", "en")]
    taken = []
    with browser() as chromium:
        page = chromium.new_context(viewport={"width": WIDTH, "height": HEIGHT}, offline=True).new_page()
        for file, name, language in wanted:
            page.goto((site / file).as_uri())
            page.wait_for_selector("html[data-drawn]")
            if page.evaluate("document.documentElement.lang") != language:
                page.click("#language")
            page.wait_for_selector(f"html[data-drawn='{language}']")
            if section := _SHOWN.get(file):
                page.locator(section).evaluate("section => section.scrollIntoView()")
            taken.append(folder / f"{name}.png")
            page.screenshot(path=str(taken[-1]))
    return taken


if __name__ == "__main__":
    if reason := why_not():
        sys.exit(reason)
    for path in take((Path(sys.argv[1]) / "published" / "report").resolve(), FOLDER):
        print(path, path.stat().st_size)
