"""Kill writers at random moments: run as a program, so that it can fork after the slow imports.

usage: python kill_harness.py FOLDER SEED night=300 [replay=50] [withdraw=50]

A small city has had its first night; new files lie in its inbox. Each round takes a copy of it, forks the writer
(a night, or a replay or a withdrawal), kills it with SIGKILL after a random part of the time that an undisturbed
one takes, lets the next one run to its end, and compares core, history, quarantine, marts and ledger with the
undisturbed run. Prints one JSON document; on standard error a table by the step in which the kill fell.
"""

from __future__ import annotations

import json
import os
import pickle
import random
import shutil
import signal
import sqlite3
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parents[1])]

AS_OF = "2020-07-16"
#: Real publications of the bundled inbox: what the city has loaded, and what is new.
LOADED = (
    "economic_accounts/gdp_province_2011_2022.csv", "regions/regions.csv", "stations/stations_lake_tai_and_wuxi.csv",
    "water_samples/五牧_2021-04.csv", "pass_rates/samr_2019h2_by_category.txt",
)  # fmt: skip
NEW = ("economic_accounts/gdp_index_province_2011_2022.csv",)
#: A file with a record to mend, one to withdraw, and one that nobody recognises, so that operators are told.
MENDABLE = "region_code,year,pollutant,scope,tonnes\n320282,2012,cod,z,55.5\n320282,2013,cod,z,many\n"
SETTINGS = """\
alerts:
  channels: {log: {service: file}}
  audiences: {operators: {channels: [log], operators: true}}
  retry_minutes: 0.001
"""

Say = Callable[[str], None]
#: Writes to a home until it is done; what was done already is no fault.
Writer = Callable[[Path, Say], None]


def _settings(home: Path) -> Any:
    from datetime import date

    from pipelines.settings import load_settings

    return load_settings(home=home, as_of=date.fromisoformat(AS_OF), report=False, threads=2)


def _night(home: Path, say: Say) -> None:
    from pipelines.run import run_night

    run_night(_settings(home), say)


def _withdraw(home: Path, say: Say) -> None:
    from pipelines.withdraw import take_back
    from sources.errors import MendableError

    try:
        take_back(_settings(home), "economic_accounts/gdp_province_2011_2022.csv", "a wrong file", say)
    except MendableError as error:
        if "no record in core to take back" not in str(error):
            raise


def _replay(home: Path, say: Say) -> None:
    from pipelines.replay import replay_mend

    replay_mend(_settings(home), home.parent / "mend.xlsx", say)


WRITERS: dict[str, Writer] = {"night": _night, "withdraw": _withdraw, "replay": _replay}


def _import_libraries() -> None:
    """The libraries cost more than the night; a fork after them makes each round quick.

    Only libraries, and nothing is computed: a thread pool that was started before a fork hangs after it.
    """
    import apprise  # noqa: F401
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
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _wait(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _done(work: Callable[..., None], *arguments: object) -> bool:
    return _wait(_forked(work, *arguments)) == 0


def _watched(writer: Writer, home: Path, heard: Path) -> None:
    """The writer, whose last word always stands in `heard`."""
    handle = os.open(heard, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)

    def say(text: str) -> None:
        words = text.encode()
        os.ftruncate(handle, len(words))
        os.pwrite(handle, words, 0)

    writer(home, say)


def _quiet(writer: Writer, home: Path) -> None:
    writer(home, lambda _: None)


def _readable(home: Path) -> None:
    from support.nights import state

    state(home)


def _keep_state(home: Path, kept: Path) -> None:
    from support.nights import state

    kept.write_bytes(pickle.dumps(state(home)))


def _compare(kept: Path, home: Path, report: Path) -> None:
    from support.nights import differences, state

    found = differences(pickle.loads(kept.read_bytes()), state(home))
    report.write_text(json.dumps({"state": found, **_loose_ends(home)}), "utf-8")


def _loose_ends(home: Path) -> dict[str, list[str]]:
    """Alerts that did not go out, went out more than once and again, and runs of Dagster that never ended."""
    with sqlite3.connect(home / "work" / "alerts.sqlite") as con:
        made = [row[0] for row in con.execute("SELECT message_id FROM message")]
        waiting = [row[0] for row in con.execute("SELECT message_id FROM delivery WHERE accepted_at IS NULL")]
    log = home / "logs" / "alerts.jsonl"
    sent = Counter(json.loads(line)["message_id"] for line in log.read_text("utf-8").splitlines())
    with sqlite3.connect(home / "work" / "dagster" / "history" / "runs.db") as con:
        alive = [f"{a} {b}" for a, b in con.execute("SELECT run_id, status FROM runs WHERE status LIKE 'START%'")]
    return {
        "not_sent": sorted({*made, *waiting} & ({*made} - {*sent} | {*waiting})),
        "sent_too_often": sorted(message for message, times in sent.items() if times > 2),
        "runs_alive": alive,
    }


def _prepare(folder: Path) -> None:
    """The city before the new files arrive, and a workbook that mends its one refused record."""
    from pipelines.new_home import make_live_home
    from pipelines.quarantine import export
    from pipelines.settings import SAMPLE_INBOX
    from support.nights import published
    from support.workbooks import edited

    home = make_live_home(folder / "base")
    home.settings_file.write_text(SETTINGS, "utf-8")
    for name in LOADED:
        shutil.copy2(SAMPLE_INBOX / name, home.inbox / name)
    (home.inbox / "emissions" / "mendable.csv").write_text(MENDABLE, "utf-8")
    _quiet(_night, home.root)
    with published(home.root) as con:
        export(con, "mendable.csv", folder / "export.xlsx")
    edited(folder / "export.xlsx", {"many": "54"}, folder / "mend.xlsx")


def _news(home: Path) -> None:
    from pipelines.settings import SAMPLE_INBOX

    for name in NEW:
        shutil.copy2(SAMPLE_INBOX / name, home / "inbox" / name)
    (home / "inbox" / "emissions" / "unknown.csv").write_text("alpha,beta\n1,2\n", "utf-8")


def _copied(folder: Path, name: str, with_news: bool) -> Path:
    home = folder / name
    shutil.copytree(folder / "base", home, symlinks=True)
    if with_news:
        _news(home)
    return home


def _step(heard: Path) -> str:
    words = heard.read_text("utf-8", "replace").split() if heard.exists() else []
    return " ".join(words[:1]) if words[:1] != ["computing"] else "computing marts"


def _round(folder: Path, kind: str, number: int, moment: float) -> dict[str, Any]:
    """Kill one writer after `moment` seconds and tell what the next one made of it."""
    home = _copied(folder, f"killed-{kind}-{number}", kind == "night")
    heard, report = folder / f"heard-{kind}-{number}", folder / f"report-{kind}-{number}.json"
    child = _forked(_watched, WRITERS[kind], home, heard)
    time.sleep(moment)
    os.kill(child, signal.SIGKILL)
    told: dict[str, Any] = {"second": round(moment, 2), "died": _wait(child), "step": _step(heard) or "opening"}
    told["readable"] = _done(_readable, home)
    started = time.monotonic()
    told["recovered"] = _done(_quiet, WRITERS[kind], home) and (kind == "night" or _done(_quiet, _night, home))
    told["recovery"] = round(time.monotonic() - started, 2)
    told["compared"] = _done(_compare, folder / f"state-{kind}", home, report)
    found = json.loads(report.read_text("utf-8")) if report.exists() else {"report": "none"}
    told["differences"] = {name: what for name, what in found.items() if what}
    shutil.rmtree(home, ignore_errors=True)
    return told


def good(entry: dict[str, Any]) -> bool:
    """Whether nothing was lost in a round."""
    return bool(entry["readable"] and entry["recovered"] and entry["compared"] and not entry["differences"])


def _table(rounds: list[dict[str, Any]]) -> str:
    killed = [entry for entry in rounds if entry["died"] == -signal.SIGKILL]
    lines = ["step | kills | recovered"]
    for step in dict.fromkeys(entry["step"] for entry in sorted(killed, key=lambda entry: entry["second"])):
        fell = [entry for entry in killed if entry["step"] == step]
        lines.append(f"{step} | {len(fell)} | {sum(map(good, fell))}")
    lines.append(f"all | {len(killed)} | {sum(map(good, killed))}")
    lines.append(
        f"ended before its kill | {len(rounds) - len(killed)} | {sum(map(good, rounds)) - sum(map(good, killed))}"
    )
    return "\n".join(lines)


def _kills(folder: Path, kind: str, kills: int, seed: int) -> list[dict[str, Any]]:
    """Run the writer undisturbed, then `kills` rounds; prints the table."""
    quiet = _copied(folder, f"undisturbed-{kind}", kind == "night")
    if not _done(_quiet, WRITERS[kind], _copied(folder, f"warming-{kind}", kind == "night")):
        sys.exit("the undisturbed writer failed")
    started = time.monotonic()
    if not _done(_quiet, WRITERS[kind], quiet):
        sys.exit("the undisturbed writer failed")
    whole = time.monotonic() - started
    if not ((kind == "night" or _done(_quiet, _night, quiet)) and _done(_keep_state, quiet, folder / f"state-{kind}")):
        sys.exit("the undisturbed night failed")
    rng = random.Random(seed)
    rounds = []
    for number in range(kills):
        rounds.append(_round(folder, kind, number, rng.uniform(0.0, whole)))
        # A machine that was busy at first must not make most kills come too late; after so early a kill the next
        # night does all of the work.
        if kind == "night" and rounds[-1]["step"] in ("opening", "starting"):
            whole = min(whole, rounds[-1]["recovery"])
        with (folder / "rounds.jsonl").open("a", encoding="utf-8") as book:  # a long run can be looked at
            book.write(json.dumps(rounds[-1]) + "\n")
    print(f"{kind}: {whole:.1f} s undisturbed\n{_table(rounds)}\n", file=sys.stderr)
    return rounds


def main(folder: Path, seed: int, wanted: dict[str, int]) -> None:
    """Prepare the city, then kill each kind of writer as often as is wanted; print what happened."""
    os.environ.setdefault("QUALITY_CITY_COMPILED", str(folder / "compiled"))
    _import_libraries()
    if not _done(_prepare, folder):
        sys.exit("the first night failed")
    json.dump({kind: _kills(folder, kind, kills, seed) for kind, kills in wanted.items()}, sys.stdout)


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        int(sys.argv[2]),
        {kind: int(kills) for kind, kills in (given.split("=") for given in sys.argv[3:])},
    )
