"""Dagster shows of every mart's column from which columns of which assets it is computed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import dagster as dg

from assets.glue import _column_lineage
from sources.feeds import FEEDS
from support.readings import account, reading
from support.small_warehouse import TOTALS, load, open_warehouse
from warehouse.rebuild import rebuild


def test_the_metadata_of_a_mart_names_assets_and_columns(tmp_path: Path) -> None:
    with open_warehouse(tmp_path) as warehouse:
        load(warehouse, reading("a", [account("1", "2012", 10)]))
        rebuild(warehouse, TOTALS)
        night = cast(Any, SimpleNamespace(warehouse=warehouse))
        found = _column_lineage(night, TOTALS, list(FEEDS.values()))
    core = dg.AssetKey(["core", "economic_accounts"])
    assert dict(found.deps_by_column) == {
        "region_code": [dg.TableColumnDep(core, "region_code")],
        "total": [dg.TableColumnDep(core, "value")],
    }
