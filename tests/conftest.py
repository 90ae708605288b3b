"""What several test files share: one night over the bundled inbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.nights import night


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample home after its first night, made once; tests read it and leave it as it is."""
    home = tmp_path_factory.mktemp("sample") / "home"
    account = night(home)
    assert account.published
    assert [entry.problem for entry in account.files if entry.problem] == []
    assert account.strays == ()
    assert account.errored_rules == ()
    return home
