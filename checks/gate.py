"""The gate of a feed: all its rules on the staged batch.

Belongs here: which rules a feed has, and their verdict on a batch. Does not belong here: moving
records (the caller refuses what a critical rule selected).
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from checks.gx import run_rules
from checks.rules import Rule, RuleResult, base_rules
from checks.subjects import SUBJECT_RULES
from sources.registry import Feed


def rules_of(feed: Feed, further: Sequence[Rule] = ()) -> list[Rule]:
    """The registry's rules, the subject's own and `further` ones, names unique within the feed."""
    rules = [*base_rules(feed), *SUBJECT_RULES.get(feed.name, ()), *further]
    if len({rule.name for rule in rules}) != len(rules):
        raise ValueError(f"{feed.name}: two rules have the same name")
    return rules


def judge(con: duckdb.DuckDBPyConnection, feed: Feed, further: Sequence[Rule] = ()) -> list[RuleResult]:
    """Run every rule of the feed on its committed staging table; `further`: rules that this home's data give."""
    return run_rules(con, feed.name, rules_of(feed, further))


def broken(results: list[RuleResult]) -> list[RuleResult]:
    """Critical rules that could not run: without them nobody knows whether the records are sound."""
    return [result for result in results if result.success is None and result.rule.severity == "critical"]
