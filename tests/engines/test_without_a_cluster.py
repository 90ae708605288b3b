"""`engine: spark` where something is missing: what is said, and that the night is the same."""

from __future__ import annotations

import importlib.util
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.settings import SettingsError, load_settings
from support.nights import SAID, night

pytestmark = pytest.mark.engines


def test_without_pyspark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(SettingsError, match=r"pyspark is not installed; install it with .*requirements-spark\.txt"):
        night(tmp_path / "home", engine="spark")


def test_without_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: object())
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(SettingsError, match=r"there is no Java.*install a Java runtime of version 17"):
        night(tmp_path / "home", engine="spark")


def test_a_cluster_that_does_not_answer_costs_no_night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB computes the marts, and the night says why; it asks once, and not for each mart."""
    monkeypatch.setattr("pipelines.engines._needs", lambda: None)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: it refuses
        master = f"spark://127.0.0.1:{nobody.getsockname()[1]}"
        SAID.clear()
        account = night(tmp_path / "home", engine="spark", spark={"master": master, "portions_from": 0})
    assert account.published
    (told,) = [text for text in SAID if "DuckDB computes" in text]
    assert told.startswith(f"Spark at {master} cannot be used (OSError: no answer: ")


def test_a_mart_that_fails_there_is_computed_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> str:
        raise RuntimeError("Job aborted due to stage failure\nand a page of Java")

    monkeypatch.setattr("pipelines.engines._needs", lambda: None)
    monkeypatch.setattr("warehouse.spark.engine.SparkEngine.connect", lambda _: object())
    monkeypatch.setattr("warehouse.spark.engine.SparkEngine.computed", failing)
    inbox = tmp_path / "inbox" / "air_readings"
    inbox.mkdir(parents=True)
    (inbox / "a.csv").write_text(
        "station_code,period_end,averaging,site_kind,so2\n320200,2012-05-02 00:00,24h,city,20\n", "utf-8"
    )
    SAID.clear()
    account = night(tmp_path / "home", inbox=inbox.parent, engine="spark", spark={"portions_from": 0})
    assert account.published
    assert account.rebuilt["mart.air_station_day"] > 0
    why = "(RuntimeError: Job aborted due to stage failure)"
    assert f"Spark could not compute mart.air_station_day {why}; DuckDB computes it" in SAID


def test_settings_name_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text("engine: sparks\nspark:\n  nodes: 3\n", "utf-8")
    with pytest.raises(SettingsError) as wrong:
        load_settings(home=tmp_path)
    assert "setting engine (QUALITY_CITY_ENGINE): found 'sparks'" in str(wrong.value)
    assert "setting spark.nodes: unknown" in str(wrong.value)


def test_duckdb_nights_do_not_import_spark() -> None:
    code = "import pipelines.run, sys; print([m for m in sys.modules if 'spark' in m])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
