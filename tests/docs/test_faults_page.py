"""docs/faults.md: every row of faults names a test, and every test that is named is there."""

from __future__ import annotations

import re

from pipelines.settings import PROJECT

TEXT = (PROJECT / "docs" / "faults.md").read_text("utf-8")


def test_every_fault_names_its_test_and_every_test_is_there() -> None:
    rows = [line for line in TEXT.splitlines() if line.count("|") == 5 and not re.match(r"\|(---| fault )", line)]
    assert len(rows) > 20
    assert [row for row in rows if not re.search(r"`test_\w+`", row)] == []
    named = set(re.findall(r"`(test_\w+)`", TEXT))
    written = "".join(path.read_text("utf-8") for path in (PROJECT / "tests").rglob("test_*.py"))
    assert {name for name in named if f"def {name}(" not in written} == set()
