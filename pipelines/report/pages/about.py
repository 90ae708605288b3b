"""About: which plan, which standards, which readings of the text, which night and what it took in.

Belongs here: where the numbers come from. Does not belong here: whether the files were sound (`quality`).
"""

from __future__ import annotations

from pipelines.report.night import Night
from pipelines.report.parts import Cell, Grid, Page, Section, Words, columns, said, text


def page(night: Night) -> Page:
    """`about.html`."""
    intro = Words(
        "本报告由每夜计算自动生成，所有数字取自同一夜的数据库，与之逐位一致（最多显示四位小数）。",
        "This report is made by the nightly run; every number is the one of the night's database, shown to at most "
        "four decimals.",
    )
    return Page(
        "about.html",
        Words("关于本报告", "About this report"),
        sections=[_plan(night), _night(night), _standards(night), _readings(night), _inputs(night), _words(night)],
        intro=[intro],
    )


def _plan(night: Night) -> Section:
    plan = night.plan
    rows = [
        [said("文件", "Document"), said(*night.title)],
        [said("文号", "Number"), text(plan["document"])],
        [said("页眉日期", "Date in the header"), text(plan["date_in_header"])],
        [said("落款日期", "Date of signature"), text(plan["date_of_signature"])],
        [said("效力", "Status"), said(plan["status_zh"] or "–", plan["status_en"] or "–")],
        [said("地区", "Region"), said(f"{night.city.zh}（{night.region}）", f"{night.city.en} ({night.region})")],
        [said("年份", "Years"), text(f"{plan['first_year']}–{plan['last_year']}")],
        [said("条目数", "Statements"), text(len(night.indicators))],
    ]
    return Section("plan", Words("规划", "The plan"), grids=[_facts(Words("规划文件", "The plan document"), rows)])


def _night(night: Night) -> Section:
    rows = [
        [said("夜次", "Night"), text(night.night_id)],
        [said("发布时间（北京时间）", "Published at (Beijing time)"), text(f"{night.published_at:%Y-%m-%d %H:%M}")],
        [said("判定日期", "Judged on"), text(night.as_of)],
        [said("报告年份", "Reporting year"), text(night.card.year)],
        *([text(name), text(version)] for name, version in sorted(night.versions.items())),
    ]
    return Section(
        "night",
        Words("夜次与软件版本", "The night and the software"),
        grids=[_facts(Words("夜次与版本", "Night and versions"), rows)],
    )


def _standards(night: Night) -> Section:
    air = night.rows(
        "SELECT document, name_zh, name_en, valid_from, valid_to FROM standard.air_standard "
        "ORDER BY valid_from, standard"
    )
    rows = [
        [said(row["name_zh"], row["name_en"]), text(row["document"]), text(row["valid_from"]), text(row["valid_to"])]
        for row in air
    ]
    names = columns(("标准", "Standard"), ("文件号", "Document"), ("起", "From"), ("止", "Until"))
    prints = night.rows("SELECT name, fingerprint FROM meta.fingerprint WHERE name LIKE 'standard.%' ORDER BY name")
    kept = [[text(row["name"]), Cell(row["fingerprint"][:16])] for row in prints]
    note = Words(
        "每一限值、系数、权重都是带条款和日期的数据，可用 quality-city dictionary 和 quality-city sql 查看。"
        "指纹变了，就是标准数据变了。",
        "Every limit, factor and weight is dated data with its clause; quality-city dictionary and quality-city sql "
        "show it. A changed fingerprint means that the standard's data changed.",
    )
    return Section(
        "standards",
        Words("标准与版本", "Standards and versions"),
        [note],
        grids=[
            Grid(Words("空气质量标准", "Standards of air quality"), names, rows),
            Grid(
                Words("全部标准表的指纹", "Fingerprints of all tables of standards"),
                columns(("表", "Table"), ("指纹（前16位）", "Fingerprint (first 16)")),
                kept,
            ),
        ],
    )


def _readings(night: Night) -> Section:
    rows = [
        [Cell(str(row["number"]), row["number"]), text(row["question"]), text(row["choice"]), text(row["indicators"])]
        for row in night.rows("FROM mart.plan_reading WHERE plan = ? ORDER BY number", night.card.plan)
    ]
    names = columns(
        ("序号", "No.", True),
        ("文件未明之处", "What the text leaves open"),
        ("选定的解读", "Reading chosen"),
        ("涉及指标", "Indicators"),
    )
    note = Words(
        "文件有歧义处的解读，原文为英文记录；改变解读须改规划文件并留痕。",
        "How open points of the text are read; a change is a change of the plan's file and is recorded.",
    )
    return Section(
        "readings",
        Words("已定解读", "Settled readings"),
        [note],
        grids=[
            Grid(Words("解读", "Readings"), names, rows, Words("本规划没有待定解读。", "The plan leaves nothing open."))
        ],
    )


def _inputs(night: Night) -> Section:
    loaded = night.inputs.get("loaded", [])
    refused = night.inputs.get("not_loaded", [])
    rows = [[text(name), said("入库", "loaded")] for name in loaded] + [
        [text(name), said("未入库", "not loaded", look="s-missed")] for name in refused
    ]
    return Section(
        "inputs",
        Words("本夜输入", "Files of the night"),
        grids=[
            Grid(
                Words("本夜读取的文件", "Files read this night"),
                columns(("文件", "File"), ("结果", "Outcome")),
                rows,
                Words("本夜没有新文件。", "No new file this night."),
            )
        ],
    )


def _words(night: Night) -> Section:
    rows = [
        [night.status(row["code"]), said(row["meaning_zh"], row["meaning_en"])]
        for row in night.rows("FROM meta.status ORDER BY position")
    ]
    return Section(
        "words",
        Words("状态词", "Words of status"),
        grids=[
            Grid(
                Words("状态及其含义", "Statuses and what they mean"),
                columns(("状态", "Status"), ("含义", "Meaning")),
                rows,
            )
        ],
    )


def _facts(caption: Words, rows: list[list[Cell]]) -> Grid:
    return Grid(caption, columns(("项目", "What"), ("内容", "Words")), rows)
