"""A real Spark cluster on loopback: one master and two workers, each a process of its own."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WORKERS = 2
_SECONDS = 60


def missing() -> str:
    """What is not there that a cluster needs; empty when all is there."""
    if importlib.util.find_spec("pyspark") is None:
        return "pyspark is not installed (requirements-spark.txt)"
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        return "no Java: neither JAVA_HOME nor `java` on the path"
    return ""


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """The address of a master with two workers of one core each, which end with the block."""
    import pyspark

    home = Path(pyspark.__file__).parent
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, *arguments: str, printed: str) -> str:
        log = folder / f"{name}.log"
        with log.open("wb") as written:
            process = subprocess.Popen(
                [str(home / "bin" / "spark-class"), *arguments],
                stdout=written,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env={
                    **os.environ,
                    "SPARK_HOME": str(home),
                    "SPARK_LOCAL_IP": "127.0.0.1",
                    "SPARK_WORKER_DIR": str(folder / name),
                    "SPARK_LOCAL_DIRS": str(folder / "local"),
                },
            )
        started.append(process)
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until and process.poll() is None:
            if found := re.search(printed, log.read_text("utf-8", "replace")):
                return found[0]
            time.sleep(0.1)
        raise AssertionError(f"{name} did not start:\n{log.read_text('utf-8', 'replace')[-3000:]}")

    here = ["--host", "127.0.0.1", "--port", "0", "--webui-port", "0"]
    try:
        master = start("master", "org.apache.spark.deploy.master.Master", *here, printed=r"spark://127\.0\.0\.1:\d+")
        for number in range(1, WORKERS + 1):
            start(
                f"worker{number}",
                "org.apache.spark.deploy.worker.Worker", *here, "--cores", "1", "--memory", "1g", master,
                printed="Successfully registered with master",
            )  # fmt: skip
        yield master
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(20)
