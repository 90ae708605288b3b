"""mart.indicator_status_history: what was said, from when until when, and why it changed.

Belongs here: the table, keeping it, the cause of a change. Does not belong here: the verdicts
(`assets.status.marts`). It is never made anew: the working file is the only place that knows what was
said, so a full rebuild begins a new history.
"""

from __future__ import annotations

from datetime import datetime

from assets.status.marts import INDICATOR_STATUS
from assets.status.words import STATUSES
from sources.registry import Table, codes, text, timestamp
from warehouse.store import Warehouse

CAUSES = codes(
    ("first", "首次判定", "judged for the first time"),
    ("plan", "规划变更", "the plan asks something else"),
    ("standard", "标准变更", "a standard or setting changed, and the value with it"),
    ("new_data", "新数据", "data came where none or not all were before"),
    ("correction", "更正", "complete data were corrected, withdrawn or mended"),
    ("calculation", "算法变更", "the rule of the verdict changed; plan, value and date did not"),
    ("date", "时间推移", "only the date of judgement moved on"),
)

_KEPT = (
    "plan", "indicator", "region_code", "year", "definition", "value", "target", "target_year", "comparator",
    "required", "gap", "complete", "status", "reason", "reason_zh", "headline", "origin", "unit",
)  # fmt: skip
_KEY = ("plan", "indicator", "region_code", "year", "definition")
_ASKED = ("target", "target_year", "comparator", "required")
_FOUND = ("value", "complete", "origin")

HISTORY = Table(
    "mart.indicator_status_history",
    "指标状态历史",
    "What every published night said of every indicator: a row for each verdict and the time it was said",
    (
        *(INDICATOR_STATUS.column(name) for name in _KEPT),
        timestamp("said_from", "起始时间", "when it was first said", required=True),
        timestamp("said_until", "截止时间", "when something else was said; empty: it is said still"),
        text("night_id", "夜次", "the night that said it first", required=True),
        text("status_before", "此前状态", "status that it replaced; empty for a first verdict", codes=STATUSES),
        text("cause", "变化原因", "why it replaced the row before", required=True, codes=CAUSES),
        text("standards", "标准指纹", "fingerprint of all standards that held then", required=True),
        text("judged_on", "判定日期", "the as-of date (ISO)", required=True),
    ),
    (*_KEY, "said_from"),
)

_STANDARDS = (
    "SELECT coalesce(md5(string_agg(name || ' ' || fingerprint, ',' ORDER BY name)), '') FROM meta.fingerprint "
    "WHERE name LIKE 'standard.%'"
)


def keep_history(warehouse: Warehouse, night_id: str, now: datetime) -> int:
    """Compare tonight's verdicts with those that are said, and keep what differs. Returns how many.

    Wording alone is no difference. One transaction; repeated after a kill it finds nothing to do.
    """
    key, seen = ", ".join(_KEY), (*_ASKED, *_FOUND, "status", "headline")
    differs = " OR ".join(f"h.{name} IS DISTINCT FROM s.{name}" for name in seen)
    asked = " OR ".join(f"h.{name} IS DISTINCT FROM s.{name}" for name in _ASKED)
    found = " OR ".join(f"h.{name} IS DISTINCT FROM s.{name}" for name in _FOUND)
    kept = ", ".join(f"s.{name}" for name in _KEPT)
    with warehouse.transaction():
        standards = warehouse.value(_STANDARDS)
        judged_on = str(warehouse.value("SELECT max(as_of) FROM meta.as_of"))
        warehouse.con.execute(
            f"CREATE OR REPLACE TEMP TABLE said AS SELECT {kept}, h.status AS status_before, CASE "
            "WHEN h.status IS NULL THEN 'first' "
            f"WHEN {asked} THEN 'plan' "
            f"WHEN ({found}) AND h.standards <> $standards THEN 'standard' "
            f"WHEN ({found}) AND (h.value IS NULL OR NOT coalesce(h.complete, false)) THEN 'new_data' "
            f"WHEN {found} THEN 'correction' "
            "WHEN h.judged_on = $judged_on THEN 'calculation' ELSE 'date' END AS cause "
            f"FROM mart.indicator_status s LEFT JOIN (FROM {HISTORY.name} WHERE said_until IS NULL) h USING ({key}) "
            f"WHERE h.status IS NULL OR {differs}",
            {"standards": standards, "judged_on": judged_on},
        )
        warehouse.con.execute(
            f"UPDATE {HISTORY.name} SET said_until = $now WHERE said_until IS NULL AND (({key}) IN "
            f"(SELECT ({key}) FROM said) OR ({key}) NOT IN (SELECT ({key}) FROM mart.indicator_status))",
            {"now": now},
        )
        changed = warehouse.value("SELECT count(*) FROM said")
        warehouse.con.execute(
            f"INSERT INTO {HISTORY.name} BY NAME SELECT *, $now AS said_from, CAST(NULL AS TIMESTAMP) AS said_until, "
            "$night AS night_id, $standards AS standards, $judged_on AS judged_on FROM said ORDER BY ALL",
            {"now": now, "night": night_id, "standards": standards, "judged_on": judged_on},
        )
        if changed:
            warehouse.note_change()
    return int(changed)
