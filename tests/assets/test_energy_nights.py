"""A revision of GDP in a real warehouse: the touched years change, the old ones stay known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from assets.energy.marts import MARTS, REFERENCES
from assets.plan.folder import PlanInForce
from assets.plan.load import load_plan
from assets.plan.rows import plan_references
from sources.inbox import describe
from sources.reading import read_file
from support.readings import reading
from support.small_warehouse import STAMP, load
from tests.assets.support_energy import DATA, PLAN, account_row, energy_row
from warehouse.dirty import in_order
from warehouse.home import create_home
from warehouse.marts import ReferenceTable
from warehouse.rebuild import load_references, notice_changed_marts, rebuild
from warehouse.store import Warehouse

INDICES = {2011: "111.5", 2012: "110.5", 2013: "109.2"}
LEVELS = {2010: "860", 2011: "1010", 2012: "1085", 2013: "1160"}
ENERGY = {2010: "780", 2011: "836", 2012: "885", 2013: "914"}


def accounts(levels: dict[int, str], indices: dict[int, str], region: str = "320282") -> list[dict[str, Any]]:
    rows = [account_row(year, "gdp_current", value) for year, value in levels.items()]
    rows += [account_row(year, "gdp_index_previous_year", value) for year, value in indices.items()]
    empty = {"series": "canonical", "price_base": None, "remark": None}
    return [empty | row | {"region_code": region} for row in rows]


def energy(region: str) -> list[dict[str, Any]]:
    empty = {"series": "canonical", "consumer_kind": None, "calorific_value": None}
    rows = [energy_row(period=str(year), quantity=tce) for year, tce in ENERGY.items()]
    return [empty | row | {"region_code": region} for row in rows]


def marts(warehouse: Warehouse) -> pl.DataFrame:
    for mart in in_order(MARTS):
        rebuild(warehouse, mart)
    return warehouse.con.sql(
        "SELECT region_code, year, price_base, gdp_10k_yuan, tce_per_10k_yuan, change_pct, reduction_pct "
        "FROM mart.energy_per_10k_gdp ORDER BY ALL"
    ).pl()


@pytest.fixture(scope="module")
def revised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Warehouse, pl.DataFrame, pl.DataFrame]]:
    """The warehouse after the file of a census revised the level of 2012 and the index of 2013; before and after."""
    plan: tuple[ReferenceTable, ...] = plan_references([PlanInForce(load_plan(PLAN))])
    references = (*REFERENCES, *plan)
    home = create_home(tmp_path_factory.mktemp("energy") / "home", "live")
    with Warehouse(home, marts=MARTS, references=references, threads=1) as warehouse:
        load_references(warehouse, references)
        notice_changed_marts(warehouse, MARTS)
        for region in ("320282", "320281"):
            load(warehouse, reading(f"energy {region}", energy(region), feed="energy_use"))
            load(warehouse, reading(f"accounts {region}", accounts(LEVELS, INDICES, region)))
        before = marts(warehouse)
        revision = read_file(describe(DATA / "gdp_revision.csv", "economic_accounts"))
        assert (revision.records.height, revision.refused.height) == (2, 0)
        later = replace(STAMP, night_id="night-2", now=STAMP.now + timedelta(days=400))
        load(warehouse, revision, stamp=later)
        yield warehouse, before, marts(warehouse)


def changed(before: pl.DataFrame, after: pl.DataFrame) -> set[tuple[str, int, str]]:
    rows = after.join(before, on=before.columns, how="anti", nulls_equal=True)
    return set(rows.select("region_code", "year", "price_base").rows())


def test_a_revision_changes_exactly_the_touched_years(
    revised: tuple[Warehouse, pl.DataFrame, pl.DataFrame],
) -> None:
    _, before, after = revised
    assert before.height == after.height == 2 * 4 * 2
    # The level of 2012 moves current prices of 2012 and the change of 2013; the index, constant prices of 2013.
    assert changed(before, after) == {
        ("320282", 2012, "current"), ("320282", 2013, "current"), ("320282", 2013, "2010"),
    }  # fmt: skip
    level = after.filter(region_code="320282", price_base="current")
    assert level["gdp_10k_yuan"].to_list() == [8_600_000, 10_100_000, 11_220_000, 11_600_000]
    chained = after.filter(region_code="320282", price_base="2010", year=2013)["reduction_pct"].item()
    assert chained == pytest.approx((1 - 914 / 780 / (1.115 * 1.105 * 1.1)) * 100, rel=1e-12)


def test_what_was_known_before_the_revision_is_still_known(
    revised: tuple[Warehouse, pl.DataFrame, pl.DataFrame],
) -> None:
    warehouse, _, _ = revised
    view = "core.economic_accounts_as_known_at(?)"
    asked = f"SELECT period, value FROM {view} WHERE region_code = '320282' AND account = ?"

    def known(at: datetime, account: str) -> dict[str, Decimal]:
        return dict(warehouse.con.execute(asked, [at, account]).fetchall())

    then, now = STAMP.now + timedelta(days=1), STAMP.now + timedelta(days=500)
    assert known(then, "gdp_current")["2012"] == 1085 and known(now, "gdp_current")["2012"] == 1122
    assert known(then, "gdp_index_previous_year")["2013"] == Decimal("109.2")
    assert known(now, "gdp_index_previous_year") == {"2011": Decimal("111.5"), "2012": Decimal("110.5"), "2013": 110}
    assert {k: v for k, v in known(then, "gdp_current").items() if k != "2012"} == {
        k: v for k, v in known(now, "gdp_current").items() if k != "2012"
    }
