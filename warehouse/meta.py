"""The warehouse's own tables: ledger, set-aside rows, validation results, nights, fingerprints.

Belongs here: their declarations, in the registry's types. Does not belong here: feeds
(`sources.feeds`), marts (declared beside their calculation), or SQL (`warehouse.schema`).
"""

from __future__ import annotations

from sources.registry import (
    LINEAGE,
    ORIGIN_CODES,
    Column,
    Feed,
    Part,
    Table,
    boolean,
    codes,
    double,
    integer,
    text,
    timestamp,
)

_FILE_ID = text("source_file_id", "来源文件", "file in meta.source_file", required=True)
_SHEET = text("source_sheet", "工作表", "sheet of the file; empty where the format has none", required=True)
_ROW = integer("source_row", "行号", "row in the sheet, counted from 1", required=True)
_RECORD = integer("record_no", "行内记录号", "number of the record within its source row, from 1", required=True)
_NIGHT = text("night_id", "夜次", "the nightly run", required=True)

SOURCE_FILE = Table(
    name="meta.source_file",
    zh="来源文件台账（每个文件的每条记录归宿）",
    en="Ledger of source files: what became of every record",
    key=("source_file_id",),
    columns=(
        _FILE_ID,
        text("feed", "数据流", "inbox folder", required=True),
        text("series", "序列", "publication that the file was recognised as"),
        text("name", "文件名", "path below the feed's folder", required=True),
        text("sha256", "校验和", "SHA-256 of the file's bytes", required=True),
        text("adapter", "适配器", "adapter that read the file"),
        text("origin", "数据性质", "real or synthetic", codes=ORIGIN_CODES),
        text(
            "state",
            "状态",
            "what became of the file",
            required=True,
            codes=codes(
                ("loaded", "已入库", "loaded"),
                ("refused", "整体拒收", "refused whole"),
                ("held", "暂缓", "held: a check could not run; tried again next night"),
                ("withdrawn", "已撤回", "loaded and taken back; its records stand in history"),
            ),
        ),
        integer("rows_read", "读取记录", "records read", required=True),
        integer("rows_accepted", "接受", "records that became a version", required=True),
        integer("rows_quarantined", "隔离", "records refused with rule and reason", required=True),
        integer("rows_duplicate", "重复", "records equal to a version that exists", required=True),
        integer("rows_set_aside", "搁置", "rows that are no fact of the feed", required=True),
        integer(
            "undated_conflicts",
            "无日期冲突",
            "facts whose current version was decided by file time alone",
            required=True,
        ),
        text("reason", "原因", "why the file was refused or held, in words"),
        text("notes", "提示", "what was mended or left out as the file was read, in words"),
        text("stage", "审核阶段", "provisional or validated"),
        timestamp("published_at", "发布时间", "when the source published it"),
        text("published_at_from", "发布时间依据", "content, file name or modification time"),
        integer("bytes", "字节数", "size of the file", required=True),
        timestamp("modified_at", "修改时间", "modification time of the file", required=True),
        timestamp("loaded_at", "入库时间", "when the file was loaded or refused", required=True),
        text("night_id", "夜次", "the nightly run that loaded or refused it", required=True),
        text(
            "reader",
            "读取程序版本",
            "fingerprint of the readers; a refused file is tried again when it changes",
            required=True,
        ),
    ),
)

SET_ASIDE = Table(
    name="meta.set_aside",
    zh="搁置行（按文件与原因计数）",
    en="Rows set aside, counted by file and reason",
    key=("source_file_id", "source_sheet", "reason"),
    columns=(
        _FILE_ID,
        _SHEET,
        text("reason", "原因", "why the rows are no fact of the feed", required=True),
        integer("rows", "行数", "rows set aside for this reason", required=True),
        integer("first_row", "首行", "first such row", required=True),
        integer("last_row", "末行", "last such row", required=True),
    ),
)

WITHDRAWAL = Table(
    name="meta.withdrawal",
    zh="撤回记录（何时、何人、为何）",
    en="Files taken back: when, by whom, why, and how many facts that changed",
    key=("source_file_id",),
    columns=(
        _FILE_ID,
        timestamp("withdrawn_at", "撤回时间", "when the file was taken back", required=True),
        text("withdrawn_by", "撤回人", "who took it back", required=True),
        text("reason", "理由", "why, in words", required=True),
        integer("facts_removed", "消失事实", "facts that no other file gives", required=True),
        integer("facts_restored", "恢复事实", "facts for which another file's record is current again", required=True),
    ),
)

FILE_HEAD = Table(
    name="meta.file_head",
    zh="隔离文件的表头（原文）",
    en="Rows down to the header of files with refused records, as read: a mend is read under them",
    key=("source_file_id", "source_sheet", "source_row"),
    columns=(_FILE_ID, _SHEET, _ROW, text("raw", "原文", "the row as read (JSON)", required=True)),
)

MEND = Table(
    name="meta.mend",
    zh="修改件与被隔离记录的对应",
    en="Which refused record each record of a mend mends (the one first refused, where mends follow each other)",
    key=("source_file_id", "source_sheet", "source_row", "record_no"),
    columns=(
        _FILE_ID,
        _SHEET,
        _ROW,
        _RECORD,
        text("mends_file_id", "被修改文件", "file whose record was refused", required=True),
        text("mends_sheet", "被修改工作表", "sheet there", required=True),
        integer("mends_row", "被修改行号", "row there", required=True),
        integer("mends_record", "被修改记录号", "record there", required=True),
    ),
)

REREAD = Table(
    name="meta.reread",
    zh="重新读取记录",
    en="Files whose refused records were read again after the readers were mended",
    key=("source_file_id", "reread_at"),
    columns=(
        _FILE_ID,
        timestamp("reread_at", "重读时间", "when they were read again", required=True),
        text("reread_by", "重读人", "who asked for it", required=True),
        text("reader", "读取程序版本", "fingerprint of the readers", required=True),
        integer("refused_before", "此前隔离", "records refused before", required=True),
        integer("accepted", "接受", "of them, records that became a version", required=True),
        integer("duplicate", "重复", "records equal to a version that exists", required=True),
        integer("set_aside", "搁置", "rows that turned out to be no fact", required=True),
        integer("refused_after", "此后隔离", "records refused still", required=True),
    ),
)

COLUMN_PROFILE = Table(
    name="meta.column_profile",
    zh="文件各列概况",
    en="What each file held, by column: later files are compared with it",
    key=("source_file_id", "item", "column"),
    columns=(
        _FILE_ID,
        text(
            "item", "项目", "what the records measure, where a feed has many in one column; empty: all", required=True
        ),
        text("column", "列", "column of the feed; empty: the records themselves", required=True),
        integer("rows", "记录数", "accepted and duplicate records", required=True),
        integer("filled", "非空数", "of them, with a value in the column", required=True),
        double("median", "中位数", "median of a measure, approximate"),
        text("said", "取值", "codes or units that occur, joined by |"),
    ),
)

DRIFT = Table(
    name="meta.drift",
    zh="漂移警告",
    en="How files differ from the earlier files of their series (warnings; no record is moved)",
    key=("source_file_id", "kind", "item", "column"),
    columns=(
        _FILE_ID,
        text("night_id", "夜次", "the nightly run that loaded the file", required=True),
        text(
            "kind",
            "种类",
            "what differs",
            required=True,
            codes=codes(
                ("column_gone", "列消失", "column gone"),
                ("unit_changed", "单位改变", "unit changed"),
                ("code_new", "新代码", "code never seen"),
                ("rows_jump", "记录数突变", "jump in records"),
                ("missing_jump", "缺失突增", "jump in missing"),
                ("median_jump", "中位数突变", "jump in median"),
            ),
        ),
        text("item", "项目", "what the records measure; empty: all", required=True),
        text("column", "列", "column of the feed; empty: the records themselves", required=True),
        text("found", "所见", "what this file holds", required=True),
        text("usual", "以往", "what earlier files held", required=True),
        integer("compared", "对比文件数", "earlier files that it was compared with", required=True),
    ),
)

VALIDATION_RESULT = Table(
    name="meta.validation_result",
    zh="校验结果（每夜每数据流每规则）",
    en="Results of the checks: one row per night, feed and expectation",
    key=("night_id", "feed", "expectation"),
    columns=(
        _NIGHT,
        text("feed", "数据流", "feed that was checked", required=True),
        text("expectation", "规则", "name of the rule", required=True),
        boolean("success", "通过", "whether every record satisfied the rule; empty when it could not run"),
        integer("evaluated", "检查数", "records evaluated"),
        integer("unexpected", "不符数", "records that broke the rule"),
        text(
            "severity",
            "严重程度",
            "critical rules refuse the record, warnings only flag it",
            required=True,
            codes=codes(("critical", "严重", "critical"), ("warning", "警告", "warning")),
        ),
        text("error", "错误", "why the rule could not run; empty when it ran"),
        text("statement", "规则说明", "the rule in words", required=True),
    ),
)

NIGHT = Table(
    name="meta.night",
    zh="夜间运行",
    en="Published nights",
    key=("night_id",),
    columns=(
        _NIGHT,
        timestamp("started_at", "开始时间", "when the night began", required=True),
        timestamp("published_at", "发布时间", "when its folder was made", required=True),
        text("inputs", "输入", "files loaded, refused and held this night (JSON)", required=True),
        text("versions", "版本", "versions of software, plan and standards (JSON)", required=True),
    ),
)

FINGERPRINT = Table(
    name="meta.fingerprint",
    zh="定义指纹",
    en="Fingerprints of standards, plan, settings and calculations; a change makes marts dirty",
    key=("name",),
    columns=(
        text("name", "名称", "what the fingerprint is of", required=True),
        text("fingerprint", "指纹", "SHA-256 of its content", required=True),
    ),
)

REFUSED = Table(
    name="staging.refused",
    zh="暂存：被拒记录",
    en="Staging: refused records of the batch (private, dropped when the batch is merged)",
    columns=(
        text("feed", "数据流", "feed", required=True),
        _FILE_ID,
        _SHEET,
        _ROW,
        _RECORD,
        text("rule", "规则", "rule that the record broke", required=True),
        text("reason", "原因", "reason in words", required=True),
        text("raw", "原文", "the record as read (JSON)"),
    ),
)

UNPUBLISHED = Table(
    name="work.unpublished",
    zh="未发布变更标记",
    en="A row for each change that no published night shows yet (private)",
    columns=(boolean("changed", "有变更", "always true"),),
)

LAYOUT = Table(
    name="work.layout",
    zh="工作文件版本（私有）",
    en="Version of the working file (private): one row",
    columns=(integer("version", "版本", "number by which a program knows whether it can use the file", required=True),),
)

META_TABLES: tuple[Table, ...] = (
    SOURCE_FILE,
    WITHDRAWAL,
    FILE_HEAD,
    MEND,
    REREAD,
    COLUMN_PROFILE,
    DRIFT,
    SET_ASIDE,
    VALIDATION_RESULT,
    NIGHT,
    FINGERPRINT,
    UNPUBLISHED,
    LAYOUT,
)


#: Columns that a version gets when it is no longer current.
NOT_CURRENT = {
    column.name: column
    for column in (
        text("superseded_by", "被取代于", "file that carries the current version; empty for withdrawn records"),
        timestamp("withdrawn_at", "撤回时间", "when the file of this record was taken back; empty if it was not"),
    )
}


def core_table(part: Part) -> Table:
    """`core.<part>`: the current version of each fact."""
    return Table(f"core.{part.name}", part.zh, part.en, part.columns + LINEAGE, ("series", *part.key), part.warnings)


def history_table(part: Part) -> Table:
    """`history.<part>`: versions that are not current, and the records of withdrawn files."""
    return Table(
        f"history.{part.name}",
        f"历史版本：{part.zh}",
        f"Versions that are not current: {part.en}",
        (
            *part.columns,
            *LINEAGE,
            *NOT_CURRENT.values(),
        ),
    )


def repeat_table(part: Part) -> Table:
    """`repeat.<part>`: records that say again what a version says (fate: duplicate)."""
    return Table(
        f"repeat.{part.name}",
        f"重复记录：{part.zh}",
        f"Records that say again what a version says: {part.en}",
        (*part.columns, *LINEAGE),
    )


def quarantine_table(feed: Feed) -> Table:
    """`quarantine.<feed>`: refused records, one row each."""
    return Table(
        f"quarantine.{feed.name}",
        f"隔离记录：{feed.zh}",
        f"Refused records: {feed.en}",
        (
            _FILE_ID,
            _SHEET,
            _ROW,
            _RECORD,
            text("rule", "规则", "rules that the record broke, joined by comma", required=True),
            text("reason", "原因", "reasons in words", required=True),
            text("raw", "原文", "the record as read (JSON)", required=True),
            text("replayed_by", "重放于", "file that carried the mended record"),
        ),
        ("source_file_id", "source_sheet", "source_row", "record_no"),
    )


def staging_table(feed: Feed) -> Table:
    """`staging.<feed>`: records of the batch, typed, not yet judged."""
    optional: tuple[Column, ...] = tuple(feed.columns)
    return Table(
        f"staging.{feed.name}",
        f"暂存：{feed.zh}",
        f"Staging: {feed.en} (private, dropped when the batch is merged)",
        (_FILE_ID, _SHEET, _ROW, _RECORD, *optional),
    )
