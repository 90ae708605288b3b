"""The links of every mart that an indicator rests on, from the verdict down to the facts.

Belongs here: conditions. Does not belong here: a choice among rows that fit (`assets.lineage.chosen`).
"""

from __future__ import annotations

from assets.accounts import ACCOUNTS_OF
from assets.air.hours import DAY_SQL
from assets.air.joined import whole_series_sql
from assets.air.standards import of_every_day
from assets.air.year_pollutants import WITHOUT_EVENTS
from assets.energy.flows import TOTALS
from assets.energy.fuels import ENERGY_BY_FUEL
from assets.energy.gdp import CURRENT_ACCOUNT, INDEX_ACCOUNT
from assets.indicators import CHANGE, LIKE_MARGIN, MARGIN
from assets.lineage import chosen
from assets.lineage.links import Link, same
from assets.plan.model import RELATIVE
from assets.spot_checks.batches import ALL, UNSTATED
from assets.spot_checks.standards import setting

_STATUS, _VALUE, _PERIOD = "mart.indicator_status", "mart.indicator_value", "mart.indicator_period"
_RETURNS, _RATES = "core.statistical_returns", "mart.pass_rate"
_PLACE = ("region_code", "year")
_STATEMENT = "JOIN mart.indicator i ON i.plan = m.plan AND i.code = m.indicator"


def _of(name: str) -> str:
    return f"m.computed_by = '{name}' AND "


def _listed(names: object) -> str:
    return ", ".join(f"'{name}'" for name in sorted(map(str, names)))  # type: ignore[call-overload]


_VERDICT = (
    Link(
        _STATUS,
        _VALUE,
        same("plan", "indicator", "region_code", "definition")
        + f" AND (u.year = m.year OR (u.year < m.year AND m.comparator IN ({_listed(c.value for c in RELATIVE)})))",
    ),
    Link(_STATUS, _PERIOD, same("plan", "indicator", "region_code", "year", "definition")),
)

#: A code that is compared with: a value of the plan, else what is computed or returned under it.
_OTHER = f"{_STATEMENT} AND i.compare_with IS NOT NULL"
_NOT_IN_PLAN = f"{_OTHER} AND i.compare_with NOT IN (SELECT code FROM mart.indicator)"
_BOTH_REGIONS = "u.year = m.year AND u.region_code IN (i.region_code, i.province_code)"
_BOTH_YEARS = "u.region_code = m.region_code AND u.year IN (m.year, m.year - 1)"

_DERIVED = tuple(
    link
    for name, on in ((MARGIN, _BOTH_REGIONS), (CHANGE, _BOTH_YEARS))
    for link in (
        Link(_VALUE, _VALUE, _of(name) + f"u.headline AND u.indicator = i.compare_with AND {on}", _OTHER),
        Link(
            _VALUE,
            _RETURNS,
            _of(name) + f"u.indicator_code = i.compare_with AND {on}",
            _NOT_IN_PLAN,
            chosen.figures_returned,
        ),
        Link(_VALUE, _RATES, _of(name) + on, _NOT_IN_PLAN, chosen.counts_of_a_code),
    )
)

_AIR_YEAR, _AIR_DAY, _SITE_DAY = "mart.air_city_year", "mart.air_city_day", "mart.air_station_day"

_AIR = (
    Link(
        _VALUE,
        _AIR_YEAR,
        _of("air") + same(*_PLACE) + " AND u.standard = d.standard",
        f"JOIN standard.air_definition d ON d.definition = replace(m.definition, '_{WITHOUT_EVENTS}', '')",
    ),
    Link(
        _VALUE,
        _AIR_YEAR,
        _of("monitoring") + same(*_PLACE) + " AND u.standard = d.standard",
        "JOIN (SELECT DISTINCT standard FROM standard.air_definition WHERE headline) d ON true",
    ),
    Link(_AIR_YEAR, _AIR_DAY, same("region_code", "standard", year="year(u.day)")),
    Link(
        _AIR_DAY,
        _SITE_DAY,
        same("region_code", "day") + f" AND u.standard = '{of_every_day().standard}' "
        "AND list_contains(string_split(m.series, ','), u.series)",
    ),
    Link(
        _SITE_DAY,
        "core.air_readings",
        same("station_code", "averaging", day=DAY_SQL, series=whole_series_sql("u.series")),
    ),
)

_WATER = (
    Link(_VALUE, "mart.source_compliance", _of("water_sources") + same(*_PLACE)),
    Link("mart.source_compliance", "mart.source_month", same(*_PLACE)),
    Link(
        "mart.source_month",
        "core.source_intakes",
        same("region_code", "source_code", "month", intake_series="u.series"),
    ),
    Link("mart.source_month", "mart.water_item_month", same("station_code", "month", water_series="u.series")),
    Link(
        "mart.water_item_month",
        "core.water_samples",
        same("series", "station_code", "determinand", month="CAST(date_trunc('month', u.sampled_at) AS DATE)"),
    ),
)

_DAY = "coalesce(u.sampled_on, u.published_on)" if setting("year_of") == "sampled" else "u.published_on"
_TOWN = "u.producer_region_code" if setting("town_of") == "producer" else "u.sampled_region_code"

_PASS_RATES = (
    Link(_VALUE, _RATES, _of("pass_rates") + same(*_PLACE), chosen=chosen.counts_of_the_year),
    Link(_PERIOD, _RATES, same(*_PLACE, "period"), chosen=chosen.counts_of_a_period),
    Link(
        _VALUE,
        "mart.pass_rate_margin",
        _of(LIKE_MARGIN) + same("plan", "indicator", *_PLACE)
        + " AND m.definition = CASE WHEN u.headline THEN i.headline_definition ELSE u.definition END",
        _STATEMENT,
    ),
    Link("mart.pass_rate_margin", _RATES, "u.year = m.year", chosen=chosen.counts_of_a_margin),
    Link(
        _RATES,
        "core.pass_rates",
        same("series", "region_code", "programme", "counted", "period_start", "period_end")
        + f" AND ((m.counts_from = 'published' AND u.category = m.category) "
        f"OR (m.counts_from = 'pooled' AND u.category <> '{ALL}'))",
    ),
    Link(
        _RATES,
        "core.spot_checks",
        "m.counts_from = 'batches' AND " + same("series", "programme", year=f"year({_DAY})")
        + f" AND (m.category = '{ALL}' OR coalesce(u.category, '{UNSTATED}') = m.category) AND (u.region_code = "
        f"m.region_code OR ({_TOWN} = m.region_code AND starts_with({_TOWN}, u.region_code)))",
    ),
    Link("core.spot_checks", "core.spot_check_item", same("series", "sample_id")),
    Link(_VALUE, "core.spot_checks", _of("sampling") + same("region_code", year="year(u.published_on)"),
         chosen=chosen.batches_of_the_city),
)  # fmt: skip

_INTENSITY = "mart.energy_per_10k_gdp"
_GDP = "split_part(m.gdp_series, ' × index of ', {n})"

_ENERGY = (
    Link(
        _VALUE,
        _INTENSITY,
        _of("energy") + "u.region_code = m.region_code AND u.year IN (m.year, d.base_year) "
        "AND u.consumption_scope = d.consumption_scope AND u.electricity_basis = d.electricity_basis "
        "AND u.price_base = d.price_base",
        "JOIN standard.energy_definition d ON d.definition = m.definition",
    ),
    Link(
        _INTENSITY,
        ENERGY_BY_FUEL.name,
        same(*_PLACE, "consumption_scope", "electricity_basis", energy_series="u.series")
        + f" AND (m.energy_method = 'printed total') = (u.fuel IN ({_listed(TOTALS)}))",
    ),
    Link(
        _INTENSITY,
        "core.economic_accounts",
        "u.region_code = m.region_code AND ("
        f"(u.account = '{CURRENT_ACCOUNT}' AND u.series = {_GDP.format(n=1)} "
        "AND u.period = CASE m.price_base WHEN 'current' THEN CAST(m.year AS VARCHAR) ELSE m.price_base END) "
        f"OR (u.account = '{INDEX_ACCOUNT}' AND m.price_base <> 'current' "
        f"AND {_GDP.format(n=2)} IN (u.series, 'several series') "
        "AND u.period > m.price_base AND u.period <= CAST(m.year AS VARCHAR) AND length(u.period) = 4))",
    ),
    Link(
        ENERGY_BY_FUEL.name,
        "core.energy_use",
        same("series", "region_code", "fuel", year="TRY_CAST(u.period AS BIGINT)")
        + " AND coalesce(u.consumer_kind, '') <> 'enterprise' AND (m.taken_from <> 'printed' OR u.consumer = 'all') "
        "AND CASE WHEN m.consumption_scope = 'final' THEN u.flow = 'final' WHEN m.taken_from = 'balance' "
        "THEN u.flow <> 'total' ELSE u.flow = 'total' END",
    ),
    Link(
        _VALUE,
        "mart.emission_reduction",
        _of("emissions") + same(*_PLACE) + " AND u.pollutant = d.pollutant "
        "AND starts_with(m.basis, 'scope ' || u.scope || ': ')",
        "JOIN standard.emission_pollutant d ON d.definition = m.definition",
    ),
    Link(
        "mart.emission_reduction",
        "core.emissions",
        same("region_code", "pollutant", "scope") + " AND u.consumer = 'all' AND u.fuel = 'all' "
        "AND ((u.year = m.year AND u.series = m.series) OR (u.year = m.base_year AND u.series = m.base_series))",
    ),
)

_INDEX = "mart.environment_index"

_ENVIRONMENT = (
    Link(_VALUE, _INDEX, _of("environment_index") + same(*_PLACE, "definition")),
    Link(_INDEX, _AIR_YEAR, same(*_PLACE, basis=f"'{_AIR_YEAR} ' || u.standard")),
    Link(_INDEX, "mart.source_compliance", same(*_PLACE) + " AND m.basis = 'mart.source_compliance'"),
    Link(
        _INDEX,
        _RETURNS,
        same(*_PLACE, basis=f"'{_RETURNS} ' || u.indicator_code || ' of ' || u.series")
        + " AND u.stratum = 'all' AND u.period = CAST(u.year AS VARCHAR) AND NOT coalesce(u.lower_bound, false)",
    ),
    Link(
        _INDEX,
        "mart.environment_return",
        same(*_PLACE, basis="'mart.environment_return ' || u.indicator") + " AND u.headline",
    ),
    Link(
        _VALUE,
        "mart.environment_return",
        _of("environment_returns") + same(*_PLACE, "indicator", "definition"),
    ),
    Link(
        "mart.environment_return",
        _RETURNS,
        same(*_PLACE) + " AND u.indicator_code = d.code",
        "JOIN standard.environment_return_part d ON d.indicator = m.indicator AND d.definition = m.definition",
        chosen.amounts_returned,
    ),
)

_ACCOUNT_ROWS = ", ".join(
    f"('{indicator}', '{account}', {str(based).lower()})"
    for indicator, (accounts, based) in ACCOUNTS_OF.items()
    for account in accounts
)

#: Returns that say how far a register is complete.
_REGISTERS = tuple(
    Link(
        _VALUE,
        _RETURNS,
        _of(name) + "u.indicator_code = m.indicator AND u.region_code = m.region_code "
        f"AND (u.complete_to >= make_date(m.year - {back}, 12, 31) OR (u.nothing_to_report "
        f"AND u.complete_to IS NULL AND u.year BETWEEN m.year - {back} AND m.year))",
    )
    for name, back in (("registers", 0), ("register_growth", 1))
)

_RETURNED = (
    Link(
        _VALUE,
        "core.economic_accounts",
        _of("accounts") + "u.region_code = m.region_code AND u.account = d.account "
        "AND (u.period = CAST(m.year AS VARCHAR) OR (d.based AND u.period = CAST(i.base_year AS VARCHAR)))",
        f"JOIN (VALUES {_ACCOUNT_ROWS}) d (indicator, account, based) ON d.indicator = m.indicator {_STATEMENT}",
        chosen.accounts_used,
    ),
    Link(_VALUE, "core.register_events", _of("registers") + "true", chosen=chosen.events_counted),
    Link(_VALUE, "core.register_events", _of("register_growth") + "true", chosen=chosen.events_of_growth),
    *_REGISTERS,
    Link(
        _VALUE,
        _RETURNS,
        _of("returns") + same(*_PLACE, indicator="u.indicator_code"),
        chosen=chosen.figures_returned,
    ),
)

#: Every link, from verdicts down.
LINKS: tuple[Link, ...] = (
    *_VERDICT,
    *_DERIVED,
    *_ENVIRONMENT,
    *_AIR,
    *_WATER,
    *_PASS_RATES,
    *_ENERGY,
    *_RETURNED,
)
