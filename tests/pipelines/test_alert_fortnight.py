"""A fortnight of nights with planted events: the messages that each audience gets, no fewer and no more."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.alerting import nightly
from pipelines.alerting.settings import AlertSettings
from pipelines.alerts_cli import alerts_app
from support.alert_city import City, Killed, city

EXPECTED = Path(__file__).parents[1] / "data" / "pipelines" / "alert_fortnight.txt"
NUMBER = re.compile(r"\[[0-9a-f]{16}\] |\nqc-[0-9a-f]{20}")

SETTINGS = AlertSettings.model_validate(
    {
        "channels": {
            name: {"service": "webhook", "url": f"http://127.0.0.1/{name}"}
            for name in ("leaders", "mayor", "food", "air", "works")
        },
        "audiences": {
            "leaders": {"channels": ["leaders"], "bodies": ["all"], "language": "en"},
            "mayor": {"channels": ["mayor"], "escalations": True, "language": "en"},
            "food": {"channels": ["food"], "bodies": ["food"], "language": "zh"},
            "air": {"channels": ["air"], "bodies": ["air"], "language": "zh"},
            "operators": {"channels": ["works"], "operators": True, "language": "en"},
        },
        "repeat_days": 7,
        "escalate_after_days": 10,
    }
)


def _plant(town: City, day: int) -> None:
    """What is different on this day of March."""
    match day:
        case 1:
            town.judge("pass", "behind", body="food")
            town.judge("hygiene", "met", body="food")
            town.judge("air", "met", body="air")
            town.judge("noise", "missed")
            for past in range(20, 28):
                town.deliver("hourly", date(2013, 2, past))
        case 3:
            town.judge("air", "behind")
        case 4:
            town.judge("pass", "missed")
        case 5:
            town.judge("pass", "met")
        case 6 | 8 | 10:
            town.judge("hygiene", "behind")
        case 7 | 9:
            town.judge("hygiene", "on_track")
        case 12:
            town.judge("pass", "slipped")
        case 13:
            town.judge("pass", "insufficient_data")
    if day == 9:
        town.judge("air", "missed")
        town.dead = {"air"}
    if day == 11:
        town.dead = set()
        town.deliver("hourly", date(2013, 3, 11))
    if 2 <= day <= 5 or day >= 12:
        town.deliver("hourly", date(2013, 3, day))


@pytest.fixture(scope="module")
def fortnight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The fortnight, lived through once. On the 12th the night is killed after it sent to `food`, before it marked."""
    with pytest.MonkeyPatch.context() as patch, city(tmp_path_factory.mktemp("fortnight"), SETTINGS, patch) as town:
        for day in range(1, 15):
            town.now = town.now.replace(day=day, hour=2, minute=0)
            _plant(town, day)
            if day == 4:
                _take_on(town, "air")
            if day == 12:
                town.kill_after = "food"
                with pytest.raises(Killed):
                    town.night()
                town.kill_after = ""
                town.later(minutes=10)
            town.night()
        yield town


def _take_on(town: City, indicator: str) -> None:
    with nightly.desk_of(town.settings, town.warehouse.home) as desk:
        (number,) = [alert.alert_id for alert in desk.store.alerts() if alert.indicator == indicator and alert.open]
    until = ["ack", number, "--until", "2013-03-20", "--by", "王工", "--home", str(town.warehouse.home.root)]
    assert CliRunner().invoke(alerts_app, until).exit_code == 0


def test_every_audience_gets_exactly_these_messages(fortnight: City) -> None:
    """The file was held line by line against the planted events; numbers are left out, they are hashes."""
    found = "\n".join(
        f"=== {at:%m-%d %H:%M} → {channel}: {message.title}\n{message.body}" for at, channel, message in fortnight.sent
    )
    assert NUMBER.sub("", found).rstrip().splitlines() == EXPECTED.read_text("utf-8").splitlines()


def test_one_duplicate_and_no_other(fortnight: City) -> None:
    count = Counter((channel, message.message_id) for _, channel, message in fortnight.sent)
    twice = [(channel, number) for (channel, number), times in count.items() if times > 1]
    assert [channel for channel, _ in twice] == ["food"]
    assert max(count.values()) == 2
    with nightly.desk_of(fortnight.settings, fortnight.warehouse.home) as desk:
        assert desk.store.waiting() == 0


def test_the_published_copy_holds_each_alert_once(fortnight: City) -> None:
    rows = fortnight.warehouse.rows(
        "SELECT indicator, rule, state, acknowledged_by FROM mart.alert ORDER BY opened_at, indicator"
    )
    assert rows == [
        ("noise", "off_plan", "escalated", None),
        ("pass", "off_plan", "resolved", None),
        ("air", "off_plan", "acknowledged", "王工"),
        ("hygiene", "off_plan", "resolved", None),
        ("hygiene", "off_plan", "resolved", None),
        ("series:air_readings.hourly", "late_series", "resolved", None),
        ("channel:air", "channel_failing", "resolved", None),
        ("hygiene", "off_plan", "opened", None),  # it flaps: nobody was told of this one
        ("pass", "off_plan", "sent", None),
    ]
