"""Several machines on one inbox: each has a home of its own, and none writes into the inbox (docs/scale.md)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.settings import PROJECT
from support.nights import differences, night, published, state

pytestmark = pytest.mark.pipeline

_COLUMNS = "station_code,period_end,averaging,site_kind,so2,no2,pm10,pm25,co,o3"


def _files(inbox: Path, city: str, days: int) -> None:
    folder = inbox / "air_readings"
    folder.mkdir(parents=True)
    for day in range(1, days + 1):
        rows = [f"{city},2012-05-{day + 1:02} 00:00,24h,city,{day},20,30,{20 + day},1,80" for _ in "1"]
        rows.append(f"{city},2012-05-{day + 1:02} 25:00,24h,city,1,1,1,1,1,1")
        (folder / f"{city}_{day:02}.csv").write_text("\n".join([_COLUMNS, *rows]) + "\n", "utf-8")


def _listing(folder: Path) -> list[tuple[str, int, int]]:
    return sorted(
        (str(path.relative_to(folder)), path.stat().st_size, path.stat().st_mtime_ns) for path in folder.rglob("*")
    )


def test_two_machines_read_one_inbox_at_once(tmp_path: Path) -> None:
    """The inbox may be a share that is mounted read-only."""
    inbox = tmp_path / "inbox"
    _files(inbox, "320200", 6)
    before = _listing(inbox)
    for path in inbox.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    homes = [tmp_path / name for name in ("one", "other")]
    command = [sys.executable, "-m", "pipelines.cli", "nightly", "--inbox", str(inbox), "--home"]
    environ = os.environ | {"QUALITY_CITY_REPORT": "false", "QUALITY_CITY_AS_OF": "2012-06-01"}
    at_once = [
        subprocess.Popen(
            [*command, str(home)], cwd=PROJECT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for home in homes
    ]
    told = [process.communicate(timeout=180) for process in at_once]
    assert [process.returncode for process in at_once] == [0, 0], told
    one, other = (state(home) for home in homes)
    assert differences(one, other) == {}
    assert len(one["mart.air_city_day"]) == 6 * 2  # under two indices
    assert len(one["quarantine.air_readings"]) == 6
    assert _listing(inbox) == before


def test_each_machine_reads_its_part(tmp_path: Path) -> None:
    """A folder for each machine in the inbox: together they hold what one machine with all of it holds."""
    for city, days in (("320200", 3), ("330100", 4)):
        _files(tmp_path / "parts" / city, city, days)
        _files(tmp_path / "all" / city, city, days)
    together = tmp_path / "together"
    (together / "air_readings").mkdir(parents=True)
    for file in (tmp_path / "all").rglob("*.csv"):
        file.rename(together / "air_readings" / file.name)
    for city in ("320200", "330100"):
        night(tmp_path / city, inbox=tmp_path / "parts" / city)
    night(tmp_path / "one", inbox=together)
    days = "SELECT * FROM mart.air_station_day ORDER BY ALL"
    by_part = []
    for city in ("320200", "330100"):
        with published(tmp_path / city) as con:
            by_part += con.execute(days).fetchall()
    with published(tmp_path / "one") as con:
        assert sorted(map(str, by_part)) == sorted(map(str, con.execute(days).fetchall()))
    assert len(by_part) == 7 * 2
