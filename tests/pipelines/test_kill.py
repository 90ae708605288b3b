"""A night killed at any moment is repaired by the next one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import support
from pipelines.settings import SAMPLE_INBOX

KILLS = 10
SEED = 20120823


@pytest.mark.damage
def test_ten_kills_at_random_moments_leave_the_state_of_an_undisturbed_night(tmp_path: Path) -> None:
    harness = Path(support.__file__).with_name("kill_harness.py")
    shown = subprocess.run(
        [sys.executable, str(harness), str(tmp_path), str(SAMPLE_INBOX), str(KILLS), str(SEED)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr[-3000:]
    rounds = json.loads(shown.stdout.splitlines()[-1])["rounds"]
    assert len(rounds) == KILLS
    assert [entry for entry in rounds if not (entry["readable"] and entry["recovered"] and entry["compared"])] == []
    assert [entry["differences"] for entry in rounds if entry["differences"]] == []
    assert sum(entry["died"] == -9 for entry in rounds) >= KILLS // 2, "too few nights were alive when they were killed"
