"""Limits of a file are settings: told in the documentation, set for the process, named where a file is refused."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.settings import PROJECT, LimitSettings, SettingsError, load_settings
from sources import bounds
from sources.inbox import describe
from sources.outcome import Refusal
from sources.reading import read_file


@pytest.fixture(autouse=True)
def limits_as_they_were() -> Iterator[None]:
    yield
    bounds.set_limits(LimitSettings().model_dump())


def test_every_limit_is_a_setting_and_in_the_documentation() -> None:
    told = re.findall(
        r"\| `limits\.(\w+)` \| (\d+) \| (.+) \|", (PROJECT / "docs" / "quarantine.md").read_text("utf-8")
    )
    fields = LimitSettings.model_fields
    assert told == [(name, str(field.default), field.description) for name, field in fields.items()]
    assert {
        name: getattr(bounds, constant) for name, constant in bounds.SETTINGS.items()
    } == LimitSettings().model_dump()


def test_a_limit_of_the_homes_settings_holds_and_the_refusal_names_it(tmp_path: Path) -> None:
    file = tmp_path / "stations.csv"
    file.write_text("code,valid_from,medium,name_zh,region_code,note\nA,2010-01-01,air,A,320282,x\n")
    (tmp_path / "settings.yaml").write_text("limits:\n  columns: 5\n")
    load_settings(home=tmp_path)
    with pytest.raises(Refusal, match=r"6 columns; accepted: up to 5 columns; .*raise the setting limits\.columns"):
        read_file(describe(file, "stations"))


def test_a_limit_of_the_environment_wins_and_nonsense_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "settings.yaml").write_text("limits:\n  members: 5\n")
    monkeypatch.setenv("QUALITY_CITY_LIMITS", '{"members": 7}')
    assert load_settings(home=tmp_path).limits.members == 7
    assert bounds.MAX_MEMBERS == 7
    monkeypatch.setenv("QUALITY_CITY_LIMITS", '{"members": 0}')
    with pytest.raises(SettingsError, match="limits"):
        load_settings(home=tmp_path)


@pytest.mark.parametrize(("threads", "polars"), [("1", 1), ("3", 3)])
def test_threads_hold_for_polars_too(threads: str, polars: int, tmp_path: Path) -> None:
    """In a process of its own: Polars asks once, when it is imported."""
    looks = "from pipelines.cli import load_settings; load_settings(); import polars; print(polars.thread_pool_size())"
    told = {"QUALITY_CITY_HOME": str(tmp_path), "QUALITY_CITY_THREADS": threads}
    environment = {name: value for name, value in os.environ.items() if name != "POLARS_MAX_THREADS"} | told
    done = subprocess.run(
        [sys.executable, "-c", looks], env=environment, cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) == polars
