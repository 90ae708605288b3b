"""Water: sections by class, drinking-water sources, trophic state, our classes against published ones.

Belongs here: what the page shows. Does not belong here: any class or rate (`assets.water`).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from pipelines.report import charts
from pipelines.report.night import Night, origin_badge, origin_words
from pipelines.report.pages.agreement import agreement_grid
from pipelines.report.parts import (
    Cell,
    Chart,
    Grid,
    Page,
    Section,
    Words,
    columns,
    figure,
    named,
    said,
    text,
    word,
    yes_no,
)
from sources.feeds.water import DETERMINANDS

#: Colours of the six classes, light to dark: told apart in grey print too. No standard sets them.
_COLOURS = ("#e3f1fb", "#a8d3f0", "#5fae6b", "#f2d14b", "#e8863a", "#a3201a")
_NAMES = named(DETERMINANDS)
_SEND = Words(
    "没有断面水质数据。请把监测数据放入收件夹 water_samples，断面登记放入 stations。",
    "No water data. Put samples into the inbox folder water_samples, the list of sections into stations.",
)

Rows = list[dict[str, Any]]


def page(night: Night) -> Page:
    """`water.html`."""
    return Page(
        "water.html",
        Words("水", "Water"),
        sections=[_classes(night), _map(night), _sources(night), _trophic(night), _agreement(night)],
    )


def _stations(night: Night) -> dict[str, dict[str, Any]]:
    found = night.rows("FROM core.stations WHERE medium = 'water' ORDER BY valid_from")
    return {row["code"]: row for row in found}


def _class_words(night: Night) -> dict[int, Words]:
    rows = night.rows("FROM standard.water_class ORDER BY class")
    return {
        row["class"]: Words(
            f"{row['name']}类", f"class {row['name_en']}".replace("class worse than", "worse than class")
        )
        for row in rows
    }


def _listed(parameters: str | None) -> Cell:
    found = [word(_NAMES, item) for item in (parameters or "").split(",") if item]
    return said("、".join(word.zh for word in found) or "–", ", ".join(word.en for word in found) or "–")


def _classes(night: Night) -> Section:
    """Sections by class and year; every section's latest year."""
    words = _class_words(night)
    years = night.rows("FROM mart.water_station_year ORDER BY year, class DESC, station_code")
    counted = Counter((row["year"], row["class"]) for row in years if row["class"] is not None)
    bars = [
        {"at": str(year), "part": words[number], "count": count} for (year, number), count in sorted(counted.items())
    ]
    painted = [(words[number], _COLOURS[number - 1]) for number in words]
    drawn = []
    if bars:
        alt = Words("每年各水质类别的断面数。", "Sections of each class by year.")
        drawn = [Chart(charts.stacked(bars, Words("年份", "Year"), Words("断面数", "Sections"), painted), alt)]
    by_year = [
        [
            Cell(str(year), year),
            *(figure(counted[year, number]) for number in words),
            figure(sum(counted[year, number] for number in words)),
        ]
        for year in sorted({year for year, _ in counted})
    ]
    named = columns(("年份", "Year"), *((word.zh, word.en, True) for word in words.values()), ("合计", "All", True))
    stations = _stations(night)

    def place(row: dict[str, Any]) -> tuple[bool, bool, str]:
        """The city's own sections first, then those whose region is known."""
        region = stations.get(row["station_code"], {}).get("region_code")
        return region != night.region, region is None, row["station_code"]

    latest = {row["station_code"]: row for row in years}
    rows = [
        [
            text(row["station_code"]),
            said(*night.region_name(stations[code]["region_code"]))
            if (code := row["station_code"]) in stations
            else text(None),
            Cell(str(row["year"]), row["year"]),
            _class_cell(words, row["class"]),
            _class_cell(words, row["required_class"]),
            yes_no(row["compliant"]),
            _listed(row["deciding_parameters"]),
            figure(row["samples"]),
            figure(row["months"]),
            yes_no(row["complete"]),
            said(*origin_words(row["origin"])),
        ]
        for row in sorted(latest.values(), key=place)
    ]
    names = columns(
        ("断面", "Section"),
        ("地区", "Region"),
        ("年份", "Year"),
        ("类别", "Class"),
        ("要求", "Required"),
        ("达标", "Compliant"),
        ("决定项目", "Deciding parameters"),
        ("样本数", "Samples", True),
        ("月数", "Months", True),
        ("完整", "Complete"),
        ("数据性质", "Origin"),
    )
    note = Words(
        "列出收到的全部断面，本市的在前。类别按全年均值判定；样本数和月数少的断面只说明所给样本，不代表全年。",
        "All sections that were sent, the city's own first. Classes are those of the year's means; sections with few "
        "samples or months tell of those samples only.",
    )
    return Section(
        "classes",
        Words("断面水质类别", "Sections by class"),
        [note],
        charts=drawn,
        grids=[
            Grid(Words("各年断面数", "Sections by year"), named, by_year, _SEND),
            Grid(Words("各断面最近一年", "Latest year of each section"), names, rows, _SEND),
        ],
    )


def _class_cell(words: dict[int, Words], number: int | None) -> Cell:
    return text(None) if number is None else said(*words[number], number)


def _map(night: Night) -> Section:
    """Where the sections are, where coordinates are known."""
    words = _class_words(night)
    latest = {row["station_code"]: row for row in night.rows("FROM mart.water_station_year ORDER BY year")}
    placed = [
        {
            "name": row["name_zh"],
            "longitude": row["longitude"],
            "latitude": row["latitude"],
            "class": latest[code]["class"],
        }
        for code, row in _stations(night).items()
        if code in latest and latest[code]["class"] is not None and None not in (row["longitude"], row["latitude"])
    ]
    rows = [
        [
            text(row["name"]),
            figure(row["longitude"], "°"),
            figure(row["latitude"], "°"),
            _class_cell(words, row["class"]),
        ]
        for row in placed
    ]
    names = columns(("断面", "Section"), ("东经", "Longitude", True), ("北纬", "Latitude", True), ("类别", "Class"))
    empty = Words(
        "断面登记没有经纬度。要显示地图，请在收件夹 stations 的登记表中填写 longitude、latitude。",
        "The list of sections holds no coordinates. For a map, fill in longitude and latitude in the inbox folder "
        "stations.",
    )
    drawn = []
    if placed:
        parts = [(word, _COLOURS[number - 1]) for number, word in words.items()]
        points = [row | {"part": words[row["class"]]} for row in placed]
        drawn = [
            Chart(
                charts.places(points, parts),
                Words("断面位置与最近一年的类别。", "Where the sections are, and their latest class."),
            )
        ]
    return Section(
        "map",
        Words("断面位置", "Where the sections are"),
        charts=drawn,
        grids=[Grid(Words("有经纬度的断面", "Sections with coordinates"), names, rows, empty)],
    )


def _sources(night: Night) -> Section:
    """Drinking-water sources: share of the water, and every month of every source."""
    years = night.rows("FROM mart.source_compliance WHERE region_code = ? ORDER BY year", night.region)
    months = night.rows("FROM mart.source_month WHERE region_code = ? ORDER BY month, source_code", night.region)
    words = _class_words(night)
    t10k = Words("万吨", "10 000 t")
    by_year = [
        [
            Cell(str(row["year"]), row["year"]),
            figure(row["volume_rate"], "%", origin_badge(row)),
            figure(row["count_rate"], "%"),
            figure(row["volume_compliant_10k_t"], t10k),
            figure(row["volume_total_10k_t"], t10k),
            figure(row["source_months_judged"]),
            figure(row["source_months"]),
            yes_no(row["complete"]),
        ]
        for row in years
    ]
    named = columns(
        ("年份", "Year"),
        ("水量达标率", "Share of volume", True),
        ("水源地达标率", "Share of sources", True),
        ("达标取水量", "Compliant volume", True),
        ("总取水量", "Volume", True),
        ("已判月次", "Months judged", True),
        ("应判月次", "Source-months", True),
        ("完整", "Complete"),
    )
    rows = [
        [
            text(row["month"].strftime("%Y-%m")),
            text(row["source_name"] or row["source_code"]),
            figure(row["intake_10k_t"], t10k),
            _class_cell(words, row["class"]),
            yes_no(row["compliant"]),
            _listed(row["failing_parameters"]),
            said(*origin_words(row["origin"])),
        ]
        for row in months
    ]
    names = columns(
        ("月份", "Month"),
        ("水源地", "Source"),
        ("取水量", "Intake", True),
        ("类别", "Class"),
        ("达标", "Compliant"),
        ("超标项目", "Failing parameters"),
        ("数据性质", "Origin"),
    )
    drawn = []
    points = [
        {"year": row["year"], "series": charts.VALUE, "value": row["volume_rate"]}
        for row in years
        if row["volume_rate"] is not None
    ]
    if points:
        alt = Words(
            "集中式饮用水水源地水量达标率，逐年。", "Share of the drinking water that meets its standard, by year."
        )
        drawn = [Chart(charts.course(points, Words("水量达标率（%）", "Share of volume (%)"), 220), alt)]
    empty = Words(
        "没有水源地数据。请把取水量放入收件夹 source_intakes，水质放入 water_samples。",
        "No data on drinking water. Put intakes into the inbox folder source_intakes, samples into water_samples.",
    )
    return Section(
        "sources",
        Words("集中式饮用水水源地", "Drinking-water sources"),
        charts=drawn,
        grids=[
            Grid(Words("各年达标率", "Compliance by year"), named, by_year, empty),
            Grid(Words("逐月（点击展开）", "Month by month (open)"), names, rows, empty, folded=True),
        ],
    )


def _trophic(night: Night) -> Section:
    """Trophic level index of lakes and reservoirs by year, and what is missing where there is none."""
    names = {
        row["definition"]: Words(row["name_zh"], row["name_en"])
        for row in night.rows("FROM standard.trophic_definition")
    }
    states = {row["name_zh"]: Words(row["name_zh"], row["name_en"]) for row in night.rows("FROM standard.trophic_band")}
    rows = [
        [
            text(row["station_code"]),
            Cell(str(row["year"]), row["year"]),
            said(*names[row["definition"]]),
            figure(row["tli"], "", origin_badge(row)),
            said(*states[row["state"]]) if row["state"] in states else text(row["state"]),
            _listed(row["missing_parameters"]),
            figure(row["samples"]),
        ]
        for row in night.rows(
            "SELECT s.* FROM mart.water_trophic_state s JOIN standard.trophic_definition d USING (definition, version) "
            "WHERE period = year::VARCHAR AND (tli IS NOT NULL OR d.headline) "
            "ORDER BY tli IS NULL, station_code, year, definition"
        )
    ]
    cols = columns(
        ("断面", "Section"),
        ("年份", "Year"),
        ("口径", "Definition"),
        ("综合营养状态指数 TLI", "TLI", True),
        ("营养状态", "State"),
        ("缺少项目", "Missing parameters"),
        ("样本数", "Samples", True),
    )
    empty = Words(
        "没有湖库数据。TLI需要叶绿素a、总磷、总氮、透明度、高锰酸盐指数，请放入收件夹 water_samples。",
        "No lake data. The index needs chlorophyll a, total P, total N, transparency and permanganate index in "
        "water_samples.",
    )
    return Section(
        "trophic",
        Words("湖库营养状态", "Trophic state of lakes and reservoirs"),
        grids=[Grid(Words("综合营养状态指数", "Trophic level index"), cols, rows, empty)],
    )


def _agreement(night: Night) -> Section:
    words = _class_words(night)
    rows = [
        [
            text(row["station_code"]),
            text(row["sampled_at"].strftime("%Y-%m-%d %H:%M")),
            _class_cell(words, row["class"]),
            _class_cell(words, row["published_class"]),
            text(row["cause"]),
        ]
        for row in night.rows("FROM mart.water_class_mismatch ORDER BY sampled_at, station_code")
    ]
    names = columns(
        ("断面", "Section"), ("采样时间", "Sampled"), ("自判", "Own"), ("发布", "Published"), ("原因", "Cause")
    )
    empty = Words("没有不一致的样本。", "No sample differs.")
    return Section(
        "agreement",
        Words("自判与发布类别比较", "Own against published"),
        grids=[agreement_grid(night, "water"), Grid(Words("不一致的样本", "Samples that differ"), names, rows, empty)],
    )
