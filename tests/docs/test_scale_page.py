"""docs/scale.md: its settings are settings, and what it says of them is what they are."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from pipelines.settings import PROJECT, SparkSettings, load_settings
from warehouse.spark.engine import MEANING

_PAGE = (PROJECT / "docs" / "scale.md").read_text("utf-8")


def test_the_example_is_read_as_it_stands(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", _PAGE, re.S)
    (tmp_path / "settings.yaml").write_text(example, "utf-8")
    settings = load_settings(home=tmp_path)
    written = yaml.safe_load(example)
    assert settings.engine == "spark"
    assert settings.spark.model_dump(mode="json") == written["spark"]
    assert not set(settings.spark.options) & set(MEANING)


def test_every_setting_of_the_cluster_stands_there_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", _PAGE, re.M))
    assert set(rows) == set(SparkSettings.model_fields)
    defaults = SparkSettings()
    assert rows["portions_from"] == str(defaults.portions_from)
    assert rows["master"].startswith(f"`{defaults.master}`")


def test_the_tests_and_files_that_it_names_exist() -> None:
    named = re.findall(r"\(?`(tests/[\w./]+|requirements[\w.-]+)`", _PAGE)
    assert len(named) >= 2
    assert [name for name in named if not (PROJECT / name).exists()] == []
