"""The report as people meet it: a real Chromium, no network, eyes, keyboard, screen reader and paper."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines import queries
from pipelines.report.site import ENTRIES, make_report
from pipelines.shown import digits
from support.browser import browser, why_not
from support.nights import published

pytestmark = [pytest.mark.people, pytest.mark.skipif(bool(why_not()), reason=why_not() or "a browser is here")]

#: What a hostile firm might call itself.
PLANTED = "<script>document.title='taken'</script><img src=x>厂"
PAGES = [entry.file for entry in ENTRIES]
INDICATOR = "indicator/agri_product_sampling_pass_rate.html"


@pytest.fixture(scope="module")
def site(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the sample night, with a planted name where firms, files and remarks are named."""
    folder = tmp_path_factory.mktemp("report")
    database = folder / "planted.duckdb"
    shutil.copyfile((sample_home / "published" / "warehouse.duckdb").resolve(), database)
    with duckdb.connect(str(database)) as con:
        con.execute("UPDATE mart.failed_item SET producer_name = ?", [PLANTED])
        con.execute("UPDATE mart.key_energy_user SET consumer = ? WHERE place = 1", [PLANTED])
        con.execute("UPDATE mart.failed_item SET item_name = ? WHERE item_no = 1", [PLANTED])
        con.execute("UPDATE meta.source_file SET name = ? WHERE feed = 'regions'", [PLANTED])
    assert make_report(database, folder / "report", Path(os.environ["QUALITY_CITY_COMPILED"])) == []
    return folder / "report"


@pytest.fixture(scope="module")
def page(site: Path) -> Iterator[Any]:
    """A page of a browser without network, which keeps what its console complains of."""
    with browser() as chromium:
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, offline=True)
        opened = context.new_page()
        opened.complaints = []
        opened.on("console", lambda m: opened.complaints.append(m.text) if m.type in ("error", "warning") else None)
        opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
        yield opened


def _open(page: Any, site: Path, name: str, language: str = "zh-CN") -> None:
    page.goto((site / name).as_uri())
    page.wait_for_selector("html[data-drawn]")
    if page.evaluate("document.documentElement.lang") != language:
        page.click("#language")
    page.wait_for_selector(f"html[data-drawn='{language}']")


@pytest.mark.parametrize("name", [*PAGES, INDICATOR])
def test_every_page_loads_draws_and_complains_of_nothing_without_network(page: Any, site: Path, name: str) -> None:
    page.complaints.clear()
    for language in ("zh-CN", "en"):
        _open(page, site, name, language)
        for chart in page.query_selector_all(".chart"):
            box = chart.query_selector("svg").bounding_box()
            assert box["width"] > 300 and box["height"] > 60
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, "the page is wider than the screen"
    assert page.complaints == []
    took = page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    print(f"{name}: interactive after {took:.0f} ms")


@pytest.mark.parametrize("name", [*PAGES, INDICATOR])
def test_no_label_of_a_chart_is_cut_off(page: Any, site: Path, name: str) -> None:
    """Every text of a chart lies inside its picture, and no label of an axis ends in an ellipsis."""
    for language in ("zh-CN", "en"):
        _open(page, site, name, language)
        cut = page.evaluate(
            """() => [...document.querySelectorAll('.chart svg')].flatMap((svg) => {
                const frame = svg.getBoundingClientRect();
                return [...svg.querySelectorAll('text')].filter((text) => {
                    const box = text.getBoundingClientRect();
                    const shown = box.width > 0 && getComputedStyle(text).opacity !== '0';
                    const out = box.left < frame.left - 1 || box.right > frame.right + 1
                        || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
                    return shown && (out || text.textContent.endsWith('…'));
                }).map((text) => text.textContent);
            })"""
        )
        assert cut == []


def test_the_language_switch_holds_from_page_to_page(page: Any, site: Path) -> None:
    _open(page, site, "index.html", "zh-CN")
    assert page.locator("h1").inner_text() == "宜兴市质量记分卡 2015年"
    page.focus("#language")
    page.keyboard.press("Enter")
    assert page.locator("h1").inner_text() == "Scorecard of Yixing, 2015"
    page.click("nav a[href='energy.html']")
    page.wait_for_selector("html[data-drawn='en']")
    assert page.locator("h1").inner_text() == "Energy and emissions"
    assert page.locator(".chart").first.get_attribute("aria-label").startswith("Reduction of energy")
    assert "Year" in page.locator(".chart svg").first.text_content()
    page.click("#language")
    page.wait_for_selector("html[data-drawn='zh-CN']")
    assert "年份" in page.locator(".chart svg").first.text_content()


def test_tables_are_sorted_by_number_and_missing_values_stay_last(page: Any, site: Path) -> None:
    _open(page, site, "index.html")
    table = page.locator("table.card").nth(1)
    column = "tr => [...tr].map(r => r.cells[2].dataset.sort)"
    for order in ("ascending", "descending"):
        table.locator("th button").nth(2).click()
        assert table.locator("th").nth(2).get_attribute("aria-sort") == order
        shown = table.locator("tbody tr").evaluate_all(column)
        numbers = [float(value) for value in shown if value != ""]
        assert numbers == sorted(numbers, reverse=order == "descending") and len(set(numbers)) > 5
        assert "" not in shown[: len(numbers)]


def test_the_numbers_people_see_are_those_of_the_warehouse(page: Any, site: Path, sample_home: Path) -> None:
    _open(page, site, "index.html", "zh-CN")
    shown = page.evaluate("Object.fromEntries([...document.querySelectorAll('tr[id]')].map("
                          "r => [r.id, [r.cells[2].innerText, r.cells[7].innerText]]))")  # fmt: skip
    with published(sample_home) as con:
        card = queries.scorecard(con)
        days = con.execute(
            "SELECT good_days, valid_days, round(good_day_rate, 4) FROM mart.air_city_year "
            "WHERE region_code = '320282' AND year = 2015 AND standard = 'api_1996'"
        ).fetchone()
        (energy,) = con.execute(
            "SELECT tce_per_10k_yuan FROM mart.energy_per_10k_gdp WHERE region_code = '320282' AND year = 2015 "
            "AND consumption_scope = 'total' AND electricity_basis = 'equivalent' AND price_base = '2010'"
        ).fetchone() or (None,)
    for row in card.rows:
        value, status = shown[row["indicator"]]
        assert status.endswith(row["status_zh"])
        if row["value"] is not None and not value.startswith(("是", "否")):
            assert re.match(r"[-\d,.]+", value)[0] == digits(row["value"])  # type: ignore[index]
    _open(page, site, "air.html", "zh-CN")
    rows = [row.inner_text() for row in page.locator("#years tbody tr").all()]
    (line,) = [row for row in rows if row.startswith("2015") and "API" in row]
    assert days and f"{days[0]} 天" in line and f"{days[1]} 天" in line and f"{digits(days[2])} %" in line
    _open(page, site, "energy.html", "zh-CN")
    assert any(digits(energy) in row.inner_text() and row.inner_text().startswith("2015")
               for row in page.locator("#intensity tbody tr").all())  # fmt: skip


@pytest.mark.parametrize("name", ["inspection.html", "energy.html", "quality.html"])
def test_a_firm_that_calls_itself_a_script_stays_text(page: Any, site: Path, name: str) -> None:
    page.complaints.clear()
    _open(page, site, name)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.title() != "taken" and page.complaints == []
    assert page.locator("main").get_by_text(PLANTED, exact=True).count() > 0
    assert page.locator("main script:not([type='application/json'])").count() == page.locator("main img").count() == 0


def test_an_injected_script_would_not_run(page: Any, site: Path) -> None:
    """The policy itself holds: even text that became a script is refused by the browser."""
    _open(page, site, "about.html")
    page.evaluate("() => { const s = document.createElement('script'); s.textContent = 'window.taken = 1';"
                  " document.body.append(s); document.body.setAttribute('onclick', 'window.taken = 1');"
                  " document.body.click(); }")  # fmt: skip
    assert page.evaluate("window.taken") is None
    page.complaints.clear()


@pytest.mark.parametrize("name", [*PAGES, INDICATOR])
def test_axe_finds_no_serious_fault(page: Any, site: Path, name: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    _open(page, site, name, "zh-CN" if name != INDICATOR else "en")
    # Rows of one table are alike: the first ten of each are judged.
    page.evaluate("document.querySelectorAll('tbody tr:nth-child(n+11)').forEach(row => row.remove())")
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    serious = [
        (fault["id"], fault["help"], [node["html"][:150] for node in fault["nodes"][:3]])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]
    assert serious == []


def test_the_keyboard_reaches_everything_and_the_skip_link_comes_first(page: Any, site: Path) -> None:
    _open(page, site, "index.html")
    page.reload()
    page.wait_for_selector("html[data-drawn]")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.locator("table.card th button").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("table.card th").first.get_attribute("aria-sort") == "ascending"


def test_the_printed_scorecard_fits_a4(page: Any, site: Path, tmp_path: Path) -> None:
    _open(page, site, "index.html", "zh-CN")
    pdf = tmp_path / "scorecard.pdf"
    page.pdf(path=str(pdf), prefer_css_page_size=True)
    content = pdf.read_bytes()
    boxes = {
        tuple(round(float(side)) for side in box.split()) for box in re.findall(rb"/MediaBox\s*\[([^\]]+)\]", content)
    }
    assert boxes == {(0, 0, 595, 842)}  # A4 in points
    pages = len(re.findall(rb"/Type\s*/Page\b", content))
    assert 3 <= pages <= 9
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 703, "height": 1000})  # A4 less its margins, in CSS pixels
    assert page.evaluate("document.documentElement.scrollWidth") <= 703
    hidden = "['nav', '#language'].every(s => getComputedStyle(document.querySelector(s)).display === 'none')"
    assert page.evaluate(hidden)
    assert page.locator(".banner").is_visible()
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1280, "height": 900})
