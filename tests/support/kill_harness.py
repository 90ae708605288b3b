"""Kill nights at random moments: run as a program, so that it can fork after the slow imports.

usage: python kill_harness.py FOLDER INBOX KILLS SEED

Each round forks a night on a new home, kills it with SIGKILL after a random part of the time that an
undisturbed night takes, runs the next night to its end, and compares core, history, quarantine and
marts with the undisturbed run. Prints one JSON document.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parents[1])]

AS_OF = "2020-07-16"


def _import_libraries() -> None:
    """The libraries cost more than the night; a fork after them makes each round quick.

    Only libraries, and nothing is computed: a thread pool that was started before a fork hangs after it.
    """
    import dagster  # noqa: F401
    import duckdb  # noqa: F401
    import great_expectations.expectations  # noqa: F401
    import ibis  # noqa: F401
    import polars  # noqa: F401


def _forked(work: Callable[..., None], *arguments: object) -> int:
    """Run `work` in a forked child; returns its process id."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        work(*arguments)
        code = 0
    finally:
        os._exit(code)


def _wait(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _night(home: Path, inbox: Path) -> None:
    from support.nights import night

    night(home, inbox=inbox, as_of=AS_OF)


def _readable(home: Path) -> None:
    from support.nights import state

    state(home)


def _compare(quiet: Path, home: Path, report: Path) -> None:
    from support.nights import differences, state

    report.write_text(json.dumps(differences(state(quiet), state(home))), "utf-8")


def _round(folder: Path, inbox: Path, number: int, moment: float) -> dict[str, object]:
    """Kill one night after `moment` seconds and tell what the next one made of it."""
    home, report = folder / f"killed-{number}", folder / f"report-{number}.json"
    child = _forked(_night, home, inbox)
    time.sleep(moment)
    os.kill(child, signal.SIGKILL)
    told: dict[str, object] = {"second": round(moment, 2), "died": _wait(child)}
    published = (home / "published" / "current").is_symlink()
    told["published_before"] = published
    told["readable"] = not published or _wait(_forked(_readable, home)) == 0
    told["recovered"] = _wait(_forked(_night, home, inbox)) == 0
    told["compared"] = _wait(_forked(_compare, folder / "undisturbed", home, report)) == 0
    told["differences"] = json.loads(report.read_text("utf-8")) if report.exists() else "no report"
    shutil.rmtree(home, ignore_errors=True)
    return told


def main(folder: Path, inbox: Path, kills: int, seed: int) -> None:
    """Run the undisturbed night and `kills` rounds; print what happened."""
    _import_libraries()
    started = time.monotonic()
    if _wait(_forked(_night, folder / "undisturbed", inbox)) != 0:
        sys.exit("the undisturbed night failed")
    whole = time.monotonic() - started
    rng = random.Random(seed)
    rounds = [_round(folder, inbox, number, rng.uniform(0.0, 0.9 * whole)) for number in range(kills)]
    json.dump({"seconds": round(whole, 2), "rounds": rounds}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
