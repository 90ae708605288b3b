"""What must hold of a home after a kill, and after the writer that came next.

Belongs here: the checks, each in a process that the harness forks. Does not belong here: killing
(`support.kill_harness`).
"""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

#: Alerts of nights, not of files: a killed run may have them where an undisturbed one has none.
_OF_NIGHTS = ("night_failed", "night_missed")


def readable(home: Path, probe: Path) -> None:
    """Right after the kill: the published folder is whole, and a copy of the working file opens with its journal."""
    import duckdb

    if faults := published_faults(home):
        raise AssertionError(f"the published folder is not whole: {faults}")
    probe.mkdir()
    for file in (home / "work").glob("pipeline.duckdb*"):
        shutil.copy2(file, probe / file.name)
    with duckdb.connect(str(probe / "pipeline.duckdb"), config={"threads": "1"}) as con:
        con.execute("SELECT count(*) FROM meta.source_file").fetchall()
    shutil.rmtree(probe)


def published_faults(home: Path) -> list[str]:
    """What is not as the manifest of the current night says: bytes of each file, and the links that lead to them."""
    current = (home / "published" / "current").resolve(strict=True)
    manifest = json.loads((current / "manifest.json").read_text("utf-8"))
    lying = {path.relative_to(current).as_posix() for path in current.rglob("*") if path.is_file()} - {"manifest.json"}
    faults = [f"{name} is on one side only" for name in sorted(lying ^ set(manifest["files"]))]
    for name, said in manifest["files"].items():
        if name in lying and hashlib.sha256((current / name).read_bytes()).hexdigest() != said["sha256"]:
            faults.append(f"{name} has other bytes")
    links = [path for path in (home / "published").iterdir() if path.is_symlink()]
    # `current` is swapped before the links of a part that is new are made.
    faults += [f"the link {path.name} leads nowhere" for path in links if not path.exists()]
    return faults + [str(fault) for fault in manifest["faults"]]


def keep_state(home: Path, kept: Path) -> None:
    from support.nights import state

    kept.write_bytes(pickle.dumps((state(home), _opened(home), _nights(home))))


def compare(kept: Path, home: Path, report: Path) -> None:
    """Everything that differs from the undisturbed run, by name; empty entries are well."""
    from support.nights import differences, state

    whole, opened, nights = pickle.loads(kept.read_bytes())
    here = _opened(home)
    found = {
        "state": differences(whole, state(home)),
        "published": published_faults(home),
        "left_over": sorted(path.name for path in (home / "published").rglob("*.tmp")),
        "nights_kept": [] if len(_nights(home)) == len(nights) else _nights(home),
        "alerts_missing": sorted(set(opened) - set(here)),
        "alerts_added": sorted(key for key in set(here) - set(opened) if key[-1] not in _OF_NIGHTS),
        "alerts_opened_twice": sorted(key for key, times in here.items() if times > opened.get(key, 1)),
        **_messages(home),
        **_runs(home),
    }
    report.write_text(json.dumps(found), "utf-8")


def _nights(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "published" / "nights").iterdir())


def _opened(home: Path) -> Counter[tuple[str, ...]]:
    """How often an alert was opened, by plan, indicator, region and rule."""
    with closing(sqlite3.connect(home / "work" / "alerts.sqlite")) as con:
        return Counter(con.execute("SELECT plan, indicator, region_code, rule FROM alert").fetchall())


def _messages(home: Path) -> dict[str, list[str]]:
    """Messages that never went out, went out more than twice, or went out under one id with two texts."""
    with closing(sqlite3.connect(home / "work" / "alerts.sqlite")) as con:
        made = {row[0]: json.loads(row[1]) for row in con.execute("SELECT message_id, alerts FROM message")}
        waiting = [row[0] for row in con.execute("SELECT message_id FROM delivery WHERE accepted_at IS NULL")]
        alerts = {row[0] for row in con.execute("SELECT alert_id FROM alert")}
        told = con.execute("SELECT plan, indicator, region_code, rule, recipient, kind, says FROM told").fetchall()
    lines = [json.loads(line) for line in (home / "logs" / "alerts.jsonl").read_text("utf-8").splitlines()]
    sent = Counter(line["message_id"] for line in lines)
    texts = {(line["message_id"], line["title"], line["body"]) for line in lines}
    spoken_of = {alert for message in sent for alert in made.get(message, ())}
    return {
        "not_sent": sorted({*made, *waiting} & ({*made} - {*sent} | {*waiting})),
        "sent_without_trace": sorted({*sent} - {*made}),
        "sent_too_often": sorted(message for message, times in sent.items() if times > 2),
        "one_id_two_texts": sorted(name for name, times in Counter(text[0] for text in texts).items() if times > 1),
        "alerts_unsaid": sorted(alerts - spoken_of),
        "told_twice": sorted(" ".join(map(str, entry)) for entry, times in Counter(told).items() if times > 1),
    }


def _runs(home: Path) -> dict[str, list[str]]:
    """Runs of Dagster that are not over, by its own book."""
    with closing(sqlite3.connect(home / "work" / "dagster" / "history" / "runs.db")) as con:
        runs: list[tuple[Any, ...]] = con.execute("SELECT run_id, status FROM runs").fetchall()
    return {"runs_not_over": [f"{run} {status}" for run, status in runs if status not in ("SUCCESS", "FAILURE")]}
