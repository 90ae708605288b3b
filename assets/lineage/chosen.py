"""The rows that a calculation takes of several that fit, asked of the calculation itself.

Belongs here: keys of those rows, made by the functions that compute the marts. Does not belong here: any
choice of its own.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.accounts import chosen_accounts
from assets.environment.returns import chosen_amounts
from assets.evidence import own_batches
from assets.pass_rates.contribution import READING, chosen_counts, wanted_rows, widest_periods
from assets.pass_rates.margins import counts_compared
from assets.plan.tables import COUNTED_REGISTER, SUPPORTING, TARGET, plan_statements
from assets.regions import REGION
from assets.register_growth import growing_registers
from assets.registers import counted_events
from assets.returns import chosen_returns
from sources.registry import SERIES
from warehouse.marts import Inputs

_RATE = ("series", "region_code", "year", "period", "programme", "category", "counted", "counts_from")
_EVENT = ("series", "register", "event_id", "event_kind")


def _readings(inputs: Inputs) -> ir.Table:
    tables = ("mart.pass_rate", "standard.pass_rate_indicator", "standard.pass_rate_category")
    rows = wanted_rows(*(inputs.table(name) for name in tables))
    return chosen_counts(rows, inputs.table("standard.series_frame"))


def _keys(rows: ir.Table, mine: dict[str, str], theirs: tuple[str, ...]) -> ir.Table:
    named = {f"m_{name}": rows[column] for name, column in mine.items()}
    return rows.select(**named, **{f"u_{name}": rows[name] for name in theirs}).distinct()


def counts_of_the_year(inputs: Inputs) -> ir.Table:
    """Rows of mart.pass_rate behind a value of mart.indicator_value."""
    return _keys(widest_periods(_readings(inputs)), {name: name for name in READING}, _RATE)


def counts_of_a_code(inputs: Inputs) -> ir.Table:
    """Rows of mart.pass_rate behind the headline rate of a code that an indicator is compared with."""
    readings = inputs.table("standard.pass_rate_indicator")
    meant = readings.filter(readings.headline).select("indicator", "definition").distinct()
    rows = widest_periods(_readings(inputs)).semi_join(meant, ["indicator", "definition"])
    return rows.select(i_compare_with=rows.indicator, **{f"u_{name}": rows[name] for name in _RATE}).distinct()


def counts_of_a_period(inputs: Inputs) -> ir.Table:
    """Rows of mart.pass_rate behind a row of mart.indicator_period."""
    return _keys(_readings(inputs), {name: name for name in (*READING, "period")}, _RATE)


def counts_of_a_margin(inputs: Inputs) -> ir.Table:
    """Rows of mart.pass_rate behind a row of mart.pass_rate_margin, of the region and of its province."""
    rows = counts_compared(
        inputs.table("mart.pass_rate"),
        inputs.table("standard.pass_rate_indicator"),
        inputs.table("standard.pass_rate_category"),
        inputs.table("standard.series_frame"),
        plan_statements(inputs),
    )
    mine = {"plan": "plan", "compare_with": "indicator", "definition": "definition", "region_code": "own_region"}
    return _keys(rows, mine | {"year": "year"}, _RATE)


def figures_returned(inputs: Inputs) -> ir.Table:
    """Rows of core.statistical_returns that are a code's figure of a year."""
    rows = chosen_returns(
        inputs.table("core.statistical_returns"), plan_statements(inputs), inputs.table(SUPPORTING.name)
    )
    named = rows.mutate(indicator_code=rows.indicator)
    return _keys(named, {}, (SERIES.name, "indicator_code", "region_code", "period", "stratum"))


def amounts_returned(inputs: Inputs) -> ir.Table:
    """Rows of core.statistical_returns that an environment rate may be made of."""
    rows = chosen_amounts(
        inputs.table("core.statistical_returns"),
        inputs.table("standard.economy_series_preference"),
        inputs.table("standard.environment_return_part"),
    )
    return _keys(rows, {}, (SERIES.name, "indicator_code", "region_code", "period", "stratum"))


def accounts_used(inputs: Inputs) -> ir.Table:
    """Rows of core.economic_accounts that indicators of accounts take."""
    rows = chosen_accounts(inputs.table("core.economic_accounts"), inputs.table("standard.economy_series_preference"))
    return _keys(rows, {}, (SERIES.name, "region_code", "period", "account"))


def batches_of_the_city(inputs: Inputs) -> ir.Table:
    """Rows of core.spot_checks that say how much the city samples."""
    rows = own_batches(inputs.table("core.spot_checks"), inputs.table("standard.series_frame"))
    return _keys(rows, {}, ("series", "sample_id"))


def _events(inputs: Inputs, indicators: ir.Table, back: int) -> ir.Table:
    years = inputs.table(TARGET.name).select("plan", "year").distinct()
    years = ibis.union(*(years.mutate(counted=years.year - step) for step in range(back + 1)))
    rows = counted_events(
        inputs.table("core.register_events"),
        indicators,
        inputs.table(COUNTED_REGISTER.name),
        years.select("plan", year="counted").distinct(),
        inputs.table(REGION.name),
    )
    rows = rows.mutate(counted_in=rows.year)
    told = ibis.union(*(rows.mutate(year=rows.counted_in + step) for step in range(back + 1)))
    return _keys(told, {name: name for name in ("plan", "indicator", "region_code", "year")}, _EVENT)


def events_counted(inputs: Inputs) -> ir.Table:
    """Rows of core.register_events of the titles that a count holds."""
    return _events(inputs, plan_statements(inputs), 0)


def events_of_growth(inputs: Inputs) -> ir.Table:
    """The same for the growth of a register: titles of the year and of the year before."""
    return _events(inputs, growing_registers(plan_statements(inputs)), 1)
