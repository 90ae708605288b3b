"""Codes that this house's data know: a slip of the pen waits in quarantine and is told its likely meaning."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from assets.catalog import load_catalog
from assets.ingest import ingest
from assets.known_codes import known_rules, needs_regions
from pipelines.settings import DEFAULT_PLAN
from sources.feeds import FEEDS
from sources.inbox import describe
from support.small_warehouse import STAMP
from warehouse.home import create_home
from warehouse.rebuild import load_references
from warehouse.store import Warehouse

REGIONS = "code,name_zh,level,valid_from\n320282,宜兴市,county,1988-01-01\n320000,江苏省,province,1949-10-01\n"
RETURNS = """indicator_code,region_code,period,stratum,year,value,unit
agri_standardisation_rate,320282,2012,all,2012,51.2,%
agri_standardization_rate,320282,2012,all,2012,51.2,%
gdp_current,320282,2012,all,2012,1000,10^8 yuan
zzz,320282,2012,all,2012,1,%
agri_standardisation_rate,320283,2012,all,2012,51.2,%
"""
EVENTS = """register,event_id,event_date,event_kind,level,holder_name,title,region_code
provincial_brand_new_count,1,2012-05-01,granted,provincial,甲,江苏名牌产品,320282
provincial_brands_new_count,2,2012-05-01,granted,provincial,乙,江苏名牌产品,320282
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory):
    """Regions, returns and events with a slip each, through the real ingestion."""
    folder = tmp_path_factory.mktemp("codes")
    catalog = load_catalog(date(2016, 6, 30), [DEFAULT_PLAN])
    with Warehouse(
        create_home(folder / "home", "live"), marts=catalog.marts, references=catalog.references
    ) as warehouse:
        load_references(warehouse, catalog.loadable)
        for feed, text in (("regions", REGIONS), ("statistical_returns", RETURNS), ("register_events", EVENTS)):
            path: Path = folder / f"{feed}.csv"
            path.write_text(text, "utf-8")
            outcome = ingest(warehouse, FEEDS[feed], [describe(path, feed)], STAMP, lambda said: None)
            assert not [result for result in outcome.results if result.error]
        yield warehouse


def test_unknown_codes_wait_in_quarantine(loaded: Warehouse) -> None:
    rows = loaded.rows("SELECT source_row, rule FROM quarantine.statistical_returns ORDER BY 1")
    assert rows == [(3, "known:indicator_code"), (5, "known:indicator_code"), (6, "known:region_code")]
    assert loaded.rows("SELECT source_row, rule FROM quarantine.register_events") == [(3, "known:register")]
    kept = loaded.rows("SELECT indicator_code FROM core.statistical_returns ORDER BY 1")
    assert kept == [("agri_standardisation_rate",), ("gdp_current",)]


def test_the_reason_names_the_closest_known_code(loaded: Warehouse) -> None:
    reasons = dict(loaded.rows("SELECT source_row, reason FROM quarantine.statistical_returns"))
    assert "found agri_standardization_rate (the closest is agri_standardisation_rate)" in reasons[3]
    assert reasons[5].endswith("found zzz")
    assert "320283 (the closest is 320282)" in reasons[6]
    ((reason,),) = loaded.rows("SELECT reason FROM quarantine.register_events")
    assert "provincial_brand_new_count" in reason and "a register that an indicator of the plan counts" in reason


def test_nothing_is_refused_while_nothing_is_known(tmp_path: Path) -> None:
    """A home without plan tables (`check FILE`) or without regions judges no such code."""
    with Warehouse(create_home(tmp_path / "home", "live")) as warehouse:
        assert known_rules(warehouse, FEEDS["statistical_returns"]) == []


def test_regions_of_the_same_night_come_first() -> None:
    judged = {feed.name for feed in FEEDS.values() if needs_regions(feed)}
    assert judged == {"statistical_returns", "register_events", "pass_rates"}
