"""A writer killed at any moment is repaired by the next one. Many more kills: docs/faults.md."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import support
from support.kill_harness import good

SEED = 20120823
KILLS = {"night": 7, "withdraw": 1, "replay": 1}


@pytest.mark.damage
def test_kills_at_random_moments_leave_the_state_of_an_undisturbed_run(tmp_path: Path) -> None:
    harness = Path(support.__file__).with_name("kill_harness.py")
    wanted = [f"{kind}={kills}" for kind, kills in KILLS.items()]
    shown = subprocess.run(
        [sys.executable, str(harness), str(tmp_path), str(SEED), *wanted], capture_output=True, text=True, check=False
    )
    assert shown.returncode == 0, shown.stderr[-3000:]
    found = json.loads(shown.stdout.splitlines()[-1])
    everything = [entry for rounds in found.values() for entry in rounds]
    assert [entry for entry in everything if not good(entry)] == []
    killed = {kind: sum(entry["died"] == -signal.SIGKILL for entry in rounds) for kind, rounds in found.items()}
    assert killed == KILLS  # a kill that came too late is tried again
