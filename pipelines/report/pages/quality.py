"""Data quality: what came in, what was refused and why, what is late, and what the checks found.

Belongs here: what the page shows. Does not belong here: the rules (`checks`), mending (`docs/quarantine.md`).
"""

from __future__ import annotations

from pipelines.report import charts
from pipelines.report.night import Night, origin_words
from pipelines.report.parts import Cell, Chart, Grid, Page, Section, Words, columns, figure, named, said, text, word
from sources.feeds import FEEDS
from warehouse.meta import DRIFT, SOURCE_FILE, VALIDATION_RESULT

_FEEDS = {feed.name: Words(f"{feed.zh} {feed.name}", f"{feed.en} ({feed.name})") for feed in FEEDS.values()}
_FATES = (
    ("rows_accepted", Words("接受", "accepted"), "#17663a"),
    ("rows_duplicate", Words("重复", "duplicate"), "#a8d3f0"),
    ("rows_set_aside", Words("搁置", "set aside"), "#d5d9de"),
    ("rows_quarantined", Words("隔离", "quarantined"), "#a3201a"),
)

_ALL_HOLD = Words("所有规则都符合。", "Every rule holds.")


def page(night: Night) -> Page:
    """`quality.html`."""
    return Page(
        "quality.html",
        Words("数据质量", "Data quality"),
        sections=[_files(night), _refused(night), _late(night), _drift(night), _rules(night)],
        intro=[
            Words(
                "每条记录只有一个去向：接受、重复、搁置（不是本数据流的事实）或隔离；每个文件四者之和必等于读取数。",
                "Every record has one fate: accepted, duplicate, set aside (no fact of the feed) or quarantined; for "
                "each file the four add up to what was read.",
            )
        ],
    )


def _feed(name: str) -> Cell:
    return said(*word(_FEEDS, name))


def _files(night: Night) -> Section:
    found = night.rows("FROM meta.source_file ORDER BY feed, name")
    states = named(SOURCE_FILE.column("state").codes)
    fates = night.rows(
        "SELECT feed, "
        + ", ".join(f"sum({name})::BIGINT AS {name}" for name, *_ in _FATES)
        + ", sum(rows_read)::BIGINT "
        "AS rows_read, count(*) AS files FROM meta.source_file WHERE state = 'loaded' GROUP BY feed ORDER BY feed"
    )
    bars = [
        {"at": word(_FEEDS, row["feed"]), "part": words, "count": row[name]}
        for row in fates
        for name, words, _ in _FATES
        if row[name]
    ]
    drawn = []
    if bars:
        alt = Words("各数据流已入库文件的记录去向。", "What became of the records of loaded files, by feed.")
        parts = [(words, colour) for _, words, colour in _FATES]
        drawn = [Chart(charts.lying(bars, Words("记录数", "Records"), parts), alt)]
    sums = [
        [
            _feed(row["feed"]),
            figure(row["files"]),
            figure(row["rows_read"]),
            *(figure(row[name]) for name, *_ in _FATES),
        ]
        for row in fates
    ]
    summed = columns(
        ("数据流", "Feed"),
        ("文件", "Files", True),
        ("读取", "Read", True),
        *((words.zh, words.en, True) for _, words, _ in _FATES),
    )
    rows = [
        [
            _feed(row["feed"]),
            text(row["name"]),
            text(row["series"]),
            said(*word(states, row["state"]), look="" if row["state"] == "loaded" else "s-missed"),
            said("本夜", "tonight") if row["night_id"] == night.night_id else text(f"{row['loaded_at']:%Y-%m-%d}"),
            figure(row["rows_read"]),
            *(figure(row[name]) for name, *_ in _FATES),
            said(*origin_words(row["origin"])),
            text(row["reason"]),
        ]
        for row in found
    ]
    names = columns(
        ("数据流", "Feed"),
        ("文件", "File"),
        ("发布序列", "Publication"),
        ("状态", "State"),
        ("读取时间", "When"),
        ("读取", "Read", True),
        *((words.zh, words.en, True) for _, words, _ in _FATES),
        ("数据性质", "Origin"),
        ("原因", "Reason"),
    )
    empty = Words(
        "还没有文件。请按 docs/where-files-go.md 放入收件夹。",
        "No file yet: docs/where-files-go.md says where they go.",
    )
    return Section(
        "files",
        Words("文件", "Files"),
        charts=drawn,
        grids=[
            Grid(Words("各数据流的记录去向", "Fates by feed"), summed, sums, empty),
            Grid(Words("全部文件", "All files"), names, rows, empty),
        ],
    )


def _refused(night: Night) -> Section:
    """Refused records by rule, over all feeds."""
    rows = []
    for feed in FEEDS:
        for row in night.rows(
            f"SELECT rule, count(*) AS refused, count(replayed_by) AS mended, count(DISTINCT source_file_id) AS files, "
            f"min(reason) AS example FROM quarantine.{feed} GROUP BY rule ORDER BY refused DESC, rule"
        ):
            cells = [figure(row["refused"]), figure(row["mended"]), figure(row["files"]), text(row["example"])]
            rows.append([_feed(feed), text(row["rule"]), *cells])
    names = columns(
        ("数据流", "Feed"),
        ("规则", "Rule"),
        ("被拒记录", "Refused", True),
        ("已修复", "Mended", True),
        ("文件", "Files", True),
        ("例：原因", "A reason, as an example"),
    )
    empty = Words("没有被拒的记录。", "No record was refused.")
    note = Words(
        "修复：quality-city quarantine export 导出工作簿，改好后 quality-city quarantine replay。",
        "To mend them: quality-city quarantine export makes a workbook, quality-city quarantine replay loads it.",
    )
    return Section(
        "refused",
        Words("被拒记录", "Refused records"),
        [note],
        grids=[Grid(Words("按规则", "By rule"), names, rows, empty)],
    )


def _late(night: Night) -> Section:
    rows = [
        [text(row["indicator"]), Cell(f"{row['opened_at']:%Y-%m-%d}"), said(row["message_zh"], row["message"])]
        for row in night.rows(
            "FROM mart.alert WHERE rule = 'late_series' AND resolved_at IS NULL ORDER BY opened_at, indicator"
        )
    ]
    names = columns(("序列", "Series"), ("自", "Since"), ("说明", "What is late"))
    empty = Words("没有迟报的序列。", "No series is late.")
    return Section(
        "late",
        Words("迟报", "Late series"),
        grids=[Grid(Words("迟报的序列", "Series that are late"), names, rows, empty)],
    )


def _drift(night: Night) -> Section:
    kinds = named(DRIFT.column("kind").codes)
    rows = [
        [
            _feed(row["feed"]),
            text(row["name"]),
            said(*word(kinds, row["kind"])),
            text(" ".join(part for part in (row["item"], row["column"]) if part)),
            text(row["found"]),
            text(row["usual"]),
        ]
        for row in night.rows(
            "SELECT d.*, f.feed, f.name FROM meta.drift d JOIN meta.source_file f USING (source_file_id) "
            "WHERE d.night_id = ? ORDER BY f.feed, f.name, d.kind, d.item",
            night.night_id,
        )
    ]
    names = columns(
        ("数据流", "Feed"),
        ("文件", "File"),
        ("变化", "What differs"),
        ("项目", "Item"),
        ("本次", "This file"),
        ("以往", "Earlier files"),
    )
    empty = Words("本夜文件与以往没有明显不同。", "The night's files are like those before.")
    return Section(
        "drift",
        Words("与以往不同", "Unlike before"),
        grids=[Grid(Words("本夜的漂移警告", "Drift found this night"), names, rows, empty)],
    )


def _rules(night: Night) -> Section:
    """The latest result of each rule, those that failed or could not run first."""
    found = night.rows(
        "FROM meta.validation_result "
        "QUALIFY row_number() OVER (PARTITION BY feed, expectation ORDER BY night_id DESC) = 1 "
        "ORDER BY coalesce(success, false), feed, expectation"
    )
    severities = named(VALIDATION_RESULT.column("severity").codes)
    rows = [
        [
            _outcome(row["success"]),
            _feed(row["feed"]),
            text(row["statement"]),
            figure(row["unexpected"]),
            figure(row["evaluated"]),
            said(*word(severities, row["severity"])),
            text(row["expectation"]),
            text(row["error"]),
        ]
        for row in found
    ]
    names = columns(
        ("结果", "Result"),
        ("数据流", "Feed"),
        ("规则（原文英文）", "The rule in words"),
        ("不符", "Broken by", True),
        ("检查数", "Checked", True),
        ("严重程度", "Severity"),
        ("规则名", "Name"),
        ("错误", "Error"),
    )
    note = Words(
        "由Great Expectations在数据库内执行；每条规则最近一次的结果。",
        "Run by Great Expectations inside the database; the latest result of each rule.",
    )
    empty = Words("还没有运行过规则。", "No rule has run yet.")
    kept = sum(row["success"] is True for row in found)
    broken = rows[: len(rows) - kept]
    held = Words(f"符合的{kept}条规则（点击展开）", f"The {kept} rules that hold (open)")
    return Section(
        "rules",
        Words("校验规则", "Rules"),
        [note],
        grids=[
            Grid(Words("不符或未能运行", "Broken, or could not run"), names, broken, _ALL_HOLD if rows else empty),
            Grid(held, names, rows[len(broken) :], empty, folded=True),
        ],
    )


def _outcome(success: bool | None) -> Cell:
    if success is None:
        return said("? 未能运行", "? could not run", 1, "status s-insufficient_data")
    return said("● 符合", "● holds", 2, "status s-met") if success else said("✕ 不符", "✕ broken", 0, "status s-missed")
