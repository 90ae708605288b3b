"""Files on their way into staging: together in few statements, and each wholly or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.feeds import FEEDS
from support.readings import account, reading
from support.small_warehouse import open_warehouse
from warehouse import staging
from warehouse.staging import file_id

ACCOUNTS = FEEDS["economic_accounts"]


@pytest.mark.parametrize("records", [1, 3, 1000], ids=["staged at once", "some wait", "all wait"])
def test_a_file_that_is_no_good_leaves_the_others_wherever_its_records_were(tmp_path: Path, records: int) -> None:
    files = [
        reading(name, [account(str(place), year, 10) for place in range(2)])
        for name, year in (("a", "2012"), ("b", "2013"), ("c", "2014"))
    ]
    with open_warehouse(tmp_path) as warehouse:
        staging.open_staging(warehouse, ACCOUNTS)
        waiting = staging.Waiting(warehouse, ACCOUNTS, records)
        for read in files[:2]:
            waiting.add(read)
        waiting.discard(files[1].file)
        waiting.add(files[2])
        waiting.stage()
        waiting.stage()  # nothing waits any more
        staged = warehouse.rows("SELECT source_file_id, period FROM staging.economic_accounts ORDER BY ALL")
    kept = sorted(
        (file_id(read.file), year) for read, year in ((files[0], "2012"), (files[2], "2014")) for _ in range(2)
    )
    assert staged == kept
