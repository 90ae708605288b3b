"""Kill writers at random moments: run as a program, so that it can fork after the slow imports.

usage: python kill_harness.py FOLDER SEED night=300 [publication=50] [replay=50] [withdraw=50]

A small city has had two nights; new files lie in its inbox, and the older night is due to be pruned. Each round
takes a copy of it, forks the writer (a night, or a replay or a withdrawal), kills it with SIGKILL, looks whether
what analysts see is whole and the working file opens, lets the next one run to its end, and compares core, history,
quarantine, marts, ledger, alerts, messages and runs with the undisturbed run.

The steps of a night differ in length by a factor of a thousand. So that none is missed, `night` aims at its steps
in turn, and `publication` at those of a publication: the killer waits until the writer says that it is there, then
for a random part of the time that the undisturbed one spent there. Where the kill really fell is what is counted;
one that came too late is counted apart, and another is tried.
Prints one JSON document; on standard error a table by step.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parents[1])]

from support import kill_checks  # noqa: E402

AS_OF = "2020-07-16"
#: Real publications of the bundled inbox: what the city has loaded, and what is new.
LOADED = (
    "economic_accounts/gdp_province_2011_2022.csv", "regions/regions.csv", "stations/stations_lake_tai_and_wuxi.csv",
    "water_samples/五牧_2021-04.csv", "pass_rates/samr_2019h2_by_category.txt",
)  # fmt: skip
NEW = ("economic_accounts/gdp_index_province_2011_2022.csv",)
#: A file with a record to mend, one to withdraw, and one that nobody recognises, so that operators are told.
MENDABLE = "region_code,year,pollutant,scope,tonnes\n320282,2012,cod,z,55.5\n320282,2013,cod,z,many\n"
EARLIER = "region_code,year,pollutant,scope,tonnes\n320282,2011,cod,z,57\n"
SETTINGS = """\
alerts:
  channels: {log: {service: file}}
  audiences: {operators: {channels: [log], operators: true}}
  retry_minutes: 0.001
"""

#: First word that a writer says → the step of contracts.md that it is in.
STEPS = {
    "opening": "0 lock, leftovers, inbox", "starting": "0 lock, leftovers, inbox", "reading": "1 read a file",
    "checking": "1 judge a file", "merging": "1 merge a file", "computing": "2 marts", "keeping": "3 status history",
    "alerts": "3 alerts", "publishing": "4 publish", "sending": "5 send", "pruning": "6 prune",
    "withdrawing": "withdraw",
}  # fmt: skip


def step_of(word: str) -> str:
    """The step of contracts.md in which a writer says `word`."""
    return STEPS[re.split("[ :]", word)[0]]


Say = Callable[[str], None]
#: Writes to a home until it is done; what was done already is no fault.
Writer = Callable[[Path, Say], None]


@dataclass(frozen=True)
class Stretch:
    """What an undisturbed writer does between two words: its `number` among them, the word, and how long."""

    number: int
    word: str
    seconds: float

    @property
    def step(self) -> str:
        return step_of(self.word)


def _settings(home: Path) -> Any:
    from datetime import date

    from pipelines.settings import load_settings

    return load_settings(home=home, as_of=date.fromisoformat(AS_OF), report=False, threads=2, keep_nights=1)


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


WRITERS: dict[str, Writer] = {"night": _night, "publication": _night, "withdraw": _withdraw, "replay": _replay}


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


@contextmanager
def _more_said(say: Say) -> Iterator[None]:
    """Within the block the short steps of a night say that they begin, for people they are too short to be told."""
    from assets import glue
    from pipelines.alerting import nightly, outbox
    from pipelines.alerting.store import AlertStore
    from warehouse import nights, publish

    told = (
        (glue, "keep_history", "keeping history"),
        (nightly, "update", "alerts: opened and resolved"),
        (nightly, "published_alerts", "alerts: into the mart"),
        (publish, "verify", "publishing: verify the copy"),
        (publish, "_accompany", "publishing: companions"),
        (publish, "_sync", "publishing: fsync"),
        (publish, "make_current", "publishing: swap the link"),
        (nights, "prune", "pruning"),
        (outbox, "_append", "sending: to the channel"),
        (AlertStore, "accepted", "sending: mark as sent"),
    )
    before = [(place, name, getattr(place, name)) for place, name, _ in told]
    for (place, name, work), (_, _, word) in zip(before, told, strict=True):
        setattr(place, name, _saying(work, word, say))
    try:
        yield
    finally:
        for place, name, work in before:
            setattr(place, name, work)


def _saying(work: Callable[..., Any], word: str, say: Say) -> Callable[..., Any]:
    @wraps(work)
    def aloud(*given: Any, **named: Any) -> Any:
        say(word)
        return work(*given, **named)

    return aloud


def _watched(writer: Writer, home: Path, pipe: int) -> None:
    """The writer, whose every word goes down the pipe."""

    def say(text: str) -> None:
        text = text.replace("opening and resolving alerts", "alerts: found")
        os.write(pipe, (text.replace("\n", " ") + "\n").encode())

    with _more_said(say):
        writer(home, say)


def _quiet(writer: Writer, home: Path) -> None:
    writer(home, lambda _: None)


def _followed(writer: Writer, home: Path) -> tuple[int, Iterator[str]]:
    """The watched writer as a child, and what it says, until it ends."""
    ours, its = os.pipe()
    child = _forked(_watched, writer, home, its)
    os.close(its)
    return child, (line.strip() for line in os.fdopen(ours, encoding="utf-8"))


def _timed(writer: Writer, home: Path) -> list[Stretch]:
    """An undisturbed run, cut into stretches at its words."""
    began = time.monotonic()
    child, words = _followed(writer, home)
    heard = [("opening", began), *((word, time.monotonic()) for word in words)]
    ends = [*(moment for _, moment in heard[1:]), time.monotonic()]
    if _wait(child):
        sys.exit("the undisturbed writer failed")
    return [
        Stretch(number, word, end - moment)
        for number, ((word, moment), end) in enumerate(zip(heard, ends, strict=True))
    ]


def _killed(writer: Writer, home: Path, aim: Stretch, wait: float) -> tuple[str, int]:
    """Kill the writer `wait` seconds after it has reached a stretch; its last word, and how it ended."""
    child, words = _followed(writer, home)
    last = "opening"
    for _ in range(aim.number):
        last = next(words, last)
    time.sleep(wait)
    os.kill(child, signal.SIGKILL)
    for word in words:
        last = word
    return last, _wait(child)


def _prepare(folder: Path) -> None:
    """The city before the new files arrive, and a workbook that mends its one refused record."""
    from pipelines.new_home import make_live_home
    from pipelines.quarantine import export
    from pipelines.run import run_night
    from pipelines.settings import SAMPLE_INBOX
    from support.nights import published
    from support.workbooks import edited

    home = make_live_home(folder / "base")
    home.settings_file.write_text(SETTINGS, "utf-8")
    for name in LOADED:
        shutil.copy2(SAMPLE_INBOX / name, home.inbox / name)
    (home.inbox / "emissions" / "mendable.csv").write_text(MENDABLE, "utf-8")
    first = _settings(home.root)
    run_night(first, lambda _: None)
    (home.inbox / "emissions" / "earlier.csv").write_text(EARLIER, "utf-8")
    run_night(first.model_copy(update={"keep_nights": 2}), lambda _: None)
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


def _round(folder: Path, kind: str, number: int, aim: Stretch, wait: float) -> dict[str, Any]:
    """Kill one writer and tell what the next one made of it."""
    of_files = WRITERS[kind] is _night
    home = _copied(folder, f"killed-{kind}-{number}", of_files)
    report = folder / f"report-{kind}-{number}.json"
    word, died = _killed(WRITERS[kind], home, aim, wait)
    told: dict[str, Any] = {"aim": aim.word, "wait": round(wait, 4), "died": died, "word": word}
    told["step"] = step_of(word)
    told["readable"] = _done(kill_checks.readable, home, folder / f"probe-{kind}-{number}")
    told["recovered"] = _done(_quiet, WRITERS[kind], home) and (of_files or _done(_quiet, _night, home))
    told["compared"] = _done(kill_checks.compare, folder / f"state-{kind}", home, report)
    found = json.loads(report.read_text("utf-8")) if report.exists() else {"report": "none"}
    told["differences"] = {name: what for name, what in found.items() if what}
    if good(told):
        shutil.rmtree(home)  # what went wrong stays, to be looked at
    return told


def good(entry: dict[str, Any]) -> bool:
    """Whether nothing was lost in a round."""
    return bool(entry["readable"] and entry["recovered"] and entry["compared"] and not entry["differences"])


def _table(rounds: list[dict[str, Any]], by: str) -> str:
    killed = [entry for entry in rounds if entry["died"] == -signal.SIGKILL]
    lines = [f"| {by} | kills | recovered |", "|---|---|---|"]
    for step in sorted({entry[by] for entry in killed}):
        fell = [entry for entry in killed if entry[by] == step]
        lines.append(f"| {step} | {len(fell)} | {sum(map(good, fell))} |")
    lines.append(f"| all | {len(killed)} | {sum(map(good, killed))} |")
    if late := [entry for entry in rounds if entry not in killed]:
        lines.append(f"| ended before its kill | {len(late)} | {sum(map(good, late))} |")
    return "\n".join(lines)


def _kills(folder: Path, kind: str, kills: int, seed: int) -> list[dict[str, Any]]:
    """Run the writer undisturbed, then `kills` rounds; prints the table."""
    writer = WRITERS[kind]
    of_files = writer is _night
    _timed(writer, _copied(folder, f"warming-{kind}", of_files))
    quiet = _copied(folder, f"undisturbed-{kind}", of_files)
    stretches = _timed(writer, quiet)
    if not (of_files or _done(_quiet, _night, quiet)) or not _done(
        kill_checks.keep_state, quiet, folder / f"state-{kind}"
    ):
        sys.exit("the undisturbed night failed")
    if kind == "publication":
        stretches = [stretch for stretch in stretches if stretch.step == STEPS["publishing"]]
    # The last steps first, so that a few kills reach the publication and what follows it.
    targets = sorted({stretch.word if kind == "publication" else stretch.step for stretch in stretches}, reverse=True)
    rng = random.Random(f"{kind} {seed}")
    rounds: list[dict[str, Any]] = []
    while sum(entry["died"] == -signal.SIGKILL for entry in rounds) < kills:
        number = len(rounds)
        here = [stretch for stretch in stretches if targets[number % len(targets)] in (stretch.word, stretch.step)]
        (aim,) = rng.choices(here, [stretch.seconds for stretch in here])
        rounds.append(_round(folder, kind, number, aim, rng.uniform(0.0, aim.seconds)))
        with (folder / "rounds.jsonl").open("a", encoding="utf-8") as book:  # a long run can be looked at
            book.write(json.dumps({"kind": kind, **rounds[-1]}) + "\n")
    seconds = sum(stretch.seconds for stretch in stretches)
    table = _table(rounds, "word" if kind == "publication" else "step")
    print(f"{kind}: {seconds:.1f} s undisturbed\n{table}\n", file=sys.stderr, flush=True)
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
