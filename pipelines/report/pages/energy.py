"""Energy and emissions: intensity on its path, the steps of its reduction, fuels, users, pollutants, the index.

Belongs here: what the page shows. Does not belong here: any intensity or factor (`assets.energy`,
`assets.environment`).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from pipelines.report import charts
from pipelines.report.night import Night, origin_badge, origin_words
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
from pipelines.shown import digits
from sources.feeds.economy import FUELS, POLLUTANTS

#: The plan's promises that the page is about.
_ENERGY, _POLLUTANTS = "energy_per_gdp_reduction", "main_pollutant_reduction"
_FUELS = named(FUELS)
_NAMES = named(POLLUTANTS)
_SCOPES = {"total": Words("能源消费总量", "total consumption"), "final": Words("终端消费", "final consumption")}
_BASES = {"equivalent": Words("电力按等价值", "electricity by equivalent value"),
          "calorific": Words("电力按当量值", "electricity by calorific value")}  # fmt: skip
_PARTS = {
    "index": Words("综合指数", "the index"),
    "air_good_day_rate": Words("空气优良率", "share of good days"),
    "source_volume_compliance": Words("水源地水量达标率", "compliant share of drinking water"),
    "functional_zone_compliance": Words("功能区水质达标率", "compliance of water zones"),
    "noise_compliant_area": Words("噪声达标区覆盖率", "area within noise limits"),
}
_TCE = Words("吨标准煤/万元", "tce per 10 000 yuan")

Rows = list[dict[str, Any]]


def page(night: Night) -> Page:
    """`energy.html`."""
    sections = [_intensity(night), _fuels(night), _users(night), _emissions(night), _index(night)]
    return Page("energy.html", Words("能源与排放", "Energy and emissions"), sections=sections)


def _meant(night: Night) -> dict[str, Any]:
    """The definition of intensity that the plan means: scope, basis, prices, base year."""
    (found,) = night.rows("FROM standard.energy_definition WHERE headline LIMIT 1")
    return found


def _prices(base: str) -> Words:
    return Words("现价", "current prices") if base == "current" else Words(f"{base}年价格", f"prices of {base}")


def _asked(night: Night, code: str) -> Rows:
    """What the plan asks of a reduction in each year, as points of a course."""
    rows = [row for row in night.statuses.get(code, []) if row["headline"]]
    asked = [{"year": row["year"], "series": charts.ASKED, "value": row["required"]} for row in rows]
    ends = [row for row in rows if row["target_year"] == row["year"]]
    asked += [{"year": row["year"], "series": charts.TARGET, "value": row["target"]} for row in ends]
    return [row for row in asked if row["value"] is not None]


def _intensity(night: Night) -> Section:
    found = night.rows(
        "FROM mart.energy_per_10k_gdp WHERE region_code = ? "
        "ORDER BY year, consumption_scope DESC, electricity_basis DESC, price_base",
        night.region,
    )
    meant = _meant(night)
    own = [row for row in found if all(row[name] == meant[name] for name in _IDENTIFYING)]
    drawn = []
    points = [
        {"year": row["year"], "series": charts.VALUE, "value": row["reduction_pct"]}
        for row in own
        if row["reduction_pct"] is not None
    ]
    if points:
        points = sorted(points + _asked(night, _ENERGY), key=lambda row: row["year"])
        drawn.append(
            Chart(
                charts.course(points, Words("累计降幅（%）", "Reduction on the base year (%)")),
                Words(
                    f"万元GDP能耗比{meant['base_year']}年的累计降幅与要求的路径。",
                    f"Reduction of energy per 10 000 yuan of GDP on {meant['base_year']}, and the path that is asked.",
                ),
            )
        )
    steps = _steps([row for row in own if row["tce_per_10k_yuan"] is not None and row["year"] <= night.card.year])
    if steps:
        alt = Words(
            "万元GDP能耗由基年到报告年逐年的变化（吨标准煤/万元）。",
            "Energy per 10 000 yuan of GDP from the base year to the reporting year, step by step (tce).",
        )
        drawn.append(Chart(charts.waterfall(steps, _TCE), alt))
    rows = [
        [
            Cell(str(row["year"]), row["year"]),
            said(*_SCOPES[row["consumption_scope"]]),
            said(*_BASES[row["electricity_basis"]]),
            said(*_prices(row["price_base"])),
            figure(row["energy_tce"], Words("吨标准煤", "tce"), origin_badge(row)),
            figure(row["gdp_10k_yuan"], Words("万元", "10 000 yuan")),
            figure(row["tce_per_10k_yuan"]),
            figure(row["change_pct"], "%"),
            figure(row["reduction_pct"], "%"),
            yes_no(row["complete"]),
        ]
        for row in found
    ]
    names = columns(
        ("年份", "Year"),
        ("范围", "Scope"),
        ("电力折算", "Electricity"),
        ("价格", "Prices"),
        ("能源消费量", "Energy", True),
        ("地区生产总值", "GDP", True),
        ("万元GDP能耗（吨标准煤）", "tce per 10 000 yuan", True),
        ("比上年", "On the year before", True),
        ("累计降幅", "Reduction", True),
        ("完整", "Complete"),
    )
    empty = Words(
        "没有本市的能耗数据。请把能源消费放入收件夹 energy_use，地区生产总值放入 economic_accounts。",
        "No energy data of the city. Put consumption into the inbox folder energy_use, GDP into economic_accounts.",
    )
    note = Words(
        f"规划所指口径：{_SCOPES[meant['consumption_scope']].zh}，{_BASES[meant['electricity_basis']].zh}，"
        f"{_prices(meant['price_base']).zh}，基年{meant['base_year']}年。",
        f"The plan means {_SCOPES[meant['consumption_scope']].en}, {_BASES[meant['electricity_basis']].en}, "
        f"{_prices(meant['price_base']).en}, base year {meant['base_year']}.",
    )
    return Section(
        "intensity",
        Words("万元GDP能耗", "Energy per 10 000 yuan of GDP"),
        [note],
        charts=drawn,
        grids=[Grid(Words("各口径历年值", "Every basis, by year"), names, rows, empty)],
    )


_IDENTIFYING = ("consumption_scope", "electricity_basis", "price_base")


def _steps(rows: Rows) -> Rows:
    """The first year's intensity, each year's change, the last year's intensity."""
    if len(rows) < 2:
        return []
    first, last = rows[0], rows[-1]

    def whole(row: dict[str, Any]) -> dict[str, Any]:
        value = row["tce_per_10k_yuan"]
        return {"name": Words(f"{row['year']}年", str(row["year"])), "start": 0, "end": value, "text": digits(value)}

    changes = [
        {
            "name": Words(f"{after['year']}年变化", f"change in {after['year']}"),
            "start": before["tce_per_10k_yuan"],
            "end": after["tce_per_10k_yuan"],
            "text": f"{after['tce_per_10k_yuan'] - before['tce_per_10k_yuan']:+.4f}",
        }
        for before, after in pairwise(rows)
    ]
    return [whole(first), *changes, whole(last)]


def _fuels(night: Night) -> Section:
    """Fuels of the latest year, on the basis that the plan means."""
    meant = _meant(night)
    found = night.rows(
        "SELECT * FROM mart.energy_by_fuel WHERE region_code = ? AND year <= ? AND consumption_scope = ? "
        "AND electricity_basis = ? QUALIFY year = max(year) OVER () ORDER BY energy_tce DESC",
        night.region,
        night.card.year,
        meant["consumption_scope"],
        meant["electricity_basis"],
    )
    split = [row for row in found if not row["fuel"].startswith("total_energy")]
    rows = [
        [
            said(*word(_FUELS, row["fuel"])),
            Cell(str(row["year"]), row["year"]),
            figure(row["energy_tce"], Words("吨标准煤", "tce"), origin_badge(row)),
            text(row["factor_set"]),
            said(*origin_words(row["origin"])),
        ]
        for row in found
    ]
    drawn = []
    if split:
        bars = [
            {
                "name": word(_FUELS, row["fuel"]),
                "value": float(row["energy_tce"]),
                "text": digits(float(row["energy_tce"])),
            }
            for row in split
        ]
        alt = Words(f"{split[0]['year']}年各能源品种消费量。", f"Consumption by fuel in {split[0]['year']}.")
        drawn = [Chart(charts.bars(bars, Words("吨标准煤", "tce")), alt)]
    send = Words(
        "本市只有能源消费总量，没有分品种数据。要显示品种构成，请把能源平衡表（分品种实物量）放入收件夹 energy_use。",
        "Only totals of the city are known. For fuels, put its energy balance with physical quantities into the inbox "
        "folder energy_use.",
    )
    names = columns(
        ("能源品种", "Fuel"),
        ("年份", "Year"),
        ("消费量", "Consumption", True),
        ("折标系数", "Factors"),
        ("数据性质", "Origin"),
    )
    return Section(
        "fuels",
        Words("能源品种", "Fuels"),
        [] if split else [send],
        charts=drawn,
        grids=[Grid(Words("分品种消费量", "Consumption by fuel"), names, rows, send)],
    )


def _users(night: Night) -> Section:
    rows = [
        [
            Cell(str(row["year"]), row["year"]),
            text(row["consumer"]),
            figure(row["energy_tce"], Words("吨标准煤", "tce"), origin_badge(row)),
            figure(row["threshold_tce"], Words("吨标准煤", "tce")),
            figure(row["place"]),
        ]
        for row in night.rows(
            "FROM mart.key_energy_user WHERE region_code = ? ORDER BY year DESC, rule, place", night.region
        )
    ]
    names = columns(
        ("年份", "Year"),
        ("单位", "User"),
        ("综合能耗", "Energy", True),
        ("门槛", "Threshold", True),
        ("名次", "Place", True),
    )
    empty = Words(
        "没有重点用能单位数据。请把分单位能耗放入收件夹 energy_use。",
        "No key users. Put consumption by user into the inbox folder energy_use.",
    )
    return Section(
        "users",
        Words("重点用能单位", "Key users of energy"),
        grids=[Grid(Words("重点用能单位", "Key users by year"), names, rows, empty)],
    )


def _emissions(night: Night) -> Section:
    found = night.rows(
        "FROM mart.emission_reduction WHERE region_code = ? ORDER BY year, pollutant, scope", night.region
    )
    latest = max((row["year"] for row in found), default=None)
    scopes = {row["scope"] for row in found if row["year"] == latest}
    shown = [row for row in found if row["scope"] in scopes and row["reduction_pct"] is not None]
    series = list(dict.fromkeys(word(_NAMES, row["pollutant"]) for row in shown))
    drawn = []
    if shown and len(scopes) == 1:
        points = [
            {
                "year": row["year"],
                "series": word(_NAMES, row["pollutant"]),
                "value": row["reduction_pct"],
            }
            for row in shown
        ]
        points = sorted(points + _asked(night, _POLLUTANTS), key=lambda row: row["year"])
        drawn = [
            Chart(
                charts.course(points, Words("累计削减（%）", "Reduction (%)"), 300, charts.palette(series)),
                Words(
                    "各主要污染物比基年的累计削减与要求；最小的一项决定是否达标。",
                    "Reduction of each pollutant on the base year and what is asked; the smallest one decides.",
                ),
            )
        ]
    rows = [
        [
            Cell(str(row["year"]), row["year"]),
            said(*word(_NAMES, row["pollutant"])),
            text(row["census"] or row["scope"]),
            figure(row["tonnes"], Words("吨", "t"), origin_badge(row)),
            figure(row["base_tonnes"], Words("吨", "t")),
            figure(row["reduction_pct"], "%"),
            yes_no(row["complete"]),
        ]
        for row in found
    ]
    names = columns(
        ("年份", "Year"),
        ("污染物", "Pollutant"),
        ("统计口径", "Scope"),
        ("排放量", "Emission", True),
        ("基年排放量", "Base year", True),
        ("累计削减", "Reduction", True),
        ("完整", "Complete"),
    )
    empty = Words(
        "没有本市的排放数据。请把各污染物年排放量放入收件夹 emissions。",
        "No emissions of the city. Put the yearly amounts into the inbox folder emissions.",
    )
    return Section(
        "emissions",
        Words("主要污染物", "Main pollutants"),
        charts=drawn,
        grids=[Grid(Words("排放量与削减", "Emissions and reductions"), names, rows, empty)],
    )


def _index(night: Night) -> Section:
    """The composite index of the environment: its parts in the reporting year."""
    found = night.rows(
        "FROM mart.environment_index WHERE region_code = ? AND year = ? "
        "ORDER BY definition, component = 'index', component",
        night.region,
        night.card.year,
    )
    definitions = {
        row["definition"]: Words(row["name_zh"], row["name_en"])
        for row in night.rows("FROM standard.environment_index_definition")
    }
    rows = [
        [
            said(*word(definitions, row["definition"])),
            said(*word(_PARTS, row["component"])),
            figure(row["weight"]),
            figure(row["value"], "", origin_badge(row)),
            figure(row["contribution"]),
            text(row["basis"]),
        ]
        for row in found
    ]
    names = columns(
        ("口径", "Definition"),
        ("分项", "Part"),
        ("权重", "Weight", True),
        ("值", "Value", True),
        ("贡献", "Contribution", True),
        ("依据", "Rests on"),
    )
    empty = Words("报告年份没有可用的分项。", "No part of the index is known for the reporting year.")
    note = Words("口径为建议，文件没有给出定义。", "The definitions are proposed; the plan gives none.")
    return Section(
        "index",
        Words("环境质量综合指数", "Composite index of the environment"),
        [note],
        grids=[Grid(Words(f"{night.card.year}年分项", f"Parts in {night.card.year}"), names, rows, empty)],
    )
