"""Two thousand damaged variants of real files in one inbox: no crash, no hang, every record accounted for."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from pipelines.settings import SAMPLE_INBOX
from support.damage import variants
from support.nights import published

pytestmark = pytest.mark.damage

COUNT, SEED, PATIENCE = 2000, 20261125, 600

#: Files above this size would only make the test slow: damage does not depend on length.
LARGEST = 80_000


def real_files() -> list[tuple[str, Path]]:
    """(feed, path) of the bundled real publications that are small enough (notes and the example city left out)."""
    paths = sorted(path for path in SAMPLE_INBOX.rglob("*") if path.is_file())
    paths = [path for path in paths if not path.name.startswith(("_", "example_"))]
    return [(path.relative_to(SAMPLE_INBOX).parts[0], path) for path in paths if path.stat().st_size <= LARGEST]


@pytest.fixture(scope="module")
def damaged_night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[tuple[str, str]], dict]:
    """One live home, its night over the damaged inbox as a process of its own, and what the night said."""
    root = tmp_path_factory.mktemp("damaged")
    written: dict[tuple[str, bytes], str] = {}
    for variant in variants(real_files(), COUNT, SEED):
        path = root / "inbox" / variant.feed / variant.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(variant.data)
        written.setdefault((variant.feed, variant.data), variant.name)
    home = root / "home"
    command = [sys.executable, "-m", "pipelines.cli", "nightly", "--home", str(home), "--json"]
    done = subprocess.run(
        [*command, "--inbox", str(root / "inbox")], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return home, {(feed, name) for (feed, _), name in written.items()}, json.loads(done.stdout)


def test_every_damaged_file_is_loaded_or_refused_by_name(damaged_night: tuple) -> None:
    home, written, _ = damaged_night
    with published(home) as con:
        ledger = con.execute("SELECT feed, name, state, reason FROM meta.source_file").fetchall()
    known = {(feed, name) for feed, name, _, _ in ledger}
    assert known == written  # the same bytes twice are one file, under its first name
    assert len(known) > 0.95 * COUNT
    states = Counter(state for _, _, state, _ in ledger)
    held = [(name, reason) for _, name, state, reason in ledger if state == "held"]
    assert not held, f"a reader failed instead of refusing: {held[:3]}"
    assert states["loaded"] > COUNT // 4
    assert states["refused"] > COUNT // 20
    assert all("to do: " in reason for _, _, state, reason in ledger if state == "refused")


def test_every_record_of_a_damaged_file_has_one_fate(damaged_night: tuple) -> None:
    home, _, _ = damaged_night
    with published(home) as con:
        unbalanced = con.execute(
            "SELECT name FROM meta.source_file WHERE rows_read <> "
            "rows_accepted + rows_quarantined + rows_duplicate + rows_set_aside"
        ).fetchall()
        feeds = [name for (name,) in con.execute("SELECT DISTINCT feed FROM meta.source_file").fetchall()]
        kept = sum(con.execute(f"SELECT count(*) FROM quarantine.{feed}").fetchone()[0] for feed in feeds)
        counted, read = con.execute("SELECT sum(rows_quarantined), sum(rows_read) FROM meta.source_file").fetchone()
        without = sum(
            con.execute(
                f"SELECT count(*) FROM quarantine.{feed} WHERE rule = '' OR reason = '' OR raw = ''"
            ).fetchone()[0]
            for feed in feeds
        )
    assert not unbalanced
    assert kept == counted > 0
    assert without == 0
    assert read > 20 * COUNT
