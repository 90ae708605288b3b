"""The example row of every template satisfies every rule of its feed."""

from __future__ import annotations

import pytest

from checks import gate
from sources.feeds import FEEDS
from sources.inbox import describe
from sources.reading import read_file
from sources.templates import write_template
from support.small_warehouse import open_warehouse
from warehouse import staging


@pytest.fixture(scope="module")
def broken_rules(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Feed → rules that its example row breaks, or that could not run."""
    folder = tmp_path_factory.mktemp("templates")
    found = {}
    with open_warehouse(folder) as warehouse:
        for name, feed in FEEDS.items():
            path = folder / f"{name}.xlsx"
            write_template(feed, path)
            staging.open_staging(warehouse, feed)
            staging.stage(warehouse, feed, read_file(describe(path, name)))
            results = gate.judge(warehouse.con, feed)
            found[name] = [f"{result.rule.name} {result.error}" for result in results if not result.success]
    return found


@pytest.mark.parametrize("feed", FEEDS)
def test_an_example_row_breaks_no_rule(broken_rules: dict[str, list[str]], feed: str) -> None:
    assert broken_rules[feed] == []
