"""What analysts ask first, as views; and functions for their own queries.

Belongs here: those, over the published tables. Does not belong here: any number but counts, shares and
differences of what the tables hold already.
"""

from __future__ import annotations

from sources.registry import MART_ORIGIN, Table, boolean, date, double, integer, text
from warehouse.views import Macro, View

_PLAN = text("plan", "规划", "plan")
_REGION = text("region_code", "行政区划代码", "region")
_YEAR = integer("year", "年份", "calendar year")
_CODE = text("indicator", "指标代码", "code of the indicator")
_ZH, _EN = text("zh", "指标名称", "name in Chinese"), text("en", "英文名称", "name in English")
_VALUE, _UNIT = double("value", "数值", "value in `unit`"), text("unit", "单位", "unit of the value")
_STATUS = text("status", "状态", "status word of meta.status")
_LOW = double("ci_low", "置信下限", "lower end of the 95 % interval", unit="%")
_HIGH = double("ci_high", "置信上限", "upper end of the 95 % interval", unit="%")

#: Verdicts of the plans' own regions by the definition that the plan means, with names.
_VERDICTS = (
    "mart.indicator_status s JOIN mart.indicator i ON i.plan = s.plan AND i.code = s.indicator "
    "AND i.region_code = s.region_code AND s.headline"
)

VIEWS: tuple[View, ...] = (
    View(
        Table(
            "mart.ask_scorecard",
            "承诺是否兑现",
            "Which promises are kept: every verdict by year",
            (
                _PLAN, _REGION, _YEAR, integer("number", "序号", "number in the order of the text"), _CODE, _ZH, _EN,
                text("chapter_zh", "章节", "chapter"), _VALUE,
                double("required", "当年要求", "asked this year, in `unit`"),
                _UNIT, _STATUS, text("status_zh", "状态名", "status in Chinese"),
                text("reason_zh", "理由", "why, in Chinese"),
                text("reason", "理由（英文）", "why"), MART_ORIGIN,
            ),
            ("plan", "indicator", "year"),
        ),
        f"SELECT s.*, i.number, i.zh, i.en, i.chapter_zh, w.zh AS status_zh FROM {_VERDICTS} "
        "JOIN meta.status w ON w.code = s.status",
    ),
    View(
        Table(
            "mart.ask_behind",
            "谁负责落后指标",
            "What is behind, and who answers for it",
            (
                _PLAN, _REGION, _YEAR, _CODE, _ZH, _EN, _STATUS,
                double("gap", "差距", "value less what it is held against, in `unit`"), _UNIT,
                double("pace_needed", "所需年速", "change a year that still reaches the target, in `unit`"),
                text("responsible_body_zh", "责任单位", "who answers for it"),
                text("responsible_body_en", "责任单位（英文）", "who answers for it"),
            ),
            ("plan", "indicator", "year"),
        ),
        f"SELECT s.*, i.zh, i.en, i.responsible_body_zh, i.responsible_body_en FROM {_VERDICTS} "
        "WHERE s.status IN ('behind', 'missed', 'slipped')",
    ),
    View(
        Table(
            "mart.ask_trend",
            "指标走势",
            "How an indicator moves: value and change from the year before",
            (
                _PLAN, _CODE, _ZH, _EN, _REGION, _YEAR, _VALUE, _UNIT,
                double("change", "比上年", "change from the year before, in `unit`; empty without one"),
                boolean("complete", "完整", "whether the data are complete"), MART_ORIGIN,
            ),
            ("plan", "indicator", "region_code", "year"),
        ),
        "SELECT v.*, i.zh, i.en, CASE WHEN lag(v.year) OVER moved = v.year - 1 "
        "THEN v.value - lag(v.value) OVER moved END AS change FROM mart.indicator_value v "
        "JOIN mart.indicator i ON i.plan = v.plan AND i.code = v.indicator WHERE v.headline "
        "WINDOW moved AS (PARTITION BY v.plan, v.indicator, v.region_code, v.definition ORDER BY v.year)",
    ),
    View(
        Table(
            "mart.ask_air_month",
            "每月优良天数",
            "Good days of each month, by the index in force",
            (
                _REGION, date("month", "月份", "first day of the month"),
                text("standard", "标准", "index that was in force"),
                integer("good_days", "优良天数", "good days"), integer("valid_days", "有效天数", "days with an index"),
                double("good_day_rate", "优良率", "good of valid days", unit="%"),
                double("worst_aqi", "最高指数", "highest index of the month", unit="AQI"), MART_ORIGIN,
            ),
            ("region_code", "month", "standard"),
        ),
        "SELECT region_code, CAST(date_trunc('month', day) AS DATE) AS month, standard, "
        "count(*) FILTER (WHERE good) AS good_days, count(*) FILTER (WHERE valid) AS valid_days, "
        "100.0 * count(*) FILTER (WHERE good) / nullif(count(*) FILTER (WHERE valid), 0) AS good_day_rate, "
        "max(aqi) AS worst_aqi, CASE WHEN min(origin) = max(origin) THEN min(origin) ELSE 'mixed' END AS origin "
        "FROM mart.air_city_day WHERE in_force GROUP BY ALL",
    ),
    View(
        Table(
            "mart.ask_primary_pollutant",
            "首要污染物天数",
            "Which pollutant spoils the air: days on which it was primary",
            (
                _REGION, _YEAR, text("standard", "标准", "index that was in force"),
                text("pollutant", "污染物", "primary pollutant"),
                integer("days", "天数", "days on which it was primary"),
                integer("bad_days", "超标天数", "of these, days that were not good"),
            ),
            ("region_code", "year", "standard", "pollutant"),
        ),
        "SELECT region_code, year(day) AS year, standard, pollutant, count(*) AS days, "
        "count(*) FILTER (WHERE NOT good) AS bad_days FROM (SELECT *, "
        "unnest(string_split(primary_pollutants, ',')) AS pollutant FROM mart.air_city_day "
        "WHERE in_force AND primary_pollutants <> '') GROUP BY ALL",
    ),
    View(
        Table(
            "mart.ask_water_failing",
            "未达标断面",
            "Which sections miss their class, how often, and by which items",
            (
                text("series", "序列", "publication"), text("station_code", "断面编码", "section"), _YEAR,
                integer("required_class", "目标类别", "class that is asked of the section"),
                integer("months", "月数", "months with a verdict"),
                integer("failing_months", "未达标月数", "months that miss the class"),
                integer("worst_class", "最差类别", "worst class of these months"),
                text("deciding_parameters", "定类指标", "items that decided the class in these months"),
            ),
            ("series", "station_code", "year", "required_class"),
        ),
        "SELECT series, station_code, year(month) AS year, required_class, count(*) AS months, "
        "count(*) FILTER (WHERE NOT compliant) AS failing_months, max(class) FILTER (WHERE NOT "
        "compliant) AS worst_class, "
        "array_to_string(list_sort(list_distinct(flatten(list(string_split(deciding_parameters, ',')) "
        "FILTER (WHERE NOT compliant)))), ', ') AS deciding_parameters FROM mart.water_station_month "
        "WHERE compliant IS NOT NULL GROUP BY ALL HAVING count(*) FILTER (WHERE NOT compliant) > 0",
    ),
    View(
        Table(
            "mart.ask_pass_rate",
            "合格率是否显著变化",
            "Whether a pass rate changed by more than chance: whole years, with the interval of each",
            (
                text("series", "序列", "publication"), _REGION, text("programme", "计划", "programme of inspection"),
                text("category", "类别", "product category"), text("counted", "计数单位", "what is counted"), _YEAR,
                integer("inspected", "抽检数", "units inspected"),
                double("rate", "合格率", "passed of inspected", unit="%"),
                _LOW, _HIGH, double("rate_before", "上年合格率", "rate of the year before", unit="%"),
                boolean("beyond_chance", "显著变化", "whether the intervals lie apart; empty without the year before"),
            ),
            ("series", "region_code", "programme", "category", "counted", "year"),
        ),
        "SELECT *, first_value(rate) OVER moved AS rate_before, ci_low > first_value(ci_high) OVER moved "
        "OR ci_high < first_value(ci_low) OVER moved AS beyond_chance FROM mart.pass_rate "
        "WHERE period = CAST(year AS VARCHAR) WINDOW moved AS (PARTITION BY series, region_code, programme, category, "
        "counted, counts_from ORDER BY year RANGE BETWEEN 1 PRECEDING AND 1 PRECEDING)",
    ),
    View(
        Table(
            "mart.ask_energy",
            "万元GDP能耗下降",
            "Energy per 10 000 yuan of GDP as the plan means it: level, change and fall since the base year",
            (
                _REGION, _YEAR, double("tce_per_10k_yuan", "万元GDP能耗", "energy per GDP", unit="tce/10^4 yuan"),
                double("change_pct", "比上年", "change from the year before", unit="%"),
                double("reduction_pct", "比基年下降", "fall since the base year", unit="%"),
                boolean("complete", "完整", "whether the data are complete"), MART_ORIGIN,
            ),
            ("region_code", "year"),
        ),
        "SELECT e.* FROM mart.energy_per_10k_gdp e JOIN standard.energy_definition d USING (consumption_scope, "
        "electricity_basis, price_base) WHERE d.headline",
    ),
    View(
        Table(
            "meta.ask_files",
            "文件与记录归宿",
            "What came in and what became of it, by feed and publication",
            (
                text("feed", "数据流", "inbox folder"), text("series", "序列", "publication"),
                text("state", "状态", "what became of the files"), integer("files", "文件数", "files"),
                integer("rows_read", "读取", "records read"),
                integer("rows_accepted", "接受", "records that are a version"),
                integer("rows_quarantined", "隔离", "records refused"),
                integer("rows_duplicate", "重复", "records repeated"),
                integer("rows_set_aside", "搁置", "rows that are no fact"),
                date("latest", "最近发布", "latest publication"),
            ),
            ("feed", "series", "state"),
        ),
        "SELECT feed, series, state, count(*) AS files, sum(rows_read) AS rows_read, "
        "sum(rows_accepted) AS rows_accepted, "
        "sum(rows_quarantined) AS rows_quarantined, sum(rows_duplicate) AS rows_duplicate, "
        "sum(rows_set_aside) AS rows_set_aside, CAST(max(published_at) AS DATE) AS latest FROM "
        "meta.source_file GROUP BY ALL",
    ),
    View(
        Table(
            "meta.ask_missing",
            "缺什么数据",
            "Which promises have no verdict for want of data, and which inbox folder would change it",
            (
                _PLAN, _REGION, _YEAR, _CODE, _ZH, _EN, _STATUS,
                text("inbox_folders", "收件夹", "folders that carry its data"),
                text("reason_zh", "理由", "what is missing, in Chinese"),
                text("reason", "理由（英文）", "what is missing"),
            ),
            ("plan", "indicator", "year"),
        ),
        f"SELECT s.*, i.zh, i.en, i.inbox_folders FROM {_VERDICTS} WHERE s.status IN ('no_data', 'insufficient_data')",
    ),
)  # fmt: skip

#: Inner names begin with an underscore: an argument such as `class` or `n` must not be caught by a column inside.
MACROS: tuple[Macro, ...] = (
    Macro(
        "mart.aqi_category",
        "aqi_value, of_standard := 'hj633_2012'",
        "SELECT any_value(_zh || ' ' || _en) FROM (SELECT standard AS _standard, index_low AS _low, "
        "index_high AS _high, name_zh AS _zh, name_en AS _en FROM standard.air_category) WHERE _standard = of_standard "
        "AND _low <= aqi_value AND (_high IS NULL OR aqi_value <= _high)",
        "空气质量指数级别",
        "category of an air quality index, by HJ 633-2012 or another standard of standard.air_category",
    ),
    Macro(
        "mart.water_class_name",
        "class_number",
        'SELECT any_value(_name) FROM (SELECT "class" AS _class, name AS _name FROM standard.water_class) '
        "WHERE _class = class_number",
        "水质类别名称",
        "name of a water class: 1 = Ⅰ … 6 = 劣Ⅴ (GB 3838-2002)",
    ),
    Macro(
        "mart.wilson_interval",
        "passed_count, inspected_count",
        "SELECT CASE WHEN _n > 0 THEN {'low': 100 * greatest(0, _centre - _spread), "
        "'high': 100 * least(1, _centre + _spread)} END FROM (SELECT _n, "
        "(_p + _z * _z / (2 * _n)) / (1 + _z * _z / _n) AS _centre, "
        "_z / (1 + _z * _z / _n) * sqrt(_p * (1 - _p) / _n + _z * _z / (4 * _n * _n)) AS _spread FROM ("
        "SELECT _z, CAST(inspected_count AS DOUBLE) AS _n, CAST(passed_count AS DOUBLE) / inspected_count AS _p "
        "FROM (SELECT z AS _z FROM standard.interval WHERE method = 'wilson95')))",
        "威尔逊置信区间",
        "95 % interval of a share, in per cent (Wilson 1927), as {low, high}",
    ),
    Macro(
        "mart.indicator_status_as_said_at",
        "moment",
        "SELECT * FROM mart.indicator_status_history WHERE said_from <= moment "
        "AND (said_until IS NULL OR said_until > moment)",
        "某时刻的判定",
        "values and verdicts as they were said at a moment",
        rows=True,
    ),
)
