"""Exceptional events: dates that a register names, without which a year is told a second time.

Belongs here: the register's dates as a mark on days. Does not belong here: the register itself (the feed
`register_events`), leaving anything out of a plain result: that always stays.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.air.standards import event_registers
from assets.registers import GRANTED, REVOKED
from warehouse.marts import Inputs, Upstream

_REGISTERS = ", ".join(f"'{register}'" for register in event_registers())
_YEAR = "CAST(year(event_date) AS BIGINT) AS year"

#: A changed event reaches its own year, and the years of the events that it revokes or that revoke it.
EVENT_YEARS = Upstream(
    "core.register_events",
    via=f"SELECT DISTINCT region_code, {_YEAR} FROM {{changed}} WHERE register IN ({_REGISTERS}) "
    f"UNION SELECT region_code, {_YEAR} FROM core.register_events WHERE register IN ({_REGISTERS}) "
    "AND event_id IN (SELECT unnest([event_id, of_event_id]) FROM {changed})",
)


def with_event(days: ir.Table, inputs: Inputs) -> ir.Table:
    """`days` (region_code, day) with event: whether a register of exceptional events names that date.

    A date counts while its entry is not revoked.
    """
    entries = inputs.table("core.register_events")
    entries = entries.filter(entries.register.isin(list(event_registers())))
    revoked = entries.filter(entries.event_kind == REVOKED)
    revoked = revoked.select("register", event_id=revoked.of_event_id.coalesce(revoked.event_id))
    named = entries.filter(entries.event_kind == GRANTED).anti_join(revoked, ["register", "event_id"])
    named = named.select("region_code", day="event_date", event=ibis.literal(True)).distinct()
    marked = days.left_join(named, ["region_code", "day"])
    marked = marked.drop(*(name for name in marked.columns if name.endswith("_right")))
    return marked.mutate(event=marked.event.fill_null(False))
