"""Each reason to alert by itself: whom it reaches, what it says, and when it is over."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import pytest
from typer.testing import CliRunner

from pipelines.alerting.glue import TOLD_TAG, failure_sensor, outbox_sensor
from pipelines.alerting.nightly import failure_told
from pipelines.alerting.settings import AlertSettings
from pipelines.alerting.steps import desk_of
from pipelines.alerting.store import AlertStore, AlertStoreError
from pipelines.cli import app
from pipelines.definitions import JOB, build_defs
from pipelines.settings import Settings
from support.alert_city import City, city
from warehouse.home import create_home, locked

SETTINGS = AlertSettings.model_validate(
    {
        "channels": {name: {"service": "webhook", "url": f"http://127.0.0.1/{name}"} for name in ("food", "works")},
        "audiences": {
            "food": {"channels": ["food"], "bodies": ["food"], "language": "en"},
            "operators": {"channels": ["works"], "operators": True, "language": "en"},
        },
    }
)


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[City]:
    """A city whose first night, with nothing to tell, is over."""
    with city(tmp_path, SETTINGS, monkeypatch) as made:
        assert made.night() == []
        made.later(days=1)
        yield made


def _told(town: City) -> list[tuple[str, str]]:
    """Channel and lines of what the next night sends, without the numbers of alerts; the day after it begins."""
    sent = town.night()
    town.later(days=1)
    return [
        (channel, line.split("] ", 1)[-1].removeprefix("- "))
        for channel, message in sent
        for line in message.body.splitlines()
        if line.startswith("- ")
    ]


def _ledger(town: City, name: str, state: str, reason: str = "") -> None:
    town.warehouse.con.execute("DELETE FROM meta.source_file WHERE name = ?", [name])
    town.warehouse.con.execute(
        "INSERT INTO meta.source_file BY NAME SELECT ? AS source_file_id, 'emissions' AS feed, 's' AS series, "
        "? AS name, 'x' AS sha256, 'real' AS origin, ? AS state, ? AS reason, 0 AS rows_read, 0 AS rows_accepted, "
        "0 AS rows_quarantined, 0 AS rows_duplicate, 0 AS rows_set_aside, 0 AS undated_conflicts, 1 AS bytes, "
        "? AS modified_at, ? AS loaded_at, ? AS night_id, 'r' AS reader",
        [name, name, state, reason, town.now, town.now, f"n{town.now:%d}"],
    )


def _checked(town: City, success: bool | None, error: str = "") -> None:
    town.warehouse.con.execute(
        "INSERT INTO meta.validation_result BY NAME SELECT ? AS night_id, 'emissions' AS feed, 'positive' AS "
        "expectation, ? AS success, 5 AS evaluated, 2 AS unexpected, 'critical' AS severity, ? AS error, "
        "'tonnes are positive' AS statement",
        [f"n{town.now:%d}", success, error],
    )


def test_a_refused_file_until_it_is_taken_away(town: City) -> None:
    lying = town.warehouse.home.inbox / "emissions" / "bad.csv"
    lying.parent.mkdir()
    lying.write_text("?", "utf-8")
    _ledger(town, "bad.csv", "refused", "no column tonnes; accepted: tonnes")
    assert _told(town) == [("works", "file refused: emissions/bad.csv: no column tonnes; accepted: tonnes")]
    assert _told(town) == []
    lying.unlink()
    assert [line.split(":")[0] for _, line in _told(town)] == ["(was) file refused"]


def test_a_held_file_is_told_like_a_refused_one_and_a_refused_file_that_is_gone_is_not(town: City) -> None:
    lying = town.warehouse.home.inbox / "emissions" / "late.csv"
    lying.parent.mkdir()
    lying.write_text("?", "utf-8")
    _ledger(town, "late.csv", "held", "rule positive could not run")
    _ledger(town, "gone.csv", "refused", "empty")
    assert _told(town) == [("works", "file refused: emissions/late.csv: rule positive could not run")]


def test_a_failed_check_until_the_feed_is_checked_again(town: City) -> None:
    _checked(town, success=False)
    said = (
        "check failed: emissions.positive: 2 records break it (tonnes are positive); see quality-city quarantine list"
    )
    assert _told(town) == [("works", said)]
    assert _told(town) == []  # nothing new was checked
    _checked(town, success=True)
    assert _told(town) == [("works", f"(was) {said}")]


def test_an_errored_check_is_another_alert_than_a_failed_one(town: City) -> None:
    _checked(town, success=None, error="no column tonnes")
    said = "check could not run: emissions.positive: no column tonnes"
    assert _told(town) == [("works", said)]
    _checked(town, success=False)
    assert sorted(line.split(":")[0] for _, line in _told(town)) == ["(was) check could not run", "check failed"]


def test_drift_until_a_file_of_the_series_looks_as_usual(town: City) -> None:
    _ledger(town, "jump.csv", "loaded")
    town.warehouse.con.execute(
        "INSERT INTO meta.drift BY NAME SELECT 'jump.csv' AS source_file_id, 'n' AS night_id, 'rows_jump' AS kind, "
        "'' AS item, '' AS \"column\", '900 records' AS found, '90 to 110' AS usual"
    )
    said = (
        "data drifted: jump.csv of emissions/s: jump in records : 900 records (usually 90 to 110); "
        "it was loaded as it is, please compare it with its source"
    )
    assert _told(town) == [("works", said)]
    assert _told(town) == []
    _ledger(town, "usual.csv", "loaded")
    assert _told(town) == [("works", f"(was) {said}")]


def test_a_series_is_late_by_its_own_rhythm(town: City) -> None:
    """Twice the usual pause: three days for a daily series, more than two weeks for a weekly one."""
    town.deliver("history", date(2013, 1, 1))  # what a new home loads on its first day promises nothing
    assert _told(town) == []
    for day in (1, 2, 3, 4):
        town.deliver("daily", date(2013, 2, day))
    for day in (1, 8, 15, 22):
        town.deliver("weekly", date(2013, 2, day))
    first: dict[str, int] = {}
    for waited in range(17):
        for _, line in _told(town):
            first.setdefault(line.split(":")[1].strip(), waited)
    assert first == {"air_readings/daily": 3, "air_readings/weekly": 15}
    town.deliver("daily", town.now.date())
    assert [line.split(":")[:2] for _, line in _told(town)] == [["(was) series is late", " air_readings/daily"]]


@pytest.mark.parametrize(("status", "rule"), [("no_data", "no data"), ("not_assessable", "impossible value")])
def test_a_verdict_for_operators_until_it_can_be_given(town: City, status: str, rule: str) -> None:
    town.judge("pass", status, body="food")
    assert [(channel, line.split(":")[0]) for channel, line in _told(town)] == [("works", rule)]
    town.judge("pass", "met", body="food")
    assert [(channel, line.split(":")[0]) for channel, line in _told(town)] == [("works", f"(was) {rule}")]


def test_a_good_verdict_whose_interval_includes_the_target_warns_the_body(town: City) -> None:
    town.judge("pass", "met", body="food", includes=True)
    assert _told(town) == [("food", "interval includes the target: pass rate, 2013, met: it is met")]
    town.judge("pass", "insufficient_data", body="food", includes=True)
    assert _told(town) == []  # neither yes nor no
    town.judge("pass", "missed", body="food", includes=True)
    assert sorted(_told(town)) == [
        ("food", "(was) interval includes the target: pass rate, 2013, met: it is met"),
        ("food", "off the plan: pass rate, 2013, missed: it is missed"),
    ]


def test_many_indicators_without_data_are_one_line_for_each_folder_and_body(town: City) -> None:
    for number in range(6):
        town.judge(f"i{number}", "no_data", body="food" if number == 5 else "")
    town.warehouse.con.execute("UPDATE mart.indicator SET inbox_folders = 'statistical_returns'")
    lines = [line for _, line in _told(town)]
    assert lines[0] == "no data: 5 indicators of 2013, inbox folder statistical_returns: rows 1, 2, 3, 4, 5 of the plan"
    assert [line.split(",")[0] for line in lines[1:]] == ["no data: i5 rate"]
    with desk_of(town.settings, town.warehouse.home) as desk:
        assert len(desk.store.alerts()) == 6  # each is still one alert


def test_a_failed_night_is_told_at_once_and_is_over_after_the_next(town: City) -> None:
    with pytest.raises(RuntimeError), failure_told(town.settings):
        raise RuntimeError("disk full")
    ((_, channel, message),) = town.sent
    assert channel == "works"
    assert "did not publish, what analysts see is unchanged: disk full" in message.body
    assert [line.split(":")[0] for _, line in _told(town)] == ["(was) night failed"]


def _tick(sensor: dg.SensorDefinition) -> str:
    told = sensor.evaluate_tick(dg.build_sensor_context(instance=dg.DagsterInstance.ephemeral()))
    return str(told.skip_message)


def test_the_outbox_sensor_tries_again_when_it_is_due(town: City) -> None:
    sensor = outbox_sensor(town.settings)
    assert sensor.default_status == dg.DefaultSensorStatus.RUNNING
    town.dead = {"food"}
    town.judge("pass", "missed", body="food")
    assert [line.split(":")[0] for _, line in _told(town)] == ["channel fails"]  # by the channel that works
    assert _tick(sensor) == "0 sent, not taken by food: nobody answers"
    town.dead = set()
    assert _tick(sensor) == "0 sent"  # not due yet
    town.later(minutes=30)
    assert _tick(sensor).startswith("1 sent")
    assert "off the plan: pass rate" in town.sent[-1][2].body


def test_the_outbox_sensor_notices_a_night_that_did_not_run(town: City) -> None:
    sensor = outbox_sensor(town.settings)
    town.later(hours=SETTINGS.missed_after.total_seconds() / 3600 - 24)
    assert _tick(sensor) == "0 sent"
    town.later(hours=1)
    assert _tick(sensor) == "1 sent"
    assert town.sent[-1][1] == "works"
    assert "the last night began 2013-03-01 02:00" in town.sent[-1][2].body
    assert _tick(sensor) == "0 sent"


def test_the_outbox_sensor_waits_for_a_home(tmp_path: Path) -> None:
    assert "is not a home yet" in _tick(outbox_sensor(Settings(home=tmp_path / "none")))


def test_a_failed_run_of_dagster_is_told_unless_the_command_line_told_it(town: City) -> None:
    @dg.op
    def breaks() -> None:
        raise RuntimeError("the disk is full")

    @dg.job
    def nightly_job() -> None:
        breaks()

    sensor = failure_sensor(nightly_job, town.settings)
    assert sensor.default_status == dg.DefaultSensorStatus.RUNNING
    instance = dg.DagsterInstance.ephemeral()
    for tags, told in (({TOLD_TAG: "by the command line"}, 0), ({}, 1)):
        run = nightly_job.execute_in_process(instance=instance, raise_on_error=False, tags=tags)
        context = dg.build_run_status_sensor_context(
            sensor_name="night_failed",
            dagster_instance=instance,
            dagster_run=run.dagster_run,
            dagster_event=run.get_run_failure_event(),
        )
        sensor(context.for_run_failure())
        assert len(town.sent) == told
    assert town.sent[0][1] == "works"
    assert "night failed" in town.sent[0][2].body
    assert "step breaks: RuntimeError: the disk is full" in town.sent[0][2].body


def test_a_run_that_found_another_night_at_work_is_no_failed_night(tmp_path: Path) -> None:
    home = create_home(tmp_path / "home", "live")
    settings = Settings(home=home.root, lock_wait_seconds=0)
    job = build_defs(settings=settings).resolve_job_def(JOB)
    instance = dg.DagsterInstance.ephemeral()
    with locked(home, "a night", 0, lambda _: None):
        run = job.execute_in_process(instance=instance, raise_on_error=False)
    assert not run.success
    context = dg.build_run_status_sensor_context(
        sensor_name="night_failed",
        dagster_instance=instance,
        dagster_run=run.dagster_run,
        dagster_event=run.get_run_failure_event(),
    )
    failure_sensor(job, settings)(context.for_run_failure())
    with AlertStore(home.work / "alerts.sqlite") as store:
        assert store.alerts() == []


def test_a_file_of_alerts_of_the_first_version_is_brought_forward(tmp_path: Path) -> None:
    path = tmp_path / "alerts.sqlite"
    with AlertStore(path):
        pass
    with sqlite3.connect(path) as con:  # what the first version wrote
        con.execute("ALTER TABLE alert DROP COLUMN plan_row")
        con.execute("ALTER TABLE alert DROP COLUMN folders")
        con.execute(
            "INSERT INTO alert (alert_id, plan, indicator, region_code, rule, opened_night, opened_at, says, zh, en, "
            "body, origin, acknowledged_by, resolved_by, cleared) VALUES "
            "('a', 'p', 'i', 'r', 'no_data', 'n', '2013-03-01T02:00:00', '2013', '甲', 'a', '', 'real', '', '', 0)"
        )
        con.execute("PRAGMA user_version = 0")
    with AlertStore(path) as store:
        (alert,) = store.alerts()
        assert (alert.alert_id, alert.plan_row, alert.folders) == ("a", 0, "")
        store.keep([alert])
    with sqlite3.connect(path) as con:
        con.execute("PRAGMA user_version = 99")
    with pytest.raises(AlertStoreError, match="written by a newer Quality City"):
        AlertStore(path)


def test_the_command_line_names_a_newer_file_of_alerts(town: City) -> None:
    with sqlite3.connect(town.warehouse.home.work / "alerts.sqlite") as con:
        con.execute("PRAGMA user_version = 99")
    shown = CliRunner().invoke(app, ["alerts", "list", "--home", str(town.warehouse.home.root)])
    assert shown.exit_code == 2
    assert "newer Quality City" in shown.stderr
