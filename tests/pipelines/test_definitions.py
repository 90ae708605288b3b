"""The graph as Dagster sees it: pinned keys, job, schedule, sensor, and what importing it costs."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from pipelines.alerting.glue import TOLD_TAG
from pipelines.dagster_home import has_unfinished_runs
from pipelines.dead_runs import mark_dead_runs, shown_alive
from pipelines.definitions import JOB, build_defs
from pipelines.settings import PROJECT, Settings

PINNED = Path(__file__).parents[1] / "data" / "pipelines" / "asset_keys.txt"


@pytest.fixture(scope="module")
def defs(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    return build_defs(settings=Settings(home=tmp_path_factory.mktemp("defs") / "home"))


def _graph(defs: dg.Definitions) -> dg.AssetGraph:
    return defs.resolve_asset_graph()  # type: ignore[no-any-return]


def test_asset_keys_and_groups_are_pinned(defs: dg.Definitions) -> None:
    graph = _graph(defs)
    found = sorted(f"{graph.get(key).group_name}: {key.to_user_string()}" for key in graph.get_all_asset_keys())
    assert found == PINNED.read_text("utf-8").splitlines(), f"update {PINNED} when the change is meant"


def test_groups_tell_the_story(defs: dg.Definitions) -> None:
    graph = _graph(defs)
    groups = {graph.get(key).group_name for key in graph.get_all_asset_keys()}
    assert groups == {
        "ingest",
        "standards",
        "air",
        "water",
        "pass_rates",
        "energy",
        "environment",
        "reference",
        "scorecard",
        "alerts",
        "publish",
    }


def test_every_made_asset_has_owner_kind_and_description(defs: dg.Definitions) -> None:
    graph = _graph(defs)
    for key in graph.materializable_asset_keys:
        node = graph.get(key)
        assert node.owners, key
        assert any(name.startswith("dagster/kind/") for name in node.tags), key
        assert node.description, key


def test_feeds_have_a_blocking_conservation_check(defs: dg.Definitions) -> None:
    graph = _graph(defs)
    feeds = [key for key in graph.materializable_asset_keys if key.path[0] == "core"]
    assert len(feeds) == 12
    for key in feeds:
        checks = {check.name: graph.get_check_spec(check).blocking for check in graph.get_check_keys_for_assets({key})}
        assert checks == {"rules_hold": False, "rules_ran": False, "conservation": True}


def test_the_job_runs_every_made_asset_in_process(defs: dg.Definitions) -> None:
    job = defs.resolve_job_def(JOB)
    assert job.asset_layer.selected_asset_keys >= _graph(defs).materializable_asset_keys
    assert job.executor_def.name == "in_process"


def test_the_schedule_runs_at_two_in_the_city(defs: dg.Definitions) -> None:
    schedule = defs.resolve_schedule_def("nightly_0200")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 2 * * *", "Asia/Shanghai")
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
    assert schedule.job_name == JOB


def test_the_inbox_sensor_is_stopped_and_asks_for_one_run_per_change(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox" / "regions"
    inbox.mkdir(parents=True)
    defs = build_defs(settings=Settings(home=tmp_path / "home", inbox=tmp_path / "inbox"))
    sensor = defs.resolve_sensor_def("inbox_changed")
    assert sensor.default_status == dg.DefaultSensorStatus.STOPPED
    instance = dg.DagsterInstance.ephemeral()
    (inbox / "a.csv").write_text("x")
    first = sensor.evaluate_tick(dg.build_sensor_context(instance=instance, definitions=defs))
    assert first.run_requests and len(first.run_requests) == 1
    again = sensor.evaluate_tick(dg.build_sensor_context(instance=instance, definitions=defs, cursor=first.cursor))
    assert not again.run_requests
    (inbox / "a.csv").write_text("xy")
    changed = sensor.evaluate_tick(dg.build_sensor_context(instance=instance, definitions=defs, cursor=first.cursor))
    assert changed.run_requests and changed.run_requests[0].run_key != first.run_requests[0].run_key


def test_loading_the_definitions_imports_neither_gx_nor_pandas(tmp_path: Path) -> None:
    code = (
        "import sys, pipelines.definitions; "
        "sys.exit(', '.join(n for n in ('great_expectations', 'pandas', 'altair', 'pyspark') if n in sys.modules) or 0)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "QUALITY_CITY_HOME": str(tmp_path / "home")},
    )
    assert shown.returncode == 0, shown.stderr


def test_dagster_validates_the_workspace(tmp_path: Path) -> None:
    shown = subprocess.run(
        [str(Path(sys.executable).with_name("dagster")), "definitions", "validate", "-w", "workspace.yaml"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "QUALITY_CITY_HOME": str(tmp_path / "home"), "DAGSTER_HOME": str(tmp_path)},
    )
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "All code locations passed validation" in shown.stdout + shown.stderr


def test_dg_lists_the_definitions(tmp_path: Path) -> None:
    dg_command = Path(sys.executable).with_name("dg")
    if not dg_command.exists():
        pytest.skip("dg is not installed (it is in the development lock)")
    shown = subprocess.run(
        [str(dg_command), "list", "defs", "--json"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "QUALITY_CITY_HOME": str(tmp_path / "home"), "DAGSTER_HOME": str(tmp_path)},
    )
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "published/night" in shown.stdout


def test_a_run_that_a_kill_left_is_seen_without_dagster_and_marked(tmp_path: Path) -> None:
    @dg.job
    def empty() -> None: ...

    assert not has_unfinished_runs(tmp_path)
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        ours = {TOLD_TAG: "by the command line"}
        for status in (dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTED):
            left = instance.create_run_for_job(empty, status=status, tags=ours)
            assert has_unfinished_runs(tmp_path)
            assert mark_dead_runs(instance) == [left.run_id]
            assert not has_unfinished_runs(tmp_path)
    (tmp_path / "history" / "runs.db").write_bytes(b"no database")
    assert not has_unfinished_runs(tmp_path)


def test_a_run_of_dagster_is_dead_when_nobody_holds_its_sign(tmp_path: Path) -> None:
    """One that waits for the home, or was launched a moment ago, is not."""

    @dg.job
    def empty() -> None: ...

    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        waiting = instance.create_run_for_job(empty, status=dg.DagsterRunStatus.STARTED)
        with shown_alive(instance, waiting.run_id):
            assert mark_dead_runs(instance) == []
        killed = instance.create_run_for_job(empty, status=dg.DagsterRunStatus.STARTED)
        child = os.fork()
        if child == 0:
            with shown_alive(instance, killed.run_id):
                os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(child, 0)
        assert mark_dead_runs(instance, alive=waiting.run_id) == [killed.run_id]
        young = instance.create_run_for_job(empty, status=dg.DagsterRunStatus.STARTING)
        assert mark_dead_runs(instance, alive=waiting.run_id) == []
        with sqlite3.connect(tmp_path / "history" / "runs.db") as con:
            con.execute("UPDATE runs SET create_timestamp = datetime('now', '-11 minutes')")
        assert mark_dead_runs(instance, alive=waiting.run_id) == [young.run_id]
