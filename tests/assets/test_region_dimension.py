"""One statement of a region where several series make one."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest

from assets.regions import REGION, REGION_MART
from tests.assets.support_plan import MemoryInputs
from tests.assets.support_values import value_inputs


@pytest.fixture
def inputs() -> MemoryInputs:
    return value_inputs()


def test_one_row_per_region_and_date(inputs: MemoryInputs) -> None:
    region = {
        "code": "1",
        "valid_from": date(1990, 1, 1),
        "name_zh": "宜兴市",
        "level": "county",
        "parent_code": "0",
    }
    inputs.core(
        "regions",
        [
            region | {"series": "s", "name_zh": "示例", "origin": "synthetic", "published_at": datetime(2020, 1, 1)},
            region | {"series": "a", "name_zh": "旧", "published_at": datetime(2010, 1, 1)},
            region | {"series": "b", "published_at": datetime(2012, 1, 1)},
            region | {"series": "b", "valid_from": date(2000, 1, 1)},
            region | {"series": "b", "code": "2"},
        ],
    )
    inputs.frame("work.dirty", pl.DataFrame({"code": ["1"]}))
    found = inputs.run(REGION_MART.build(inputs)).sort("valid_from")
    assert tuple(found.columns) == REGION.names
    assert list(found.select("code", "name_zh", "series").iter_rows()) == [("1", "宜兴市", "b")] * 2
