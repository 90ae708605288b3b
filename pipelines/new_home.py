"""Making a live home that a person can start with.

Belongs here: the folders, notes, templates, settings and plan that `quality-city init` lays out.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from pipelines.settings import DEFAULT_PLAN, ENV_PREFIX, Settings
from sources.feeds import FEEDS
from sources.registry import Feed
from sources.templates import write_template
from warehouse.home import Home, create_home

_NOTE = """# {zh} · {en}

把文件放在这里：CSV、XLSX、XLS、JSON、XML、Parquet，可压缩为 .gz 或 .zip。模板见 `_template.xlsx`。
Put files here: CSV, XLSX, XLS, JSON, XML, Parquet, or .gz or .zip of these. The layout to fill in is `_template.xlsx`.

先试读 · try a file first:  quality-city check FILE --feed {name}

| column | 中文 | English | unit | required |
|---|---|---|---|---|
{rows}
"""

#: Settings that have settings of their own.
_NESTED = """\
# 计算引擎 Spark 的集群 · the cluster of engine spark; docs/scale.md explains every line
# spark:
#   master: spark://10.0.0.5:7077
#   lake: /mnt/quality-city/lake

# 单个文件的读取上限 · how much of one file is read; docs/quarantine.md explains every line
# limits:
#   columns: 2000

# 告警：默认不开任何渠道 · alerts: no channel is on by default; docs/alerts.md explains every line
# alerts:
#   channels:
#     log: {service: file}
#     office: {service: mail, host: mail.example.gov.cn, sender: quality@example.gov.cn, to: [office@example.gov.cn]}
#     group: {service: wecom, key: "${QUALITY_CITY_WECOM_KEY}"}
#   audiences:
#     leaders: {channels: [office], bodies: [all], escalations: true, language: zh}
#     operators: {channels: [log, group], operators: true}
#   quiet_hours: {start: "22:00", end: "07:30"}
"""


def make_live_home(root: Path) -> Home:
    """A live home at `root`. Raises `HomeError` when the folder holds something else."""
    home = create_home(root, "live")
    for feed in FEEDS.values():
        folder = home.inbox / feed.name
        folder.mkdir(exist_ok=True)
        (folder / "_README.md").write_text(_note(feed), "utf-8")
        write_template(feed, folder / "_template.xlsx")
    if not home.settings_file.exists():
        home.settings_file.write_text(_settings(), "utf-8")
    plan = home.plans / DEFAULT_PLAN.name
    if not plan.exists():
        shutil.copyfile(DEFAULT_PLAN, plan)
    return home


def _note(feed: Feed) -> str:
    rows = "\n".join(f"| `{c.name}` | {c.zh} | {c.en} | {c.unit} | {'yes' if c.required else ''} |" for c in feed.sent)
    return _NOTE.format(zh=feed.zh, en=feed.en, name=feed.name, rows=rows)


def _settings() -> str:
    """Every setting, commented out, with its meaning and its variable."""
    lines = ["# 设置 · settings of this home; a variable of the environment wins over a line here", ""]
    for name, field in Settings.model_fields.items():
        if name not in ("home", "alerts", "limits", "spark"):
            lines += [f"# {field.description} ({ENV_PREFIX}{name.upper()})", f"# {name}: {field.default!s}", ""]
    return "\n".join([*lines, _NESTED])
