"""Years of files at once: a night that is stopped between batches goes on with the rest, and says how far it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets import ingest
from pipelines.run import NightFailedError, run_night
from pipelines.settings import Settings
from tests.support.nights import differences, state

FILES = 24
HEADER = "series,station_code,period_end,averaging,site_kind,so2,pm10\n"


class Stopped(BaseException):
    """What ends a step from without; the kills are those of `tests/support/kill_harness.py`."""


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox" / "air_readings"
    folder.mkdir(parents=True)
    for day in range(1, FILES + 1):
        rows = "".join(f"history,A,2015-01-{day:02d} {hour:02d}:00,1h,station,{hour},{day}\n" for hour in range(1, 24))
        (folder / f"2015-01-{day:02d}.csv").write_text(HEADER + rows)
    return tmp_path / "inbox"


def test_a_stopped_backfill_goes_on_where_it_was(tmp_path: Path, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "BATCH_BYTES", 4 * (inbox / "air_readings" / "2015-01-01.csv").stat().st_size)
    said: list[str] = []

    def run(home: str, stop_at: int = 0) -> None:
        said.clear()

        def say(text: str) -> None:
            said.append(text)
            if stop_at and sum(line.startswith("merging") for line in said) == stop_at:
                raise Stopped

        run_night(Settings(home=tmp_path / home, inbox=inbox, report=False), say)

    run("undisturbed")
    whole = list(said)
    with pytest.raises(NightFailedError, match="Stopped"):
        run("stopped", stop_at=3)  # two batches are merged, the third is read and judged
    run("stopped")
    read = [line for line in said if line.startswith("reading")]
    batches = sum(line.startswith("merging") for line in whole)
    assert batches == FILES // 4
    assert len(read) == FILES - 2 * 4
    assert read[0].startswith("reading air_readings/2015-01-09.csv")
    assert any(f"of {FILES} files" in line for line in whole)
    assert differences(state(tmp_path / "undisturbed"), state(tmp_path / "stopped")) == {}
