"""Delivery: real mail and HTTP on loopback, addresses of the named services, kills, and what never leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import datetime
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import apprise
import pytest
from typer.testing import CliRunner

from pipelines.alerting.channels import ID_HEADER, ChannelError, address, masked, validate
from pipelines.alerting.settings import AlertSettings
from pipelines.alerting.steps import desk_of
from pipelines.alerts_cli import alerts_app
from pipelines.settings import PROJECT, Settings, SettingsError, load_settings
from support.alert_city import city
from support.receivers import Hook, Mailbox, serving
from warehouse.home import create_home


def _settings(channels: dict[str, Any], **audience: Any) -> AlertSettings:
    told = {"channels": list(channels), "bodies": ["all"], "operators": True, **audience}
    return AlertSettings.model_validate({"channels": channels, "audiences": {"all": told}})


def _mail(box: Mailbox) -> dict[str, Any]:
    return {
        "service": "mail", "host": "127.0.0.1", "port": box.server_address[1], "security": "none",
        "sender": "quality@example.org", "to": ["a@example.org", "b@example.org"],
    }  # fmt: skip


def _hook(hook: Hook) -> dict[str, Any]:
    return {"service": "webhook", "url": f"http://127.0.0.1:{hook.server_address[1]}/in"}


def test_mail_and_webhook_get_the_message_in_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Mailbox()) as box, serving(Hook()) as hook:
        settings = _settings({"mail": _mail(box), "hook": _hook(hook)}, language="zh")
        with city(tmp_path, settings, monkeypatch, real_channels=True) as town:
            town.judge("pass", "missed")
            town.night()
            town.night()
    assert {recipient for _, recipients, _ in box.mails for recipient in recipients} == {
        "a@example.org",
        "b@example.org",
    }
    sender, _, mail = box.mails[0]
    assert sender == "quality@example.org"
    assert str(make_header(decode_header(mail["Subject"]))) == "质量之城 2013-03-01：1 项告警"
    part = next(part for part in mail.walk() if part.get_content_type() == "text/plain")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert "未达规划要求: pass率，2013年，未达标：判为missed" in payload.decode("utf-8")
    assert mail["Date"] and mail["From"] and mail["To"]
    ((_, headers, body),) = hook.posts
    document = json.loads(body)
    assert "未达规划要求: pass率，2013年，未达标：判为missed" in document["message"]
    assert document["message_id"] == headers[ID_HEADER] == mail[ID_HEADER]
    assert document["message_id"] in document["message"]


def test_a_process_killed_between_send_and_mark_sends_that_message_once_more(tmp_path: Path) -> None:
    home = create_home(tmp_path / "home", "live")
    with serving(Hook()) as hook:
        settings = Settings(home=home.root, alerts=_settings({"hook": _hook(hook)}))
        with desk_of(settings, home) as desk:
            desk.store.put(_message("qc-1"), ["hook"], datetime(2013, 3, 1))
            desk.store.put(_message("qc-2"), ["hook"], datetime(2013, 3, 1))
        code = (
            "import os, signal, sys; from pipelines.alerting import outbox; from pipelines.alerting.nightly import "
            "look_at_outbox; from pipelines.settings import Settings; send = outbox._by_apprise\n"
            "def killed(*a):\n    send(*a); os.kill(os.getpid(), signal.SIGKILL)\n"
            "outbox._by_apprise = killed\nlook_at_outbox(Settings.model_validate_json(sys.argv[1]))"
        )
        died = subprocess.run([sys.executable, "-c", code, settings.model_dump_json()], check=False, env=_env())
        assert died.returncode == -signal.SIGKILL
        assert _ids(hook) == ["qc-1"]
        for _ in range(2):
            assert (
                CliRunner().invoke(alerts_app, ["send", "--home", str(home.root)], env=_as_env(settings)).exit_code == 0
            )
        assert _ids(hook) == ["qc-1", "qc-1", "qc-2"]


def _message(number: str) -> Any:
    from pipelines.alerting.store import Message

    return Message(number, "all", "题", "文", ())


def _env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PROJECT)}


def _as_env(settings: Settings) -> dict[str, str]:
    return {"QUALITY_CITY_ALERTS": settings.alerts.model_dump_json()}


def _ids(hook: Hook) -> list[str]:
    return [json.loads(body)["message_id"] for _, _, body in hook.posts]


SECRETS = {
    "WECOM_KEY": "0f1c2d3e-1111-2222-3333-444455556666",
    "DING_TOKEN": "a" * 64,
    "DING_SECRET": "SEC" + "b" * 61,
    "FEISHU_TOKEN": "c" * 36,
    "SLACK_TOKEN": "T0000AAAA/B0000BBBB/abcdefghijklmnopqrstuvwx",
    "TEAMS_ID": "d" * 32,
    "TEAMS_SIG": "e" * 43,
    "MAIL_USER": "quality@example.org",
    "MAIL_PASSWORD": "p@ss:w/rd?",
    "HOOK": "https://hooks.example.org/in?token=s3cret",
}
SERVICES = {
    "mail": {"service": "mail", "host": "mail.example.org", "sender": "q@example.org", "to": ["a@example.org"],
             "user": "${MAIL_USER}", "password": "${MAIL_PASSWORD}"},
    "wecom": {"service": "wecom", "key": "${WECOM_KEY}"},
    "dingtalk": {"service": "dingtalk", "token": "${DING_TOKEN}", "secret": "${DING_SECRET}"},
    "feishu": {"service": "feishu", "token": "${FEISHU_TOKEN}"},
    "slack": {"service": "slack", "token": "${SLACK_TOKEN}"},
    "teams": {"service": "teams", "host": "prod-1.westus.logic.azure.com", "workflow": "${TEAMS_ID}",
              "signature": "${TEAMS_SIG}"},
    "webhook": {"service": "webhook", "url": "${HOOK}"},
}  # fmt: skip
PLUGINS = {
    "mail": "NotifyEmail", "wecom": "NotifyWeComBot", "dingtalk": "NotifyDingTalk", "feishu": "NotifyFeishu",
    "slack": "NotifySlack", "teams": "NotifyWorkflows", "webhook": "NotifyJSON",
}  # fmt: skip


@pytest.mark.parametrize("service", SERVICES)
def test_apprise_takes_the_address_of_every_named_service(service: str) -> None:
    channel = _settings({"one": SERVICES[service]}).channels["one"]
    validate("one", channel, SECRETS)
    made = apprise.Apprise.instantiate(address("one", channel, "qc-1", SECRETS))
    assert type(made).__name__ == PLUGINS[service]
    with pytest.raises(ChannelError, match="is not set; set it where nights are run"):
        address("one", channel, "qc-1", {})


def test_secrets_survive_the_address_and_are_masked_in_errors() -> None:
    channel = _settings({"one": SERVICES["mail"]}).channels["one"]
    made: Any = apprise.Apprise.instantiate(address("one", channel, "qc-1", SECRETS))
    assert made.password == SECRETS["MAIL_PASSWORD"]
    assert "p@ss" not in masked(f"login {SECRETS['MAIL_PASSWORD']} refused", channel, SECRETS)


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        ({"service": "wecom", "key": "0f1c2d3e"}, "pattern"),
        ({"service": "webhook", "url": "https://host/in?token=1"}, "of a variable"),
        ({"service": "pager", "key": "${A}"}, "wecom"),
    ],
)
def test_a_secret_in_the_settings_and_an_unknown_service_are_refused(
    tmp_path: Path, channel: dict[str, str], said: str
) -> None:
    home = create_home(tmp_path / "home", "live")
    home.settings_file.write_text(json.dumps({"alerts": {"channels": {"one": channel}}}), "utf-8")
    with pytest.raises(SettingsError, match=said):
        load_settings(home=home.root)


def test_alerts_on_made_up_rows_never_leave_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Hook()) as hook:
        settings = _settings({"hook": _hook(hook), "log": {"service": "file"}})
        with city(tmp_path, settings, monkeypatch, real_channels=True) as town:
            town.judge("real", "met")
            town.night()
            for name, origin in (("real", "real"), ("made", "synthetic"), ("partly", "mixed")):
                town.judge(name, "missed", origin=origin)
            town.later(days=1)
            town.night()
            lines = (town.warehouse.home.logs / "alerts.jsonl").read_text("utf-8").splitlines()
    told = [json.loads(body)["message"] for _, _, body in hook.posts]
    assert len(told) == 1 and "real率" in told[0]
    assert not any(word in told[0] for word in ("made", "partly"))
    assert "【示例数据】未达规划要求: made率" in json.loads(lines[-1])["body"]
    assert "partly率" in json.loads(lines[-1])["body"]


def test_quiet_hours_hold_messages_until_a_later_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet = _settings({"bot": {"service": "wecom", "key": "${K}"}}).model_dump() | {
        "quiet_hours": {"start": "22:00", "end": "07:30"}
    }
    with city(tmp_path, AlertSettings.model_validate(quiet), monkeypatch) as town:
        town.judge("pass", "missed")
        assert town.night() == []
        town.later(hours=5)
        assert town.look() == []
        town.later(minutes=31)
        assert [channel for channel, _ in town.look()] == ["bot"]
        assert town.look() == []


def test_pauses_of_a_dead_channel_grow_and_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _settings({"bot": {"service": "wecom", "key": "${K}"}})
    assert [settings.backoff(n).total_seconds() / 60 for n in (1, 2, 3, 9)] == [5, 10, 20, 720]
    with city(tmp_path, settings, monkeypatch) as town:
        town.dead = {"bot"}
        town.judge("pass", "missed")
        town.night()
        town.dead = set()
        town.later(minutes=4)
        assert town.look() == []
        town.later(minutes=2)
        assert len(town.look()) == 1


def test_a_night_that_did_not_run_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with city(tmp_path, _settings({"bot": {"service": "wecom", "key": "${K}"}}), monkeypatch) as town:
        town.judge("pass", "met")
        town.night()
        town.later(hours=30)
        assert town.look() == []
        town.later(hours=7)
        ((_, message),) = town.look()
        assert "the last night began 2013-03-01 02:00, and the next one did not run in time" in message.body
        assert town.look() == []


def test_a_person_resolves_and_it_stays_so_until_something_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with city(tmp_path, _settings({"bot": {"service": "wecom", "key": "${K}"}}), monkeypatch) as town:
        root = str(town.warehouse.home.root)
        town.judge("pass", "behind")
        town.night()
        shown = CliRunner().invoke(alerts_app, ["list", "--json", "--home", root])
        (alert,) = json.loads(shown.stdout)
        assert (alert["indicator"], alert["state"]) == ("pass", "sent")
        wrong = CliRunner().invoke(alerts_app, ["ack", "nothing", "--until", "2099-01-01", "--home", root])
        assert wrong.exit_code == 2 and "alerts list" in wrong.stderr
        assert CliRunner().invoke(alerts_app, ["resolve", alert["alert_id"], "--home", root]).exit_code == 0
        town.later(days=1)
        ((_, over),) = town.night()
        assert "Resolved" in over.body
        town.later(days=1)
        assert town.night() == []
        town.judge("pass", "missed")
        assert len(town.night()) == 1


def test_trying_channels(tmp_path: Path) -> None:
    home = create_home(tmp_path / "home", "live")
    none = CliRunner().invoke(alerts_app, ["test", "--home", str(home.root)])
    assert none.exit_code == 2 and "docs/alerts.md" in none.stderr
    with serving(Hook()) as hook:
        settings = Settings(alerts=_settings({"hook": _hook(hook), "bot": {"service": "wecom", "key": "${NOT_SET}"}}))
        tried = CliRunner().invoke(alerts_app, ["test", "--home", str(home.root)], env=_as_env(settings))
        assert tried.exit_code == 2
        assert "hook: 已送达" in tried.stdout and "NOT_SET is not set" in tried.stdout
        assert "收到即可" in json.loads(hook.posts[0][2])["message"]
        only = ["test", "hook", "--only-address", "--home", str(home.root)]
        assert CliRunner().invoke(alerts_app, only, env=_as_env(settings)).exit_code == 0
        assert len(hook.posts) == 1
