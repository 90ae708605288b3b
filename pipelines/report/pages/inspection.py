"""Inspection: pass rates by programme and category with their intervals, worst items, against the province.

Belongs here: what the page shows. Does not belong here: any rate or interval (`assets.pass_rates`).
"""

from __future__ import annotations

from typing import Any

from pipelines.report import charts
from pipelines.report.night import Night, interval, origin_badge, origin_words, unit_words
from pipelines.report.pages.agreement import agreement_grid
from pipelines.report.parts import Cell, Chart, Grid, Page, Section, Words, columns, figure, named, said, text, word
from pipelines.shown import digits
from sources.feeds.inspection import COUNTED, PROGRAMMES

_PROGRAMMES = named(PROGRAMMES)
_COUNTED = named(COUNTED)
_ALL = {"all": Words("全部", "all")}
_SEND = Words(
    "没有本市的抽检数据。请把抽检明细放入收件夹 spot_checks，或把合格率汇总放入 pass_rates。",
    "No inspections of the city. Put sampling sheets into the inbox folder spot_checks, or returns of pass rates "
    "into pass_rates.",
)
_WORST = 25

Rows = list[dict[str, Any]]


def page(night: Night) -> Page:
    """`inspection.html`."""
    found = night.rows(
        "FROM mart.pass_rate WHERE region_code = ? "
        "ORDER BY year DESC, programme, category <> 'all', category, counted, period",
        night.region,
    )
    year = max((row["year"] for row in found if row["year"] <= night.card.year), default=None)
    return Page(
        "inspection.html",
        Words("监督抽检", "Inspection"),
        sections=[_rates(found, year), _worst(night, year), _province(night, year), _all(found), _reproduced(night)],
    )


def _programme(row: dict[str, Any]) -> Words:
    return word(_PROGRAMMES, row["programme"])


def _category(row: dict[str, Any]) -> Words:
    return word(_ALL, row["category"])


def _row(row: dict[str, Any]) -> list[Cell]:
    return [
        said(*_programme(row)),
        said(*_category(row)),
        said(*word(_COUNTED, row["counted"])),
        text(row["period"]),
        figure(row["inspected"]),
        figure(row["passed"]),
        figure(row["rate"], "%", origin_badge(row)),
        interval(row),
        said(*origin_words(row["origin"])),
    ]


_NAMES = columns(
    ("抽检项目", "Programme"),
    ("类别", "Category"),
    ("计数单位", "Counted"),
    ("期间", "Period"),
    ("抽检数", "Inspected", True),
    ("合格数", "Passed", True),
    ("合格率", "Pass rate", True),
    ("95%区间", "95 % interval", True),
    ("数据性质", "Origin"),
)


def _rates(found: Rows, year: int | None) -> Section:
    """The year's rates of batches with their intervals."""
    rows = [row for row in found if row["year"] == year and row["counted"] in ("batch", "project")]
    names = [(_programme(row), _category(row), row) for row in rows if row["rate"] is not None]
    drawn_rows = [
        {
            "name": Words(
                f"{programme.zh} · {category.zh} · {row['period']}", f"{programme.en} · {category.en} · {row['period']}"
            ),
            "value": row["rate"],
            "text": f"{digits(row['rate'])} % ({row['passed']:,}/{row['inspected']:,})",
            "low": row["ci_low"],
            "high": row["ci_high"],
        }
        for programme, category, row in names
    ]
    title = Words(f"{year}年合格率" if year else "合格率", f"Pass rates of {year}" if year else "Pass rates")
    drawn = []
    if drawn_rows:
        alt = Words(
            f"{year}年各抽检项目、类别的合格率（点）与95%置信区间（横条）；抽检少的区间宽。",
            f"Pass rates of {year} by programme and category (points) with 95 % intervals (bars): few samples make "
            "wide bars.",
        )
        drawn = [
            Chart(charts.bars(drawn_rows, Words("合格率（%）", "Pass rate (%)"), zero=False, most=100, step=34), alt)
        ]
    note = Words(
        "不同抽检项目的抽样方法不同，合格率不能相互比较，也不能简单平均。",
        "Programmes sample in different ways: their rates cannot be compared with each other, nor averaged.",
    )
    grid = Grid(title, _NAMES, [_row(row) for row in rows], _SEND)
    return Section("rates", title, [note], charts=drawn, grids=[grid])


def _worst(night: Night, year: int | None) -> Section:
    """Items that fail most often, and the latest failed products."""
    counted = night.rows(
        "SELECT item_name, any_value(safety_class) AS safety_class, count(*) AS failures, "
        "count(DISTINCT (series, sample_id)) AS batches, min(year) AS first_year, max(year) AS last_year "
        "FROM mart.failed_item WHERE region_code = ? OR producer_region_code = ? OR sampled_region_code = ? "
        "GROUP BY item_name ORDER BY failures DESC, item_name LIMIT ?",
        night.region, night.region, night.region, _WORST,
    )  # fmt: skip
    rows = [
        [
            text(row["item_name"]),
            text(row["safety_class"]),
            figure(row["failures"]),
            figure(row["batches"]),
            text(f"{row['first_year']}–{row['last_year']}"),
        ]
        for row in counted
    ]
    names = columns(
        ("不合格项目", "Failed item"),
        ("安全类别", "Safety class"),
        ("不合格次数", "Failures", True),
        ("涉及批次", "Batches", True),
        ("年份", "Years"),
    )
    failed = night.rows(
        "FROM mart.failed_item WHERE region_code = ? OR producer_region_code = ? OR sampled_region_code = ? "
        "ORDER BY published_on DESC NULLS LAST, sample_id, item_no LIMIT 100",
        night.region, night.region, night.region,
    )  # fmt: skip
    latest = [
        [
            text(row["published_on"]),
            text(row["product_name"]),
            text(row["producer_name"]),
            text(row["item_name"]),
            text(row["result_text"]),
            text(row["limit_text"]),
            said(*word(_PROGRAMMES, row["programme"])),
            said(*origin_words(row["origin"])),
        ]
        for row in failed
    ]
    cols = columns(
        ("公布日期", "Published"),
        ("产品", "Product"),
        ("生产企业", "Producer"),
        ("项目", "Item"),
        ("结果", "Result"),
        ("限值", "Limit"),
        ("抽检项目", "Programme"),
        ("数据性质", "Origin"),
    )
    drawn = []
    if counted:
        bars = [
            {
                "name": row["item_name"],
                "value": row["failures"],
                "text": Words(f"{row['failures']} 次", str(row["failures"])),
            }
            for row in counted
        ]
        alt = Words("不合格次数最多的项目。", "The items that failed most often.")
        drawn = [Chart(charts.bars(bars, Words("不合格次数", "Failures")), alt)]
    empty = Words("没有不合格记录。", "Nothing failed, or no sampling sheets were sent (inbox folder spot_checks).")
    return Section(
        "worst",
        Words("不合格项目", "Failed items"),
        charts=drawn,
        grids=[
            Grid(Words("不合格次数最多的项目", "Items that failed most often"), names, rows, empty),
            Grid(
                Words("最近的不合格产品（点击展开）", "Latest failed products (open)"), cols, latest, empty, folded=True
            ),
        ],
    )


def _province(night: Night, year: int | None) -> Section:
    """Differences to the province of the year, with their intervals."""
    found = night.rows(
        "FROM mart.pass_rate_margin WHERE plan = ? AND region_code = ? AND year = ? AND headline ORDER BY indicator",
        night.card.plan,
        night.region,
        year,
    )
    rows = [
        [
            Cell(Words(*_name(night, row)), _name(night, row)[0], href=night.page_of(row["indicator"])),
            figure(row["rate"], "%"),
            figure(row["province_rate"], "%"),
            figure(row["difference"], unit_words("points"), origin_badge(row)),
            interval(row),
            figure(row["inspected"]),
            figure(row["province_inspected"]),
        ]
        for row in found
    ]
    bars = [
        {
            "name": Words(*_name(night, row)),
            "value": row["difference"],
            "text": f"{row['difference']:+.2f}",
            "low": row["ci_low"],
            "high": row["ci_high"],
        }
        for row in found
        if row["difference"] is not None
    ]
    names = columns(
        ("指标", "Indicator"),
        ("本市", "City", True),
        ("全省", "Province", True),
        ("差距", "Difference", True),
        ("95%区间", "95 % interval", True),
        ("本市抽检数", "Inspected, city", True),
        ("全省抽检数", "Inspected, province", True),
    )
    drawn = []
    if bars:
        alt = Words(
            "本市与全省合格率之差（百分点）及95%区间；虚线为零，即与全省持平。",
            "City less province in points, with 95 % intervals; the dashes are zero: equal to the province.",
        )
        drawn = [
            Chart(charts.bars(bars, Words("差距（百分点）", "Difference (points)"), aim=0.0, zero=False, step=44), alt)
        ]
    empty = Words(
        "没有可比的全省数据。请把省级合格率放入收件夹 pass_rates。",
        "No provincial figures to compare with. Put the province's pass rates into the inbox folder pass_rates.",
    )
    return Section(
        "province",
        Words("与全省比较", "Against the province"),
        charts=drawn,
        grids=[Grid(Words("与全省之差", "Difference to the province"), names, rows, empty)],
    )


def _name(night: Night, row: dict[str, Any]) -> tuple[str, str]:
    own = night.indicators[row["indicator"]]
    return own["zh"], own["en"]


def _all(found: Rows) -> Section:
    grid = Grid(
        Words("全部年份（点击展开）", "All years (open)"), _NAMES, [_row(row) for row in found], _SEND, folded=True
    )
    return Section("all", Words("历年合格率", "Pass rates of all years"), grids=[grid])


def _reproduced(night: Night) -> Section:
    return Section(
        "agreement", Words("自算与发布值比较", "Own against published"), grids=[agreement_grid(night, "rate")]
    )
