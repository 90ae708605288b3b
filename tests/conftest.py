"""What several test files share: one night over the bundled inbox."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipelines import present
from support.nights import night


@pytest.fixture(scope="session", autouse=True)
def _compiled_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The homes of one test run share their compiled SQL: each would spend ten seconds on the same texts."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "compiled"
    os.environ["QUALITY_CITY_COMPILED"] = str(shared)


@pytest.fixture(scope="session", autouse=True)
def _wide_console() -> None:
    """What commands print does not depend on the terminal that the tests run in: a narrow one wraps words and cells."""
    present.out.width = 200


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample home after its first night, made once; tests read it and leave it as it is."""
    home = tmp_path_factory.mktemp("sample") / "home"
    account = night(home, report=True)
    assert account.published
    assert [entry.problem for entry in account.files if entry.problem] == []
    assert account.strays == ()
    assert account.errored_rules == ()
    assert account.not_made == ()
    return home
