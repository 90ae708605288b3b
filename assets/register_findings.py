"""mart.register_finding: what a person should look at in the registers before the counts are believed.

Belongs here: likely duplicates across departments, revocations of nothing. Does not belong here: the
counts (`assets.registers`), which leave both as they are: nothing is merged in silence.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.plan.tables import COUNTED_REGISTER
from assets.registers import GRANTED, REVOKED, with_title
from sources.registry import MART_ORIGIN, SERIES, Table, codes, date, text
from warehouse.marts import Inputs, Mart, Upstream

LIKELY_DUPLICATE, REVOKES_NOTHING = "likely_duplicate", "revokes_nothing"

REGISTER_FINDING = Table(
    "mart.register_finding",
    "名录疑点",
    "Register events that a person should look at; the counts take them as they stand",
    (
        text(
            "finding",
            "疑点",
            "what is doubtful",
            required=True,
            codes=codes(
                (LIKELY_DUPLICATE, "疑似重复", "two titles that may be one and count twice"),
                (REVOKES_NOTHING, "撤销无对象", "a revocation that meets no grant and so takes nothing away"),
            ),
        ),
        SERIES,
        text("register", "名录", "register of the event", required=True),
        text("event_id", "编号", "number of the event", required=True),
        date("event_date", "日期", "date of the event", required=True),
        text("region_code", "行政区划代码", "region of the holder", required=True),
        text("holder_name", "获得单位", "holder as recorded"),
        text("title", "名称", "title as recorded"),
        text("other_series", "另一序列", "publication of the other event", required=True),
        text("other_register", "另一名录", "register of the other event", required=True),
        text("other_event_id", "另一编号", "number of the other event", required=True),
        date("other_date", "另一日期", "date of the other event"),
        text("other_holder_name", "另一获得单位", "holder as recorded there"),
        text("other_title", "另一名称", "title as recorded there"),
        text("reason", "理由", "why it is doubtful, and what to do", required=True),
        MART_ORIGIN,
    ),
    ("finding", "series", "register", "event_id", "other_series", "other_register", "other_event_id"),
)

#: Names of one thing are at least this alike (Jaro and Winkler, 0–1), once legal forms and signs are gone.
_ALIKE = 0.9

#: What tells no two firms apart: blanks, brackets, quotation marks, legal forms.
_FORMS = r"[\s()（）\"“”「」·・]|有限责任公司|股份有限公司|有限公司|集团"


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def jaro_winkler_similarity(one: str, other: str) -> float:  # type: ignore[empty-body]
    """How alike two texts are, 0–1; the engine's own."""


def bare(name: ir.StringValue) -> ir.StringValue:
    """A name without blanks, brackets and legal forms, in small letters."""
    return name.lower().re_replace(_FORMS, "")


def register_findings(events: ir.Table, counted: ir.Table) -> ir.Table:
    """Rows of REGISTER_FINDING from core.register_events; `counted`: mart.counted_register."""
    rows = with_title(events)
    rows = rows.mutate(holder=bare(rows.holder_name.fill_null("")), name=bare(rows.title.fill_null("")))
    found = _duplicates(rows.filter(rows.event_kind == GRANTED), counted).union(_of_nothing(rows))
    return found.select(*REGISTER_FINDING.names).distinct()


def _duplicates(grants: ir.Table, counted: ir.Table) -> ir.Table:
    """Pairs of grants counted for one indicator that differ as titles and look like one.

    Same region and year, and either the same deciding document and holder, or holder and title alike.
    """
    pairs = grants.join(counted.select("plan", "indicator", "register").distinct(), "register")
    other = pairs.view()
    one = pairs.join(
        other,
        [
            *(pairs[name] == other[name] for name in ("plan", "indicator", "region_code")),
            pairs.event_date.year() == other.event_date.year(),
            pairs.title_key < other.title_key,
        ],
        lname="",
        rname="other_{name}",
    )
    same_holder = jaro_winkler_similarity(one.holder, one.other_holder) >= _ALIKE
    same_title = jaro_winkler_similarity(one.name, one.other_name) >= _ALIKE
    same_document = (one.document_no == one.other_document_no).fill_null(False) & (one.name == one.other_name)
    likely = same_holder & (same_title | same_document)
    one = one.filter(likely & (one.holder != ""))
    return one.mutate(
        finding=ibis.literal(LIKELY_DUPLICATE),
        other_date=one.other_event_date,
        reason=ibis.literal("holder and title look alike and both count; correct one of them if they are one title"),
        origin=ibis.ifelse(one.origin == one.other_origin, one.origin, "mixed"),
    ).select(*REGISTER_FINDING.names)


def _of_nothing(rows: ir.Table) -> ir.Table:
    """Revocations whose title nobody was granted."""
    granted = rows.filter(rows.event_kind == GRANTED).select("title_key").distinct()
    lost = rows.filter(rows.event_kind == REVOKED).anti_join(granted, "title_key")
    return lost.mutate(
        finding=ibis.literal(REVOKES_NOTHING),
        **{f"other_{name}": ibis.literal("") for name in ("series", "register", "event_id")},
        other_date=ibis.null("date"),
        other_holder_name=ibis.null("string"),
        other_title=ibis.null("string"),
        reason=ibis.literal(
            "no grant has this number, or this holder and title; give the number of the title in of_event_id"
        ),
    ).select(*REGISTER_FINDING.names)


def _build(inputs: Inputs) -> ir.Table:
    return register_findings(inputs.table("core.register_events"), inputs.table(COUNTED_REGISTER.name))


REGISTER_FINDING_MART = Mart(
    table=REGISTER_FINDING,
    subject="scorecard",
    scope=(),
    upstream=(Upstream("core.register_events"),),
    build=_build,
    reads=(COUNTED_REGISTER.name,),
)
