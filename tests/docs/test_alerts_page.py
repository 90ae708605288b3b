"""docs/alerts.md: its settings are taken, its rules are all there are, its numbers are the defaults."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from typer.main import get_command

from pipelines.alerting.model import RULES
from pipelines.alerting.settings import AlertSettings
from pipelines.alerts_cli import alerts_app
from pipelines.new_home import make_live_home
from pipelines.settings import PROJECT, load_settings

TEXT = (PROJECT / "docs" / "alerts.md").read_text("utf-8")


def _example() -> AlertSettings:
    (block,) = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    return AlertSettings.model_validate(yaml.safe_load(block)["alerts"])


def test_the_example_is_taken_and_names_every_service_and_setting() -> None:
    settings = _example()
    assert {channel.service for channel in settings.channels.values()} == {
        "mail", "wecom", "dingtalk", "feishu", "slack", "teams", "webhook", "file"
    }  # fmt: skip
    assert settings.model_fields_set == set(AlertSettings.model_fields)


def test_the_numbers_of_the_example_are_the_defaults() -> None:
    given = {"channels", "audiences", "first_night", "quiet_hours"}
    assert _example().model_dump(exclude=given) == AlertSettings().model_dump(exclude=given)
    assert AlertSettings().channels == {}


def test_every_rule_and_every_verb_is_explained() -> None:
    assert re.findall(r"^\| `(\w+)` \| .* \| .* \| .* \|$", TEXT, re.MULTILINE) == list(RULES)
    assert set(re.findall(r"`quality-city alerts (\w+)", TEXT)) == set(get_command(alerts_app).commands)  # type: ignore[attr-defined]


def test_the_lines_of_a_new_home_are_settings_once_they_are_uncommented(tmp_path: Path) -> None:
    home = make_live_home(tmp_path / "home")
    lines = home.settings_file.read_text("utf-8").splitlines()
    start = lines.index("# alerts:")
    home.settings_file.write_text("\n".join(line.removeprefix("# ") for line in lines[start:]), "utf-8")
    alerts = load_settings(home=home.root).alerts
    assert list(alerts.audiences) == ["leaders", "operators"]
