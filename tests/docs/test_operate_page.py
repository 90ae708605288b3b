"""docs/operate.md: every alert for operators and every finding of `health` has its line."""

from __future__ import annotations

import re
from pathlib import Path

from pipelines.alerting.model import RULES, Severity
from pipelines.alerting.settings import AlertSettings
from pipelines.health import examine
from pipelines.settings import PROJECT
from warehouse.home import open_home

TEXT = (PROJECT / "docs" / "operate.md").read_text("utf-8")


def _codes(heading: str) -> list[str]:
    section = TEXT.split(f"## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)


def test_every_alert_for_operators_says_what_to_do() -> None:
    rules = [rule.code for rule in RULES.values() if rule.severity is Severity.OPERATOR]
    assert _codes("Alerts for operators") == rules


def test_every_finding_is_explained(sample_home: Path) -> None:
    from datetime import datetime

    seen = {finding.what for finding in examine(open_home(sample_home), AlertSettings(), datetime.now(), 1 << 40)}
    assert seen | {"channel"} == set(_codes("Look first"))


def test_the_files_of_systemd_that_are_named_are_there() -> None:
    page = (PROJECT / "docs" / "run-it-nightly.md").read_text("utf-8")
    named = set(re.findall(r"deploy/(quality-city[\w-]*\.\w+)", page))
    assert named == {path.name for path in (PROJECT / "deploy").iterdir()}
