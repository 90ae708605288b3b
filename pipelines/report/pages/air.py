"""Air: the days of the year, primary pollutants, months, stations, and our own indices against published ones.

Belongs here: what the page shows. Does not belong here: any index or average (`assets.air`).
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from pipelines.report import charts
from pipelines.report.night import Night, origin_badge, origin_words
from pipelines.report.pages.agreement import agreement_grid
from pipelines.report.parts import Cell, Chart, Grid, Page, Section, Words, columns, figure, said, text, word, yes_no

#: The plan's promise on days of good air.
GOOD_DAYS = "air_good_day_rate"
#: The standard whose colours are borrowed where one sets none.
_COLOURED = "hj633_2012"
_NOT_VALID = (Words("无有效数据", "no valid data"), "#d5d9de")
#: Pollutants as they are written.
POLLUTANTS = {
    "so2": Words("二氧化硫 SO₂", "SO₂"),
    "no2": Words("二氧化氮 NO₂", "NO₂"),
    "pm10": Words("可吸入颗粒物 PM10", "PM10"),
    "pm25": Words("细颗粒物 PM2.5", "PM2.5"),
    "co": Words("一氧化碳 CO", "CO"),
    "o3": Words("臭氧 O₃", "O₃"),
    "o3_1h": Words("臭氧（1小时） O₃", "O₃ (1 h)"),
    "o3_8h": Words("臭氧（8小时） O₃", "O₃ (8 h)"),
}
_SEND = Words(
    "没有本市的空气数据。请把日报或小时数据放入收件夹 air_readings，站点登记放入 stations。",
    "No air data of the city. Put daily or hourly readings into the inbox folder air_readings, the list of stations "
    "into stations.",
)

Bands = list[dict[str, Any]]


def page(night: Night) -> Page:
    """`air.html`."""
    years = night.rows(
        "FROM mart.air_city_year WHERE region_code = ? AND valid_days > 0 ORDER BY year, standard", night.region
    )
    names = {row["standard"]: Words(row["name_zh"], row["name_en"]) for row in night.rows("FROM standard.air_standard")}
    year = max((row["year"] for row in years if row["year"] <= night.card.year), default=None)
    sections = [_years(night, years, names)]
    if year is not None:
        meant = _meant(night, year)
        shown = [
            row["standard"] for row in years if row["year"] == year and (row["in_force"] or row["standard"] == meant)
        ]
        for standard in sorted(shown, key=lambda name: name != meant):
            sections.append(_year(night, year, standard, names[standard], standard == meant))
    sections += [_stations(night), _agreement(night)]
    return Page("air.html", Words("空气", "Air"), sections=sections)


def _meant(night: Night, year: int) -> str | None:
    """The standard that the plan's good days are counted by."""
    found = night.rows(
        "SELECT d.standard FROM mart.indicator_status s JOIN standard.air_definition d USING (definition) "
        "WHERE s.indicator = ? AND s.region_code = ? AND s.year = ? AND s.headline",
        GOOD_DAYS,
        night.region,
        year,
    )
    return found[0]["standard"] if found else None


def _years(night: Night, years: list[dict[str, Any]], names: dict[str, Words]) -> Section:
    """Good days of each year, and how many the promise needs."""
    asked = {row["year"]: row["required"] for row in night.statuses.get(GOOD_DAYS, []) if row["headline"]}
    rows = [
        [
            Cell(str(row["year"]), row["year"]),
            said(*names[row["standard"]]),
            yes_no(row["in_force"], wanted=False),
            figure(row["good_days"], Words("天", "days"), origin_badge(row)),
            figure(row["valid_days"], Words("天", "days")),
            figure(row["expected_days"], Words("天", "days")),
            figure(row["good_day_rate"], "%"),
            figure(needed_days(asked.get(row["year"]), row["valid_days"]), Words("天", "days")),
            yes_no(row["complete"]),
        ]
        for row in years
    ]
    names_of_columns = columns(
        ("年份", "Year"),
        ("标准", "Standard"),
        ("当时有效", "In force then"),
        ("优良天数", "Good days", True),
        ("有效天数", "Valid days", True),
        ("全年天数", "Days of the year", True),
        ("优良率", "Share", True),
        ("达到要求所需天数", "Good days that the promise needs", True),
        ("完整", "Complete"),
    )
    note = Words(
        "优良率 = 优良天数 ÷ 有效天数。所需天数 = 当年要求的优良率 × 有效天数，向上取整。",
        "Share = good days ÷ valid days. Needed days = the share asked of the year × valid days, rounded up.",
    )
    grid = Grid(Words("各年优良天数", "Good days by year"), names_of_columns, rows, _SEND)
    return Section("years", Words("优良天数与要求", "Good days against the need"), [note], grids=[grid])


def needed_days(required: float | None, valid: int) -> int | None:
    """The fewest good days of `valid` that reach the share `required` (%); None where none is asked."""
    if required is None:
        return None
    days = Decimal(repr(required)) * valid / 100
    return int(-(-days // 1))


def _year(night: Night, year: int, standard: str, name: Words, meant: bool) -> Section:
    bands = _bands(night, standard)
    days = night.rows(
        "FROM mart.air_city_day WHERE region_code = ? AND standard = ? AND year(day) = ? ORDER BY day",
        night.region,
        standard,
        year,
    )
    for day in days:
        day["band"] = _band(day, bands)
        day["index"] = day["aqi"] if day["valid"] else None
    painted = [(band["name"], band["colour"]) for band in bands] + [_NOT_VALID]
    about = Words(f"{year}年，{name.zh}", f"{year}, {name.en}")
    notes = [Words("规划的优良天数按此标准计。", "The plan's good days are counted by this standard.")] if meant else []
    if any(band["borrowed"] for band in bands):
        notes.append(
            Words(
                "该标准未规定颜色，借用HJ 633—2012同一指数段的颜色。",
                "This standard sets no colours: those of HJ 633-2012 for the same range of the index are used.",
            )
        )
    return Section(
        f"year-{standard}",
        about,
        notes,
        charts=[
            Chart(
                charts.calendar(days, painted),
                Words(
                    f"{about.zh}：每日指数，行为月，列为日，颜色为级别。",
                    f"{about.en}: index of each day; a row is a month, colour is the category.",
                ),
            ),
            *_months_chart(days, painted, about),
            *_primary_chart(days, about),
        ],
        grids=[_months(days, bands), _primary(days), _days(days)],
    )


def _bands(night: Night, standard: str) -> Bands:
    """Categories of a standard with name and colour; a colour that it does not set is borrowed by the index."""
    rows = night.rows("FROM standard.air_category ORDER BY standard, position")
    coloured = [row for row in rows if row["standard"] == _COLOURED]
    found = []
    for row in (row for row in rows if row["standard"] == standard):
        source = (
            row
            if row["red"] is not None
            else next(own for own in reversed(coloured) if own["index_low"] <= row["index_low"])
        )
        colour = "#" + "".join(f"{source[part]:02x}" for part in ("red", "green", "blue"))
        words = Words(row["name_zh"], row["name_en"])
        found.append({"name": words, "colour": colour, "low": row["index_low"], "borrowed": source is not row})
    return found


def _band(day: dict[str, Any], bands: Bands) -> Words:
    if not day["valid"] or day["aqi"] is None:
        return _NOT_VALID[0]
    name: Words = next((band["name"] for band in reversed(bands) if band["low"] <= day["aqi"]), bands[0]["name"])
    return name


def _month_words(month: int) -> Words:
    return Words(f"{month}月", f"{month:02}")


def _months_chart(days: list[dict[str, Any]], painted: list[tuple[Words, str]], about: Words) -> list[Chart]:
    counted = Counter((day["day"].month, day["band"]) for day in days)
    rows = [
        {"at": _month_words(month), "part": words, "count": counted[month, words]}
        for month in range(1, 13)
        for words, _ in painted
        if counted[month, words]
    ]
    if not rows:
        return []
    alt = Words(f"{about.zh}：各月各级别天数。", f"{about.en}: days of each category by month.")
    return [Chart(charts.stacked(rows, Words("月份", "Month"), Words("天数", "Days"), painted), alt)]


def _primary_counts(days: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return Counter(
        item for day in days if day["valid"] for item in (day["primary_pollutants"] or "").split(",") if item
    ).most_common()


def _primary_chart(days: list[dict[str, Any]], about: Words) -> list[Chart]:
    rows = [
        {"name": word(POLLUTANTS, item), "value": count, "text": Words(f"{count} 天", f"{count} days")}
        for item, count in _primary_counts(days)
    ]
    if not rows:
        return []
    alt = Words(
        f"{about.zh}：各污染物为首要污染物的天数。", f"{about.en}: days on which each pollutant was the primary one."
    )
    return [Chart(charts.bars(rows, Words("天数", "Days")), alt)]


def _months(days: list[dict[str, Any]], bands: Bands) -> Grid:
    rows = []
    for month in sorted({day["day"].month for day in days}):
        found = [day for day in days if day["day"].month == month]
        rows.append(
            [
                said(*_month_words(month), month),
                figure(sum(bool(day["valid"]) for day in found)),
                figure(sum(bool(day["good"]) for day in found)),
                *(figure(sum(day["band"] == band["name"] for day in found)) for band in bands),
            ]
        )
    names = columns(
        ("月份", "Month"),
        ("有效天数", "Valid days", True),
        ("优良天数", "Good days", True),
        *((band["name"].zh, band["name"].en, True) for band in bands),
    )
    return Grid(Words("各月天数", "Days by month"), names, rows)


def _primary(days: list[dict[str, Any]]) -> Grid:
    rows = [[said(*word(POLLUTANTS, item)), figure(count)] for item, count in _primary_counts(days)]
    empty = Words("没有出现首要污染物的日子。", "No day had a primary pollutant.")
    return Grid(
        Words("首要污染物", "Primary pollutants"), columns(("污染物", "Pollutant"), ("天数", "Days", True)), rows, empty
    )


def _days(days: list[dict[str, Any]]) -> Grid:
    concentrations = ("so2", "no2", "pm10", "pm25", "co", "o3_8h")
    rows = [
        [
            text(day["day"]),
            figure(day["index"]),
            said(*day["band"]),
            said(*_listed(day["primary_pollutants"])),
            *(figure(day[name]) for name in concentrations),
            said(*origin_words(day["origin"])),
        ]
        for day in days
    ]
    names = columns(
        ("日期", "Day"),
        ("指数", "Index", True),
        ("级别", "Category"),
        ("首要污染物", "Primary"),
        ("SO₂ µg/m³", "SO₂ µg/m³", True),
        ("NO₂ µg/m³", "NO₂ µg/m³", True),
        ("PM10 µg/m³", "PM10 µg/m³", True),
        ("PM2.5 µg/m³", "PM2.5 µg/m³", True),
        ("CO mg/m³", "CO mg/m³", True),
        ("O₃ 8h µg/m³", "O₃ 8h µg/m³", True),
        ("数据性质", "Origin"),
    )
    return Grid(Words("逐日数据（点击展开）", "Day by day (open)"), names, rows, folded=True)


def _listed(pollutants: str | None) -> Words:
    found = [word(POLLUTANTS, item) for item in (pollutants or "").split(",") if item]
    return Words("、".join(words.zh for words in found) or "–", ", ".join(words.en for words in found) or "–")


def _stations(night: Night) -> Section:
    """Stations of the city and of the prefecture around it: the latest hour that is known."""
    found = night.rows(
        # The hours alone say which rows are wanted: of a province's year nearly none of the others are then read.
        "WITH latest AS (SELECT series, station_code, max(hour) AS hour FROM mart.air_station_hour "
        "WHERE site_kind = 'station' GROUP BY ALL) "
        "SELECT h.*, s.longitude, s.latitude, s.name_zh, s.region_code FROM mart.air_station_hour h "
        "JOIN latest USING (series, station_code, hour) "
        "JOIN (FROM core.stations WHERE medium = 'air' "
        "QUALIFY row_number() OVER (PARTITION BY code ORDER BY valid_from DESC) = 1) s "
        "ON s.code = h.station_code ORDER BY s.region_code DESC, h.station_code, h.series"
    )
    bands = {standard: _bands(night, standard) for standard in {row["standard"] for row in found}}
    for row in found:
        row["band"] = _band({"valid": row["aqi"] is not None, "aqi": row["aqi"]}, bands[row["standard"]])
    placed = [
        {"name": row["name_zh"], "longitude": row["longitude"], "latitude": row["latitude"], "part": row["band"]}
        for row in found
        if row["longitude"] is not None and row["latitude"] is not None
    ]
    rows = [
        [
            text(row["station_code"]),
            text(row["name_zh"]),
            said(*night.region_name(row["region_code"])),
            Cell(f"{row['hour']:%Y-%m-%d %H:%M}"),
            figure(row["aqi"], "", origin_badge(row)),
            said(*row["band"]),
            figure(row["published_aqi"]),
            yes_no(row["agrees"]),
        ]
        for row in found
    ]
    names = columns(
        ("站点", "Station"),
        ("名称", "Name"),
        ("地区", "Region"),
        ("时刻", "Hour"),
        ("自算指数", "Own index", True),
        ("级别", "Category"),
        ("发布指数", "Published", True),
        ("一致", "Equal"),
    )
    empty = Words(
        "没有站点小时数据。请把小时数据放入收件夹 air_readings，站点登记（含经纬度）放入 stations。",
        "No hourly data of stations. Put them into the inbox folder air_readings, the list of stations with their "
        "coordinates into stations.",
    )
    drawn = []
    if placed:
        painted = {band["name"]: band["colour"] for own in bands.values() for band in own} | dict([_NOT_VALID])
        used = [item for item in painted.items() if any(row["part"] == item[0] for row in placed)]
        alt = Words("站点位置与最近一小时的级别。", "Where the stations are, and the category of their latest hour.")
        drawn = [Chart(charts.places(placed, used), alt)]
    return Section(
        "stations",
        Words("站点", "Stations"),
        charts=drawn,
        grids=[Grid(Words("站点最近一小时", "Latest hour of each station"), names, rows, empty)],
    )


def _agreement(night: Night) -> Section:
    note = Words(
        "用同一原始浓度按标准自行计算，与发布值逐条比较；差异原因见 docs/where-we-differ.md。",
        "Computed by the standard from the published concentrations and compared one by one; docs/where-we-differ.md "
        "says why they differ.",
    )
    return Section(
        "agreement",
        Words("自算与发布值比较", "Own against published"),
        [note],
        grids=[agreement_grid(night, "AQI", "primary")],
    )
