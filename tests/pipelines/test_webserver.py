"""The night launched through the Dagster web server's own API, as a person clicking would."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from pipelines.dagster_home import prepare
from pipelines.settings import PROJECT
from support.nights import published

LAUNCH = """mutation Launch($params: ExecutionParams!) { launchRun(executionParams: $params) {
  __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
STATUS = "query Status($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
DEADLINE_SECONDS = 180
#: 127.0.0.1, and the kernel's word for a socket that listens is 0A.
LOOPBACK = "0100007F"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _listening(port: int) -> set[str]:
    """The addresses on which this machine listens at the port, as the kernel writes them."""
    lines = [line.split() for name in ("tcp", "tcp6") for line in Path("/proc/net", name).read_text().splitlines()[1:]]
    return {line[1].split(":")[0] for line in lines if line[3] == "0A" and int(line[1].split(":")[1], 16) == port}


def _ask(port: int, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql",
        data=json.dumps({"query": query, "variables": variables}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        data: dict[str, Any] = json.load(answer)["data"]
        return data


def _wait_for_server(port: int, server: subprocess.Popen[str], deadline: float) -> None:
    while time.monotonic() < deadline:
        assert server.poll() is None, "the web server ended"
        try:
            _ask(port, "{ version }", {})
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.5)
    raise AssertionError("the web server did not answer")


@pytest.mark.people
def test_the_job_launched_through_the_web_server_publishes(tmp_path: Path) -> None:
    home, port = tmp_path / "home", _free_port()
    prepare(tmp_path / "dagster")
    environment = {**os.environ, "DAGSTER_HOME": str(tmp_path / "dagster"), "QUALITY_CITY_HOME": str(home)}
    command = [
        str(Path(sys.executable).with_name("dagster-webserver")),
        "-w",
        "workspace.yaml",
        "-p",
        str(port),
    ]
    log = (tmp_path / "webserver.log").open("w+")
    server = subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=log, stderr=log, text=True, start_new_session=True
    )
    try:
        deadline = time.monotonic() + DEADLINE_SECONDS
        _wait_for_server(port, server, deadline)
        assert _listening(port) == {LOOPBACK}, "without -h it must not be reached from another machine"
        selector = {"repositoryLocationName": "quality-city", "repositoryName": "__repository__", "jobName": "nightly"}
        launched = _ask(port, LAUNCH, {"params": {"selector": selector, "runConfigData": {}}})["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        run_id = launched["run"]["runId"]
        status = ""
        while time.monotonic() < deadline and status not in ("SUCCESS", "FAILURE", "CANCELED"):
            time.sleep(1)
            status = _ask(port, STATUS, {"id": run_id})["runOrError"]["status"]
        log.seek(0)
        assert status == "SUCCESS", log.read()[-3000:]
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)
        log.close()
    with published(home) as con:
        assert con.execute("SELECT count(*) FROM meta.night").fetchone() == (1,)
        assert con.execute("SELECT count(*) FROM meta.source_file WHERE state <> 'loaded'").fetchone() == (0,)
