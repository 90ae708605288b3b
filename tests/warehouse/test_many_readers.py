"""Eight processes ask without a pause while twenty nights bring new data: no error, and whole nights only."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from support.readings import account, reading
from support.small_warehouse import REGIONS, TOTALS, load, open_warehouse
from warehouse import publish
from warehouse.ledger import NightStamp
from warehouse.nights import prune
from warehouse.rebuild import rebuild

READERS, NIGHTS, KEPT = 8, 20, 3
BEGIN = datetime(2020, 1, 1, 2)

#: What a reader does: opens the published file by its name, asks several questions on one connection, opens it again.
READER = """
import json, os, pathlib, sys
import duckdb
os.nice(10)  # eight of them on two cores: the nights shall not take minutes
database, stop = sys.argv[1], pathlib.Path(sys.argv[2])
seen, errors, rounds, check = [], [], 0, "'gdp_index_previous_year'"
while not stop.exists():
    try:
        with duckdb.connect(database, read_only=True, config={'threads': 1}) as con:
            one = lambda query: con.execute(query).fetchall()[0]
            night, nights = one("SELECT max_by(night_id, published_at), count(*) FROM meta.night")
            (files,) = one("SELECT count(*) FROM meta.source_file WHERE state = 'loaded'")
            sums = f"SELECT count(*), sum(value)::BIGINT FROM core.economic_accounts WHERE account"
            facts, total = one(f"{sums} <> {check}")
            _, said = one(f"{sums} = {check}")
            mart, counted = one("SELECT sum(total)::BIGINT, sum(facts)::BIGINT FROM mart.test_total")
            (regions,) = one("SELECT regions FROM mart.test_regions")
            (lineage,) = one("SELECT count(*) FROM meta.column_lineage")
            again = one("SELECT max_by(night_id, published_at), count(*) FROM meta.night")
        assert again == (night, nights), "the night changed under an open connection"
        if [night] != [entry[0] for entry in seen[-1:]]:
            seen.append((night, nights, files, facts, total, said, mart, counted, regions, lineage))
        rounds += 1
        (stop.parent / f"rounds-{os.getpid()}").write_text(str(rounds))
    except Exception as error:
        errors.append(f"{type(error).__name__}: {error}")
        if len(errors) > 5:
            break
print(json.dumps({"seen": seen, "errors": errors, "rounds": rounds}))
"""


def _facts(night: int) -> list[dict[str, Any]]:
    """The facts of one night's file: three accounts of a region of its own, and their sum as a checksum row."""
    region, values = f"3202{night:02d}", [night * 7 + 1, night * 11 + 2, night * 13 + 3]
    rows = [account(region, str(2000 + place), value) for place, value in enumerate(values)]
    return [*rows, account(region, "2000", sum(values)) | {"account": "gdp_index_previous_year"}]


def _let_each_ask(folder: Path, readers: list[subprocess.Popen[str]]) -> None:
    """Wait until every reader has finished one more round: how many nights they see does not depend on the machine."""

    def rounds(reader: subprocess.Popen[str]) -> int:
        told = folder / f"rounds-{reader.pid}"
        return int((told.read_text() if told.exists() else "") or 0)

    before, patience = [rounds(reader) for reader in readers], time.monotonic() + 60
    while any(rounds(reader) <= done for reader, done in zip(readers, before, strict=True)):
        assert time.monotonic() < patience, "a reader finished no round in a minute"
        assert all(reader.poll() is None for reader in readers), "a reader ended by itself"
        time.sleep(0.005)


def test_readers_without_a_pause_meet_no_error_and_only_whole_nights(tmp_path: Path) -> None:
    stop = tmp_path / "stop"
    expected: dict[str, tuple[int, ...]] = {}
    readers: list[subprocess.Popen[str]] = []
    with open_warehouse(tmp_path) as warehouse:
        try:
            for night in range(NIGHTS + 1):  # the first one stands before the readers begin
                now = BEGIN + timedelta(days=night)
                name = now.strftime("%Y%m%d-%H%M%S-%f")
                load(warehouse, reading(f"file {night}", _facts(night)), stamp=NightStamp(name, now, "reader"))
                for mart in (TOTALS, REGIONS):
                    rebuild(warehouse, mart)
                files, whole = night + 1, sum(row["value"] for n in range(night + 1) for row in _facts(n)[:3])
                expected[name] = (files, files, 3 * files, whole, whole, 2 * whole, 4 * files, files)
                publish.publish(warehouse, name, now, now, {}, {})
                prune(warehouse.home, KEPT)
                if night == 0:
                    database = str(warehouse.home.published_database)
                    command = [sys.executable, "-c", READER, database, str(stop)]
                    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
                    readers = [subprocess.Popen(command, **pipes) for _ in range(READERS)]  # type: ignore[call-overload]
                _let_each_ask(tmp_path, readers)
        finally:
            stop.touch()
            told = [reader.communicate(timeout=60) for reader in readers]
    answers = [json.loads(out) for out, _ in told]
    assert [error for answer in answers for error in answer["errors"]] == []
    assert [err for _, err in told if err] == []
    assert len(answers) == READERS and all(answer["rounds"] >= NIGHTS for answer in answers)
    for answer in answers:
        nights = [entry[0] for entry in answer["seen"]]
        assert nights == sorted(nights), "an older night came back"
        assert len(nights) > NIGHTS // 3, "the reader slept through the nights"
        for name, *numbers in answer["seen"]:
            assert tuple(numbers[:-1]) == expected[name], name
    assert len({entry[0] for answer in answers for entry in answer["seen"]}) > NIGHTS // 2
    assert len(list(warehouse.home.nights.iterdir())) <= KEPT + 1
