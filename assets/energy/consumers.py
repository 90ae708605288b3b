"""mart.energy_by_consumer and mart.key_energy_user: sectors and enterprises, and the large users among them.

Belongs here: energy of single consumers, the threshold applied. Does not belong here: the threshold
(`assets/standards/energy_accounting.yaml`), what a region consumes (`assets.energy.fuels`).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from assets.energy.choices import KEY_USER_RULE
from assets.energy.flows import ALL_CONSUMERS, BASIS_COLUMN, ENTERPRISE, SCOPE_COLUMN, TOTALS, by_scope
from assets.energy.fuels import FLOW_REFERENCES, flows_of
from assets.exact import origin_of
from sources.feeds.economy import ENERGY_USE
from sources.registry import MART_ORIGIN, SERIES, Table, boolean, codes, decimal, integer, text
from warehouse.marts import Inputs, Mart, Upstream

_KINDS = codes((ENTERPRISE, "企业", "enterprise"), ("sector", "行业", "sector"))
_REGION_YEAR = (
    SERIES,
    text("region_code", "行政区划代码", "region", required=True),
    integer("year", "年份", "calendar year", required=True),
)
_CONSUMER = text("consumer", "用户", "sector or enterprise as published", required=True)

ENERGY_BY_CONSUMER = Table(
    "mart.energy_by_consumer",
    "分用户能源消费（标准煤）",
    "Energy of sectors and enterprises in tonnes of standard coal",
    (
        *_REGION_YEAR,
        SCOPE_COLUMN,
        BASIS_COLUMN,
        _CONSUMER,
        text("kind", "用户类别", "what the consumer is", required=True, codes=_KINDS),
        decimal("energy_tce", 38, 16, "能源量", "standard coal; empty when a quantity has no factor", unit="tce"),
        integer("fuels", "品种数", "fuels that the figure is made of; 1 for a printed total", required=True),
        boolean("measured", "实测热值", "whether a measured calorific value replaced a table value", required=True),
        boolean("converted", "已折标", "whether every quantity had a factor", required=True),
        MART_ORIGIN,
    ),
    ("series", "region_code", "year", "consumption_scope", "electricity_basis", "consumer"),
    warnings=("an enterprise is part of its sector: never add the two",),
)

KEY_ENERGY_USER = Table(
    "mart.key_energy_user",
    "重点用能单位",
    "Enterprises whose yearly energy reaches the threshold, found from their records",
    (
        *_REGION_YEAR,
        _CONSUMER,
        text("rule", "认定规则", "rule by which it is one", required=True),
        decimal("energy_tce", 38, 16, "能源量", "energy of the year on the rule's basis", unit="tce", required=True),
        decimal("threshold_tce", 12, 2, "认定标准", "threshold of the rule", unit="tce", required=True),
        integer("place", "位次", "place in the region by energy, largest first", required=True),
        SCOPE_COLUMN,
        BASIS_COLUMN,
        MART_ORIGIN,
    ),
    ("series", "region_code", "year", "consumer", "rule"),
    warnings=("only enterprises that report are found; a region without enterprise records has no rows",),
)


def energy_by_consumer(flows: ir.Table) -> ir.Table:
    """Columns of ENERGY_BY_CONSUMER from `flows_in_tce`: scopes as for a region, fuels added.

    A total that the consumer reports in standard coal is taken before our sum of its fuels.
    """
    single = flows.filter(flows.consumer != ALL_CONSUMERS)
    key = ["series", "region_code", "year", "electricity_basis", "consumer", "kind"]
    scoped = by_scope(single, [*key, "fuel"])
    group = [*key, "consumption_scope"]
    rows = scoped.mutate(is_total=scoped.fuel.isin(TOTALS))
    has_total = rows.is_total.any().over(ibis.window(group_by=[rows[name] for name in group]))
    taken = rows.mutate(has_total=has_total).filter(ibis._.is_total == ibis._.has_total)
    sums = taken.group_by(group).aggregate(
        tce=taken.energy_tce.sum(),
        fuels=taken.count(),
        measured=taken.measured.any(),
        converted=taken.converted.all(),
        origin=origin_of(taken.origin),
    )
    whole = sums.mutate(energy_tce=ibis.ifelse(sums.converted, sums.tce, ibis.null()))
    return whole.select(*ENERGY_BY_CONSUMER.names)


def key_energy_users(by_consumer: ir.Table, rules: ir.Table) -> ir.Table:
    """Columns of KEY_ENERGY_USER: enterprises at or above the threshold of a rule, on its basis.

    Total consumption where the enterprise's flows give it, else final consumption. Clause 三(四)3 of the
    plan: users of 5 000 tce a year or more.
    """
    firms = by_consumer.filter(by_consumer.kind == ENTERPRISE).join(rules, "electricity_basis")
    known = firms.filter(firms.energy_tce.notnull())
    one = ibis.window(
        group_by=[known[name] for name in ("series", "region_code", "year", "consumer", "rule")],
        order_by=known.consumption_scope.desc(),
    )
    chosen = known.mutate(first=ibis.row_number().over(one)).filter(ibis._.first == 0)
    large = chosen.filter(chosen.energy_tce >= chosen.threshold_tce)
    order = ibis.window(
        group_by=[large.series, large.region_code, large.year, large.rule],
        order_by=[large.energy_tce.desc(), large.consumer],
    )
    return large.mutate(place=ibis.row_number().over(order) + 1).select(*KEY_ENERGY_USER.names)


def _build_consumers(inputs: Inputs) -> ir.Table:
    return energy_by_consumer(flows_of(inputs))


def _build_key_users(inputs: Inputs) -> ir.Table:
    by_consumer = inputs.table(ENERGY_BY_CONSUMER.name).semi_join(inputs.dirty, "region_code")
    return key_energy_users(by_consumer, inputs.table(KEY_USER_RULE.name))


ENERGY_BY_CONSUMER_MART = Mart(
    table=ENERGY_BY_CONSUMER,
    subject="energy",
    scope=("region_code",),
    upstream=(Upstream(f"core.{ENERGY_USE.name}"),),
    build=_build_consumers,
    reads=FLOW_REFERENCES,
)

KEY_ENERGY_USER_MART = Mart(
    table=KEY_ENERGY_USER,
    subject="energy",
    scope=("region_code",),
    upstream=(Upstream(ENERGY_BY_CONSUMER.name),),
    build=_build_key_users,
    reads=(KEY_USER_RULE.name,),
)
